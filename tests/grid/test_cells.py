"""Which cell a place lies in."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import GridError
from core.geometry import Point
from core.ids import CellId
from grid.cells import CityGrid, Zone
from grid.plane import LocalPlane, check_lonlat
from tests.grid.city import city, code, place

CITY = city(2, 2)
FINE = city(2, 2, sub_cell_m=20.0)


@given(st.floats(-50, 250), st.floats(-50, 250))
def test_a_place_lies_in_the_square_around_it(east_m: float, north_m: float) -> None:
    found = CITY.cell_at(place(east_m, north_m))
    if min(abs(at - edge) for at in (east_m, north_m) for edge in (0, 100, 200)) < 0.02:
        return
    inside = 0 < east_m < 200 and 0 < north_m < 200
    assert found == (code(int(north_m // 100), int(east_m // 100)) if inside else None)


def test_a_place_on_a_shared_edge_belongs_to_the_lower_code() -> None:
    assert CITY.cell_at(place(100, 50)) == code(0, 0)
    assert CITY.cell_at(place(100, 100)) == code(0, 0)
    assert CITY.cell_at(place(0, 0)) == code(0, 0)


def test_cells_near_are_those_within_the_margin_and_its_own() -> None:
    assert CITY.cells_near(place(98, 50), 3.0) == {code(0, 0), code(0, 1)}
    assert CITY.cells_near(place(96, 50), 3.0) == {code(0, 0)}
    assert CITY.cells_near(place(99, 99), 3.0) == {code(0, 0), code(0, 1), code(1, 0), code(1, 1)}
    assert CITY.cells_near(place(-2, 50), 3.0) == {code(0, 0)}
    assert CITY.cells_near(place(-4, 50), 3.0) == frozenset()
    assert CITY.cells_near(place(50, 50), 0.0) == {code(0, 0)}


@given(st.floats(1, 99), st.floats(1, 99))
def test_finer_cells_are_squares_counted_from_the_south_west(east_m: float, north_m: float) -> None:
    if min(abs(at % 20 - edge) for at in (east_m, north_m) for edge in (0, 20)) < 0.01:
        return
    cell = FINE.cell_at(place(east_m, north_m))
    assert cell == f"{code(0, 0)}/{int(north_m // 20)}-{int(east_m // 20)}"
    assert cell is not None
    assert cell in FINE
    ring = FINE.ring_of(cell)
    assert min(corner.x for corner in ring) <= place(east_m, north_m).x <= max(corner.x for corner in ring)


def test_finer_cells_near_an_edge_cross_into_the_next_unit_grid() -> None:
    one, other = code(0, 0), code(0, 1)
    assert FINE.cells_near(place(99, 50), 3.0) == {CellId(f"{one}/2-4"), CellId(f"{other}/2-0")}
    assert FINE.cells_near(place(79, 59), 3.0) == {CellId(f"{one}/{square}") for square in ("2-3", "2-4", "3-3", "3-4")}
    assert FINE.cells_near(place(50, 50), 3.0) == {CellId(f"{one}/2-2")}


def test_a_finer_cell_does_not_depend_on_the_other_unit_grids() -> None:
    assert city(1, 1, sub_cell_m=20.0).cell_at(place(55, 35)) == FINE.cell_at(place(55, 35))


def test_membership_asks_for_cells_of_the_set_size() -> None:
    assert code(0, 0) in CITY
    assert f"{code(0, 0)}/0-0" not in CITY
    assert f"{code(0, 0)}/0-0" in FINE
    assert code(0, 0) not in FINE
    assert f"{code(0, 0)}/9-9" not in FINE
    assert "nonsense" not in CITY
    assert 3 not in CITY
    assert code(7, 7) not in CITY


def test_a_cell_knows_its_unit_grid_zone_and_outline() -> None:
    cell = CellId(f"{code(0, 1)}/0-0")
    assert FINE.unit_of(cell).code == code(0, 1)
    assert FINE.zone_of(cell) is Zone.CONTROLLED
    assert CITY.ring_of(code(0, 1)) == CITY.unit_of(code(0, 1)).ring
    assert CITY.sub_cell_m is None
    assert FINE.sub_cell_m == 20.0


def test_an_unknown_cell_is_refused_with_the_nearest_known_one() -> None:
    with pytest.raises(GridError, match=f"no unit grid 510104001001009; the nearest known code is {code(0, 0)[:12]}"):
        CITY.unit_of(CellId("510104001001009"))


def test_unit_grids_are_listed_by_their_prefix() -> None:
    every = tuple(sorted(unit.code for unit in CITY))
    assert tuple(unit.code for unit in CITY.within("510104")) == every
    assert tuple(unit.code for unit in CITY.within("510104001001")) == every
    assert tuple(unit.code for unit in CITY.within(code(1, 0))) == (code(1, 0),)
    assert CITY.within("510105") == ()
    assert CITY.within("510105001001001") == ()
    assert len(CITY) == 4
    with pytest.raises(GridError, match="names no level"):
        CITY.within("5101")


@pytest.mark.parametrize("sub_cell_m", [0.0, -1.0, 1.0, math.nan, math.inf])
def test_squares_of_a_senseless_size_are_refused(sub_cell_m: float) -> None:
    with pytest.raises(GridError, match="sub_cell_m is"):
        city(1, 1, sub_cell_m=sub_cell_m)


def test_a_city_of_nothing_or_of_one_code_twice_is_refused() -> None:
    with pytest.raises(GridError, match="at least one"):
        CityGrid([])
    (unit,) = city(1, 1)
    with pytest.raises(GridError, match="occurs twice"):
        CityGrid([unit, unit])


@given(st.floats(-179, 179), st.floats(-80, 80), st.floats(-5000, 5000), st.floats(-5000, 5000))
def test_metres_and_degrees_are_inverse(lon: float, lat: float, east_m: float, north_m: float) -> None:
    plane = LocalPlane.at(Point(lon, lat))
    back = plane.to_metres(plane.to_lonlat(Point(east_m, north_m)))
    assert math.isclose(back.x, east_m, abs_tol=1e-4)
    assert math.isclose(back.y, north_m, abs_tol=1e-4)


def test_a_degree_is_as_long_as_the_ellipsoid_says() -> None:
    # WGS-84 at 30 degrees north: 110,852.4 m per degree of latitude, 96,486.3 m per degree of longitude.
    plane = LocalPlane.at(Point(104.0, 30.0))
    assert math.isclose(plane.m_per_degree_lat, 110_852.4, abs_tol=0.5)
    assert math.isclose(plane.m_per_degree_lon, 96_486.3, abs_tol=0.5)


@pytest.mark.parametrize(("lon", "lat"), [(30.65, 104.08), (31.2, 121.5), (-33.9, 151.2), (40.0, -120.0)])
def test_swapped_coordinates_are_recognised(lon: float, lat: float) -> None:
    with pytest.raises(GridError, match=r"coordinates look swapped: expected \[lon, lat\]"):
        check_lonlat(lon, lat, "feature 1")


@pytest.mark.parametrize(("lon", "lat"), [(104.08, 30.65), (121.5, 31.2), (-0.1, 51.5), (151.2, -33.9), (74.0, 40.0)])
def test_positions_in_order_are_accepted_anywhere(lon: float, lat: float) -> None:
    assert check_lonlat(lon, lat, "feature 1") == Point(lon, lat)


@pytest.mark.parametrize(("lon", "lat"), [(math.inf, 30.0), (104.0, math.nan)])
def test_a_position_that_is_not_finite_is_refused(lon: float, lat: float) -> None:
    with pytest.raises(GridError, match=r"feature 1: position .* is not finite"):
        check_lonlat(lon, lat, "feature 1")
