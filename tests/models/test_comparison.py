"""B against A: what the bootstrap sees, what it must not see, and what it weighs."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import ModelError
from models.comparison import LEAST_PICTURES, compare
from models.matching import JudgedPicture, average_precision, match
from models.resampling import average_precision_interval, draws, interval, weighed_average_precision
from tests.models.scattered import CATEGORIES, blunter, scattered_pictures

STALL, HEAP, _ = CATEGORIES
FEW_DRAWS = 200


def test_a_model_that_misses_half_is_worse_there_and_nowhere_else() -> None:
    judged = scattered_pictures(1)
    report = compare(judged, blunter(judged, STALL), (STALL, HEAP), FEW_DRAWS)
    stall, heap = report.categories
    assert stall.verdict == "worse"
    assert stall.low is not None
    assert stall.high is not None
    assert stall.difference is not None
    assert stall.low <= stall.difference <= stall.high < 0
    assert (heap.verdict, heap.difference, heap.low, heap.high) == ("undecided", 0.0, 0.0, 0.0)
    assert report.is_worse


def test_the_better_of_two_is_better_whichever_way_they_are_named() -> None:
    judged = scattered_pictures(1)
    report = compare(blunter(judged, STALL), judged, (STALL,), FEW_DRAWS)
    assert report.categories[0].verdict == "better"
    assert not report.is_worse


def test_the_same_seed_gives_the_same_report_and_another_does_not() -> None:
    judged = scattered_pictures(2)
    worse = blunter(judged, STALL, every=5)
    first, again = (compare(judged, worse, (STALL,), FEW_DRAWS, seed=7) for _ in range(2))
    assert first == again
    assert compare(judged, worse, (STALL,), FEW_DRAWS, seed=8).categories[0].low != first.categories[0].low


def test_too_few_pictures_decide_nothing_however_clear_they_look() -> None:
    judged = [p for p in scattered_pictures(1) if p.truth.get(STALL)][: LEAST_PICTURES - 1]
    blind = [replace(picture, detections=()) for picture in judged]
    (row,) = compare(judged, blind, (STALL,), FEW_DRAWS).categories
    assert (row.pictures, row.verdict) == (LEAST_PICTURES - 1, "undecided")
    assert row.high is not None
    assert row.high < 0


def test_a_category_that_nothing_shows_is_undecided_without_figures() -> None:
    (row,) = compare([JudgedPicture({}, ())], [JudgedPicture({}, ())], (STALL,), FEW_DRAWS).categories
    assert (row.ap50_a, row.difference, row.low, row.verdict) == (None, None, None, "undecided")


def test_other_pictures_or_another_number_of_them_are_refused() -> None:
    judged = scattered_pictures(1, count=4)
    with pytest.raises(ModelError, match="did not judge the same pictures"):
        compare(judged, judged[:3], (STALL,))
    with pytest.raises(ModelError, match="did not judge the same pictures"):
        compare(judged, [replace(picture, path=Path("other.jpg")) for picture in judged], (STALL,))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_weighing_a_draw_is_the_same_as_judging_the_drawn_pictures(seed: int) -> None:
    # Distinct confidences: copies of one picture tie among themselves only, which no order of theirs can change.
    judged = [
        replace(
            p,
            detections=tuple(
                replace(d, confidence=d.confidence + 1e-6 * (50 * n + i)) for i, d in enumerate(p.detections)
            ),
        )
        for n, p in enumerate(scattered_pictures(seed, count=20))
    ]
    matches = match(judged, STALL, 0.5)
    for weights in draws(len(judged), 5, seed):
        drawn = [picture for picture, times in zip(judged, weights, strict=True) for _ in range(times)]
        wanted = average_precision(match(drawn, STALL, 0.5))
        assert weighed_average_precision(matches, weights) == pytest.approx(wanted, abs=1e-9)


def test_each_picture_once_is_the_plain_average_precision() -> None:
    judged = scattered_pictures(4)
    matches = match(judged, STALL, 0.5)
    once = np.ones(len(judged), dtype=np.int64)
    assert weighed_average_precision(matches, once) == pytest.approx(average_precision(matches))


def test_the_interval_holds_the_figure_and_narrows_with_more_pictures() -> None:
    few, many = (match(scattered_pictures(5, count=count), STALL, 0.5) for count in (20, 160))
    widths = []
    for matches in (few, many):
        bounds = average_precision_interval(matches, FEW_DRAWS)
        figure = average_precision(matches)
        assert bounds is not None
        assert figure is not None
        assert bounds[0] < figure < bounds[1]
        widths.append(bounds[1] - bounds[0])
    assert widths[1] < widths[0] / 2


def test_draws_without_a_truth_box_have_no_say() -> None:
    assert interval(np.array([math.nan, 0.5, 0.5])) == (0.5, 0.5)
    assert interval(np.array([math.nan])) is None
    assert average_precision_interval(match([JudgedPicture({}, ())], STALL, 0.5)) is None
