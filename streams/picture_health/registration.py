"""Where the scene of a reference picture lies in another picture of the same camera.

Light changes what a street looks like, traffic hides it: so nothing is held against the whole picture. Every guess of
where the scene went (nowhere, the shift that gradients suggest, the turn and zoom that corner points suggest) is put to
the vote of the picture's blocks, each by its own normalised correlation, and only a guess with many votes is believed.
"""

from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from streams.frames import Luma
from streams.picture_health.small import Blocks, Plane, Texture, block_means, texture_of

Transform = NDArray[np.float64]
"""2 x 3: a pixel of the reference to its place in the picture."""

MATCHES_FROM = 0.6
"""Absolute correlation from which a block shows the same thing; infra-red turns contrast round, so the sign is free."""
IN_PLACE_SHARE = 0.25
"""So many of the blocks must vote for a place."""
CLEAR_SHARE = 0.5
"""With so much of the vote for one place nobody looks for another turn or zoom."""
LEAD_SHARE = 0.15
"""Another place must have so much more of the vote than the calibrated one."""
ELSEWHERE_SHARE = 0.1
"""Where no guess has more than this the picture shows something else: strange streets agree in 5 % of the blocks."""
LEAST_BLOCKS = 20
"""Fewer blocks with structure in both pictures cannot vote."""

_LEAST_CONTRAST_BEFORE = 4.0
_LEAST_CONTRAST_NOW = 2.5
_TOLD = np.float32(1e-6)
"""The least correlation of a block that has structure, so that 0 means: it has none."""
_LEAST_INLIERS = 12
_RANSAC_PX = 2.0
_MOST_ZOOM = 2.5


class Place(StrEnum):
    """Where the scene is."""

    HERE = "here"
    """Where it was calibrated, or so little beside that it does not matter."""
    DISPLACED = "displaced"
    NOWHERE = "nowhere"
    """No part of it is found, though there is much to see."""
    UNKNOWN = "unknown"
    """Night, fog, too little structure."""


@dataclass(frozen=True, slots=True)
class Registration:
    """What the blocks say."""

    place: Place
    support: float
    """Share of the voting blocks for ``place``."""
    blocks: int
    """How many could vote."""
    displacement: float = 0.0
    """Mean way of a pixel, as a share of the picture's width."""
    shift: tuple[float, float] = (0.0, 0.0)
    """Of the picture's middle, right and down, as shares of its width."""


def registered(reference: Luma, now: Luma, least_shift: float) -> Registration:
    """Find the reference's scene in a picture of the same size.

    Corner points, the dear part, are asked only where the other ways leave doubt.

    Args:
        least_shift: share of the width under which a displacement is none.
    """
    before_plane, now_plane = reference.astype(np.float32), now.astype(np.float32)
    texture_now = texture_of(now_plane)
    here, blocks = vote(agreement(before_plane, texture_of(before_plane), now_plane, texture_now))
    best, best_support, best_blocks = None, here, blocks
    for guess_at in (_by_gradients, _by_corners):
        if best_support >= CLEAR_SHARE and blocks >= LEAST_BLOCKS and guess_at is _by_corners:
            break
        guess = guess_at(reference, now)
        support, voting = (0.0, 0) if guess is None else _vote_for(before_plane, now_plane, texture_now, guess)
        if voting >= LEAST_BLOCKS and support > best_support:
            best, best_support, best_blocks = guess, support, voting
    if best is not None and best_support >= IN_PLACE_SHARE:
        displacement, shift = _way(best, reference.shape[1], reference.shape[0])
        if displacement < least_shift:
            return Registration(Place.HERE, best_support, best_blocks, displacement, shift)
        if best_support >= here + LEAD_SHARE or blocks < LEAST_BLOCKS:
            return Registration(Place.DISPLACED, best_support, best_blocks, displacement, shift)
    if blocks >= LEAST_BLOCKS and here >= IN_PLACE_SHARE:
        return Registration(Place.HERE, here, blocks)
    if blocks >= LEAST_BLOCKS and best_support < ELSEWHERE_SHARE:
        return Registration(Place.NOWHERE, best_support, blocks)
    return Registration(Place.UNKNOWN, best_support, blocks)


def agreement(before: Plane, texture_before: Texture, now: Plane, texture_now: Texture) -> Blocks:
    """How much each block of two planes shows the same thing, whatever the light: 0 to 1; 0 where it cannot be told."""
    can_tell = (texture_before.contrast >= _LEAST_CONTRAST_BEFORE) & (texture_now.contrast >= _LEAST_CONTRAST_NOW)
    together = np.abs(block_means(before * now) - texture_before.mean * texture_now.mean)
    spread = np.maximum(texture_before.contrast * texture_now.contrast, 1)
    return np.where(can_tell, np.maximum(together / spread, _TOLD), np.float32(0))


def vote(agreeing: Blocks) -> tuple[float, int]:
    """Share of the blocks that show the same thing of those that can tell, and how many these are."""
    told = agreeing[agreeing > 0]
    return (float(np.count_nonzero(told >= MATCHES_FROM)) / told.size, told.size) if told.size else (0.0, 0)


def _vote_for(before: Plane, now: Plane, texture_now: Texture, guess: Transform) -> tuple[float, int]:
    """The vote for a guess: the reference is carried to where the guess says its scene lies."""
    size = (now.shape[1], now.shape[0])
    carried = np.asarray(cv2.warpAffine(before, guess, size), dtype=np.float32)
    inside = np.asarray(cv2.warpAffine(np.ones_like(before), guess, size), dtype=np.float32)
    agreeing = agreement(carried, texture_of(carried), now, texture_now)
    return vote(np.where(block_means(inside) > 0.999, agreeing, np.float32(0)))


def _by_gradients(before: Luma, now: Luma) -> Transform | None:
    """The shift that the two pictures' edges have in common, by phase correlation."""
    height, width = before.shape
    window = cv2.createHanningWindow((width, height), cv2.CV_32F)
    (x, y), _ = cv2.phaseCorrelate(_edges(before), _edges(now), window)
    if abs(x) > width / 2 or abs(y) > height / 2:
        return None
    return np.array([[1, 0, x], [0, 1, y]], dtype=np.float64)


def _edges(luma: Luma) -> Plane:
    """How sharp every edge is by what is around it, so that a lamp counts no more than a kerb."""
    across, down = cv2.Sobel(luma, cv2.CV_32F, 1, 0), cv2.Sobel(luma, cv2.CV_32F, 0, 1)
    strength = cv2.magnitude(across, down)
    around = cv2.blur(strength, (31, 31))
    return np.asarray(strength / (around + 8.0), dtype=np.float32)


def _by_corners(before: Luma, now: Luma) -> Transform | None:
    """The shift, turn and zoom that the two pictures' corner points have in common."""
    finder = cv2.ORB.create(600, scaleFactor=1.2, nlevels=6, edgeThreshold=16, patchSize=24, fastThreshold=8)
    points_before, marks_before = finder.detectAndCompute(before, None)
    points_now, marks_now = finder.detectAndCompute(now, None)
    if marks_before is None or marks_now is None or min(len(points_before), len(points_now)) < _LEAST_INLIERS:
        return None
    pairs = cv2.BFMatcher(cv2.NORM_HAMMING, crossCheck=True).match(marks_before, marks_now)
    if len(pairs) < _LEAST_INLIERS:
        return None
    at_before = np.array([points_before[pair.queryIdx].pt for pair in pairs], dtype=np.float32)
    at_now = np.array([points_now[pair.trainIdx].pt for pair in pairs], dtype=np.float32)
    found, inliers = cv2.estimateAffinePartial2D(at_before, at_now, ransacReprojThreshold=_RANSAC_PX)
    if found is None or int(inliers.sum()) < _LEAST_INLIERS:
        return None
    zoom = float(np.hypot(found[0, 0], found[1, 0]))
    return np.asarray(found, dtype=np.float64) if 1 / _MOST_ZOOM <= zoom <= _MOST_ZOOM else None


def _way(guess: Transform, width: int, height: int) -> tuple[float, tuple[float, float]]:
    """How far the guess carries a pixel on the mean of the corners and the middle, and where it carries the middle."""
    corners = np.array([[0, 0], [width, 0], [0, height], [width, height], [width / 2, height / 2]], dtype=np.float64)
    ways = corners @ guess[:, :2].T + guess[:, 2] - corners
    return float(np.hypot(ways[:, 0], ways[:, 1]).mean()) / width, (
        float(ways[4, 0]) / width,
        float(ways[4, 1]) / width,
    )
