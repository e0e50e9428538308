"""A lapse is read as it was rendered, or refused with the folder's name and the mend."""

from pathlib import Path
from typing import Any

import pytest

from core.geometry import Box, Point
from core.ids import CameraId, CategoryId
from patrol.lapses.truth import LapseError, lapses_in, read_lapse
from tests.patrol.lapse_folders import Drawn, truth_of, write_lapse

GARBAGE = Drawn("exposed_garbage", 2.0, 3, 17)


def test_a_lapse_is_read_with_its_events_and_marks(tmp_path: Path) -> None:
    write_lapse(tmp_path / "lapse_000007", truth_of([GARBAGE, Drawn(None, -3.0, 0, 17, judged=False)]))
    (lapse,) = lapses_in(tmp_path)
    assert (lapse.camera_id, lapse.light, lapse.frames) == (CameraId("lapse_000007"), "day", 18)
    garbage, negative = lapse.events
    assert (garbage.category, garbage.first_frame, garbage.last_frame) == (CategoryId("exposed_garbage"), 3, 17)
    assert (garbage.box, garbage.world_m) == (Box(90, 70, 110, 90), Point(2.0, 3.0))
    assert (negative.category, negative.is_judged) == (None, False)
    assert lapse.marks[0].pixel == Point(10, 110)
    assert lapse.at(2).isoformat() == "2026-05-14T00:32:00+00:00"


def test_lapses_come_by_name(tmp_path: Path) -> None:
    for number in (3, 1, 2):
        write_lapse(tmp_path / f"lapse_{number:06d}", truth_of([]))
    assert [lapse.folder.name for lapse in lapses_in(tmp_path)] == ["lapse_000001", "lapse_000002", "lapse_000003"]


def test_what_a_generator_writes_besides_is_let_be(tmp_path: Path) -> None:
    truth = truth_of([GARBAGE], weather={"rain": 0.5})
    truth["events"][0]["share_visible"] = 0.9
    assert len(read_lapse(write_lapse(tmp_path / "lapse_000001", truth)).events) == 1


def changed(**more: Any) -> dict[str, Any]:
    truth = truth_of([GARBAGE])
    truth["events"][0] |= more
    return truth


@pytest.mark.parametrize(
    ("truth", "says"),
    [
        pytest.param(truth_of([], format=2), "format", id="another format"),
        pytest.param(truth_of([], started_at="2026-05-14T00:30:00"), "started_at", id="a start without a zone"),
        pytest.param(truth_of([], step_s=0), "step_s", id="pictures at one moment"),
        pytest.param(truth_of([], control_points=[]), "control_points", id="no tie to the ground"),
        pytest.param(changed(last_frame=18), "event 1 ends at picture 18 of 18", id="an event beyond the clip"),
        pytest.param(changed(first_frame=9, last_frame=8), "before first_frame 9", id="an event that ends first"),
        pytest.param(changed(box_xyxy=[20, 0, 10, 5]), "left, top, right, bottom", id="a box inside out"),
    ],
)
def test_a_damaged_truth_is_refused(tmp_path: Path, truth: dict[str, Any], says: str) -> None:
    folder = write_lapse(tmp_path / "lapse_000001", truth)
    with pytest.raises(LapseError, match=says) as refusal:
        read_lapse(folder)
    assert str(folder) in str(refusal.value)
    assert "mend:" in str(refusal.value)


def test_a_lapse_that_is_still_being_rendered_is_refused(tmp_path: Path) -> None:
    folder = write_lapse(tmp_path / "lapse_000001", truth_of([]))
    (folder / "clip.mp4").unlink()
    with pytest.raises(LapseError, match=r"has no clip\.mp4"):
        lapses_in(tmp_path)


@pytest.mark.parametrize("name", ["empty", "missing"])
def test_a_folder_without_lapses_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(LapseError, match="mend:"):
        lapses_in(tmp_path / name)
