"""``gridpatrol models label``: boxes for a person to check; what a person checked is never written again."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from core.errors import ConfigError, ModelError
from models.datasets import pictures_of, read_spec
from models.interchange import from_coco
from patrol.cli import app
from tests.detector.clips import PICTURES, write_clip
from tests.detector.packages import copied_package, edit_manifest, replace_weights
from tests.models.test_promotion import note

NAMES = ("render_10000.jpg", "render_10010.jpg")


@pytest.fixture
def footage(tmp_path: Path) -> Path:
    """Two pictures, one of them in a folder, and a clip of two key frames."""
    folder = tmp_path / "footage"
    (folder / "night").mkdir(parents=True)
    shutil.copy(PICTURES / NAMES[0], folder)
    shutil.copy(PICTURES / NAMES[1], folder / "night" / NAMES[0])
    write_clip(folder / "clip.mp4")
    return folder


def label(folder: Path, *arguments: str) -> Result:
    exact = ("--backend", "onnxruntime", "--workers", "1")
    result = CliRunner().invoke(app, ["models", "label", str(folder), *arguments, *exact])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def journal(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "predictions.jsonl").read_text(encoding="utf-8").splitlines()]


def test_pictures_and_clips_become_a_data_set_with_every_box_and_its_score(footage: Path) -> None:
    result = label(footage, "--conf", "0.05")
    assert "4 labelled" in result.output
    out = footage.with_name("footage-labels")
    lines = journal(out)
    assert [(line["source"], line["frame"]) for line in lines] == [
        ("clip.mp4", 0),
        ("clip.mp4", 1),
        ("night/render_10000.jpg", None),
        ("render_10000.jpg", None),
    ]
    pictures = {picture.path.name: picture for picture in pictures_of(read_spec(out / "data.yaml"), "train")}
    assert set(pictures) == {
        "clip_000000.jpg",
        "clip_000001.jpg",
        "night__render_10000.jpg",
        "render_10000.jpg",
    }
    for line in lines:
        found = pictures[Path(line["file"]).name].boxes
        assert len(found) == len(line["detections"])
        assert all(each["confidence"] >= 0.05 for each in line["detections"])
    assert any(line["detections"] for line in lines)
    assert (out / "images/train/render_10000.jpg").read_bytes() == (PICTURES / NAMES[0]).read_bytes()


def test_a_second_run_does_only_what_is_new_and_one_cut_off_is_made_good(footage: Path) -> None:
    label(footage)
    out = footage.with_name("footage-labels")
    path = out / "predictions.jsonl"
    path.write_bytes(path.read_bytes()[:-20])  # killed while it wrote the last line
    shutil.copy(PICTURES / NAMES[1], footage / "new.jpg")
    again = label(footage)
    assert "3 done before, 2 labelled" in again.output
    assert len(journal(out)) == 5
    assert "5 done before" in label(footage).output


def test_what_a_person_checked_stays_whatever_model_comes(footage: Path, tmp_path: Path) -> None:
    label(footage)
    out = footage.with_name("footage-labels")
    checked = out / "labels/train/render_10000.txt"
    checked.write_text("1 0.5 0.5 0.25 0.25\n")
    other = copied_package(tmp_path)
    replace_weights(other, (other / "model.onnx").read_bytes() + note("another"))
    result = label(footage, "--model", str(other), "--format", "coco")
    assert "3 labelled" in result.output
    assert "1 checked, left alone" in result.output
    assert checked.read_text() == "1 0.5 0.5 0.25 0.25\n"
    told = {p.file: p for p in from_coco(out / "annotations/instances_train.json", "images/train")}
    (box,) = told["images/train/render_10000.jpg"].boxes
    assert (box.category, box.score) == ("exposed_garbage", None)
    others = [b for name, p in told.items() if name != "images/train/render_10000.jpg" for b in p.boxes]
    assert all(box.score is not None for box in others)
    assert "1 checked" not in label(footage, "--model", str(other)).output  # done before, and still theirs
    assert checked.read_text() == "1 0.5 0.5 0.25 0.25\n"


def test_a_checked_export_is_not_written_over(footage: Path) -> None:
    label(footage, "--format", "label-studio")
    out = footage.with_name("footage-labels")
    tasks = out / "tasks_train.json"
    content = json.loads(tasks.read_text(encoding="utf-8"))
    assert len(content) == 4
    assert content[0]["predictions"][0]["model_version"] == "gridpatrol-n"
    label(footage, "--format", "label-studio")
    tasks.write_text("[]")
    with pytest.raises(ModelError, match="was changed since it was written"):
        label(footage, "--format", "label-studio")
    assert tasks.read_text() == "[]"


def test_labels_of_other_categories_are_not_mixed_in(footage: Path, tmp_path: Path) -> None:
    label(footage)
    other = copied_package(tmp_path)
    categories = json.loads((other / "manifest.json").read_text())["categories"]
    edit_manifest(other, categories=[categories[1], categories[0], *categories[2:]])
    with pytest.raises(ModelError, match="labels of other categories"):
        label(footage, "--model", str(other))


def test_a_folder_that_is_no_job_of_ours_is_left_alone(footage: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(ModelError, match="is not empty and holds no pre-labels"):
        label(footage, "--out", str(tmp_path / "out"))
    with pytest.raises(ConfigError, match="lies in the folder that is labelled"):
        label(footage, "--out", str(footage / "labels"))


def test_a_file_that_is_no_picture_costs_only_itself(footage: Path) -> None:
    (footage / "broken.jpg").write_bytes(b"no picture")
    result = label(footage)
    assert result.exit_code == 1
    assert "broken.jpg" in result.output
    assert "4 labelled" in result.output
