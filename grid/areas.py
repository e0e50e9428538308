"""Areas drawn by people: on the ground (a permitted stall area), and in a camera's picture (what to overlook there)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry
from shapely.strtree import STRtree

from core.errors import GridError
from core.geometry import Box, Point
from grid.plane import LocalPlane, check_lonlat
from grid.polygons import check_polygon
from grid.units import Ring

MOST_CORNERS = 2000
"""Of one drawn area, all rings together: enough for any street, and a bound on what a request may cost."""
LARGEST_SPAN_M = 20_000.0
"""Side of an area's bounding box; above it the flat map is no longer right, and the area is a slip of the hand."""
_LEAST_AREA_M2 = 0.25
_LEAST_AREA_PX2 = 1.0


@dataclass(frozen=True, slots=True)
class GroundArea:
    """A polygon on the ground, ready to be asked; built by ``ground_area``."""

    rings: tuple[Ring, ...]
    """Lon/lat, closed; the first is the outline, the others are holes."""
    _plane: LocalPlane = field(repr=False, compare=False)
    _polygon: Polygon = field(repr=False, compare=False)

    @property
    def area_m2(self) -> float:
        return float(self._polygon.area)

    def distance_m(self, place: Point) -> float:
        """How far a place (lon/lat) lies outside, metres; 0 inside and on the edge."""
        flat = self._plane.to_metres(place)
        return float(shapely.distance(self._polygon, shapely.Point(flat.x, flat.y)))

    def share_of(self, ring: Ring) -> float:
        """How much of another outline (lon/lat) this area covers, 0 to 1; 0 for an outline without area."""
        other: BaseGeometry = _flat([ring], self._plane)
        if not shapely.is_valid(other):
            other = shapely.make_valid(other)
        if other.area <= 0.0:
            return 0.0
        return min(1.0, float(shapely.intersection(self._polygon, other).area / other.area))

    def as_geometry(self) -> dict[str, object]:
        """GeoJSON (RFC 7946) Polygon."""
        return {"type": "Polygon", "coordinates": [[[place.x, place.y] for place in ring] for ring in self.rings]}

    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees."""
        return _bounds(self.rings[0])


def ground_area(rings: Sequence[Sequence[tuple[float, float]]], where: str) -> GroundArea:
    """An area from its rings of [lon, lat]; a ring that is not closed is closed.

    Raises:
        GridError: no polygon, swapped or projected coordinates, too large, too many corners; ``where`` is named.
    """
    if not rings or sum(len(ring) for ring in rings) > MOST_CORNERS:
        raise GridError(f"{where}: a polygon has 1 outline and at most {MOST_CORNERS} corners; draw it simpler")
    closed = tuple(_closed(ring, where) for ring in rings)
    plane = LocalPlane.around(closed[0])
    check_polygon(closed[0], closed[1:], where)
    polygon = _flat(closed, plane)
    west, south, east, north = polygon.bounds
    if max(east - west, north - south) > LARGEST_SPAN_M:
        raise GridError(
            f"{where}: spans {max(east - west, north - south) / 1000:.0f} km; "
            f"draw areas of at most {LARGEST_SPAN_M / 1000:.0f} km, one for each place"
        )
    if polygon.area < _LEAST_AREA_M2:
        raise GridError(f"{where}: covers only {polygon.area:.3f} m²; check its coordinates")
    return GroundArea(closed, plane, polygon)


class AreaIndex:
    """Which of many areas may touch a place or an outline, by their bounding boxes; immutable."""

    def __init__(self, areas: Sequence[GroundArea]) -> None:
        self._tree = STRtree([shapely.box(*area.bounds()) for area in areas])
        self._count = len(areas)

    def near(self, places: Sequence[Point], margin_m: float = 0.0) -> tuple[int, ...]:
        """Positions (in the order given) of the areas whose box meets the box around the places, in order.

        Args:
            places: lon/lat; empty: none is near.
            margin_m: how much farther to look, metres.
        """
        if not places or not self._count:
            return ()
        west, south, east, north = _bounds(places)
        plane = LocalPlane.at(places[0])
        lon, lat = margin_m / plane.m_per_degree_lon, margin_m / plane.m_per_degree_lat
        found = self._tree.query(shapely.box(west - lon, south - lat, east + lon, north + lat), predicate="intersects")
        return tuple(sorted(int(index) for index in found.tolist()))


@dataclass(frozen=True, slots=True)
class PictureRegion:
    """A part of a camera's picture, source pixels; built by ``picture_region``."""

    polygons: tuple[tuple[Point, ...], ...]
    _shape: BaseGeometry = field(repr=False, compare=False)

    def share_of(self, box: Box) -> float:
        """How much of a box lies in the region, 0 to 1; a box without area counts by its bottom centre."""
        if box.area <= 0.0:
            foot = box.bottom_centre
            return 1.0 if shapely.intersects(self._shape, shapely.Point(foot.x, foot.y)) else 0.0
        return min(1.0, float(shapely.intersection(self._shape, shapely.box(*box.as_xyxy())).area / box.area))


def picture_region(polygons: Sequence[Sequence[tuple[float, float]]], where: str) -> PictureRegion:
    """A region from polygons of [x, y] in source pixels; they may overlap.

    Raises:
        GridError: a polygon that crosses itself, has no area or too many corners; ``where`` is named.
    """
    if not polygons or sum(len(polygon) for polygon in polygons) > MOST_CORNERS:
        raise GridError(f"{where}: a region has 1 or more polygons, at most {MOST_CORNERS} corners; draw it simpler")
    parts: list[Polygon] = []
    kept: list[tuple[Point, ...]] = []
    for number, corners in enumerate(polygons, start=1):
        what = f"{where}: polygon {number}"
        if len(corners) < 3 or not all(math.isfinite(x) and math.isfinite(y) for x, y in corners):
            raise GridError(f"{what}: needs at least 3 corners [x, y] in pixels, all finite; draw it again")
        points = tuple(Point(x, y) for x, y in corners)
        part = check_polygon(points, (), what)
        if part.area < _LEAST_AREA_PX2:
            raise GridError(f"{what}: covers less than a pixel; draw it again")
        parts.append(part)
        kept.append(points)
    return PictureRegion(tuple(kept), shapely.union_all(parts))


def box_outline(box: Box, margin: float) -> tuple[tuple[float, float], ...]:
    """A box's four corners, each side moved out by ``margin`` of the box's own width or height (0.25: a quarter)."""
    wide, high = max(1.0, box.width) * margin, max(1.0, box.height) * margin
    west, north, east, south = box.x0 - wide, box.y0 - high, max(box.x1, box.x0 + 1.0), max(box.y1, box.y0 + 1.0)
    return ((west, north), (east + wide, north), (east + wide, south + high), (west, south + high))


def _closed(ring: Sequence[tuple[float, float]], where: str) -> Ring:
    places = tuple(check_lonlat(lon, lat, where) for lon, lat in ring)
    if places and places[0] != places[-1]:
        places = (*places, places[0])
    if len(places) < 4:
        raise GridError(f"{where}: a ring has at least 3 corners; draw it again")
    return places


def _flat(rings: Sequence[Ring], plane: LocalPlane) -> Polygon:
    pairs = [[(flat.x, flat.y) for flat in map(plane.to_metres, ring)] for ring in rings]
    return Polygon(pairs[0], pairs[1:])


def _bounds(places: Sequence[Point]) -> tuple[float, float, float, float]:
    return (
        min(place.x for place in places),
        min(place.y for place in places),
        max(place.x for place in places),
        max(place.y for place in places),
    )
