"""Confidence as a probability: right where there is much to learn from, close to the confidence where there is not."""

import numpy as np
import pytest

from models.calibration import calibration_of
from models.manifest import read_manifest
from models.matching import Matches
from models.probability import ConfidenceMap, held_out_probabilities
from models.registry import DEFAULT_MODEL, MANIFEST_NAME, package_folder


def _too_sure(count: int, seed: int = 0) -> Matches:
    """Right with the square of the confidence, in ten pictures."""
    generator = np.random.default_rng(seed)
    confidences = np.sort(generator.uniform(0.05, 1, count))[::-1]
    hits = generator.random(count) < confidences**2
    pictures = generator.integers(0, 10, count)
    return Matches(confidences, hits, int(hits.sum()), pictures, np.bincount(pictures, hits, minlength=10).astype(int))


def _error(matches: Matches) -> float:
    error = calibration_of(matches).expected_error
    assert error is not None
    return error


def test_much_evidence_is_followed() -> None:
    fitted = ConfidenceMap.fitted(_too_sure(5000))
    assert [fitted.probability_of(c) for c in (0.3, 0.5, 0.7, 0.9)] == pytest.approx([0.09, 0.25, 0.49, 0.81], abs=0.06)
    assert fitted.detections == 5000


def test_a_handful_of_detections_moves_it_little() -> None:
    confidences = np.array([0.9, 0.8, 0.6, 0.5])
    matches = Matches(confidences, np.zeros(4, dtype=np.bool_), 0, np.zeros(4, dtype=np.int64), np.array([0]))
    assert 0.3 < ConfidenceMap.fitted(matches).probability_of(0.8) < 0.8


def test_no_detection_leaves_the_confidence_as_it_is() -> None:
    empty = np.zeros(0)
    matches = Matches(empty, empty.astype(np.bool_), 0, empty.astype(np.int64), np.array([0]))
    assert [ConfidenceMap.fitted(matches).probability_of(c) for c in (0.1, 0.5, 0.9)] == pytest.approx([0.1, 0.5, 0.9])


@pytest.mark.parametrize("seed", range(5))
def test_the_map_never_falls_even_where_the_surer_ones_are_wrong(seed: int) -> None:
    generator = np.random.default_rng(seed)
    confidences = np.sort(generator.uniform(0.05, 1, 200))[::-1]
    matches = Matches(confidences, confidences < 0.4, 90, np.zeros(200, dtype=np.int64), np.array([90]))
    told = ConfidenceMap.fitted(matches).probabilities_of(np.linspace(0, 1, 101))
    assert (np.diff(told) >= 0).all()
    assert told[90] > told[10]


def test_pictures_that_the_map_never_saw_are_told_better_than_by_the_confidence() -> None:
    matches = _too_sure(3000)
    assert _error(held_out_probabilities(matches)) < _error(matches) / 3


def test_holding_out_keeps_each_hit_with_its_detection() -> None:
    matches = _too_sure(300)
    told = held_out_probabilities(matches, lambda seen: ConfidenceMap())
    assert told.confidences == pytest.approx(matches.confidences, abs=1e-3)
    assert (told.hits == matches.hits).all()


def test_a_map_is_not_fitted_on_the_picture_that_it_is_held_out_for() -> None:
    # One picture alone is all wrong: a map that saw it would tell less than one that did not.
    confidences = np.full(40, 0.8)
    hits = np.arange(40) >= 20
    matches = Matches(confidences, hits, 20, np.where(hits, 1, 0), np.array([0, 20]))
    told = held_out_probabilities(matches)
    assert told.confidences[~told.hits].min() > 0.9
    assert told.confidences[told.hits].max() < 0.5


def test_a_package_without_maps_gives_the_confidence_back() -> None:
    manifest = read_manifest(package_folder(DEFAULT_MODEL) / MANIFEST_NAME).model_copy(update={"probability": {}})
    assert manifest.probability_of("street_stall", 0.42) == 0.42
