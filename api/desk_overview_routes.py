"""The shift leader's overview, mounted thinly."""

from collections.abc import Callable

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from api.callers import Reader
from api.desk_answers import page, visitor_of
from api.export_access import may_export
from api.rooms import Rooms, RoomsDep
from core.ids import CellId
from desk.cell_facts import CellFacts
from desk.overview_page import render_overview, view_overview, watch_of
from desk.overview_span import Span

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/overview")
def show_overview(request: Request, reader: Reader, rooms: RoomsDep) -> Response:
    now = rooms.clock.now()
    span = Span.from_query(dict(request.query_params), now)
    overview = rooms.house.overview.overview(span.since, span.until, now)
    watch = watch_of(rooms.store.cameras(), now)
    view = view_overview(overview, span, watch, now, _namer(rooms), may_export(reader))
    return page(request, render_overview(view, visitor_of(request, reader), now))


def _namer(rooms: Rooms) -> Callable[[str], str]:
    """A cell's own name by its code; empty where it has none."""

    def name_of(code: str) -> str:
        feature = rooms.cells.feature(CellId(code))
        return "" if feature is None else CellFacts.from_feature(feature).name

    return name_of
