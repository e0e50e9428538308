"""How sure a figure is: average precision over pictures drawn again and again (bootstrap).

Pictures are drawn, not boxes: boxes of one picture share its light, camera and labeller, so they err together.
Matches are made once per picture; a draw only weighs them by how often each picture came up, which is exact.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from models.matching import RECALL_POINTS, Floats, Matches

RESAMPLES = 1000
INTERVAL = (2.5, 97.5)
"""Percentiles of the 95 % interval."""

Weights = NDArray[np.int64]
"""``(pictures,)``: how often each picture was drawn."""


def draws(pictures: int, resamples: int, seed: int) -> Iterator[Weights]:
    """As many pictures as there are, drawn with replacement, ``resamples`` times; the same for the same seed."""
    generator = np.random.default_rng(seed)
    for _ in range(resamples):
        yield np.bincount(generator.integers(0, pictures, pictures), minlength=pictures)


def weighed_average_precision(matches: Matches, weights: Weights) -> float:
    """Average precision of one draw; NaN where no truth box was drawn."""
    truth_count = int(weights @ matches.truth_by_picture)
    if truth_count == 0:
        return float("nan")
    times = weights[matches.pictures]
    found = np.cumsum(times)
    true_positives = np.cumsum(times * matches.hits)
    at_hits = matches.hits & (times > 0)
    if not at_hits.any():
        return 0.0
    precision = true_positives[at_hits] / found[at_hits]
    recall = true_positives[at_hits] / truth_count
    envelope = np.append(np.maximum.accumulate(precision[::-1])[::-1], 0.0)
    return float(envelope[np.searchsorted(recall, RECALL_POINTS, side="left")].mean())


def average_precision_interval(
    matches: Matches, resamples: int = RESAMPLES, seed: int = 0
) -> tuple[float, float] | None:
    """The 95 % interval of average precision; None without truth."""
    if matches.truth_count == 0:
        return None
    values = [
        weighed_average_precision(matches, weights) for weights in draws(len(matches.truth_by_picture), resamples, seed)
    ]
    return interval(np.asarray(values, dtype=np.float64))


def interval(values: Floats) -> tuple[float, float] | None:
    """The middle 95 % of the draws that have a value; None where none has."""
    known = values[~np.isnan(values)]
    if known.size == 0:
        return None
    low, high = np.percentile(known, INTERVAL)
    return float(low), float(high)
