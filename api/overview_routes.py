"""The shift leader's figures for programs."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.callers import Reader
from api.openapi_answers import refusals
from api.overview_wire import DaysWire, OverviewWire
from api.rooms import RoomsDep

router = APIRouter(prefix="/api/v1/overview", tags=["overview"])


@router.get("", summary="Figures of some of the city's days", response_model=OverviewWire, responses=refusals())
def read_overview(reader: Reader, days: Annotated[DaysWire, Query()], rooms: RoomsDep) -> OverviewWire:
    """Counts are of cases *opened* in the days (`standing`: of what stands open now); days are the city's.

    What is counted agrees with the list of cases: each figure can be opened there with the same filters.
    """
    now = rooms.clock.now()
    since, until = days.span(now)
    return OverviewWire.of(rooms.house.overview.overview(since, until, now), now)
