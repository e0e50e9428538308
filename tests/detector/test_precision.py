"""What ``auto`` settles on sees what float32 sees."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from detector.load import load_detector
from detector.runtimes import settled
from models.manifest import load_package
from models.registry import DEFAULT_MODEL
from streams.frames import ImagePicture

PICTURES = Path(__file__).parent / "pictures"


def test_what_was_chosen_stays_chosen() -> None:
    assert settled("f32") == "f32"
    assert settled("bf16") == "bf16"


def test_auto_finds_what_float32_is_sure_of_in_nearly_the_same_place() -> None:
    pytest.importorskip("openvino", reason="needs the openvino extra")
    package = load_package(DEFAULT_MODEL)
    exact = load_detector(package, "openvino", 1, precision="f32")
    chosen = load_detector(package, "openvino", 1, confidence=0.1, precision=settled("auto"))
    sure = 0
    for path in sorted(PICTURES.glob("*.jpg")):
        picture = ImagePicture(np.asarray(cv2.imread(str(path)), dtype=np.uint8))
        found = chosen.detect(picture)
        for wanted in exact.detect(picture):
            sure += 1
            assert any(
                one.category == wanted.category and one.box.iou(wanted.box) >= 0.85 and one.confidence >= 0.3
                for one in found
            ), (path.name, wanted, found)
    assert sure, "pictures in which nothing is seen prove nothing"
