"""A small map of areas on the ground: polygons as numbers for an inline SVG, north up, nothing from the network."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from core.geometry import Point
from desk.cell_map import METRES_PER_DEGREE

WIDTH, HEIGHT, MARGIN = 480.0, 360.0, 18.0
MOST_OUTLINES = 3000
Ring = Sequence[tuple[float, float]]
"""Longitude, latitude in degrees."""


@dataclass(frozen=True, slots=True)
class DrawnArea:
    """One area, as the template draws it."""

    label: str
    path: str
    """``d`` of an SVG path; holes stay empty by the rule evenodd."""
    at: Point


@dataclass(frozen=True, slots=True)
class AreaMap:
    """Ready for the template, SVG units."""

    areas: tuple[DrawnArea, ...]
    units: tuple[str, ...]
    view_box: str = f"0 0 {WIDTH:g} {HEIGHT:g}"
    width: float = WIDTH
    height: float = HEIGHT


def draw_areas(areas: Sequence[tuple[str, Sequence[Ring]]], units: Sequence[Ring] = ()) -> AreaMap | None:
    """Areas over the unit grids; None where there is nothing to draw.

    Args:
        areas: label and rings (the outline, then holes) of each.
        units: outlines drawn faintly; where there are no areas, they are what is framed.
    """
    drawn = [(label, rings) for label, rings in areas if rings and rings[0]]
    framed = [place for _, rings in drawn for place in rings[0]] or [place for ring in units for place in ring]
    if not framed:
        return None
    west, east = min(lon for lon, _ in framed), max(lon for lon, _ in framed)
    south, north = min(lat for _, lat in framed), max(lat for _, lat in framed)
    squeeze = METRES_PER_DEGREE * math.cos(math.radians((south + north) / 2))
    width_m, height_m = max((east - west) * squeeze, 20.0), max((north - south) * METRES_PER_DEGREE, 20.0)
    scale = min((WIDTH - 2 * MARGIN) / width_m, (HEIGHT - 2 * MARGIN) / height_m)

    def place(lonlat: tuple[float, float]) -> tuple[float, float]:
        lon, lat = lonlat
        return (
            round(WIDTH / 2 + (lon - (west + east) / 2) * squeeze * scale, 1),
            round(HEIGHT / 2 - (lat - (south + north) / 2) * METRES_PER_DEGREE * scale, 1),
        )

    def path(rings: Sequence[Ring]) -> str:
        return " ".join("M" + " L".join(f"{x:g} {y:g}" for x, y in map(place, ring)) + " Z" for ring in rings)

    shown = tuple(
        DrawnArea(label, path(rings), Point(*place(_middle(rings[0])))) for label, rings in drawn[:MOST_OUTLINES]
    )
    return AreaMap(shown, tuple(path([ring]) for ring in units[:MOST_OUTLINES]))


def _middle(ring: Ring) -> tuple[float, float]:
    corners = ring[:-1] if len(ring) > 1 and tuple(ring[0]) == tuple(ring[-1]) else ring
    return sum(lon for lon, _ in corners) / len(corners), sum(lat for _, lat in corners) / len(corners)
