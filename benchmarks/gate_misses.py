"""Does the change gate see every thing come and go? Rendered time lapses, stilled so that nothing else happens.

    nice python -m benchmarks.gate_misses LAPSES --json gate.json

In a lapse something passes in nearly every picture, so the gate is asked little. Here each coming and going of the
truth is put into a still street: the picture before it, sent again and again through H.264 with noise of its own, then
the same picture with nothing but the thing's surroundings taken from the picture after, their light set to the rest's.
What the gate sees there it sees by the thing alone. Every picture is judged by the product's own gate, masked to the
ground.
"""

import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Annotated, Any

import av
import cv2
import numpy as np
import typer

from benchmarks.machine import machine_facts
from benchmarks.result import finish
from core.clock import SystemClock
from core.detections import FrameDetections, ModelRef
from core.geometry import Box
from detector.gate import GateReason, GateSettings, first_memory, judge_picture
from detector.gate_sketch import sketch_of
from grid.views import ViewCalibration, calibrate
from models.registry import DEFAULT_MODEL
from patrol.gating import LookGate
from patrol.lapses.site import lay_out
from patrol.lapses.truth import Lapse, LapseEvent, lapses_in
from patrol.settings import load_settings
from patrol.survey import looks_in
from patrol.wiring import open_city
from streams.decoded import DecodedPicture
from streams.frames import Frame, Image, Picture

STILL = 24
"""Pictures of the still street, two seconds apart; the first ``SETTLING`` teach the camera's noise."""
SETTLING = 8
MARGIN = 0.15
"""Of a thing's box, taken over with it: its contact shadow."""
RING_PX = 6
TIMED = 13
STARTED_AT = datetime(2026, 5, 14, tzinfo=UTC)
FOREVER = GateSettings(force_after_s=3600.0)


@dataclass(frozen=True, slots=True)
class Change:
    """One thing comes or goes."""

    lapse: str
    light: str
    category: str
    comes: bool
    width_px: float
    height_px: float
    is_seen: bool
    cells: int
    """In which the gate saw it."""
    looks_without_cause: int
    """Of the still pictures after settling."""
    gate_ms: float
    """One judgement, median."""


def main(
    folder: Annotated[Path, typer.Argument(help="Folder of lapse_*/{clip.mp4, truth.json}.")],
    sigma: Annotated[float, typer.Option(help="Noise of the still street, grey levels.")] = 5.0,
    crf: Annotated[int, typer.Option(help="How coarsely x264 sends it.")] = 28,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the result here, too.")] = None,
) -> None:
    """Count what the gate sees and what it misses."""
    changes = list(measured(folder, sigma, crf))
    still = len(changes) * (STILL - SETTLING)
    result = {
        "machine": machine_facts(),
        "sigma": sigma,
        "crf": crf,
        "changes": len(changes),
        "seen": sum(change.is_seen for change in changes),
        "missed": [asdict(change) for change in changes if not change.is_seen],
        "smallest_px": min((round(min(each.width_px, each.height_px), 1) for each in changes), default=None),
        "still_pictures": still,
        "still_looked_at": sum(change.looks_without_cause for change in changes),
        "gate_ms": round(float(np.median([change.gate_ms for change in changes])), 3) if changes else None,
        "gate_ms_1080p": round(at_1080p_ms(folder, sigma, crf), 3),
        "lights": sorted({change.light for change in changes}),
    }
    finish(result, json_file)


def measured(folder: Path, sigma: float, crf: int) -> Iterator[Change]:
    """Every coming and going of a violation in every lapse."""
    lapses = lapses_in(folder)
    with tempfile.TemporaryDirectory(prefix="gridpatrol-gate-") as place:
        settings = load_settings(lay_out(lapses, Path(place) / "site", 8650, DEFAULT_MODEL, SystemClock().now()))
        city = open_city(settings)
    cameras = {camera.id: camera for camera in settings.cameras}
    for lapse in lapses:
        camera = cameras[lapse.camera_id]
        calibration = calibrate(camera.view_id, camera.view, city)
        pictures = [look.load().whole() for look in looks_in(lapse.clip)]
        for moment in moments_of(lapse):
            yield judged(lapse, moment, pictures, calibration, (sigma, crf))


@dataclass(frozen=True, slots=True)
class Moment:
    """A thing comes or goes between two pictures of a lapse."""

    event: LapseEvent
    comes: bool
    after: int
    """Number of the picture after it, from 1."""


def moments_of(lapse: Lapse) -> Iterator[Moment]:
    """Every coming and going of a violation that the clip shows."""
    for event in lapse.events:
        if event.category is None:
            continue
        if event.first_frame > 0:
            yield Moment(event, True, event.first_frame)
        if event.last_frame + 1 < lapse.frames:
            yield Moment(event, False, event.last_frame + 1)


def judged(
    lapse: Lapse, moment: Moment, pictures: Sequence[Image], calibration: ViewCalibration, noise: tuple[float, int]
) -> Change:
    """One moment in a still street, at the gate."""
    sigma, crf = noise
    event, before = moment.event, pictures[moment.after - 1]
    random = np.random.default_rng([lapse.seed or 0, event.id, moment.after])
    shown = [before] * STILL + [with_part(before, pictures[moment.after], event.box)]
    gate, cells = LookGate(FOREVER), 0
    reasons: list[GateReason] = []
    times_ms: list[float] = []
    for number, picture in enumerate(sent([grainy(image, sigma, random) for image in shown], crf)):
        at = lapse.started_at + timedelta(seconds=2 * number)
        frame = Frame(lapse.camera_id, calibration.view_id, number, at, picture)
        begun_s = time.perf_counter()
        opinion = gate.consider(frame)
        times_ms.append((time.perf_counter() - begun_s) * 1000)
        cells = 0 if opinion.verdict is None else opinion.verdict.changed_cells
        gate.settle(opinion, opinion.carried or nothing_in(frame), calibration)
        reasons.append(opinion.reason)
    return Change(
        lapse=lapse.camera_id,
        light=lapse.light,
        category=str(event.category),
        comes=moment.comes,
        width_px=event.box.width,
        height_px=event.box.height,
        is_seen=reasons[-1] is GateReason.CHANGED,
        cells=cells,
        looks_without_cause=sum(reason is not GateReason.CARRIED for reason in reasons[SETTLING:STILL]),
        gate_ms=float(np.median(times_ms)),
    )


def at_1080p_ms(folder: Path, sigma: float, crf: int) -> float:
    """One judgement of a picture of 1920 x 1080 pixels, median, on one thread."""
    cv2.setNumThreads(1)
    small = next(iter(looks_in(lapses_in(folder)[0].clip))).load().whole()
    image = np.asarray(cv2.resize(small, (1920, 1080), interpolation=cv2.INTER_CUBIC), dtype=np.uint8)
    random = np.random.default_rng(0)
    memory, times_ms = None, []
    for number, picture in enumerate(sent([grainy(image, sigma, random) for _ in range(TIMED)], crf)):
        at = STARTED_AT + timedelta(seconds=2 * number)
        begun_s = time.perf_counter()
        verdict = judge_picture(memory, sketch_of(picture), at, FOREVER)
        times_ms.append((time.perf_counter() - begun_s) * 1000)
        if memory is None:
            memory = first_memory(verdict.sketch, at, np.ones(verdict.sketch.size_hw, dtype=np.bool_))
    return float(np.median(times_ms[1:]))


def with_part(before: Image, after: Image, box: Box) -> Image:
    """``before`` with the box's surroundings from ``after``, brought to the same light by the ring around them."""
    height, width = before.shape[:2]
    grown_x, grown_y = MARGIN * box.width + 2, MARGIN * box.height + 2
    left, right = max(0, int(box.x0 - grown_x)), min(width, int(box.x1 + grown_x))
    top, bottom = max(0, int(box.y0 - grown_y)), min(height, int(box.y1 + grown_y))
    ring = np.zeros((height, width), dtype=np.bool_)
    ring[max(0, top - RING_PX) : bottom + RING_PX, max(0, left - RING_PX) : right + RING_PX] = True
    ring[top:bottom, left:right] = False
    light = np.median(before[ring] / np.maximum(after[ring], 1.0), axis=0)
    stilled = before.copy()
    stilled[top:bottom, left:right] = np.clip(after[top:bottom, left:right] * light, 0, 255).astype(np.uint8)
    return stilled


def grainy(image: Image, sigma: float, random: np.random.Generator) -> Image:
    return np.asarray(np.clip(image + random.normal(0, sigma, image.shape), 0, 255), dtype=np.uint8)


def sent(images: Sequence[Image], crf: int) -> list[Picture]:
    """The images as a camera's key frames, decoded again."""
    file = BytesIO()
    height, width = images[0].shape[:2]
    with av.open(file, "w", format="mp4") as container:
        stream: Any = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = width, height, "yuv420p", 1
        stream.options = {"preset": "veryfast", "crf": str(crf)}
        for number, image in enumerate(images):
            frame = av.VideoFrame.from_ndarray(image, "bgr24")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    file.seek(0)
    with av.open(file, "r") as container:
        return [DecodedPicture(frame) for frame in container.decode(video=0)]


def nothing_in(frame: Frame) -> FrameDetections:
    """A look that finds nothing, as before: so that all that differs is learnt as noise, which makes it hard."""
    return FrameDetections(frame.facts, (), ModelRef("none", "0" * 64))


if __name__ == "__main__":
    typer.run(main)
