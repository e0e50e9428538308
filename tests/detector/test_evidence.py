"""The pictures that prove a case."""

import cv2
import numpy as np
import pytest

from core.detections import Detection
from core.errors import EvidenceError
from core.geometry import Box
from core.ids import CategoryId
from detector.evidence import LABELS, annotate, as_jpeg, crop, render_evidence
from streams.frames import Image

GARBAGE = CategoryId("exposed_garbage")


def street(width_px: int = 640, height_px: int = 360) -> Image:
    image = np.full((height_px, width_px, 3), 90, dtype=np.uint8)
    image.flags.writeable = False
    return image


def seen(x0: float, y0: float, x1: float, y1: float, category: str = GARBAGE) -> Detection:
    return Detection(CategoryId(category), 0.8, Box(x0, y0, x1, y1))


def decoded(data: bytes) -> Image:
    assert data[:3] == b"\xff\xd8\xff"
    assert data[-2:] == b"\xff\xd9"
    return np.asarray(cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_COLOR), dtype=np.uint8)


def test_three_jpegs_come_in_their_sizes_and_the_frame_stays_as_it_was() -> None:
    image = street()
    before = image.copy()
    pictures = render_evidence(image, (seen(300, 100, 400, 160),), "CAM-01 2026-05-14 09:00:00 暴露垃圾")
    assert decoded(pictures.original).shape == decoded(pictures.annotated).shape == (360, 640, 3)
    assert decoded(pictures.crop).shape == (60 + 2 * 35 + 1, 100 + 2 * 35 + 1, 3)
    assert (image == before).all()


def test_the_original_carries_no_drawing() -> None:
    pictures = render_evidence(street(), (seen(300, 100, 400, 160),), "caption")
    assert np.ptp(decoded(pictures.original)) <= 2
    assert np.ptp(decoded(pictures.annotated)) > 100
    assert np.ptp(decoded(pictures.crop)) <= 2


def test_the_box_is_drawn_where_it_is() -> None:
    drawn = annotate(street(), (seen(300, 100, 400, 160),))
    _, colour = LABELS[GARBAGE]
    assert all(tuple(drawn[y, x]) == colour for x, y in ((300, 130), (400, 130), (350, 160)))
    assert (drawn[105:155, 305:395] == 90).all()


@pytest.mark.parametrize("category", [*LABELS, "something_new"])
def test_every_category_is_named_in_its_own_writing(category: str) -> None:
    box = (300, 100, 400, 160)
    drawn = annotate(street(), (seen(*box, category=category),))
    plate = drawn[80:100, 300:400].reshape(-1, 3)
    assert (plate > 240).all(axis=1).sum() > 15


def test_chinese_is_drawn_and_not_as_question_marks() -> None:
    chinese = annotate(street(), (), "暴露垃圾")
    unknown = annotate(street(), (), "????")
    assert (chinese > 200).sum() > (unknown > 200).sum()


@pytest.mark.parametrize(
    "box",
    [
        pytest.param((0, 0, 640, 360), id="the-whole-picture"),
        pytest.param((0, 0, 0, 0), id="nothing-in-the-first-corner"),
        pytest.param((640, 360, 640, 360), id="nothing-in-the-last-corner"),
        pytest.param((600, 0, 640, 20), id="top-right"),
        pytest.param((0, 350, 10, 360), id="bottom-left"),
        pytest.param((0.4, 0.4, 639.6, 359.6), id="parts-of-pixels"),
    ],
)
def test_a_box_at_the_border_is_drawn_and_cropped_inside(box: tuple[float, float, float, float]) -> None:
    pictures = render_evidence(street(), (seen(*box),), "caption")
    height_px, width_px = decoded(pictures.crop).shape[:2]
    assert 0 < width_px <= 640
    assert 0 < height_px <= 360
    assert decoded(pictures.annotated).shape == (360, 640, 3)


def test_the_crop_holds_every_box_of_the_incident() -> None:
    image = np.arange(360 * 640, dtype=np.uint32).reshape(360, 640)
    pixels = np.stack((image & 255, image >> 8 & 255, image >> 16), axis=2).astype(np.uint8)
    part = crop(pixels, (seen(100, 100, 120, 120), seen(300, 200, 340, 230)))
    margin = int(0.35 * 240)
    assert (part[0, 0] == pixels[100 - margin, 100 - margin]).all()
    assert (part[-1, -1] == pixels[230 + margin, 340 + margin]).all()


def test_without_a_box_the_crop_is_the_picture() -> None:
    assert crop(street(), ()).shape == (360, 640, 3)


@pytest.mark.parametrize(("width_px", "height_px"), [(1, 1), (16, 2000), (3840, 2160)])
def test_odd_sizes_are_annotated_too(width_px: int, height_px: int) -> None:
    pictures = render_evidence(street(width_px, height_px), (seen(0, 0, width_px, height_px),), "一行很长的说明 " * 9)
    assert decoded(pictures.annotated).shape == (height_px, width_px, 3)


@pytest.mark.parametrize("shape", [(0, 5, 3), (2, 70_000, 3)])
def test_a_picture_that_jpeg_cannot_hold_is_refused(shape: tuple[int, int, int]) -> None:
    with pytest.raises(EvidenceError, match=f"a picture of {shape[1]} x {shape[0]} pixels cannot be encoded"):
        as_jpeg(np.zeros(shape, dtype=np.uint8))
