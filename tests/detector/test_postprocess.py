"""From the raw head to one detection a thing, by category."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.detections import Detection
from core.ids import CategoryId
from detector.letterbox import Fit, fit
from detector.postprocess import MAX_DETECTIONS, corners, detections_from, keep_one_of_each

Floats = NDArray[np.float32]
GARBAGE, BIN = CategoryId("exposed_garbage"), CategoryId("garbage_bin")
CATEGORIES = (GARBAGE, BIN)
SAME_SIZE = Fit(1.0, 0, 0, 384, 384)
HALF = np.array([0.5, 0.5], dtype=np.float32)

Candidate = tuple[tuple[float, float, float, float], tuple[float, float]]
"""Centre x, centre y, width, height in input pixels; the scores of both categories."""


def head_of(*candidates: Candidate) -> Floats:
    rows = [[*box, *scores] for box, scores in candidates]
    return np.array(rows, dtype=np.float32).reshape(-1, 6).T


def found_in(
    head: Floats,
    thresholds: Floats = HALF,
    place: Fit = SAME_SIZE,
    source_hw: tuple[int, int] = (384, 384),
    nms_iou: float = 0.7,
) -> tuple[Detection, ...]:
    return detections_from(head, place, source_hw, CATEGORIES, thresholds, nms_iou)


def boxes_of(*boxes: tuple[float, float, float, float]) -> Floats:
    return np.array(boxes, dtype=np.float32).reshape(-1, 4)


def classes_of(*classes: int) -> NDArray[np.intp]:
    return np.array(classes, dtype=np.intp)


def test_centre_and_size_become_corners() -> None:
    assert corners(np.array([[100.0], [50.0], [20.0], [10.0]], dtype=np.float32)).tolist() == [[90, 45, 110, 55]]


def test_an_empty_head_and_an_unsure_head_see_nothing() -> None:
    assert found_in(head_of()) == ()
    assert found_in(head_of(((100, 100, 20, 20), (0.49, 0.3)))) == ()


def test_a_confidence_exactly_at_the_threshold_is_not_enough() -> None:
    assert found_in(head_of(((100, 100, 20, 20), (0.5, 0.0)))) == ()


def test_each_category_has_its_own_threshold() -> None:
    head = head_of(((50, 50, 20, 20), (0.4, 0.0)), ((150, 150, 20, 20), (0.0, 0.4)))
    (only,) = found_in(head, np.array([0.3, 0.6], dtype=np.float32))
    assert only.category == GARBAGE
    (only,) = found_in(head, np.array([0.6, 0.3], dtype=np.float32))
    assert only.category == BIN


def test_the_surest_come_first_with_their_own_boxes() -> None:
    found = found_in(
        head_of(((50, 50, 20, 20), (0.6, 0.1)), ((150, 150, 40, 20), (0.2, 0.9)), ((250, 250, 20, 40), (0.75, 0.0)))
    )
    assert [d.category for d in found] == [BIN, GARBAGE, GARBAGE]
    assert [d.confidence for d in found] == pytest.approx([0.9, 0.75, 0.6])
    assert [d.box.as_xyxy() for d in found] == [(130, 140, 170, 160), (240, 230, 260, 270), (40, 40, 60, 60)]
    assert all(type(value) is float for d in found for value in (d.confidence, *d.box.as_xyxy()))


def test_two_boxes_of_one_thing_become_one() -> None:
    (only,) = found_in(head_of(((101, 100, 40, 40), (0.7, 0.0)), ((100, 100, 40, 40), (0.8, 0.0))))
    assert only.box.as_xyxy() == (80, 80, 120, 120)


def test_another_category_in_the_same_place_stays() -> None:
    found = found_in(head_of(((100, 100, 40, 40), (0.8, 0.0)), ((100, 100, 40, 40), (0.0, 0.7))))
    assert [d.category for d in found] == [GARBAGE, BIN]


@pytest.mark.parametrize(
    ("iou", "kept"),
    [
        pytest.param(0.49, [0], id="just-below-the-overlap"),
        pytest.param(0.5, [0, 1], id="exactly-the-overlap-stays"),
        pytest.param(0.51, [0, 1], id="just-above-the-overlap"),
    ],
)
def test_the_iou_limit_decides(iou: float, kept: list[int]) -> None:
    boxes = boxes_of((0, 0, 30, 10), (10, 0, 40, 10))  # overlap 200, union 400
    assert keep_one_of_each(boxes, classes_of(0, 0), iou) == kept


def test_what_a_dropped_box_covers_is_not_dropped_with_it() -> None:
    chain = boxes_of((0, 0, 30, 10), (10, 0, 40, 10), (20, 0, 50, 10))
    assert keep_one_of_each(chain, classes_of(0, 0, 0), 0.4) == [0, 2]


def test_boxes_without_area_harm_nobody() -> None:
    assert keep_one_of_each(boxes_of((5, 5, 5, 5), (5, 5, 5, 5)), classes_of(0, 0), 0.7) == [0, 1]
    assert keep_one_of_each(boxes_of(), classes_of(), 0.7) == []


def test_boxes_leave_the_bars_and_stop_at_the_pictures_border() -> None:
    place = fit((360, 640), (384, 384))
    (only,) = found_in(head_of(((0, 84, 60, 60), (0.9, 0.0))), place=place, source_hw=(360, 640))
    assert only.box.as_xyxy() == pytest.approx((0, 0, 50, 50))


def test_a_wild_head_is_cut_to_the_limit() -> None:
    head = head_of(*(((float(i % 40) * 9, float(i // 40) * 9, 8.0, 8.0), (0.9, 0.0)) for i in range(400)))
    assert len(found_in(head)) == MAX_DETECTIONS


@st.composite
def crowds(draw: st.DrawFn) -> tuple[Floats, NDArray[np.intp]]:
    """Whole-pixel boxes, so that areas are exact."""
    corner, side = st.integers(0, 40), st.integers(1, 30)
    rows = draw(st.lists(st.tuples(corner, corner, side, side, st.integers(0, 2)), max_size=25))
    boxes = boxes_of(*((x, y, x + width, y + height) for x, y, width, height, _ in rows))
    return boxes, classes_of(*(row[4] for row in rows))


def iou(one: Floats, other: Floats) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    overlap = float(max(width, 0) * max(height, 0))
    areas = [float((box[2] - box[0]) * (box[3] - box[1])) for box in (one, other)]
    return overlap / (sum(areas) - overlap)


@given(crowds())
def test_what_stays_does_not_overlap_and_what_goes_had_a_surer_twin(crowd: tuple[Floats, NDArray[np.intp]]) -> None:
    boxes, classes = crowd
    kept = keep_one_of_each(boxes, classes, 0.5)
    assert all(earlier < later for earlier, later in pairwise(kept))
    for row in range(len(boxes)):
        twins = [k for k in kept if k < row and classes[k] == classes[row] and iou(boxes[k], boxes[row]) > 0.5]
        assert bool(twins) == (row not in kept)
