"""Readings of one picture: is it lit, is it sharp, is anything in the way."""

from dataclasses import dataclass

import cv2
import numpy as np

from streams.frames import Luma
from streams.picture_health.findings import Reading
from streams.picture_health.reference import Reference
from streams.picture_health.registration import MATCHES_FROM, agreement
from streams.picture_health.rules import HealthRules
from streams.picture_health.small import Blocks, Plane, Texture, detail_of, texture_of

WHITE_FROM = 230
"""Video's white is 235, a computer's 255."""
DARK_BELOW = 45.0
"""A block as dark as this may have lost its structure to the night."""
LIT_FROM = 80.0
"""One that was usually as bright as this has not become dark by nightfall, which takes longer."""

_DAY_SHARE = 0.6
"""Of the reference's brightness, over the last minutes: day."""
_RELEASE = 0.8
"""A measure must come back so far behind its threshold before the picture counts as good."""
_BLACK_RELEASE = 1.2
_LOST_CONTRAST = 0.35
"""Of the reference's, light taken into account: less is no structure."""
_VIDEO_BLACK = 16.0
_SOFT_DETAIL = 0.4
"""Detail by contrast, by the reference's own: less is out of focus."""
_VISIBLE_CONTRAST = 3.0
_LEAST_SEEN = 12
"""Sharpness is the median of no fewer blocks."""
_LEAST_KNOWN_SHARE = 0.25
"""Of the reference's textured blocks; where fewer can be judged nothing is said."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """How a picture is lit."""

    black: Reading
    over_exposed: Reading

    @property
    def is_bad(self) -> bool:
        return bool(self.black.is_bad or self.over_exposed.is_bad)


def exposure_of(luma: Luma, rules: HealthRules) -> Exposure:
    """Whether the picture is lit at all, and whether it is burnt out.

    A street at night has lamps, windows and headlights: one pixel in a hundred is enough not to be black.
    """
    histogram = cv2.calcHist([luma], [0], None, [256], [0, 256]).ravel()
    level = float(np.searchsorted(np.cumsum(histogram), 0.99 * luma.size))
    white = float(histogram[WHITE_FROM:].sum()) / luma.size
    return Exposure(
        Reading(
            level, rules.black_level, _between(level <= rules.black_level, level > rules.black_level * _BLACK_RELEASE)
        ),
        Reading(
            white,
            rules.over_exposed_share,
            _between(white >= rules.over_exposed_share, white < rules.over_exposed_share * _RELEASE),
        ),
    )


@dataclass(frozen=True, slots=True)
class Clearness:
    """How well the scene of the reference can be seen."""

    covered: Reading
    blurred: Reading

    @property
    def is_bad(self) -> bool:
        return bool(self.covered.is_bad or self.blurred.is_bad)


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A picture in little beside the reference of its view."""

    plane: Plane
    texture: Texture
    agreeing: Blocks
    """How much each block still shows what the reference shows."""


def seen_beside(reference: Reference, luma: Luma) -> Seen:
    """A picture of the reference's size, measured."""
    plane = luma.astype(np.float32)
    texture = texture_of(plane)
    return Seen(plane, texture, agreement(reference.plane, reference.texture, plane, texture))


def clearness_of(reference: Reference, seen: Seen, usual_mean: Blocks | None, rules: HealthRules) -> Clearness:
    """Whether anything is in the way, and whether it is in focus.

    Both are measured where the reference has structure. Only what is lost there counts: a block that still agrees with
    the reference, however faintly (fog, rain), is seen; a dark one tells nothing, unless it was bright minutes ago and
    that was by day.

    Args:
        usual_mean: each block's brightness over the last minutes; None: not known.
    """
    before, now, textured = reference.texture, seen.texture, reference.textured
    light = np.clip((now.mean - _VIDEO_BLACK) / np.maximum(before.mean - _VIDEO_BLACK, 1), 0.05, 1)
    is_dark = now.mean < DARK_BELOW
    is_gone = textured & (seen.agreeing < MATCHES_FROM)
    is_lost = is_gone & ~is_dark & (now.contrast < _LOST_CONTRAST * before.contrast * light)
    if usual_mean is not None and usual_mean.shape == is_dark.shape and _is_day(usual_mean, reference):
        is_lost |= is_gone & is_dark & (usual_mean >= LIT_FROM)
    is_seen = textured & ~is_lost & (now.contrast >= _VISIBLE_CONTRAST)
    sharp_before = reference.detail / np.maximum(before.contrast, 1)
    detail = detail_of(seen.plane) / np.maximum(now.contrast, 1) / np.maximum(sharp_before, 0.01)
    blurred = _blurred(detail[is_seen], rules)
    is_soft = is_seen & ~is_dark & (detail < _SOFT_DETAIL)
    hidden = int(np.count_nonzero(is_lost if blurred.is_bad else is_lost | is_soft))
    known = int(np.count_nonzero(textured & (~is_dark | is_lost)))
    return Clearness(_covered(hidden, known, int(np.count_nonzero(textured)), rules), blurred)


def _is_day(usual_mean: Blocks, reference: Reference) -> bool:
    """Lamps and shop windows may go out all at once, the day does not."""
    return not reference.is_dim and float(usual_mean.mean()) >= _DAY_SHARE * float(reference.texture.mean.mean())


def _covered(hidden: int, known: int, textured: int, rules: HealthRules) -> Reading:
    limit = rules.covered_share
    if not known or known < _LEAST_KNOWN_SHARE * textured:
        return Reading(0.0, limit, None)
    share = hidden / known
    return Reading(share, limit, _between(share >= limit, share < limit * _RELEASE))


def _blurred(detail: Blocks, rules: HealthRules) -> Reading:
    if detail.size < _LEAST_SEEN:
        return Reading(0.0, rules.blurred_ratio, None)
    ratio = float(np.median(detail))
    return Reading(
        ratio,
        rules.blurred_ratio,
        _between(ratio < rules.blurred_ratio, ratio >= min(1.0, rules.blurred_ratio / _RELEASE)),
    )


def _between(is_bad: bool, is_good: bool) -> bool | None:
    return True if is_bad else False if is_good else None
