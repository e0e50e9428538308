"""Lists of holidays and make-up working days as offices publish them: JSON, CSV or iCalendar, into a calendar.

JSON, as the lists of China's State Council notices are shared:
    {"year": 2026, "days": [{"name": "国庆节", "date": "2026-10-01", "isOffDay": true}]}
CSV, with a head line, in UTF-8 or GBK:
    日期,名称,类型
    2026-10-01,国庆节,休
    2026-10-10,国庆节,班
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from icalendar import Calendar as ICalendar
from icalendar import vDDDTypes

from cases.csv_tables import CsvTable, read_csv
from cases.worktime.calendar import is_within_calendars
from cases.worktime.documents import CalendarDocument, document_of
from cases.worktime.errors import CalendarRefused

MOST_DAYS = 4000
_HEADS = {"date": ("date", "日期"), "name": ("name", "名称", "节日"), "kind": ("kind", "类型", "休班")}
_OFF = frozenset({"off", "holiday", "rest", "休", "休息", "放假", "节假日", "true", "1"})
_ON = frozenset({"on", "work", "workday", "班", "上班", "补班", "调休上班", "工作日", "false", "0"})
_WORK_SIGNS = ("班", "补班", "上班", "workday", "working day")


@dataclass(frozen=True, slots=True)
class NamedDay:
    """A date that is off, or on which work is done although its weekday says otherwise."""

    date: date
    name: str
    is_off: bool


def read_days(data: bytes, file_name: str) -> tuple[NamedDay, ...]:
    """The days of a file, by its ending: ``.json``, ``.csv``, ``.ics``.

    Raises:
        CalendarRefused: the text names the file, the line or entry, and the mend.
    """
    ending = file_name.lower().rpartition(".")[2]
    if ending == "json":
        days = tuple(_json_days(data, file_name))
    elif ending == "csv":
        days = tuple(_csv_days(read_csv(data, file_name, _HEADS, frozenset({"date", "kind"}), CalendarRefused)))
    elif ending == "ics":
        days = tuple(_ics_days(data, file_name))
    else:
        raise CalendarRefused(f"{file_name}: a list of days is .json, .csv or .ics; export it as one of them")
    if not days:
        raise CalendarRefused(f"{file_name}: holds no day; check that it is the list of holidays")
    if len(days) > MOST_DAYS:
        raise CalendarRefused(f"{file_name}: {len(days)} days; give at most {MOST_DAYS}")
    _refuse_both(days, file_name)
    return days


def with_days(document: CalendarDocument, days: Sequence[NamedDay]) -> CalendarDocument:
    """A calendar in which the listed dates have their new meaning and the others keep theirs.

    Raises:
        CalendarRefused: it would be a calendar that cannot be.
    """
    listed = {day.date for day in days}
    told = document.model_dump()
    unique = {day.date: day for day in days}.values()
    for name, is_off in (("holidays", True), ("workdays", False)):
        kept = [entry for entry in told[name] if entry["date"] not in listed]
        told[name] = kept + [{"date": day.date, "name": day.name} for day in unique if day.is_off is is_off]
    return document_of(told, "calendar")


def _refuse_both(days: Sequence[NamedDay], source: str) -> None:
    kinds: dict[date, bool] = {}
    for day in days:
        if kinds.setdefault(day.date, day.is_off) is not day.is_off:
            raise CalendarRefused(f"{source}: {day.date} is listed as off and as a working day; keep one of both")


def _json_days(data: bytes, source: str) -> Iterator[NamedDay]:
    try:
        told: Any = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise CalendarRefused(f"{source}: not UTF-8 text; save it as UTF-8") from error
    except (ValueError, RecursionError) as error:  # ValueError: also a number of thousands of digits
        raise CalendarRefused(f"{source}: not JSON ({error}); mend the file") from error
    entries = told.get("days") if isinstance(told, dict) else told
    if not isinstance(entries, list):
        raise CalendarRefused(f'{source}: no list of days; write {{"days": [{{"date": …, "isOffDay": …}}]}}')
    for number, entry in enumerate(entries, start=1):
        where = f"{source}: day {number}"
        if not isinstance(entry, dict) or not isinstance(entry.get("isOffDay"), bool):
            raise CalendarRefused(f'{where}: write {{"date": "2026-10-01", "name": "国庆节", "isOffDay": true}}')
        yield NamedDay(_day(str(entry.get("date", "")), where), _name(entry.get("name", "")), entry["isOffDay"])


def _csv_days(table: CsvTable) -> Iterator[NamedDay]:
    for line in table.lines:
        kind = line["kind"].lower()
        if kind not in _OFF | _ON:
            raise CalendarRefused(f"{line.where}: kind {line['kind']!r} is neither 休 (off) nor 班 (on); write one")
        yield NamedDay(_day(line["date"], line.where), _name(line["name"]), kind in _OFF)


def _ics_days(data: bytes, source: str) -> Iterator[NamedDay]:
    try:
        events = ICalendar.from_ical(data).walk("VEVENT")
    except (ValueError, IndexError, KeyError) as error:
        raise CalendarRefused(f"{source}: not an iCalendar file ({error}); export the calendar again") from error
    for number, event in enumerate(events, start=1):
        where = f"{source}: event {number}"
        start = _whole_day(event.get("DTSTART"), where)
        last = _whole_day(event.get("DTEND"), where) - timedelta(days=1) if "DTEND" in event else start
        if "RRULE" in event:
            raise CalendarRefused(f"{where}: repeats; holidays are listed with the dates of one year")
        name = str(event.get("SUMMARY", ""))
        if (last - start).days > 60:
            raise CalendarRefused(f"{where}: {(last - start).days + 1} days long; check its end")
        for offset in range(max(0, (last - start).days) + 1):
            is_work = any(sign in name.lower() for sign in _WORK_SIGNS)
            yield NamedDay(start + timedelta(days=offset), _name(name), not is_work)


def _whole_day(told: Any, where: str) -> date:
    day = told.dt if isinstance(told, vDDDTypes) else None
    if not isinstance(day, date) or isinstance(day, datetime) or not is_within_calendars(day):
        raise CalendarRefused(f"{where}: not a whole day of our years; keep all-day entries with one date each")
    return day


def _day(text: str, where: str) -> date:
    for pattern in ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d"):
        try:
            day = datetime.strptime(text.strip(), pattern).date()  # noqa: DTZ007 - a date of the wall calendar
        except ValueError:
            continue
        if is_within_calendars(day):
            return day
    raise CalendarRefused(f"{where}: {text[:40]!r} is not a date; write e.g. 2026-10-01")


def _name(told: object) -> str:
    return "".join(letter for letter in str(told) if letter.isprintable())[:100]
