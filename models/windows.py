"""Square windows out of wide pictures, with the labels that are still to be seen in them."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.datasets import LabelledBox
from models.sources import WindowCutting

Picture = NDArray[np.uint8]
"""(height, width, 3), BGR."""


@dataclass(frozen=True, slots=True)
class LabelledImage:
    """Pixels with their labels, between a source and the file it becomes."""

    pixels: Picture
    boxes: tuple[LabelledBox, ...]
    """Pixels of this picture, xyxy."""


def cut_windows(image: LabelledImage, cutting: WindowCutting, rng: np.random.Generator) -> list[LabelledImage]:
    """Cut ``cutting.count`` windows; the first ones each hold another labelled object, wherever in the window."""
    scaled = scale_to_width(image, cutting.wide_px)
    height, width = scaled.pixels.shape[:2]
    side = min(cutting.side_px, height, width)
    anchors = [scaled.boxes[i] for i in rng.permutation(len(scaled.boxes))][: cutting.count]
    windows: list[LabelledImage] = []
    for number in range(cutting.count):
        free_x, free_y = width - side, height - side
        left, top = int(rng.integers(free_x + 1)), int(rng.integers(free_y + 1))
        if number < len(anchors):
            x0, y0, x1, y1 = anchors[number].box
            left = _start_that_holds(x0, x1, side, free_x, rng)
            top = _start_that_holds(y0, y1, side, free_y, rng)
        pixels = scaled.pixels[top : top + side, left : left + side].copy()
        windows.append(LabelledImage(pixels, boxes_in(scaled.boxes, left, top, side, cutting.least_seen)))
    return windows


def scale_to_width(image: LabelledImage, width_px: int) -> LabelledImage:
    """The picture ``width_px`` across, its boxes with it."""
    height, width = image.pixels.shape[:2]
    factor = width_px / width
    if factor == 1:
        return image
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    pixels = np.asarray(cv2.resize(image.pixels, (width_px, round(height * factor)), interpolation=how), dtype=np.uint8)
    return LabelledImage(pixels, tuple(LabelledBox(b.class_id, _times(b.box, factor)) for b in image.boxes))


def boxes_in(
    boxes: Sequence[LabelledBox], left: int, top: int, side: int, least_seen: float
) -> tuple[LabelledBox, ...]:
    """The boxes of which at least ``least_seen`` lies in the window, clipped to it and in its pixels."""
    kept: list[LabelledBox] = []
    for labelled in boxes:
        x0, y0, x1, y1 = labelled.box
        cx0, cx1 = max(x0 - left, 0.0), min(x1 - left, float(side))
        cy0, cy1 = max(y0 - top, 0.0), min(y1 - top, float(side))
        seen = max(0.0, cx1 - cx0) * max(0.0, cy1 - cy0)
        if seen > 0 and seen >= least_seen * (x1 - x0) * (y1 - y0):
            kept.append(LabelledBox(labelled.class_id, (cx0, cy0, cx1, cy1)))
    return tuple(kept)


def yolo_lines(image: LabelledImage) -> str:
    """The labels as YOLO text: ``class cx cy w h``, shares of width and height."""
    height, width = image.pixels.shape[:2]
    lines: list[str] = []
    for labelled in image.boxes:
        x0, y0, x1, y1 = labelled.box
        values = ((x0 + x1) / 2 / width, (y0 + y1) / 2 / height, (x1 - x0) / width, (y1 - y0) / height)
        lines.append(" ".join([str(labelled.class_id), *(f"{value:.6f}" for value in values)]))
    return "\n".join(lines)


def _start_that_holds(first: float, last: float, side: int, free: int, rng: np.random.Generator) -> int:
    """A start in 0..free from which a window holds first..last whole, or its middle where it is longer."""
    low, high = int(np.ceil(last - side)), int(np.floor(first))
    if low > high:
        low = high = round((first + last - side) / 2)
    return int(np.clip(rng.integers(low, high + 1), 0, free))


def _times(box: tuple[float, float, float, float], factor: float) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = box
    return (x0 * factor, y0 * factor, x1 * factor, y1 * factor)
