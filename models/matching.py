"""Which detection found which truth box, as COCO decides it, and the average precision that follows.

Per picture and category the 100 surest detections, in order of confidence, each take the free truth box they overlap
most, if by at least the wanted IoU; average precision is interpolated at 101 recall points. A test holds this against
pycocotools.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.detections import Detection
from core.geometry import Box

Floats = NDArray[np.float64]
"""One-dimensional unless a docstring says otherwise."""

Light = Literal["day", "dusk", "night"]

MOST_PER_PICTURE = 100
"""Detections of one category in one picture that count, as in COCO."""

RECALL_POINTS = np.linspace(0, 1, 101)
ANY_AREA = (0.0, float("inf"))
REFERENCE_SIDE_PX = 640
"""Object sizes are told in pixels of the picture scaled to this longer side, whatever the camera or the network."""


@dataclass(frozen=True, slots=True)
class JudgedPicture:
    """One picture's truth beside what the detector found in it; boxes in source pixels."""

    truth: Mapping[str, Sequence[Box]]
    """Category -> truth boxes; empty for a negative picture."""
    detections: Sequence[Detection]
    path: Path | None = None
    """The picture itself, for sheets and scene facts; None where it was never a file."""
    long_side_px: float = REFERENCE_SIDE_PX
    """Of the source picture."""
    light: Light | None = None
    """None where nobody looked."""

    @property
    def is_negative(self) -> bool:
        return not any(self.truth.values())

    @property
    def area_factor(self) -> float:
        """From square source pixels to square pixels at ``REFERENCE_SIDE_PX``."""
        return (REFERENCE_SIDE_PX / self.long_side_px) ** 2


@dataclass(frozen=True, slots=True)
class Matches:
    """Detections of one category over all pictures, best first, and whether each found a truth box."""

    confidences: Floats
    hits: NDArray[np.bool_]
    truth_count: int
    pictures: NDArray[np.int64]
    """Which picture each detection is of, by its place in the judged sequence."""
    truth_by_picture: NDArray[np.int64]
    """``(pictures,)``: truth boxes in each picture."""


@dataclass(frozen=True, slots=True)
class PictureMatch:
    """One picture's detections of one category, surest first, each with the truth box it took."""

    detections: tuple[Detection, ...]
    truth: tuple[Box, ...]
    taken: tuple[int | None, ...]
    """Per detection: the place of its truth box, or None for a false alarm."""

    @property
    def false_alarms(self) -> tuple[Detection, ...]:
        return tuple(d for d, box in zip(self.detections, self.taken, strict=True) if box is None)

    @property
    def missed(self) -> tuple[Box, ...]:
        return tuple(box for place, box in enumerate(self.truth) if place not in self.taken)


def match(
    judged: Sequence[JudgedPicture],
    category: str,
    iou_at_least: float,
    area_px2: tuple[float, float] = ANY_AREA,
) -> Matches:
    """Decide for each detection of a category whether it found a truth box (each truth box is found once).

    Args:
        area_px2: only truth boxes of this area (low <= area < high, at ``REFERENCE_SIDE_PX``) are looked for. As in
            COCO, a detection that took a box of another size, or that took none and is of another size, is left out.
    """
    return match_at_each(judged, category, (iou_at_least,), area_px2)[0]


def match_at_each(
    judged: Sequence[JudgedPicture],
    category: str,
    ious: Sequence[float],
    area_px2: tuple[float, float] = ANY_AREA,
) -> list[Matches]:
    """``match`` for several IoUs; overlaps are worked out once."""
    confidences: list[float] = []
    pictures: list[int] = []
    hits: list[list[bool]] = [[] for _ in ious]
    counts: list[list[bool]] = [[] for _ in ious]
    truth_by_picture = np.zeros(len(judged), dtype=np.int64)
    for number, picture in enumerate(judged):
        found = surest_first(picture.detections, category)
        truth = list(picture.truth.get(category, ()))
        factor = picture.area_factor
        wanted = [area_px2[0] <= box.area * factor < area_px2[1] for box in truth]
        truth_by_picture[number] = sum(wanted)
        confidences += [d.confidence for d in found]
        pictures += [number] * len(found)
        fits = [area_px2[0] <= d.box.area * factor < area_px2[1] for d in found]
        overlaps = overlaps_of(found, truth)
        for step, iou in enumerate(ious):
            taken = assign(overlaps, iou, wanted)
            hits[step] += [place is not None and wanted[place] for place in taken]
            counts[step] += [fit if place is None else wanted[place] for place, fit in zip(taken, fits, strict=True)]
    scores = np.asarray(confidences, dtype=np.float64)
    order = np.argsort(-scores, kind="stable")
    of_picture = np.asarray(pictures, dtype=np.int64)
    made: list[Matches] = []
    for hit, count in zip(hits, counts, strict=True):
        kept = order[np.asarray(count, dtype=np.bool_)[order]]
        is_hit = np.asarray(hit, dtype=np.bool_)[kept]
        made.append(Matches(scores[kept], is_hit, int(truth_by_picture.sum()), of_picture[kept], truth_by_picture))
    return made


def match_picture(picture: JudgedPicture, category: str, threshold: float, iou_at_least: float = 0.5) -> PictureMatch:
    """One picture at an operating threshold: what was found, what was missed, what was a false alarm."""
    found = [d for d in surest_first(picture.detections, category) if d.confidence >= threshold]
    truth = tuple(picture.truth.get(category, ()))
    taken = assign(overlaps_of(found, truth), iou_at_least, [True] * len(truth))
    return PictureMatch(tuple(found), truth, tuple(taken))


def surest_first(detections: Sequence[Detection], category: str) -> list[Detection]:
    """The detections of one category that count, by falling confidence; equal ones keep their order."""
    found = sorted((d for d in detections if d.category == category), key=lambda d: -d.confidence)
    return found[:MOST_PER_PICTURE]


def overlaps_of(found: Sequence[Detection], truth: Sequence[Box]) -> NDArray[np.float64]:
    """``(detections, truth boxes)`` IoU."""
    if not found or not truth:
        return np.zeros((len(found), len(truth)))
    a = np.array([d.box.as_xyxy() for d in found], dtype=np.float64)[:, None]
    b = np.array([box.as_xyxy() for box in truth], dtype=np.float64)[None]
    sides = np.clip(np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2]), 0, None)
    overlap = sides[..., 0] * sides[..., 1]
    areas = [np.prod(np.clip(x[..., 2:] - x[..., :2], 0, None), axis=-1) for x in (a, b)]
    shares: NDArray[np.float64] = np.divide(
        overlap, areas[0] + areas[1] - overlap, out=np.zeros_like(overlap), where=overlap > 0
    )
    return shares


def assign(overlaps: NDArray[np.float64], iou_at_least: float, wanted: Sequence[bool]) -> list[int | None]:
    """Per detection (row) the truth box (column) it takes: wanted ones before the others, then by overlap.

    The order in which COCO's reference decides: of equal overlaps, the later box.
    """
    taken: list[int | None] = [None] * overlaps.shape[0]
    if overlaps.size == 0:
        return taken
    passes = overlaps >= min(iou_at_least, 1 - 1e-10)
    is_free = np.ones(overlaps.shape[1], dtype=np.bool_)
    is_wanted = np.asarray(wanted, dtype=np.bool_)
    for row in np.flatnonzero(passes.any(axis=1)):
        open_to = passes[row] & is_free
        choice = open_to & is_wanted if (open_to & is_wanted).any() else open_to
        places = np.flatnonzero(choice)
        if places.size:
            best = places[overlaps[row, places] == overlaps[row, places].max()][-1]
            taken[row] = int(best)
            is_free[best] = False
    return taken


def average_precision(matches: Matches) -> float | None:
    """Area under the precision envelope, sampled at 101 recall points (COCO); None without truth."""
    if matches.truth_count == 0:
        return None
    if matches.hits.size == 0:
        return 0.0
    precision, recall = precision_and_recall(matches)
    envelope = np.append(np.maximum.accumulate(precision[::-1])[::-1], 0.0)
    return float(envelope[np.searchsorted(recall, RECALL_POINTS, side="left")].mean())


def precision_and_recall(matches: Matches) -> tuple[Floats, Floats]:
    """Both after each detection, surest first."""
    true_positives = np.cumsum(matches.hits)
    precision = true_positives / np.arange(1, matches.hits.size + 1)
    return precision, true_positives / max(matches.truth_count, 1)
