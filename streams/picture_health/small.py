"""A picture in little: brightness alone, 320 pixels along its longer side, and what can be measured on it cheaply."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from streams.frames import Luma, Picture

LONG_SIDE_PX = 320
BLOCK_PX = 20
"""A block is 1/16 of a picture's width: a car at the kerb fills a few, a pole a part of one."""

Plane = NDArray[np.float32]
"""``(h, w)`` of the small picture."""
Blocks = NDArray[np.float32]
"""``(rows, columns)``, one value a block."""


def small_luma(picture: Picture) -> Luma:
    """The picture in little.

    It is halved as long as it may be, since halving is what the processor does fastest.
    """
    width, height = picture.width_px, picture.height_px
    wanted = small_size((width, height))
    halves = 0
    while (width >> (halves + 1)) >= wanted[0] and (height >> (halves + 1)) >= wanted[1]:
        halves += 1
    if not halves:
        return picture.luma(*wanted)
    luma = picture.luma(width >> 1, height >> 1)
    for step in range(2, halves + 1):
        luma = _resized(luma, (width >> step, height >> step), cv2.INTER_AREA)
    # What is left is less than a half: between four pixels that are means already nothing slips through.
    return luma if luma.shape == (wanted[1], wanted[0]) else _resized(luma, wanted, cv2.INTER_LINEAR)


def small_size(source_wh: tuple[int, int]) -> tuple[int, int]:
    """Width and height in little; a picture that is small already keeps its size."""
    scale = min(1.0, LONG_SIDE_PX / max(source_wh))
    return max(1, round(source_wh[0] * scale)), max(1, round(source_wh[1] * scale))


@dataclass(frozen=True, slots=True, eq=False)
class Texture:
    """What each block of a small picture holds."""

    mean: Blocks
    """Brightness, 0 to 255."""
    contrast: Blocks
    """Standard deviation."""


def texture_of(plane: Plane) -> Texture:
    """What each block of a small picture holds."""
    mean = block_means(plane)
    return Texture(mean, np.sqrt(np.maximum(block_means(plane * plane) - mean * mean, 0)))


def detail_of(plane: Plane) -> Blocks:
    """Mean of the Laplacian's absolute in each block: what is lost first when a lens is out of focus."""
    return block_means(np.abs(np.asarray(cv2.Laplacian(plane, cv2.CV_32F), dtype=np.float32)))


def block_means(plane: Plane) -> Blocks:
    """The mean of every block."""
    height, width = plane.shape
    grid = (max(1, round(width / BLOCK_PX)), max(1, round(height / BLOCK_PX)))
    return np.asarray(cv2.resize(plane, grid, interpolation=cv2.INTER_AREA), dtype=np.float32)


def _resized(luma: Luma, size_wh: tuple[int, int], how: int) -> Luma:
    return np.asarray(cv2.resize(luma, size_wh, interpolation=how), dtype=np.uint8)
