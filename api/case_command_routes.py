"""What is done with cases: commands, claims, and the chains of what comes back."""

import hashlib
from datetime import timedelta
from typing import Annotated

from anyio import from_thread
from fastapi import APIRouter, Depends, Header, Query, Response
from fastapi.responses import JSONResponse

from api.callers import Caller, CaseReader, Reader, RequireRole
from api.case_command_wire import (
    BulkCommandWire,
    BulkResultsWire,
    BulkResultWire,
    CommandWire,
    PossiblesWire,
    PossibleWire,
)
from api.case_routes import CaseKey
from api.case_wire import CaseWire
from api.claim_wire import ChainWire, ClaimsWire, ClaimWire, SpotsWire
from api.openapi_answers import refusals
from api.problems import describe
from api.rooms import Rooms, RoomsDep
from api.seeing import check_seen
from api.wire import PLAIN_TEXT
from cases.roles import Role
from cases.workflow.commands import Command
from cases.workflow.orders import Seat
from core.errors import CaseError
from core.ids import CaseId

router = APIRouter(prefix="/api/v1", tags=["workflow"])


class GeoJsonResponse(JSONResponse):
    """GeoJSON by its own name (RFC 7946)."""

    media_type = "application/geo+json"


Doer = Annotated[Caller, Depends(RequireRole(*(set(Role) - {Role.AUDITOR})))]
CommandId = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=PLAIN_TEXT,
        description="your own name for this giving; a repeat with it changes nothing",
    ),
]


def seat_of(caller: Caller) -> Seat:
    """The caller as the workflow knows them."""
    return Seat(caller.holder.actor, caller.holder.roles, caller.holder.unit)


@router.post(
    "/cases/{case_id}/commands",
    summary="Take the next step with a case",
    response_model=CaseWire,
    responses=refusals(404, 409, 413),
)
def command_case(
    doer: Doer, case_id: CaseKey, command: CommandWire, rooms: RoomsDep, command_id: CommandId = None
) -> CaseWire:
    """Refused with 409 where the case has moved on, and with 403 where the step is not yours to take."""
    check_seen(doer, rooms.store.get_case(CaseId(case_id)))
    case = rooms.house.workflow.give(
        CaseId(case_id),
        command.as_order(),
        seat_of(doer),
        rooms.clock.now(),
        command.expected_version,
        command_id,
    )
    from_thread.run_sync(rooms.feed.notify)
    return CaseWire.of(case)


@router.get(
    "/cases/{case_id}/commands",
    summary="What you may do with a case now",
    response_model=PossiblesWire,
    responses=refusals(404),
)
def list_commands(reader: CaseReader, case_id: CaseKey, rooms: RoomsDep) -> PossiblesWire:
    case, commands = rooms.house.workflow.possible(CaseId(case_id), seat_of(reader), rooms.clock.now())
    check_seen(reader, case)
    takes_note = Command.VERIFY in commands and rooms.house.workflow.verifying_takes_a_note(case)
    told = (PossibleWire.of(each, takes_note=takes_note and each is Command.VERIFY) for each in commands)
    return PossiblesWire(commands=tuple(told), version=case.version)


@router.post(
    "/case-commands",
    summary="Take the same step with several cases",
    response_model=BulkResultsWire,
    responses=refusals(413),
)
def command_cases(doer: Doer, bulk: BulkCommandWire, rooms: RoomsDep, command_id: CommandId = None) -> BulkResultsWire:
    """Each by itself: what one is refused for does not hold up the others. With an `Idempotency-Key`, a repeat takes
    the step with those only that it was not taken with before.
    """
    results = tuple(
        _one_of_bulk(doer, bulk, CaseId(case_id), rooms, command_id and name_in_bulk(command_id, case_id))
        for case_id in bulk.cases
    )
    from_thread.run_sync(rooms.feed.notify)
    return BulkResultsWire(results=results, done=sum(result.case is not None for result in results))


def name_in_bulk(command_id: str, case_id: str) -> str:
    """One case's own name for its part of a bulk command; bounded, whatever the caller's name is."""
    return "bulk:" + hashlib.sha256(f"{command_id}\n{case_id}".encode()).hexdigest()


def _one_of_bulk(
    doer: Caller, bulk: BulkCommandWire, case_id: CaseId, rooms: Rooms, command_id: str | None
) -> BulkResultWire:
    try:
        check_seen(doer, rooms.store.get_case(case_id))
        now = rooms.clock.now()
        case = rooms.house.workflow.give(case_id, bulk.as_order(), seat_of(doer), now, command_id=command_id)
    except CaseError as error:
        problem = describe(error, f"/api/v1/cases/{case_id}/commands", "")
        return BulkResultWire(case_id=case_id, case=None, problem=problem)
    return BulkResultWire(case_id=case_id, case=CaseWire.of(case), problem=None)


@router.put(
    "/cases/{case_id}/claim",
    summary="Claim a case for a while, or renew your claim",
    response_model=ClaimWire,
    responses=refusals(404, 409),
)
def claim_case(doer: Doer, case_id: CaseKey, rooms: RoomsDep) -> ClaimWire:
    check_seen(doer, rooms.store.get_case(CaseId(case_id)))
    return ClaimWire.of(rooms.house.workflow.claim(CaseId(case_id), doer.holder.actor, rooms.clock.now()))


@router.delete(
    "/cases/{case_id}/claim", summary="Let go of a case", status_code=204, responses=refusals(), response_class=Response
)
def release_case(doer: Doer, case_id: CaseKey, rooms: RoomsDep) -> Response:
    rooms.house.workflow.release(CaseId(case_id), doer.holder.actor)
    return Response(status_code=204)


@router.get("/claims", summary="Which cases are claimed now", response_model=ClaimsWire, responses=refusals())
def list_claims(reader: Reader, rooms: RoomsDep) -> ClaimsWire:
    return ClaimsWire.of(rooms.house.workflow.claims(rooms.clock.now()))


@router.get(
    "/cases/{case_id}/chain",
    summary="The cases that a case repeats, and those that repeat it",
    response_model=ChainWire,
    responses=refusals(404),
)
def read_chain(reader: CaseReader, case_id: CaseKey, rooms: RoomsDep) -> ChainWire:
    chain = rooms.house.workflow.chain(CaseId(case_id))
    check_seen(reader, next(case for case in chain if case.id == case_id))
    return ChainWire(cases=tuple(CaseWire.of(case) for case in chain if reader.holder.sees_unit(case.unit)))


@router.get(
    "/recurrence",
    summary="Where the same thing comes back again and again, as GeoJSON",
    response_class=GeoJsonResponse,
    response_model=SpotsWire,
    responses=refusals(),
)
def list_spots(
    reader: Reader,
    rooms: RoomsDep,
    days: Annotated[float, Query(gt=0, le=3660, description="how far back")] = 90.0,
    least: Annotated[int, Query(ge=2, le=1000, description="cases in one cell and category, at least")] = 2,
    limit: Annotated[int, Query(ge=1, le=5000)] = 1000,
) -> SpotsWire:
    since = rooms.clock.now() - timedelta(days=days)
    return SpotsWire.of(rooms.house.workflow.spots(since, least, limit), rooms.cells.feature)
