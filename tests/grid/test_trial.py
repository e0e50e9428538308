"""Control points tried out: every fault by its name, the error of each point, the cells that the picture shows."""

import json
from typing import Any

import pytest

from api.cell_routes import EXAMPLE_FEATURE
from core.errors import GridError
from core.geometry import Box
from core.ids import ViewId
from grid.cells import CityGrid, load_geojson
from grid.trial import Trial, TrialFaultKind, try_points
from grid.views import ControlPoint, ViewSpec, calibrate
from tests.desk.calibration_street import MARKS, SIZE, mark

LAYER = json.dumps({"type": "FeatureCollection", "features": [EXAMPLE_FEATURE]})
Mark = tuple[tuple[float, float], tuple[float, float]]


def city(sub_cell_m: float | None = None) -> CityGrid:
    return load_geojson(LAYER, sub_cell_m=sub_cell_m)


def points(*marks: Mark) -> list[ControlPoint]:
    return [ControlPoint(pixel=pixel, lonlat=lonlat) for pixel, lonlat in marks]


def tried(*marks: Mark, **more: Any) -> Trial:
    return try_points(points(*marks), SIZE, more.pop("city", city()), **more)


def kinds(trial: Trial) -> set[TrialFaultKind]:
    return {fault.kind for fault in trial.faults}


def test_true_marks_fit_within_centimetres_and_show_the_cell() -> None:
    trial = tried(*MARKS)
    assert trial.usable
    assert trial.faults == ()
    assert trial.rms_m is not None
    assert trial.rms_m < 0.1
    assert [seen.cell for seen in trial.cells] == ["510104001001001"]
    assert len(trial.footprint) > 4


def test_finer_cells_are_drawn_each_by_itself() -> None:
    trial = tried(*MARKS, city=city(sub_cell_m=10.0))
    assert len(trial.cells) > 5
    assert all("/" in seen.cell for seen in trial.cells)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_too_few_points_say_how_many_are_missing(count: int) -> None:
    trial = tried(*MARKS[:count])
    (fault,) = trial.faults
    assert (fault.kind, fault.value) == (TrialFaultKind.TOO_FEW, 4.0 - count)
    assert not trial.usable
    assert trial.errors_m == (None,) * count


def test_a_slip_of_the_hand_is_named_with_its_metres() -> None:
    wrong = (MARKS[4][0], mark(6.0, 0.0)[1])
    trial = tried(*MARKS[:4], wrong)
    off = next(fault for fault in trial.faults if fault.kind is TrialFaultKind.OFF)
    assert off.points == (5,)
    assert off.value == trial.worst_m
    assert not trial.usable
    assert trial.cells, "the grid is drawn all the same, so that it can be seen to move"
    assert tried(*MARKS[:4], wrong, max_error_m=100).usable


def shifted(number: int, pixel: tuple[float, float] | None = None, lonlat: tuple[float, float] | None = None) -> Trial:
    marks = list(MARKS)
    marks[number] = (pixel or marks[number][0], lonlat or marks[number][1])
    return tried(*marks)


@pytest.mark.parametrize(
    ("trial", "kind", "named"),
    [
        pytest.param(shifted(1, lonlat=(30.65, 104.08)), TrialFaultKind.NOT_DEGREES, (2,), id="swapped"),
        pytest.param(shifted(1, lonlat=(3_400_000.0, 560_000.0)), TrialFaultKind.NOT_DEGREES, (2,), id="projected"),
        pytest.param(shifted(2, pixel=(1300.0, 300.0)), TrialFaultKind.OUTSIDE_PICTURE, (3,), id="outside"),
        pytest.param(shifted(2, pixel=MARKS[0][0]), TrialFaultKind.SAME_PIXEL, (1, 3), id="same pixel"),
        pytest.param(shifted(2, lonlat=MARKS[0][1]), TrialFaultKind.SAME_PLACE, (1, 3), id="same place"),
        pytest.param(
            tried(*((pixel, (lonlat[0] + 1, lonlat[1])) for pixel, lonlat in MARKS)),
            TrialFaultKind.FAR_FROM_CITY,
            (),
            id="far away",
        ),
        pytest.param(
            tried(*(((100.0 * step, 300.0), lonlat) for step, (_, lonlat) in enumerate(MARKS, 1))),
            TrialFaultKind.LINE_IN_PICTURE,
            (),
            id="line in picture",
        ),
        pytest.param(
            tried(*((pixel, mark(3.0 * step, 0.0)[1]) for step, (pixel, _) in enumerate(MARKS))),
            TrialFaultKind.LINE_ON_GROUND,
            (),
            id="line on the ground",
        ),
        pytest.param(
            tried(*(((SIZE[0] - pixel[0], pixel[1]), lonlat) for pixel, lonlat in MARKS)),
            TrialFaultKind.MIRRORED,
            (),
            id="mirrored",
        ),
    ],
)
def test_what_is_wrong_is_told_by_name_and_refused(trial: Trial, kind: TrialFaultKind, named: tuple[int, ...]) -> None:
    fault = next(fault for fault in trial.faults if fault.kind is kind)
    assert fault.points == named
    assert not trial.usable


def test_three_of_four_points_on_one_line_fix_nothing() -> None:
    lined = [mark(-6.0, -18.0), mark(0.0, -18.0), mark(6.0, -18.0), mark(0.0, 20.0)]
    assert {TrialFaultKind.NO_FOUR_IN_PICTURE, TrialFaultKind.NO_FOUR_ON_GROUND} & kinds(tried(*lined))


def test_four_points_and_narrow_ones_are_hints_that_do_not_refuse() -> None:
    four = tried(*MARKS[:4])
    assert kinds(four) == {TrialFaultKind.ONLY_FOUR}
    assert four.usable
    near = tried(*(mark(east, north) for east, north in ((-1, 0), (1, 0), (1, 4), (-1, 4), (0, 2))))
    assert TrialFaultKind.NARROW in kinds(near)
    assert near.usable


@pytest.mark.parametrize("marks", [MARKS, MARKS[:4], (*MARKS[:4], (MARKS[4][0], mark(6.0, 0.0)[1])), MARKS[:3]])
def test_a_trial_is_usable_exactly_where_the_view_can_be_calibrated(marks: tuple[Mark, ...]) -> None:
    spec = ViewSpec(control_points=tuple(points(*marks)), frame_size=SIZE)
    try:
        calibrate(ViewId("CAM-07"), spec, city())
        is_taken = True
    except GridError:
        is_taken = False
    assert tried(*marks).usable is is_taken


def test_what_stands_in_a_mask_is_not_placed_and_beside_it_is() -> None:
    hidden = ((0.0, 0.0), (640.0, 0.0), (640.0, 720.0), (0.0, 720.0))
    spec = ViewSpec(control_points=tuple(points(*MARKS)), frame_size=SIZE, masks=(hidden,))
    view = calibrate(ViewId("CAM-07"), spec, city())
    assert view.locate(Box(500, 380, 560, 450), SIZE) is None
    assert view.locate(Box(700, 380, 760, 450), SIZE) == "510104001001001"
    assert view.locate(Box(350, 190, 380, 225), (640, 360)) == "510104001001001", "a smaller picture is scaled first"
    assert view.locate(Box(250, 190, 280, 225), (640, 360)) is None


def test_a_mask_that_crosses_itself_or_leaves_the_picture_is_refused_by_number() -> None:
    good = ((0.0, 0.0), (100.0, 0.0), (100.0, 100.0))
    for mask, said in (
        (((0.0, 0.0), (100.0, 100.0), (100.0, 0.0), (0.0, 100.0)), "mask 2: the ring crosses itself"),
        (((0.0, 0.0), (2000.0, 0.0), (0.0, 100.0)), "mask 2: corner 2 at pixel"),
    ):
        spec = ViewSpec(control_points=tuple(points(*MARKS)), frame_size=SIZE, masks=(good, mask))
        with pytest.raises(GridError, match=said):
            calibrate(ViewId("CAM-07"), spec, city())
