"""The map as its page's script reads it: the city once, its cameras and colours again and again."""

from typing import Any

from pydantic import ConfigDict, Field

from api.map_figures import MapFigures, PlaceFigure
from api.wire import Moment, WireModel
from desk.map_scale import Shade

EXAMPLE_BASE: dict[str, Any] = {
    "datum": "wgs84",
    "origin_m": [11586131.6, 3588000.2],
    "step_m": 0.1,
    "cells": [
        {
            "code": "510104001001001",
            "name": "春熙路一段",
            "zone": "controlled",
            "ring": [0, 0, 1113, 0, 1113, 1294, 0, 1294],
        }
    ],
    "areas": [],
}


class MapPlaceWire(WireModel):
    """A grid's or an area's colour; what is nothing in every way is left out."""

    code: str
    value: int
    step: int
    open: int
    late: int

    @classmethod
    def of(cls, figure: PlaceFigure) -> "MapPlaceWire":
        return cls(code=figure.code, value=figure.value, step=figure.step, open=figure.open, late=figure.late)


class MapFiguresWire(WireModel):
    """All colours of one choice."""

    show: Shade
    at: Moment
    cells: tuple[MapPlaceWire, ...]
    areas: tuple[MapPlaceWire, ...]
    elsewhere: int = Field(description="open cases in cells that the map does not have")

    @classmethod
    def of(cls, figures: MapFigures) -> "MapFiguresWire":
        return cls(
            show=figures.shade,
            at=figures.at,
            cells=tuple(MapPlaceWire.of(each) for each in figures.cells),
            areas=tuple(MapPlaceWire.of(each) for each in figures.areas),
            elsewhere=figures.elsewhere,
        )


class MapCameraWire(WireModel):
    """A camera whose place is known."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "camera_id": "CAM-01",
                    "name": "春熙路北口",
                    "state": "live",
                    "is_faulty": False,
                    "is_silent": False,
                    "place": [640, 420],
                    "ring": [600, 500, 680, 500, 700, 900, 580, 900],
                    "cells": ["510104001001001"],
                }
            ]
        }
    )

    camera_id: str
    name: str
    state: str
    is_faulty: bool
    """Something is wrong with its picture."""
    is_silent: bool
    place: tuple[int, int]
    """In the map's own numbers, as outlines are."""
    ring: tuple[int, ...]
    """Its field of view: x, y, x, y …; empty where drawn regions tell which grids it sees, and no more."""
    cells: tuple[str, ...]
    """Grids that drawn regions name."""


class MapCamerasWire(WireModel):
    """Cameras whose place is known, by id."""

    cameras: tuple[MapCameraWire, ...]
    unplaced: int


class MapSpotWire(WireModel):
    """A place of the map in degrees."""

    lon: float
    lat: float
    cell_id: str | None
