"""The list of cases, one case's page and its printed file: ask the stores, hand over to the desk, answer with HTML."""

from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from api.callers import Caller, CaseReader
from api.case_desk_routes import steps_of
from api.case_routes import CaseKey
from api.desk_answers import page, visitor_of
from api.named_places import with_named_places
from api.rooms import Rooms, RoomsDep
from api.seeing import NO_UNIT, check_seen, seen_query
from cases.access.audit import AuditEntry
from cases.access.audit_log import AuditQuery
from cases.access.names import names_of
from cases.case import Case, CaseEvent
from cases.known_units import known_units
from cases.roles import Role
from cases.tallies import state_counts, tallies
from cases.worktime.due import DeadlineRule, rule_of
from cases.worktime.errors import CalendarRefused, CalendarUnknown
from cases.worktime.in_force import CalendarInForce
from core.errors import CaseNotFound
from core.ids import CaseId
from desk.case_clock import view_clock
from desk.case_file import render_case_file
from desk.case_filters import CaseFilters
from desk.case_list import ListAround, render_case_list
from desk.case_page import CaseAround, render_case_page, view_case
from desk.case_people import logins_of
from desk.removed_pictures import pictures_of, thumbnails_of
from desk.words import CATEGORY_WORDS

PAGE_CASES = 50
MOST_VIEWINGS = 50
MOST_ORIGINALS = 12
"""Originals of a case whose viewings its page asks for: the newest."""
SEES_VIEWINGS = frozenset({Role.SHIFT_LEADER, Role.ADMIN, Role.AUDITOR})
router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/")
@router.get("/cases")
def show_cases(request: Request, reader: CaseReader, rooms: RoomsDep) -> Response:
    now = rooms.clock.now()
    filters = CaseFilters.from_query(dict(request.query_params))
    query = with_named_places(seen_query(reader, filters.to_case_query(now)), rooms)
    found = rooms.store.list_cases(query, filters.cursor or None, PAGE_CASES)
    visitor = visitor_of(request, reader)
    categories = {*CATEGORY_WORDS, *visitor.category_names}
    html = render_case_list(
        found,
        filters,
        None if reader.holder.is_bound else state_counts(rooms.store.engine, categories),
        rooms.cells.feature,
        visitor,
        _removed(rooms, thumbnails_of(found.cases)),
        _list_around(rooms, reader, now),
    )
    return page(request, html)


@router.get("/cases/{case_id}")
def show_case(request: Request, case_id: CaseKey, reader: CaseReader, rooms: RoomsDep) -> Response:
    case = rooms.store.get_case(CaseId(case_id))
    check_seen(reader, case)
    events = rooms.store.events_of(case.id)
    around = _around(rooms, reader, case, events)
    html = render_case_page(
        case,
        events,
        rooms.cells.feature,
        visitor_of(request, reader),
        _previous(rooms, reader, case),
        removed=_removed(rooms, pictures_of(events)),
        steps=steps_of(rooms, case, reader, around.names),
        voices=rooms.house.requests.voices(case.id),
        around=around,
    )
    return page(request, html)


@router.get("/cases/{case_id}/file")
def show_case_file(request: Request, case_id: CaseKey, reader: CaseReader, rooms: RoomsDep) -> Response:
    """On A4, to be printed or saved as PDF by the browser, which has the fonts."""
    case = rooms.store.get_case(CaseId(case_id))
    check_seen(reader, case)
    events = rooms.store.events_of(case.id)
    around = _around(rooms, reader, case, events)
    visitor = visitor_of(request, reader)
    view = view_case(
        case,
        events,
        rooms.cells.feature,
        visitor,
        _previous(rooms, reader, case),
        removed=_removed(rooms, pictures_of(events)),
        voices=rooms.house.requests.voices(case.id),
        around=around,
    )
    return page(request, render_case_file(view, visitor, around.now))


def _list_around(rooms: Rooms, reader: Caller, now: datetime) -> ListAround:
    holder = reader.holder
    claims: dict[str, str] = {claim.case_id: claim.holder for claim in rooms.house.workflow.claims(now)}
    return ListAround(
        now=now,
        tallies=tallies(rooms.store.engine, now, holder.unit or NO_UNIT if holder.is_bound else None),
        claims=claims,
        names=names_of(rooms.store.engine, logins_of(claims.values())),
        units=() if holder.is_bound else known_units(rooms.store.engine),
        roles=holder.roles if reader.by_session else frozenset(),
    )


def _around(rooms: Rooms, reader: Caller, case: Case, events: tuple[CaseEvent, ...]) -> CaseAround:
    now, house = rooms.clock.now(), rooms.house
    claim = house.workflow.claim_on(case.id, now)
    viewings = _viewings(rooms, events) if reader.holder.roles & SEES_VIEWINGS else None
    told = (*(event.actor for event in events), *(entry.actor for entry in viewings or ()))
    holders = () if claim is None else (claim.holder,)
    rule, calendar = _deadline_rule(rooms, case)
    return CaseAround(
        now=now,
        clock=view_clock(case, now, rule, calendar),
        actor=reader.holder.actor,
        names=names_of(rooms.store.engine, logins_of((*told, *holders))),
        chain=tuple(each for each in house.workflow.chain(case.id) if reader.holder.sees_unit(each.unit)),
        decisions=() if reader.holder.is_bound else house.policy.decisions.of_case(case.id)[0],
        viewings=viewings,
    )


def _viewings(rooms: Rooms, events: tuple[CaseEvent, ...]) -> tuple[AuditEntry, ...]:
    """Who looked at the case's originals, the newest ones first; each is a question by an index of its own."""
    newest = {event.evidence.original: None for event in reversed(events) if event.evidence is not None}
    log = rooms.house.access.log
    found: list[AuditEntry] = []
    for sha256 in list(newest)[:MOST_ORIGINALS]:
        found += log.page(AuditQuery(action="original.view", subject=f"picture:{sha256}"), limit=MOST_VIEWINGS)
    return tuple(sorted(found, key=lambda entry: entry.seq, reverse=True)[:MOST_VIEWINGS])


def _deadline_rule(rooms: Rooms, case: Case) -> tuple[DeadlineRule | None, CalendarInForce | None]:
    """The rule of the case's deadline and the calendar that it counts by; None for what cannot be read any more."""
    if case.life.deadline is None:
        return None, None
    try:
        rule = rule_of(case.life.deadline.rule)
    except CalendarRefused:
        return None, None
    try:
        return rule, rooms.house.calendars.get(rule.calendar_id, rule.calendar_version)
    except CalendarUnknown:
        return rule, None


def _previous(rooms: Rooms, reader: Caller, case: Case) -> Case | None:
    """The case that this one repeats, where there still is one and the caller may see it."""
    if case.previous_case_id is None:
        return None
    try:
        previous = rooms.store.get_case(case.previous_case_id)
    except CaseNotFound:
        return None
    return previous if reader.holder.sees_unit(previous.unit) else None


def _removed(rooms: Rooms, pictures: set[str]) -> dict[str, datetime]:
    """Which of these pictures are kept no more, and since when."""
    return {sha256: each.removed_at for sha256, each in rooms.house.keeping.removed_among(pictures).items()}
