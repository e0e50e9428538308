"""Cases for programs: list, read, close, correct their boxes."""

from typing import Annotated

from anyio import from_thread
from fastapi import APIRouter, Header, Path, Query, Response

from api.callers import Caller, CaseReader, Operator
from api.case_wire import CaseDetailWire, CaseFilterWire, CasePageWire, CaseWire, CloseWire
from api.named_places import with_named_places
from api.openapi_answers import refusals
from api.problems import RoleMissing
from api.region_wire import CorrectionWire
from api.rooms import RoomsDep
from api.seeing import check_seen, seen_query
from api.wire import PLAIN_TEXT
from cases.roles import Role
from core.ids import CaseId

router = APIRouter(prefix="/api/v1/cases", tags=["cases"])

CaseKey = Annotated[str, Path(max_length=64, pattern=PLAIN_TEXT, examples=["7b9c6b1e-27a7-4a0a-9d0e-7f2a5a1d9c55"])]


def check_shortcut(caller: Caller) -> None:
    """
    Raises:
        RoleMissing: a person without the shift leader's role; everybody else goes through the stages.
    """
    if caller.holder.is_person and not caller.holder.roles & {Role.SHIFT_LEADER, Role.ADMIN}:
        raise RoleMissing(
            f"{caller.holder.name!r} may not close a case past its stages; take its next step instead, "
            "or ask the shift leader"
        )


@router.get("", summary="List cases, newest first", response_model=CasePageWire, responses=refusals())
def list_cases(reader: CaseReader, filters: Annotated[CaseFilterWire, Query()], rooms: RoomsDep) -> CasePageWire:
    query = with_named_places(seen_query(reader, filters.as_query(rooms.clock.now())), rooms)
    return CasePageWire.of(rooms.store.list_cases(query, filters.cursor, filters.limit))


@router.get(
    "/{case_id}",
    summary="Read one case with its events and pictures",
    response_model=CaseDetailWire,
    responses=refusals(404) | {304: {"description": "Unchanged since the version in If-None-Match"}},
)
def read_case(
    reader: CaseReader,
    case_id: CaseKey,
    rooms: RoomsDep,
    response: Response,
    if_none_match: Annotated[str | None, Header()] = None,
) -> CaseDetailWire | Response:
    case = rooms.store.get_case(CaseId(case_id))
    check_seen(reader, case)
    tag = f'"{case.id}.{case.version}"'
    if if_none_match is not None and tag in if_none_match:
        return Response(status_code=304, headers={"etag": tag, "cache-control": "private, no-cache"})
    response.headers["etag"] = tag
    response.headers["cache-control"] = "private, no-cache"
    return CaseDetailWire.of(case, rooms.store.events_of(case.id))


@router.post("/{case_id}/close", summary="Close a case", response_model=CaseWire, responses=refusals(404, 409, 413))
def close_case(operator: Operator, case_id: CaseKey, closing: CloseWire, rooms: RoomsDep) -> CaseWire:
    check_shortcut(operator)
    case = rooms.store.close_case(
        CaseId(case_id),
        closing.reason,
        closing.note,
        operator.holder.name,
        closing.expected_version,
        rooms.clock.now(),
        claimant=operator.holder.actor,
    )
    from_thread.run_sync(rooms.feed.notify)
    return CaseWire.of(case)


@router.post(
    "/{case_id}/regions",
    summary="Say what really stands in one picture of a case",
    response_model=CaseWire,
    responses=refusals(404, 409, 413),
)
def correct_regions(operator: Operator, case_id: CaseKey, correction: CorrectionWire, rooms: RoomsDep) -> CaseWire:
    """The case stays as it is; `gridpatrol models dataset build` reads the boxes, the newest word on a picture."""
    case = rooms.store.correct_regions(
        CaseId(case_id),
        correction.as_correction(),
        operator.holder.name,
        correction.expected_version,
        rooms.clock.now(),
    )
    from_thread.run_sync(rooms.feed.notify)
    return CaseWire.of(case)
