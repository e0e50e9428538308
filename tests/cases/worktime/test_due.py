"""Deadlines: told, near, passed, written as a rule and read back, moved with their calendar."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from cases.worktime.calendar import SpecialDay, WorkCalendar, china_calendar
from cases.worktime.due import DeadlineRule, DueState, Nearness, TimeKind, due_after, moved_to, rule_of, standing
from cases.worktime.errors import CalendarRefused
from tests.cases.worktime.test_hours import MOMENTS, calendars

OFFICE = china_calendar(ZoneInfo("Asia/Shanghai"))
MONDAY_9 = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
RULE = DeadlineRule(2, "exposed_garbage", "strict", 4, TimeKind.WORKING, Nearness(0.75), "default", 3)


def test_four_working_hours_from_monday_nine_end_at_half_past_two_and_are_near_after_three() -> None:
    due = due_after(RULE, OFFICE, MONDAY_9)
    assert due.due_at == datetime(2026, 3, 2, 6, 30, tzinfo=UTC)
    assert due.near_due_at == datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
    assert due.rule == "catalogue:2 exposed_garbage/strict 4h working near:75% calendar:default@3"


def test_natural_hours_run_through_the_night_and_minutes_are_counted_back_from_the_end() -> None:
    rule = replace(RULE, kind=TimeKind.NATURAL, hours=24, near=Nearness(None, 90))
    due = due_after(rule, OFFICE, MONDAY_9)
    assert due.due_at == MONDAY_9 + timedelta(hours=24)
    assert due.near_due_at == MONDAY_9 + timedelta(hours=22.5)
    short = due_after(replace(rule, hours=1), OFFICE, MONDAY_9)
    assert short.near_due_at == MONDAY_9, "never before the start"


def test_exactly_at_the_deadline_is_in_time_and_a_moment_later_is_late() -> None:
    due = due_after(RULE, OFFICE, MONDAY_9)
    told = [standing(moment, due.due_at, due.near_due_at) for moment in (MONDAY_9, due.near_due_at, due.due_at)]
    assert told == [DueState.IN_TIME, DueState.NEAR_DUE, DueState.NEAR_DUE]
    assert standing(due.due_at + timedelta(microseconds=1), due.due_at, due.near_due_at) is DueState.OVERDUE


def test_a_new_holiday_moves_a_deadline_and_keeps_an_extension() -> None:
    holiday = WorkCalendar(OFFICE.zone, OFFICE.week, {date(2026, 3, 3): SpecialDay("假", ())})
    extended = due_after(RULE, OFFICE, MONDAY_9, timedelta(hours=4 + 7))
    assert extended.due_at == datetime(2026, 3, 3, 6, 30, tzinfo=UTC)
    moved = moved_to(RULE, OFFICE, holiday, 4, MONDAY_9, extended.due_at)
    assert moved.due_at == datetime(2026, 3, 4, 6, 30, tzinfo=UTC)
    assert moved.rule.endswith("default@4")
    assert moved_to(RULE, holiday, OFFICE, 5, MONDAY_9, moved.due_at).due_at == extended.due_at, "and back"


@given(
    st.builds(
        DeadlineRule,
        st.integers(1, 10**9),
        st.from_regex(r"[a-z][a-z0-9_]{0,63}", fullmatch=True),
        st.sampled_from(["strict", "controlled", "general"]),
        st.integers(1, 10**7).map(lambda thousandths: thousandths / 1000),
        st.sampled_from(TimeKind),
        st.integers(1, 99).map(lambda percent: Nearness(percent / 100))
        | st.integers(1, 10**5).map(lambda minutes: Nearness(None, minutes / 2)),
        st.from_regex(r"[a-z0-9][a-z0-9_-]{0,63}", fullmatch=True),
        st.integers(0, 10**6),
    )
)
def test_a_rule_is_read_back_as_it_was_written(rule: DeadlineRule) -> None:
    read = rule_of(str(rule))
    assert str(read) == str(rule)
    assert (read.hours, read.calendar_id, read.kind) == (rule.hours, rule.calendar_id, rule.kind)
    assert read.near.within(timedelta(hours=7)) == pytest.approx(
        rule.near.within(timedelta(hours=7)), abs=timedelta(milliseconds=1)
    )


def test_a_rule_of_somebody_else_is_refused() -> None:
    with pytest.raises(CalendarRefused, match="not one of ours"):
        rule_of("by agreement")


@settings(max_examples=150, deadline=None)
@given(
    before=calendars(),
    after=calendars(),
    start=MOMENTS,
    kind=st.sampled_from(TimeKind),
    more=st.integers(0, 20 * 3600).map(lambda seconds: timedelta(seconds=seconds)),
)
def test_a_changed_calendar_gives_the_deadline_that_it_would_have_given_at_once_and_the_way_back(
    before: WorkCalendar, after: WorkCalendar, start: datetime, kind: TimeKind, more: timedelta
) -> None:
    """Whatever was added to the time, on whatever days: it is the time that is kept, not the moment."""
    rule = replace(RULE, kind=kind)
    whole = timedelta(hours=rule.hours) + more
    try:
        due = due_after(rule, before, start, whole)
        at_once = due_after(replace(rule, calendar_version=4), after, start, whole)
    except CalendarRefused:
        reject()  # a calendar with so little time that no deadline is told by it
    moved = moved_to(rule, before, after, 4, start, due.due_at)
    assert (moved.due_at, moved.near_due_at, moved.rule) == (at_once.due_at, at_once.near_due_at, at_once.rule)
    assert start <= moved.near_due_at <= moved.due_at
    assert moved_to(rule, after, before, 3, start, moved.due_at) == due
    if kind is TimeKind.NATURAL:
        assert moved.due_at == due.due_at, "no calendar moves natural time"
