"""Where a look's time goes: each step alone, on one thread, over a clip's own key frames.

    python -m benchmarks.look_steps CLIP [--rounds 30] [--precision auto|f32|bf16] [--json FILE]

The steps are the patrol's own functions. Medians of wall-clock time: run it on a machine that does nothing else, and
trust the steps' proportions more than their milliseconds.
"""

import itertools
import os
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import av
import cv2
import typer
from av.video.frame import VideoFrame

from benchmarks.machine import commit, processor
from benchmarks.result import finish
from detector.gate_sketch import sketch_of
from detector.letterbox import as_input, letterbox
from detector.load import open_network
from detector.postprocess import detections_from
from detector.runtimes import PrecisionChoice, settled
from detector.yolo import thresholds_of
from models.manifest import load_package
from streams.decoded import DecodedPicture
from streams.picture_health.judge import ViewMemory, judge
from streams.picture_health.rules import HealthRules
from streams.picture_health.small import small_luma

WARM_UP_RUNS = 2
MOST_KEY_FRAMES = 20
LOOK_EVERY = timedelta(seconds=2)


def main(
    clip: Annotated[Path, typer.Argument(help="A camera's clip.", exists=True, dir_okay=False)],
    model: Annotated[str, typer.Option(help="Package name, or a package folder.")] = "gridpatrol-n",
    precision: Annotated[PrecisionChoice, typer.Option(help="bf16: in OpenVINO.")] = "auto",
    rounds: Annotated[int, typer.Option(help="Runs of each step.", min=5)] = 30,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the result here too.")] = None,
) -> None:
    """Measure, and print one JSON object."""
    cv2.setNumThreads(1)
    chosen = settled(precision)
    result = {
        "median_ms": {name: median_ms(step, rounds) for name, step in steps_of(clip, model, chosen == "bf16").items()},
        "clip": clip.name,
        "precision": chosen,
        "machine": f"{processor()}, {os.cpu_count()} cores",
        "load_1_min": round(os.getloadavg()[0], 1),
        "commit": commit(),
    }
    finish(result, json_file, indent=1)


def steps_of(clip: Path, model: str, is_bf16: bool) -> dict[str, Callable[[], object]]:
    """What a look does, in its order; every call takes the next key frame.

    Raises:
        typer.BadParameter: the clip has no key frame that can be decoded.
    """
    decoder = KeyFrames(clip)
    turns = itertools.cycle(decoder.all())

    def fresh() -> DecodedPicture:
        return DecodedPicture(next(turns))  # nothing kept from an earlier step

    package = load_package(model)
    size, manifest = package.manifest.input_size, package.manifest
    network = open_network(package, "openvino", 1, "bf16") if is_bf16 else open_network(package, "onnxruntime", 1)
    first = fresh()
    boxed, place = letterbox(first, size, manifest.preprocessing.fill)
    tensor = as_input(boxed, manifest.preprocessing.scale)
    head = network.run(tensor).copy()
    thresholds, source = thresholds_of(package, None), (first.height_px, first.width_px)
    view = ViewOverTime()
    return {
        "decode a key frame": decoder.next,
        "judge the picture's health": lambda: view.judged(fresh()),
        "sketch for the change gate": lambda: sketch_of(fresh()),
        "scale and letterbox": lambda: letterbox(fresh(), size, manifest.preprocessing.fill),
        "tensor": lambda: as_input(boxed, manifest.preprocessing.scale),
        f"network, {network.name}": lambda: network.run(tensor),
        "boxes": lambda: detections_from(head[0], place, source, package.categories, thresholds, manifest.nms_iou),
    }


class KeyFrames:
    """A clip's first key frames, decoded by themselves as the patrol does."""

    def __init__(self, clip: Path) -> None:
        container = av.open(str(clip))
        stream = container.streams.video[0]
        self._decoder = stream.codec_context
        self._decoder.thread_count, self._decoder.thread_type = 1, "NONE"
        packets = (packet for packet in container.demux(stream) if packet.size and packet.is_keyframe)
        self._packets = tuple(itertools.islice(packets, MOST_KEY_FRAMES))
        if not self._packets:
            raise typer.BadParameter(f"{clip}: no key frame; mend: a clip of a camera")
        self._turns = itertools.cycle(self._packets)

    def next(self) -> VideoFrame:
        return self._decoded(next(self._turns))

    def all(self) -> list[VideoFrame]:
        return [self._decoded(packet) for packet in self._packets]

    def _decoded(self, packet: "av.Packet[av.VideoStream]") -> VideoFrame:
        pictures = [*self._decoder.decode(packet), *self._decoder.decode(None)]
        self._decoder.flush_buffers()
        return pictures[0]


class ViewOverTime:
    """What picture health remembers of the view, a look each ``LOOK_EVERY``."""

    def __init__(self) -> None:
        self._memory, self._at = ViewMemory(), datetime(2026, 1, 1, tzinfo=UTC)

    def judged(self, picture: DecodedPicture) -> bool:
        self._at += LOOK_EVERY
        self._memory, said = judge(self._memory, small_luma(picture), self._at, HealthRules())
        return said.is_sound


def median_ms(step: Callable[[], object], rounds: int) -> float:
    """Of so many runs, after a few that do not count."""
    for _ in range(WARM_UP_RUNS):
        step()
    taken = []
    for _ in range(rounds):
        begun_s = time.perf_counter()
        step()
        taken.append(time.perf_counter() - begun_s)
    return round(statistics.median(taken) * 1000, 2)


if __name__ == "__main__":
    typer.run(main)
