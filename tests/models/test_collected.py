"""A city's decided pictures as a data set: split by camera, every picture accounted for, readable by everybody."""

import csv
import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ModelError
from core.geometry import Box
from models.collected import CameraSplit, CollectedPicture, NamedBox, Origin, WritingRules, write_collected
from models.datasets import fingerprint, pictures_of, read_spec

NAMES = ("street_stall", "exposed_garbage", "garbage_bin")
NOON = datetime(2026, 5, 14, 4, 0, tzinfo=UTC)
RULES = WritingRules(NAMES, CameraSplit(0.5), "demo")


def jpeg(grey: int) -> bytes:
    return cv2.imencode(".jpg", np.full((60, 100, 3), grey, np.uint8))[1].tobytes()


def picture(camera: str, grey: int, *boxes: NamedBox, decision: str = "confirmed") -> CollectedPicture:
    origin = Origin(f"5101-{grey}/uuid-{grey}", decision, "handled", "exposed_garbage")
    return CollectedPicture(
        hashlib.sha256(jpeg(grey)).hexdigest(), camera, NOON + timedelta(minutes=grey), boxes, (origin,)
    )


KEPT = {hashlib.sha256(jpeg(grey)).hexdigest(): jpeg(grey) for grey in range(256)}
HEAP = NamedBox("exposed_garbage", Box(10, 10, 50, 40))


def written(out: Path, *pictures: CollectedPicture, rules: WritingRules = RULES) -> Path:
    return write_collected(pictures, KEPT.__getitem__, lambda image: (), rules, out)


def test_pictures_lie_beside_their_labels_and_no_camera_on_both_sides(tmp_path: Path) -> None:
    wanted = [picture(f"CAM-{n % 5}", n, HEAP) for n in range(20)]
    spec = read_spec(written(tmp_path / "out", *wanted))
    sides = {part: {p.path.name.split("_")[0] for p in pictures_of(spec, part)} for part in ("train", "val")}
    assert sides["train"] | sides["val"] == {f"CAM-{n}" for n in range(5)}
    assert not sides["train"] & sides["val"]
    found = pictures_of(spec, "train")[0]
    assert (found.width_px, found.height_px) == (100, 60)
    assert found.boxes[0].class_id == 1
    assert found.boxes[0].box == pytest.approx(HEAP.box.as_xyxy(), abs=0.01)


@given(st.sets(st.text(min_size=1, max_size=8), min_size=2, max_size=12), st.floats(0, 1), st.integers(0, 9))
def test_each_side_has_a_camera_as_soon_as_there_are_two(cameras: set[str], share: float, seed: int) -> None:
    held_out = CameraSplit(share, seed).held_out(sorted(cameras))
    assert 1 <= len(held_out) < len(cameras)
    assert held_out < cameras


def test_a_camera_keeps_its_side_when_others_are_added() -> None:
    cameras = [f"CAM-{n:03d}" for n in range(200)]
    split = CameraSplit(0.2)
    assert split.held_out(cameras[:120]) == split.held_out(cameras) & set(cameras[:120])
    assert 20 < len(split.held_out(cameras)) < 60
    assert split.held_out(cameras) != CameraSplit(0.2, seed=1).held_out(cameras)


def test_one_camera_alone_is_all_for_training(tmp_path: Path) -> None:
    spec = read_spec(written(tmp_path / "out", picture("CAM-1", 1, HEAP)))
    assert (len(pictures_of(spec, "train")), len(pictures_of(spec, "val"))) == (1, 0)


def test_every_picture_is_accounted_for_by_source_and_licence(tmp_path: Path) -> None:
    rejected = picture("路口 2", 7, decision="rejected")
    data = written(tmp_path / "out", picture("CAM-1", 1, HEAP), rejected)
    with (data.parent / "provenance.csv").open(encoding="utf-8", newline="") as stream:
        rows = {row["sha256"]: row for row in csv.DictReader(stream)}
    row = rows[rejected.sha256]
    assert (data.parent / row["file"]).read_bytes() == jpeg(7)
    assert (row["source"], row["decision"], row["decided_by"]) == ("demo/5101-7/uuid-7", "rejected", "operator")
    assert (row["camera"], row["captured_at"], row["boxes"]) == ("路口 2", "2026-05-14T04:07:00Z", "0")
    assert row["licence"] == "city-owned footage, not for publication"
    assert len(rows) == 2


def test_the_same_cases_make_the_same_data_set(tmp_path: Path) -> None:
    wanted = [picture(f"CAM-{n % 3}", n, HEAP) for n in range(6)]
    first = written(tmp_path / "a", *wanted)
    again = written(tmp_path / "b", *reversed(wanted))
    assert fingerprint(read_spec(first)) == fingerprint(read_spec(again))
    assert (first.parent / "provenance.csv").read_bytes() == (again.parent / "provenance.csv").read_bytes()


def test_boxes_end_at_the_pictures_edge_and_slivers_are_left_out(tmp_path: Path) -> None:
    over = NamedBox("exposed_garbage", Box(-20, 30, 40, 90))
    sliver = NamedBox("street_stall", Box(99, 0, 140, 60))
    spec = read_spec(written(tmp_path / "out", picture("CAM-1", 1, over, sliver)))
    ((found,),) = [p.boxes for p in pictures_of(spec, "train")]
    assert found.box == pytest.approx((0, 30, 40, 60), abs=0.01)


def test_what_no_case_is_about_is_marked_by_whoever_is_asked(tmp_path: Path) -> None:
    bin_box = NamedBox("garbage_bin", Box(60, 10, 80, 50))
    data = write_collected(
        [picture("CAM-1", 1, HEAP)], KEPT.__getitem__, lambda image: [bin_box], RULES, tmp_path / "o"
    )
    assert [box.class_id for box in pictures_of(read_spec(data), "train")[0].boxes] == [1, 2]


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "checked.txt").write_text("mine")
    with pytest.raises(ModelError, match="is not empty"):
        written(tmp_path, picture("CAM-1", 1))
    assert [path.name for path in tmp_path.iterdir()] == ["checked.txt"]


def test_a_picture_that_is_not_the_one_its_hash_names_stops_the_build_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not the one its hash names"):
        write_collected([picture("CAM-1", 1)], lambda sha: jpeg(2), lambda image: (), RULES, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_no_decided_case_is_told_with_the_mend(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="close cases at the desk"):
        written(tmp_path / "out")
