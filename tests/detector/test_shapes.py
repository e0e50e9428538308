"""A picture is looked at in its own shape, at the package's scale."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.letterbox import fit
from detector.load import load_detector, load_detectors
from detector.runtimes import Backend, InputSize, OnnxRuntimeNetwork
from detector.shapes import NetworkShelf, shape_for
from detector.yolo import YoloDetector
from models.manifest import ModelPackage, load_package
from streams.frames import ImagePicture
from tests.detector.packages import copied_package, edit_manifest, replace_weights
from tests.detector.test_input_sizes import ANY_SIZE, CAMERA, ONE_SIZE, SQUARE


@pytest.mark.parametrize(
    ("picture_hw", "shape"),
    [
        ((1080, 1920), (384, 640)),
        ((576, 704), (384, 480)),
        ((960, 1280), (384, 512)),
        ((512, 512), (384, 384)),
        ((1920, 1080), (640, 384)),
        ((480, 1920), (160, 640)),
        ((4, 4000), (32, 640)),
    ],
)
def test_an_input_has_the_picture_s_shape_and_no_broad_bars(
    picture_hw: tuple[int, int], shape: tuple[int, int]
) -> None:
    assert shape_for(picture_hw, CAMERA) == shape


@given(st.integers(16, 4000), st.integers(16, 4000))
def test_no_picture_gets_smaller_or_more_pixels_than_in_the_package_s_own_size(height: int, width: int) -> None:
    shape = shape_for((height, width), CAMERA)
    assert fit((height, width), shape).gain >= fit((height, width), CAMERA).gain * 0.99
    assert shape[0] * shape[1] <= CAMERA[0] * CAMERA[1]
    assert all(side % 32 == 0 for side in shape)


@pytest.fixture(params=get_args(Backend))
def backend(request: pytest.FixtureRequest) -> Literal["onnxruntime", "openvino"]:
    if request.param == "openvino":
        pytest.importorskip("openvino", reason="needs the openvino extra")
        return "openvino"
    return "onnxruntime"


@pytest.fixture
def package(tmp_path: Path) -> ModelPackage:
    """Weights of any size whose network sees one thing, in the input's upper left 16 x 16 px."""
    folder = copied_package(tmp_path)
    replace_weights(folder, ANY_SIZE.read_bytes())
    edit_manifest(folder, input_size=list(CAMERA), other_input_sizes=[list(SQUARE)])
    return load_package(folder)


def white(height: int, width: int) -> ImagePicture:
    return ImagePicture(np.full((height, width, 3), 255, dtype=np.uint8))


def test_a_square_picture_fills_a_square_input(
    package: ModelPackage, backend: Literal["onnxruntime", "openvino"]
) -> None:
    (found,) = load_detector(package, backend, 1, 0.5).detect(white(768, 768))
    assert found.box.as_xyxy() == pytest.approx((0, 0, 32, 32)), "halved, and nothing beside it"
    (beside,) = load_detector(package, backend, 1, 0.5, input_size=CAMERA).detect(white(768, 768))
    assert beside.box.x1 == 0, "128 px of bar lie left of the picture in the camera's size"


def test_lanes_share_one_network_for_each_shape_and_agree(
    package: ModelPackage, backend: Literal["onnxruntime", "openvino"]
) -> None:
    lanes = load_detectors(package, 3, backend, confidence=0.5)
    for height, width in ((768, 768), (1280, 720), (720, 1280)):
        seen = {lane.detect(white(height, width)) for lane in lanes}
        assert len(seen) == 1
        assert all(found.box.x1 > 0 for detections in seen for found in detections)


@pytest.fixture
def counted(package: ModelPackage) -> tuple[NetworkShelf, list[InputSize]]:
    """A shelf for two shapes, and what it loaded."""
    loaded: list[InputSize] = []

    def load(size: InputSize) -> OnnxRuntimeNetwork:
        loaded.append(size)
        return OnnxRuntimeNetwork(package.weights_path, size, 1)

    return NetworkShelf(load, most=2), loaded


def test_each_shape_is_loaded_once_and_those_beyond_the_room_get_bars(
    package: ModelPackage, counted: tuple[NetworkShelf, list[InputSize]]
) -> None:
    shelf, loaded = counted
    lanes = [
        YoloDetector(package, OnnxRuntimeNetwork(package.weights_path, CAMERA, 1), 0.5, None, shelf) for _ in range(2)
    ]
    for lane in lanes:
        for height, width in ((768, 768), (768, 768), (1280, 720), (600, 800)):
            lane.detect(white(height, width))
    assert loaded == [(384, 384), (640, 384)]
    (beside,) = lanes[0].detect(white(600, 800))
    assert beside.box.x1 == 0, "in the camera's size it lies between bars"


def test_weights_of_one_size_take_every_picture_in_it(tmp_path: Path) -> None:
    folder = copied_package(tmp_path)
    replace_weights(folder, ONE_SIZE.read_bytes())
    edit_manifest(folder, input_size=[384, 384], other_input_sizes=[])
    detect: Callable[[ImagePicture], object] = load_detector(load_package(folder), "onnxruntime", 1, 0.5).detect
    detect(white(720, 1280))
