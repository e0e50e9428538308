"""A view tied to the ground in the page: points tried out, and the grid around a place for the map."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.calibration_wire import FitAnswerWire, FitWire, GroundCellWire, GroundTilesWire, GroundWire
from api.callers import Reader
from api.camera_look_routes import workshop_of
from api.openapi_answers import refusals
from api.problems import CellUnknown, FieldRefused
from api.rooms import RoomsDep
from api.wire import PLAIN_TEXT
from core.errors import GridError
from core.geometry import Point
from core.ids import CellId
from grid.cells import CityGrid
from grid.trial import try_points
from grid.units import Ring
from grid.views import ControlPoint

router = APIRouter(prefix="/api/v1/calibration", tags=["calibration"])
MOST_UNITS = 400
MOST_CELLS = 1200
CELLS_WITHIN_M = 150.0
"""Finer cells are told no farther off: at this distance a street of 20 m squares has a few hundred."""


@router.post("/fit", summary="Try control points out", responses=refusals(413))
def fit_points(reader: Reader, fit: FitWire, rooms: RoomsDep) -> FitAnswerWire:
    """Nothing is saved: the error of each point, what is wrong in words, and the cells where the picture shows them."""
    points = [ControlPoint(pixel=each.pixel, lonlat=each.lonlat) for each in fit.control_points]
    return FitAnswerWire.of(try_points(points, fit.frame_size, workshop_of(rooms).city, fit.max_error_m))


@router.get("/ground", summary="The grid around a place", responses=refusals(404))
def read_ground(
    reader: Reader,
    rooms: RoomsDep,
    lon: Annotated[float | None, Query(ge=-180, le=180)] = None,
    lat: Annotated[float | None, Query(ge=-90, le=90)] = None,
    cell: Annotated[str | None, Query(max_length=64, pattern=PLAIN_TEXT, description="in place of lon, lat")] = None,
    radius_m: Annotated[float, Query(gt=0, le=3000)] = 400.0,
) -> GroundWire:
    """Of a place, of a cell, or of the city's first unit grid where neither is named."""
    city = workshop_of(rooms).city
    centre = _centre(city, lon, lat, cell)
    found = city.units_near(centre, radius_m)
    units = found[:MOST_UNITS]
    codes = sorted(city.cells_near(centre, min(radius_m, CELLS_WITHIN_M))) if city.sub_cell_m is not None else []
    return GroundWire(
        centre=(centre.x, centre.y),
        units=tuple(
            GroundCellWire(code=unit.code, name=unit.name, zone=unit.zone.value, ring=_ring(unit.ring))
            for unit in units
        ),
        cells=tuple(GroundCellWire(code=code, ring=_ring(city.ring_of(code))) for code in codes[:MOST_CELLS]),
        more=len(found) > len(units) or len(codes) > MOST_CELLS,
        tiles=GroundTilesWire.around(centre, rooms.settings.map) if rooms.settings.map.tiles else None,
    )


def _centre(city: CityGrid, lon: float | None, lat: float | None, cell: str | None) -> Point:
    """
    Raises:
        CellUnknown: no such cell.
        FieldRefused: one of lon and lat without the other.
    """
    if cell is not None:
        try:
            return _middle(city.ring_of(CellId(cell)))
        except GridError as error:
            raise CellUnknown(f"cell {cell} is not in the city's grid: {error}") from error
    if lon is not None and lat is not None:
        return Point(lon, lat)
    if lon is not None or lat is not None:
        raise FieldRefused("lon and lat belong together; give both, or a cell")
    first = next(iter(city), None)
    if first is None:
        raise CellUnknown("the city has no grid yet; make or import one on the page /start")
    return _middle(first.ring)


def _middle(ring: Ring) -> Point:
    corners = ring[:-1]
    return Point(sum(at.x for at in corners) / len(corners), sum(at.y for at in corners) / len(corners))


def _ring(ring: Ring) -> tuple[tuple[float, float], ...]:
    return tuple((at.x, at.y) for at in ring)
