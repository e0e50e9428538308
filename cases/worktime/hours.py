"""Working time: so much of it after a moment, and how much lies between two. Pure."""

from datetime import datetime, timedelta

from cases.worktime.calendar import WorkCalendar, is_within_calendars
from cases.worktime.errors import CalendarRefused
from core.clock import as_utc

HORIZON_DAYS = 3660
"""How far ahead a moment is looked for: ten years."""
_NOTHING = timedelta(0)


def add_working_time(calendar: WorkCalendar, start: datetime, duration: timedelta) -> datetime:
    """The moment at which so much working time has passed since ``start``; UTC.

    What ends with a shift ends at its end, not at the next one's start; no time at all ends where it starts.

    Raises:
        CalendarRefused: a negative duration, or more than ten years' work.
        ValueError: ``start`` has no time zone.
    """
    moment = as_utc(start)
    if duration < _NOTHING:
        raise CalendarRefused(f"{duration} of working time is less than none; give a positive duration")
    if duration == _NOTHING:
        return moment
    first = calendar.day_of(moment)
    last = first + timedelta(days=HORIZON_DAYS)
    if not is_within_calendars(first) or not is_within_calendars(last):
        raise CalendarRefused(f"{first} is outside the years that calendars tell of; set the clock")
    left = duration
    for begin, end in calendar.stretches_from(moment, last):
        if left <= end - begin:
            return begin + left
        left -= end - begin
    raise CalendarRefused(
        f"the calendar has less than {duration} of working time in the {HORIZON_DAYS} days after {first}; "
        "give it more shifts, or ask for less time"
    )


def working_time_between(calendar: WorkCalendar, start: datetime, end: datetime) -> timedelta:
    """How much working time lies between two moments; none where the end is not after the start.

    Raises:
        CalendarRefused: more than a hundred years apart.
        ValueError: a moment has no time zone.
    """
    begin, finish = as_utc(start), as_utc(end)
    if finish <= begin:
        return _NOTHING
    last = calendar.day_of(finish)
    if (last - calendar.day_of(begin)).days > 10 * HORIZON_DAYS or not is_within_calendars(last):
        raise CalendarRefused(f"{begin:%Y-%m-%d} and {last} are too far apart; give moments of the same years")
    total = _NOTHING
    for stretch_start, stretch_end in calendar.stretches_from(begin, last):
        if stretch_start >= finish:
            break
        total += min(stretch_end, finish) - stretch_start
    return total
