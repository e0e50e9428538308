"""The loop that somebody would write today: OpenCV ``VideoCapture`` for each camera and Ultralytics ``predict``.

    python -m benchmarks.user_loop WEIGHTS.pt CLIP… --interval 2 --seconds 20

Every picture is grabbed (OpenCV decodes it then), each that is due is retrieved and given to ``predict`` at its own
default size. CPU seconds count, with nothing else in the loop: no reconnecting, no cells, no cases. Prints one JSON
object. Needs the train extra (Ultralytics, torch), so it runs in a process of its own.
"""

import json
import time
from pathlib import Path
from typing import Annotated, Any

import cv2
import typer

from models.torch_setup import load_yolo, use_all_cores

WARM_UP = 3


def main(
    weights: Annotated[Path, typer.Argument(help="Ultralytics weights (.pt).")],
    clips: Annotated[list[Path], typer.Argument(help="Camera clips.")],
    interval: Annotated[float, typer.Option(min=0.04, help="Seconds between two looks at a camera.")] = 2.0,
    seconds: Annotated[float, typer.Option(min=1, help="Seconds of video to read of each clip.")] = 20.0,
) -> None:
    """Run the loop over the clips and say what a camera costs."""
    model: Any = load_yolo()(str(weights))
    model.predict(first_picture(clips[0]), verbose=False)  # the first call sets torch's threads to its own taste
    threads = use_all_cores()
    for _ in range(WARM_UP):
        model.predict(first_picture(clips[0]), verbose=False)
    looks, video_s = 0, 0.0
    cpu_before, wall_before = time.process_time(), time.monotonic()
    for clip in clips:
        seen = look_through(model, clip, interval, seconds)
        looks, video_s = looks + seen[0], video_s + seen[1]
    cpu_s, wall_s = time.process_time() - cpu_before, time.monotonic() - wall_before
    typer.echo(
        json.dumps(
            {
                "cameras_per_core": round(video_s / cpu_s, 2),
                "cpu_s": round(cpu_s, 2),
                "wall_s": round(wall_s, 2),
                "video_s": round(video_s, 2),
                "looks": looks,
                "threads": threads,
                "weights": weights.name,
            }
        )
    )


def look_through(model: Any, clip: Path, interval_s: float, seconds: float) -> tuple[int, float]:
    """Looks taken and seconds of video read."""
    capture = cv2.VideoCapture(str(clip))
    fps = capture.get(cv2.CAP_PROP_FPS) or 25.0
    every = max(1, round(interval_s * fps))
    looks = index = 0
    while index < seconds * fps and capture.grab():
        if index % every == 0:
            was_read, picture = capture.retrieve()
            if was_read:
                model.predict(picture, verbose=False)
                looks += 1
        index += 1
    capture.release()
    return looks, index / fps


def first_picture(clip: Path) -> Any:
    capture = cv2.VideoCapture(str(clip))
    was_read, picture = capture.read()
    capture.release()
    if not was_read:
        raise typer.BadParameter(f"{clip}: OpenCV reads no picture")
    return picture


if __name__ == "__main__":
    typer.run(main)
