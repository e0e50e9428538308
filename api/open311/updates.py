"""What happened to requests, and what portals add to them: FixMyStreet's extension of the standard."""

from api.open311.calls import Call
from api.open311.documents import Document, Row, w3c
from api.open311.errors import bad
from api.open311.listing import span_of
from cases.requests.draft import LONGEST_DESCRIPTION
from cases.requests.query import MOST
from cases.requests.updates import UpdateDraft

LONGEST_ID = 200
STILL_OPEN = frozenset({"OPEN", "INVESTIGATING", "IN_PROGRESS", "ACTION_SCHEDULED", "PLANNED"})
PUT_RIGHT = frozenset({"CLOSED", "FIXED", "NO_FURTHER_ACTION", "NOT_COUNCILS_RESPONSIBILITY", "DUPLICATE"})
"""Statuses of FixMyStreet, by what they mean here."""


def update_list(call: Call) -> Document:
    """Raises: Open311Refused."""
    start, end = span_of(call, call.rooms.clock.now())
    found = call.rooms.house.requests.updates(start, end, MOST)
    rows: tuple[Row, ...] = tuple(
        {
            "update_id": update.id,
            "service_request_id": update.request_id,
            "status": "OPEN" if update.is_open else "CLOSED",
            "updated_datetime": w3c(update.at),
            "description": update.words,
            "media_url": None,
        }
        for update in found
    )
    return Document("service_request_updates", "request_update", rows)


def file_update(call: Call) -> Document:
    """Raises: Open311Refused, CaseError."""
    filed_by = call.filer()
    now = call.rooms.clock.now()
    request_id = call.one("service_request_id")
    description = call.one("description") or ""
    is_open = _is_open(call)
    if request_id is None:
        raise bad("缺少 service_request_id / service_request_id is missing; take it from the answer to the filing")
    if not description and is_open is None:
        raise bad("缺少 description / description is missing; say what there is to add")
    if len(description) > LONGEST_DESCRIPTION:
        raise bad(f"描述超过 {LONGEST_DESCRIPTION} 字 / description is longer than {LONGEST_DESCRIPTION} characters")
    their_id = call.one("update_id") or call.one("update_id_ext") or ""
    draft = UpdateDraft(
        request_id[:LONGEST_ID],
        their_id[:LONGEST_ID],
        description,
        min(call.moment("updated_datetime") or now, now),
        is_open,
    )
    update_id = call.rooms.house.requests.add_update(draft, filed_by, now)
    return Document("service_request_updates", "request_update", ({"update_id": update_id},))


def _is_open(call: Call) -> bool | None:
    said = call.one("status")
    if said is None:
        return None
    if said.upper() in STILL_OPEN:
        return True
    if said.upper() in PUT_RIGHT:
        return False
    raise bad(f"status 不正确 / status is OPEN or CLOSED; it is {said[:40]!a}")
