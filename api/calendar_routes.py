"""Working calendars: read by everybody, changed by admins; open cases' deadlines follow."""

from datetime import timedelta
from typing import Annotated

from anyio import from_thread
from fastapi import APIRouter, Depends, Path, Query, Response

from api.calendar_wire import (
    CalendarChangeWire,
    CalendarListWire,
    CalendarVersionPageWire,
    CalendarVersionWire,
    CalendarWire,
    DueWire,
    RecomputedWire,
    WorkingTimeWire,
)
from api.callers import Caller, Reader, RequireRole
from api.if_match import IfMatch, expected_revision, needed_revision
from api.openapi_answers import refusals
from api.problems import FieldRefused, MediaTypeRefused
from api.raw_body import FileBody, file_body
from api.rooms import Rooms, RoomsDep
from api.wire import Category, Identifier, Moment
from cases.queries import cursor_before, opened_seq_of
from cases.roles import Role
from cases.worktime.calendar import DEFAULT_CALENDAR
from cases.worktime.day_lists import read_days
from cases.worktime.documents import CalendarDocument
from cases.worktime.due import standing
from cases.worktime.errors import CalendarUnknown
from cases.worktime.hours import add_working_time, working_time_between
from cases.worktime.recompute import Recomputed
from cases.worktime.store import CalendarChange
from grid.units import Zone

router = APIRouter(tags=["calendars"])
CALENDARS, ONE = "/api/v1/calendars", "/api/v1/calendars/{calendar_id}"
BATCHES_A_REQUEST = 25
"""Batches of open cases that one request brings in line; what is left waits for the next one."""
_ENDINGS = {"application/json": "json", "text/csv": "csv", "text/calendar": "ics"}

CalendarAdmin = Annotated[Caller, Depends(RequireRole(Role.ADMIN))]
CalendarKey = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$", examples=[DEFAULT_CALENDAR])]
Why = Annotated[str, Query(max_length=2000, description="why, for the audit log", examples=["国办发明电〔2025〕7号"])]


@router.get(CALENDARS, summary="List calendars", responses=refusals())
def list_calendars(reader: Reader, rooms: RoomsDep) -> CalendarListWire:
    """As they stand; at most 200."""
    return CalendarListWire(calendars=tuple(CalendarWire.of(each) for each in rooms.house.calendars.all()))


@router.get(ONE, summary="Read a calendar", responses=refusals(404))
def read_calendar(
    reader: Reader,
    calendar_id: CalendarKey,
    rooms: RoomsDep,
    response: Response,
    version: Annotated[int | None, Query(ge=0, le=2**31 - 1, description="an earlier one")] = None,
) -> CalendarWire:
    kept = rooms.house.calendars.get(calendar_id, version)
    response.headers["etag"] = f'"{kept.version}"'
    return CalendarWire.of(kept)


@router.put(ONE, summary="Write or replace a calendar", responses=refusals(404, 412, 413, 428))
def put_calendar(
    admin: CalendarAdmin,
    calendar_id: CalendarKey,
    calendar: CalendarDocument,
    rooms: RoomsDep,
    response: Response,
    why: Why = "",
    if_match: IfMatch = None,
) -> CalendarChangeWire:
    """A new version. Deadlines of open cases that run by this calendar are told anew, each with an event."""
    expected = needed_revision(if_match)
    change = rooms.house.calendars.put(
        calendar_id, calendar, admin.holder.actor, why, rooms.clock.now(), expected=expected
    )
    return _changed(change, admin, rooms, response)


@router.post(
    ONE + "/days",
    summary="Put a list of holidays and make-up working days into a calendar",
    responses=refusals(404, 412, 413, 415),
    openapi_extra=file_body(
        application__json='{"year": 2026, "days": [{"name": "国庆节", "date": "2026-10-01", "isOffDay": true}]}',
        text__csv="日期,名称,类型\n2026-10-01,国庆节,休\n2026-10-10,国庆节,班\n",
        text__calendar="BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20261001\r\nSUMMARY:国庆节 休\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n",
    ),
)
def put_days(
    admin: CalendarAdmin,
    calendar_id: CalendarKey,
    file: FileBody,
    rooms: RoomsDep,
    response: Response,
    why: Why = "",
    if_match: IfMatch = None,
) -> CalendarChangeWire:
    """Dates that the list names take its meaning; the others keep theirs."""
    ending = _ENDINGS.get(file.media_type)
    if ending is None:
        raise MediaTypeRefused(f"a list of days is {', '.join(_ENDINGS)}; send it as one of them")
    days = read_days(file.data, f"days.{ending}")
    change = rooms.house.calendars.put_days(
        calendar_id, days, admin.holder.actor, why, rooms.clock.now(), expected=expected_revision(if_match)
    )
    return _changed(change, admin, rooms, response)


@router.post(ONE + "/recompute", summary="Bring more open cases' deadlines in line", responses=refusals(404))
def recompute(
    admin: CalendarAdmin,
    calendar_id: CalendarKey,
    rooms: RoomsDep,
    after: Annotated[int, Query(ge=0, le=2**62, description="`next_after` of the answer before")] = 0,
) -> RecomputedWire:
    """Safe to repeat: what is in line already stays as it is."""
    return RecomputedWire.of(_recompute(calendar_id, admin, rooms, after))


@router.get(ONE + "/versions", summary="Who changed a calendar, newest first", responses=refusals(404))
def list_versions(
    reader: Reader,
    calendar_id: CalendarKey,
    rooms: RoomsDep,
    cursor: Annotated[Identifier | None, Query(description="`next_cursor` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> CalendarVersionPageWire:
    before = None if cursor is None else opened_seq_of(cursor)
    found = rooms.house.calendars.versions(calendar_id, before, limit + 1)
    if not found and before is None and calendar_id != DEFAULT_CALENDAR:
        raise CalendarUnknown(f"calendar {calendar_id} is not known; see the list of calendars")
    return CalendarVersionPageWire(
        versions=tuple(CalendarVersionWire.of(each) for each in found[:limit]),
        next_cursor=cursor_before(found[limit - 1].version) if len(found) > limit else None,
    )


@router.get(ONE + "/working-time", summary="Reckon with working time", responses=refusals(404))
def reckon(
    reader: Reader,
    calendar_id: CalendarKey,
    rooms: RoomsDep,
    start: Moment,
    hours: Annotated[float | None, Query(ge=0, le=10_000, description="tell when so many have passed")] = None,
    end: Annotated[Moment | None, Query(description="tell how many lie between")] = None,
) -> WorkingTimeWire:
    """Give ``hours`` or ``end``, one of them."""
    calendar = rooms.house.calendars.get(calendar_id).calendar
    if (hours is None) == (end is None):
        raise FieldRefused("give hours or end, one of them")
    if end is None:
        time = timedelta(hours=hours or 0.0)
        return WorkingTimeWire.of(start, add_working_time(calendar, start, time), time)
    return WorkingTimeWire.of(start, end, working_time_between(calendar, start, end))


@router.get("/api/v1/deadlines", summary="When work would be due", responses=refusals(404))
def tell_deadline(
    reader: Reader,
    rooms: RoomsDep,
    category: Category,
    start: Moment,
    zone: Zone | None = None,
    catalogue_version: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
) -> DueWire:
    """By the catalogue's time limit and its calendar, for work that begins at ``start``. It writes nothing."""
    due = rooms.house.calendars.due(category, None if zone is None else zone.value, start, catalogue_version)
    return DueWire.of(due, standing(rooms.clock.now(), due.due_at, due.near_due_at))


def _changed(change: CalendarChange, admin: Caller, rooms: Rooms, response: Response) -> CalendarChangeWire:
    kept = change.kept
    done = _recompute(kept.calendar_id, admin, rooms, 0) if change.is_new else Recomputed(0, 0, 0, None)
    response.headers["etag"] = f'"{kept.version}"'
    return CalendarChangeWire(
        id=kept.calendar_id,
        version=kept.version,
        is_new=change.is_new,
        calendar=kept.document,
        deadlines=RecomputedWire.of(done),
    )


def _recompute(calendar_id: str, admin: Caller, rooms: Rooms, after: int) -> Recomputed:
    done = Recomputed(0, 0, 0, after)
    for _ in range(BATCHES_A_REQUEST):
        if done.next_after is None:
            break
        store, now = rooms.house.calendars, rooms.clock.now()
        done = done.and_then(store.recompute(calendar_id, admin.holder.actor, now, done.next_after))
    if done.changed:
        from_thread.run_sync(rooms.feed.notify)
    return done
