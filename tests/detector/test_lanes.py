"""Detectors side by side: every picture once, no lane lost, relief between two looks."""

import threading
from pathlib import Path
from typing import Literal, get_args

import cv2
import numpy as np
import pytest

from core.detections import Detection, ModelRef
from core.errors import ModelError
from core.geometry import Box
from core.ids import CategoryId
from detector.lanes import Lanes, Looked
from detector.load import load_detectors
from detector.runtimes import Backend
from models.manifest import load_package
from models.registry import DEFAULT_MODEL
from streams.frames import ImagePicture, Picture

STALL = CategoryId("street_stall")
PICTURES = Path(__file__).parent / "pictures"
BLANK = ImagePicture(np.zeros((8, 8, 3), dtype=np.uint8))


class Gated:
    """A detector that looks when it is let, and tells that it began."""

    def __init__(self, name: str, fault: Exception | None = None) -> None:
        self.name, self.fault = name, fault
        self.began, self.let = threading.Semaphore(0), threading.Semaphore(0)

    @property
    def model(self) -> ModelRef:
        return ModelRef(self.name, "0" * 64)

    @property
    def categories(self) -> tuple[CategoryId, ...]:
        return (STALL,)

    def detect(self, picture: Picture) -> tuple[Detection, ...]:
        self.began.release()
        assert self.let.acquire(timeout=20)
        if self.fault is not None:
            raise self.fault
        return (Detection(STALL, 0.9, Box(0, 0, 1, 1)),)


def collected(lanes: Lanes[str], ready: threading.Semaphore, count: int) -> list[Looked[str]]:
    found: list[Looked[str]] = []
    while len(found) < count:
        assert ready.acquire(timeout=20)
        found += lanes.collect()
    return found


def test_as_many_pictures_as_lanes_are_looked_at_at_the_same_time() -> None:
    detectors = [Gated("a"), Gated("b")]
    ready = threading.Semaphore(0)
    lanes: Lanes[str] = Lanes(detectors, ready.release)
    lanes.look("one", BLANK)
    lanes.look("two", BLANK)
    for detector in detectors:
        assert detector.began.acquire(timeout=20), "both began before either was done"
    assert not lanes.has_free
    assert lanes.in_hand == {"one", "two"}
    for detector in detectors:
        detector.let.release()
    assert {looked.key for looked in collected(lanes, ready, 2)} == {"one", "two"}
    assert lanes.has_free
    assert not lanes.in_hand
    lanes.close()


def test_a_picture_that_is_in_hand_is_not_taken_twice() -> None:
    detectors = [Gated("a"), Gated("b")]
    lanes: Lanes[str] = Lanes(detectors)
    lanes.look("one", BLANK)
    with pytest.raises(ValueError, match="one is being looked at"):
        lanes.look("one", BLANK)
    for detector in detectors:
        detector.let.release()
    lanes.close()


@pytest.mark.parametrize("fault", [ModelError("the runtime failed"), RuntimeError("a bug")])
def test_a_detector_that_fails_costs_its_look_and_not_its_lane(fault: Exception) -> None:
    detector = Gated("a", fault)
    ready = threading.Semaphore(0)
    lanes: Lanes[str] = Lanes([detector], ready.release)
    for key in ("one", "two"):
        detector.let.release()
        lanes.look(key, BLANK)
        (looked,) = collected(lanes, ready, 1)
        assert (looked.key, looked.detections, looked.fault) == (key, (), fault)
    lanes.close()


def test_a_relief_looks_from_the_next_picture_on_and_looks_in_hand_end_with_the_old_ones() -> None:
    old, new = [Gated("old"), Gated("old")], [Gated("new"), Gated("new")]
    for gated in new:
        gated.let.release(10)
    ready = threading.Semaphore(0)
    lanes: Lanes[str] = Lanes(old, ready.release)
    lanes.look("before", BLANK)
    lanes.relieve(new)
    lanes.look("after", BLANK)
    (after,) = collected(lanes, ready, 1)
    assert (after.key, after.model.name) == ("after", "new")
    for gated in old:
        gated.let.release()
    (before,) = collected(lanes, ready, 1)
    assert (before.key, before.model.name) == ("before", "old")
    for key in ("c", "d"):
        lanes.look(key, BLANK)
    assert {looked.model.name for looked in collected(lanes, ready, 2)} == {"new"}
    with pytest.raises(ValueError, match="1 detectors for 2 lanes"):
        lanes.relieve(new[:1])
    lanes.close()


@pytest.mark.parametrize("backend", get_args(Backend))
def test_detectors_side_by_side_see_what_one_alone_sees(backend: Literal["onnxruntime", "openvino"]) -> None:
    if backend == "openvino":
        pytest.importorskip("openvino", reason="needs the openvino extra")
    names = sorted(path for path in PICTURES.iterdir() if path.suffix == ".jpg")
    pictures = {path.name: ImagePicture(np.asarray(cv2.imread(str(path)), dtype=np.uint8)) for path in names}
    detectors = load_detectors(load_package(DEFAULT_MODEL), 3, backend, confidence=0.2)
    alone = {name: detectors[0].detect(picture) for name, picture in pictures.items()}
    assert any(alone.values()), "pictures on which nothing is seen prove nothing"
    ready = threading.Semaphore(0)
    lanes: Lanes[str] = Lanes(detectors, ready.release)
    waiting, found = list(pictures), dict[str, tuple[Detection, ...]]()
    while len(found) < len(pictures):
        while waiting and lanes.has_free:
            lanes.look(waiting[0], pictures[waiting.pop(0)])
        assert ready.acquire(timeout=60)
        found |= {looked.key: looked.detections for looked in lanes.collect()}
    lanes.close()
    assert found == alone
