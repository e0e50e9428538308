"""Weights and manifest must belong together before a detector looks."""

import sys
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import pytest

from core.errors import ModelError
from core.ids import CategoryId
from detector.load import cache_file, faster_backend, load_detector, open_network, remember, remembered
from detector.runtimes import Backend, Tensor
from detector.scripted import ScriptedDetector
from detector.yolo import YoloDetector, thresholds_of
from models.manifest import ModelPackage, load_package, read_manifest
from models.registry import DEFAULT_MODEL
from streams.frames import ImagePicture
from tests.detector.packages import copied_package, edit_manifest, replace_weights

BACKENDS = get_args(Backend)
ONE_SIZE = Path(__file__).parent / "networks" / "one_size.onnx"
STREET = np.full((360, 640, 3), 90, dtype=np.uint8)


class HeadNetwork:
    """A network that answers every picture with one head."""

    name: Backend = "onnxruntime"
    input_shape: tuple[int, ...] = (1, 3, 384, 640)

    def __init__(self, head: Tensor) -> None:
        self._head = head
        self.output_shape: tuple[int, ...] = head.shape

    def run(self, tensor: Tensor) -> Tensor:
        assert tensor.shape == self.input_shape
        assert tensor.dtype == np.dtype(np.float32)
        return self._head


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copied_package(tmp_path)


@pytest.fixture(scope="module")
def shipped() -> ModelPackage:
    return load_package(DEFAULT_MODEL)


def refusal(folder: Path, backend: Literal["onnxruntime", "openvino"]) -> str:
    if backend == "openvino":
        pytest.importorskip("openvino", reason="needs the openvino extra")
    with pytest.raises(ModelError) as caught:
        load_detector(load_package(folder), backend, threads=1)
    return str(caught.value)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("data", [b"", b"no weights at all", bytes(range(256)) * 40], ids=["empty", "text", "noise"])
def test_bytes_that_are_no_network_are_refused(
    folder: Path, backend: Literal["onnxruntime", "openvino"], data: bytes
) -> None:
    replace_weights(folder, data)
    text = refusal(folder, backend)
    assert text.startswith(f"{folder / 'model.onnx'} cannot be loaded: ")
    assert text.endswith("export it anew with `gridpatrol models export`")
    assert "\n" not in text


@pytest.mark.parametrize("backend", BACKENDS)
def test_weights_cut_in_half_are_refused(folder: Path, backend: Literal["onnxruntime", "openvino"]) -> None:
    weights = (folder / "model.onnx").read_bytes()
    replace_weights(folder, weights[: len(weights) // 2])
    assert refusal(folder, backend).startswith(f"{folder / 'model.onnx'} cannot be loaded: ")


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_category_too_few_does_not_belong_to_the_weights(
    folder: Path, backend: Literal["onnxruntime", "openvino"]
) -> None:
    facts = read_manifest(folder / "manifest.json")
    fewer = facts.categories[:-1]
    edit_manifest(
        folder,
        categories=fewer,
        violations=[name for name in facts.violations if name in fewer],
        thresholds={name: facts.thresholds[name] for name in fewer},
        threshold_choices=None,
        probability=None,
    )
    text = refusal(folder, backend)
    assert text.startswith(f"{folder / 'model.onnx'}: gives (1, 9, 5040), 4 categories need (1, 8, N)")
    assert text.endswith("the manifest's categories and the weights do not belong together")


@pytest.mark.parametrize("backend", BACKENDS)
def test_another_input_size_does_not_belong_to_the_weights(
    folder: Path, backend: Literal["onnxruntime", "openvino"]
) -> None:
    replace_weights(folder, ONE_SIZE.read_bytes())
    edit_manifest(folder, input_size=[640, 640])
    text = refusal(folder, backend)
    assert text.startswith(f"{folder / 'model.onnx'}: takes (1, 3, 384, 384), the manifest says (1, 3, 640, 640)")
    assert "correct input_size in the manifest or export the weights anew" in text


def test_without_openvino_its_backend_says_what_to_install(
    shipped: ModelPackage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(ModelError, match=r"openvino backend is not installed; pip install 'gridpatrol\[openvino\]'"):
        load_detector(shipped, "openvino")


def test_without_openvino_auto_is_onnxruntime(shipped: ModelPackage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    assert load_detector(shipped, threads=1).backend == "onnxruntime"


def test_the_faster_runtime_is_measured_once_and_remembered(
    shipped: ModelPackage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("openvino", reason="needs the openvino extra")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    memory = cache_file(shipped, 1)
    chosen = faster_backend(shipped, 1)
    assert remembered(memory) == chosen
    other: Backend = "openvino" if chosen == "onnxruntime" else "onnxruntime"
    remember(memory, other)
    assert faster_backend(shipped, 1) == other, "a remembered choice is not measured again"
    assert cache_file(shipped, 2) != memory


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"backend": "tpu"}', "\x00"])
def test_a_damaged_memory_counts_as_none(tmp_path: Path, text: str) -> None:
    memory = tmp_path / "backend.json"
    memory.write_text(text, encoding="utf-8")
    assert remembered(memory) is None


def test_a_cache_that_cannot_be_written_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    memory = tmp_path / "file" / "backend.json"
    remember(memory, "openvino")
    assert remembered(memory) is None


def test_the_manifests_thresholds_hold_unless_others_are_given(shipped: ModelPackage) -> None:
    own = [shipped.manifest.thresholds[name] for name in shipped.manifest.categories]
    assert thresholds_of(shipped, None) == pytest.approx(own)
    assert thresholds_of(shipped, 0.9) == pytest.approx([0.9] * len(own))
    one = thresholds_of(shipped, {CategoryId("garbage_bin"): 0.11})
    own[shipped.manifest.categories.index("garbage_bin")] = 0.11
    assert one == pytest.approx(own)


def test_a_threshold_for_an_unknown_category_is_refused(shipped: ModelPackage) -> None:
    with pytest.raises(ModelError, match=r"cannot see category 'garbage_bim'; did you mean 'garbage_bin'\?"):
        load_detector(shipped, "onnxruntime", 1, {CategoryId("garbage_bim"): 0.5})


@pytest.mark.parametrize("backend", BACKENDS)
def test_grey_nothing_is_nothing(shipped: ModelPackage, backend: Literal["onnxruntime", "openvino"]) -> None:
    if backend == "openvino":
        pytest.importorskip("openvino", reason="needs the openvino extra")
    detector = load_detector(shipped, backend, threads=1)
    assert (detector.backend, detector.model, detector.categories) == (backend, shipped.ref, shipped.categories)
    assert detector.detect(ImagePicture(STREET)) == ()
    assert detector.detect(ImagePicture(np.zeros((1, 900, 3), dtype=np.uint8))) == ()


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_tensor_of_another_shape_is_a_named_failure(
    shipped: ModelPackage, backend: Literal["onnxruntime", "openvino"]
) -> None:
    if backend == "openvino":
        pytest.importorskip("openvino", reason="needs the openvino extra")
    with pytest.raises(ModelError, match=f"{backend} failed on a picture: "):
        open_network(shipped, backend, 1).run(np.zeros((1, 3, 32, 32), dtype=np.float32))


def test_the_head_becomes_boxes_in_the_pictures_own_pixels(shipped: ModelPackage) -> None:
    head = np.zeros((1, 9, 5040), dtype=np.float32)
    head[0, :, 7] = [320, 192, 60, 60, 0, 0.9, 0, 0, 0]
    (only,) = YoloDetector(shipped, HeadNetwork(head)).detect(ImagePicture(STREET))
    assert only.category == "exposed_garbage"
    assert only.confidence == pytest.approx(0.9)
    assert only.box.as_xyxy() == pytest.approx((290, 150, 350, 210))


@pytest.mark.parametrize("shape", [(1, 8, 5040), (9, 5040), (1, 5040, 9)])
def test_a_head_of_another_shape_is_refused_at_the_start(shipped: ModelPackage, shape: tuple[int, ...]) -> None:
    with pytest.raises(ModelError, match="do not belong together"):
        YoloDetector(shipped, HeadNetwork(np.zeros(shape, dtype=np.float32)))


def test_the_scripted_twin_sees_what_it_is_told() -> None:
    twin = ScriptedDetector(lambda image: (), (CategoryId("garbage_bin"),))
    assert (twin.detect(ImagePicture(STREET)), twin.categories, twin.model.name) == ((), ("garbage_bin",), "scripted")
