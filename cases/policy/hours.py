"""When a rule holds: weekly hours by the city's wall clock, and the season of the year. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from cases.policy.errors import PolicyRefused
from core.clock import as_utc

DAY_MINUTES = 24 * 60
DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_WINDOWS = 50
_CLOCK = re.compile(r"([01][0-9]|2[0-4]):([0-5][0-9])")
_MONTH_DAY = re.compile(r"(0[1-9]|1[0-2])-([0-2][0-9]|3[01])")
_LEAP_YEAR = 2024


class HoursRefused(PolicyRefused):
    """Hours or a season that no calendar has."""


@dataclass(frozen=True, slots=True)
class Window:
    """Some hours of some weekdays; an end at or before the start lies on the next day."""

    days: frozenset[int]
    """0 Monday to 6 Sunday: the days on which the window *starts*."""
    start_min: int
    """Minutes after midnight, 0 to 1439; the window holds from then on."""
    end_min: int
    """Minutes after midnight, 0 to 1440; the window holds until just before."""

    @property
    def crosses_midnight(self) -> bool:
        return self.end_min <= self.start_min

    def starts(self, local: datetime) -> tuple[date, ...]:
        """The days whose window holds at a moment of the wall clock (two only where a window is a whole day long)."""
        minute = local.hour * 60 + local.minute
        today = local.date()
        found: list[date] = []
        until = DAY_MINUTES if self.crosses_midnight else self.end_min
        if self.start_min <= minute < until and today.weekday() in self.days:
            found.append(today)
        yesterday = today - timedelta(days=1)
        if self.crosses_midnight and minute < self.end_min and yesterday.weekday() in self.days:
            found.append(yesterday)
        return tuple(found)

    def as_json(self) -> dict[str, Any]:
        return {
            "days": [DAY_NAMES[day] for day in sorted(self.days)],
            "from": _clock(self.start_min),
            "until": _clock(self.end_min),
        }


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """Windows of a week; none at all means always."""

    windows: tuple[Window, ...] = ()

    def starts(self, local: datetime) -> tuple[date, ...]:
        """The days that a moment counts for: those on which a window that holds now began; empty outside all."""
        if not self.windows:
            return (local.date(),)
        return tuple(sorted({day for window in self.windows for day in window.starts(local)}))

    def holds(self, moment: datetime, zone: tzinfo) -> bool:
        return bool(self.starts(wall_clock(moment, zone)))

    def as_json(self) -> list[dict[str, Any]]:
        return [window.as_json() for window in self.windows]

    def shown(self) -> str:
        """Short, for both languages: ``mon,tue 18:00-02:00; sat 00:00-24:00``, or ``00:00-24:00``."""
        if not self.windows:
            return "00:00-24:00"
        return "; ".join(
            f"{','.join(DAY_NAMES[day] for day in sorted(window.days))} "
            f"{_clock(window.start_min)}-{_clock(window.end_min)}"
            for window in self.windows
        )


@dataclass(frozen=True, slots=True)
class Season:
    """A part of every year, both days included; an end before the start lies in the next year."""

    first: tuple[int, int]
    """Month, day."""
    last: tuple[int, int]

    def holds(self, day: date) -> bool:
        today = (day.month, day.day)
        if self.first <= self.last:
            return self.first <= today <= self.last
        return today >= self.first or today <= self.last

    def as_json(self) -> dict[str, str]:
        return {"from": _month_day(self.first), "until": _month_day(self.last)}

    def shown(self) -> str:
        return f"{_month_day(self.first)} … {_month_day(self.last)}"


def wall_clock(moment: datetime, zone: tzinfo) -> datetime:
    """What the city's clock showed then."""
    return as_utc(moment).astimezone(zone)


def hours_of(given: Sequence[Mapping[str, Any]], where: str) -> WeeklyHours:
    """Weekly hours from ``[{"days": ["mon", …], "from": "18:00", "until": "02:00"}]``.

    Raises:
        HoursRefused: ``where`` is named, and the mend.
    """
    if len(given) > MOST_WINDOWS:
        raise HoursRefused(f"{where}: {len(given)} windows are more than {MOST_WINDOWS}; join some")
    return WeeklyHours(tuple(_window(each, f"{where}: window {number}") for number, each in enumerate(given, start=1)))


def season_of(given: Mapping[str, str] | None, where: str) -> Season | None:
    """A season from ``{"from": "04-15", "until": "10-31"}``; None: all year.

    Raises:
        HoursRefused: ``where`` is named, and the mend.
    """
    if given is None:
        return None
    return Season(_parsed_day(given.get("from", ""), where), _parsed_day(given.get("until", ""), where))


def _window(given: Mapping[str, Any], where: str) -> Window:
    names = given.get("days") or list(DAY_NAMES)
    unknown = [name for name in names if name not in DAY_NAMES]
    if unknown:
        raise HoursRefused(f"{where}: day {str(unknown[0])[:20]!a} is unknown; write {', '.join(DAY_NAMES)}")
    start, end = _minutes(given.get("from", ""), where), _minutes(given.get("until", ""), where)
    if start == DAY_MINUTES:
        raise HoursRefused(f"{where}: starts at 24:00; write 00:00 of the next day")
    if start == end:
        raise HoursRefused(f"{where}: starts and ends at {_clock(start)}; for the whole day write 00:00 to 24:00")
    return Window(frozenset(DAY_NAMES.index(name) for name in names), start, end)


def _minutes(text: object, where: str) -> int:
    match = _CLOCK.fullmatch(text) if isinstance(text, str) else None
    minutes = -1 if match is None else int(match[1]) * 60 + int(match[2])
    if not 0 <= minutes <= DAY_MINUTES:
        raise HoursRefused(f"{where}: {str(text)[:20]!a} is no time of day; write HH:MM, 00:00 to 24:00")
    return minutes


def _parsed_day(text: object, where: str) -> tuple[int, int]:
    match = _MONTH_DAY.fullmatch(text) if isinstance(text, str) else None
    try:
        if match is None:
            raise ValueError(text)
        day = date(_LEAP_YEAR, int(match[1]), int(match[2]))
    except ValueError as error:
        raise HoursRefused(f"{where}: {str(text)[:20]!a} is no day of the year; write MM-DD, e.g. 04-15") from error
    return day.month, day.day


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _month_day(day: tuple[int, int]) -> str:
    return f"{day[0]:02d}-{day[1]:02d}"
