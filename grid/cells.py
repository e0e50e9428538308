"""The city's ground, cut into cells: which cell a place lies in, and which cells lie near it."""

import math
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path

import shapely
from shapely.geometry import Polygon
from shapely.strtree import STRtree

from core.errors import GridError
from core.geometry import Point
from core.ids import CellId
from grid.codes import SubCell, level_of, split_cell, sub_cell_id
from grid.geojson import parse_units
from grid.plane import LocalPlane
from grid.units import Ring, UnitGrid, Zone

__all__ = ["DEFAULT_OVERLAP_M2", "CityGrid", "Ring", "UnitGrid", "Zone", "load_geojson"]

DEFAULT_OVERLAP_M2 = 10.0
"""Overlap of two unit grids that is taken for drawing: 10 cm (six decimals) along a 100 m edge."""

_OVERLAP_SHARE = 0.01
# Rounded corners leave hairline seams between neighbours; nothing falls through one.
_SEAM_M = 0.01
_LEAST_SUB_CELL_M = 2.0


def load_geojson(
    source: Path | str, *, sub_cell_m: float | None = None, overlap_tolerance_m2: float = DEFAULT_OVERLAP_M2
) -> "CityGrid":
    """The city's grid from a GeoJSON file (a ``Path``) or from GeoJSON text (a ``str``).

    Raises:
        GridError: the file cannot be read or is not a usable grid; the text names file and feature.
    """
    if isinstance(source, str):
        name, text = "unit grids", source
    else:
        name = str(source)
        try:
            text = source.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise GridError(f"{name}: not UTF-8 text; export it as GeoJSON in UTF-8") from error
        except OSError as error:
            raise GridError(f"{name}: cannot be read: {error.strerror}; check the grid file's path") from error
    units = parse_units(text, name)
    return CityGrid(units, sub_cell_m=sub_cell_m, overlap_tolerance_m2=overlap_tolerance_m2)


class CityGrid:
    """All unit grids of a city, found by place; immutable once built.

    With ``sub_cell_m`` each unit grid is cut into squares of that side, counted from the south-west
    corner of its bounding box, so a square's id does not depend on any other unit grid.
    """

    def __init__(
        self,
        units: Sequence[UnitGrid],
        *,
        sub_cell_m: float | None = None,
        overlap_tolerance_m2: float = DEFAULT_OVERLAP_M2,
    ) -> None:
        """
        Args:
            units: at least one, each code once.
            sub_cell_m: side of the finer dedupe cells in metres; None: the unit grid is the cell.
            overlap_tolerance_m2: overlap of two unit grids that is still let pass; never more than
                1 % of the smaller one.

        Raises:
            GridError: no unit grid, a code twice, an overlap, or squares of a size that makes no sense.
        """
        if not units:
            raise GridError("a city grid needs at least one unit grid")
        self._lay(units, sub_cell_m, overlap_tolerance_m2)

    @classmethod
    def empty(cls, *, sub_cell_m: float | None = None) -> "CityGrid":
        """The grid of an installation that has none yet: no place lies in a cell."""
        city = cls.__new__(cls)
        city._lay((), sub_cell_m, DEFAULT_OVERLAP_M2)
        return city

    def _lay(self, units: Sequence[UnitGrid], sub_cell_m: float | None, overlap_tolerance_m2: float) -> None:
        if sub_cell_m is not None and not (math.isfinite(sub_cell_m) and sub_cell_m >= _LEAST_SUB_CELL_M):
            raise GridError(f"sub_cell_m is {sub_cell_m}; give at least {_LEAST_SUB_CELL_M:g} metres, or leave it out")
        self._units = {unit.code: unit for unit in units}
        if len(self._units) != len(units):
            raise GridError("a unit grid's code occurs twice; give each unit grid its own code")
        self._sub_cell_m = sub_cell_m
        self._order = tuple(units)
        self._plane = LocalPlane.around([unit.ring[0] for unit in units] or [Point(0.0, 0.0)])
        self._polygons = [_flat_polygon(unit, self._plane) for unit in units]
        self._tree = STRtree(self._polygons)
        self._corners = {unit.code: _south_west_plane(unit) for unit in units}
        self._flat_by_code = (
            {}
            if sub_cell_m is None
            else {unit.code: _flat_polygon(unit, self._corners[unit.code]) for unit in self._order}
        )
        self._refuse_overlaps(overlap_tolerance_m2)

    def __len__(self) -> int:
        return len(self._order)

    def __iter__(self) -> Iterator[UnitGrid]:
        return iter(self._order)

    def __contains__(self, cell: object) -> bool:
        """Whether this is a dedupe cell of the city: a code, or with ``sub_cell_m`` a square inside one."""
        if not isinstance(cell, str):
            return False
        try:
            code, sub = split_cell(cell)
        except GridError:
            return False
        if code not in self._units or (sub is None) != (self._sub_cell_m is None):
            return False
        return sub is None or self._holds_square(code, sub)

    @property
    def sub_cell_m(self) -> float | None:
        """Side of the dedupe squares in metres; None where the unit grid is the cell."""
        return self._sub_cell_m

    def unit_of(self, cell: CellId) -> UnitGrid:
        """The unit grid that a cell is, or lies in.

        Raises:
            GridError: the city has no such cell; the text carries the nearest known code.
        """
        code, _ = split_cell(cell)
        unit = self._units.get(code)
        if unit is None:
            near = get_close_matches(code, self._units, n=1)
            hint = f"; the nearest known code is {near[0]}" if near else ""
            raise GridError(f"cell {cell}: the city's grid has no unit grid {code}{hint}")
        return unit

    def zone_of(self, cell: CellId) -> Zone:
        """How strictly a cell is kept."""
        return self.unit_of(cell).zone

    def within(self, prefix: str) -> tuple[UnitGrid, ...]:
        """The unit grids of a district, street or community (or the one of a full code), in code order."""
        if len(prefix) >= 14:
            return (self._units[CellId(prefix)],) if prefix in self._units else ()
        level_of(prefix)
        return tuple(self._units[code] for code in sorted(self._units) if code.startswith(prefix))

    def cell_at(self, place: Point) -> CellId | None:
        """The dedupe cell a place (lon/lat) lies in; on a shared edge the lower code; None outside the grid."""
        flat = self._plane.to_metres(place)
        # Edges belong to both neighbours; the lower code takes them, so that every place has one cell.
        codes = self._codes(flat, 0.0) or self._codes(flat, _SEAM_M)
        if not codes:
            return None
        return codes[0] if self._sub_cell_m is None else sub_cell_id(codes[0], self._square_at(codes[0], place))

    def cells_near(self, place: Point, margin_m: float) -> frozenset[CellId]:
        """The dedupe cells within ``margin_m`` metres of a place (lon/lat), the one it lies in among them."""
        codes = self._codes(self._plane.to_metres(place), margin_m)
        own = self.cell_at(place)
        cells = set() if own is None else {own}
        if self._sub_cell_m is None:
            return frozenset(cells.union(codes))
        return frozenset(cells.union(*(self._squares_near(code, place, margin_m) for code in codes)))

    def units_near(self, place: Point, margin_m: float) -> tuple[UnitGrid, ...]:
        """The unit grids within ``margin_m`` metres of a place (lon/lat), in code order."""
        return tuple(self._units[code] for code in self._codes(self._plane.to_metres(place), margin_m))

    def ring_of(self, cell: CellId) -> Ring:
        """A cell's outline, lon/lat, closed: the unit grid's, or the square of a finer cell."""
        unit = self.unit_of(cell)
        _, sub = split_cell(cell)
        if sub is None or self._sub_cell_m is None:
            return unit.ring
        side, plane = self._sub_cell_m, self._corners[unit.code]
        corners = ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))
        return tuple(
            plane.to_lonlat(Point((sub.col + east) * side, (sub.row + north) * side)) for east, north in corners
        )

    def _codes(self, flat: Point, margin_m: float) -> list[CellId]:
        point = shapely.Point(flat.x, flat.y)
        if margin_m > 0.0:
            found = self._tree.query(point, predicate="dwithin", distance=margin_m)
        else:
            found = self._tree.query(point, predicate="intersects")
        return sorted(self._order[index].code for index in found.tolist())

    def _square_at(self, code: CellId, place: Point) -> SubCell:
        flat = self._corners[code].to_metres(place)
        side = self._sub_cell_m or math.inf
        _, _, width_m, height_m = self._flat_by_code[code].bounds
        return SubCell(_index(flat.y, height_m, side), _index(flat.x, width_m, side))

    def _squares_near(self, code: CellId, place: Point, margin_m: float) -> Iterator[CellId]:
        flat = self._corners[code].to_metres(place)
        side = self._sub_cell_m or math.inf
        for row in range(max(0, math.floor((flat.y - margin_m) / side)), math.floor((flat.y + margin_m) / side) + 1):
            for col in range(
                max(0, math.floor((flat.x - margin_m) / side)), math.floor((flat.x + margin_m) / side) + 1
            ):
                east = max(col * side - flat.x, 0.0, flat.x - (col + 1) * side)
                north = max(row * side - flat.y, 0.0, flat.y - (row + 1) * side)
                sub = SubCell(row, col)
                if math.hypot(east, north) <= margin_m and self._holds_square(code, sub):
                    yield sub_cell_id(code, sub)

    def _holds_square(self, code: CellId, sub: SubCell) -> bool:
        side = self._sub_cell_m or math.inf
        west, south = sub.col * side + _SEAM_M, sub.row * side + _SEAM_M
        square = shapely.box(west, south, west + side - 2 * _SEAM_M, south + side - 2 * _SEAM_M)
        return bool(shapely.intersects(square, self._flat_by_code[code]))

    def _refuse_overlaps(self, tolerance_m2: float) -> None:
        if not self._polygons:
            return
        lefts, rights = self._tree.query(self._polygons, predicate="intersects").tolist()
        for left, right in zip(lefts, rights, strict=True):
            if left >= right:
                continue
            one, other = self._polygons[left], self._polygons[right]
            overlap = shapely.intersection(one, other)
            allowed_m2 = min(tolerance_m2, _OVERLAP_SHARE * min(one.area, other.area))
            if overlap.area > allowed_m2:
                middle = self._plane.to_lonlat(Point(overlap.centroid.x, overlap.centroid.y))
                raise GridError(
                    f"unit grids {self._order[left].code} and {self._order[right].code} overlap by "
                    f"{overlap.area:.1f} m² around [{middle.x:.6f}, {middle.y:.6f}]; give them one common edge"
                )


def _index(at_m: float, extent_m: float, side_m: float) -> int:
    """Which square a distance from the corner falls into; the far edge, and rounding, stay in the last one."""
    last = math.ceil((extent_m - _SEAM_M) / side_m) - 1
    return min(max(0, math.floor(at_m / side_m)), last)


def _flat_polygon(unit: UnitGrid, plane: LocalPlane) -> Polygon:
    rings = [[(flat.x, flat.y) for flat in map(plane.to_metres, ring)] for ring in (unit.ring, *unit.holes)]
    return Polygon(rings[0], rings[1:])


def _south_west_plane(unit: UnitGrid) -> LocalPlane:
    return LocalPlane.at(Point(min(place.x for place in unit.ring), min(place.y for place in unit.ring)))
