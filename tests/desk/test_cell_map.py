from itertools import pairwise

import pytest

from core.geometry import Point
from core.ids import CellId
from desk.cell_facts import CellFacts
from desk.cell_map import HEIGHT, SCALE_STEPS_M, WIDTH, draw_cell
from tests.desk.street import CELL, feature_of


def known_cell() -> CellFacts:
    feature = feature_of(CELL)
    assert feature is not None
    return CellFacts.from_feature(feature)


def corners(points: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in points.split())]


def test_north_is_up_and_the_cell_lies_within_the_picture() -> None:
    drawn = draw_cell(known_cell())
    assert drawn is not None
    south_west, south_east, north_east, *_ = corners(drawn.outline)
    assert south_west[0] < south_east[0]
    assert north_east[1] < south_east[1]
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in corners(drawn.outline))


def test_the_scale_bar_is_as_long_as_it_says() -> None:
    drawn = draw_cell(known_cell())
    assert drawn is not None
    south_west, south_east, *_ = corners(drawn.outline)
    width_m = 95.77  # 0.001 degrees of longitude at 30.6554 degrees north, on a sphere of 111.32 km a degree
    units_per_m = (south_east[0] - south_west[0]) / width_m
    assert drawn.scale_units / drawn.scale_m == pytest.approx(units_per_m, rel=0.01)
    assert drawn.scale_m in SCALE_STEPS_M


def test_grid_lines_stand_one_scale_length_apart() -> None:
    drawn = draw_cell(known_cell())
    assert drawn is not None
    assert all(b - a == pytest.approx(drawn.scale_units, abs=0.11) for a, b in pairwise(drawn.grid_x))


def test_a_camera_outside_the_cell_is_brought_into_the_picture() -> None:
    drawn = draw_cell(known_cell(), spot=Point(104.0805, 30.6554), camera=Point(104.0825, 30.6554))
    assert drawn is not None
    assert drawn.camera is not None
    assert drawn.spot is not None
    assert 0 <= drawn.camera.x <= WIDTH
    assert drawn.camera.x > drawn.spot.x


def test_neighbours_are_drawn_but_the_cell_itself_only_once() -> None:
    cell = known_cell()
    next_door = CellFacts(CellId("510104001001002"), outline=tuple(Point(p.x + 0.001, p.y) for p in cell.outline))
    drawn = draw_cell(cell, neighbours=(cell, next_door))
    assert drawn is not None
    assert len(drawn.neighbours) == 1


@pytest.mark.parametrize("outline", [(), (Point(104.08, 30.65),), (Point(104.08, 30.65), Point(104.09, 30.65))])
def test_a_cell_without_an_area_has_no_map(outline: tuple[Point, ...]) -> None:
    assert draw_cell(CellFacts(CellId(CELL), outline=outline)) is None


@pytest.mark.parametrize("size_deg", [1e-9, 1e-6, 0.5])
def test_a_cell_of_any_size_fits(size_deg: float) -> None:
    ring = (Point(104.0, 30.0), Point(104.0 + size_deg, 30.0), Point(104.0, 30.0 + size_deg))
    drawn = draw_cell(CellFacts(CellId(CELL), outline=ring))
    assert drawn is not None
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in corners(drawn.outline))
    assert len(drawn.grid_x) < 1000


def test_a_cell_of_several_parts_shows_its_first() -> None:
    feature = feature_of(CELL)
    assert feature is not None
    several = {**feature, "geometry": {"type": "MultiPolygon", "coordinates": [feature["geometry"]["coordinates"]]}}
    assert CellFacts.from_feature(several).outline == known_cell().outline


def test_a_feature_without_properties_or_geometry_is_an_empty_cell() -> None:
    assert CellFacts.from_feature({"properties": None, "geometry": None}) == CellFacts(CellId(""))
