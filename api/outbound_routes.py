"""Lines to other systems: how far they are, paused and resumed, their dead letters; where a case was filed."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from api.callers import Caller, CaseReader, RequireRole
from api.case_routes import CaseKey
from api.openapi_answers import refusals
from api.outbound_wire import (
    DeadLetterPageWire,
    DeadLetterWire,
    FilingListWire,
    FilingWire,
    LineListWire,
    LineWire,
    ReplayWire,
)
from api.rooms import RoomsDep
from api.seeing import check_seen
from api.wire import Identifier
from cases.queries import cursor_before, opened_seq_of
from cases.roles import Role
from core.ids import CaseId

router = APIRouter(tags=["outbound"])

LINES = "/api/v1/outbound"
OutboundAdmin = Annotated[Caller, Depends(RequireRole(Role.ADMIN))]
LineKey = Annotated[str, Path(pattern=r"^[a-z]+[_:][A-Za-z0-9_-]{1,57}$", examples=["wh_3f9a1c2b4d5e6f70"])]
EventKey = Annotated[int, Path(ge=1, le=2**62, examples=[4181])]


@router.get(LINES, summary="Every line to another system", responses=refusals())
def list_lines(admin: OutboundAdmin, rooms: RoomsDep) -> LineListWire:
    return LineListWire(lines=tuple(LineWire.of(each) for each in rooms.house.outbound.lines.lines()))


@router.get(LINES + "/{line_id}", summary="One line", responses=refusals(404))
def read_line(admin: OutboundAdmin, line_id: LineKey, rooms: RoomsDep) -> LineWire:
    return LineWire.of(rooms.house.outbound.lines.line(line_id))


@router.post(LINES + "/{line_id}/pause", summary="Send nothing more for now", responses=refusals(404))
def pause_line(admin: OutboundAdmin, line_id: LineKey, rooms: RoomsDep) -> LineWire:
    """Events wait; none is lost."""
    return LineWire.of(rooms.house.outbound.lines.pause(line_id, admin.holder.name, rooms.clock.now()))


@router.post(LINES + "/{line_id}/resume", summary="Go on at once", responses=refusals(404))
def resume_line(admin: OutboundAdmin, line_id: LineKey, rooms: RoomsDep) -> LineWire:
    """Also where the line waits for its next try."""
    return LineWire.of(rooms.house.outbound.lines.resume(line_id, admin.holder.name, rooms.clock.now()))


@router.get(LINES + "/{line_id}/dead-letters", summary="Events that were given up", responses=refusals(404))
def list_dead_letters(
    admin: OutboundAdmin,
    line_id: LineKey,
    rooms: RoomsDep,
    cursor: Annotated[Identifier | None, Query(description="`next_cursor` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> DeadLetterPageWire:
    after = 0 if cursor is None else opened_seq_of(cursor)
    found = rooms.house.outbound.lines.dead_letters(line_id, after, limit + 1)
    return DeadLetterPageWire(
        dead_letters=tuple(DeadLetterWire.of(each) for each in found[:limit]),
        next_cursor=cursor_before(found[limit - 1].event_seq) if len(found) > limit else None,
    )


@router.post(LINES + "/{line_id}/dead-letters/replay", summary="Try all once more", responses=refusals(404))
def replay_all(admin: OutboundAdmin, line_id: LineKey, rooms: RoomsDep) -> ReplayWire:
    """In the order of their events, before the line goes on."""
    asked = rooms.house.outbound.lines.replay(line_id, None, admin.holder.name, rooms.clock.now())
    return ReplayWire(asked=asked)


@router.post(LINES + "/{line_id}/dead-letters/{event_seq}/replay", summary="Try one once more", responses=refusals(404))
def replay_one(admin: OutboundAdmin, line_id: LineKey, event_seq: EventKey, rooms: RoomsDep) -> ReplayWire:
    asked = rooms.house.outbound.lines.replay(line_id, event_seq, admin.holder.name, rooms.clock.now())
    return ReplayWire(asked=asked)


@router.delete(
    LINES + "/{line_id}/dead-letters/{event_seq}",
    summary="Drop one for good",
    status_code=204,
    responses=refusals(404),
)
def discard(admin: OutboundAdmin, line_id: LineKey, event_seq: EventKey, rooms: RoomsDep) -> None:
    rooms.house.outbound.lines.discard(line_id, event_seq, admin.holder.name, rooms.clock.now())


@router.get("/api/v1/cases/{case_id}/filings", summary="Where a case was filed upstream", responses=refusals(404))
def list_filings(reader: CaseReader, case_id: CaseKey, rooms: RoomsDep) -> FilingListWire:
    case = rooms.store.get_case(CaseId(case_id))
    check_seen(reader, case)
    return FilingListWire(filings=tuple(FilingWire.of(each) for each in rooms.house.outbound.filings.of_case(case.id)))
