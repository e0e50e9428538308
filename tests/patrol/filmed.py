"""Clips of drawn streets, a key frame a minute, with garbage that a scripted detector knows by its colour."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from core.detections import Detection
from core.geometry import Box
from streams.frames import Image
from tests.patrol.street import GARBAGE
from tests.streams.picture_health.streets import HEIGHT, WIDTH, Scene, canvas, noisy, seen

SIZE = (WIDTH, HEIGHT)
STREET = canvas(1)
SCENE = seen(STREET)
MOVED = seen(STREET, right_px=70, down_px=-20)
HEAP = Box(400, 250, 450, 290)
YELLOW = (20.0, 230.0, 230.0)


def with_heap(scene: Scene) -> Scene:
    """A heap of garbage at the kerb."""
    full = scene.copy()
    full[int(HEAP.y0) : int(HEAP.y1), int(HEAP.x0) : int(HEAP.x1)] = YELLOW
    return full


def film(path: Path, scenes: Sequence[Scene]) -> Path:
    """H.264, four pictures a second, each a key frame and each with a noise of its own."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=4)
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = WIDTH, HEIGHT, "yuv420p", 1
        stream.options = {"preset": "ultrafast", "crf": "24"}
        for number, scene in enumerate(scenes):
            frame = av.VideoFrame.from_ndarray(noisy(scene, number + 1), "bgr24")
            frame.pts, frame.time_base = number, Fraction(1, 4)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def sees_the_heap(image: Image) -> tuple[Detection, ...]:
    """Finds garbage where the picture is yellow in the heap's place."""
    blue, green, _ = image[int(HEAP.y0) + 5 : int(HEAP.y1) - 5, int(HEAP.x0) + 5 : int(HEAP.x1) - 5].mean((0, 1))
    is_there = bool(green - blue > np.float64(100))
    return (Detection(GARBAGE, 0.8, HEAP),) if is_there else ()
