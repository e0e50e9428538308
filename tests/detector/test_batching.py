"""Many lanes, one device: every picture gets its own head, whatever the batch; faults are told to whoever waits."""

import gc
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.errors import ModelError
from detector.batching import Gatherer, padded
from detector.gpu import BatchSession, gathered, open_gpu
from detector.load import load_detector
from detector.runtimes import Tensor
from detector.yolo import YoloDetector
from models.manifest import load_package
from models.registry import DEFAULT_MODEL
from streams.frames import ImagePicture

PICTURES = Path(__file__).parent / "pictures"


def numbered(number: int) -> Tensor:
    return np.full((1, 3, 2, 2), number, dtype=np.float32)


class Device:
    """Doubles what it gets, when it is let."""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.let = threading.Semaphore(0)
        self.began = threading.Semaphore(0)
        self.fault: Exception | None = None

    def run(self, batch: Tensor) -> Tensor:
        self.began.release()
        assert self.let.acquire(timeout=20)
        self.batches.append(len(batch))
        if self.fault is not None:
            raise self.fault
        return 2 * batch


def test_what_waits_while_a_batch_is_worked_on_makes_the_next_batch() -> None:
    device = Device()
    gatherer = Gatherer(device.run, most=4)
    with ThreadPoolExecutor(7) as lanes:
        first = lanes.submit(gatherer.run, numbered(0))
        assert device.began.acquire(timeout=20)
        rest = [lanes.submit(gatherer.run, numbered(number)) for number in range(1, 7)]
        while gatherer._line.qsize() < len(rest):
            threading.Event().wait(0.001)
        device.let.release(10)
        heads = [float(answer.result(20)[0, 0, 0, 0]) for answer in (first, *rest)]
    assert heads == [0, 2, 4, 6, 8, 10, 12]
    assert device.batches == [1, 4, 2]
    assert (gatherer.counts.batches, gatherer.counts.pictures) == (3, 7)


@pytest.mark.parametrize(("waiting", "size"), [(1, 1), (2, 2), (3, 4), (5, 8)])
def test_a_batch_is_filled_up_to_a_power_of_two(waiting: int, size: int) -> None:
    assert len(padded([numbered(number) for number in range(waiting)])) == size


@pytest.mark.parametrize("fault", [RuntimeError("CUDA out of memory\nstack"), ModelError("the device failed: x")])
def test_a_fault_is_told_to_every_lane_that_waits_and_the_owner_goes_on(fault: Exception) -> None:
    device = Device()
    device.let.release(2)
    device.fault = fault
    gatherer = Gatherer(device.run)
    with pytest.raises(ModelError, match="the device failed"):
        gatherer.run(numbered(1))
    device.fault = None
    assert gatherer.run(numbered(3))[0, 0, 0, 0] == 6


def test_a_largest_batch_that_is_no_power_of_two_is_refused() -> None:
    with pytest.raises(ValueError, match="no power of two"):
        Gatherer(Device().run, most=6)


def test_the_owner_ends_when_nobody_holds_the_device_any_more() -> None:
    before = {thread for thread in threading.enumerate() if thread.name == "device-owner"}
    gatherer = Gatherer(Device().run)
    (owner,) = {thread for thread in threading.enumerate() if thread.name == "device-owner"} - before
    del gatherer
    gc.collect()
    owner.join(timeout=20)
    assert not owner.is_alive()


def test_the_shipped_weights_see_the_same_in_batches_as_alone() -> None:
    package = load_package(DEFAULT_MODEL)
    size = package.manifest.input_size
    first = gathered(BatchSession(package.weights_path, size, ["CPUExecutionProvider"], "cpu"), "cuda", most=4)
    names = sorted(PICTURES.glob("*.jpg"))
    pictures = [ImagePicture(np.asarray(cv2.imread(str(path)), dtype=np.uint8)) for path in names]
    alone = load_detector(package, "onnxruntime", 1, input_size=size)
    lanes = [YoloDetector(package, network) for network in (first, *(first.twin() for _ in pictures[1:]))]
    with ThreadPoolExecutor(len(lanes)) as pool:
        found = list(pool.map(lambda lane, picture: lane.detect(picture), lanes, pictures))
    for ours, expected in zip(found, [alone.detect(picture) for picture in pictures], strict=True):
        assert [one.category for one in ours] == [one.category for one in expected]
        for one, other in zip(ours, expected, strict=True):
            assert one.box.iou(other.box) > 0.99
            assert one.confidence == pytest.approx(other.confidence, abs=1e-3)
    assert any(found), "pictures in which nothing is seen prove nothing"


def test_a_machine_without_a_gpu_is_told_what_to_install(tmp_path: Path) -> None:
    import onnxruntime

    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this machine's ONNX Runtime reaches a GPU")
    package = load_package(DEFAULT_MODEL)
    with pytest.raises(ModelError, match=r"backend 'cuda'.*pip install 'gridpatrol\[gpu\]'"):
        open_gpu(package.weights_path, package.manifest.input_size, "cuda", tmp_path)
