"""A working calendar: weekly shifts, holidays, make-up working days (调休) and the time zone they are meant in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo

DEFAULT_CALENDAR = "default"
"""The calendar that a catalogue means when it names none; its zone is the city's."""
MINUTES_A_DAY = 24 * 60
_FIRST_DAY, _LAST_DAY = date(1970, 1, 2), date(9000, 12, 30)


@dataclass(frozen=True, slots=True, order=True)
class Shift:
    """A stretch of work within one day: minutes of the wall clock from midnight, the end not counted."""

    start_min: int
    end_min: int

    def __str__(self) -> str:
        return f"{clock_text(self.start_min)}-{clock_text(self.end_min)}"


Shifts = tuple[Shift, ...]
"""One day's work, in order and without overlap; empty: a day off."""

CHINA_SHIFTS: Shifts = (Shift(9 * 60, 12 * 60), Shift(13 * 60 + 30, 17 * 60 + 30))
"""09:00-12:00 and 13:30-17:30."""


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A date that is not like its weekday: a holiday (no shifts) or a make-up working day."""

    name: str
    shifts: Shifts

    @property
    def is_off(self) -> bool:
        return not self.shifts


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """When work is done; checked by ``cases.worktime.documents``, which makes it."""

    zone: tzinfo
    week: tuple[Shifts, ...]
    """Seven, Monday first."""
    special: Mapping[date, SpecialDay] = field(default_factory=dict, hash=False)

    def shifts_on(self, day: date) -> Shifts:
        """The work of one day."""
        special = self.special.get(day)
        return self.week[day.weekday()] if special is None else special.shifts

    def stretches(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """The work of one day as moments in UTC, in order.

        A wall time that the clock shows twice means the first; one that it skips means the moment of the skip. So a
        day's stretches never overlap, also where summer time begins or ends.
        """
        for shift in self.shifts_on(day):
            start = moment_of(day, shift.start_min, self.zone)
            end = moment_of(day, shift.end_min, self.zone)
            if start < end:
                yield start, end

    def stretches_from(self, moment: datetime, last: date) -> Iterator[tuple[datetime, datetime]]:
        """Stretches of work after a moment (the first may be cut short by it), until the end of the day ``last``."""
        day = self.day_of(moment)
        while day <= last:
            for start, end in self.stretches(day):
                if end > moment:
                    yield max(start, moment), end
            day += timedelta(days=1)

    def day_of(self, moment: datetime) -> date:
        """The calendar's own day of a moment."""
        return moment.astimezone(self.zone).date()


def china_calendar(zone: tzinfo) -> WorkCalendar:
    """Monday to Friday, 09:00-12:00 and 13:30-17:30, without holidays."""
    return WorkCalendar(zone, (CHINA_SHIFTS,) * 5 + ((), ()))


def moment_of(day: date, minutes: int, zone: tzinfo) -> datetime:
    """The moment at which a wall clock shows so many minutes (0 to 1440) past midnight, in UTC."""
    wall = datetime.combine(day, time()) + timedelta(minutes=minutes)
    moment = wall.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == wall:
        return moment
    return _skip_around(wall.replace(tzinfo=zone, fold=1).astimezone(UTC), moment, zone)


def _skip_around(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    """The moment between two at which the clock is put forward, to the second."""
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if middle <= before:
            break
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after


def clock_text(minutes: int) -> str:
    """``09:00``; midnight at the end of a day is ``24:00``."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def is_within_calendars(day: date) -> bool:
    """Whether working time is told for that day."""
    return _FIRST_DAY <= day <= _LAST_DAY
