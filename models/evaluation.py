"""How well a detector sees: average precision, operating points and false alarms, against labelled pictures.

Matching follows COCO: per picture and category, detections in order of confidence each take the free truth box they
overlap most, if by at least the wanted IoU; average precision is interpolated at 101 recall points.
The detector is passed in as a function, because this room lies below ``detector``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.detections import Detection
from core.geometry import Box
from models.datasets import LabelledPicture

Floats = NDArray[np.float64]
"""One-dimensional unless a docstring says otherwise."""

IOU_STEPS: tuple[float, ...] = tuple(round(0.5 + 0.05 * i, 2) for i in range(10))
_RECALL_POINTS = np.linspace(0, 1, 101)


@dataclass(frozen=True, slots=True)
class JudgedPicture:
    """One picture's truth beside what the detector found in it; boxes in source pixels."""

    truth: Mapping[str, Sequence[Box]]
    """Category -> truth boxes; empty for a negative picture."""
    detections: Sequence[Detection]

    @property
    def is_negative(self) -> bool:
        return not any(self.truth.values())


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


@dataclass(frozen=True, slots=True)
class Matches:
    """Detections of one category over all pictures, best first, and whether each found a truth box."""

    confidences: Floats
    hits: NDArray[np.bool_]
    truth_count: int


def judge(
    pictures: Sequence[LabelledPicture],
    names: Sequence[str],
    detect: Callable[[LabelledPicture], Sequence[Detection]],
    progress: Callable[[int], None] = lambda done: None,
) -> list[JudgedPicture]:
    """Let the detector look at every picture; ``detect`` should answer down to a low confidence (0.001)."""
    judged: list[JudgedPicture] = []
    for number, picture in enumerate(pictures, start=1):
        truth: dict[str, list[Box]] = {}
        for labelled in picture.boxes:
            truth.setdefault(names[labelled.class_id], []).append(Box(*labelled.box))
        judged.append(JudgedPicture(truth, tuple(detect(picture))))
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


def match(judged: Sequence[JudgedPicture], category: str, iou_at_least: float) -> Matches:
    """Decide for each detection of a category whether it found a truth box (each truth box is found once)."""
    confidences: list[float] = []
    hits: list[bool] = []
    truth_count = 0
    for picture in judged:
        free = list(picture.truth.get(category, ()))
        truth_count += len(free)
        found = sorted((d for d in picture.detections if d.category == category), key=lambda d: -d.confidence)
        for detection in found:
            overlaps = [detection.box.iou(box) for box in free]
            best = max(range(len(free)), key=overlaps.__getitem__, default=-1)
            is_hit = best >= 0 and overlaps[best] >= iou_at_least
            if is_hit:
                free.pop(best)
            confidences.append(detection.confidence)
            hits.append(is_hit)
    scores = np.asarray(confidences, dtype=np.float64)
    order = np.argsort(-scores, kind="stable")
    return Matches(scores[order], np.asarray(hits, dtype=np.bool_)[order], truth_count)


def average_precision(matches: Matches) -> float | None:
    """Area under the precision envelope, sampled at 101 recall points (COCO); None without truth."""
    if matches.truth_count == 0:
        return None
    if matches.hits.size == 0:
        return 0.0
    true_positives = np.cumsum(matches.hits)
    precision = true_positives / np.arange(1, matches.hits.size + 1)
    recall = true_positives / matches.truth_count
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    positions = np.searchsorted(recall, _RECALL_POINTS - 1e-12, side="left")
    sampled = np.where(positions < envelope.size, envelope[np.minimum(positions, envelope.size - 1)], 0.0)
    return float(sampled.mean())


def point_at(matches: Matches, threshold: float) -> OperatingPoint:
    """Precision, recall and F1 of the detections at or above ``threshold``; 0 where a share has no base."""
    taken = matches.confidences >= threshold
    hits = int(matches.hits[taken].sum())
    return _point(threshold, hits, int(taken.sum()), matches.truth_count)


def best_f1_point(matches: Matches) -> OperatingPoint:
    """The threshold with the highest F1; the highest such threshold on a tie, 1.0 when nothing was found."""
    points = _points(matches)
    return max(points, key=lambda point: point.f1, default=_point(1.0, 0, 0, matches.truth_count))


def choose_threshold(matches: Matches, least_precision: float = 0.9, floor: float = 0.05) -> OperatingPoint:
    """The point with the most recall at ``least_precision``, or the best F1 when no point reaches it.

    Thresholds under ``floor`` are not offered: below it a detector answers with noise on scenes unlike the judged ones.
    """
    points = [point for point in _points(matches) if point.threshold >= floor]
    precise = [point for point in points if point.precision >= least_precision and point.recall > 0]
    best_f1 = max(points, key=lambda point: point.f1, default=_point(1.0, 0, 0, matches.truth_count))
    # A handful of sure detections is precise and useless: then the balanced point serves better.
    useful = [point for point in precise if point.recall >= best_f1.recall / 2]
    return max(useful, key=lambda point: point.recall, default=best_f1)


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
    by_iou = [match(judged, category, iou) for iou in IOU_STEPS]
    precisions = [average_precision(matches) for matches in by_iou]
    negatives = [picture for picture in judged if picture.is_negative]
    alarms = sum(d.category == category and d.confidence >= threshold for p in negatives for d in p.detections)
    return CategoryReport(
        category=category,
        pictures=sum(bool(picture.truth.get(category)) for picture in judged),
        boxes=by_iou[0].truth_count,
        ap50=precisions[0],
        ap50_95=_mean(precisions),
        at_threshold=point_at(by_iou[0], threshold),
        best_f1=best_f1_point(by_iou[0]),
        false_alarms_per_100_negatives=100 * alarms / len(negatives) if negatives else None,
    )


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
