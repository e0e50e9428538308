"""Where web map tiles lie on the flat map around one place: the datum's shift and the projection's stretch, as lines.

Within 300 m both are so nearly straight that one affine map says it to 5 cm, of BD-09 to half a metre (a test holds
that).
"""

from dataclasses import dataclass

from core.geometry import Point
from grid.datum import Datum, to_datum
from grid.plane import LocalPlane
from grid.web_mercator import to_mercator

_STEP_M = 200.0


@dataclass(frozen=True, slots=True)
class TilePlane:
    """From metres east and north of a place to the tiles' Web Mercator metres."""

    origin: Point
    """Where the tiles show the place itself, Web Mercator metres."""
    east: Point
    """Web Mercator metres for each metre east on the ground."""
    north: Point
    """Likewise for each metre north."""


def tile_plane(centre: Point, datum: Datum) -> TilePlane:
    """The tiles around a place.

    Args:
        centre: WGS-84 lon/lat, degrees.
        datum: what the tiles' coordinates mean.
    """
    plane = LocalPlane.at(centre)

    def shown(east_m: float, north_m: float) -> Point:
        return to_mercator(to_datum(plane.to_lonlat(Point(east_m, north_m)), datum))

    return TilePlane(
        shown(0.0, 0.0),
        _slope(shown(-_STEP_M, 0.0), shown(_STEP_M, 0.0)),
        _slope(shown(0.0, -_STEP_M), shown(0.0, _STEP_M)),
    )


def _slope(one: Point, other: Point) -> Point:
    return Point((other.x - one.x) / (2 * _STEP_M), (other.y - one.y) / (2 * _STEP_M))
