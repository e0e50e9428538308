"""Small clips made on the spot; each picture's grey level tells which one it is."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from streams.frames import Image

GREY_FOOT = 20
GREY_STEP = 12
"""Grey level of picture i is ``GREY_FOOT + i * GREY_STEP``, for up to 19 pictures; encoders shift it by a few."""


def make_clip(
    path: Path,
    pictures: int = 16,
    fps: int = 4,
    gop: int = 4,
    size: tuple[int, int] = (128, 96),
    codec: str = "libx264",
    options: dict[str, str] | None = None,
    textured: bool = False,
    container_options: dict[str, str] | None = None,
    image: Image | None = None,
) -> Path:
    """An H.264 clip, by default 4 s of 4 pictures a second with a key frame each second."""
    with av.open(str(path), "w", container_options=container_options or {}) as container:
        stream: Any = container.add_stream(codec, rate=fps)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.gop_size = gop
        stream.options = options if options is not None else {"preset": "ultrafast", "sc_threshold": "0"}
        for index in range(pictures):
            frame = av.VideoFrame.from_ndarray(grey(index, size, textured) if image is None else image, "bgr24")
            frame.pts, frame.time_base = index, Fraction(1, fps)
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)
    return path


def make_changing_size_stream(path: Path, sizes: Sequence[tuple[int, int]]) -> Path:
    """One H.264 elementary stream in MPEG-TS whose pictures change size, as a camera does when it is set anew."""
    parts = []
    for number, size in enumerate(sizes):
        part = make_clip(path.with_suffix(f".{number}.h264"), pictures=8, size=size)
        parts.append(part.read_bytes())
    raw = path.with_suffix(".h264")
    raw.write_bytes(b"".join(parts))
    return raw


def make_audio_only(path: Path) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 8192), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 8000
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    return path


def grey(index: int, size: tuple[int, int] = (128, 96), textured: bool = False) -> Image:
    """Picture ``index``, BGR; ``textured`` gives the encoder enough to write that damage shows."""
    width, height = size
    if textured:
        return np.random.default_rng(index).integers(0, 255, (height, width, 3), np.uint8)
    return np.full((height, width, 3), GREY_FOOT + (index % 19) * GREY_STEP, np.uint8)


def index_of(image: Image) -> int:
    """Which picture this is, by its grey level."""
    return round((float(image.mean()) - GREY_FOOT) / GREY_STEP)
