"""The ground drawn into the picture: the way back of a homography, cut at the camera and at the picture's edges."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.geometry import Point
from grid.projection import area_of
from tests.desk.calibration_street import SIZE, homography, street

metres = st.floats(-15, 15)


@given(east=metres, north=st.floats(-19, 60))
def test_a_place_comes_back_from_its_pixel(east: float, north: float) -> None:
    pixel = street().to_pixel(Point(east, north))
    assert pixel is not None
    place = homography().to_ground(pixel)
    assert place is not None
    assert math.dist((place.x, place.y), (east, north)) < 1e-6


def test_what_lies_behind_the_camera_is_not_drawn() -> None:
    assert street().to_pixel(Point(0, -500)) is None
    assert street().outline([Point(-5, -400), Point(5, -400), Point(5, -390), Point(-5, -390)], SIZE) == ()


def test_a_cell_that_reaches_behind_the_camera_is_cut_at_the_pictures_edges() -> None:
    outline = street().outline([Point(-50, -300), Point(50, -300), Point(50, 60), Point(-50, 60)], SIZE)
    assert all(-1e-6 <= at.x <= SIZE[0] + 1e-6 and -1e-6 <= at.y <= SIZE[1] + 1e-6 for at in outline)
    assert max(at.y for at in outline) == pytest.approx(SIZE[1])
    assert abs(area_of(outline)) > 0.4 * SIZE[0] * SIZE[1]


def test_a_cell_inside_the_picture_keeps_its_four_corners() -> None:
    outline = street().outline([Point(-4, 0), Point(4, 0), Point(4, 8), Point(-4, 8), Point(-4, 0)], SIZE)
    assert len(outline) == 4
    assert outline == tuple(street().to_pixel(Point(*at)) for at in ((-4, 0), (4, 0), (4, 8), (-4, 8)))
