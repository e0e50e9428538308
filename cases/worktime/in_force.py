"""Which form of a calendar counts, asked inside a transaction of somebody else."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from cases.worktime.calendar import DEFAULT_CALENDAR, WorkCalendar
from cases.worktime.documents import CalendarDocument
from cases.worktime.errors import CalendarUnknown
from cases.worktime.tables import work_calendar_version

_KEPT_IN_MEMORY = 64
UNCHANGED_VERSION = 0
"""The default calendar before anybody wrote one: China's usual office week in Asia/Shanghai, without holidays."""


@dataclass(frozen=True, slots=True)
class CalendarInForce:
    """A calendar's version and what it says."""

    calendar_id: str
    version: int
    document: CalendarDocument
    calendar: WorkCalendar


class _ReadCalendars:
    """The last few, by hash."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[str, tuple[CalendarDocument, WorkCalendar]] = OrderedDict()

    def find(self, sha256: str) -> tuple[CalendarDocument, WorkCalendar] | None:
        with self._lock:
            return self._known.get(sha256)

    def keep(self, sha256: str, document: CalendarDocument) -> tuple[CalendarDocument, WorkCalendar]:
        both = document, document.calendar()
        with self._lock:
            self._known[sha256] = both
            while len(self._known) > _KEPT_IN_MEMORY:
                self._known.popitem(last=False)
        return both


_READ = _ReadCalendars()
_NEWEST = (
    select(work_calendar_version.c.version, work_calendar_version.c.sha256)
    .where(work_calendar_version.c.calendar_id == bindparam("calendar_id"))
    .order_by(work_calendar_version.c.version.desc())
    .limit(1)
)
_UNCHANGED = CalendarDocument()


def calendar_in_force(connection: Connection, calendar_id: str = DEFAULT_CALENDAR) -> CalendarInForce:
    """The newest version of a calendar.

    Raises:
        CalendarUnknown: nobody has written one of that name.
    """
    row = connection.execute(_NEWEST, {"calendar_id": calendar_id}).one_or_none()
    if row is not None:
        return _version(connection, calendar_id, row)
    if calendar_id == DEFAULT_CALENDAR:
        return _unchanged()
    raise CalendarUnknown(
        f"calendar {calendar_id!a} is not known; write it with PUT /api/v1/calendars/{calendar_id[:64]}, "
        f"or let the catalogue name {DEFAULT_CALENDAR!r}"
    )


def calendar_of_version(connection: Connection, calendar_id: str, version: int) -> CalendarInForce:
    """One version of a calendar.

    Raises:
        CalendarUnknown: there is none.
    """
    if (calendar_id, version) == (DEFAULT_CALENDAR, UNCHANGED_VERSION):
        return _unchanged()
    table = work_calendar_version
    this = (table.c.calendar_id == calendar_id) & (table.c.version == version)
    row = connection.execute(select(table.c.version, table.c.sha256).where(this)).one_or_none()
    if row is None:
        raise CalendarUnknown(f"calendar {calendar_id!a} has no version {version}; see its list of versions")
    return _version(connection, calendar_id, row)


def city_day(connection: Connection, moment: datetime) -> date:
    """The city's own day of a moment: by the default calendar's zone."""
    return calendar_in_force(connection).calendar.day_of(moment)


def _unchanged() -> CalendarInForce:
    document, calendar = _READ.find("unchanged") or _READ.keep("unchanged", _UNCHANGED)
    return CalendarInForce(DEFAULT_CALENDAR, UNCHANGED_VERSION, document, calendar)


def _version(connection: Connection, calendar_id: str, row: Any) -> CalendarInForce:
    read = _READ.find(row.sha256)
    if read is None:
        table = work_calendar_version
        this = (table.c.calendar_id == calendar_id) & (table.c.version == row.version)
        kept = connection.execute(select(table.c.document).where(this)).scalar_one()
        read = _READ.keep(row.sha256, CalendarDocument.model_validate(kept))
    return CalendarInForce(calendar_id, row.version, *read)
