"""Is model B better than model A? Both judged on the same pictures, the pictures drawn again and again.

The bootstrap is paired: each draw weighs both models' matches by the same pictures, so that a hard picture is hard for
both and only their difference is left.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from core.errors import ModelError
from models.matching import JudgedPicture, Matches, average_precision, match
from models.resampling import draws, interval, weighed_average_precision

Verdict = Literal["better", "worse", "undecided"]

LEAST_PICTURES = 6
"""That show a category, for a verdict: with five, even if all agreed, chance alone would do so 1 time in 16."""


@dataclass(frozen=True, slots=True)
class CategoryComparison:
    """What B gains over A in one category, as AP50."""

    category: str
    pictures: int
    """That show it."""
    boxes: int
    ap50_a: float | None
    """None where no truth box is there to find."""
    ap50_b: float | None
    difference: float | None
    """``ap50_b - ap50_a``."""
    low: float | None
    """Of the 95 % interval of the difference."""
    high: float | None
    verdict: Verdict
    """Of B; ``undecided``: no difference was seen, or there is too little to see one with."""


@dataclass(frozen=True, slots=True)
class ComparisonReport:
    """B against A, category by category."""

    pictures: int
    resamples: int
    seed: int
    categories: tuple[CategoryComparison, ...]

    @property
    def is_worse(self) -> bool:
        """B is worse in some category."""
        return any(row.verdict == "worse" for row in self.categories)

    def as_json(self) -> dict[str, Any]:
        """Plain values, for ``json.dumps``."""
        return asdict(self)


def compare(
    judged_a: Sequence[JudgedPicture],
    judged_b: Sequence[JudgedPicture],
    categories: Sequence[str],
    resamples: int = 1000,
    seed: int = 0,
) -> ComparisonReport:
    """Judge B against A on the same pictures in the same order.

    Raises:
        ModelError: the two did not judge the same pictures.
    """
    same = len(judged_a) == len(judged_b) and all(
        a.path == b.path and a.truth == b.truth for a, b in zip(judged_a, judged_b, strict=True)
    )
    if not same:
        raise ModelError("the two models did not judge the same pictures; mend: judge both on the same part")
    pairs = [(match(judged_a, name, 0.5), match(judged_b, name, 0.5)) for name in categories]
    gains = np.full((len(pairs), resamples), np.nan)
    for number, weights in enumerate(draws(len(judged_a), resamples, seed) if judged_a else ()):
        for row, (of_a, of_b) in enumerate(pairs):
            gains[row, number] = weighed_average_precision(of_b, weights) - weighed_average_precision(of_a, weights)
    rows = tuple(
        _row(name, of_a, of_b, interval(gains[row]))
        for row, (name, (of_a, of_b)) in enumerate(zip(categories, pairs, strict=True))
    )
    return ComparisonReport(len(judged_a), resamples, seed, rows)


def _row(category: str, of_a: Matches, of_b: Matches, bounds: tuple[float, float] | None) -> CategoryComparison:
    ap50_a, ap50_b = average_precision(of_a), average_precision(of_b)
    pictures = int((of_a.truth_by_picture > 0).sum())
    low, high = bounds or (None, None)
    return CategoryComparison(
        category=category,
        pictures=pictures,
        boxes=of_a.truth_count,
        ap50_a=ap50_a,
        ap50_b=ap50_b,
        difference=None if ap50_a is None or ap50_b is None else ap50_b - ap50_a,
        low=low,
        high=high,
        verdict=_verdict(pictures, low, high),
    )


def _verdict(pictures: int, low: float | None, high: float | None) -> Verdict:
    if low is None or high is None or pictures < LEAST_PICTURES:
        return "undecided"
    return "better" if low > 0 else "worse" if high < 0 else "undecided"
