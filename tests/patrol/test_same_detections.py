"""Key frames only, planes scaled lazily, or every frame decoded whole in a plain loop: the same detections.

Tolerance: as many of each class, confidences within 0.05, boxes that overlap by an IoU of 0.95 or more where the clip
has the network's own size; 0.1 and 0.8 where 1080p is scaled to a third: planes scaled before and after they become
colours differ by rounding there, and an edge that moves by one pixel is three in the picture. A detection whose
confidence lies within the tolerance of its threshold may be missing on one side.

The plain loop averages over what a small pixel stands for, as we do. One that samples instead (``INTER_LINEAR``) lets
the sensor's noise through: same things, but confidences up to 0.19 away on the 1080p clip.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from benchmarks.street_clips import street_clips
from core.detections import Detection
from core.geometry import Box
from detector.load import load_detector
from detector.yolo import YoloDetector
from models.manifest import load_package
from models.registry import DEFAULT_MODEL
from patrol.demo.site import ASSETS
from streams.frames import Image, ImagePicture
from streams.mailbox import Mailbox
from streams.runner import FeedRunner
from streams.spec import FeedSpec
from tests.streams.patience import take_all

STARTED_AT = datetime(2026, 5, 14, 0, 30, tzinfo=UTC)
INTERVAL_S = 2.0


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far two detections of one thing may lie apart."""

    confidence: float
    iou: float


UNSCALED, SCALED = Tolerance(0.05, 0.95), Tolerance(0.1, 0.8)
LEAST = 0.25
"""Confidence from which a detection counts here; lower than the shipped thresholds, so that more is compared."""


@pytest.fixture(scope="module")
def detector() -> YoloDetector:
    return load_detector(load_package(DEFAULT_MODEL), "onnxruntime", threads=1, confidence=LEAST)


def by_the_pipeline(clip: Path, detector: YoloDetector) -> Mapping[float, Sequence[Detection]]:
    """By second of the clip: what is found in the pictures that the patrol takes."""
    spec = FeedSpec.model_validate(
        {"id": "CAM-01", "url": str(clip), "pace": "fast", "started_at": STARTED_AT, "interval_s": INTERVAL_S}
    )
    mailbox = Mailbox(lossless=True)
    runner = FeedRunner(spec, mailbox)
    runner.start()
    try:
        frames = take_all(runner, mailbox)
    finally:
        runner.stop()
    return {(frame.captured_at - STARTED_AT) / timedelta(seconds=1): detector.detect(frame.picture) for frame in frames}


class AveragedPicture(ImagePicture):
    """Pixels that are scaled by averaging."""

    def scaled(self, width_px: int, height_px: int) -> Image:
        return np.asarray(cv2.resize(self.whole(), (width_px, height_px), interpolation=cv2.INTER_AREA), np.uint8)


def every_frame(clip: Path) -> Iterator[tuple[float, Image]]:
    """As a plain loop would: each frame of the clip, decoded and made BGR in its full size."""
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        assert stream.time_base is not None
        for frame in container.decode(stream):
            assert frame.pts is not None
            yield float(frame.pts * stream.time_base), np.asarray(frame.to_ndarray(format="bgr24"), np.uint8).copy()


def differences(ours: Sequence[Detection], plain: Sequence[Detection], tolerance: Tolerance = UNSCALED) -> list[str]:
    """What one side found and the other has not, within the tolerance."""
    left = list(plain)
    sure = LEAST + tolerance.confidence
    missing = []
    for one in ours:
        twin = next((other for other in left if is_same(one, other, tolerance)), None)
        if twin is not None:
            left.remove(twin)
        elif one.confidence > sure:
            missing.append(f"only the pipeline: {one}")
    return missing + [f"only the plain loop: {other}" for other in left if other.confidence > sure]


def is_same(one: Detection, other: Detection, tolerance: Tolerance) -> bool:
    return (
        one.category == other.category
        and abs(one.confidence - other.confidence) <= tolerance.confidence
        and one.box.iou(other.box) >= tolerance.iou
    )


def compared(clip: Path, detector: YoloDetector, tolerance: Tolerance) -> tuple[int, int]:
    """How many pictures and detections were compared; fails on the first picture that differs."""
    ours = by_the_pipeline(clip, detector)
    plain = {second: detector.detect(AveragedPicture(image)) for second, image in every_frame(clip) if second in ours}
    assert plain.keys() == ours.keys()
    for second, found in ours.items():
        assert differences(found, plain[second], tolerance) == [], f"{clip.name} at {second} s"
    return len(ours), sum(len(found) for found in ours.values())


@pytest.mark.parametrize("name", [f"CAM-0{number}" for number in range(1, 5)])
def test_the_demos_cameras_give_what_a_loop_over_every_frame_gives(name: str, detector: YoloDetector) -> None:
    pictures, detections = compared(ASSETS / f"{name}.mp4", detector, UNSCALED)
    assert pictures == 15
    assert detections > 0


def test_a_1080p_camera_with_a_key_frame_each_two_seconds_does_too(tmp_path: Path, detector: YoloDetector) -> None:
    (clip,) = street_clips(tmp_path, "busy", count=1, seconds=6)
    pictures, detections = compared(clip, detector, SCALED)
    assert pictures == 3
    assert detections > 0


def test_a_box_elsewhere_another_class_and_another_confidence_are_differences(detector: YoloDetector) -> None:
    one, other = detector.categories[:2]
    found = Detection(one, 0.8, Box(100, 100, 200, 200))
    assert differences([found], [Detection(one, 0.82, Box(100, 100, 200, 201))]) == []
    for changed in (
        Detection(one, 0.8, Box(110, 100, 210, 200)),
        Detection(other, 0.8, Box(100, 100, 200, 200)),
        Detection(one, 0.7, Box(100, 100, 200, 200)),
    ):
        assert len(differences([found], [changed])) == 2
    assert len(differences([found], [])) == 1
