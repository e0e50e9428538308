"""May this model take the active one's place? Only if it is not worse, on pictures that can tell.

Worse is: the paired bootstrap says so in a violation category, or it raises false alarms on significantly more pictures
that show nothing.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb
from typing import Any

from models.comparison import LEAST_PICTURES, ComparisonReport, compare
from models.matching import JudgedPicture

SIGNIFICANT = 0.05
"""Two-sided chance below which a difference in false alarms is no accident."""


@dataclass(frozen=True, slots=True)
class AlarmComparison:
    """Pictures that show nothing, on which a model reports something at its own thresholds."""

    negatives: int
    alarmed_active: int
    alarmed_candidate: int
    chance: float
    """That as unequal a split of the pictures on which the two differ comes by accident (exact sign test)."""

    @property
    def is_worse(self) -> bool:
        return self.alarmed_candidate > self.alarmed_active and self.chance < SIGNIFICANT


@dataclass(frozen=True, slots=True)
class Fitness:
    """What speaks for and against a promotion."""

    comparison: ComparisonReport
    alarms: AlarmComparison

    @property
    def objections(self) -> tuple[str, ...]:
        """Why not, each with its figures; none: it may be promoted."""
        found = [
            f"{row.category}: AP50 {row.ap50_b:.3f}, the active model has {row.ap50_a:.3f} "
            f"(difference {row.low:+.3f} to {row.high:+.3f}, {row.boxes} boxes)"
            for row in self.comparison.categories
            if row.verdict == "worse"
        ]
        alarms = self.alarms
        if alarms.is_worse:
            found.append(
                f"false alarms on {alarms.alarmed_candidate} of {alarms.negatives} pictures that show nothing, "
                f"the active model on {alarms.alarmed_active} (by accident: {alarms.chance:.3f})"
            )
        if all(row.pictures < LEAST_PICTURES for row in self.comparison.categories):
            found.append(f"no category is shown by {LEAST_PICTURES} pictures or more: too few to tell")
        return tuple(found)

    def as_json(self) -> dict[str, Any]:
        """Plain values, for the ledger."""
        alarms = {
            "negatives": self.alarms.negatives,
            "alarmed_active": self.alarms.alarmed_active,
            "alarmed_candidate": self.alarms.alarmed_candidate,
            "chance": round(self.alarms.chance, 4),
        }
        comparison = json.loads(json.dumps(self.comparison.as_json()))  # lists, as the ledger's JSON has them
        return {"comparison": comparison, "false_alarms": alarms}


def weigh(
    active: Sequence[JudgedPicture],
    candidate: Sequence[JudgedPicture],
    thresholds_active: Mapping[str, float],
    thresholds_candidate: Mapping[str, float],
) -> Fitness:
    """Hold a candidate against the active model, both having judged the same pictures.

    Args:
        thresholds_active: operating threshold per violation category; its keys are the categories compared.

    Raises:
        ModelError: the two did not judge the same pictures.
    """
    comparison = compare(active, candidate, tuple(thresholds_active))
    pairs = [
        (_alarms(one, thresholds_active), _alarms(other, thresholds_candidate))
        for one, other in zip(active, candidate, strict=True)
        if not any(one.truth.get(category) for category in thresholds_active)
    ]
    only_active = sum(a and not b for a, b in pairs)
    only_candidate = sum(b and not a for a, b in pairs)
    alarms = AlarmComparison(
        len(pairs), sum(a for a, _ in pairs), sum(b for _, b in pairs), sign_test(only_active, only_candidate)
    )
    return Fitness(comparison, alarms)


def sign_test(ones: int, others: int) -> float:
    """Chance of a split at least as unequal when both sides are as likely; two-sided, 0 to 1."""
    total = ones + others
    tail = sum(comb(total, k) for k in range(min(ones, others) + 1))
    return min(1.0, float(2 * tail / 2**total))


def _alarms(picture: JudgedPicture, thresholds: Mapping[str, float]) -> bool:
    return any(found.confidence >= thresholds.get(found.category, 2.0) for found in picture.detections)
