"""A drawn street under a camera: structure, noise, light, things in it, and H.264 between camera and gate."""

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from detector.gate import GateReason, GateSettings, ViewMemory, after_look, after_pass, first_memory, judge_picture
from detector.gate_sketch import CellMask, cells_of, sketch_of
from streams.decoded import DecodedPicture
from streams.frames import Image, ImagePicture, Picture

SIZE = (640, 360)
START = datetime(2026, 5, 14, 0, 30, tzinfo=UTC)
STEP_S = 2.0
Levels = NDArray[np.float64]
"""A picture before it is rounded: ``(H, W, 3)``, 0 to 255 and beyond."""


def street(size: tuple[int, int] = SIZE, seed: int = 5) -> Levels:
    """Sky, house fronts with windows, pavement and road with their grain."""
    width, height = size
    random = np.random.default_rng(seed)
    image = np.zeros((height, width, 3))
    image[: height // 4] = (200, 190, 180)
    image[height // 4 : height // 2] = (110, 130, 150)
    image[height // 2 :] = (105, 105, 108)
    image[int(height * 0.55) : int(height * 0.57)] = (170, 170, 170)
    for left in range(10, width - 20, width // 14):
        image[int(height * 0.3) : int(height * 0.42), left : left + width // 30] = random.integers(30, 90, 3)
    grain = cv2.resize(random.normal(0, 6, (height // 4, width // 4)), (width, height), interpolation=cv2.INTER_CUBIC)
    return image + np.asarray(grain)[:, :, None]


def with_thing(image: Levels, x: int, y: int, width: int, height: int, levels: float) -> Levels:
    """A flat thing, so many grey levels from the mean of what it covers."""
    covered = image.copy()
    part = covered[y : y + height, x : x + width]
    part[:] = part.mean(axis=(0, 1)) + levels
    return covered


def noisy(image: Levels, sigma: float, random: np.random.Generator) -> Image:
    return np.asarray(np.clip(image + random.normal(0, sigma, image.shape), 0, 255), dtype=np.uint8)


def noise_of(images: Iterable[Levels], sigma: float = 5.0, seed: int = 1) -> list[Image]:
    random = np.random.default_rng(seed)
    return [noisy(image, sigma, random) for image in images]


def sent(images: Sequence[Image], crf: int = 28, gop: int = 3) -> list[Picture]:
    """The images as a camera's key frames: each is sent ``gop`` times, the key frames come back decoded."""
    file = io.BytesIO()
    height, width = images[0].shape[:2]
    with av.open(file, "w", format="mp4") as container:
        stream: Any = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = width, height, "yuv420p", gop
        stream.options = {"preset": "ultrafast", "crf": str(crf), "sc_threshold": "0"}
        for number in range(len(images) * gop):
            frame = av.VideoFrame.from_ndarray(images[number // gop], "bgr24")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)
    file.seek(0)
    with av.open(file, "r") as container:
        container.streams.video[0].codec_context.skip_frame = "NONKEY"
        return [DecodedPicture(frame) for frame in container.decode(video=0)]


def write_clip(path: Path, images: Sequence[Image], fps: int = 4) -> Path:
    """The images as a clip of key frames only."""
    height, width = images[0].shape[:2]
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=fps)
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = width, height, "yuv420p", 1
        stream.options = {"preset": "ultrafast", "crf": "26"}
        for number, image in enumerate(images):
            frame = av.VideoFrame.from_ndarray(image, "bgr24")
            frame.pts, frame.time_base = number, Fraction(1, fps)
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)
    return path


def pixels(images: Iterable[Image]) -> list[Picture]:
    return [ImagePicture(image) for image in images]


class Gated:
    """One view at its gate; every look finds the same as the one before unless told otherwise."""

    def __init__(self, force_after_s: float = 3600.0, watched: CellMask | None = None) -> None:
        self._settings = GateSettings(force_after_s=force_after_s)
        self._watched = watched
        self.memory: ViewMemory | None = None
        self.at = START

    def show(self, picture: Picture, step_s: float = STEP_S, found_the_same: bool = True) -> GateReason:
        self.at += timedelta(seconds=step_s)
        verdict = judge_picture(self.memory, sketch_of(picture), self.at, self._settings)
        if verdict.is_pass:
            assert self.memory is not None
            self.memory = after_pass(self.memory, verdict)
        elif self.memory is None or verdict.difference is None:
            rows_columns = cells_of((picture.height_px, picture.width_px))
            watched = np.ones(rows_columns, dtype=np.bool_) if self._watched is None else self._watched
            self.memory = first_memory(verdict.sketch, self.at, watched)
        else:
            self.memory = after_look(self.memory, verdict, self.at, found_the_same)
        return verdict.reason

    def show_all(self, pictures: Iterable[Picture]) -> list[GateReason]:
        return [self.show(picture) for picture in pictures]


def looks_among(reasons: Sequence[GateReason]) -> int:
    return sum(reason is not GateReason.CARRIED for reason in reasons)
