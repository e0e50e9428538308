"""What holds from one day to another: a new spell taken in beside those that stand, without overlap. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from cases.places.errors import PlaceRefused

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Spell:
    """A value with its first and last day; both count, None is without end on that side."""

    value: tuple[str, ...]
    """What it is about, and after it what may change without a new spell, as a person's phone."""
    first: date | None = None
    last: date | None = None
    id: int | None = None
    """Where it is kept; None: not yet."""

    @property
    def starts(self) -> date:
        return self.first or date.min

    @property
    def ends(self) -> date:
        return self.last or date.max

    def counts_on(self, day: date) -> bool:
        return self.starts <= day <= self.ends

    def __str__(self) -> str:
        days = f"from {self.first}" if self.first else "from the beginning"
        return f"{self.value[0]} {days}" + (f" to {self.last}" if self.last else "")


def taken_in(standing: tuple[Spell, ...], wanted: Spell, today: date, where: str) -> tuple[Spell, ...]:
    """The spells after one more, by first day.

    One without a first day holds from today where another value stands, else from the beginning; the same value as
    today's goes on, with its last day and what comes after the value as they are told now. What stands on the new
    one's first day ends the day before, and goes on after the new one's last day: so a week's stand-in leaves the
    usual unit in its place.

    Raises:
        PlaceRefused: its last day lies before its first, or it runs into a later spell; ``where`` names the line.
    """
    wanted = _with_first_day(standing, wanted, today)
    if wanted.ends < wanted.starts:
        raise PlaceRefused(f"{where}: its last day {wanted.last} lies before its first {wanted.first}; mend the dates")
    same = next((spell for spell in standing if spell.first == wanted.first), None)
    if same is not None:
        wanted = replace(wanted, id=same.id)
    others = [spell for spell in standing if spell is not same]
    _refuse_later(others, wanted, where)
    kept = [piece for spell in others for piece in _around(spell, wanted)]
    return tuple(sorted((*kept, wanted), key=lambda spell: spell.starts))


def ended(spell: Spell, last: date, where: str) -> Spell:
    """The spell with another last day.

    Raises:
        PlaceRefused: that day lies before its first.
    """
    if last < spell.starts:
        raise PlaceRefused(f"{where}: {spell} cannot end on {last}, before its first day; give a later day")
    return replace(spell, last=last)


def _with_first_day(standing: tuple[Spell, ...], wanted: Spell, today: date) -> Spell:
    if wanted.first is not None or not standing:
        return wanted
    if any((spell.first, spell.last, spell.value[0]) == (None, wanted.last, wanted.value[0]) for spell in standing):
        return wanted
    current = next((spell for spell in standing if spell.counts_on(today)), None)
    if current is None:
        return replace(wanted, first=today)
    if current.value[0] == wanted.value[0]:
        return replace(wanted, first=current.first, last=wanted.last or current.last)
    return replace(wanted, first=today)


def _refuse_later(others: list[Spell], wanted: Spell, where: str) -> None:
    later = next((spell for spell in others if wanted.starts < spell.starts <= wanted.ends), None)
    if later is not None:
        raise PlaceRefused(
            f"{where}: {wanted} runs into {later}; give it a last day before {later.first}, or end that one first"
        )


def _around(spell: Spell, wanted: Spell) -> Iterator[Spell]:
    """What is left of a spell that began before ``wanted``, before and after it."""
    if spell.starts >= wanted.starts or spell.ends < wanted.starts:
        yield spell
        return
    yield replace(spell, last=wanted.starts - _DAY)
    if spell.ends > wanted.ends:
        yield replace(spell, first=wanted.ends + _DAY, id=None)
