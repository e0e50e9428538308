"""Objects cut out of labelled photographs: colour, soft outline, and the box that fits what was kept."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.datasets import LabelledBox
from models.windows import LabelledImage, Picture

WORKING_SIDE_PX = 220
"""GrabCut runs on a copy with this longer side: outlines finer than that do not outlast the paste's blur."""
MARGIN = 0.15
"""Of the box, on each side: what the background looks like there tells it apart."""
LEAST_FILL, MOST_FILL = 0.30, 0.97
"""Share of the box that an outline may cover; outside it GrabCut lost the object, or found nothing to leave out."""
LEAST_SPAN = 0.75
"""Of the box's width and height that the outline must reach: the label says that the object fills its box."""
_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class CutOut:
    """One object with its soft outline."""

    class_id: int
    pixels: Picture
    alpha: NDArray[np.float32]
    """(height, width), 0 outside to 1 inside."""


def cut_out(photo: LabelledImage, labelled: LabelledBox) -> CutOut | None:
    """Cut one labelled object out of a photograph; None where no outline can be trusted."""
    height, width = photo.pixels.shape[:2]
    x0, y0, x1, y1 = labelled.box
    pad_x, pad_y = MARGIN * (x1 - x0), MARGIN * (y1 - y0)
    left, top = max(0, int(x0 - pad_x)), max(0, int(y0 - pad_y))
    right, bottom = min(width, int(np.ceil(x1 + pad_x))), min(height, int(np.ceil(y1 + pad_y)))
    around = photo.pixels[top:bottom, left:right]
    box = (x0 - left, y0 - top, x1 - left, y1 - top)
    mask = _outline(around, box)
    if mask is None:
        return None
    ys, xs = np.where(mask.any(axis=1))[0], np.where(mask.any(axis=0))[0]
    span_x, span_y = (xs[-1] + 1 - xs[0]) / (x1 - x0), (ys[-1] + 1 - ys[0]) / (y1 - y0)
    fill = float(mask.sum()) / ((x1 - x0) * (y1 - y0))
    if not LEAST_FILL <= fill <= MOST_FILL or min(span_x, span_y) < LEAST_SPAN:
        return None
    kept = (slice(ys[0], ys[-1] + 1), slice(xs[0], xs[-1] + 1))
    soft = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), max(0.6, min(mask.shape) / 160))
    return CutOut(labelled.class_id, around[kept].copy(), np.asarray(soft[kept], dtype=np.float32))


def _outline(around: Picture, box: tuple[float, float, float, float]) -> NDArray[np.bool_] | None:
    """The object's pixels in a picture a little larger than its box; None when GrabCut cannot begin."""
    height, width = around.shape[:2]
    factor = min(1.0, WORKING_SIDE_PX / max(height, width))
    small = cv2.resize(around, (max(8, round(width * factor)), max(8, round(height * factor))))
    x0, y0, x1, y1 = (round(value * factor) for value in box)
    inside = (max(1, x0), max(1, y0), min(small.shape[1] - 1, x1), min(small.shape[0] - 1, y1))
    rect = (inside[0], inside[1], inside[2] - inside[0], inside[3] - inside[1])
    if min(rect[2:]) < 6:
        return None
    mask = np.zeros(small.shape[:2], np.uint8)
    cv2.setRNGSeed(0)  # GrabCut's mixtures begin with k-means: the same object must give the same outline
    background, foreground = np.zeros((1, 65)), np.zeros((1, 65))
    try:
        cv2.grabCut(small, mask, rect, background, foreground, _ROUNDS, cv2.GC_INIT_WITH_RECT)
    except cv2.error:  # one flat colour: there are no two mixtures to tell apart
        return None
    found = ((mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD)).astype(np.uint8)
    found = np.asarray(cv2.morphologyEx(found, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)), dtype=np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(found)
    if count < 2:
        return None
    areas = stats[1:, cv2.CC_STAT_AREA]
    large = 1 + np.flatnonzero(areas >= 0.08 * areas.sum())
    kept = np.isin(labels, large).astype(np.uint8)
    return np.asarray(cv2.resize(kept, (width, height), interpolation=cv2.INTER_LINEAR) > 0, dtype=np.bool_)
