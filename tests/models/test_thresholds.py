"""A threshold is precise where that can be had, and says so where it cannot."""

import numpy as np
import pytest

from models.evaluation import point_at
from models.matching import Matches
from models.thresholds import NOTHING_FOUND, by_hand, choose_threshold


def _matches(pairs: list[tuple[float, bool]], truth_count: int | None = None) -> Matches:
    """Surest first."""
    confidences = np.array([confidence for confidence, _ in pairs], dtype=np.float64)
    hits = np.array([hit for _, hit in pairs], dtype=np.bool_)
    count = int(hits.sum()) if truth_count is None else truth_count
    return Matches(confidences, hits, count, np.zeros(len(pairs), dtype=np.int64), np.array([count]))


def test_the_most_recall_that_stays_precise_is_chosen() -> None:
    chosen = choose_threshold(_matches([(0.9, True), (0.7, True), (0.6, False), (0.5, True)]))
    assert (chosen.point.threshold, chosen.rule) == (0.7, "precision")
    assert [chosen.point.precision, chosen.point.recall] == pytest.approx([1.0, 2 / 3])


def test_precision_out_of_reach_falls_back_to_the_best_f1_and_says_so() -> None:
    chosen = choose_threshold(_matches([(0.9, False), (0.8, True), (0.7, True)]))
    assert (chosen.point.threshold, chosen.rule) == (0.7, "best_f1")


def test_half_the_recall_is_given_up_for_the_wanted_precision() -> None:
    pairs = [(0.95, True)] + [(0.5, True), (0.5, False)] * 4
    assert choose_threshold(_matches(pairs)).point.threshold == 0.95
    assert choose_threshold(_matches(pairs), least_precision=0.5).point.recall == 1.0


def test_one_sure_hit_of_many_things_is_not_taken_for_precise() -> None:
    chosen = choose_threshold(_matches([(0.95, True), *[(0.5, True), (0.5, False)] * 10]))
    assert (chosen.point.threshold, chosen.rule) == (0.5, "best_f1")


def test_a_precise_point_below_an_imprecise_one_counts() -> None:
    pairs = [(0.9, False), *[(0.6, True)] * 9, (0.3, False)]
    assert choose_threshold(_matches(pairs)).point.threshold == 0.6


def test_what_is_told_holds_for_the_very_number_that_is_kept() -> None:
    # 0.437 rounded down would let the false alarm at 0.434 in, rounded up it loses its own hit.
    matches = _matches([(0.8, True), (0.437, True), (0.434, False)], truth_count=2)
    chosen = choose_threshold(matches)
    assert (chosen.point.threshold, chosen.point.recall) == (0.8, 0.5)
    assert chosen.point == point_at(matches, chosen.point.threshold)
    assert round(chosen.point.threshold, 2) == chosen.point.threshold


@pytest.mark.parametrize("pairs", [[], [(0.01, True)], [(0.9, False)]], ids=["nothing", "too-faint", "no-hit"])
def test_without_a_hit_above_the_floor_nothing_is_let_through(pairs: list[tuple[float, bool]]) -> None:
    chosen = choose_threshold(_matches(pairs, truth_count=1))
    assert (chosen.point.threshold, chosen.rule) == (NOTHING_FOUND, "nothing_found")


def test_the_record_tells_rule_parts_boxes_and_figures() -> None:
    matches = _matches([(0.9, True), (0.8, False), (0.7, True)], truth_count=3)
    record = by_hand(matches, 0.65).record(matches, ["val", "render_val"], 0.9)
    assert (record.rule, record.wanted_precision, record.parts) == ("by_hand", 0.9, ("val", "render_val"))
    assert (record.boxes, record.precision, record.recall) == (3, 0.6667, 0.6667)
