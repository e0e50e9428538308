"""False alarms on allowed things, laid to the thing that drew them."""

import json
from pathlib import Path
from typing import Any

import pytest

from core.detections import Detection
from core.errors import ModelError
from core.geometry import Box
from core.ids import CategoryId
from models.hard_negatives import judge_hard_negatives
from models.matching import JudgedPicture

STALL, HEAP = CategoryId("street_stall"), CategoryId("exposed_garbage")
THRESHOLDS: dict[str, float] = {STALL: 0.5}


def _group(name: str, box: list[float] | None, cls: int | None = None) -> dict[str, Any]:
    return {"id": 1, "cls": cls, "name": name, "box": box, "keep": cls is not None}


@pytest.fixture
def scenes(tmp_path: Path) -> Path:
    groups = [
        _group("street_stall", [0, 0, 40, 40], cls=0),
        _group("terrace", [100, 100, 200, 200]),
        _group("tricycle", [120, 120, 150, 150]),
        _group("tricycle", [300, 100, 340, 140]),
        _group("terrace", None),
    ]
    (tmp_path / "rd_1.json").write_text(json.dumps({"size": [640, 360], "groups": groups}))
    return tmp_path


def _judged(*detections: Detection, long_side_px: float = 640, name: str = "rd_1.jpg") -> JudgedPicture:
    return JudgedPicture({STALL: [Box(0, 0, 40, 40)]}, detections, Path(name), long_side_px)


def _stall(x: float, y: float, side: float, confidence: float = 0.9) -> Detection:
    return Detection(STALL, confidence, Box(x, y, x + side, y + side))


def _figures(picture: JudgedPicture, scenes: Path) -> dict[str, tuple[int, int]]:
    report = judge_hard_negatives([picture], scenes, THRESHOLDS)
    return {row.kind: (row.objects, row.false_alarms) for row in report.kinds} | {"-": (0, report.elsewhere)}


def test_each_false_alarm_is_laid_to_the_smallest_thing_that_holds_it(scenes: Path) -> None:
    found = _figures(_judged(_stall(122, 122, 20), _stall(160, 160, 30)), scenes)
    assert found == {"terrace": (1, 1), "tricycle": (2, 1), "-": (0, 0)}


def test_the_rate_is_per_hundred_objects_and_the_worst_kind_comes_first(scenes: Path) -> None:
    report = judge_hard_negatives([_judged(_stall(305, 105, 30))], scenes, THRESHOLDS)
    assert [(row.kind, row.per_100_objects) for row in report.kinds] == [("tricycle", 50.0), ("terrace", 0.0)]


@pytest.mark.parametrize(
    "detection",
    [_stall(0, 0, 40), _stall(122, 122, 20, confidence=0.4), Detection(HEAP, 0.9, Box(122, 122, 142, 142))],
    ids=["a hit", "under the threshold", "no category that was asked for"],
)
def test_what_is_no_false_alarm_at_the_threshold_is_not_counted(detection: Detection, scenes: Path) -> None:
    assert _figures(_judged(detection), scenes) == {"terrace": (1, 0), "tricycle": (2, 0), "-": (0, 0)}


def test_a_false_alarm_less_than_half_on_a_thing_lies_elsewhere(scenes: Path) -> None:
    found = _figures(_judged(_stall(320, 100, 45)), scenes)
    assert (found["tricycle"], found["-"]) == ((2, 0), (0, 1))


def test_records_are_scaled_to_the_picture(scenes: Path) -> None:
    assert _figures(_judged(_stall(610, 210, 60), long_side_px=1280), scenes)["tricycle"] == (2, 1)


def test_a_folder_without_any_record_of_the_pictures_is_refused(scenes: Path) -> None:
    with pytest.raises(ModelError, match="no scene record of any judged picture; mend:"):
        judge_hard_negatives([_judged(name="photo.jpg")], scenes, THRESHOLDS)


def test_a_record_that_does_not_hold_is_named(scenes: Path) -> None:
    (scenes / "rd_1.json").write_text("{}")
    with pytest.raises(ModelError, match=r"rd_1\.json cannot be read"):
        judge_hard_negatives([_judged()], scenes, THRESHOLDS)
