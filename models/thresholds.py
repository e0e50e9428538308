"""At which confidence a patrol acts: chosen per category, and told how.

The rule: of the thresholds whose precision is at least the wanted one, the one with the most recall. Where none reaches
it while finding at least a tenth of what is there, the one with the best F1: the choice then says so. Only whole
hundredths are offered, so that the precision and recall that are told are those of the number in the manifest.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.evaluation import OperatingPoint, point_at
from models.manifest import ThresholdChoice, ThresholdRule
from models.matching import Matches

LEAST_PRECISION = 0.9
LEAST_RECALL = 0.1
"""A handful of sure detections is precise and useless."""

FLOOR = 0.05
"""Below it a detector answers with noise on scenes unlike the judged ones."""

NOTHING_FOUND = 1.0


@dataclass(frozen=True, slots=True)
class ChosenThreshold:
    """What was chosen, and by which part of the rule."""

    point: OperatingPoint
    rule: ThresholdRule

    def record(self, matches: Matches, parts: Sequence[str], wanted_precision: float) -> ThresholdChoice:
        """As the manifest keeps it, figures rounded to 4 digits."""
        return ThresholdChoice(
            rule=self.rule,
            wanted_precision=wanted_precision,
            parts=tuple(parts),
            boxes=matches.truth_count,
            precision=round(self.point.precision, 4),
            recall=round(self.point.recall, 4),
        )


def choose_threshold(
    matches: Matches, least_precision: float = LEAST_PRECISION, least_recall: float = LEAST_RECALL
) -> ChosenThreshold:
    """Choose by the rule; of equals the highest threshold, ``NOTHING_FOUND`` where nothing was found at ``FLOOR``."""
    points = [point_at(matches, hundredth / 100) for hundredth in range(round(100 * FLOOR), 100)]
    found = [point for point in points if (matches.confidences >= point.threshold).any()]
    precise = [p for p in found if p.precision >= least_precision and p.recall >= max(least_recall, 1e-9)]
    if precise:
        return ChosenThreshold(max(precise, key=lambda p: (p.recall, p.threshold)), "precision")
    if found and np.any(matches.hits):
        return ChosenThreshold(max(found, key=lambda p: (p.f1, p.threshold)), "best_f1")
    return ChosenThreshold(point_at(matches, NOTHING_FOUND), "nothing_found")


def by_hand(matches: Matches, threshold: float) -> ChosenThreshold:
    """A person's choice, with its figures."""
    return ChosenThreshold(point_at(matches, threshold), "by_hand")
