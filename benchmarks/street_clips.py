"""Clips as street cameras send them: 1080p, 25 pictures/s, H.264 at 4 Mbit/s, a key frame each 2 s, sensor noise.

The street is a picture of the packaged demo, enlarged. In a busy clip things pass all the time; a still clip shows the
same street with nothing but noise. Made once and kept: encoding a minute takes about a minute of one core.
"""

import math
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from patrol.demo.site import ASSETS
from streams.frames import Image

Traffic = Literal["busy", "still"]

WIDTH_PX, HEIGHT_PX = 1920, 1080
FPS = 25
GOP = 50
NOISE_LEVELS = 4.0
"""Standard deviation of the sensor's noise, of 255."""
BITS_PER_S = 4_000_000
"""What 1080p cameras are usually set to; without it the encoder would smooth the noise away, and key frames would cost
half as much to decode as a camera's do."""
PASSING = 8
NOISE_FIELDS = 12
"""Different noise pictures, shifted at random: fresh noise for each picture would cost more than the encoder."""


def street_clips(folder: Path, traffic: Traffic, count: int = 2, seconds: int = 60) -> list[Path]:
    """``count`` clips in ``folder``; those that are there already are used again."""
    folder.mkdir(parents=True, exist_ok=True)
    assets = sorted(ASSETS.glob("*.mp4"))
    clips = []
    for number in range(count):
        path = folder / f"{traffic}-{number}-{seconds}s-{BITS_PER_S // 1_000_000}M.mp4"
        if not path.is_file():
            part = path.with_suffix(".part.mp4")
            encode(part, pictures(assets[number % len(assets)], traffic, seconds * FPS, seed=number))
            part.replace(path)
        clips.append(path)
    return clips


def pictures(asset: Path, traffic: Traffic, count: int, seed: int) -> Iterator[Image]:
    """BGR pictures of one street."""
    random = np.random.default_rng(seed)
    street = first_picture(asset)
    noise = [
        random.normal(0, NOISE_LEVELS, (HEIGHT_PX, WIDTH_PX, 1)).astype(np.int16).repeat(3, axis=2)
        for _ in range(NOISE_FIELDS)
    ]
    sprites = [sprite(street, random) for _ in range(PASSING)] if traffic == "busy" else []
    for index in range(count):
        picture = street.copy()
        for number, thing in enumerate(sprites):
            put(picture, thing, index, number)
        field = noise[int(random.integers(NOISE_FIELDS))]
        shifted = np.roll(field, tuple(int(n) for n in random.integers(0, (HEIGHT_PX, WIDTH_PX))), (0, 1))
        yield np.clip(picture.astype(np.int16) + shifted, 0, 255).astype(np.uint8)


def first_picture(asset: Path) -> Image:
    with av.open(str(asset)) as container:
        frame = next(container.decode(video=0))
        small = frame.to_ndarray(format="bgr24")
    return np.asarray(cv2.resize(small, (WIDTH_PX, HEIGHT_PX), interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def sprite(street: Image, random: np.random.Generator) -> Image:
    """A piece of the street as something that passes: texture and edges as real things have."""
    width, height = int(random.integers(60, 320)), int(random.integers(80, 220))
    x, y = int(random.integers(0, WIDTH_PX - width)), int(random.integers(0, HEIGHT_PX - height))
    tint: NDArray[np.float64] = random.uniform(0.4, 1.2, 3)
    return np.clip(street[y : y + height, x : x + width] * tint, 0, 255).astype(np.uint8)


def put(picture: Image, thing: Image, index: int, number: int) -> None:
    """Where the passing thing is in picture ``index``: left to right at its own pace, then again."""
    height, width = thing.shape[:2]
    pace = 3 + 2 * number
    x = (index * pace + number * 517) % (WIDTH_PX - width)
    y = HEIGHT_PX // 2 + (number * 61) % (HEIGHT_PX // 2 - height)
    picture[y : y + height, x : x + width] = thing


def encode(path: Path, frames: Iterator[Image]) -> None:
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = WIDTH_PX, HEIGHT_PX, "yuv420p", GOP
        stream.bit_rate = BITS_PER_S
        rate = {"maxrate": str(BITS_PER_S), "bufsize": str(2 * BITS_PER_S), "nal-hrd": "cbr"}
        stream.options = {"preset": "veryfast", "sc_threshold": "0", "bf": "0", **rate}
        for index, picture in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(picture, "bgr24")
            frame.pts, frame.time_base = index, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def lasting(clip: Path, seconds: float, folder: Path) -> Path:
    """The clip itself where it lasts so long, else a copy in ``folder`` that shows it again and again, uncut.

    A camera never ends; opening a clip anew at its end costs what no camera costs.
    """
    with av.open(str(clip)) as source:
        stream = source.streams.video[0]
        assert stream.time_base is not None
        length = max((packet.pts or 0) + (packet.duration or 0) for packet in source.demux(stream) if packet.size)
        times = math.ceil(seconds / float(length * stream.time_base))
        if times <= 1:
            return clip
        path = folder / f"{times}x-{clip.name}"
        with av.open(str(path), "w") as target:
            copied = target.add_stream_from_template(stream)
            for number in range(times):
                source.seek(0, stream=stream)
                for packet in source.demux(stream):
                    if packet.dts is None or packet.pts is None:
                        continue
                    packet.dts, packet.pts = packet.dts + number * length, packet.pts + number * length
                    packet.stream = copied
                    target.mux(packet)
    return path
