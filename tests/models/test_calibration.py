"""Confidence against the share that is right, on cases worked out by hand."""

import numpy as np
import pytest

from models.calibration import calibration_of, calibration_report
from models.matching import Matches
from models.probability import ConfidenceMap


def _matches(pairs: list[tuple[float, bool]]) -> Matches:
    confidences = np.array([confidence for confidence, _ in pairs], dtype=np.float64)
    hits = np.array([hit for _, hit in pairs], dtype=np.bool_)
    places = np.zeros(len(pairs), dtype=np.int64)
    return Matches(confidences, hits, int(hits.sum()), places, np.array([int(hits.sum())]))


def test_confidences_that_come_true_have_no_error() -> None:
    found = calibration_of(_matches([(0.75, True), (0.75, True), (0.75, True), (0.75, False)]))
    assert found.expected_error == pytest.approx(0.0)


def test_the_error_is_the_bins_gaps_weighed_by_their_counts() -> None:
    # Three at 0.9, one right: gap 0.9 - 1/3. One at 0.2, right: gap 0.8.
    found = calibration_of(_matches([(0.9, True), (0.9, False), (0.9, False), (0.2, True)]))
    assert found.expected_error == pytest.approx((3 * (0.9 - 1 / 3) + 0.8) / 4)
    assert [row.count for row in found.bins] == [0, 0, 1, 0, 0, 0, 0, 0, 0, 3]
    assert found.bins[9].share_right == pytest.approx(1 / 3)


def test_certainty_lies_in_the_last_bin_and_an_empty_bin_has_no_mean() -> None:
    found = calibration_of(_matches([(1.0, True)]))
    assert (found.bins[9].count, found.bins[0].mean_confidence) == (1, None)


def test_faint_detections_are_left_out() -> None:
    assert calibration_of(_matches([(0.049, False), (0.05, False)])).detections == 1


def test_nothing_found_has_no_error_to_tell() -> None:
    assert calibration_of(_matches([])).expected_error is None


def test_the_report_tells_confidence_and_probability_apart() -> None:
    # All at 0.9, every other right: the map that says 0.5 of 0.9 is right, the confidence is not.
    matches = _matches([(0.9, bool(number % 2)) for number in range(20)])
    halved = ConfidenceMap(slope=1, offset=-float(np.log(9)), detections=20)
    report = calibration_report(matches, halved)
    assert report.confidence.expected_error == pytest.approx(0.4)
    assert report.probability is not None
    assert report.probability.expected_error == pytest.approx(0.0, abs=1e-6)
    assert report.held_out.detections == 20
    assert calibration_report(matches, None).probability is None


def test_a_detection_that_is_held_improbable_still_counts() -> None:
    sunk = ConfidenceMap(slope=1, offset=-6, detections=1)
    report = calibration_report(_matches([(0.5, False)]), sunk)
    assert report.probability is not None
    assert report.probability.detections == 1
