"""A calendar as people write it: JSON with shifts as ``"09:00-12:00"``; checked, and made into a ``WorkCalendar``.

{"name": "市城管局", "zone": "Asia/Shanghai",
 "week": {"mon": ["09:00-12:00", "13:30-17:30"], "sat": []},
 "holidays": [{"date": "2026-10-01", "name": "国庆节"}],
 "workdays": [{"date": "2026-10-10", "name": "国庆节调休", "like": "mon"}]}
"""

import hashlib
import json
import re
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from cases.number import zone_named
from cases.worktime.calendar import MINUTES_A_DAY, Shift, Shifts, SpecialDay, WorkCalendar, is_within_calendars
from cases.worktime.errors import CalendarRefused
from core.errors import ConfigError

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_SPECIAL_DAYS = 4000
MOST_SHIFTS = 12
_SHIFT = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-4]):([0-5][0-9])")


def shift_of(text: str) -> Shift:
    """``09:00-12:00`` as a shift.

    Raises:
        ValueError: it is none; the text says how one looks.
    """
    found = _SHIFT.fullmatch(text)
    if found is None:
        raise ValueError(f"{text[:40]!r} is not a shift; write e.g. 09:00-12:00")
    hours, minutes, end_hours, end_minutes = (int(digits) for digits in found.groups())
    shift = Shift(hours * 60 + minutes, end_hours * 60 + end_minutes)
    if shift.end_min > MINUTES_A_DAY or shift.end_min <= shift.start_min:
        raise ValueError(
            f"shift {text} does not end after its start within the day; "
            "write a night shift as two: 22:00-24:00, and 00:00-06:00 on the next day"
        )
    return shift


def _ordered(texts: tuple[str, ...]) -> tuple[str, ...]:
    shifts = sorted(shift_of(text) for text in texts)
    for one, other in pairwise(shifts):
        if other.start_min < one.end_min:
            raise ValueError(f"shifts {one} and {other} overlap; let one end before the other starts")
    return tuple(str(shift) for shift in shifts)


def _known_day(day: date) -> date:
    if not is_within_calendars(day):
        raise ValueError(f"{day} is outside the years that calendars tell of; correct the year")
    return day


ShiftTexts = Annotated[
    tuple[str, ...],
    Field(max_length=MOST_SHIFTS, examples=[["09:00-12:00", "13:30-17:30"]]),
    AfterValidator(_ordered),
]
Day = Annotated[date, AfterValidator(_known_day)]
DayName = Annotated[str, Field(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$", examples=["国庆节"])]
CHINA_DAY: tuple[str, ...] = ("09:00-12:00", "13:30-17:30")


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class HolidayEntry(_Entry):
    """A date on which nobody works."""

    date: Day
    name: DayName = ""


class WorkdayEntry(_Entry):
    """A date on which work is done although its weekday says otherwise, or at other hours (调休)."""

    date: Day
    name: DayName = ""
    like: Weekday | None = None
    """Works as this weekday does; Monday where neither this nor ``shifts`` is given."""
    shifts: ShiftTexts | None = None

    @model_validator(mode="after")
    def one_of_both(self) -> Self:
        if self.like is not None and self.shifts is not None:
            raise ValueError('a working day has "like" or "shifts", not both; leave one out')
        if self.shifts == ():
            raise ValueError("a working day without shifts is a holiday; list it under holidays")
        return self


class CalendarDocument(_Entry):
    """One working calendar; what is left out is China's usual office week."""

    name: str = Field("", max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$", examples=["市城管局"])
    zone: str = Field("Asia/Shanghai", max_length=64, description="IANA time zone of its wall clock")
    week: dict[Weekday, ShiftTexts] = Field(
        default_factory=lambda: dict[Weekday, tuple[str, ...]].fromkeys(WEEKDAYS[:5], CHINA_DAY),
        description="Shifts by weekday; a weekday that is left out is a day off.",
    )
    holidays: tuple[HolidayEntry, ...] = Field((), max_length=MOST_SPECIAL_DAYS)
    workdays: tuple[WorkdayEntry, ...] = Field((), max_length=MOST_SPECIAL_DAYS)

    @model_validator(mode="after")
    def can_be(self) -> Self:
        try:
            zone_named(self.zone)
        except ConfigError as error:
            raise ValueError(f"zone {self.zone!r} is not a time zone known here; write e.g. Asia/Shanghai") from error
        if not any(self.week.values()):
            raise ValueError("the week has no shift at all; give at least one weekday its hours")
        seen: set[date] = set()
        for day in (*(each.date for each in self.holidays), *(each.date for each in self.workdays)):
            if day in seen:
                raise ValueError(f"{day} is listed twice; keep it once, as a holiday or as a working day")
            seen.add(day)
        for entry in self.workdays:
            if entry.shifts is None and not self.week.get(entry.like or "mon"):
                raise ValueError(
                    f"working day {entry.date} is to be like {entry.like or 'mon'}, which has no shifts; "
                    'give it "shifts", or another weekday'
                )
        return self

    def calendar(self) -> WorkCalendar:
        """What working time is told by."""
        special = {entry.date: SpecialDay(entry.name, ()) for entry in self.holidays}
        for entry in self.workdays:
            texts = self.week[entry.like or "mon"] if entry.shifts is None else entry.shifts
            special[entry.date] = SpecialDay(entry.name, _shifts(texts))
        week = tuple(_shifts(self.week.get(day, ())) for day in WEEKDAYS)
        return WorkCalendar(zone_named(self.zone), week, special)

    def as_json(self) -> dict[str, Any]:
        """As it is kept: dates in order, so that the same calendar is the same text."""
        told: dict[str, Any] = self.model_dump(mode="json", exclude_none=True)
        for name in ("holidays", "workdays"):
            told[name].sort(key=lambda entry: entry["date"])
        told["week"] = {day: told["week"][day] for day in WEEKDAYS if told["week"].get(day)}
        return told

    @property
    def sha256(self) -> str:
        """Names what it says."""
        text = json.dumps(self.as_json(), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def _shifts(texts: Sequence[str]) -> Shifts:
    return tuple(shift_of(text) for text in texts)


def document_of(data: object, source: str) -> CalendarDocument:
    """A calendar from what a file held.

    Raises:
        CalendarRefused: the text names the source, the field and the mend.
    """
    try:
        return CalendarDocument.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "calendar"
        raise CalendarRefused(f"{source}: {where}: {first['msg'].removeprefix('Value error, ')}") from error
