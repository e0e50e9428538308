"""Our pipeline sees what Ultralytics' own ``predict`` sees with the same weights."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from core.geometry import Box
from detector.load import load_detector
from detector.runtimes import OpenVinoNetwork
from detector.yolo import YoloDetector
from models.manifest import load_package
from models.registry import DEFAULT_MODEL
from streams.frames import Image, ImagePicture

HERE = Path(__file__).parent
REFERENCE: dict[str, Any] = json.loads((HERE / "reference" / f"{DEFAULT_MODEL}.json").read_text(encoding="utf-8"))
BOX_PX = 0.01
CONFIDENCE = 1e-3


def picture(name: str) -> Image:
    return np.asarray(cv2.imread(str(HERE / "pictures" / name)), dtype=np.uint8)


def test_the_reference_was_made_with_the_shipped_weights() -> None:
    shipped = load_package(DEFAULT_MODEL).manifest.sha256
    assert REFERENCE["model_sha256"] == shipped, "make it anew: python -m benchmarks.reference_detections"
    assert sum(len(found) for found in REFERENCE["pictures"].values()) >= 20


@pytest.mark.parametrize("name", sorted(REFERENCE["pictures"]))
def test_onnxruntime_agrees_box_by_box(name: str) -> None:
    package = load_package(DEFAULT_MODEL)
    size = package.manifest.input_size  # as the reference was made, whatever the picture's shape
    detector = load_detector(package, "onnxruntime", confidence=REFERENCE["confidence"], input_size=size)
    ours = detector.detect(ImagePicture(picture(name)))
    theirs = REFERENCE["pictures"][name]
    assert [d.category for d in ours] == [found["category"] for found in theirs]
    for mine, found in zip(ours, theirs, strict=True):
        assert mine.box.as_xyxy() == pytest.approx(found["box_xyxy"], abs=BOX_PX)
        assert mine.confidence == pytest.approx(found["confidence"], abs=CONFIDENCE)


@pytest.mark.parametrize("name", sorted(REFERENCE["pictures"]))
def test_openvino_in_float32_agrees_box_by_box(name: str) -> None:
    pytest.importorskip("openvino", reason="needs the openvino extra")
    package = load_package(DEFAULT_MODEL)
    network = OpenVinoNetwork(package.weights_path, package.manifest.input_size, precision="f32")
    ours = YoloDetector(package, network, REFERENCE["confidence"]).detect(ImagePicture(picture(name)))
    theirs = REFERENCE["pictures"][name]
    assert [d.category for d in ours] == [found["category"] for found in theirs]
    for mine, found in zip(ours, theirs, strict=True):
        assert mine.box.as_xyxy() == pytest.approx(found["box_xyxy"], abs=BOX_PX)
        assert mine.confidence == pytest.approx(found["confidence"], abs=CONFIDENCE)


def test_openvino_in_bfloat16_agrees_on_nine_boxes_in_ten() -> None:
    """A share, because bfloat16 has outliers: a box of 0.73 was seen to fall to 0.47 (interim weights, 2 of 31 off)."""
    pytest.importorskip("openvino", reason="needs the openvino extra")
    package = load_package(DEFAULT_MODEL)
    detector = load_detector(
        package,
        "openvino",
        confidence=REFERENCE["confidence"],
        precision="bf16",
        input_size=package.manifest.input_size,
    )
    agreed, off = 0, []
    for name, theirs in REFERENCE["pictures"].items():
        ours = detector.detect(ImagePicture(picture(name)))
        for found in theirs:
            if found["confidence"] < 0.3:
                continue  # near the threshold bfloat16 may lose a box
            same = [d for d in ours if d.category == found["category"] and d.box.iou(Box(*found["box_xyxy"])) > 0.9]
            if any(abs(d.confidence - found["confidence"]) <= 0.08 for d in same):
                agreed += 1
            else:
                off.append((name, found))
    assert agreed >= 0.9 * (agreed + len(off)), off


@pytest.mark.train
def test_ultralytics_still_gives_the_reference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ultralytics", reason="needs the train extra (torch, ultralytics)")
    from benchmarks import reference_detections

    monkeypatch.setattr(reference_detections, "REFERENCE", tmp_path)
    reference_detections.main(DEFAULT_MODEL)
    again = json.loads((tmp_path / f"{DEFAULT_MODEL}.json").read_text(encoding="utf-8"))
    for name, theirs in REFERENCE["pictures"].items():
        assert [f["category"] for f in again["pictures"][name]] == [f["category"] for f in theirs]
