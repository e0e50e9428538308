"""The demo's score can find each kind of fault."""

from datetime import UTC, datetime, timedelta

import pytest

from core.ids import CameraId, CategoryId, CellId
from patrol.demo.score import FiledCase, Score, score
from patrol.demo.truth import DemoTruth, TrueEvent

START = datetime(2026, 5, 14, 0, 30, tzinfo=UTC)
STEP = timedelta(seconds=90)
CELL = CellId("51010400100100101")
STALL, GARBAGE = CategoryId("street_stall"), CategoryId("exposed_garbage")
DWELL = {STALL: timedelta(seconds=180), GARBAGE: timedelta(seconds=600)}


def at(frame: int) -> datetime:
    return START + frame * STEP


def event(camera: str, category: CategoryId, first: int, last: int) -> TrueEvent:
    return TrueEvent(CameraId(camera), CELL, category, at(first), at(last))


def case(category: CategoryId, first: int, last: int) -> FiledCase:
    return FiledCase(CELL, category, at(first), at(last))


TRUTH = DemoTruth(
    START,
    30 * STEP,
    STEP,
    (event("A", GARBAGE, 4, 29), event("B", GARBAGE, 4, 29), event("A", STALL, 6, 6)),
)
ALL = {CameraId("A"): at(29), CameraId("B"): at(29)}


@pytest.mark.parametrize(
    ("cases", "watched", "expected"),
    [
        pytest.param([case(GARBAGE, 4, 20)], ALL, Score(0, 0, 0), id="one case for what two cameras see"),
        pytest.param([], ALL, Score(0, 1, 0), id="no case is one missed"),
        pytest.param([], {CameraId("A"): at(8)}, Score(0, 0, 0), id="not missed before its dwell time"),
        pytest.param([case(GARBAGE, 4, 20)] * 2, ALL, Score(1, 0, 0), id="a second case is a duplicate"),
        pytest.param([case(GARBAGE, 4, 9), case(STALL, 6, 7)], ALL, Score(0, 0, 1), id="a short stay makes no case"),
        pytest.param([case(GARBAGE, 0, 20)], ALL, Score(0, 1, 1), id="a case from before it lay there is wrong"),
        pytest.param(
            [case(GARBAGE, 35, 50)],
            {CameraId("A"): at(55)},
            Score(0, 0, 0),
            id="the second pass of a loop counts too",
        ),
    ],
)
def test_score_tells_faults_apart(cases: list[FiledCase], watched: dict[CameraId, datetime], expected: Score) -> None:
    assert score(TRUTH, cases, watched, DWELL, window=5) == expected
