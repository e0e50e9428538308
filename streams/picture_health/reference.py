"""The picture that a view is held against: what it showed when it was calibrated, without traffic and without noise."""

from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from streams.frames import Luma
from streams.picture_health.registration import IN_PLACE_SHARE, LEAST_BLOCKS, agreement, vote
from streams.picture_health.small import Blocks, Plane, Texture, detail_of, texture_of

BlockMask = NDArray[np.bool_]

PICTURES = 5
"""A reference is the median of so many: what stands still in three of them."""
DIM_BELOW = 60.0
"""A reference whose mean brightness is under this was taken at night; the first day's replaces it."""
LEAST_TEXTURED_SHARE = 0.2
"""A picture in which fewer blocks hold structure tells nothing about any other."""

TEXTURED_CONTRAST = 6.0
TEXTURED_DETAIL = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """What a view showed when it was calibrated."""

    luma: Luma
    taken_at: datetime
    texture: Texture = field(init=False, repr=False)
    detail: Blocks = field(init=False, repr=False)
    is_dim: bool = field(init=False)
    """Taken at night."""

    def __post_init__(self) -> None:
        plane = self.plane
        object.__setattr__(self, "texture", texture_of(plane))
        object.__setattr__(self, "detail", detail_of(plane))
        object.__setattr__(self, "is_dim", is_dim(self.luma))

    @property
    def plane(self) -> Plane:
        """Made anew each time: kept, it would be four times the picture."""
        return self.luma.astype(np.float32)

    @property
    def textured(self) -> BlockMask:
        """Blocks with structure that could be recognised."""
        return is_textured(self.texture, self.detail)


@dataclass(frozen=True, slots=True, eq=False)
class Learning:
    """Pictures on the way to a reference, spread over some time."""

    pictures: tuple[Luma, ...] = ()
    last_at: datetime | None = None


def learn(before: Learning, luma: Luma, at: datetime, spread_s: float) -> tuple[Learning, Reference | None]:
    """Take a sound picture in; the reference once there are enough.

    Pictures that do not show the same place (the camera is still being set up) begin anew.

    Args:
        spread_s: from the first picture to the last.
    """
    if before.last_at is not None and 0 <= (at - before.last_at).total_seconds() < spread_s / (PICTURES - 1):
        return before, None
    if not has_structure(luma):
        return before, None
    if before.pictures and not _shows_the_same(before.pictures[0], luma):
        return Learning((luma,), at), None
    pictures = (*before.pictures, luma)
    if len(pictures) < PICTURES:
        return replace(before, pictures=pictures, last_at=at), None
    median = np.median(np.stack(pictures), axis=0).astype(np.uint8)
    return Learning(), Reference(median, at)


def has_structure(luma: Luma) -> bool:
    """Whether enough blocks hold something that could be recognised."""
    plane = luma.astype(np.float32)
    textured = is_textured(texture_of(plane), detail_of(plane))
    return float(np.count_nonzero(textured)) >= LEAST_TEXTURED_SHARE * textured.size


def is_textured(texture: Texture, detail: Blocks) -> BlockMask:
    """Which blocks hold structure that could be recognised."""
    return np.asarray((texture.contrast >= TEXTURED_CONTRAST) & (detail >= TEXTURED_DETAIL), dtype=np.bool_)


def is_dim(luma: Luma) -> bool:
    """Whether it is night in the picture."""
    return float(np.mean(luma)) < DIM_BELOW


def _shows_the_same(first: Luma, luma: Luma) -> bool:
    if first.shape != luma.shape:
        return False
    before, now = first.astype(np.float32), luma.astype(np.float32)
    support, blocks = vote(agreement(before, texture_of(before), now, texture_of(now)))
    return blocks < LEAST_BLOCKS or support >= IN_PLACE_SHARE
