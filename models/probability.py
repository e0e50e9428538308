"""From a detector's confidence to a probability that people can read: 0.8 is to mean right 8 times in 10.

Two numbers per category (Platt scaling): probability = sigmoid(slope * logit(confidence) + offset), slope above 0, so
the order of detections, and with it every figure of precision and recall, stays as it is. Both are held towards
"confidence is probability" (slope 1, offset 0) by a prior of half a unit's spread: with a handful of boxes the map
stays near that, where isotonic regression would learn a staircase by heart.

Thresholds stay on the confidence itself.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from models.matching import Floats, Matches

LEAST_CONFIDENCE = 0.05
"""Fainter detections are left out: there are thousands, no patrol sees them, and they would drown the others."""

LEAST_SLOPE = 0.05
PRIOR_SPREAD = 0.5
FOLDS = 5
_MOST_STEPS = 50
_EDGE = 1e-4


class ConfidenceMap(BaseModel):
    """One category's map; never falls as the confidence rises."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    slope: float = Field(default=1.0, gt=0)
    offset: float = 0.0
    detections: int = Field(default=0, ge=0)
    """That it was fitted on."""

    @classmethod
    def fitted(cls, matches: Matches) -> Self:
        """The map that makes the hits and misses at ``LEAST_CONFIDENCE`` and above most likely, under the prior."""
        seen = matches.confidences >= LEAST_CONFIDENCE
        x, y = _logit(matches.confidences[seen]), matches.hits[seen].astype(np.float64)
        slope, offset = _fit(x, y)
        return cls(slope=round(slope, 4), offset=round(offset, 4), detections=int(seen.sum()))

    def probability_of(self, confidence: float) -> float:
        """0 to 1."""
        return float(self.probabilities_of(np.array([confidence], dtype=np.float64))[0])

    def probabilities_of(self, confidences: Floats) -> Floats:
        """The same for many."""
        return _sigmoid(self.slope * _logit(confidences) + self.offset)


def mapped(matches: Matches, told_by: ConfidenceMap) -> Matches:
    """The detections at ``LEAST_CONFIDENCE`` and above, each with its probability in place of its confidence."""
    kept = _only(matches, matches.confidences >= LEAST_CONFIDENCE)
    return replace(kept, confidences=told_by.probabilities_of(kept.confidences))


def held_out_probabilities(matches: Matches, fit: Callable[[Matches], ConfidenceMap] = ConfidenceMap.fitted) -> Matches:
    """The same matches, each confidence replaced by what a map says that did not see its picture.

    Pictures are dealt to ``FOLDS`` hands in turn; only detections at ``LEAST_CONFIDENCE`` and above remain, surest
    first. What is learned by heart shows here.
    """
    seen = matches.confidences >= LEAST_CONFIDENCE
    told = np.zeros_like(matches.confidences)
    for hand in range(FOLDS):
        held = matches.pictures % FOLDS == hand
        told[held] = fit(_only(matches, ~held)).probabilities_of(matches.confidences[held])
    kept = _only(matches, seen)
    order = np.argsort(-told[seen], kind="stable")
    return replace(kept, confidences=told[seen][order], hits=kept.hits[order], pictures=kept.pictures[order])


def _only(matches: Matches, mask: NDArray[np.bool_]) -> Matches:
    return replace(
        matches,
        confidences=matches.confidences[mask],
        hits=matches.hits[mask],
        pictures=matches.pictures[mask],
    )


def _fit(x: Floats, y: Floats) -> tuple[float, float]:
    """Newton's method on a convex loss in (slope, offset); the slope is kept above ``LEAST_SLOPE``."""
    weight = 1 / PRIOR_SPREAD**2
    design = np.stack([x, np.ones_like(x)])
    answer, prior = np.array([1.0, 0.0]), np.array([1.0, 0.0])
    for _ in range(_MOST_STEPS):
        told = _sigmoid(answer @ design)
        gradient = design @ (told - y) + weight * (answer - prior)
        curvature = (design * (told * (1 - told))) @ design.T + weight * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        if answer[0] - step[0] < LEAST_SLOPE:  # the data fall as confidence rises: only the offset is theirs to say
            step = np.array([answer[0] - LEAST_SLOPE, gradient[1] / curvature[1, 1]])
        answer = answer - step
        if float(np.abs(step).max()) < 1e-9:
            break
    return float(answer[0]), float(answer[1])


def _logit(confidences: Floats) -> Floats:
    inside = np.clip(confidences, _EDGE, 1 - _EDGE)
    return np.log(inside / (1 - inside))


def _sigmoid(values: Floats) -> Floats:
    return 1 / (1 + np.exp(-np.clip(values, -50, 50)))
