"""The figures are checked against cases small enough to work out by hand."""

import pytest

from core.detections import Detection
from core.geometry import Box
from core.ids import CategoryId
from models.evaluation import (
    JudgedPicture,
    average_precision,
    best_f1_point,
    evaluate,
    match,
    point_at,
)

STALL = CategoryId("street_stall")
HEAP = CategoryId("exposed_garbage")


def _box(x: float, side: float = 10) -> Box:
    return Box(x, 0, x + side, side)


def _found(confidence: float, x: float, category: CategoryId = STALL) -> Detection:
    return Detection(category, confidence, _box(x))


def _picture(truth: list[float], *detections: Detection) -> JudgedPicture:
    return JudgedPicture({STALL: [_box(x) for x in truth]} if truth else {}, detections)


def test_a_perfect_detector_scores_one_everywhere() -> None:
    report = evaluate([_picture([0, 50], _found(0.9, 0), _found(0.8, 50))], {STALL: 0.5})
    (stall,) = report.categories
    assert [stall.ap50, stall.ap50_95, report.map50] == pytest.approx([1.0, 1.0, 1.0])
    assert (stall.at_threshold.precision, stall.at_threshold.recall, stall.boxes) == (1.0, 1.0, 2)


def test_a_false_alarm_between_two_hits_costs_the_second_half_a_third() -> None:
    # Order hit, miss, hit over two truth boxes: precision 1 up to recall 0.5 (51 points), then 2/3 (50 points).
    judged = [_picture([0, 50], _found(0.9, 0), _found(0.8, 200), _found(0.7, 50))]
    assert average_precision(match(judged, STALL, 0.5)) == pytest.approx((51 + 50 * 2 / 3) / 101)


def test_half_of_the_truth_found_gives_fifty_one_points_of_a_hundred_and_one() -> None:
    assert average_precision(match([_picture([0, 50], _found(0.9, 0))], STALL, 0.5)) == pytest.approx(51 / 101)


def test_a_second_detection_of_the_same_thing_is_a_false_alarm() -> None:
    matches = match([_picture([0], _found(0.9, 0), _found(0.8, 1))], STALL, 0.5)
    assert matches.hits.tolist() == [True, False]


def test_a_detection_takes_the_truth_box_it_overlaps_most() -> None:
    judged = [_picture([0, 4], _found(0.9, 4), _found(0.8, 0))]
    assert match(judged, STALL, 0.5).hits.tolist() == [True, True]


@pytest.mark.parametrize(("iou", "is_hit"), [(0.5, True), (0.65, True), (0.7, False)])
def test_a_shifted_box_counts_up_to_its_own_overlap(iou: float, is_hit: bool) -> None:
    # A 10-px square shifted by 2 px overlaps its truth by 80 of 120 square pixels: IoU 0.667.
    assert match([_picture([0], _found(0.9, 2))], STALL, iou).hits.tolist() == [is_hit]


def test_the_average_over_ious_counts_the_four_that_a_shifted_box_passes() -> None:
    (stall,) = evaluate([_picture([0], _found(0.9, 2))], {STALL: 0.5}).categories
    assert stall.ap50 == pytest.approx(1.0)
    assert stall.ap50_95 == pytest.approx(0.4)  # 0.50, 0.55, 0.60, 0.65


def test_confidences_are_ranked_across_pictures() -> None:
    judged = [_picture([0], _found(0.6, 0)), _picture([], _found(0.9, 0))]
    matches = match(judged, STALL, 0.5)
    assert matches.confidences.tolist() == [0.9, 0.6]
    assert matches.hits.tolist() == [False, True]
    assert average_precision(matches) == pytest.approx(0.5)


def test_the_point_at_a_threshold_counts_only_what_is_at_or_above_it() -> None:
    judged = [_picture([0, 50, 90, 130], _found(0.9, 0), _found(0.5, 50), _found(0.5, 300), _found(0.4, 90))]
    point = point_at(match(judged, STALL, 0.5), 0.5)
    assert [point.precision, point.recall] == pytest.approx([2 / 3, 0.5])
    assert point.f1 == pytest.approx(2 * (2 / 3) * 0.5 / (2 / 3 + 0.5))


def test_the_best_f1_keeps_equal_confidences_together() -> None:
    judged = [_picture([0, 50], _found(0.9, 0), _found(0.5, 300), _found(0.5, 50))]
    point = best_f1_point(match(judged, STALL, 0.5))
    assert [point.threshold, point.f1] == pytest.approx([0.5, 0.8])


def test_false_alarms_are_counted_on_negative_pictures_only() -> None:
    judged = [_picture([], _found(0.9, 0), _found(0.3, 0)), _picture([]), _picture([0], _found(0.9, 300))]
    report = evaluate(judged, {STALL: 0.5})
    assert report.negatives == 2
    assert report.categories[0].false_alarms_per_100_negatives == pytest.approx(50.0)


def test_a_category_without_truth_has_no_average_and_stays_out_of_the_mean() -> None:
    report = evaluate([_picture([0], _found(0.9, 0), _found(0.9, 0, HEAP))], {STALL: 0.5, HEAP: 0.5})
    heap = report.categories[1]
    assert (heap.ap50, heap.at_threshold.precision, heap.at_threshold.recall) == (None, 0.0, 0.0)
    assert report.map50 == pytest.approx(1.0)


def test_nothing_found_scores_zero_and_no_pictures_are_no_error() -> None:
    assert average_precision(match([_picture([0])], STALL, 0.5)) == 0.0
    assert evaluate([], {STALL: 0.5}).map50 is None
