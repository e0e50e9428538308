"""A plain layer of square unit grids around a place, for a city that has none at hand yet. Pure."""

from typing import Any

from core.errors import GridError
from core.geometry import Point
from grid.plane import LocalPlane, check_lonlat
from grid.units import Zone

MOST_A_SIDE = 20
LEAST_CELL_M, MOST_CELL_M = 5.0, 1000.0
DIGITS = 7
"""Of a degree: a centimetre, so that neighbours keep one common edge."""


def square_layer(centre: Point, cells_a_side: int, cell_m: float, community: str, name: str) -> dict[str, Any]:
    """A GeoJSON layer of ``cells_a_side`` x ``cells_a_side`` squares, numbered from the south-west, eastwards first.

    Args:
        centre: of the whole square, longitude and latitude in degrees (WGS-84 or CGCS2000).
        cell_m: side of one square, metres.
        community: the first 12 digits of every code.
        name: of the place; each square is called so with its number.

    Raises:
        GridError: the place, the size or the number cannot be; the text names the mend.
    """
    check_lonlat(centre.x, centre.y, "centre")
    if not 1 <= cells_a_side <= MOST_A_SIDE:
        raise GridError(f"cells_a_side is {cells_a_side}; give 1 to {MOST_A_SIDE}")
    if not LEAST_CELL_M <= cell_m <= MOST_CELL_M:
        raise GridError(f"cell_m is {cell_m:g}; give {LEAST_CELL_M:g} to {MOST_CELL_M:g} metres")
    plane, half = LocalPlane.at(centre), cells_a_side / 2
    edges = [(number - half) * cell_m for number in range(cells_a_side + 1)]
    features = []
    for row in range(cells_a_side):
        for column in range(cells_a_side):
            number = row * cells_a_side + column + 1
            west, east, south, north = edges[column], edges[column + 1], edges[row], edges[row + 1]
            corners = ((west, south), (east, south), (east, north), (west, north), (west, south))
            ring = [_lonlat(plane, x, y) for x, y in corners]
            features.append(
                {
                    "type": "Feature",
                    "properties": {
                        "code": f"{community}{number:03d}",
                        "name": f"{name} {number}",
                        "zone": Zone.CONTROLLED.value,
                    },
                    "geometry": {"type": "Polygon", "coordinates": [ring]},
                }
            )
    return {"type": "FeatureCollection", "features": features}


def _lonlat(plane: LocalPlane, x_m: float, y_m: float) -> list[float]:
    place = plane.to_lonlat(Point(x_m, y_m))
    return [round(place.x, DIGITS), round(place.y, DIGITS)]
