"""What a webhook says: version 1 of the message, documented in docs/webhooks.md.

Names of persons and the sealed original pictures do not leave the house.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cases.case import Case, CaseEvent, EvidenceRefs
from core.clock import isoformat_z

VERSION = 1
TYPE_PREFIX = "case."
TOLD_OF_EVENTS = (
    "camera_id",
    "view_id",
    "incident_id",
    "object_count",
    "confidence",
    "probability",
    "joined",
    "reason",
    "note",
    "unit",
    "due_at",
    "near_due_at",
    "rule",
    "why",
    "hours",
    "proposal",
    "source",
    "previous_case_id",
)
"""Of an event's data; the rest stays inside."""


def message_id(event: CaseEvent) -> str:
    """The same at every try and for every endpoint: receivers drop a second copy by it."""
    return f"evt_{event.seq}_{event.case_id[:8]}"


def message_of(event: CaseEvent, case: Case) -> dict[str, Any]:
    """The event, and its case as it stands at the moment of sending (``case.version`` may be newer than the event)."""
    told = {name: event.data[name] for name in TOLD_OF_EVENTS if name in event.data}
    return {
        "type": TYPE_PREFIX + event.kind.value,
        "timestamp": isoformat_z(event.recorded_at),
        "data": {
            "version": VERSION,
            "event": {
                "seq": event.seq,
                "kind": event.kind.value,
                "at": isoformat_z(event.at),
                "recorded_at": isoformat_z(event.recorded_at),
                "by": _kind_of(event.actor),
                **told,
                "pictures": pictures_of(event.evidence),
            },
            "case": summary_of(case),
        },
    }


def summary_of(case: Case) -> dict[str, Any]:
    """What others may know of a case; never who handles or closed it."""
    life = case.life
    return {
        "id": case.id,
        "number": case.number,
        "cell_id": case.cell_id,
        "category": case.category,
        "zone": case.zone,
        "unit": case.unit,
        "state": case.state.value,
        "stage": life.stage.value,
        "source": life.source.value,
        "reports": {source.value: count for source, count in life.reports},
        "registered_at": _or_none(life.registered_at),
        "reported_at": _or_none(life.reported_at),
        "suspended_at": _or_none(life.suspended_at),
        "due_at": None if life.deadline is None else isoformat_z(life.deadline.due_at),
        "near_due_at": None if life.deadline is None else isoformat_z(life.deadline.near_due_at),
        "extensions": life.extensions,
        "reworks": life.reworks,
        "recurrence": life.recurrence,
        "opened_at": isoformat_z(case.opened_at),
        "first_seen_at": isoformat_z(case.first_seen_at),
        "last_seen_at": isoformat_z(case.last_seen_at),
        "sighting_count": case.sighting_count,
        "object_count": case.object_count,
        "confidence": case.confidence,
        "probability": case.probability,
        "cameras": list(case.cameras),
        "cleared_at": _or_none(case.cleared_at),
        "pictures": pictures_of(case.latest_evidence),
        "previous_case_id": case.previous_case_id,
        "closed_at": _or_none(case.closed_at),
        "close_reason": None if case.close_reason is None else case.close_reason.value,
        "close_note": case.close_note,
        "version": case.version,
    }


def pictures_of(refs: EvidenceRefs | None) -> Mapping[str, str] | None:
    """SHA-256 of the pictures that may be shown: faces and plates are blurred in them."""
    return None if refs is None else {"annotated": refs.annotated, "crop": refs.crop}


def body_of(message: Mapping[str, Any]) -> bytes:
    """The bytes that are signed and sent."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def _or_none(moment: datetime | None) -> str | None:
    return None if moment is None else isoformat_z(moment)


def _kind_of(actor: str) -> str:
    """Whether a program or a person did it; never who."""
    kind, colon, _ = actor.partition(":")
    return kind if colon and kind in ("worker", "policy", "system") else "person"


def probe_message(endpoint_id: str, now: datetime) -> tuple[str, bytes]:
    """A message that tells of nothing, for an administrator who wants to see it arrive: (id, body)."""
    stamp = isoformat_z(now)
    said = {"type": "test", "timestamp": stamp, "data": {"version": VERSION, "webhook": endpoint_id}}
    return f"test_{endpoint_id}_{int(now.timestamp())}", body_of(said)
