"""Does a confidence of 0.8 mean right in 8 of 10? Reliability by bins, and the expected calibration error."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from models.matching import Matches
from models.probability import LEAST_CONFIDENCE, ConfidenceMap, held_out_probabilities, mapped

BINS = 10
"""Of equal width over 0 to 1."""


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Detections of like confidence (``low <= confidence < high``; the last bin has 1.0, too)."""

    low: float
    high: float
    count: int
    mean_confidence: float | None
    """None where the bin is empty."""
    share_right: float | None
    """Of its detections, those that found a truth box."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """How far one category's confidences can be read as shares."""

    detections: int
    expected_error: float | None
    """Mean distance of confidence and share right over the bins, by their counts; None without detections."""
    bins: tuple[ReliabilityBin, ...]


def calibration_of(matches: Matches, least: float = LEAST_CONFIDENCE) -> Calibration:
    """Reliability of one category's detections at confidence ``least`` and above."""
    is_counted = matches.confidences >= least
    confidences, hits = matches.confidences[is_counted], matches.hits[is_counted]
    places = np.minimum((confidences * BINS).astype(np.int64), BINS - 1)
    bins = []
    for number in range(BINS):
        inside = places == number
        count = int(inside.sum())
        mean = float(confidences[inside].mean()) if count else None
        share = float(hits[inside].mean()) if count else None
        bins.append(ReliabilityBin(number / BINS, (number + 1) / BINS, count, mean, share))
    total = int(is_counted.sum())
    gaps = [
        row.count * abs(row.mean_confidence - row.share_right)
        for row in bins
        if row.mean_confidence is not None and row.share_right is not None
    ]
    return Calibration(total, sum(gaps) / total if total else None, tuple(bins))


@dataclass(frozen=True, slots=True)
class CalibrationReport:
    """One category before and after its map (``models.probability``)."""

    confidence: Calibration
    """As the network tells it."""
    probability: Calibration | None
    """By the package's map; None where it has none. On the pictures that fitted the map it flatters."""
    held_out: Calibration
    """By maps fitted anew on these pictures, each picture told by a map that did not see it."""

    def as_json(self) -> dict[str, Any]:
        """Plain values, for ``json.dumps``."""
        return asdict(self)


def calibration_report(matches: Matches, told_by: ConfidenceMap | None) -> CalibrationReport:
    """Reliability of one category's detections."""
    return CalibrationReport(
        confidence=calibration_of(matches),
        probability=None if told_by is None else calibration_of(mapped(matches, told_by), 0.0),
        held_out=calibration_of(held_out_probabilities(matches), 0.0),
    )
