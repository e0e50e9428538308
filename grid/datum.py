"""China's map datums: WGS-84 as GPS and our grids have it, GCJ-02 of the public web maps, BD-09 of Baidu's.

By law a map published in China is shifted against WGS-84 by 100 to 700 m, by a formula that is not linear. What is
here is the formula as it has been published again and again since 2010; there is no official text. CGCS2000 is within
centimetres of WGS-84 and taken for it. Outside a rectangle around China nothing is shifted. BD-09 is GCJ-02 once more
shifted. The way back has no formula; it is found by iteration.
"""

import math
from enum import StrEnum

from core.geometry import Point

# Krasovsky 1940, which the formula uses whatever the map uses.
_SEMI_MAJOR_M = 6_378_245.0
_ECCENTRICITY_SQUARED = 0.006_693_421_622_965_943_23
_CENTRE = Point(105.0, 35.0)
_LON_RANGE = (72.004, 137.8347)
_LAT_RANGE = (0.8293, 55.8271)

_BD_TURNS = math.pi * 3000.0 / 180.0
_BD_SHIFT = Point(0.0065, 0.006)

_CLOSE_ENOUGH_DEG = 1e-10
"""A hundredth of a millimetre."""
_MOST_STEPS = 40


class Datum(StrEnum):
    """What a map's longitudes and latitudes mean."""

    WGS84 = "wgs84"
    """GPS, OpenStreetMap; also CGCS2000, as 天地图 has it."""
    GCJ02 = "gcj02"
    """高德, 腾讯."""
    BD09 = "bd09"
    """百度."""


def to_datum(place: Point, datum: Datum) -> Point:
    """Where a map of that datum shows a place (WGS-84 lon/lat, degrees)."""
    if datum is Datum.WGS84:
        return place
    shifted = _to_gcj02(place)
    return shifted if datum is Datum.GCJ02 else _to_bd09(shifted)


def from_datum(shown: Point, datum: Datum) -> Point:
    """The place (WGS-84 lon/lat, degrees) that a map of that datum shows there; to a millimetre inside China.

    Across the edge of the rectangle, where the shift begins at once, the nearest that iteration finds.
    """
    guess = shown
    for _ in range(_MOST_STEPS):
        found = to_datum(guess, datum)
        off = Point(found.x - shown.x, found.y - shown.y)
        if max(abs(off.x), abs(off.y)) < _CLOSE_ENOUGH_DEG:
            break
        guess = Point(guess.x - off.x, guess.y - off.y)
    return guess


def is_shifted(place: Point) -> bool:
    """Whether China's maps shift this place: it lies in the formula's rectangle."""
    return _LON_RANGE[0] <= place.x <= _LON_RANGE[1] and _LAT_RANGE[0] <= place.y <= _LAT_RANGE[1]


def _to_gcj02(place: Point) -> Point:
    if not is_shifted(place):
        return place
    x, y = place.x - _CENTRE.x, place.y - _CENTRE.y
    north_m, east_m = _north_m(x, y), _east_m(x, y)
    latitude = math.radians(place.y)
    squeeze = 1.0 - _ECCENTRICITY_SQUARED * math.sin(latitude) ** 2
    meridian_m = _SEMI_MAJOR_M * (1.0 - _ECCENTRICITY_SQUARED) / (squeeze * math.sqrt(squeeze))
    parallel_m = _SEMI_MAJOR_M / math.sqrt(squeeze) * math.cos(latitude)
    return Point(place.x + math.degrees(east_m / parallel_m), place.y + math.degrees(north_m / meridian_m))


def _north_m(x: float, y: float) -> float:
    return (
        -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * math.sqrt(abs(x))
        + _waves((20.0, 6.0 * x), (20.0, 2.0 * x))
        + _waves((20.0, y), (40.0, y / 3.0))
        + _waves((160.0, y / 12.0), (320.0, y / 30.0))
    )


def _east_m(x: float, y: float) -> float:
    return (
        300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * math.sqrt(abs(x))
        + _waves((20.0, 6.0 * x), (20.0, 2.0 * x))
        + _waves((20.0, x), (40.0, x / 3.0))
        + _waves((150.0, x / 12.0), (300.0, x / 30.0))
    )


def _waves(*parts: tuple[float, float]) -> float:
    """Two thirds of sines: (height, half turns)."""
    return math.fsum(height * math.sin(half_turns * math.pi) for height, half_turns in parts) * 2.0 / 3.0


def _to_bd09(shifted: Point) -> Point:
    distance = math.hypot(shifted.x, shifted.y) + 0.00002 * math.sin(shifted.y * _BD_TURNS)
    angle = math.atan2(shifted.y, shifted.x) + 0.000003 * math.cos(shifted.x * _BD_TURNS)
    return Point(distance * math.cos(angle) + _BD_SHIFT.x, distance * math.sin(angle) + _BD_SHIFT.y)
