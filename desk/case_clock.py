"""A case's deadline as a clock: what is left, how it stands, and which hours count."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from cases.case import Case
from cases.lateness import Standing, standing_of, stopped_since
from cases.worktime.calendar import Shifts, WorkCalendar
from cases.worktime.due import DeadlineRule, TimeKind
from cases.worktime.hours import working_time_between
from cases.worktime.in_force import CalendarInForce

STRETCHES_TOLD = 90
"""Stretches of work that a page is told of, to count them down by itself: about six weeks of office hours."""
LOOK_AHEAD = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class WeekPart:
    """Days that are worked alike, e.g. Monday to Friday."""

    first: int
    """0 is Monday."""
    last: int
    shifts: str
    """``09:00-12:00, 13:30-17:30``."""


@dataclass(frozen=True, slots=True)
class ClockRule:
    """Which hours a deadline is told by."""

    hours: str
    is_working: bool
    category: str
    zone: str
    near: str
    """``80%`` of the time, or ``-60min`` before its end."""
    calendar: str
    calendar_zone: str
    week: tuple[WeekPart, ...]
    extensions: int


@dataclass(frozen=True, slots=True)
class DeadlineClock:
    """Everything that the clock on a case's page says."""

    standing: str
    """Key of its words: ``clock.<standing>``."""
    due_at: datetime | None = None
    near_due_at: datetime | None = None
    started_at: datetime | None = None
    stopped_at: datetime | None = None
    """When it was stopped, or set aside."""
    left_s: float = 0.0
    """Until the deadline by the wall clock, as of now or of the stop; negative once it has passed."""
    work_left_s: float | None = None
    """The same in hours that count; None where every hour does."""
    used_percent: int = 0
    """Of the time given, as the rule counts it, 0 to 100."""
    near_percent: int = 80
    stretches: str = ""
    """Work from now to the deadline, ``start-end`` in whole epoch seconds with commas between, for the module."""
    works_again_at: datetime | None = None
    """When hours begin to count again; None while they count."""
    rule: ClockRule | None = None

    @property
    def is_running(self) -> bool:
        return Standing(self.standing).is_running

    @property
    def left_abs_s(self) -> float:
        return abs(self.left_s)


def view_clock(
    case: Case, now: datetime, rule: DeadlineRule | None = None, calendar: CalendarInForce | None = None
) -> DeadlineClock:
    """The clock of a case.

    Args:
        rule: the deadline's, read; None where it cannot be.
        calendar: the version that the rule names; None where it is gone.
    """
    standing, deadline = standing_of(case, now), case.life.deadline
    if standing is Standing.NONE or deadline is None:
        return DeadlineClock(Standing.NONE.value)
    stop = stopped_since(case) if standing in (Standing.MET, Standing.MISSED) else case.life.suspended_at
    at = now if standing.is_running or stop is None else stop
    started_at = case.life.registered_at
    work = calendar.calendar if calendar is not None and rule is not None and rule.kind is TimeKind.WORKING else None
    whole_s = _length_s(work, started_at, deadline.due_at)
    return DeadlineClock(
        standing=standing.value,
        due_at=deadline.due_at,
        near_due_at=deadline.near_due_at,
        started_at=started_at,
        stopped_at=stop,
        left_s=(deadline.due_at - at).total_seconds(),
        work_left_s=None if work is None else _signed_work_s(work, at, deadline.due_at),
        used_percent=_percent(_length_s(work, started_at, at), whole_s),
        near_percent=_percent(_length_s(work, started_at, deadline.near_due_at), whole_s),
        stretches="" if work is None or not standing.is_running else _stretches(work, now, deadline.due_at),
        works_again_at=None if work is None or not standing.is_running else _next_start(work, now),
        rule=None if rule is None else _rule_view(rule, calendar, case.life.extensions),
    )


def _length_s(work: WorkCalendar | None, start: datetime | None, end: datetime) -> float:
    """Seconds that count between two moments; none where the start is not known."""
    if start is None:
        return 0.0
    if work is None:
        return max(0.0, (end - start).total_seconds())
    return working_time_between(work, start, end).total_seconds()


def _signed_work_s(work: WorkCalendar, at: datetime, due_at: datetime) -> float:
    if at <= due_at:
        return working_time_between(work, at, due_at).total_seconds()
    return -working_time_between(work, due_at, at).total_seconds()


def _percent(part_s: float, whole_s: float) -> int:
    return 100 if whole_s <= 0 else max(0, min(100, round(100 * part_s / whole_s)))


def _stretches(work: WorkCalendar, now: datetime, due_at: datetime) -> str:
    if due_at <= now:
        return ""
    last = min(work.day_of(due_at), work.day_of(now + LOOK_AHEAD))
    told = islice(work.stretches_from(now, last), STRETCHES_TOLD)
    cut = ((start, min(end, due_at)) for start, end in told if start < due_at)
    return ",".join(f"{start.timestamp():.0f}-{end.timestamp():.0f}" for start, end in cut)


def _next_start(work: WorkCalendar, now: datetime) -> datetime | None:
    found = next(iter(work.stretches_from(now, work.day_of(now + LOOK_AHEAD))), None)
    return None if found is None or found[0] <= now else found[0]


def _rule_view(rule: DeadlineRule, calendar: CalendarInForce | None, extensions: int) -> ClockRule:
    return ClockRule(
        hours=f"{rule.hours:g}",
        is_working=rule.kind is TimeKind.WORKING,
        category=rule.category,
        zone=rule.zone,
        near=str(rule.near),
        calendar=rule.calendar_id if calendar is None else calendar.document.name or rule.calendar_id,
        calendar_zone="" if calendar is None else calendar.document.zone,
        week=() if calendar is None else week_parts(calendar.calendar.week),
        extensions=extensions,
    )


def week_parts(week: tuple[Shifts, ...]) -> tuple[WeekPart, ...]:
    """Days in a row that are worked alike, as one part; days off are left out."""
    parts: list[WeekPart] = []
    for day, shifts in enumerate(week):
        text = ", ".join(str(shift) for shift in shifts)
        if not text:
            continue
        if parts and parts[-1].last == day - 1 and parts[-1].shifts == text:
            parts[-1] = WeekPart(parts[-1].first, day, text)
        else:
            parts.append(WeekPart(day, day, text))
    return tuple(parts)
