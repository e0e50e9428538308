"""Where workers report incidents."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Header, Response

from api.callers import Worker
from api.incident_wire import IncidentWire, ReceiptWire
from api.openapi_answers import refusals
from api.rooms import RoomsDep
from api.wire import PLAIN_TEXT
from cases.queries import Outcome
from core.errors import CaseConflict, IncidentRefused

router = APIRouter(prefix="/api/v1/incidents", tags=["incidents"])

IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=PLAIN_TEXT,
        description="names this event for ever: incident_id:sequence",
        examples=["5f2d9d3e-6f0c-5b57-9c37-0d5f5b0c7a11:0"],
    ),
]


@router.post(
    "",
    summary="Report one step of an incident",
    response_model=ReceiptWire,
    responses=refusals(409, 413)
    | {
        200: {"description": "Joined, attached, known already, or turned away by a rule"},
        201: {"description": "Opened a case", "model": ReceiptWire},
    },
)
async def report_incident(
    worker: Worker, incident: IncidentWire, idempotency_key: IdempotencyKey, rooms: RoomsDep, response: Response
) -> ReceiptWire:
    """Safe to repeat with the same Idempotency-Key: a repeat answers what the first one did, as a duplicate.

    What a rule turned away makes no case: `case_id` is null, and `rule` and `decision` say why.
    """
    try:
        coming = rooms.intake.hand_in(incident.as_report(), idempotency_key, rooms.clock.now())
        receipt = await asyncio.wrap_future(coming)
    except (IncidentRefused, CaseConflict) as error:
        rooms.metrics.intake.labels("refused" if isinstance(error, IncidentRefused) else "conflict").inc()
        raise
    rooms.metrics.intake.labels(receipt.outcome.value).inc()
    if receipt.outcome not in (Outcome.DUPLICATE, Outcome.SUPPRESSED):
        rooms.feed.notify()
    response.status_code = 201 if receipt.outcome is Outcome.OPENED else 200
    return ReceiptWire.of(receipt)
