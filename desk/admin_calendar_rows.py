"""A calendar as rows of a form: a shift with its weekdays, holidays from a day to a day, make-up working days. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from cases.worktime.documents import WEEKDAYS, CalendarDocument, HolidayEntry, WorkdayEntry


@dataclass(frozen=True, slots=True)
class ShiftRow:
    """The same hours on some weekdays."""

    days: tuple[str, ...]
    start: str
    """``09:00``."""
    end: str


@dataclass(frozen=True, slots=True)
class HolidayRow:
    """Days in a row with one name."""

    first: date
    last: date
    name: str


@dataclass(frozen=True, slots=True)
class CalendarRows:
    """What the form shows of a calendar; the other years are folded, and are sent all the same."""

    shifts: tuple[ShiftRow, ...]
    holidays: tuple[HolidayRow, ...]
    other_holidays: tuple[HolidayRow, ...]
    workdays: tuple[WorkdayEntry, ...]
    other_workdays: tuple[WorkdayEntry, ...]


def calendar_rows(document: CalendarDocument, year: int) -> CalendarRows:
    """The rows, those of one year apart from the others."""
    spans = holiday_rows(document.holidays)
    made_up = sorted(document.workdays, key=lambda each: each.date)
    return CalendarRows(
        shifts=shift_rows(document),
        holidays=tuple(each for each in spans if year in (each.first.year, each.last.year)),
        other_holidays=tuple(each for each in spans if year not in (each.first.year, each.last.year)),
        workdays=tuple(each for each in made_up if each.date.year == year),
        other_workdays=tuple(each for each in made_up if each.date.year != year),
    )


def shift_rows(document: CalendarDocument) -> tuple[ShiftRow, ...]:
    """Each shift once, with the weekdays that have it."""
    days: dict[str, list[str]] = {}
    for day in WEEKDAYS:
        for shift in document.week.get(day, ()):
            days.setdefault(shift, []).append(day)
    return tuple(ShiftRow(tuple(days[shift]), *shift.split("-")) for shift in sorted(days))


def holiday_rows(holidays: Iterable[HolidayEntry]) -> tuple[HolidayRow, ...]:
    """Days that follow each other with the same name are one row."""
    rows: list[HolidayRow] = []
    for each in sorted(holidays, key=lambda entry: entry.date):
        last = rows[-1] if rows else None
        if last is not None and last.name == each.name and last.last + timedelta(days=1) == each.date:
            rows[-1] = HolidayRow(last.first, each.date, each.name)
        else:
            rows.append(HolidayRow(each.date, each.date, each.name))
    return tuple(rows)
