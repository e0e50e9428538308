"""The audit log, for who may look into it; nobody can change it."""

import json
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from api.audit_wire import AuditEntryWire, AuditPageWire
from api.callers import Caller, RequireRole
from api.openapi_answers import refusals
from api.rooms import RoomsDep
from api.wire import PLAIN_TEXT, Moment
from cases.access.audit import entry_json
from cases.access.audit_log import AuditQuery
from cases.roles import Role

router = APIRouter(prefix="/api/v1/audit", tags=["audit"])
Auditor = Annotated[Caller, Depends(RequireRole(Role.AUDITOR, Role.ADMIN))]
JSON_LINES = "application/jsonl"
Text = Annotated[str | None, Query(max_length=256, pattern=PLAIN_TEXT)]


@router.get("", summary="Who did what, newest first", response_model=AuditPageWire, responses=refusals())
def list_audit(
    auditor: Auditor,
    rooms: RoomsDep,
    actor: Text = None,
    action: Annotated[
        str | None, Query(max_length=64, pattern=PLAIN_TEXT, description="one action, or a family: `session.`")
    ] = None,
    subject: Text = None,
    since: Moment | None = None,
    until: Moment | None = None,
    before: Annotated[int | None, Query(ge=1, le=2**62, description="`next_before` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> AuditPageWire:
    found = rooms.house.access.log.page(AuditQuery(actor, action, subject, since, until), before, limit)
    return AuditPageWire(
        entries=tuple(AuditEntryWire.of(each) for each in found),
        next_before=found[-1].seq if len(found) == limit and found[-1].seq > 1 else None,
    )


@router.get(
    "/export",
    summary="Every entry as JSON Lines, oldest first",
    response_class=StreamingResponse,
    responses=refusals() | {200: {"description": "One entry a line", "content": {JSON_LINES: {}}}},
)
def export_audit(
    auditor: Auditor,
    rooms: RoomsDep,
    actor: Text = None,
    action: Annotated[str | None, Query(max_length=64, pattern=PLAIN_TEXT)] = None,
    subject: Text = None,
    since: Moment | None = None,
    until: Moment | None = None,
) -> StreamingResponse:
    """With the hashes: anybody can check them."""
    entries = rooms.house.access.log.oldest_first(AuditQuery(actor, action, subject, since, until))
    lines = (json.dumps(entry_json(each), ensure_ascii=False) + "\n" for each in entries)
    headers = {"content-disposition": 'attachment; filename="audit.jsonl"', "cache-control": "private, no-store"}
    return StreamingResponse(lines, media_type=JSON_LINES, headers=headers)
