"""A calibration tried out, and the ground around a place, as they cross HTTP."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from api.camera_look_wire import SaidWire
from api.map_settings import MapSettings
from api.wire import WireModel
from core.geometry import Point
from desk.calibration_words import fault_words
from grid.tile_plane import tile_plane
from grid.trial import Trial, TrialFault, TrialFaultKind

Pixel = Annotated[float, Field(ge=-100_000, le=100_000)]
Degrees = Annotated[float, Field(ge=-1e9, le=1e9, description="what is no longitude, latitude is said in words")]
Size = Annotated[int, Field(ge=1, le=65_536)]

EXAMPLE_FIT: dict[str, Any] = {
    "frame_size": [1920, 1080],
    "control_points": [
        {"pixel": [320.0, 620.0], "lonlat": [104.0801, 30.6501]},
        {"pixel": [1600.0, 640.0], "lonlat": [104.0803, 30.6501]},
        {"pixel": [1250.0, 410.0], "lonlat": [104.0803, 30.6504]},
        {"pixel": [640.0, 400.0], "lonlat": [104.0801, 30.6504]},
    ],
    "max_error_m": 2.0,
}


class ControlPointWire(WireModel):
    """One mark in the picture and on the ground."""

    pixel: tuple[Pixel, Pixel]
    lonlat: tuple[Degrees, Degrees]


class FitWire(WireModel):
    """Control points to try."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_FIT]})

    frame_size: tuple[Size, Size]
    control_points: tuple[ControlPointWire, ...] = Field(max_length=64)
    max_error_m: float = Field(2.0, gt=0, le=1000)


class FitFaultWire(WireModel):
    """One thing that is wrong with them, or a hint."""

    kind: TrialFaultKind
    refuses: bool = Field(description="the view cannot be saved like this")
    points: tuple[int, ...] = Field(description="which, counted from 1")
    said: SaidWire

    @classmethod
    def of(cls, fault: TrialFault) -> "FitFaultWire":
        words, values = fault_words(fault.kind, fault.points, fault.value)
        return cls(kind=fault.kind, refuses=fault.kind.refuses, points=fault.points, said=SaidWire.of(words, **values))


class SeenCellWire(WireModel):
    """A cell where the picture shows it."""

    cell: str
    polygon: tuple[tuple[float, float], ...] = Field(description="[x, y] in pixels")


class FitAnswerWire(WireModel):
    """What the points make of the view."""

    usable: bool
    rms_m: float | None
    worst_m: float | None
    errors_m: tuple[float | None, ...]
    faults: tuple[FitFaultWire, ...]
    cells: tuple[SeenCellWire, ...]
    footprint: tuple[tuple[float, float], ...] = Field(description="the ground that is seen, [lon, lat]")

    @classmethod
    def of(cls, trial: Trial) -> "FitAnswerWire":
        return cls(
            usable=trial.usable,
            rms_m=None if trial.rms_m is None else round(trial.rms_m, 3),
            worst_m=None if trial.worst_m is None else round(trial.worst_m, 3),
            errors_m=tuple(None if error is None else round(error, 3) for error in trial.errors_m),
            faults=tuple(FitFaultWire.of(fault) for fault in trial.faults),
            cells=tuple(
                SeenCellWire(cell=seen.cell, polygon=tuple((round(at.x, 1), round(at.y, 1)) for at in seen.polygon))
                for seen in trial.cells
            ),
            footprint=tuple((round(at.x, 7), round(at.y, 7)) for at in trial.footprint),
        )


class GroundCellWire(WireModel):
    """One unit grid, or one finer cell, for the map."""

    code: str
    name: str = ""
    zone: str = ""
    ring: tuple[tuple[float, float], ...] = Field(description="[lon, lat], closed")


class GroundTilesWire(WireModel):
    """A tile server's pictures under that map, where the city has one; its datum's shift is in the numbers."""

    url: str = Field(description="with {z}, {x} and {y}")
    attribution: str
    max_zoom: int
    origin_m: tuple[float, float] = Field(description="where the tiles show the centre, Web Mercator metres")
    east: tuple[float, float] = Field(description="Web Mercator metres for each metre east of the centre")
    north: tuple[float, float] = Field(description="likewise for each metre north")

    @classmethod
    def around(cls, centre: Point, settings: MapSettings) -> "GroundTilesWire":
        plane = tile_plane(centre, settings.datum)
        return cls(
            url=settings.tiles,
            attribution=settings.attribution,
            max_zoom=settings.max_zoom,
            origin_m=(plane.origin.x, plane.origin.y),
            east=(plane.east.x, plane.east.y),
            north=(plane.north.x, plane.north.y),
        )


class GroundWire(WireModel):
    """The grid around a place."""

    centre: tuple[float, float] = Field(description="[lon, lat]")
    units: tuple[GroundCellWire, ...]
    cells: tuple[GroundCellWire, ...] = Field(description="finer cells, where the city has them; those nearest by")
    more: bool = Field(description="not all are told; ask for a smaller radius")
    tiles: GroundTilesWire | None = Field(None, description="None: no tile server is set")
