"""Administration's pages of what is told, kept and written down: webhooks, retention, the audit log."""

from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from api.desk_admin_routes import AdminLook, AdminPage
from api.desk_answers import page, visitor_of
from api.outbound_routes import LineKey
from api.rooms import RoomsDep
from api.wire import PLAIN_TEXT
from cases.access.audit_log import AuditQuery
from cases.access.names import names_of
from cases.access.verifying import verify
from cases.keeping.rules import KeepingRules
from cases.outbound.lines import LineKind
from desk.admin_site import (
    AuditFilters,
    AuditView,
    KeepingView,
    LineView,
    WebhooksView,
    render_audit,
    render_keeping,
    render_line,
    render_verified,
    render_webhooks,
)
from desk.case_people import logins_of
from desk.render import DESK_ZONE

router = APIRouter(prefix="/admin", include_in_schema=False, default_response_class=HTMLResponse)
A_PAGE = 50
LETTERS_SHOWN = 200
Text = Annotated[str, Query(max_length=256, pattern=f"{PLAIN_TEXT}|^$")]
Day = Annotated[str, Query(pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$")]
Before = Annotated[int | None, Query(ge=1, le=2**62)]


@router.get("/webhooks")
def show_webhooks(request: Request, admin: AdminPage, rooms: RoomsDep) -> Response:
    outbound = rooms.house.outbound
    lines = outbound.lines.lines()
    view = WebhooksView(
        endpoints=outbound.endpoints.all(),
        lines={each.line.id: each for each in lines},
        uppers=tuple(each for each in lines if each.line.kind is LineKind.UPPER),
        sends=rooms.outbound is not None and rooms.outbound.runner is not None,
    )
    return page(request, render_webhooks(view, visitor_of(request, admin)))


@router.get("/webhooks/{line_id}")
def show_line(request: Request, admin: AdminPage, line_id: LineKey, rooms: RoomsDep) -> Response:
    outbound = rooms.house.outbound
    standing = outbound.lines.line(line_id)
    endpoint = outbound.endpoints.get(line_id) if standing.line.kind is LineKind.WEBHOOK else None
    view = LineView(standing, outbound.lines.dead_letters(line_id, 0, LETTERS_SHOWN), endpoint)
    return page(request, render_line(view, visitor_of(request, admin)))


@router.get("/keeping")
def show_keeping(request: Request, caller: AdminLook, rooms: RoomsDep, before: Before = None) -> Response:
    found = rooms.house.keeping.removed(before, A_PAGE)
    rules = KeepingRules() if rooms.site is None else rooms.site.keeping
    view = KeepingView(rules, found, found[-1].seq if len(found) == A_PAGE and found[-1].seq > 1 else None)
    return page(request, render_keeping(view, visitor_of(request, caller)))


@router.get("/audit")
def show_audit(
    request: Request,
    caller: AdminLook,
    rooms: RoomsDep,
    actor: Text = "",
    action: Text = "",
    subject: Text = "",
    since: Day = "",
    until: Day = "",
    before: Before = None,
) -> Response:
    first, last = _midnight(since), _midnight(until)
    end = None if last is None else last + timedelta(days=1)
    query = AuditQuery(actor or None, action or None, subject or None, first, end)
    found = rooms.house.access.log.page(query, before, A_PAGE)
    asked = {"actor": actor, "action": action, "subject": subject}
    moments = {"since": first, "until": end}
    told = {name: value for name, value in asked.items() if value}
    view = AuditView(
        entries=found,
        filters=AuditFilters(actor, action, subject, since if first else "", until if last else ""),
        query=urlencode(told | {name: at.isoformat() for name, at in moments.items() if at is not None}),
        older=urlencode(told | ({"since": since} if first else {}) | ({"until": until} if last else {})),
        names=names_of(rooms.store.engine, logins_of(entry.actor for entry in found)),
        next_before=found[-1].seq if len(found) == A_PAGE and found[-1].seq > 1 else None,
    )
    return page(request, render_audit(view, visitor_of(request, caller)))


@router.post("/audit/verify")
def verify_chains(request: Request, caller: AdminLook, rooms: RoomsDep) -> Response:
    """Both chains walked now; a part of the page."""
    reports = verify(rooms.store.engine)
    return HTMLResponse(render_verified(reports, rooms.clock.now(), visitor_of(request, caller)))


def _midnight(day: str) -> datetime | None:
    """The moment at which a day of the desk's zone begins; None for none, and for a day that no calendar has."""
    try:
        return datetime.fromisoformat(day).replace(tzinfo=DESK_ZONE) if day else None
    except ValueError:
        return None
