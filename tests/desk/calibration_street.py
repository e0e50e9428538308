"""A made-up street for the calibration tests: a camera whose true homography is known, and its picture."""

from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from core.geometry import Point
from grid.homography import Homography, fit_homography
from grid.plane import LocalPlane
from grid.projection import GroundInPicture

SIZE = (1280, 720)
ORIGIN = Point(104.0805, 30.6505)
"""In the middle of the test city's one cell."""
PLANE = LocalPlane.at(ORIGIN)
PIXELS = (Point(220, 640), Point(1080, 640), Point(860, 300), Point(420, 300))
GROUND = (Point(-8, -20), Point(8, -20), Point(16, 30), Point(-16, 30))


def street() -> GroundInPicture:
    """The way from the ground to the camera's picture."""
    return GroundInPicture(homography())


def homography() -> Homography:
    found = fit_homography(PIXELS, GROUND)
    assert found is not None
    return found


def mark(east_m: float, north_m: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """A place on the ground: where the picture shows it, and its longitude and latitude."""
    pixel = street().to_pixel(Point(east_m, north_m))
    assert pixel is not None
    lonlat = PLANE.to_lonlat(Point(east_m, north_m))
    return (round(pixel.x, 1), round(pixel.y, 1)), (round(lonlat.x, 7), round(lonlat.y, 7))


MARKS = tuple(
    mark(east, north) for east, north in ((-6.0, -18.0), (6.0, -18.0), (12.0, 25.0), (-12.0, 25.0), (0.0, 0.0))
)
"""Five places that are easy to find: the corners and the middle of a square of paving."""


def picture() -> NDArray[np.uint8]:
    """The street as the camera shows it: sky, ground, a paving grid of 5 m, a cross at each mark."""
    width, height = SIZE
    image = np.full((height, width, 3), (150, 142, 128), dtype=np.uint8)
    image[:200] = (205, 190, 170)
    seen = street()
    for line in range(-30, 31, 5):
        for one, other in (((line, -22), (line, 60)), ((-30, line + 10), (30, line + 10))):
            ends = [seen.to_pixel(Point(*one)), seen.to_pixel(Point(*other))]
            if None not in ends:
                first, last = ((round(end.x), round(end.y)) for end in ends if end is not None)
                cv2.line(image, first, last, (120, 112, 100), 2)
    for (x, y), _ in MARKS:
        cv2.drawMarker(image, (round(x), round(y)), (255, 255, 255), cv2.MARKER_CROSS, 26, 4)
    return image


def write_clip(path: Path, seconds: int = 3, fps: int = 10, gop: int = 10) -> Path:
    """An H.264 clip of the street."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(
            "libx264", rate=fps, options={"g": str(gop), "bf": "0", "preset": "superfast"}
        )
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        image = picture()
        for number in range(seconds * fps):
            shown = image.copy()
            cv2.circle(shown, (60 + 8 * number, 60), 14, (40, 40, 200), -1)
            for packet in stream.encode(av.VideoFrame.from_ndarray(shown, format="bgr24")):
                container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)
    return path
