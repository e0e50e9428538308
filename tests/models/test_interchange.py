"""What we write for other tools, read back: COCO and Label Studio."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from core.errors import ModelError
from core.geometry import Box
from models.interchange import (
    MarkedBox,
    MarkedPicture,
    as_coco,
    as_label_studio,
    from_coco,
    label_studio_config,
    write_interchange,
)

NAMES = ("street_stall", "exposed_garbage")
STREET = MarkedPicture(
    "images/val/street.jpg",
    200,
    100,
    (MarkedBox("exposed_garbage", Box(20, 10, 60, 35)), MarkedBox("street_stall", Box(100, 50, 150, 100), 0.75)),
)
EMPTY = MarkedPicture("images/val/empty.jpg", 64, 48, ())


def test_coco_reads_back_as_it_was(tmp_path: Path) -> None:
    (written,) = write_interchange(tmp_path, {"val": (STREET, EMPTY)}, NAMES, "coco", licence="city-owned")
    assert written == tmp_path / "annotations" / "instances_val.json"
    assert from_coco(written, "images/val") == (STREET, EMPTY)


def test_pycocotools_reads_it_and_finds_every_box(tmp_path: Path) -> None:
    coco = pytest.importorskip("pycocotools.coco", reason="pycocotools is part of the dev extra")
    (written,) = write_interchange(tmp_path, {"val": (STREET, EMPTY)}, NAMES, "coco")
    truth = coco.COCO(str(written))
    assert [category["name"] for category in truth.loadCats(truth.getCatIds())] == list(NAMES)
    assert len(truth.getImgIds()) == 2
    (garbage,) = truth.loadAnns(truth.getAnnIds(catIds=[2]))
    assert garbage["bbox"] == [20, 10, 40, 25]
    assert garbage["area"] == 1000


def test_coco_names_pictures_by_their_file_and_counts_from_one() -> None:
    content = as_coco((EMPTY, STREET), NAMES)
    assert [(image["id"], image["file_name"]) for image in content["images"]] == [(1, "empty.jpg"), (2, "street.jpg")]
    assert {(a["id"], a["image_id"], a["category_id"]) for a in content["annotations"]} == {(1, 2, 2), (2, 2, 1)}
    assert "score" not in content["annotations"][0]
    assert content["annotations"][1]["score"] == 0.75


def test_a_file_that_is_no_coco_is_named_with_the_mend(tmp_path: Path) -> None:
    path = tmp_path / "instances.json"
    path.write_text('{"images": []}')
    with pytest.raises(ModelError, match=r"instances\.json is not COCO.*mend"):
        from_coco(path, "images/val")


def test_label_studio_has_a_persons_boxes_as_annotations_in_per_cent() -> None:
    task, empty = as_label_studio((STREET, EMPTY))
    assert task["data"]["image"] == "/data/local-files/?d=images/val/street.jpg"
    first = task["annotations"][0]["result"][0]
    assert first["value"] == {
        "x": 10,
        "y": 10,
        "width": 20,
        "height": 25,
        "rotation": 0,
        "rectanglelabels": ["exposed_garbage"],
    }
    assert (first["original_width"], first["original_height"]) == (200, 100)
    assert empty["annotations"] == [{"result": []}]
    assert "predictions" not in task


def test_label_studio_has_a_models_boxes_as_predictions_to_check() -> None:
    (task,) = as_label_studio((STREET,), model_version="gridpatrol-n")
    (prediction,) = task["predictions"]
    assert (prediction["model_version"], prediction["score"]) == ("gridpatrol-n", 0.75)
    assert prediction["result"][1]["score"] == 0.75
    assert "annotations" not in task


def test_the_labelling_interface_names_what_the_tasks_name(tmp_path: Path) -> None:
    write_interchange(tmp_path, {"val": (STREET,)}, NAMES, "label-studio")
    view = ElementTree.parse(tmp_path / "label_config.xml").getroot()  # noqa: S314 (written a line above)
    labels = view.find("RectangleLabels")
    image = view.find("Image")
    assert labels is not None
    assert image is not None
    (task,) = json.loads((tmp_path / "tasks_val.json").read_text(encoding="utf-8"))
    result = task["annotations"][0]["result"][0]
    assert (result["from_name"], result["to_name"]) == (labels.get("name"), image.get("name"))
    assert [label.get("value") for label in labels] == list(NAMES)
    assert 'value="a &amp; b"' in label_studio_config(["a & b"])
