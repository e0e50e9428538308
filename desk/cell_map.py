"""A cell's outline as numbers for an inline SVG: north up, metres, no tiles, nothing from the network."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from core.geometry import Point
from desk.cell_facts import CellFacts

METRES_PER_DEGREE = 111_320.0
"""Along a meridian; along a parallel times the cosine of the latitude. Off by < 0.6 %: fine for a sketch of 100 m."""

WIDTH = 480.0
HEIGHT = 340.0
MARGIN = 46.0
SCALE_STEPS_M = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)


@dataclass(frozen=True, slots=True)
class CellMap:
    """Ready for the template: every length in SVG units, rounded; text goes in by the template."""

    code: str
    zone: str
    outline: str
    """``points`` of the polygon."""
    neighbours: tuple[str, ...]
    grid_x: tuple[float, ...]
    grid_y: tuple[float, ...]
    scale_m: int
    scale_units: float
    spot: Point | None
    camera: Point | None
    view_box: str = f"0 0 {WIDTH:g} {HEIGHT:g}"
    width: float = WIDTH
    height: float = HEIGHT


def draw_cell(
    cell: CellFacts,
    neighbours: Sequence[CellFacts] = (),
    spot: Point | None = None,
    camera: Point | None = None,
) -> CellMap | None:
    """Lay a cell out in the picture, or None when its outline is not known.

    Args:
        cell: the cell of the case.
        neighbours: cells around it, drawn faintly; what lies outside the picture is clipped.
        spot: where the violation stands, longitude and latitude in degrees.
        camera: where the camera stands, the same way.
    """
    if len(cell.outline) < 3:
        return None
    framed = [*cell.outline, *(place for place in (spot, camera) if place is not None)]
    west, east = min(p.x for p in framed), max(p.x for p in framed)
    south, north = min(p.y for p in framed), max(p.y for p in framed)
    along_parallel_m = METRES_PER_DEGREE * math.cos(math.radians((south + north) / 2))
    width_m = max((east - west) * along_parallel_m, 1.0)
    height_m = max((north - south) * METRES_PER_DEGREE, 1.0)
    units_per_m = min((WIDTH - 2 * MARGIN) / width_m, (HEIGHT - 2 * MARGIN) / height_m)

    def place(point: Point) -> Point:
        return Point(
            round(WIDTH / 2 + (point.x - (west + east) / 2) * along_parallel_m * units_per_m, 1),
            round(HEIGHT / 2 - (point.y - (south + north) / 2) * METRES_PER_DEGREE * units_per_m, 1),
        )

    def ring(outline: Sequence[Point]) -> str:
        return " ".join(f"{p.x:g},{p.y:g}" for p in map(place, outline))

    scale_m = max((step for step in SCALE_STEPS_M if step * units_per_m <= WIDTH / 3), default=SCALE_STEPS_M[0])
    scale_units = round(scale_m * units_per_m, 1)
    return CellMap(
        code=cell.code,
        zone=cell.zone,
        outline=ring(cell.outline),
        neighbours=tuple(ring(other.outline) for other in neighbours if other.outline and other.code != cell.code),
        grid_x=_lines(WIDTH, scale_units),
        grid_y=_lines(HEIGHT, scale_units),
        scale_m=scale_m,
        scale_units=scale_units,
        spot=place(spot) if spot is not None else None,
        camera=place(camera) if camera is not None else None,
    )


def _lines(length: float, step: float) -> tuple[float, ...]:
    """Positions of faint grid lines, one scale length apart, counted from the middle."""
    half = int(length / 2 / step)
    return tuple(round(length / 2 + k * step, 1) for k in range(-half, half + 1))
