"""From the network's raw head to detections in source pixels."""

import numpy as np
from numpy.typing import NDArray

from core.detections import Detection
from core.geometry import Box
from core.ids import CategoryId
from detector.letterbox import Fit

MAX_DETECTIONS = 300
MAX_CANDIDATES = 30_000

Floats = NDArray[np.float32]


def detections_from(
    head: Floats,
    place: Fit,
    source_hw: tuple[int, int],
    categories: tuple[CategoryId, ...],
    thresholds: Floats,
    nms_iou: float,
) -> tuple[Detection, ...]:
    """Decode one picture's head, surest first.

    Args:
        head: ``(4 + C, N)``: centre x, centre y, width, height in input pixels, then C class scores.
        place: how the picture lies in the input.
        thresholds: ``(C,)`` least confidence per class.
        nms_iou: boxes of one class that overlap more than this are one thing.
    """
    scores = head[4:]
    best = scores.argmax(axis=0)
    confidence = scores[best, np.arange(head.shape[1])]
    is_sure = np.flatnonzero(confidence > thresholds[best])
    if is_sure.size == 0:
        return ()
    order = is_sure[np.argsort(-confidence[is_sure], kind="stable")][:MAX_CANDIDATES]
    boxes = corners(head[:4, order])
    classes = best[order]
    kept = keep_one_of_each(boxes, classes, nms_iou)[:MAX_DETECTIONS]
    in_source = to_source(boxes[kept], place, source_hw)
    return tuple(
        Detection(categories[classes[index]], float(confidence[order[index]]), Box(*map(float, box)))
        for index, box in zip(kept, in_source, strict=True)
    )


def corners(centred: Floats) -> Floats:
    """``(4, N)`` centre/size to ``(N, 4)`` xyxy."""
    half = centred[2:] * np.float32(0.5)
    return np.concatenate((centred[:2] - half, centred[:2] + half)).T.astype(np.float32, copy=False)


def keep_one_of_each(boxes: Floats, classes: NDArray[np.intp], iou: float) -> list[int]:
    """Class-aware non-maximum suppression; rows are sorted surest first.

    Returns:
        Row numbers that stay, surest first.
    """
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    stands = np.ones(len(boxes), dtype=bool)
    kept: list[int] = []
    for row in range(len(boxes)):
        if not stands[row]:
            continue
        kept.append(row)
        rest = slice(row + 1, None)
        width = np.minimum(boxes[rest, 2], boxes[row, 2]) - np.maximum(boxes[rest, 0], boxes[row, 0])
        height = np.minimum(boxes[rest, 3], boxes[row, 3]) - np.maximum(boxes[rest, 1], boxes[row, 1])
        overlap = np.maximum(width, 0) * np.maximum(height, 0)
        union = areas[rest] + areas[row] - overlap
        stands[rest] &= ~((overlap > iou * union) & (classes[rest] == classes[row]))
    return kept


def to_source(boxes: Floats, place: Fit, source_hw: tuple[int, int]) -> Floats:
    """Input pixels to source pixels, clipped to the picture.

    Each side of the picture was rounded to whole input pixels by itself, so each axis has its own gain (as Ultralytics
    8.4 ``scale_boxes``); one gain for both is off by up to half an input pixel.
    """
    gains = np.array([place.width_px / source_hw[1], place.height_px / source_hw[0]] * 2, dtype=np.float32)
    moved = (boxes - np.array([place.left, place.top] * 2, dtype=np.float32)) / gains
    moved[:, 0::2] = moved[:, 0::2].clip(0, source_hw[1])
    moved[:, 1::2] = moved[:, 1::2].clip(0, source_hw[0])
    return moved
