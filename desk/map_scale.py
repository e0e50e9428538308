"""By what the map's grids are coloured, and in which steps; pure."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from grid.codes import Level

AWAY_STEP = 1
"""Of coverage: seen by cameras that send nothing now."""
SEEN_FROM = 2
"""Of coverage: the first step of what is seen now."""


class Shade(StrEnum):
    """What a grid's colour tells."""

    OPEN = "open"
    LATE = "late"
    RECURRENCE = "recurrence"
    COVERAGE = "coverage"


def choose_shade(asked: str | None) -> Shade:
    """The one that was asked for; open cases when it is missing or unknown."""
    return Shade(asked) if asked in tuple(Shade) else Shade.OPEN


_COUNTS: Mapping[Level, tuple[int, ...]] = {
    Level.GRID: (1, 2, 3, 5, 10),
    Level.COMMUNITY: (1, 3, 6, 12, 25),
    Level.STREET: (1, 10, 25, 50, 100),
    Level.DISTRICT: (1, 50, 100, 250, 500),
}
"""From so many cases on the next step counts; an area of many grids has more of everything."""
_SHARES = (25, 60)
"""Per cent of the ground."""


@dataclass(frozen=True, slots=True)
class Step:
    """One colour of the legend."""

    number: int
    """0 is nothing."""
    low: int
    high: int | None
    """None: and more."""


def steps_of(shade: Shade, level: Level) -> tuple[Step, ...]:
    """The legend's steps, from nothing up; of coverage in per cent of the ground."""
    if shade is Shade.COVERAGE:
        bounds = (1, *_SHARES)
        seen = tuple(
            Step(SEEN_FROM + place, low, high)
            for place, (low, high) in enumerate(zip(bounds, (*(each - 1 for each in _SHARES), None), strict=True))
        )
        return (Step(0, 0, 0), Step(AWAY_STEP, 0, 0), *seen)
    counts = _COUNTS[level]
    highs = (*(low - 1 for low in counts[1:]), None)
    return (
        Step(0, 0, 0),
        *(Step(place, low, high) for place, (low, high) in enumerate(zip(counts, highs, strict=True), start=1)),
    )


def step_of(count: int, level: Level) -> int:
    """The colour of so many cases."""
    return bisect_right(_COUNTS[level], count)


def cover_step(cameras: int, live: int, share: float) -> int:
    """The colour of how much is seen.

    Args:
        cameras: whose view shows some of it.
        live: of these, those that send pictures now.
        share: of the ground that the live ones see, 0 to 1; 0 also where only hand-drawn regions tell.
    """
    if cameras == 0:
        return 0
    return SEEN_FROM + bisect_right(_SHARES, 100 * share) if live else AWAY_STEP
