"""Tiles laid under the flat map of one place."""

import math

import pytest

from core.geometry import Point
from grid.datum import Datum, to_datum
from grid.plane import LocalPlane
from grid.tile_plane import tile_plane
from grid.web_mercator import to_mercator

CHENGDU, HARBIN, SANYA = Point(104.066, 30.66), Point(126.63, 45.75), Point(109.5, 18.25)


@pytest.mark.parametrize(("datum", "most_m"), [(Datum.WGS84, 0.05), (Datum.GCJ02, 0.05), (Datum.BD09, 0.5)])
@pytest.mark.parametrize("centre", [CHENGDU, HARBIN, SANYA], ids=["Chengdu", "Harbin", "Sanya"])
def test_within_300_m_it_says_where_the_tiles_show_a_place(centre: Point, datum: Datum, most_m: float) -> None:
    found, plane = tile_plane(centre, datum), LocalPlane.at(centre)
    for turn in range(12):
        east, north = 300 * math.cos(turn), 300 * math.sin(turn)
        right = to_mercator(to_datum(plane.to_lonlat(Point(east, north)), datum))
        off = Point(
            found.origin.x + found.east.x * east + found.north.x * north - right.x,
            found.origin.y + found.east.y * east + found.north.y * north - right.y,
        )
        assert math.hypot(off.x, off.y) * math.cos(math.radians(centre.y)) < most_m


def test_the_shift_of_a_public_map_is_hundreds_of_metres() -> None:
    right, wrong = tile_plane(CHENGDU, Datum.GCJ02), tile_plane(CHENGDU, Datum.WGS84)
    assert 200 < math.dist((right.origin.x, right.origin.y), (wrong.origin.x, wrong.origin.y)) < 900
