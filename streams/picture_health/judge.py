"""One view's health: a picture and a bounded memory go in, findings and a new memory come out. Pure; time is data.

A picture that gives cause for doubt is not looked at from its very first, since one look more or less costs nothing;
people are told only when the doubt has lasted (``HealthRules``), since a lorry at the lights is no fault.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np

from streams.frames import Luma
from streams.picture_health.findings import Finding, FindingKind, Reading
from streams.picture_health.optics import Clearness, Seen, clearness_of, exposure_of, seen_beside
from streams.picture_health.reference import Learning, Reference, is_dim, is_textured, learn
from streams.picture_health.registration import IN_PLACE_SHARE, LEAST_BLOCKS, Place, registered, vote
from streams.picture_health.rules import HealthRules
from streams.picture_health.small import Blocks, block_means, detail_of
from streams.picture_health.standing import Standing, settle

JUDGED: tuple[FindingKind, ...] = tuple(kind for kind in FindingKind if kind is not FindingKind.LOST)
"""What a picture can tell; that none comes is told by the feed."""

ALIKE_SHARE = 0.005
"""Pictures that differ in no more of their pixels are one picture: a clock that the encoder writes may tick in it."""
_LEAST_ALIKE = 5
_USUAL_S = 300.0
"""Over how long a block's usual brightness is learnt: nightfall is slower, a hand is faster."""
_RECHECK_SHARE = 0.25
"""A view that is known to be displaced is checked so much oftener than one that gives no cause."""
_SAME_LIGHT = 1.6
"""Brightness by another picture's brightness, either way, within which the light is the same."""
_AS_MUCH_SHARE = 0.6
_LEAST_SHIFT_SHARE = 0.7
"""A displacement under this share of the threshold counts as good."""


@dataclass(frozen=True, slots=True, eq=False)
class ViewMemory:
    """All that is remembered of one view: two small pictures, five more while its reference is being learnt."""

    reference: Reference | None = None
    learning: Learning = field(default_factory=Learning)
    standings: Mapping[FindingKind, Standing] = field(default_factory=dict)
    anchor: Luma | None = None
    """The first picture that those since are the same as."""
    anchor_at: datetime | None = None
    alike: int = 0
    usual_mean: Blocks | None = None
    usual_at: datetime | None = None
    checked_at: datetime | None = None
    unchecked: int = 0
    """Pictures since the last check."""
    place: Place = Place.UNKNOWN
    """What the last check said."""

    def standing(self, kind: FindingKind) -> Standing:
        return self.standings.get(kind, Standing())

    @property
    def findings(self) -> tuple[Finding, ...]:
        found = (self.standing(kind).finding(kind) for kind in JUDGED)
        return tuple(finding for finding in found if finding is not None)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is said of one picture."""

    is_sound: bool
    """It may be looked at: nothing is wrong with it, and nothing has been wrong for a while."""
    readings: Mapping[FindingKind, Reading]
    has_new_reference: bool = False


def judge(
    memory: ViewMemory, luma: Luma, at: datetime, rules: HealthRules, is_fixed: bool = True
) -> tuple[ViewMemory, Judgement]:
    """Judge one picture in little, captured ``at``.

    Args:
        memory: of this view; its reference is None as long as there is none.
        is_fixed: False for a camera on a vehicle: there is nothing to hold its pictures against.
    """
    memory, frozen = _frozen(memory, luma, at, rules)
    exposure = exposure_of(luma, rules)
    readings = {
        FindingKind.FROZEN: frozen,
        FindingKind.BLACK: exposure.black,
        FindingKind.OVER_EXPOSED: exposure.over_exposed,
    }
    reference = memory.reference
    if reference is not None and reference.luma.shape == luma.shape and not exposure.is_bad:
        seen = seen_beside(reference, luma)
        clearness = clearness_of(reference, seen, memory.usual_mean, rules)
        memory, moved = _moved(memory, _Look(reference, luma, at, seen, clearness), rules)
        is_elsewhere = memory.standing(FindingKind.MOVED).is_raised or (moved is not None and moved.is_bad)
        if not is_elsewhere:  # what it shows instead may have less structure: that is no cover
            readings |= {FindingKind.COVERED: clearness.covered, FindingKind.BLURRED: clearness.blurred}
        if moved is not None:
            readings[FindingKind.MOVED] = moved
    standings: dict[FindingKind, Standing] = {
        kind: settle(memory.standing(kind), readings.get(kind), at, rules) for kind in JUDGED
    }
    if standings[FindingKind.MOVED].is_raised:  # it explains both
        standings |= {FindingKind.COVERED: Standing(), FindingKind.BLURRED: Standing()}
    memory = replace(memory, standings=standings)
    is_sound = not any(
        standing.is_raised or (standing.is_in_doubt and kind is not FindingKind.FROZEN)
        for kind, standing in standings.items()
    )
    cover = standings[FindingKind.COVERED]
    if not (exposure.is_bad or cover.is_raised or cover.is_in_doubt):
        memory = _with_usual(memory, luma, at)
    memory, has_new = _learnt(memory, luma, at, rules) if is_sound and is_fixed else (memory, False)
    return memory, Judgement(is_sound, readings, has_new)


def _frozen(memory: ViewMemory, luma: Luma, at: datetime, rules: HealthRules) -> tuple[ViewMemory, Reading]:
    """A sensor is never still to the bit: noise moves a few of the pixels of every two key frames."""
    anchor, since = memory.anchor, memory.anchor_at
    is_alike = (
        anchor is not None
        and anchor.shape == luma.shape
        and int(np.count_nonzero(anchor != luma)) <= ALIKE_SHARE * luma.size
    )
    if not is_alike or since is None:
        return replace(memory, anchor=luma, anchor_at=at, alike=0), Reading(0.0, rules.frozen_s, False)
    alike, lasted_s = memory.alike + 1, (at - since).total_seconds()
    is_bad = True if alike >= _LEAST_ALIKE and lasted_s >= rules.frozen_s else None
    return replace(memory, alike=alike), Reading(lasted_s, rules.frozen_s, is_bad, raise_s=0.0, since=since)


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """A lit picture beside its view's reference."""

    reference: Reference
    luma: Luma
    at: datetime
    seen: Seen
    clearness: Clearness


def _moved(memory: ViewMemory, look: _Look, rules: HealthRules) -> tuple[ViewMemory, Reading | None]:
    """Hold the picture against the reference when that is due, or at once when it looks unlike it; None: not held."""
    if not _is_check_due(memory, look, rules):
        return replace(memory, unchecked=memory.unchecked + 1), None
    found = registered(look.reference.luma, look.luma, rules.moved_share * _LEAST_SHIFT_SHARE)
    memory = replace(memory, checked_at=look.at, unchecked=0, place=found.place)
    if found.place is Place.HERE:
        return memory, Reading(found.displacement, rules.moved_share, False)
    if found.place is Place.DISPLACED:
        is_bad = True if found.displacement >= rules.moved_share else None
        return memory, Reading(found.displacement, rules.moved_share, is_bad, found.shift)
    if found.place is Place.NOWHERE and _is_as_clear(look):
        return memory, Reading(1.0, rules.moved_share, True, raise_s=rules.elsewhere_s)
    return memory, Reading(0.0, rules.moved_share, None)


def _is_check_due(memory: ViewMemory, look: _Look, rules: HealthRules) -> bool:
    standing = memory.standing(FindingKind.MOVED)
    if memory.checked_at is None or look.at < memory.checked_at:
        return True
    if standing.is_in_doubt or (standing.is_raised and standing.good_pictures):  # about to be told, or to end
        return True
    share = _RECHECK_SHARE if standing.is_raised else 1.0
    unchecked_s = (look.at - memory.checked_at).total_seconds()
    if unchecked_s >= rules.check_every_s * share and memory.unchecked + 1 >= rules.check_pictures * share:
        return True
    if memory.place is not Place.HERE or standing.is_raised:
        return False
    if look.clearness.is_bad:
        return not any(memory.standing(kind).bad_pictures for kind in (FindingKind.COVERED, FindingKind.BLURRED))
    support, blocks = vote(look.seen.agreeing)
    return blocks >= LEAST_BLOCKS and support < IN_PLACE_SHARE


def _is_as_clear(look: _Look) -> bool:
    """Whether a picture in which nothing is found again shows as much, as bright and as sharp, as its reference.

    Only then is the scene gone, and not the light, the air or the view of it.
    """
    reference, seen = look.reference, look.seen
    if reference.is_dim or is_dim(look.luma) or look.clearness.blurred.is_bad:
        return False
    if not 1 / _SAME_LIGHT <= float(seen.texture.mean.mean()) / float(reference.texture.mean.mean()) <= _SAME_LIGHT:
        return False
    before = np.count_nonzero(reference.textured)
    return bool(np.count_nonzero(is_textured(seen.texture, detail_of(seen.plane))) >= _AS_MUCH_SHARE * before)


def _with_usual(memory: ViewMemory, luma: Luma, at: datetime) -> ViewMemory:
    mean = block_means(luma.astype(np.float32))
    if memory.usual_mean is None or memory.usual_at is None or memory.usual_mean.shape != mean.shape:
        return replace(memory, usual_mean=mean, usual_at=at)
    gone_s = max(0.0, (at - memory.usual_at).total_seconds())
    share = np.float32(1.0 - math.exp(-gone_s / _USUAL_S))
    return replace(memory, usual_mean=memory.usual_mean + (mean - memory.usual_mean) * share, usual_at=at)


def _learnt(memory: ViewMemory, luma: Luma, at: datetime, rules: HealthRules) -> tuple[ViewMemory, bool]:
    """Take a reference where there is none, or where the one there is was taken at night and now it is day."""
    reference = memory.reference
    if reference is not None and reference.luma.shape == luma.shape and (not reference.is_dim or is_dim(luma)):
        return memory, False
    learning, taken = learn(memory.learning, luma, at, rules.reference_s)
    if taken is None:
        return replace(memory, learning=learning), False
    return replace(memory, learning=learning, reference=taken, checked_at=None, place=Place.UNKNOWN), True
