"""The projection of web maps (EPSG:3857): degrees to metres on a square world, and back."""

import math

from core.geometry import Point

RADIUS_M = 6_378_137.0
HIGHEST_LATITUDE = 85.051_128_78
"""The square ends there."""


def to_mercator(lonlat: Point) -> Point:
    """Metres, x east and y north; longer than on the ground by 1 / cos(latitude)."""
    latitude = math.radians(max(-HIGHEST_LATITUDE, min(HIGHEST_LATITUDE, lonlat.y)))
    return Point(RADIUS_M * math.radians(lonlat.x), RADIUS_M * math.asinh(math.tan(latitude)))


def from_mercator(metres: Point) -> Point:
    """Lon/lat in degrees."""
    return Point(math.degrees(metres.x / RADIUS_M), math.degrees(math.atan(math.sinh(metres.y / RADIUS_M))))
