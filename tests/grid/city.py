"""A small made-up city: unit grids of about 100 m x 100 m side by side, as GeoJSON."""

import json
from collections.abc import Mapping, Sequence

from core.geometry import Point
from core.ids import CellId
from grid.cells import CityGrid, load_geojson
from grid.plane import LocalPlane

ORIGIN = Point(104.08, 30.65)
PLANE = LocalPlane.at(ORIGIN)
SIDE_M = 100.0

Feature = dict[str, object]


def code(row: int, col: int) -> CellId:
    """The unit grid in a row (northwards) and column (eastwards)."""
    return CellId(f"510104001001{row * 10 + col + 1:03d}")


def square(south_m: float, west_m: float, side_m: float = SIDE_M) -> list[list[float]]:
    """A closed ring of [lon, lat], metres from the city's south-west corner."""
    corners = ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))
    places = [PLANE.to_lonlat(Point(west_m + east * side_m, south_m + north * side_m)) for east, north in corners]
    return [[place.x, place.y] for place in places]


def feature(
    unit_code: object, ring: Sequence[object], zone: object = "controlled", units: object = None, **properties: object
) -> Feature:
    return {
        "type": "Feature",
        "properties": {"code": unit_code, "name": f"格 {unit_code}", "zone": zone, "units": units or {}, **properties},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def collection(*features: Mapping[str, object]) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features})


def city(rows: int = 2, cols: int = 2, sub_cell_m: float | None = None, zone: str = "controlled") -> CityGrid:
    squares = [
        feature(code(row, col), square(row * SIDE_M, col * SIDE_M), zone) for row in range(rows) for col in range(cols)
    ]
    return load_geojson(collection(*squares), sub_cell_m=sub_cell_m)


def place(east_m: float, north_m: float) -> Point:
    """Lon/lat of a place, metres from the city's south-west corner."""
    return PLANE.to_lonlat(Point(east_m, north_m))
