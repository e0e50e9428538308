"""What does it cost to judge whether a picture is fit to be looked at?

    python -m benchmarks.picture_health CLIP [--pictures 600] [--interval 2] [--json FILE]

The clip's pictures are decoded beforehand. They are then judged one by one on one thread, over and over, as a worker
judges one camera's, ``--interval`` seconds apart: making the picture little is part of it, and so are the checks
against the reference, as often as they fall due. Told is the processor's time, which a busy machine disturbs least.
"""

import itertools
import os
import statistics
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import av
import cv2
import typer

from benchmarks.machine import machine_facts
from benchmarks.result import finish
from streams.decoded import DecodedPicture
from streams.picture_health.findings import FindingKind
from streams.picture_health.judge import ViewMemory, judge
from streams.picture_health.rules import HealthRules
from streams.picture_health.small import small_luma

MOST_DECODED = 60


def main(
    clip: Annotated[Path, typer.Argument(help="Any video; 1080p is what a city's cameras send.")],
    pictures: Annotated[int, typer.Option(min=10, help="Judged so many.")] = 600,
    interval: Annotated[float, typer.Option(min=0.1, help="Seconds between two pictures of the camera.")] = 2.0,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the result here too.")] = None,
) -> None:
    """Measure, and print one JSON object."""
    cv2.setNumThreads(1)
    decoded = pictures_of(clip)
    result = measured(decoded, pictures, interval) | {
        "clip": clip.name,
        "size": [decoded[0].width_px, decoded[0].height_px],
        "load_1_min": round(os.getloadavg()[0], 1),
        "machine": machine_facts(),
    }
    finish(result, json_file, indent=1)


def pictures_of(clip: Path) -> list[DecodedPicture]:
    """The first pictures of a clip, decoded."""
    with av.open(str(clip)) as container:
        first = itertools.islice(container.decode(video=0), MOST_DECODED)
        frames = [DecodedPicture(frame) for frame in first]
    if not frames:
        raise typer.BadParameter(f"{clip}: no picture can be decoded; name another clip")
    return frames


def measured(decoded: list[DecodedPicture], pictures: int, interval_s: float) -> dict[str, object]:
    """Milliseconds of one thread for each picture, told for those that were checked in full and for the others."""
    rules, memory = HealthRules(), ViewMemory()
    at = datetime(2026, 5, 14, tzinfo=UTC)
    plain_ms: list[float] = []
    checked_ms: list[float] = []
    unsound = 0
    for number in range(pictures):
        at += timedelta(seconds=interval_s)
        begun_s = time.thread_time()
        memory, said = judge(memory, small_luma(decoded[number % len(decoded)]), at, rules)
        took_ms = 1000 * (time.thread_time() - begun_s)
        (checked_ms if FindingKind.MOVED in said.readings else plain_ms).append(took_ms)
        unsound += not said.is_sound
    return {
        "pictures": pictures,
        "mean_ms": round((sum(plain_ms) + sum(checked_ms)) / pictures, 3),
        "plain_median_ms": round(statistics.median(plain_ms), 3),
        "checked": len(checked_ms),
        "checked_median_ms": round(statistics.median(checked_ms), 3) if checked_ms else None,
        "unsound": unsound,
    }


if __name__ == "__main__":
    typer.run(main)
