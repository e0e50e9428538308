"""What people said of one case, for the desk: their words and nothing of who they are."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from cases.requests.tables import service_request, service_request_update
from cases.sources import Source
from core.ids import CaseId

MOST_VOICES = 50
"""The newest; more is read by the API."""


@dataclass(frozen=True, slots=True)
class Voice:
    """A request, or an update to one."""

    request_id: str
    source: Source
    at: datetime
    words: str
    address: str
    has_contact: bool
    is_update: bool = False


def voices_of(connection: Connection, case_id: CaseId) -> tuple[Voice, ...]:
    """Newest first, at most ``MOST_VOICES``."""
    request, update = service_request, service_request_update
    asked = connection.execute(
        select(request).where(request.c.case_id == case_id).order_by(request.c.seq.desc()).limit(MOST_VOICES)
    )
    added = connection.execute(
        select(update, request.c.source)
        .join(request, request.c.id == update.c.request_id)
        .where(request.c.case_id == case_id)
        .order_by(update.c.received_at.desc())
        .limit(MOST_VOICES)
    )
    said = [
        Voice(row.id, Source(row.source), row.received_at, row.description, row.address or "", row.contact is not None)
        for row in asked
    ]
    said += [
        Voice(row.request_id, Source(row.source), row.received_at, row.description, "", False, is_update=True)
        for row in added
    ]
    return tuple(sorted(said, key=lambda voice: voice.at, reverse=True)[:MOST_VOICES])
