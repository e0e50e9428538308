"""Checked polygons: what shapely says about a ring, in words that name the place."""

import re
from collections.abc import Sequence

import shapely
from shapely.geometry import Polygon

from core.errors import GridError
from core.geometry import Point

_REASON = re.compile(r"(?P<reason>[^\[]+?)\s*(?:\[(?P<x>\S+) (?P<y>\S+)\])?")
_CROSSINGS = frozenset({"Self-intersection", "Ring Self-intersection"})


def check_polygon(ring: Sequence[Point], holes: Sequence[Sequence[Point]], where: str) -> Polygon:
    """A polygon whose rings neither cross nor touch themselves, in the unit of its points.

    Raises:
        GridError: the polygon is not valid; the text carries the reason and the place.
    """
    polygon = Polygon(_pairs(ring), [_pairs(hole) for hole in holes])
    if shapely.convex_hull(polygon).area == 0.0:
        raise GridError(f"{where}: the polygon has no area; its corners lie on one line")
    if shapely.is_valid(polygon):
        return polygon
    text = str(shapely.is_valid_reason(polygon))
    match = _REASON.fullmatch(text)
    reason, place = text, ""
    if match is not None:
        reason = match["reason"]
        place = f" near [{match['x']}, {match['y']}]" if match["x"] else ""
    if reason in _CROSSINGS:
        raise GridError(f"{where}: the ring crosses itself{place}; put its corners in order around the edge")
    raise GridError(f"{where}: the polygon is not valid: {reason.lower()}{place}; draw it again")


def _pairs(ring: Sequence[Point]) -> list[tuple[float, float]]:
    return [(point.x, point.y) for point in ring]
