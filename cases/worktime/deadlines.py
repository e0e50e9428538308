"""Deadlines of cases: by the catalogue's time limit and its calendar, asked inside a transaction of somebody else."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from cases.catalogue.entries import UNGRADED
from cases.catalogue.in_force import catalogue_in_force, catalogue_of_version
from cases.worktime.calendar import WorkCalendar
from cases.worktime.due import DeadlineRule, Due, TimeKind, due_after, rule_of, time_given
from cases.worktime.errors import CalendarRefused
from cases.worktime.hours import add_working_time, working_time_between
from cases.worktime.in_force import calendar_in_force, calendar_of_version
from core.clock import as_utc
from grid.units import Zone

__all__ = ["Due", "due_for", "extended", "resumed"]

LONGEST_EXTENSION = timedelta(hours=10_000)


def due_for(
    connection: Connection,
    *,
    category: str,
    zone: str | None,
    start: datetime,
    catalogue_version: int | None = None,
) -> Due | None:
    """When work on a case that is registered at ``start`` is due.

    Args:
        category: the case's category id.
        zone: the cell's grade; one that is not known counts as ``controlled``.
        start: when the time begins to run; aware.
        catalogue_version: the version that the case was opened under; None: the one in force.

    Returns:
        None where that catalogue does not know the category: such a case has no deadline.

    Raises:
        CalendarUnknown, CalendarRefused: the catalogue names a calendar that is not there or has too little time.
    """
    if catalogue_version is None:
        kept = catalogue_in_force(connection)
    else:
        kept = catalogue_of_version(connection, catalogue_version) or catalogue_in_force(connection)
    entry = kept.catalogue.category(category)
    if entry is None:
        return None
    grade = Zone(zone) if zone in {known.value for known in Zone} else UNGRADED
    allowed = entry.deadline.of(grade)
    calendar = calendar_in_force(connection, entry.calendar)
    rule = DeadlineRule(
        catalogue=kept.version,
        category=category,
        zone=grade.value,
        hours=allowed.hours,
        kind=allowed.time,
        near=entry.near_due.nearness(),
        calendar_id=calendar.calendar_id,
        calendar_version=calendar.version,
    )
    return due_after(rule, calendar.calendar, start)


def extended(connection: Connection, *, start: datetime, due_at: datetime, rule: str, by: timedelta) -> Due:
    """A deadline put off by so much time of its own kind (working or natural hours). 延期

    Args:
        start: when the case's time began to run; aware.
        due_at: the deadline that stands.
        rule: that deadline's rule.
        by: how much more time; more than none, at most 10,000 hours.

    Raises:
        CalendarRefused: the rule is not one of ours, or the time is out of bounds.
        CalendarUnknown: the rule's calendar is gone.
    """
    if not timedelta(0) < by <= LONGEST_EXTENSION:
        raise CalendarRefused(f"an extension by {by} cannot be; ask for more than none and at most 10,000 hours")
    read, calendar = _rule_with_calendar(connection, rule)
    # One sum, so that time given for what lies outside the shifts is not lost on the way.
    return due_after(read, calendar, start, time_given(read, calendar, start, due_at) + by)


def resumed(
    connection: Connection,
    *,
    start: datetime,
    due_at: datetime,
    rule: str,
    suspended_at: datetime,
    resumed_at: datetime,
) -> Due:
    """A deadline after a suspension (挂账): what was left then is left now; what was overdue stays overdue.

    Raises:
        CalendarRefused, CalendarUnknown: as ``extended``.
    """
    read, calendar = _rule_with_calendar(connection, rule)
    due_at = as_utc(due_at)
    if due_at <= as_utc(suspended_at):
        near = read.near.within(time_given(read, calendar, start, due_at))
        return Due(due_at, min(due_at, _later(read, calendar, start, near)), rule)
    left = time_given(read, calendar, suspended_at, due_at)
    new_due = _later(read, calendar, resumed_at, left)
    near = read.near.within(time_given(read, calendar, start, new_due))
    return Due(new_due, min(new_due, _later(read, calendar, start, near)), rule)


def _rule_with_calendar(connection: Connection, rule: str) -> tuple[DeadlineRule, WorkCalendar]:
    read = rule_of(rule)
    return read, calendar_of_version(connection, read.calendar_id, read.calendar_version).calendar


def _later(rule: DeadlineRule, calendar: WorkCalendar, start: datetime, time: timedelta) -> datetime:
    if rule.kind is TimeKind.NATURAL:
        return as_utc(start) + time
    return add_working_time(calendar, start, time)


def working_hours_left(connection: Connection, *, rule: str, due_at: datetime, now: datetime) -> float:
    """Hours, as the rule counts them, until a deadline; negative once it has passed."""
    read, calendar = _rule_with_calendar(connection, rule)
    begin, end = sorted((as_utc(now), as_utc(due_at)))
    length = end - begin if read.kind is TimeKind.NATURAL else working_time_between(calendar, begin, end)
    hours = length / timedelta(hours=1)
    return hours if now <= due_at else -hours
