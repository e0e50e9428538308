"""Drawn areas: on the ground in metres, in the picture in pixels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import GridError
from core.geometry import Box, Point
from grid.areas import AreaIndex, box_outline, ground_area, picture_region
from grid.plane import LocalPlane

ORIGIN = Point(104.08, 30.65)
PLANE = LocalPlane.at(ORIGIN)


def lonlat(east_m: float, north_m: float) -> tuple[float, float]:
    at = PLANE.to_lonlat(Point(east_m, north_m))
    return (at.x, at.y)


def square(side_m: float, east_m: float = 0.0, north_m: float = 0.0) -> tuple[tuple[float, float], ...]:
    west, south, east, north = east_m, north_m, east_m + side_m, north_m + side_m
    return (lonlat(west, south), lonlat(east, south), lonlat(east, north), lonlat(west, north))


def ring(corners: tuple[tuple[float, float], ...]) -> tuple[Point, ...]:
    return tuple(Point(*corner) for corner in (*corners, corners[0]))


def test_an_area_tells_its_size_and_how_far_outside_a_place_is() -> None:
    area = ground_area([square(100)], "permit")
    assert area.area_m2 == pytest.approx(10_000, rel=1e-3)
    assert area.distance_m(Point(*lonlat(50, 50))) == 0.0
    assert area.distance_m(Point(*lonlat(107, 50))) == pytest.approx(7, abs=0.02)


def test_a_hole_is_outside() -> None:
    area = ground_area([square(100), square(20, 40, 40)], "permit")
    assert area.distance_m(Point(*lonlat(50, 50))) == pytest.approx(10, abs=0.02)


@given(st.floats(-150, 150), st.floats(-150, 150))
def test_the_share_of_a_cell_is_that_of_overlapping_squares(east: float, north: float) -> None:
    area = ground_area([square(100)], "permit")
    overlap = max(0.0, 100 - abs(east)) * max(0.0, 100 - abs(north)) / 10_000
    assert area.share_of(ring(square(100, east, north))) == pytest.approx(overlap, abs=1e-3)


def test_an_outline_that_crosses_itself_is_measured_all_the_same() -> None:
    area = ground_area([square(100)], "permit")
    a, b, c, d = square(100)
    assert 0.0 < area.share_of(ring((a, c, b, d))) <= 1.0
    assert area.share_of(ring((a, a, a, a))) == 0.0


@pytest.mark.parametrize(
    ("rings", "told"),
    [
        ([], "1 outline"),
        ([square(100)[:2]], "3 corners"),
        ([[(30.65, 104.08), (30.66, 104.08), (30.66, 104.09)]], "swapped"),
        ([square(25_000)], "km"),
        ([square(0.1)], "m²"),
        ([[lonlat(i, 0) for i in range(2001)]], "2000 corners"),
        ([[(float("nan"), 30.0), (104.0, 30.0), (104.0, 31.0)]], "finite"),
    ],
    ids=["nothing", "a line", "swapped", "too large", "too small", "too many corners", "not a number"],
)
def test_an_area_that_cannot_be_is_refused(rings: list[list[tuple[float, float]]], told: str) -> None:
    with pytest.raises(GridError, match=told) as refusal:
        ground_area(rings, "permit 临占-1")
    assert "permit 临占-1" in str(refusal.value)


def test_the_index_finds_the_areas_near_a_place_in_their_order() -> None:
    areas = [ground_area([square(10, 100 * number, 0)], "a") for number in range(20)]
    index = AreaIndex(areas)
    assert index.near([Point(*lonlat(305, 5))]) == (3,)
    assert index.near([Point(*lonlat(312, 5))]) == ()
    assert index.near([Point(*lonlat(312, 5))], margin_m=3) == (3,)
    assert index.near([Point(*lonlat(105, 5)), Point(*lonlat(305, 5))]) == (1, 2, 3)
    assert index.near([]) == ()
    assert AreaIndex([]).near([Point(*lonlat(0, 0))]) == ()


def test_a_region_tells_how_much_of_a_box_lies_in_it() -> None:
    region = picture_region(
        [((0, 0), (100, 0), (100, 100), (0, 100)), ((50, 50), (150, 50), (150, 150), (50, 150))], "s"
    )
    assert region.share_of(Box(10, 10, 20, 20)) == 1.0
    assert region.share_of(Box(90, 0, 110, 40)) == pytest.approx(0.5)
    assert region.share_of(Box(90, 90, 110, 110)) == pytest.approx(1.0)
    assert region.share_of(Box(300, 300, 310, 310)) == 0.0
    assert (region.share_of(Box(50, 50, 50, 60)), region.share_of(Box(500, 50, 500, 60))) == (1.0, 0.0)


@pytest.mark.parametrize(
    "polygons",
    [[], [((0, 0), (1, 1))], [((0, 0), (10, 10), (10, 0), (0, 10))], [((0, 0), (float("inf"), 0), (9, 9))]],
    ids=["none", "two corners", "crossing", "infinite"],
)
def test_a_region_that_cannot_be_is_refused(polygons: list[tuple[tuple[float, float], ...]]) -> None:
    with pytest.raises(GridError, match="suppression"):
        picture_region(polygons, "suppression")


@given(st.floats(-1000, 4000), st.floats(-1000, 4000), st.floats(0, 2000), st.floats(0, 2000), st.floats(0, 2))
def test_a_box_lies_wholly_in_the_region_made_of_it(
    x: float, y: float, wide: float, high: float, margin: float
) -> None:
    box = Box(x, y, x + wide, y + high)
    assert picture_region([box_outline(box, margin)], "s").share_of(box) == pytest.approx(1.0)
