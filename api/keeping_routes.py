"""Which pictures are kept no more: when each went, and by which rule."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.callers import Caller, Reader, RequireRole
from api.keeping_wire import PurgePreviewWire, RemovedPageWire, RemovedPictureWire
from api.openapi_answers import refusals
from api.rooms import RoomsDep
from cases.keeping.rules import KeepingRules
from cases.roles import Role

router = APIRouter(prefix="/api/v1/keeping", tags=["keeping"])
KeepingAdmin = Annotated[Caller, Depends(RequireRole(Role.ADMIN))]


@router.post("/preview", summary="What a purge would remove now", responses=refusals(409))
def preview_purge(admin: KeepingAdmin, rooms: RoomsDep) -> PurgePreviewWire:
    """Nothing is removed. Refused while a purge is running."""
    rules = KeepingRules() if rooms.site is None else rooms.site.keeping
    return PurgePreviewWire.of(rooms.house.keeping.purge(rooms.evidence, rules, rooms.clock, is_dry=True))


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
