"""What one case adds to the figures: a pure function of the case, so that roll-ups and recounts follow one rule."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from operator import attrgetter

from cases.case import Case
from cases.lateness import stopped_since
from cases.life import Stage
from cases.overview.waits import bucket_of
from core.clock import as_utc


class Dimension(StrEnum):
    """By what the figures are told apart."""

    CATEGORY = "category"
    ZONE = "zone"
    UNIT = "unit"


class Wait(StrEnum):
    """A length of time that is measured, always from the picture that opened the case."""

    DECISION = "decision"
    """Until a person, or the measured rule, said whether it is a case."""
    CLOSING = "closing"
    """Until it was closed as put right."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many cases, of those opened in some hours; ``opened = confirmed + rejected + waiting``."""

    opened: int = 0
    """Candidates, whoever told of them."""
    confirmed: int = 0
    """Found to be cases (some were voided later)."""
    rejected: int = 0
    """Turned away as candidates."""
    waiting: int = 0
    """Nobody has decided yet."""
    voided: int = 0
    """Confirmed first, void later: out of every unit's denominator."""
    closed: int = 0
    """Closed as put right."""
    recurring: int = 0
    """They repeat an earlier case of their cell and category."""
    due: int = 0
    """Not void, with a deadline."""
    met: int = 0
    """Of these, reported or closed by then."""
    missed: int = 0
    """Of these, reported or closed after it."""
    reworked: int = 0
    """Not void, came back from the check at least once."""
    extended: int = 0
    """Not void, given more time at least once."""

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(one + more for one, more in zip(_numbers(self), _numbers(other), strict=True)))

    def __sub__(self, other: "Counts") -> "Counts":
        return Counts(*(one - less for one, less in zip(_numbers(self), _numbers(other), strict=True)))

    def __bool__(self) -> bool:
        return any(_numbers(self))

    @property
    def open(self) -> int:
        """Still open, whether confirmed or waiting."""
        return self.waiting + self.confirmed - self.voided - self.closed


COUNTED = tuple(field.name for field in fields(Counts))
_numbers = attrgetter(*COUNTED)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a case counts: its hour, and one of the things it is."""

    hour: datetime
    """The UTC hour in which its opening picture was taken."""
    dimension: Dimension
    value: str
    """Empty: it has none, as a case in no known cell has no zone."""


@dataclass(frozen=True, slots=True)
class WaitPlace:
    """Where a length of time counts."""

    hour: datetime
    wait: Wait
    bucket: int
    """See ``cases.overview.waits``."""


def hour_of(moment: datetime) -> datetime:
    """The UTC hour that a moment lies in."""
    return as_utc(moment).replace(minute=0, second=0, microsecond=0)


def counts_of(case: Case) -> Counts:
    """What the case adds, wherever it counts."""
    life, stage = case.life, case.life.stage
    is_void = stage is Stage.VOID
    was_confirmed = life.registered_at is not None or stage not in (Stage.COLLECTED, Stage.VOID)
    deadline = None if is_void else life.deadline
    stopped_at = None if deadline is None else stopped_since(case)
    return Counts(
        opened=1,
        confirmed=int(was_confirmed),
        rejected=int(is_void and not was_confirmed),
        waiting=int(not was_confirmed and not is_void),
        voided=int(is_void and was_confirmed),
        closed=int(stage is Stage.CLOSED),
        recurring=int(life.recurrence > 0),
        due=int(deadline is not None),
        met=int(deadline is not None and stopped_at is not None and stopped_at <= deadline.due_at),
        missed=int(deadline is not None and stopped_at is not None and stopped_at > deadline.due_at),
        reworked=int(life.reworks > 0 and not is_void),
        extended=int(life.extensions > 0 and not is_void),
    )


def places_of(case: Case) -> Iterator[Place]:
    """Where it counts: once in each dimension."""
    hour = hour_of(case.opened_at)
    yield Place(hour, Dimension.CATEGORY, case.category)
    yield Place(hour, Dimension.ZONE, case.zone or "")
    yield Place(hour, Dimension.UNIT, case.unit or "")


def waits_of(case: Case) -> Iterator[WaitPlace]:
    """The lengths of time that the case has had."""
    hour, life = hour_of(case.opened_at), case.life
    decided_at = life.registered_at or case.closed_at
    if decided_at is not None:
        yield WaitPlace(hour, Wait.DECISION, bucket_of((decided_at - case.opened_at).total_seconds()))
    if life.stage is Stage.CLOSED and case.closed_at is not None:
        yield WaitPlace(hour, Wait.CLOSING, bucket_of((case.closed_at - case.opened_at).total_seconds()))


def change(before: Case | None, after: Case) -> Mapping[Place, Counts]:
    """What the figures must be changed by; places where nothing changes are left out."""
    counts = counts_of(after)
    changed = dict.fromkeys(places_of(after), counts)
    if before is not None:
        told = counts_of(before)
        if told == counts and changed.keys() == set(places_of(before)):
            return {}  # it was merely seen again, as most events are
        for place in places_of(before):
            changed[place] = changed.get(place, Counts()) - told
    return {place: counts for place, counts in changed.items() if counts}


def change_of_waits(before: Case | None, after: Case) -> Mapping[WaitPlace, int]:
    """The same of the lengths of time."""
    changed = Counter(waits_of(after))
    if before is not None:
        changed.subtract(waits_of(before))
    return {place: cases for place, cases in changed.items() if cases}
