"""The city as a map draws it: the outlines of its communities, streets and districts, and what cameras see of it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import shapely
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.strtree import STRtree

from core.geometry import Point
from core.ids import CellId
from grid.cells import CityGrid
from grid.codes import Level
from grid.fields_of_view import FieldOfView
from grid.plane import LocalPlane
from grid.units import Ring

LEVELS = (Level.COMMUNITY, Level.STREET, Level.DISTRICT)
"""From the finest up; each is put together from the one before."""

_SEAM_M = 0.5
"""Neighbours that were drawn a little apart still make one area."""
_SMOOTH_M = 0.5


@dataclass(frozen=True, slots=True)
class LevelArea:
    """A district, street or community as far as its unit grids reach."""

    code: str
    level: Level
    grids: int
    """Unit grids in it."""
    rings: tuple[Ring, ...]
    """Outer rings, lon/lat, closed; several where its grids lie apart."""
    label: Point
    """A place inside the largest of them, lon/lat."""


@dataclass(frozen=True, slots=True)
class CellCover:
    """How much of a unit grid cameras see."""

    cameras: int
    share: float
    """Of its area, 0 to 1, by the views whose ground is known; those tied by hand-drawn regions add nothing."""


class CityLayout:
    """Polygons of every unit grid on one plane, ready to be gathered and cut; immutable once built."""

    def __init__(self, city: CityGrid) -> None:
        self._codes = [unit.code for unit in city]
        self._plane = LocalPlane.around([unit.ring[0] for unit in city])
        self._polygons = [Polygon(self._flat(unit.ring), [self._flat(hole) for hole in unit.holes]) for unit in city]
        self._tree = STRtree(self._polygons)

    def areas(self) -> tuple[LevelArea, ...]:
        """Every community, street and district, each level in code order."""
        found: list[LevelArea] = []
        standing: dict[str, BaseGeometry] = dict(zip(self._codes, self._polygons, strict=True))
        counts: dict[str, int] = dict.fromkeys(self._codes, 1)
        for level in LEVELS:
            parts: defaultdict[str, list[BaseGeometry]] = defaultdict(list)
            grids: defaultdict[str, int] = defaultdict(int)
            for code, shape in standing.items():
                above = code[: _DIGITS[level]]
                parts[above].append(shape)
                grids[above] += counts[code]
            standing = {code: _together(shapes) for code, shapes in sorted(parts.items())}
            counts = dict(grids)
            found += [self._area(code, level, counts[code], shape) for code, shape in standing.items()]
        return tuple(found)

    def cover(self, fields: Iterable[FieldOfView]) -> Mapping[CellId, CellCover]:
        """What these views see together; unit grids that none of them shows are left out."""
        seen: defaultdict[CellId, list[BaseGeometry]] = defaultdict(list)
        cameras: defaultdict[CellId, int] = defaultdict(int)
        for field in fields:
            named = set(field.cells)
            if field.outline:
                ground = shapely.make_valid(Polygon(self._flat(field.outline)))
                for index in self._tree.query(ground, predicate="intersects").tolist():
                    part = shapely.intersection(self._polygons[index], ground)
                    if part.area > 0.0:
                        seen[self._codes[index]].append(part)
                        named.add(self._codes[index])
            for code in named:
                cameras[code] += 1
        areas = {code: self._polygons[number].area for number, code in enumerate(self._codes)}
        return {
            code: CellCover(count, min(1.0, shapely.union_all(seen[code]).area / areas[code]) if code in seen else 0.0)
            for code, count in cameras.items()
            if code in areas
        }

    def _flat(self, ring: Iterable[Point]) -> list[tuple[float, float]]:
        return [(flat.x, flat.y) for flat in map(self._plane.to_metres, ring)]

    def _area(self, code: str, level: Level, grids: int, shape: BaseGeometry) -> LevelArea:
        parts = sorted(_polygons_of(shape), key=lambda part: part.area, reverse=True)
        inside = shapely.point_on_surface(parts[0])
        return LevelArea(
            code=code,
            level=level,
            grids=grids,
            rings=tuple(tuple(self._plane.to_lonlat(Point(x, y)) for x, y in part.exterior.coords) for part in parts),
            label=self._plane.to_lonlat(Point(inside.x, inside.y)),
        )


_DIGITS = {Level.DISTRICT: 6, Level.STREET: 9, Level.COMMUNITY: 12}


def _together(shapes: list[BaseGeometry]) -> BaseGeometry:
    """One shape of many, seams between neighbours closed."""
    wide = [shapely.buffer(shape, _SEAM_M, join_style="mitre") for shape in shapes]
    joined = shapely.buffer(shapely.union_all(wide), -_SEAM_M, join_style="mitre")
    return shapely.simplify(joined, _SMOOTH_M) if not joined.is_empty else shapely.union_all(shapes)


def _polygons_of(shape: BaseGeometry) -> list[Polygon]:
    if isinstance(shape, Polygon):
        return [shape]
    if isinstance(shape, MultiPolygon):
        return list(shape.geoms)
    return [part for part in getattr(shape, "geoms", ()) if isinstance(part, Polygon)]
