"""A drive along a street, drawn picture by picture, with a GPX of the receiver beside it.

The camera here is written anew, by rotation matrices and not by a homography, so that it can prove the product wrong.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from core.detections import Detection
from core.geometry import Box, Point
from core.ids import CategoryId, CellId
from detector.scripted import ScriptedDetector
from grid.cells import CityGrid, load_geojson
from patrol.api_client import ApiClient
from patrol.model_watch import Watchman
from patrol.outbox import Outbox
from patrol.settings import Settings
from patrol.worker import Worker
from streams.frames import Image
from tests.grid.city import PLANE, collection, feature, square
from tests.patrol.conftest import OutageApi
from tests.patrol.street import until, worker_key

GARBAGE, STALL = CategoryId("exposed_garbage"), CategoryId("street_stall")
RED, BLUE = (30, 30, 220), (220, 60, 30)
COLOURS = {GARBAGE: RED, STALL: BLUE}
STARTED_AT = datetime(2026, 5, 14, 0, 30, tzinfo=UTC)
CHINA = timezone(timedelta(hours=8))

WIDTH, HEIGHT = 640, 360
HFOV_DEG, PITCH_DEG, CAMERA_M = 70.0, 10.0, 2.2
SPEED_MPS = 8.0
FPS = 4
CELL_M = 30.0
CELLS = tuple(CellId(f"51010400100100{number}") for number in range(1, 5))
"""West to east along the street, each 30 m."""


@dataclass(frozen=True)
class Thing:
    """Something that stands on the pavement; metres east and north of the street's south-west corner."""

    category: CategoryId
    east_m: float
    north_m: float
    passes: frozenset[int] = frozenset(range(10))
    """In which passes it is there."""


@dataclass(frozen=True)
class Ride:
    """One pass: eastward in the southern lane, westward in the northern one."""

    is_eastward: bool
    bias_m: tuple[float, float] = (0.0, 0.0)
    """By how much the receiver is off, east and north."""
    begins_s: float = 0.0

    def at(self, s: float) -> tuple[float, float, float]:
        """East, north, heading after ``s`` seconds of the pass."""
        along = SPEED_MPS * s
        return (along, 13.0, 90.0) if self.is_eastward else (110.0 - along, 17.0, 270.0)


RIDE_S = 104.0 / SPEED_MPS


def rides(*directions: bool, biases: Sequence[tuple[float, float]] = ()) -> tuple[Ride, ...]:
    """One pass after the other, three minutes apart."""
    given = [*biases, *[(0.0, 0.0)] * len(directions)]
    return tuple(Ride(east, given[index], index * 180.0) for index, east in enumerate(directions))


def pixel_of(world: NDArray[np.float64], east: float, north: float, heading_deg: float) -> tuple[float, float] | None:
    """Where a point (east, north, up) shows; None when it is not in front of the lens."""
    heading, pitch = math.radians(heading_deg), math.radians(PITCH_DEG)
    ahead = np.array([math.sin(heading), math.cos(heading), 0.0])
    right = np.array([math.cos(heading), -math.sin(heading), 0.0])
    axis = ahead * math.cos(pitch) - np.array([0, 0, 1.0]) * math.sin(pitch)
    down = -ahead * math.sin(pitch) - np.array([0, 0, 1.0]) * math.cos(pitch)
    seen = np.vstack([right, down, axis]) @ (world - np.array([east, north, CAMERA_M]))
    if seen[2] < 0.5:
        return None
    focal = WIDTH / 2 / math.tan(math.radians(HFOV_DEG) / 2)
    return WIDTH / 2 + focal * seen[0] / seen[2], HEIGHT / 2 + focal * seen[1] / seen[2]


def picture(things: Iterable[Thing], east: float, north: float, heading_deg: float) -> Image:
    """What the camera shows: a street with its lane's dashes, and boards a metre wide and high that face it."""
    image = np.full((HEIGHT, WIDTH, 3), 110, np.uint8)
    for start in range(-30, 160, 6):
        dash = [(start, 14.8), (start + 2.5, 14.8), (start + 2.5, 15.2), (start, 15.2)]
        _fill(image, [np.array([*place, 0.0]) for place in dash], (235, 235, 235), east, north, heading_deg)
    right = np.array([math.cos(math.radians(heading_deg)), -math.sin(math.radians(heading_deg)), 0.0])
    for thing in sorted(things, key=lambda each: -math.hypot(each.east_m - east, each.north_m - north)):
        foot = np.array([thing.east_m, thing.north_m, 0.0])
        up = np.array([0.0, 0.0, 1.0])
        corners = [foot - right / 2, foot + right / 2, foot + right / 2 + up, foot - right / 2 + up]
        _fill(image, corners, COLOURS[thing.category], east, north, heading_deg)
    return image


def _fill(
    image: Image,
    corners: Sequence[NDArray[np.float64]],
    colour: tuple[int, int, int],
    east: float,
    north: float,
    heading_deg: float,
) -> None:
    pixels = [pixel_of(corner, east, north, heading_deg) for corner in corners]
    if all(pixel is not None for pixel in pixels):
        outline = np.array([pixel for pixel in pixels if pixel is not None]).round().astype(np.int32)
        cv2.fillPoly(image, [outline], colour)


def film(path: Path, things: Sequence[Thing], passes: Sequence[Ride]) -> Path:
    """The clip of some passes; nothing is filmed between two."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = WIDTH, HEIGHT, "yuv420p", 1
        stream.options = {"preset": "ultrafast", "crf": "18"}
        for number, ride in enumerate(passes):
            there = [thing for thing in things if number in thing.passes]
            for index in range(int(RIDE_S * FPS)):
                frame = av.VideoFrame.from_ndarray(picture(there, *ride.at(index / FPS)), "bgr24")
                frame.pts, frame.time_base = int(ride.begins_s * FPS) + index, Fraction(1, FPS)
                container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def gpx(path: Path, passes: Sequence[Ride]) -> Path:
    """What the receiver logged, once a second, in China's time."""
    points = []
    for ride in passes:
        for second in range(-1, int(RIDE_S) + 2):
            east, north, _ = ride.at(second)
            place = PLANE.to_lonlat(Point(east + ride.bias_m[0], north + ride.bias_m[1]))
            at = (STARTED_AT + timedelta(seconds=ride.begins_s + second)).astimezone(CHINA)
            points.append(f'<trkpt lat="{place.y:.8f}" lon="{place.x:.8f}"><time>{at.isoformat()}</time></trkpt>')
    head = '<?xml version="1.0"?><gpx version="1.1" creator="test" xmlns="http://www.topografix.com/GPX/1/1">'
    path.write_text(f"{head}<trk><trkseg>{''.join(points)}</trkseg></trk></gpx>", encoding="utf-8")
    return path


def find_colours(image: Image) -> tuple[Detection, ...]:
    """Every board of a known colour, as a model would box it."""
    found = []
    for category, colour in COLOURS.items():
        near = cv2.inRange(image, np.maximum(np.array(colour) - 70, 0), np.minimum(np.array(colour) + 70, 255))
        _, _, stats, _ = cv2.connectedComponentsWithStats(near)
        for x, y, width, height, area in stats[1:]:
            if area >= 30 and height > 4:  # the encoder leaves slivers of colour along an edge
                box = Box(float(x), float(y), float(x + width), float(y + height))
                found.append(Detection(category, 0.9, box))
    return tuple(found)


def camera(url: Path, track: Path, **more: object) -> dict[str, object]:
    """The vehicle's [[cameras]] section."""
    return {
        "id": "CAR-07",
        "url": str(url),
        "started_at": STARTED_AT,
        "pace": "fast",
        "interval_s": 0,
        "vehicle": {
            "frame_size": [WIDTH, HEIGHT],
            "height_m": CAMERA_M,
            "pitch_deg": PITCH_DEG,
            "hfov_deg": HFOV_DEG,
            "track": {"file": str(track)},
            **more,
        },
    }


def street_grids() -> str:
    """The street's unit grids as GeoJSON."""
    return collection(*(feature(code, square(0.0, index * CELL_M, CELL_M)) for index, code in enumerate(CELLS)))


def drive(car: Worker) -> None:
    """From start to a clean stop, with the whole clip looked at and all it found delivered."""
    car.start()
    try:
        assert until(lambda: car.has_ended, timeout_s=90), car.camera_statuses()
    finally:
        car.stop(drain_s=20)


def patrol(folder: Path, section: dict[str, object], api: OutageApi) -> Worker:
    """A worker over the folder's own outbox."""
    grids = folder / "street.geojson"
    grids.write_text(street_grids(), encoding="utf-8")
    settings = Settings.model_validate(
        {
            "site": {"data_dir": folder},
            "grid": {"file": grids},
            "worker": {"status_every_s": 0.2},
            "cameras": [section],
        }
    )
    city: CityGrid = load_geojson(grids)
    return Worker(
        settings,
        Watchman((ScriptedDetector(find_colours, (GARBAGE, STALL)),), frozenset({GARBAGE, STALL})),
        city,
        Outbox(settings.outbox_path),
        ApiClient(api.url, worker_key(api)),
    )
