"""The wall of cameras."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from api.callers import Reader
from api.desk_answers import page, visitor_of
from api.rooms import RoomsDep
from api.wire import Identifier
from desk.wall_page import MOST_CHOSEN, WallAsked, render_wall, view_wall

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/wall")
def show_wall(
    request: Request,
    reader: Reader,
    rooms: RoomsDep,
    size: Annotated[int | None, Query(ge=1, le=16)] = None,
    page_no: Annotated[int, Query(alias="page", ge=0, le=10_000)] = 0,
    tour: Annotated[str, Query(max_length=100)] = "",
    camera: Annotated[list[Identifier], Query(max_length=MOST_CHOSEN)] = [],  # noqa: B006 - FastAPI copies it
) -> Response:
    asked = WallAsked(size, page_no, tour, tuple(camera))
    view = view_wall(rooms.store.cameras(), rooms.house.wall.tours(reader.holder.actor), asked)
    return page(request, render_wall(view, visitor_of(request, reader)))
