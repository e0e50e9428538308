"""A moving camera's boxes on the city's ground: the cell follows the vehicle, and what is not sure is not placed."""

import math
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.detections import Detection, FrameDetections, FrameFacts, ModelRef
from core.errors import GridError
from core.geometry import Box, Point
from core.ids import CameraId, CategoryId, ViewId
from grid.mounts import MountSpec
from grid.moving_views import Mark, MovingView, SightRules, moving_view
from grid.poses import Pose
from tests.grid.city import PLANE, city, code

VIEW = ViewId("CAR-07")
SIZE = (1280, 720)
AT = datetime(2026, 5, 14, 0, 30, tzinfo=UTC)
GARBAGE, BIN = CategoryId("exposed_garbage"), CategoryId("bin")


def view(sub_cell_m: float | None = None, rules: SightRules | None = None, **mount: Any) -> MovingView:
    spec = {"frame_size": SIZE, "height_m": 2.2, "pitch_deg": 10.0, "hfov_deg": 70.0} | mount
    return moving_view(VIEW, MountSpec.model_validate(spec), rules or SightRules(), city(sub_cell_m=sub_cell_m))


def pose(east_m: float, north_m: float, heading_deg: float, error_m: float = 3.0) -> Pose:
    return Pose(AT, PLANE.to_lonlat(Point(east_m, north_m)), heading_deg, 8.0, error_m, 1.0)


def box_at(moving: MovingView, where: Pose, east_m: float, north_m: float) -> Box | None:
    """The box of a thing that stands there, half a metre wide and high at ten metres; None where it is out of view."""
    away = PLANE.to_metres(where.place)
    heading = math.radians(where.heading_deg)
    east, north = east_m - away.x, north_m - away.y
    beside = Point(
        east * math.cos(heading) - north * math.sin(heading), east * math.sin(heading) + north * math.cos(heading)
    )
    foot = moving.mount.to_pixel(beside)
    if foot is None or not (30 < foot.x < SIZE[0] - 30 and 60 < foot.y < SIZE[1] - 5):
        return None
    return Box(foot.x - 20, foot.y - 50, foot.x + 20, foot.y)


def placed(moving: MovingView, where: Pose, box: Box, frame_wh: tuple[int, int] = SIZE) -> Mark | None:
    return moving.mark(Detection(GARBAGE, 0.8, box), frame_wh, where)


@given(
    heading_deg=st.floats(0, 359),
    ahead_m=st.floats(5, 22),
    aside_m=st.floats(-5, 5),
    east_m=st.floats(40, 160),
    north_m=st.floats(40, 160),
)
def test_a_thing_is_placed_where_it_stands_wherever_the_vehicle_is_and_looks(
    heading_deg: float, ahead_m: float, aside_m: float, east_m: float, north_m: float
) -> None:
    moving, where = view(), pose(east_m, north_m, heading_deg)
    heading = math.radians(heading_deg)
    stands = Point(
        east_m + ahead_m * math.sin(heading) + aside_m * math.cos(heading),
        north_m + ahead_m * math.cos(heading) - aside_m * math.sin(heading),
    )
    box = box_at(moving, where, stands.x, stands.y)
    assume(box is not None)
    assert box is not None
    mark = placed(moving, where, box)
    assert mark is not None
    spot = PLANE.to_metres(mark.spot)
    assert math.hypot(spot.x - stands.x, spot.y - stands.y) < 0.05
    assert mark.cell == code(int(stands.y // 100), int(stands.x // 100)) or mark.near_cells
    pixel = moving.sees(mark.spot, SIZE, where)
    if pixel is not None:
        assert (pixel.x, pixel.y) == pytest.approx((box.bottom_centre.x, box.y1), abs=0.2)


def test_the_cell_follows_the_vehicle() -> None:
    moving = view()
    box = box_at(moving, pose(50, 50, 90), 60, 48)
    assert box is not None
    found = [placed(moving, pose(east, 50, 90), box) for east in (50, 150)]
    assert [mark.cell for mark in found if mark is not None] == [code(0, 0), code(0, 1)]


def test_a_thing_near_an_edge_may_be_the_neighbours_by_as_much_as_the_position_errs() -> None:
    moving = view()
    box = box_at(moving, pose(80, 50, 90), 96, 48)
    assert box is not None
    sure, vague = (placed(moving, pose(80, 50, 90, error_m), box) for error_m in (0.1, 6.0))
    assert sure is not None
    assert vague is not None
    assert (sure.near_cells, vague.near_cells) == (frozenset(), frozenset({code(0, 1)}))
    assert vague.spread_m == sure.spread_m < vague.radius_m


@pytest.mark.parametrize(
    ("box", "error_m"),
    [
        pytest.param(Box(600, 10, 640, 60), 3.0, id="it hangs above the horizon"),
        pytest.param(Box(600, 200, 640, 262), 3.0, id="it is too far"),
        pytest.param(Box(600, 400, 640, 500), 13.0, id="the position is too vague"),
        pytest.param(Box(0, 400, 60, 500), 3.0, id="it is cut off by the left edge"),
        pytest.param(Box(1200, 400, 1280, 500), 3.0, id="it is cut off by the right edge"),
        pytest.param(Box(600, 600, 700, 719.5), 3.0, id="it is cut off by the lower edge"),
    ],
)
def test_what_cannot_be_placed_is_left_out(box: Box, error_m: float) -> None:
    assert placed(view(), pose(50, 50, 90, error_m), box) is None


def test_a_thing_outside_the_city_is_left_out() -> None:
    assert placed(view(), pose(-500, 50, 90), Box(600, 400, 640, 500)) is None


def test_a_place_is_surely_seen_ahead_and_not_behind_beside_or_far_away() -> None:
    moving, where = view(), pose(50, 50, 0)
    seen = [moving.sees(PLANE.to_lonlat(Point(*spot)), SIZE, where) is not None for spot in ((50, 62), (50, 38))]
    assert seen == [True, False]
    assert moving.sees(PLANE.to_lonlat(Point(62, 52)), SIZE, where) is None
    assert moving.sees(PLANE.to_lonlat(Point(50, 74)), SIZE, where) is None


def test_the_sub_stream_of_half_the_size_places_the_same() -> None:
    moving, where = view(), pose(50, 50, 90)
    whole = placed(moving, where, Box(600, 400, 640, 500))
    half = placed(moving, where, Box(300, 200, 320, 250), (640, 360))
    assert whole is not None
    assert half is not None
    assert whole.spot == half.spot


def test_only_wanted_things_are_placed_and_all_of_them_may_stand_before_another() -> None:
    detections = tuple(Detection(category, 0.8, Box(600, 400, 640, 500)) for category in (GARBAGE, BIN))
    facts = FrameFacts(CameraId("CAR-07"), VIEW, 1, AT, *SIZE)
    frame = FrameDetections(facts, detections, ModelRef("m", "0" * 64))
    sample = view().sample(frame, pose(50, 50, 90), {GARBAGE})
    assert [mark.category for mark in sample.marks] == [GARBAGE]
    assert [found.category for found in sample.detections] == [GARBAGE]


def test_pictures_of_another_shape_or_view_are_refused() -> None:
    model = ModelRef("m", "0" * 64)
    square = FrameDetections(FrameFacts(CameraId("CAR-07"), VIEW, 1, AT, 640, 640), (), model)
    with pytest.raises(GridError, match="another shape"):
        view().sample(square, pose(50, 50, 90), {GARBAGE})
    other = FrameDetections(FrameFacts(CameraId("CAR-08"), ViewId("CAR-08"), 1, AT, *SIZE), (), model)
    with pytest.raises(GridError, match="CAR-08"):
        view().sample(other, pose(50, 50, 90), {GARBAGE})
