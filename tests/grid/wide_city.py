"""A made-up city of many square grids, and cameras over it whose place and view are known exactly."""

import math
from collections.abc import Iterator
from typing import Any

from core.geometry import Point
from core.ids import CellId
from grid.plane import LocalPlane

WEST, SOUTH = 104.05, 30.62
SIDE = 0.001
PER_COMMUNITY = 25
COMMUNITIES_PER_STREET = 4
FRAME = (1920, 1080)
FOCAL_PX = 1400.0


def codes(count: int) -> Iterator[CellId]:
    """Codes of one district, community after community."""
    for number in range(count):
        community = number // PER_COMMUNITY
        street, within = divmod(community, COMMUNITIES_PER_STREET)
        yield CellId(f"510104{street + 1:03d}{within + 1:03d}{number % PER_COMMUNITY + 1:03d}")


def corner(number: int, count: int) -> Point:
    """South-west corner of a grid, lon/lat: communities are blocks of five by five."""
    across = max(1, round(math.sqrt(count / PER_COMMUNITY)))
    community, within = divmod(number, PER_COMMUNITY)
    column = (community % across) * 5 + within % 5
    row = (community // across) * 5 + within // 5
    return Point(WEST + column * SIDE, SOUTH + row * SIDE)


def features(count: int) -> dict[CellId, dict[str, Any]]:
    """GeoJSON features of the city's grids."""
    found = {}
    for number, code in enumerate(codes(count)):
        at = corner(number, count)
        x0, y0, x1, y1 = (round(each, 7) for each in (at.x, at.y, at.x + SIDE, at.y + SIDE))
        ring = [[x0, y0], [x1, y0], [x1, y1], [x0, y1], [x0, y0]]
        found[code] = {
            "type": "Feature",
            "properties": {
                "code": code,
                "name": f"第{number + 1}格",
                "zone": ("strict", "controlled", "general")[number % 3],
                "units": {"exposed_garbage": "环卫一所"},
            },
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
    return found


def view_from(foot: Point, heading_deg: float, height_m: float = 8.0, pitch_deg: float = 25.0) -> dict[str, Any]:
    """A ``[cameras.view]`` of a pin-hole camera above ``foot`` (lon/lat): six marks, exactly where it sees them."""
    plane = LocalPlane.at(foot)
    points = []
    for u, v in ((200, 700), (960, 600), (1700, 700), (300, 1050), (1000, 900), (1650, 1050)):
        ground = plane.to_lonlat(ground_of(u, v, heading_deg, height_m, pitch_deg))
        points.append({"pixel": [u, v], "lonlat": [ground.x, ground.y]})
    return {"frame_size": list(FRAME), "control_points": points}


def ground_of(u: float, v: float, heading_deg: float, height_m: float, pitch_deg: float) -> Point:
    """Where a pixel looks, metres east and north of the camera's foot."""
    heading, pitch = math.radians(heading_deg), math.radians(pitch_deg)
    x, y = (u - FRAME[0] / 2) / FOCAL_PX, (v - FRAME[1] / 2) / FOCAL_PX
    ahead = math.cos(pitch) - y * math.sin(pitch)
    down = math.sin(pitch) + y * math.cos(pitch)
    far = height_m / down
    east = (math.sin(heading) * ahead + math.cos(heading) * x) * far
    north = (math.cos(heading) * ahead - math.sin(heading) * x) * far
    return Point(east, north)
