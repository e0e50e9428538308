"""A layer of squares around a place: as many as asked for, side by side, of the size asked for."""

import json

import pytest

from core.errors import GridError
from core.geometry import Point
from core.ids import CellId
from grid.cells import CityGrid, load_geojson
from grid.ground import ground_of
from grid.plane import LocalPlane
from grid.squares import square_layer

MIDDLE = Point(104.081, 30.657)


@pytest.mark.parametrize("side", [1, 2, 3, 20])
def test_every_square_is_a_unit_grid_and_none_overlaps(side: int) -> None:
    city = load_geojson(json.dumps(square_layer(MIDDLE, side, 100.0, "990000001001", "春熙路")))
    assert len(city) == side * side
    assert city.cell_at(MIDDLE) is not None


def test_a_square_is_as_long_as_asked_for() -> None:
    city = load_geojson(json.dumps(square_layer(MIDDLE, 3, 50.0, "990000001001", "x")))
    plane = LocalPlane.at(MIDDLE)
    ring = [plane.to_metres(place) for place in city.ring_of(CellId("990000001001005"))]
    assert max(at.x for at in ring) - min(at.x for at in ring) == pytest.approx(50.0, abs=0.05)
    assert max(at.y for at in ring) - min(at.y for at in ring) == pytest.approx(50.0, abs=0.05)


@pytest.mark.parametrize(
    ("middle", "side", "cell_m", "told"),
    [
        pytest.param(Point(30.657, 104.081), 3, 100.0, "swapped", id="lat first"),
        pytest.param(MIDDLE, 0, 100.0, "cells_a_side", id="none"),
        pytest.param(MIDDLE, 21, 100.0, "cells_a_side", id="too many"),
        pytest.param(MIDDLE, 3, 1.0, "cell_m", id="too small"),
    ],
)
def test_what_cannot_be_is_refused_with_the_mend(middle: Point, side: int, cell_m: float, told: str) -> None:
    with pytest.raises(GridError, match=told):
        square_layer(middle, side, cell_m, "990000001001", "x")


def test_an_installation_without_a_grid_has_no_cell_anywhere() -> None:
    city = CityGrid.empty()
    assert len(city) == 0
    assert city.cell_at(MIDDLE) is None
    assert city.cells_near(MIDDLE, 500.0) == frozenset()
    assert ground_of(city)() is city
