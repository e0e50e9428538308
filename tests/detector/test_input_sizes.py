"""One file of weights, several picture sizes: each is fixed at loading, and only those of the manifest are taken."""

from pathlib import Path
from typing import Literal, get_args

import numpy as np
import pytest

from core.errors import ModelError
from detector.load import cache_file, load_detector, open_network
from detector.runtimes import Backend
from models.manifest import load_package, read_manifest, write_manifest
from streams.frames import ImagePicture
from tests.detector.packages import copied_package, edit_manifest, replace_weights

ANY_SIZE = Path(__file__).parent / "networks" / "any_size.onnx"
ONE_SIZE = ANY_SIZE.with_name("one_size.onnx")
CAMERA, SQUARE = (384, 640), (640, 640)


@pytest.fixture(params=get_args(Backend))
def backend(request: pytest.FixtureRequest) -> Literal["onnxruntime", "openvino"]:
    if request.param == "openvino":
        pytest.importorskip("openvino", reason="needs the openvino extra")
        return "openvino"
    return "onnxruntime"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A package of weights that take every size, for two of them."""
    copy = copied_package(tmp_path)
    replace_weights(copy, ANY_SIZE.read_bytes())
    edit_manifest(copy, input_size=list(CAMERA), other_input_sizes=[list(SQUARE)])
    return copy


@pytest.mark.parametrize(("size", "anchors"), [(None, 12 * 20), (CAMERA, 12 * 20), (SQUARE, 20 * 20)])
def test_the_network_is_fixed_to_the_size_that_was_asked_for(
    folder: Path,
    backend: Literal["onnxruntime", "openvino"],
    size: tuple[int, int] | None,
    anchors: int,
) -> None:
    network = open_network(load_package(folder), backend, 1, input_size=size)
    assert network.input_shape == (1, 3, *(size or CAMERA))
    assert network.output_shape == (1, 9, anchors)
    assert network.run(np.zeros(network.input_shape, dtype=np.float32)).shape == (1, 9, anchors)


@pytest.mark.parametrize(("size", "bottom"), [(CAMERA, 8), (SQUARE, 0)])
def test_the_picture_is_fitted_into_the_size_that_was_asked_for(
    folder: Path, backend: Literal["onnxruntime", "openvino"], size: tuple[int, int], bottom: float
) -> None:
    # The box covers the input's upper left 16 x 16 px. A 1280 x 720 picture is halved in both sizes; above it lies a
    # bar of 12 px in the one, which leaves 4 of the 16, and of 140 px in the other.
    street = np.full((720, 1280, 3), 255, dtype=np.uint8)
    found = load_detector(load_package(folder), backend, 1, 0.5, input_size=size).detect(ImagePicture(street))
    assert found[0].category == load_package(folder).categories[1]
    assert found[0].box.as_xyxy() == pytest.approx((0, 0, 32, bottom))


def test_a_size_that_the_manifest_does_not_name_is_refused_with_those_it_does(folder: Path) -> None:
    with pytest.raises(ModelError, match=r"does not take 320x640 pixels .*; mend: choose one of 384x640, 640x640,"):
        load_detector(load_package(folder), "onnxruntime", 1, input_size=(320, 640))


def test_weights_of_one_size_refuse_a_manifest_that_promises_another(tmp_path: Path) -> None:
    copy = copied_package(tmp_path)
    replace_weights(copy, ONE_SIZE.read_bytes())
    edit_manifest(copy, input_size=[384, 384], other_input_sizes=[[640, 640]])
    with pytest.raises(ModelError, match=r"takes \(1, 3, 384, 384\), the manifest says \(1, 3, 640, 640\)"):
        load_detector(load_package(copy), "onnxruntime", 1, input_size=SQUARE)


def test_the_faster_runtime_is_remembered_for_each_size(folder: Path) -> None:
    package = load_package(folder)
    assert cache_file(package, 1) == cache_file(package, 1, input_size=CAMERA)
    assert cache_file(package, 1) != cache_file(package, 1, input_size=SQUARE)


def test_a_manifest_names_its_first_size_first(folder: Path) -> None:
    manifest = read_manifest(folder / "manifest.json")
    assert manifest.input_sizes == (CAMERA, SQUARE)
    assert read_manifest(write_manifest(manifest, folder)) == manifest


def test_a_further_size_must_fit_the_strides_too(folder: Path) -> None:
    edit_manifest(folder, other_input_sizes=[[640, 650]])
    with pytest.raises(ModelError, match=r"other_input_sizes: .*multiples of 32"):
        load_package(folder)
