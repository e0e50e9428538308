"""A grid for a city that has none at hand: squares around a place, taken in as any other layer."""

import json
from typing import Annotated

from fastapi import APIRouter
from pydantic import ConfigDict, Field

from api.openapi_answers import refusals
from api.place_layer import follow_places
from api.place_routes import PlaceAdmin
from api.place_wire import PlaceImportWire
from api.problems import FieldRefused
from api.rooms import RoomsDep
from api.wire import PLAIN_TEXT, WireModel
from cases.places.layers import read_layer
from cases.places.store import PlaceQuery, PlaceStore
from core.geometry import Point
from grid.squares import LEAST_CELL_M, MOST_A_SIDE, MOST_CELL_M, square_layer

router = APIRouter(tags=["places"])
COMMUNITIES = tuple(f"990000001{number:03d}" for number in range(1, 1000))
"""No city's codes begin with 99, so that these never meet the real ones."""


class SquaresWire(WireModel):
    """Where the squares lie, and how many of which size."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "春熙路", "lon": 104.081, "lat": 30.657, "cells_a_side": 3, "cell_m": 100.0}]
        }
    )

    name: Annotated[str, Field(min_length=1, max_length=100, pattern=PLAIN_TEXT)]
    lon: float = Field(ge=-180, le=180, description="of the middle, degrees, WGS-84 or CGCS2000")
    lat: float = Field(ge=-90, le=90)
    cells_a_side: int = Field(3, ge=1, le=MOST_A_SIDE)
    cell_m: float = Field(100.0, ge=LEAST_CELL_M, le=MOST_CELL_M, description="side of one square, metres")


@router.post(
    "/api/v1/places/squares",
    summary="Make square unit grids around a place",
    status_code=201,
    responses=refusals(413),
)
def make_squares(admin: PlaceAdmin, squares: SquaresWire, rooms: RoomsDep) -> PlaceImportWire:
    """Under codes of their own (beginning with 99), until the city's real grids are imported."""
    store, now = rooms.house.places, rooms.clock.now()
    layer = square_layer(
        Point(squares.lon, squares.lat), squares.cells_a_side, squares.cell_m, _free_community(store), squares.name
    )
    wanted = read_layer(json.dumps(layer).encode(), "squares", store.catalogue())
    plan = store.take(wanted, admin.holder.actor, now, source="squares")
    follow_places(rooms)
    return PlaceImportWire.of(plan, dry_run=False)


def _free_community(store: PlaceStore) -> str:
    """
    Raises:
        FieldRefused: every community that such squares may have is taken.
    """
    for community in COMMUNITIES:
        if not store.page(PlaceQuery(within=community), "", 1):
            return community
    raise FieldRefused("there are 999 such squares already; import the city's own grids instead")
