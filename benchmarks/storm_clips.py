"""What the storm's cameras send: a street with noise, the same standing still to the bit, and smaller."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from benchmarks.street_clips import first_picture
from patrol.demo.site import ASSETS
from streams.frames import Image

FPS = 10
GOP = 5
"""Two key frames a second: what is measured is the patrol's beat, not the cameras'."""
SECONDS = 12
NOISE_LEVELS = 5.0
SMALLER = 0.75


@dataclass(frozen=True, slots=True)
class StormClips:
    """One street, three ways."""

    lively: Path
    frozen: Path
    """One picture for ever; every key frame is the same to the bit, and the encoder goes on."""
    smaller: Path
    lively_wh: tuple[int, int]
    smaller_wh: tuple[int, int]


def storm_clips(folder: Path, height_px: int) -> StormClips:
    """Made in ``folder``, 16:9."""
    street = first_picture(sorted(ASSETS.glob("*.mp4"))[0])
    whole_wh, smaller_wh = size_of(height_px), size_of(int(height_px * SMALLER))
    pictures = list(noisy(resized(street, whole_wh), FPS * SECONDS))
    clips = {
        "lively": pictures,
        "frozen": [pictures[0]] * (4 * GOP),
        "smaller": [resized(picture, smaller_wh) for picture in pictures],
    }
    paths = {name: encode(folder / f"{name}.mp4", shown) for name, shown in clips.items()}
    return StormClips(paths["lively"], paths["frozen"], paths["smaller"], whole_wh, smaller_wh)


def size_of(height_px: int) -> tuple[int, int]:
    """Width and height, both even."""
    return int(height_px * 16 / 9) // 2 * 2, height_px // 2 * 2


def resized(picture: Image, size_wh: tuple[int, int]) -> Image:
    return np.asarray(cv2.resize(picture, size_wh, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def noisy(street: Image, count: int) -> Iterator[Image]:
    random = np.random.default_rng(0)
    for _ in range(count):
        noise = random.normal(0, NOISE_LEVELS, street.shape[:2]).astype(np.int16)[:, :, None]
        yield np.clip(street.astype(np.int16) + noise, 0, 255).astype(np.uint8)


def encode(path: Path, pictures: list[Image]) -> Path:
    """H.264 at a constant quantiser, so that equal pictures are equal in the stream."""
    height, width = pictures[0].shape[:2]
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = width, height, "yuv420p", GOP
        stream.options = {"preset": "ultrafast", "qp": "30", "bf": "0", "sc_threshold": "0"}
        for index, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, "bgr24")
            frame.pts, frame.time_base = index, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path
