"""Calendars in the database: each change a new version, in one transaction, audited."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, func, select

from cases.access import audit
from cases.transactions import line_up, reading, writing
from cases.worktime.calendar import DEFAULT_CALENDAR
from cases.worktime.day_lists import NamedDay, with_days
from cases.worktime.deadlines import due_for
from cases.worktime.documents import CalendarDocument
from cases.worktime.due import Due
from cases.worktime.errors import CalendarMovedOn, CalendarRefused, CalendarUnknown
from cases.worktime.in_force import UNCHANGED_VERSION, CalendarInForce, calendar_in_force, calendar_of_version
from cases.worktime.recompute import Recomputed, recompute_some
from cases.worktime.tables import work_calendar_version
from core.clock import as_utc

MOST_CALENDARS = 200
LONGEST_WHY = 2000
CASES_A_BATCH = 200
"""Open cases looked at in one transaction: no writer waits long for its turn."""


@dataclass(frozen=True, slots=True)
class CalendarVersion:
    """Who made a version of a calendar, when and why."""

    calendar_id: str
    version: int
    sha256: str
    made_at: datetime
    made_by: str
    why: str


@dataclass(frozen=True, slots=True)
class CalendarChange:
    """A calendar after a change; ``is_new`` False: it says what it said."""

    kept: CalendarInForce
    is_new: bool


class CalendarStore:
    """Every method may raise ``DatabaseUnavailable``. Threads may share one store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def all(self) -> tuple[CalendarInForce, ...]:
        """Every calendar as it stands, by id; the default one is always there."""
        with reading(self._engine) as connection:
            ids = set(connection.execute(select(work_calendar_version.c.calendar_id).distinct()).scalars())
            return tuple(calendar_in_force(connection, each) for each in sorted(ids | {DEFAULT_CALENDAR}))

    def get(self, calendar_id: str, version: int | None = None) -> CalendarInForce:
        """Raises: CalendarUnknown."""
        with reading(self._engine) as connection:
            if version is None:
                return calendar_in_force(connection, calendar_id)
            return calendar_of_version(connection, calendar_id, version)

    def versions(self, calendar_id: str, before: int | None = None, limit: int = 50) -> tuple[CalendarVersion, ...]:
        """The newest first; with ``before``, those older than that one. Empty for a default nobody has changed."""
        table = work_calendar_version
        statement = select(table).where(table.c.calendar_id == calendar_id).order_by(table.c.version.desc())
        if before is not None:
            statement = statement.where(table.c.version < before)
        with reading(self._engine) as connection:
            return tuple(_version_of(row) for row in connection.execute(statement.limit(limit)))

    def put(
        self,
        calendar_id: str,
        document: CalendarDocument,
        actor: str,
        why: str,
        now: datetime,
        expected: int | None = None,
    ) -> CalendarChange:
        """Make a calendar's next version. Open cases' deadlines follow with ``recompute``.

        Args:
            expected: the version that the caller looked at (0: none was written yet); None: whatever stands.

        Raises:
            CalendarMovedOn: somebody changed it since.
            CalendarRefused: there are too many calendars.
        """
        with writing(self._engine) as connection:
            line_up(connection)
            return _put(connection, calendar_id, document, actor, why, now, expected)

    def put_days(
        self,
        calendar_id: str,
        days: tuple[NamedDay, ...],
        actor: str,
        why: str,
        now: datetime,
        expected: int | None = None,
    ) -> CalendarChange:
        """Put a list of holidays and working days into a calendar; a date that is listed takes its new meaning.

        Raises:
            CalendarUnknown, CalendarMovedOn, CalendarRefused.
        """
        with writing(self._engine) as connection:
            line_up(connection)
            standing = calendar_in_force(connection, calendar_id)
            document = with_days(standing.document, days)
            return _put(connection, calendar_id, document, actor, why, now, expected)

    def recompute(
        self, calendar_id: str, actor: str, now: datetime, after_seq: int = 0, *, batch: int = CASES_A_BATCH
    ) -> Recomputed:
        """Bring the next batch of open cases' deadlines in line with the calendar as it stands.

        Args:
            after_seq: 0, then what the last batch returned, until that is None.
            batch: most open cases to look at.

        Raises:
            CalendarUnknown.
        """
        with writing(self._engine) as connection:
            line_up(connection)
            kept = calendar_in_force(connection, calendar_id)
            return recompute_some(connection, kept, actor, now, after_seq, batch)

    def due(self, category: str, zone: str | None, start: datetime, catalogue_version: int | None = None) -> Due:
        """When work on such a case would be due.

        Raises:
            CalendarUnknown: the catalogue has no such category, or names a calendar that is not there.
        """
        with reading(self._engine) as connection:
            due = due_for(connection, category=category, zone=zone, start=start, catalogue_version=catalogue_version)
        if due is None:
            raise CalendarUnknown(f"category {category} is not in the catalogue; see GET /api/v1/catalogue/current")
        return due


def _put(
    connection: Connection,
    calendar_id: str,
    document: CalendarDocument,
    actor: str,
    why: str,
    now: datetime,
    expected: int | None,
) -> CalendarChange:
    if len(why) > LONGEST_WHY or "\x00" in why:
        raise CalendarRefused(f"the reason has {len(why)} characters; write up to {LONGEST_WHY}, plain text")
    standing = _standing(connection, calendar_id)
    version = UNCHANGED_VERSION if standing is None else standing.version
    if expected is not None and expected != version:
        raise CalendarMovedOn(f"calendar {calendar_id} has version {version}, not {expected}; read it again")
    if standing is not None and standing.document.sha256 == document.sha256:
        return CalendarChange(standing, False)
    table = work_calendar_version
    if version == UNCHANGED_VERSION:
        known = connection.execute(select(func.count(table.c.calendar_id.distinct()))).scalar_one()
        if known >= MOST_CALENDARS:
            raise CalendarRefused(f"{MOST_CALENDARS} calendars are kept already; change one of those")
    row = {
        "calendar_id": calendar_id,
        "version": version + 1,
        "document": document.as_json(),
        "sha256": document.sha256,
        "made_at": as_utc(now),
        "made_by": actor,
        "why": why,
    }
    connection.execute(table.insert().values(**row))
    data = {
        "why": why,
        "before": None if standing is None else standing.document.as_json(),
        "after": document.as_json(),
    }
    subject = f"calendar:{calendar_id}@{version + 1}"
    audit.record(connection, actor=actor, action="calendar.change", subject=subject, data=data, now=now)
    return CalendarChange(calendar_in_force(connection, calendar_id), True)


def _standing(connection: Connection, calendar_id: str) -> CalendarInForce | None:
    try:
        return calendar_in_force(connection, calendar_id)
    except CalendarUnknown:
        return None


def _version_of(row: Any) -> CalendarVersion:
    return CalendarVersion(row.calendar_id, row.version, row.sha256, row.made_at, row.made_by, row.why)
