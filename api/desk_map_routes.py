"""The map page, and the cards beside it."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from api.callers import Reader
from api.camera_config_routes import CameraKey
from api.desk_answers import page, visitor_of
from api.map_desk import is_silent
from api.problems import CellUnknown
from api.rooms import RoomsDep
from api.security_headers import policy_with_pictures
from api.wire import PLAIN_TEXT
from cases.camera_configs import CameraUnknown
from cases.case import CaseState
from cases.queries import CaseQuery
from core.ids import CameraId, CellId
from desk.cell_facts import CellFacts
from desk.map_page import (
    CellCard,
    MapTiles,
    cases_in,
    figures_of,
    render_camera_card,
    render_cell_card,
    render_map_page,
    view_camera,
    view_map,
)
from desk.map_scale import Shade, choose_shade

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
SHOWN_CASES = 8


@router.get("/map")
def show_map(
    request: Request,
    reader: Reader,
    rooms: RoomsDep,
    show: str | None = None,
    within: Annotated[str, Query(max_length=15)] = "",
) -> Response:
    """The whole page works from the table without scripts; tiles are the only thing that may come from elsewhere."""
    figures = rooms.map.counter.figures(choose_shade(show), rooms.clock.now())
    settings = rooms.settings.map
    tiles = MapTiles(settings.tiles, settings.attribution, settings.max_zoom, settings.datum.value)
    prefix = within if within.isascii() and within.isdecimal() and len(within) in (6, 9, 12) else ""
    unplaced = rooms.map.cameras(rooms.clock.now()).unplaced
    view = view_map(figures.shade, prefix, rooms.map.places(figures), figures.elsewhere, unplaced, tiles)
    answer = page(request, render_map_page(view, visitor_of(request, reader)))
    if settings.tile_origin:
        answer.headers["content-security-policy"] = policy_with_pictures(settings.tile_origin)
    return answer


@router.get("/map/cells/{code}")
def show_cell(
    request: Request,
    reader: Reader,
    code: Annotated[str, Path(max_length=64, pattern=PLAIN_TEXT)],
    rooms: RoomsDep,
) -> Response:
    city = rooms.map.ground.city()
    if city is None or code not in rooms.map.ground.codes():
        raise CellUnknown(f"grid {code} is not on the map; check the code")
    facts = CellFacts.from_feature(city.unit_of(CellId(code)).as_feature())
    figures = rooms.map.counter.figures(Shade.OPEN, rooms.clock.now())
    records = {record.camera_id: record for record in rooms.store.cameras()}
    seen_by = rooms.map.counter.seen_by(code)
    card = CellCard(
        cell=facts,
        figures=figures_of(code, {each.code: each for each in rooms.map.places(figures)}, facts.name),
        cases=rooms.store.list_cases(CaseQuery(state=CaseState.OPEN, text=code), None, SHOWN_CASES).cases,
        cameras=tuple(records[name] for name in seen_by if name in records),
        cases_href=cases_in(code),
    )
    return page(request, render_cell_card(card, visitor_of(request, reader)))


@router.get("/map/cameras/{camera_id}")
def show_camera(request: Request, reader: Reader, camera_id: CameraKey, rooms: RoomsDep) -> Response:
    key, now = CameraId(camera_id), rooms.clock.now()
    record, field = rooms.store.camera(key), rooms.map.counter.fields().get(key)
    if record is None and field is None:
        raise CameraUnknown(f"no camera {camera_id!r} is known; see the list of cameras")
    cells = () if field is None else rooms.map.ground.cells_of(key, field)
    card = view_camera(camera_id, record, sorted(cells), record is not None and is_silent(record, now))
    return page(request, render_camera_card(card, visitor_of(request, reader)))
