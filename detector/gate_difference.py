"""Where two sketches of one view differ by more than light, noise and a swaying pole explain.

Light is what changes smoothly: one gain for the whole picture and a slow field around it, both found so that a thing
that stands in the way has no say. What is left is averaged over 3 x 3 cells (12 pixels of a 640-pixel picture, so that
a bag of 14 fills one wherever it lies) and held against a threshold of each cell's own.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.gate_sketch import CellMask, Sketch

Cells = NDArray[np.float32]
"""``(h, w)``, one value a cell."""

LEAST_LEVELS = 5.0
"""No smaller difference of grey is a change, however quiet a cell is: of 255."""
MOST_LEVELS = 16.0
"""A greater one is a change away from edges, however noisy a cell is."""
NOISE_FACTOR = 5.0
"""So many standard deviations of a cell's own noise are no change."""
EDGE_SHARE = 0.1
"""Of the contrast around a cell: a pole that sways by a pixel of 640 moves so much of an edge into it ..."""
MOST_AT_EDGES = 10.0
"""... up to this many grey levels."""
COLOUR_FACTOR = 2.0
"""Colour is coarser in a video than grey."""
SINGLE_CELL_FACTOR = 2.5
"""A single cell is noisier than nine."""

_DARK = 8.0
"""Added to grey levels before their ratio is taken, so that black is no ratio at all."""
_MOST_LIGHT = math.log(2.0)
"""More light or less than this factor is a change of its own."""
_MOST_LOCAL_LIGHT = 0.25
"""How far (log) the light of a part may leave the whole's."""
_TILE_CELLS = 10
_LEAST_STRUCTURE = 6.0
"""Standard deviation of grey levels below which light cannot be told from a cover: then light explains nothing."""
_GREY = np.float32(128)
_LOG = np.log(np.arange(256, dtype=np.float32) + np.float32(_DARK))


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """What one sketch holds against another."""

    score: Cells
    """Difference by threshold: from 1 on it is a change."""
    levels: Cells
    """The averaged difference in grey levels, light taken away."""
    light: float
    """Log of how much brighter the new picture is."""

    @property
    def is_other_light(self) -> bool:
        """So much more or less light that nobody can say what else has changed."""
        return abs(self.light) > _MOST_LIGHT

    @property
    def exceeds(self) -> CellMask:
        return np.asarray(self.score >= 1.0, dtype=np.bool_)


def difference(before: Sketch, now: Sketch, thresholds: Cells, watched: CellMask) -> Difference:
    """Hold ``now`` against ``before``; both of one size.

    Args:
        thresholds: grey levels of each cell, from ``thresholds_for``.
        watched: cells that count for the picture's light.
    """
    sampled = watched[::2, ::2]
    if not sampled.any():
        watched, sampled = np.ones_like(watched), np.ones_like(sampled)
    ratio = np.asarray(_LOG[now.luma[::2, ::2]] - _LOG[before.luma[::2, ::2]], dtype=np.float32)
    has_structure = float(before.luma[::2, ::2][sampled].std()) >= _LEAST_STRUCTURE
    light = float(np.median(ratio[sampled])) if has_structure else 0.0
    gain = _gain_field(ratio, light, before.size_hw) if has_structure else np.ones(before.size_hw, dtype=np.float32)
    expected = np.clip((before.luma + np.float32(_DARK)) * gain - np.float32(_DARK), 0, 255)
    # Contrast shrinks with the light: a thing must show at dusk by the same share as at noon.
    rest = (now.luma - expected) / np.float32(min(1.0, max(0.5, math.exp(light))))
    levels = np.asarray(cv2.blur(rest, (3, 3), borderType=cv2.BORDER_REPLICATE), dtype=np.float32)
    least = np.maximum(np.abs(levels), np.abs(rest) / np.float32(SINGLE_CELL_FACTOR))
    score = np.maximum(least, _colour_levels(before, now, gain, sampled) / np.float32(COLOUR_FACTOR)) / thresholds
    return Difference(np.asarray(score, dtype=np.float32), levels, light)


def _colour_levels(before: Sketch, now: Sketch, gain: Cells, sampled: CellMask) -> Cells:
    """The greater difference of the two colours, each the mean of 2 x 2 cells, white balance taken away."""
    rows, columns = before.size_hw
    half = (sampled.shape[1], sampled.shape[0])
    was, is_now = (cv2.resize(sketch.cells, half, interpolation=cv2.INTER_AREA) for sketch in (before, now))
    lit = gain[::2, ::2]
    most = np.zeros(sampled.shape, dtype=np.float32)
    for channel in (1, 2):
        colour = (is_now[:, :, channel] - _GREY) - (was[:, :, channel] - _GREY) * lit
        colour -= np.float32(np.median(colour[sampled]))
        np.maximum(most, np.abs(colour), out=most)
    return np.asarray(cv2.resize(most, (columns, rows), interpolation=cv2.INTER_NEAREST), dtype=np.float32)


def thresholds_for(reference: Sketch, variance: Cells) -> Cells:
    """How many grey levels are a change, of each cell: its noise, and how sharp the picture is there.

    Args:
        variance: of the averaged difference between pictures in which nothing changed, grey levels squared.
    """
    kernel = np.ones((3, 3), dtype=np.uint8)
    contrast = cv2.morphologyEx(np.ascontiguousarray(reference.luma), cv2.MORPH_GRADIENT, kernel)
    around = cv2.blur(variance, (7, 7), borderType=cv2.BORDER_REPLICATE)  # one cell alone is known from few pictures
    by_noise = np.clip(np.sqrt(np.maximum(variance, around)) * np.float32(NOISE_FACTOR), LEAST_LEVELS, MOST_LEVELS)
    at_edges = np.minimum(contrast * np.float32(EDGE_SHARE), MOST_AT_EDGES)
    return np.asarray(by_noise + at_edges, dtype=np.float32)


def _gain_field(ratio: Cells, light: float, size_hw: tuple[int, int]) -> Cells:
    """The light of every part, as a factor; a thing that fills less than half of 3 x 3 tiles does not move it."""
    rows, columns = size_hw
    tiles = (max(1, round(columns / _TILE_CELLS)), max(1, round(rows / _TILE_CELLS)))
    near = np.clip(ratio, light - _MOST_LOCAL_LIGHT, light + _MOST_LOCAL_LIGHT)
    coarse = cv2.medianBlur(cv2.resize(near, tiles, interpolation=cv2.INTER_AREA), 3)
    return np.asarray(cv2.resize(np.exp(coarse), (columns, rows), interpolation=cv2.INTER_LINEAR), dtype=np.float32)
