"""A view tied to the ground by control points or by image regions."""

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from core.errors import GridError
from core.geometry import Box, Point
from core.ids import CellId, ViewId
from grid.views import ControlPoint, ImageRegion, ViewCalibration, ViewSpec, calibrate
from tests.grid.camera import HEIGHT_PX, WIDTH_PX, Camera, cameras
from tests.grid.city import PLANE, city, code, place

CITY = city(2, 2)
VIEW = ViewId("CAM-01")
FRAME = (WIDTH_PX, HEIGHT_PX)
CAMERA = Camera(height_m=8.0, pitch=math.radians(14), focal_px=1300.0, east_m=100.0, north_m=60.0)
MARKS = (Point(94, 75), Point(107, 76), Point(90, 100), Point(112, 104), Point(101, 88), Point(99, 120))


def points(camera: Camera, marks: Sequence[Point] = MARKS) -> tuple[ControlPoint, ...]:
    return tuple(_point(camera.pixel(mark), place(mark.x, mark.y)) for mark in marks)


def _point(pixel: Point, lonlat: Point) -> ControlPoint:
    return ControlPoint(pixel=(pixel.x, pixel.y), lonlat=(lonlat.x, lonlat.y))


def tied(spec: ViewSpec) -> ViewCalibration:
    return calibrate(VIEW, spec, CITY)


SPEC = ViewSpec(control_points=points(CAMERA), frame_size=FRAME)
CALIBRATED = tied(SPEC)


@given(cameras(), st.floats(-15, 15), st.floats(8, 55))
def test_a_box_is_located_where_its_thing_stands(camera: Camera, right_m: float, ahead_m: float) -> None:
    moved = Camera(camera.height_m, camera.pitch, camera.focal_px, CAMERA.east_m, CAMERA.north_m)
    marks = [Point(92, 72), Point(109, 74), Point(88, 105), Point(114, 110), Point(102, 88)]
    calibration = tied(ViewSpec(control_points=points(moved, marks), max_m_per_px=1000.0))
    stands = Point(CAMERA.east_m + right_m, CAMERA.north_m + ahead_m)
    found = calibration.place(moved.box(stands), FRAME)
    assert found is not None
    assert found.ground is not None
    ground = PLANE.to_metres(found.ground)
    assert math.hypot(ground.x - stands.x, ground.y - stands.y) < 1e-3
    assert CITY.cell_at(found.ground) == found.cell
    assert found.cell not in found.near_cells
    assert calibration.locate(moved.box(stands), FRAME) == found.cell
    assert calibration.reprojection_error_m == pytest.approx(0.0, abs=1e-6)


def test_things_are_located_in_the_cells_they_stand_in() -> None:
    assert CALIBRATED.locate(CAMERA.box(Point(95, 90)), FRAME) == code(0, 0)
    assert CALIBRATED.locate(CAMERA.box(Point(105, 90)), FRAME) == code(0, 1)
    assert CALIBRATED.locate(CAMERA.box(Point(95, 110)), FRAME) == code(1, 0)
    assert CALIBRATED.locate(CAMERA.box(Point(105, 110)), FRAME) == code(1, 1)


def test_a_thing_at_an_edge_is_near_the_neighbour() -> None:
    at_edge = CALIBRATED.place(CAMERA.box(Point(98, 90)), FRAME)
    well_inside = CALIBRATED.place(CAMERA.box(Point(95, 90)), FRAME)
    assert at_edge is not None
    assert well_inside is not None
    assert (at_edge.cell, set(at_edge.near_cells)) == (code(0, 0), {code(0, 1)})
    assert well_inside.near_cells == frozenset()


def test_a_box_above_the_horizon_or_outside_the_city_is_nowhere() -> None:
    assert CALIBRATED.locate(Box(900, 0, 950, CAMERA.horizon_y - 5), FRAME) is None
    assert CALIBRATED.locate(CAMERA.box(Point(100, 250)), FRAME) is None


def test_a_place_is_not_told_where_one_pixel_reaches_too_far() -> None:
    far = CAMERA.box(Point(100, 190))
    assert CALIBRATED.locate(far, FRAME) is not None
    short = tied(SPEC.model_copy(update={"max_m_per_px": 0.5}))
    assert short.locate(far, FRAME) is None
    assert short.locate(CAMERA.box(Point(95, 90)), FRAME) == code(0, 0)


def test_a_frame_of_another_size_is_scaled_and_of_another_shape_refused() -> None:
    box = CAMERA.box(Point(105, 110))
    half = Box(*(value / 2 for value in box.as_xyxy()))
    assert CALIBRATED.locate(half, (960, 540)) == code(1, 1)
    whole, scaled = CALIBRATED.place(box, FRAME), CALIBRATED.place(half, (960, 540))
    assert whole == scaled
    assert CALIBRATED.locate(box, (1920, 1088)) == code(1, 1)
    with pytest.raises(GridError, match=r"view CAM-01: the frame is 640x480, but the view was calibrated on 1920x1080"):
        CALIBRATED.locate(box, (640, 480))
    with pytest.raises(GridError, match="shows nothing"):
        CALIBRATED.locate(box, (0, 480))


def test_noisy_marks_give_an_error_in_metres_and_too_noisy_ones_are_refused() -> None:
    moved = list(points(CAMERA))
    lonlat = place(MARKS[3].x + 1.0, MARKS[3].y)
    moved[3] = ControlPoint(pixel=moved[3].pixel, lonlat=(lonlat.x, lonlat.y))
    error_m = tied(ViewSpec(control_points=tuple(moved))).reprojection_error_m
    assert error_m is not None
    assert 0.05 < error_m < 1.0
    with pytest.raises(GridError, match=r"control point \d is off by \d\.\d\d m, more than max_error_m = 0\.04"):
        tied(ViewSpec(control_points=tuple(moved), max_error_m=0.04))


def _swapped(one: int, other: int, marks: Sequence[Point]) -> tuple[ControlPoint, ...]:
    given = list(points(CAMERA, marks))
    given[one], given[other] = (
        ControlPoint(pixel=given[one].pixel, lonlat=given[other].lonlat),
        ControlPoint(pixel=given[other].pixel, lonlat=given[one].lonlat),
    )
    return tuple(given)


CORNERS = (Point(94, 75), Point(107, 76), Point(112, 104), Point(90, 100))


def _mirrored() -> tuple[ControlPoint, ...]:
    return tuple(
        _point(CAMERA.pixel(mark), place(2 * CAMERA.east_m - mark.x, mark.y)) for mark in (*CORNERS, Point(100, 90))
    )


def _lat_first() -> tuple[ControlPoint, ...]:
    return tuple(ControlPoint(pixel=p.pixel, lonlat=(p.lonlat[1], p.lonlat[0])) for p in points(CAMERA))


def _far_away() -> tuple[ControlPoint, ...]:
    return tuple(_point(CAMERA.pixel(mark), place(mark.x + 5000, mark.y)) for mark in MARKS)


def _same_pixel() -> tuple[ControlPoint, ...]:
    given = points(CAMERA)
    return (*given[:4], ControlPoint(pixel=given[0].pixel, lonlat=given[4].lonlat))


def _same_place() -> tuple[ControlPoint, ...]:
    given = points(CAMERA)
    return (*given[:4], ControlPoint(pixel=given[4].pixel, lonlat=given[0].lonlat))


@pytest.mark.parametrize(
    ("control_points", "message"),
    [
        ((), "0 control points are given; give at least 4"),
        (points(CAMERA)[:3], "3 control points are given; give at least 4"),
        (points(CAMERA, [Point(95 + i, 80 + 5 * i) for i in range(5)]), "lie on one line"),
        (points(CAMERA, [*[Point(95 + i, 80 + 5 * i) for i in range(3)], Point(92, 99)]), "three lie on one line"),
        (_swapped(0, 1, CORNERS), r"control point \d at pixel .* falls behind the horizon"),
        (_mirrored(), "show the ground mirrored"),
        (_lat_first(), r"control point 1: position .* look swapped: expected \[lon, lat\]"),
        (_far_away(), "no control point lies within 200 m of a unit grid"),
        (_same_pixel(), "control points 1 and 5 have the same pixel"),
        (points(CAMERA, [*[Point(95 + i, 80 + 3 * i) for i in range(12)], Point(112, 80)]), "do not fix the ground"),
        (_same_place(), "control points 1 and 5 have the same lon/lat"),
    ],
    ids=[
        "none",
        "three",
        "line",
        "three-on-a-line",
        "swapped",
        "mirrored",
        "lat-lon",
        "far",
        "pixel",
        "row",
        "place",
    ],
)
def test_control_points_that_cannot_tie_the_ground_are_refused(
    control_points: tuple[ControlPoint, ...], message: str
) -> None:
    with pytest.raises(GridError, match=f"view CAM-01: .*{message}"):
        tied(ViewSpec(control_points=control_points, max_error_m=50.0))


def test_a_margin_that_leaves_no_inside_to_a_finer_cell_is_refused() -> None:
    with pytest.raises(GridError, match=r"edge_margin_m = 3 leaves no inside to cells of sub_cell_m = 6"):
        calibrate(VIEW, SPEC, city(2, 2, sub_cell_m=6.0))
    assert calibrate(VIEW, SPEC, city(2, 2, sub_cell_m=20.0)).locate(CAMERA.box(Point(95, 90)), FRAME) == CellId(
        f"{code(0, 0)}/4-4"
    )


def test_a_control_point_outside_the_frame_is_refused() -> None:
    with pytest.raises(GridError, match=r"control point 1 at pixel .* lies outside the frame of 640x360"):
        tied(ViewSpec(control_points=points(CAMERA), frame_size=(640, 360)))


LEFT = ImageRegion(cell=code(0, 0), polygon=((0, 400), (960, 400), (960, 1080), (0, 1080)))
RIGHT = ImageRegion(cell=code(0, 1), polygon=((960, 400), (1920, 400), (1920, 1080), (960, 1080), (960, 400)))


def test_image_regions_name_the_cells_of_their_pixels() -> None:
    calibration = tied(ViewSpec(regions=(LEFT, RIGHT), frame_size=FRAME))
    assert calibration.reprojection_error_m is None
    assert calibration.locate(Box(100, 100, 200, 600), FRAME) == code(0, 0)
    assert calibration.locate(Box(1000, 100, 1200, 600), FRAME) == code(0, 1)
    assert calibration.locate(Box(1000, 100, 1200, 300), FRAME) is None
    assert calibration.locate(Box(500, 50, 600, 300), (960, 540)) == code(0, 1)
    at_edge = calibration.place(Box(900, 500, 1000, 600), FRAME)
    assert at_edge is not None
    assert (at_edge.cell, set(at_edge.near_cells), at_edge.ground) == (code(0, 0), {code(0, 1)}, None)


def test_finer_cells_are_asked_for_where_the_city_has_them() -> None:
    fine = city(1, 1, sub_cell_m=20.0)
    named = ImageRegion(cell=CellId(f"{code(0, 0)}/2-3"), polygon=LEFT.polygon)
    assert calibrate(VIEW, ViewSpec(regions=(named,)), fine).locate(Box(1, 1, 99, 999), FRAME) == named.cell
    with pytest.raises(GridError, match=r"sub_cell_m is 20, so a cell is a square inside it; write \d+/<row>-<col>"):
        calibrate(VIEW, ViewSpec(regions=(LEFT,)), fine)
    with pytest.raises(GridError, match="sub_cell_m is not set"):
        tied(ViewSpec(regions=(named,)))


@pytest.mark.parametrize(
    ("regions", "message"),
    [
        (
            [ImageRegion(cell=code(0, 0), polygon=((0, 0), (100, 100), (100, 0), (0, 100)))],
            r"region 1 \(cell \d+\): the ring crosses itself near \[50(\.0)?, 50(\.0)?\]",
        ),
        ([ImageRegion(cell=CellId("510104001001099"), polygon=LEFT.polygon)], "no unit grid 510104001001099"),
        ([ImageRegion(cell=CellId("nowhere"), polygon=LEFT.polygon)], "'nowhere' is not a cell"),
        ([ImageRegion(cell=code(0, 0), polygon=((0, 0), (9, 9), (18, 18)))], "no area"),
        ([LEFT, ImageRegion(cell=code(0, 1), polygon=LEFT.polygon)], r"overlaps region 1 \(cell \d+\) by 652800"),
        ([ImageRegion(cell=code(0, 0), polygon=((0, 0), (3000, 0), (0, 9)))], "corner 2 .* lies outside the frame"),
    ],
)
def test_bad_regions_are_refused_by_name(regions: list[ImageRegion], message: str) -> None:
    with pytest.raises(GridError, match=message):
        tied(ViewSpec(regions=tuple(regions), frame_size=FRAME))


def test_points_and_regions_together_are_refused() -> None:
    with pytest.raises(GridError, match="both control points and regions"):
        tied(ViewSpec(control_points=points(CAMERA), regions=(LEFT,)))


@pytest.mark.parametrize(
    "section",
    [
        {"control_point": []},
        {"max_error_m": 0},
        {"frame_size": [0, 1080]},
        {"control_points": [{"pixel": [1, 2, 3], "lonlat": [104.0, 30.0]}]},
        {"control_points": [{"pixel": [float("nan"), 2], "lonlat": [104.0, 30.0]}]},
        {"regions": [{"cell": "5101", "polygon": [[0, 0], [1, 1]]}]},
    ],
)
def test_a_section_with_unknown_keys_or_senseless_values_is_refused(section: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ViewSpec.model_validate(section)


def test_a_section_is_read_as_it_stands_in_the_settings_file() -> None:
    spec = ViewSpec.model_validate(
        {"control_points": [{"pixel": [1, 2], "lonlat": [104.0, 30.0]}], "frame_size": [1920, 1080], "max_error_m": 1.5}
    )
    assert spec.control_points[0].lonlat == (104.0, 30.0)
    assert spec.frame_size == (1920, 1080)
