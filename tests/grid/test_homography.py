"""The linear solve and the homography it fits."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.geometry import Point
from grid.homography import fit_homography, has_four_corners, is_on_one_line
from grid.linear import solve_least_squares
from tests.grid.camera import Camera, cameras

NUMBERS = st.floats(-10, 10).map(lambda value: round(value, 3))


@given(st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=3, max_size=8), st.tuples(NUMBERS, NUMBERS, NUMBERS))
def test_a_system_that_has_a_solution_gives_it_back(rows: list[tuple[float, ...]], wanted: tuple[float, ...]) -> None:
    targets = [math.fsum(a * x for a, x in zip(row, wanted, strict=True)) for row in rows]
    solution = solve_least_squares(rows, targets, least_pivot=1e-6)
    if solution is not None:
        assert solution == pytest.approx(wanted, abs=1e-6)


def test_too_many_equations_meet_in_the_middle() -> None:
    assert solve_least_squares([[1.0], [1.0], [1.0]], [1.0, 2.0, 6.0]) == pytest.approx((3.0,))
    line = solve_least_squares([[0, 1], [1, 1], [2, 1]], [1, 3, 4])
    assert line == pytest.approx((1.5, 7 / 6))


@pytest.mark.parametrize(
    "matrix", [[[1.0, 2.0]], [[1.0, 2.0], [2.0, 4.0]], [[0.0, 0.0], [0.0, 0.0]], [[0.0, 1.0], [0.0, 2.0]]]
)
def test_a_system_that_decides_nothing_has_no_solution(matrix: list[list[float]]) -> None:
    assert solve_least_squares(matrix, [1.0] * len(matrix)) is None


MARKS = (Point(-8, 12), Point(9, 14), Point(-12, 45), Point(14, 50), Point(2, 28))


@given(cameras(), st.floats(-15, 15), st.floats(8, 60))
def test_a_fitted_homography_is_the_camera_that_took_the_picture(camera: Camera, east_m: float, north_m: float) -> None:
    fitted = fit_homography([camera.pixel(mark) for mark in MARKS], MARKS)
    assert fitted is not None
    assert fitted.is_seen_from_above
    found = fitted.to_ground(camera.pixel(Point(east_m, north_m)))
    assert found is not None
    assert math.hypot(found.x - east_m, found.y - north_m) < 1e-4


@given(cameras(), st.floats(0, 1920), st.floats(1, 400))
def test_nothing_above_the_horizon_is_on_the_ground(camera: Camera, x: float, above_px: float) -> None:
    fitted = fit_homography([camera.pixel(mark) for mark in MARKS], MARKS)
    assert fitted is not None
    assert fitted.to_ground(Point(x, camera.horizon_y - above_px)) is None
    assert fitted.metres_per_pixel(Point(x, camera.horizon_y - above_px)) == math.inf


def test_metres_per_pixel_bound_what_a_step_of_one_pixel_moves() -> None:
    camera = Camera(height_m=6.0, pitch=math.radians(15), focal_px=1400.0)
    fitted = fit_homography([camera.pixel(mark) for mark in MARKS], MARKS)
    assert fitted is not None
    for y in (500.0, 700.0, 1000.0):
        here, beside, below = (fitted.to_ground(Point(900 + dx, y + dy)) for dx, dy in ((0, 0), (0.01, 0), (0, 0.01)))
        assert here is not None
        assert beside is not None
        assert below is not None
        across, along = math.hypot(beside.x - here.x, beside.y - here.y), math.hypot(below.x - here.x, below.y - here.y)
        assert fitted.metres_per_pixel(Point(900, y)) == pytest.approx(math.hypot(across, along) * 100, rel=1e-3)


def test_a_mirrored_ground_is_told_apart() -> None:
    camera = Camera(height_m=6.0, pitch=math.radians(15), focal_px=1400.0)
    mirrored = fit_homography([camera.pixel(mark) for mark in MARKS], [Point(-mark.x, mark.y) for mark in MARKS])
    assert mirrored is not None
    assert not mirrored.is_seen_from_above


def test_lines_and_corners_are_told_apart() -> None:
    line = [Point(0, 0), Point(1, 1), Point(2, 2), Point(50, 50.2)]
    assert is_on_one_line(line)
    assert is_on_one_line([Point(1, 1), Point(1, 1)])
    assert not is_on_one_line([Point(0, 0), Point(1, 0), Point(0, 1)])
    assert not has_four_corners([*line[:3], Point(0, 2)])
    assert has_four_corners([Point(0, 0), Point(1, 0), Point(0, 1), Point(1, 1), Point(0.5, 0)])


def test_points_that_fix_nothing_give_no_homography() -> None:
    same = [Point(5, 5)] * 4
    assert fit_homography(same, same) is None
