"""Detectors over one copy of the weights, each with a thread of its own, see what one alone sees."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal, get_args

import cv2
import numpy as np
import pytest

from detector.load import load_detectors
from detector.runtimes import Backend
from models.manifest import load_package
from models.registry import DEFAULT_MODEL
from streams.frames import ImagePicture

PICTURES = Path(__file__).parent / "pictures"


@pytest.mark.parametrize("backend", get_args(Backend))
def test_detectors_side_by_side_see_what_one_alone_sees(backend: Literal["onnxruntime", "openvino"]) -> None:
    if backend == "openvino":
        pytest.importorskip("openvino", reason="needs the openvino extra")
    names = sorted(path for path in PICTURES.iterdir() if path.suffix == ".jpg")
    pictures = [ImagePicture(np.asarray(cv2.imread(str(path)), dtype=np.uint8)) for path in names]
    detectors = load_detectors(load_package(DEFAULT_MODEL), 3, backend, confidence=0.2)
    alone = [detectors[0].detect(picture) for picture in pictures]
    assert any(alone), "pictures on which nothing is seen prove nothing"
    with ThreadPoolExecutor(len(detectors)) as lanes:
        found = list(lanes.map(lambda detector: [detector.detect(picture) for picture in pictures], detectors))
    assert found == [alone] * len(detectors)
