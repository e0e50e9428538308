"""A deadline: when work is due, when it is nearly due, and by which rule. Pure."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from cases.worktime.calendar import WorkCalendar
from cases.worktime.errors import CalendarRefused
from cases.worktime.hours import add_working_time, working_time_between
from core.clock import as_utc


class TimeKind(StrEnum):
    """Which hours count."""

    WORKING = "working"
    """Hours of the calendar's shifts. 工作时"""
    NATURAL = "natural"
    """Hours of the clock. 自然时"""


class DueState(StrEnum):
    """How a deadline stands."""

    IN_TIME = "in_time"
    NEAR_DUE = "near_due"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Nearness:
    """When a deadline is near: after a share of its time, or so many minutes before its end."""

    share: float | None = 0.8
    minutes: float | None = None

    def __str__(self) -> str:
        return f"-{_plain(self.minutes)}min" if self.minutes is not None else f"{_plain(100 * (self.share or 0.0))}%"

    def within(self, whole: timedelta) -> timedelta:
        """How much of the whole time passes before the end is near."""
        if self.minutes is not None:
            return max(timedelta(0), whole - timedelta(minutes=self.minutes))
        return whole * (self.share or 0.0)


@dataclass(frozen=True, slots=True)
class DeadlineRule:
    """What made a deadline, as one line of text that can be read back:

    ``catalogue:2 exposed_garbage/strict 4h working near:80% calendar:default@3``
    """

    catalogue: int
    category: str
    zone: str
    hours: float
    """Allowed at first; extensions come on top."""
    kind: TimeKind
    near: Nearness
    calendar_id: str
    calendar_version: int

    def __str__(self) -> str:
        return (
            f"catalogue:{self.catalogue} {self.category}/{self.zone} {_plain(self.hours)}h {self.kind} "
            f"near:{self.near} calendar:{self.calendar_id}@{self.calendar_version}"
        )

    @property
    def whole(self) -> timedelta:
        return timedelta(hours=self.hours)


def _plain(number: float) -> str:
    """Six decimals at most, never an exponent: what it says can be read back."""
    return f"{number:.6f}".rstrip("0").rstrip(".")


_RULE = re.compile(
    r"catalogue:(?P<catalogue>\d+) (?P<category>[^ /]+)/(?P<zone>[^ /]+) (?P<hours>[\d.]+)h (?P<kind>working|natural) "
    r"near:(?:(?P<share>[\d.]+)%|-(?P<minutes>[\d.]+)min) calendar:(?P<calendar>[^ @]+)@(?P<version>\d+)"
)


def rule_of(text: str) -> DeadlineRule:
    """The rule that ``str`` of one gave.

    Raises:
        CalendarRefused: it is no such text.
    """
    found = _RULE.fullmatch(text)
    if found is None:
        raise CalendarRefused(f"deadline rule {text[:80]!a} is not one of ours; leave such a deadline as it is")
    share, minutes = found["share"], found["minutes"]
    near = Nearness(None, float(minutes)) if minutes is not None else Nearness(float(share) / 100)
    return DeadlineRule(
        catalogue=int(found["catalogue"]),
        category=found["category"],
        zone=found["zone"],
        hours=float(found["hours"]),
        kind=TimeKind(found["kind"]),
        near=near,
        calendar_id=found["calendar"],
        calendar_version=int(found["version"]),
    )


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline as it is kept with a case."""

    due_at: datetime
    """UTC; work reported later is late."""
    near_due_at: datetime
    """UTC, not after ``due_at``."""
    rule: str
    """See ``DeadlineRule``."""


def due_after(rule: DeadlineRule, calendar: WorkCalendar, start: datetime, whole: timedelta | None = None) -> Due:
    """The deadline of work that begins at ``start`` and has its rule's time, or ``whole`` after extensions.

    Raises:
        CalendarRefused: the calendar has no such time.
    """
    whole = rule.whole if whole is None else whole
    near = rule.near.within(whole)
    if rule.kind is TimeKind.NATURAL:
        begin = as_utc(start)
        return Due(begin + whole, begin + near, str(rule))
    return Due(add_working_time(calendar, start, whole), add_working_time(calendar, start, near), str(rule))


def time_given(rule: DeadlineRule, calendar: WorkCalendar, start: datetime, due_at: datetime) -> timedelta:
    """How much time, as the rule counts it, lies between the start and a deadline."""
    if rule.kind is TimeKind.NATURAL:
        return max(timedelta(0), as_utc(due_at) - as_utc(start))
    return working_time_between(calendar, start, due_at)


def moved_to(
    rule: DeadlineRule, before: WorkCalendar, after: WorkCalendar, version: int, start: datetime, due_at: datetime
) -> Due:
    """The same time, extensions included, told by a calendar's new form."""
    whole = time_given(rule, before, start, due_at)
    return due_after(replace(rule, calendar_version=version), after, start, whole)


def standing(now: datetime, due_at: datetime, near_due_at: datetime) -> DueState:
    """How a deadline stands at a moment; exactly at the deadline is still in time."""
    if now > due_at:
        return DueState.OVERDUE
    return DueState.NEAR_DUE if now >= near_due_at else DueState.IN_TIME
