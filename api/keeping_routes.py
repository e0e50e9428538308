"""Which pictures are kept no more: when each went, and by which rule."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.callers import Reader
from api.keeping_wire import RemovedPageWire, RemovedPictureWire
from api.openapi_answers import refusals
from api.rooms import RoomsDep

router = APIRouter(prefix="/api/v1/keeping", tags=["keeping"])


@router.get(
    "/removed",
    summary="Pictures that were removed, newest first",
    response_model=RemovedPageWire,
    responses=refusals(),
)
def list_removed(
    reader: Reader,
    rooms: RoomsDep,
    before: Annotated[int | None, Query(ge=1, le=2**62, description="`next_before` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> RemovedPageWire:
    found = rooms.house.keeping.removed(before, limit)
    return RemovedPageWire(
        removed=tuple(RemovedPictureWire.of(each) for each in found),
        next_before=found[-1].seq if len(found) == limit and found[-1].seq > 1 else None,
    )
