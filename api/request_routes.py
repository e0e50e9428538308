"""Requests taken down by the hotline's seats, and read at the desk. Citizens' portals come by Open311."""

from typing import Annotated

from anyio import from_thread
from fastapi import APIRouter, Depends, Path, Query, Response

from api.callers import Caller, Reader, RequireRole
from api.openapi_answers import refusals
from api.problems import FieldRefused
from api.request_wire import (
    ContactAnswerWire,
    ContactWire,
    FiledWire,
    RequestDraftWire,
    RequestPageWire,
    RequestWire,
    WhyWire,
)
from api.rooms import Rooms, RoomsDep
from api.wire import PLAIN_TEXT, Identifier
from cases.queries import cursor_before, opened_seq_of
from cases.requests.contact import Contact
from cases.requests.draft import RequestDraft
from cases.requests.query import RequestQuery
from cases.requests.request import FiledAs
from cases.roles import Role
from cases.sources import Source
from core.ids import CaseId, CategoryId, CellId

router = APIRouter(prefix="/api/v1/requests", tags=["requests"])

Seat = Annotated[Caller, Depends(RequireRole(Role.ACCEPTOR, Role.SHIFT_LEADER, Role.DISPATCHER, Role.ADMIN))]
RequestKey = Annotated[str, Path(max_length=32, pattern=PLAIN_TEXT, examples=["R2026030200017"])]


@router.post(
    "",
    summary="Take down a request",
    status_code=201,
    responses=refusals(413, 429) | {200: {"description": "Filed before", "model": FiledWire}},
)
def file_request(seat: Seat, request: RequestDraftWire, rooms: RoomsDep, response: Response) -> FiledWire:
    """It opens the case of its cell and category, or joins the one that stands. Safe to repeat within a day."""
    cell_id = _cell_of(request, rooms)
    category = CategoryId(request.category)
    draft = RequestDraft(
        category=category,
        cell_id=cell_id,
        source=Source(request.source),
        description=request.description,
        lat=None if request.place is None else request.place.latitude,
        lon=None if request.place is None else request.place.longitude,
        address=request.address,
        zone=rooms.cells.zone(cell_id),
        unit=rooms.cells.unit(cell_id, category),
        seen_at=None if request.seen_at is None else min(request.seen_at, rooms.clock.now()),
        contact=Contact() if request.contact is None else request.contact.as_contact(),
    )
    filed = rooms.house.requests.file(draft, seat.holder.actor, rooms.clock.now())
    if filed.outcome is FiledAs.DUPLICATE:
        response.status_code = 200
    from_thread.run_sync(rooms.feed.notify)
    return FiledWire.of(filed)


@router.get("", summary="List requests", responses=refusals())
def list_requests(
    reader: Reader,
    rooms: RoomsDep,
    case_id: Annotated[Identifier | None, Query(description="those that one case answers")] = None,
    cursor: Annotated[Identifier | None, Query(description="`next_cursor` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> RequestPageWire:
    """Newest first, of every source; nobody's name or telephone is among them."""
    query = RequestQuery(
        case_id=None if case_id is None else CaseId(case_id),
        before_seq=2**62 if cursor is None else opened_seq_of(cursor),
        public_only=False,
        page_size=limit + 1,
    )
    found = rooms.house.requests.find(query)
    more = len(found) > limit
    return RequestPageWire(
        requests=tuple(RequestWire.of(each) for each in found[:limit]),
        next_cursor=cursor_before(found[limit - 1].seq) if more else None,
    )


@router.get("/{request_id}", summary="One request", responses=refusals(404))
def read_request(reader: Reader, request_id: RequestKey, rooms: RoomsDep) -> RequestWire:
    return RequestWire.of(rooms.house.requests.get(request_id))


@router.post("/{request_id}/contact", summary="Who asked", responses=refusals(404))
def show_contact(seat: Seat, request_id: RequestKey, why: WhyWire, rooms: RoomsDep) -> ContactAnswerWire:
    """Opens what is sealed; the audit log keeps who looked and why."""
    found = rooms.house.requests.contact_of(request_id, seat.holder.actor, why.reason, rooms.clock.now())
    return ContactAnswerWire(contact=None if found is None else ContactWire.of(found))


@router.delete("/{request_id}/contact", summary="Forget who asked", status_code=204, responses=refusals(404))
def forget_contact(
    admin: Annotated[Caller, Depends(RequireRole(Role.SHIFT_LEADER, Role.ADMIN))],
    request_id: RequestKey,
    rooms: RoomsDep,
) -> None:
    """As the person may ask; the request and its case stay."""
    rooms.house.requests.erase_contact(request_id, admin.holder.actor, rooms.clock.now())


def _cell_of(request: RequestDraftWire, rooms: Rooms) -> CellId:
    """
    Raises:
        FieldRefused: the place lies outside the city's grid, or there is no such cell.
    """
    if request.place is not None:
        found = rooms.cells.cell_at(request.place.longitude, request.place.latitude)
        if found is None:
            raise FieldRefused(
                f"位置不在本市网格范围内 / place {request.place.longitude:g}, {request.place.latitude:g} lies outside "
                "the city's grid; check longitude and latitude"
            )
        return found
    cell_id = CellId(request.cell_id or "")
    if rooms.cells.feature(cell_id) is None:
        raise FieldRefused(f"没有这个网格 / the city's grid has no cell {cell_id[:40]!a}; check the code")
    return cell_id
