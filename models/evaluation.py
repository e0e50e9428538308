"""How well a detector sees: average precision, operating points and false alarms, against labelled pictures.

Matching is COCO's (``models.matching``). The detector is passed in as a function, because this room lies below
``detector``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from core.detections import Detection
from core.geometry import Box
from models.datasets import LabelledPicture
from models.matching import JudgedPicture, Light, Matches, average_precision, match, match_at_each
from models.resampling import average_precision_interval

__all__ = [
    "CategoryReport",
    "EvaluationReport",
    "JudgedPicture",
    "Matches",
    "OperatingPoint",
    "average_precision",
    "best_f1_point",
    "evaluate",
    "judge",
    "match",
    "point_at",
]

IOU_STEPS: tuple[float, ...] = tuple(round(0.5 + 0.05 * i, 2) for i in range(10))


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """What an operator gets at one confidence threshold, at IoU 0.5."""

    threshold: float
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class CategoryReport:
    """Figures for one category; the averages are None where there is no truth box to find."""

    category: str
    pictures: int
    """Pictures that show it."""
    boxes: int
    ap50: float | None
    ap50_interval: tuple[float, float] | None
    """95 % interval, by drawing the pictures again and again (``models.resampling``)."""
    ap50_95: float | None
    at_threshold: OperatingPoint
    best_f1: OperatingPoint
    false_alarms_per_100_negatives: float | None
    """Detections at the threshold per 100 pictures that show nothing labelled; None without such pictures."""


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """A detector judged on one part of a data set."""

    pictures: int
    negatives: int
    categories: tuple[CategoryReport, ...]
    map50: float | None
    map50_95: float | None

    def as_json(self) -> dict[str, Any]:
        """Plain values, for ``json.dumps``."""
        return asdict(self)


def judge(
    pictures: Sequence[LabelledPicture],
    names: Sequence[str],
    detect: Callable[[LabelledPicture], Sequence[Detection]],
    progress: Callable[[int], None] = lambda done: None,
    light_of: Callable[[LabelledPicture], Light | None] = lambda picture: None,
) -> list[JudgedPicture]:
    """Let the detector look at every picture; ``detect`` should answer down to a low confidence (0.001)."""
    judged: list[JudgedPicture] = []
    for number, picture in enumerate(pictures, start=1):
        truth: dict[str, list[Box]] = {}
        for labelled in picture.boxes:
            truth.setdefault(names[labelled.class_id], []).append(Box(*labelled.box))
        long_side_px = max(picture.width_px, picture.height_px)
        found = tuple(detect(picture))
        judged.append(JudgedPicture(truth, found, picture.path, long_side_px, light_of(picture)))
        progress(number)
    return judged


def evaluate(judged: Sequence[JudgedPicture], thresholds: Mapping[str, float]) -> EvaluationReport:
    """Figures per category named in ``thresholds``, and their means over categories that have truth boxes."""
    reports = tuple(_report(judged, category, threshold) for category, threshold in thresholds.items())
    return EvaluationReport(
        pictures=len(judged),
        negatives=sum(picture.is_negative for picture in judged),
        categories=reports,
        map50=_mean([r.ap50 for r in reports]),
        map50_95=_mean([r.ap50_95 for r in reports]),
    )


def point_at(matches: Matches, threshold: float) -> OperatingPoint:
    """Precision, recall and F1 of the detections at or above ``threshold``; 0 where a share has no base."""
    taken = matches.confidences >= threshold
    hits = int(matches.hits[taken].sum())
    return _point(threshold, hits, int(taken.sum()), matches.truth_count)


def best_f1_point(matches: Matches) -> OperatingPoint:
    """The threshold with the highest F1; the highest such threshold on a tie, 1.0 when nothing was found."""
    points = _points(matches)
    return max(points, key=lambda point: point.f1, default=_point(1.0, 0, 0, matches.truth_count))


def _points(matches: Matches) -> list[OperatingPoint]:
    true_positives = np.cumsum(matches.hits)
    size = matches.confidences.size
    last_of_tie = [i for i in range(size) if i + 1 == size or matches.confidences[i + 1] < matches.confidences[i]]
    return [
        _point(float(matches.confidences[i]), int(true_positives[i]), i + 1, matches.truth_count) for i in last_of_tie
    ]


def _point(threshold: float, hits: int, found: int, truth_count: int) -> OperatingPoint:
    precision = hits / found if found else 0.0
    recall = hits / truth_count if truth_count else 0.0
    f1 = 2 * precision * recall / (precision + recall) if hits else 0.0
    return OperatingPoint(threshold, precision, recall, f1)


def _report(judged: Sequence[JudgedPicture], category: str, threshold: float) -> CategoryReport:
    by_iou = match_at_each(judged, category, IOU_STEPS)
    precisions = [average_precision(matches) for matches in by_iou]
    negatives = [picture for picture in judged if picture.is_negative]
    alarms = sum(d.category == category and d.confidence >= threshold for p in negatives for d in p.detections)
    return CategoryReport(
        category=category,
        pictures=sum(bool(picture.truth.get(category)) for picture in judged),
        boxes=by_iou[0].truth_count,
        ap50=precisions[0],
        ap50_interval=average_precision_interval(by_iou[0]),
        ap50_95=_mean(precisions),
        at_threshold=point_at(by_iou[0], threshold),
        best_f1=best_f1_point(by_iou[0]),
        false_alarms_per_100_negatives=100 * alarms / len(negatives) if negatives else None,
    )


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
