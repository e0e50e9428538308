"""A frame's detections become sightings per cell and category."""

import pytest

from core.detections import Detection, FrameDetections, FrameFacts, ModelRef
from core.errors import GridError
from core.geometry import Box
from core.ids import CameraId, CategoryId, CellId, ViewId
from grid.sightings import ViewSample, sight
from grid.views import ImageRegion, ViewSpec, calibrate
from tests.grid.city import city, code
from tests.grid.looks import GARBAGE, STALL, START, VIEW

LEFT, RIGHT = code(0, 0), code(0, 1)
SPEC = ViewSpec(
    regions=(
        ImageRegion(cell=LEFT, polygon=((0, 0), (500, 0), (500, 500), (0, 500))),
        ImageRegion(cell=RIGHT, polygon=((500, 0), (1000, 0), (1000, 500), (500, 500))),
    ),
    frame_size=(1000, 500),
)
CALIBRATION = calibrate(VIEW, SPEC, city(1, 2))


def thing(category: str, foot_x: float, confidence: float = 0.5) -> Detection:
    return Detection(CategoryId(category), confidence, Box(foot_x - 5, 100, foot_x + 5, 200))


def look_at(*detections: Detection, view: ViewId = VIEW, size: tuple[int, int] = (1000, 500)) -> FrameDetections:
    facts = FrameFacts(CameraId("CAM-01"), view, 7, START, *size)
    return FrameDetections(facts, detections, ModelRef("gridpatrol-n", "0" * 64))


def place(sample: ViewSample) -> dict[tuple[CellId, CategoryId], int]:
    return {(each.cell, each.category): each.count for each in sample.sightings}


def test_detections_are_grouped_by_cell_and_category() -> None:
    frame = look_at(
        thing("exposed_garbage", 100, 0.4),
        thing("exposed_garbage", 200, 0.8),
        thing("exposed_garbage", 800),
        thing("street_stall", 300),
    )
    sample = sight(frame, CALIBRATION, {GARBAGE, STALL})
    assert place(sample) == {(LEFT, GARBAGE): 2, (LEFT, STALL): 1, (RIGHT, GARBAGE): 1}
    first = sample.sightings[0]
    assert (first.confidence, first.boxes) == (0.8, (Box(95, 100, 105, 200), Box(195, 100, 205, 200)))
    assert (sample.camera_id, sample.view_id, sample.at, sample.unobstructed) == ("CAM-01", VIEW, START, True)


def test_what_is_not_wanted_or_stands_nowhere_is_left_out() -> None:
    frame = look_at(thing("person", 100), thing("street_stall", 100), thing("exposed_garbage", 5000))
    assert place(sight(frame, CALIBRATION, {GARBAGE})) == {}


def test_sure_things_count_and_unsure_ones_only_where_there_is_no_other() -> None:
    frame = look_at(
        thing("exposed_garbage", 100, 0.4),
        thing("exposed_garbage", 200, 0.65),
        thing("exposed_garbage", 800, 0.64),
        thing("exposed_garbage", 900, 0.5),
        thing("street_stall", 300, 0.1),
    )
    sample = sight(frame, CALIBRATION, {GARBAGE, STALL}, {GARBAGE: 0.65})
    told = {(each.cell, each.category): (each.is_sure, each.count, each.confidence) for each in sample.sightings}
    assert told == {(LEFT, GARBAGE): (True, 1, 0.65), (RIGHT, GARBAGE): (False, 2, 0.64), (LEFT, STALL): (True, 1, 0.1)}


def test_an_obstructed_look_is_marked() -> None:
    assert not sight(look_at(), CALIBRATION, {GARBAGE}, unobstructed=False).unobstructed


def test_a_group_is_near_a_neighbour_only_when_all_of_it_is() -> None:
    all_at_edge = sight(look_at(thing("street_stall", 495), thing("street_stall", 492)), CALIBRATION, {STALL})
    some_at_edge = sight(look_at(thing("street_stall", 495), thing("street_stall", 100)), CALIBRATION, {STALL})
    assert [each.near_cells for each in all_at_edge.sightings] == [{RIGHT}]
    assert [each.near_cells for each in some_at_edge.sightings] == [frozenset()]


def test_a_frame_of_another_view_or_shape_is_refused() -> None:
    with pytest.raises(GridError, match="a frame of view CAM-02 cannot be placed by the calibration of CAM-01"):
        sight(look_at(view=ViewId("CAM-02")), CALIBRATION, {GARBAGE})
    with pytest.raises(GridError, match="the frame is 640x480"):
        sight(look_at(thing("street_stall", 1), size=(640, 480)), CALIBRATION, {STALL})


def test_an_empty_frame_of_another_shape_is_refused_too_so_that_it_clears_nothing() -> None:
    with pytest.raises(GridError, match="the frame is 640x480"):
        sight(look_at(size=(640, 480)), CALIBRATION, {STALL})
