"""What the map draws of the ground: cameras' views, communities and streets, and how much is covered."""

import json
import math

import pytest

from core.geometry import Point
from core.ids import CellId
from grid.cells import CityGrid, load_geojson
from grid.city_layout import CityLayout
from grid.codes import Level
from grid.fields_of_view import FieldOfView, field_of_view
from grid.plane import LocalPlane
from grid.views import ViewSpec
from grid.web_mercator import from_mercator, to_mercator
from tests.grid.wide_city import FRAME, SIDE, SOUTH, WEST, corner, features, ground_of, view_from

FOOT = Point(104.0605, 30.6305)


def city(count: int) -> CityGrid:
    return load_geojson(json.dumps({"type": "FeatureCollection", "features": list(features(count).values())}))


def metres(one: Point, other: Point) -> float:
    flat = LocalPlane.at(other).to_metres(one)
    return math.hypot(flat.x, flat.y)


@pytest.mark.parametrize("heading", [0, 60, 135, 250])
@pytest.mark.parametrize(("height", "pitch"), [(6.0, 20.0), (8.0, 35.0), (14.0, 50.0)])
def test_a_cameras_foot_and_view_are_found_from_its_control_points(heading: float, height: float, pitch: float) -> None:
    field = field_of_view(ViewSpec.model_validate(view_from(FOOT, heading, height, pitch)))
    assert field.foot is not None
    assert metres(field.foot, FOOT) < 0.5
    plane = LocalPlane.at(FOOT)
    near_left = plane.to_lonlat(ground_of(0, FRAME[1], heading, height, pitch))
    near_right = plane.to_lonlat(ground_of(FRAME[0], FRAME[1], heading, height, pitch))
    for corner_of_view in (near_left, near_right):
        assert min(metres(place, corner_of_view) for place in field.outline) < 0.5
    assert field.outline[0] == field.outline[-1]


def test_the_view_ends_where_a_pixel_reaches_too_far() -> None:
    level = view_from(FOOT, 0.0, 8.0, 5.0)
    near = field_of_view(ViewSpec.model_validate({**level, "max_m_per_px": 0.2}))
    far = field_of_view(ViewSpec.model_validate({**level, "max_m_per_px": 2.0}))
    reach = [max(metres(place, FOOT) for place in each.outline) for each in (near, far)]
    assert 10 < reach[0] < reach[1] < 300


def test_regions_tell_which_grids_are_seen_and_not_where() -> None:
    regions = [{"cell": cell, "polygon": [[0, 0], [9, 0], [9, 9]]} for cell in ("510104001001001", "510104001001002")]
    field = field_of_view(ViewSpec.model_validate({"regions": regions}))
    assert field == FieldOfView(cells=(CellId("510104001001001"), CellId("510104001001002")))
    assert field_of_view(ViewSpec()) == FieldOfView()


def test_communities_streets_and_districts_are_put_together_from_their_grids() -> None:
    layout = CityLayout(city(200))
    areas = {area.code: area for area in layout.areas()}
    assert [area.level for area in areas.values()].count(Level.COMMUNITY) == 8
    assert [area.level for area in areas.values()].count(Level.STREET) == 2
    assert areas["510104"].grids == 200
    community = areas["510104001001"]
    assert (community.grids, len(community.rings)) == (25, 1)
    west, south = min(place.x for place in community.rings[0]), min(place.y for place in community.rings[0])
    assert west == pytest.approx(WEST, abs=2e-5)
    assert south == pytest.approx(SOUTH, abs=2e-5)
    assert max(place.x for place in community.rings[0]) == pytest.approx(WEST + 5 * SIDE, abs=2e-5)
    assert WEST < community.label.x < WEST + 5 * SIDE


def test_an_area_whose_grids_lie_apart_has_several_rings() -> None:
    apart = {code: feature for number, (code, feature) in enumerate(features(25).items()) if number in (0, 24)}
    grid = load_geojson(json.dumps({"type": "FeatureCollection", "features": list(apart.values())}))
    assert len(next(area for area in CityLayout(grid).areas() if area.level is Level.COMMUNITY).rings) == 2


def test_covered_is_the_share_of_a_grid_that_views_show_together_and_never_twice() -> None:
    layout = CityLayout(city(25))
    at = corner(12, 25)
    half = (at, Point(at.x + SIDE / 2, at.y), Point(at.x + SIDE / 2, at.y + SIDE), Point(at.x, at.y + SIDE), at)
    code = list(features(25))[12]
    once = layout.cover([FieldOfView(outline=half)])[code]
    twice = layout.cover([FieldOfView(outline=half), FieldOfView(outline=half)])[code]
    assert once.share == pytest.approx(0.5, abs=0.01)
    assert (once.cameras, twice.cameras) == (1, 2)
    assert twice.share == pytest.approx(once.share)
    assert layout.cover([FieldOfView(cells=(code,))])[code].share == 0.0
    assert layout.cover([FieldOfView(cells=(CellId("510104999999999"),))]) == {}
    assert layout.cover([]) == {}


def test_the_projection_of_web_maps_goes_there_and_back() -> None:
    for place in (FOOT, Point(0.0, 0.0), Point(-179.9, -60.0)):
        back = from_mercator(to_mercator(place))
        assert back.x == pytest.approx(place.x)
        assert back.y == pytest.approx(place.y)
    assert to_mercator(Point(180.0, 0.0)).x == pytest.approx(20_037_508.34, abs=0.01)
    assert to_mercator(Point(0.0, 85.05112878)).y == pytest.approx(20_037_508.34, abs=0.5)
