"""The datums of China's maps, against the points that every implementation is tested with."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.geometry import Point
from grid.datum import Datum, from_datum, is_shifted, to_datum

KNOWN = [
    pytest.param(Datum.GCJ02, (121.5272106, 31.1774276), (121.531541859215, 31.17530398364597), id="Shanghai"),
    pytest.param(Datum.GCJ02, (113.912316, 22.543847), (113.9171764808363, 22.540796131694766), id="Shenzhen"),
    pytest.param(Datum.GCJ02, (116.377817, 39.911954), (116.38404722455657, 39.91334545536069), id="Beijing"),
    pytest.param(Datum.GCJ02, (116.404, 39.915), (116.41024449916938, 39.91640428150164), id="Beijing, the square"),
    pytest.param(Datum.BD09, (116.404, 39.915), (116.41662724378733, 39.922699552216216), id="Baidu, the square"),
]
ABROAD = [(2.2945, 48.8584), (-74.0445, 40.6892), (139.7454, 35.6586), (151.2153, -33.8568)]
CHINA = {"lon": st.floats(73.0, 135.0), "lat": st.floats(3.9, 53.5)}


def metres(one: Point, other: Point) -> float:
    east = math.radians(one.x - other.x) * math.cos(math.radians(one.y))
    return 6_371_000 * math.hypot(east, math.radians(one.y - other.y))


@pytest.mark.parametrize(("datum", "place", "shown"), KNOWN)
def test_a_known_place_is_where_the_published_formula_puts_it(
    datum: Datum, place: tuple[float, float], shown: tuple[float, float]
) -> None:
    assert metres(to_datum(Point(*place), datum), Point(*shown)) < 0.001
    assert metres(from_datum(Point(*shown), datum), Point(*place)) < 0.001


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
@given(**CHINA)
def test_there_and_back_again_is_the_same_place_to_half_a_metre(datum: Datum, lon: float, lat: float) -> None:
    place = Point(lon, lat)
    assert metres(from_datum(to_datum(place, datum), datum), place) < 0.5


@given(**CHINA)
def test_inside_china_the_shift_is_tens_to_hundreds_of_metres(lon: float, lat: float) -> None:
    place = Point(lon, lat)
    assert is_shifted(place)
    assert 20 < metres(to_datum(place, Datum.GCJ02), place) < 1500


@pytest.mark.parametrize("place", ABROAD)
def test_abroad_nothing_is_shifted_to_gcj02(place: tuple[float, float]) -> None:
    assert to_datum(Point(*place), Datum.GCJ02) == Point(*place)
    assert from_datum(Point(*place), Datum.GCJ02) == Point(*place)


def test_wgs84_is_left_alone_anywhere() -> None:
    assert to_datum(Point(104.08, 30.65), Datum.WGS84) == Point(104.08, 30.65)
    assert from_datum(Point(104.08, 30.65), Datum.WGS84) == Point(104.08, 30.65)


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
def test_the_way_back_ends_at_the_rectangles_edge_too(datum: Datum) -> None:
    for lon, lat in ((72.004, 30.0), (137.8347, 30.0), (100.0, 0.8293), (100.0, 55.8271)):
        found = from_datum(Point(lon, lat), datum)
        assert metres(found, Point(lon, lat)) < 3000
