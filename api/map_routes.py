"""The map's data: the city's outlines, its cameras, its colours; and what a place of the map is in degrees."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Response

from api.callers import Reader
from api.map_wire import EXAMPLE_BASE, MapCamerasWire, MapFiguresWire, MapSpotWire
from api.openapi_answers import refusals
from api.rooms import RoomsDep
from core.geometry import Point
from desk.map_scale import Shade
from grid.datum import from_datum
from grid.web_mercator import from_mercator

router = APIRouter(prefix="/api/v1/map", tags=["map"])
WORLD_M = 20_037_508.4


@router.get(
    "/base",
    summary="Every grid and area, to be drawn",
    response_class=Response,
    responses=refusals()
    | {
        200: {"description": "Outlines", "content": {"application/json": {"example": EXAMPLE_BASE}}},
        304: {"description": "You have it"},
    },
)
def read_base(reader: Reader, rooms: RoomsDep, if_none_match: Annotated[str | None, Header()] = None) -> Response:
    """In the tiles' datum and projection (EPSG:3857), as whole numbers of `step_m` from `origin_m`."""
    drawing = rooms.map.ground.base(rooms.map.names())
    headers = {"etag": f'"{drawing.tag}"', "cache-control": "private, no-cache"}
    if if_none_match is not None and drawing.tag in if_none_match:
        return Response(status_code=304, headers=headers)
    return Response(drawing.body, media_type="application/json", headers=headers)


@router.get("/cameras", summary="Cameras with their fields of view", responses=refusals())
def read_cameras(reader: Reader, rooms: RoomsDep) -> MapCamerasWire:
    """A camera tied by control points shows the ground that it sees; one tied by regions, its grids."""
    return rooms.map.cameras(rooms.clock.now())


@router.get("/figures", summary="What the grids are coloured by", responses=refusals())
def read_figures(reader: Reader, rooms: RoomsDep, show: Shade = Shade.OPEN) -> MapFiguresWire:
    return MapFiguresWire.of(rooms.map.counter.figures(show, rooms.clock.now()))


@router.get("/place", summary="A place of the map in degrees", responses=refusals())
def read_place(
    reader: Reader,
    rooms: RoomsDep,
    x_m: Annotated[float, Query(ge=-WORLD_M, le=WORLD_M, description="metres of EPSG:3857 in the tiles' datum")],
    y_m: Annotated[float, Query(ge=-WORLD_M, le=WORLD_M)],
) -> MapSpotWire:
    """WGS-84, whatever the tiles' datum: as GPS and the grid file have it."""
    place = from_datum(from_mercator(Point(x_m, y_m)), rooms.settings.map.datum)
    return MapSpotWire(lon=round(place.x, 7), lat=round(place.y, 7), cell_id=rooms.cells.cell_at(place.x, place.y))
