"""Working time is monotone, additive and its own inverse, in every zone and over holidays."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.worktime.calendar import Shift, Shifts, SpecialDay, WorkCalendar, china_calendar, moment_of
from cases.worktime.errors import CalendarRefused
from cases.worktime.hours import add_working_time, working_time_between

CHINA = ZoneInfo("Asia/Shanghai")
OFFICE = china_calendar(CHINA)
# Both hemispheres, a half-hour change, a change at midnight, a day that was skipped, none at all.
ZONES = (
    "Asia/Shanghai",
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Asuncion",
    "Pacific/Apia",
)
HOUR = timedelta(hours=1)


def beijing(text: str) -> datetime:
    """``03-02 09:00`` of 2026 on a clock in Beijing."""
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=CHINA)


@st.composite
def day_shifts(draw: st.DrawFn, least: int = 0) -> Shifts:
    count = draw(st.integers(least, 3))
    ends = sorted(draw(st.lists(st.integers(0, 1440), min_size=2 * count, max_size=2 * count, unique=True)))
    return tuple(Shift(ends[2 * n], ends[2 * n + 1]) for n in range(count))


@st.composite
def calendars(draw: st.DrawFn) -> WorkCalendar:
    week = [draw(day_shifts(least=1)), *(draw(day_shifts()) for _ in range(6))]
    days = st.dates(date(2011, 12, 20), date(2012, 1, 20)) | st.dates(date(2024, 1, 1), date(2026, 12, 31))
    special = draw(st.dictionaries(days, day_shifts(), max_size=12))
    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    return WorkCalendar(zone, tuple(week), {day: SpecialDay("", shifts) for day, shifts in special.items()})


# Around the nights on which clocks change, and Samoa's missing 30 December 2011.
MOMENTS = st.integers(0, 3 * 365 * 86_400).map(lambda s: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=s)) | (
    st.integers(0, 6 * 86_400).map(lambda s: datetime(2011, 12, 27, tzinfo=UTC) + timedelta(seconds=s))
)
SECONDS = st.integers(0, 40 * 3600).map(lambda seconds: timedelta(seconds=seconds))


@settings(max_examples=150, deadline=None)
@given(calendar=calendars(), start=MOMENTS, time=SECONDS)
def test_so_much_lies_between_the_start_and_what_so_much_later_is(
    calendar: WorkCalendar, start: datetime, time: timedelta
) -> None:
    assert working_time_between(calendar, start, add_working_time(calendar, start, time)) == time


@settings(max_examples=150, deadline=None)
@given(calendar=calendars(), start=MOMENTS, one=SECONDS, other=SECONDS)
def test_two_times_after_each_other_are_their_sum(
    calendar: WorkCalendar, start: datetime, one: timedelta, other: timedelta
) -> None:
    stepwise = add_working_time(calendar, add_working_time(calendar, start, one), other)
    assert stepwise == add_working_time(calendar, start, one + other)


@settings(max_examples=150, deadline=None)
@given(calendar=calendars(), moments=st.tuples(MOMENTS, MOMENTS), times=st.tuples(SECONDS, SECONDS))
def test_a_later_start_and_more_time_never_end_earlier(
    calendar: WorkCalendar, moments: tuple[datetime, datetime], times: tuple[timedelta, timedelta]
) -> None:
    (early, late), (short, long) = sorted(moments), sorted(times)
    assert add_working_time(calendar, early, short) <= add_working_time(calendar, late, short)
    assert add_working_time(calendar, early, short) <= add_working_time(calendar, early, long)
    assert add_working_time(calendar, early, short) >= early


@settings(max_examples=100, deadline=None)
@given(calendar=calendars(), start=MOMENTS, gaps=st.tuples(SECONDS, SECONDS))
def test_what_lies_between_three_moments_adds_up(
    calendar: WorkCalendar, start: datetime, gaps: tuple[timedelta, timedelta]
) -> None:
    middle, end = start + gaps[0], start + gaps[0] + gaps[1]
    whole = working_time_between(calendar, start, end)
    parts = working_time_between(calendar, start, middle) + working_time_between(calendar, middle, end)
    assert whole == parts <= end - start


@settings(max_examples=100, deadline=None)
@given(calendar=calendars(), day=st.dates(date(2011, 12, 27), date(2012, 1, 3)) | st.dates(date(2026, 1, 1)))
def test_a_days_stretches_never_overlap_and_lie_before_the_next_days(calendar: WorkCalendar, day: date) -> None:
    day = min(day, date(2030, 1, 1))
    ends = [
        moment for each in (day, day + timedelta(days=1)) for stretch in calendar.stretches(each) for moment in stretch
    ]
    assert ends == sorted(ends)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("03-02 09:00", 2, "03-02 11:00"),
        ("03-02 11:00", 4, "03-02 16:30"),
        ("03-02 12:30", 1, "03-02 14:30"),
        ("03-02 07:00", 7, "03-02 17:30"),
        ("03-02 16:30", 2, "03-03 10:00"),
        ("03-06 16:30", 2, "03-09 10:00"),
        ("03-07 10:00", 1, "03-09 10:00"),
        ("03-02 09:00", 35, "03-06 17:30"),
    ],
    ids=[
        "morning",
        "over lunch",
        "from lunch",
        "whole day",
        "over night",
        "over a weekend",
        "from a weekend",
        "a week",
    ],
)
def test_office_hours_are_counted_as_a_person_would(start: str, hours: int, end: str) -> None:
    assert add_working_time(OFFICE, beijing(start), hours * HOUR) == beijing(end)


def test_what_ends_with_the_shift_ends_at_its_end_and_nothing_ends_where_it_starts() -> None:
    assert add_working_time(OFFICE, beijing("03-02 09:00"), 3 * HOUR) == beijing("03-02 12:00")
    assert add_working_time(OFFICE, beijing("03-07 10:00"), 0 * HOUR) == beijing("03-07 10:00")


def test_a_holiday_is_skipped_and_a_make_up_saturday_is_worked() -> None:
    special = {date(2026, 3, 3): SpecialDay("假", ()), date(2026, 3, 7): SpecialDay("班", OFFICE.week[0])}
    calendar = WorkCalendar(CHINA, OFFICE.week, special)
    assert add_working_time(calendar, beijing("03-02 16:30"), 2 * HOUR) == beijing("03-04 10:00")
    assert add_working_time(calendar, beijing("03-06 16:30"), 2 * HOUR) == beijing("03-07 10:00")


def test_a_night_shift_loses_the_hour_that_summer_time_skips_and_counts_the_one_that_it_repeats() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    nights = WorkCalendar(berlin, ((Shift(0, 360),),) * 7)
    spring = [end - start for start, end in nights.stretches(date(2026, 3, 29))]
    autumn = [end - start for start, end in nights.stretches(date(2026, 10, 25))]
    assert (spring, autumn) == ([5 * HOUR], [7 * HOUR])


def test_a_wall_time_that_does_not_exist_is_the_moment_of_the_skip() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    for minutes in (121, 150, 179):
        assert moment_of(date(2026, 3, 29), minutes, berlin) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert moment_of(date(2011, 12, 30), 600, ZoneInfo("Pacific/Apia")) == datetime(2011, 12, 30, 10, tzinfo=UTC)


def test_too_much_time_and_less_than_none_are_refused() -> None:
    with pytest.raises(CalendarRefused, match="less than none"):
        add_working_time(OFFICE, beijing("03-02 09:00"), -HOUR)
    with pytest.raises(CalendarRefused, match="more shifts"):
        add_working_time(OFFICE, beijing("03-02 09:00"), timedelta(days=3000))
    with pytest.raises(ValueError, match="no time zone"):
        add_working_time(OFFICE, datetime(2026, 3, 2), HOUR)  # noqa: DTZ001 - the fault under test
    assert working_time_between(OFFICE, beijing("03-03 09:00"), beijing("03-02 09:00")) == timedelta(0)
