"""Weekly hours over midnight, seasons over the new year: against a plain model, minute by minute."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.policy.hours import DAY_MINUTES, DAY_NAMES, HoursRefused, Season, WeeklyHours, Window, hours_of, season_of
from tests.cases.policy.rules import SHANGHAI, at

MINUTES = st.integers(0, DAY_MINUTES - 1)
WINDOWS = st.builds(Window, st.frozensets(st.integers(0, 6), min_size=1), MINUTES, st.integers(0, DAY_MINUTES)).filter(
    lambda window: window.start_min != window.end_min
)
MOMENTS = st.datetimes(
    datetime.fromisoformat("2024-01-01"), datetime.fromisoformat("2027-12-31"), timezones=st.just(UTC)
)
MONTH_DAYS = st.dates(date(2024, 1, 1), date(2024, 12, 31)).map(lambda day: (day.month, day.day))


def holding_days(window: Window, local: datetime) -> set[date]:
    """The plain model: lay the window out on the days around, and look which stretch the moment lies in."""
    found: set[date] = set()
    for back in range(3):
        day = local.date() - timedelta(days=back)
        if day.weekday() not in window.days:
            continue
        start = datetime.combine(day, time()) + timedelta(minutes=window.start_min)
        length = (window.end_min - window.start_min) % DAY_MINUTES or DAY_MINUTES
        if start <= local.replace(tzinfo=None) < start + timedelta(minutes=length):
            found.add(day)
    return found


@given(WINDOWS, MOMENTS)
def test_a_window_holds_exactly_where_its_stretches_laid_on_the_calendar_do(window: Window, moment: datetime) -> None:
    local = moment.astimezone(SHANGHAI)
    assert set(window.starts(local)) == holding_days(window, local)


@given(st.lists(WINDOWS, min_size=1, max_size=4), MOMENTS)
def test_hours_hold_where_any_window_does_and_read_back_the_same(windows: list[Window], moment: datetime) -> None:
    hours = WeeklyHours(tuple(windows))
    local = moment.astimezone(SHANGHAI)
    assert hours.holds(moment, SHANGHAI) == any(holding_days(window, local) for window in windows)
    assert hours_of(hours.as_json(), "hours") == hours


@given(MOMENTS)
def test_no_hours_at_all_hold_always(moment: datetime) -> None:
    assert WeeklyHours().holds(moment, SHANGHAI)


@given(MONTH_DAYS, MONTH_DAYS, st.dates(date(2024, 1, 1), date(2027, 12, 31)))
def test_a_season_holds_on_the_days_that_one_meets_walking_from_its_first_to_its_last(
    first: tuple[int, int], last: tuple[int, int], day: date
) -> None:
    walked = {first}
    step = date(2024, *first)
    while (step.month, step.day) != last:
        step += timedelta(days=1)
        if step.year > 2024:
            step = date(2024, 1, 1)
        walked.add((step.month, step.day))
    season = Season(first, last)
    assert season.holds(day) == ((day.month, day.day) in walked)
    assert season_of(season.as_json(), "season") == season


def test_hours_over_midnight_belong_to_the_day_on_which_they_began() -> None:
    (friday_night,) = hours_of([{"days": ["fri"], "from": "22:00", "until": "02:00"}], "hours").windows
    saturday_one = at(1, day=5).astimezone(SHANGHAI)
    assert friday_night.starts(saturday_one) == (date(2026, 11, 27),)
    assert friday_night.starts(at(2, day=5).astimezone(SHANGHAI)) == ()
    assert friday_night.starts(at(1, day=4).astimezone(SHANGHAI)) == ()


@pytest.mark.parametrize(
    ("given_", "told"),
    [
        ({"from": "25:00", "until": "02:00"}, "no time of day"),
        ({"from": "08:00", "until": "24:30"}, "no time of day"),
        ({"from": "24:00", "until": "02:00"}, "starts at 24:00"),
        ({"from": "08:00", "until": "08:00"}, "whole day"),
        ({"from": "08:00"}, "no time of day"),
        ({"days": ["someday"], "from": "08:00", "until": "09:00"}, "someday"),
    ],
)
def test_hours_that_no_clock_has_are_refused_with_the_mend(given_: dict[str, Any], told: str) -> None:
    with pytest.raises(HoursRefused, match=told):
        hours_of([given_], "permit 1: hours")


@pytest.mark.parametrize("text", ["02-30", "13-01", "4-15", ""])
def test_a_season_that_no_calendar_has_is_refused(text: str) -> None:
    with pytest.raises(HoursRefused, match="MM-DD"):
        season_of({"from": text, "until": "10-31"}, "season")


def test_a_whole_day_is_written_to_24_00() -> None:
    assert hours_of([{"from": "00:00", "until": "24:00"}], "h").windows[0].days == frozenset(range(len(DAY_NAMES)))
