"""What happened to requests since, for those who follow them; and what other systems add to a request."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, or_, select

from cases import book, tables
from cases.case import CaseEventKind, CaseState
from cases.requests.errors import RequestUnknown
from cases.requests.filing import check_share
from cases.requests.tables import service_request, service_request_update
from cases.requests.words import HAPPENINGS, happened
from cases.transactions import line_up
from cases.workflow.commanding import standing
from core.ids import CaseId

_CLOCKS_DIFFER = timedelta(days=1)
"""Between the moment that a closing tells and the moment it was written down."""


@dataclass(frozen=True, slots=True)
class PublicUpdate:
    """One step of a request's case."""

    id: str
    request_id: str
    is_open: bool
    """After it."""
    at: datetime
    words: str


@dataclass(frozen=True, slots=True)
class UpdateDraft:
    """What another system says of a request."""

    request_id: str
    their_id: str
    """What they call it; empty where they give it no name."""
    description: str
    at: datetime
    is_open: bool | None = None
    """What they think of the request."""

    @property
    def content_hash(self) -> str:
        named = [self.request_id, self.their_id]
        content = named if self.their_id else [*named, self.description, self.is_open]
        return hashlib.sha256(json.dumps(content, ensure_ascii=True).encode("ascii")).hexdigest()


def public_updates(connection: Connection, start: datetime, end: datetime, limit: int) -> tuple[PublicUpdate, ...]:
    """Oldest first, at most ``limit``; only cases that were not closed long before are looked through."""
    request, case, event = service_request, tables.case, tables.case_event
    is_alive = or_(case.c.state == CaseState.OPEN.value, case.c.closed_at >= start - _CLOCKS_DIFFER)
    rows = connection.execute(
        select(request.c.id, event.c.seq, event.c.kind, event.c.recorded_at, event.c.data)
        .join(case, case.c.id == request.c.case_id)
        .join(event, event.c.case_id == request.c.case_id)
        .where(
            request.c.is_public.is_(True),
            is_alive,
            event.c.seq > request.c.joined_seq,
            event.c.kind.in_([kind.value for kind in HAPPENINGS]),
            event.c.recorded_at.between(start, end),
        )
        .order_by(event.c.seq, request.c.seq)
        .limit(limit)
    )
    return tuple(
        PublicUpdate(
            id=f"{row.id}-{row.seq}",
            request_id=row.id,
            is_open=row.kind != CaseEventKind.CLOSED.value,
            at=row.recorded_at,
            words=happened(CaseEventKind(row.kind), row.data.get("reason")),
        )
        for row in rows
    )


def file_update(connection: Connection, draft: UpdateDraft, filed_by: str, per_hour: int, now: datetime) -> str:
    """See ``RequestStore.add_update``; the words stay with the request, the case's history names them by their id."""
    line_up(connection)
    table = service_request_update
    known = select(table.c.id).where(table.c.filed_by == filed_by, table.c.content_hash == draft.content_hash)
    earlier = connection.execute(known).scalar_one_or_none()
    if earlier is not None:
        return str(earlier)
    check_share(connection, table, filed_by, per_hour, now)
    request = service_request
    case_id = connection.execute(
        select(request.c.case_id).where(request.c.id == draft.request_id, request.c.is_public.is_(True))
    ).scalar_one_or_none()
    if case_id is None:
        raise RequestUnknown(
            f"没有这件诉求 / no request {draft.request_id[:40]!a}; take the id from the answer to its filing"
        )
    case = standing(connection, CaseId(case_id))
    update_id = f"{draft.request_id}-u{case.version + 1}"
    told = {"note": _note(draft), "request_id": draft.request_id, "update_id": update_id}
    book.append(connection, case, CaseEventKind.COMMENTED, now, now, filed_by, told)
    row = {
        "id": update_id,
        "request_id": draft.request_id,
        "filed_by": filed_by,
        "content_hash": draft.content_hash,
        "is_open": draft.is_open,
        "description": draft.description,
        "updated_at": draft.at,
        "received_at": now,
    }
    connection.execute(table.insert().values(**row))
    return update_id


def _note(draft: UpdateDraft) -> str:
    said = ""
    if draft.is_open is not None:
        said = "称问题仍在 / says it is still there" if draft.is_open else "称已解决 / says it is put right"
    return f"诉求 {draft.request_id} 有补充 / an update to request {draft.request_id}" + (f"：{said}" if said else "")
