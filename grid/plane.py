"""Degrees and metres: a flat map around one place, and the check that a position is lon/lat at all."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import GridError
from core.geometry import Point

# WGS-84; CGCS2000 differs by 0.1 mm in the semi-minor axis.
_SEMI_MAJOR_M = 6_378_137.0
_ECCENTRICITY_SQUARED = 0.006_694_379_990_14

# Mainland China with a margin, lon then lat in degrees: only used to tell swapped coordinates.
_LON_RANGE = (73.0, 136.0)
_LAT_RANGE = (3.0, 54.0)


@dataclass(frozen=True, slots=True)
class LocalPlane:
    """An equirectangular map in metres around an origin (lon/lat): x east, y north.

    Affine in lon/lat, so straight edges stay straight. Lengths are right to about 0.1 % within
    10 km of the origin's latitude.
    """

    origin: Point
    m_per_degree_lon: float
    m_per_degree_lat: float

    @classmethod
    def at(cls, origin: Point) -> "LocalPlane":
        sine = math.sin(math.radians(origin.y))
        squeeze = 1.0 - _ECCENTRICITY_SQUARED * sine * sine
        normal_m = _SEMI_MAJOR_M / math.sqrt(squeeze)
        meridian_m = normal_m * (1.0 - _ECCENTRICITY_SQUARED) / squeeze
        degree = math.radians(1.0)
        return cls(origin, normal_m * math.cos(math.radians(origin.y)) * degree, meridian_m * degree)

    @classmethod
    def around(cls, places: Sequence[Point]) -> "LocalPlane":
        """A plane around the mean of some places (lon/lat)."""
        return cls.at(
            Point(
                math.fsum(place.x for place in places) / len(places),
                math.fsum(place.y for place in places) / len(places),
            )
        )

    def to_metres(self, lonlat: Point) -> Point:
        return Point(
            (lonlat.x - self.origin.x) * self.m_per_degree_lon,
            (lonlat.y - self.origin.y) * self.m_per_degree_lat,
        )

    def to_lonlat(self, metres: Point) -> Point:
        return Point(
            self.origin.x + metres.x / self.m_per_degree_lon,
            self.origin.y + metres.y / self.m_per_degree_lat,
        )


def check_lonlat(lon: float, lat: float, where: str) -> Point:
    """The position as a point, once it can be longitude, latitude in degrees.

    Raises:
        GridError: not finite, swapped, or out of range (projected metres); ``where`` names the feature.
    """
    if not (math.isfinite(lon) and math.isfinite(lat)):
        raise GridError(f"{where}: position [{lon}, {lat}] is not finite; write degrees as [lon, lat]")
    beyond_pole = abs(lat) > 90.0 and abs(lat) <= 180.0 and abs(lon) <= 90.0
    if beyond_pole or (not _in_china(lon, lat) and _in_china(lat, lon)):
        raise GridError(
            f"{where}: position [{lon}, {lat}]: coordinates look swapped: expected [lon, lat], "
            f"did you mean [{lat}, {lon}]?"
        )
    if abs(lat) > 90.0 or abs(lon) > 180.0:
        raise GridError(
            f"{where}: position [{lon}, {lat}] is not in degrees; "
            "convert projected metres to WGS-84 or CGCS2000 [lon, lat] first"
        )
    return Point(lon, lat)


def _in_china(lon: float, lat: float) -> bool:
    return _LON_RANGE[0] <= lon <= _LON_RANGE[1] and _LAT_RANGE[0] <= lat <= _LAT_RANGE[1]
