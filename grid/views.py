"""A camera's view tied to the ground: from a box in the picture to the cell it stands in."""

import math
from dataclasses import dataclass
from typing import Annotated, Protocol

import shapely
from pydantic import BaseModel, ConfigDict, Field
from shapely.geometry import Polygon

from core.errors import GridError
from core.geometry import Box, Point
from core.ids import CellId, ViewId
from grid.cells import CityGrid
from grid.homography import Homography, fit_homography, has_four_corners, is_on_one_line
from grid.plane import LocalPlane, check_lonlat
from grid.polygons import check_polygon

_Finite = Annotated[float, Field(allow_inf_nan=False)]
_Pair = tuple[_Finite, _Finite]

# Encoders round a height up to their block size: 1088 for 1080 is 0.7 %.
_ASPECT_TOLERANCE = 0.01
# A view none of whose control points is this close to a unit grid was tied to the wrong place.
_REACH_M = 200.0
# How many square pixels two hand-drawn regions may share.
_REGION_OVERLAP_PX2 = 25.0
# Enough for any view; keeps the search for four corners short (12 choose 4 is 495).
_MOST_CONTROL_POINTS = 64
_FOUR_CORNER_SEARCH = 12
_MOST_MASKS = 50


class ControlPoint(BaseModel):
    """One mark that is known both in the picture and on the ground."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    pixel: _Pair
    """[x, y] in pixels of the calibration frame, y down."""
    lonlat: _Pair
    """[lon, lat] in degrees, WGS-84 or CGCS2000."""


class ImageRegion(BaseModel):
    """A hand-drawn part of the picture that shows one cell."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    cell: CellId
    """Code of the unit grid that the part shows."""
    polygon: tuple[_Pair, ...] = Field(min_length=3)
    """Corners [x, y] in pixels of the calibration frame; the last need not repeat the first."""


class ViewSpec(BaseModel):
    """How one view is tied to the ground: by at least 4 control points, or by image regions."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    control_points: tuple[ControlPoint, ...] = Field(default=(), max_length=_MOST_CONTROL_POINTS)
    """At least 4, no three on one line; with exactly 4 the reprojection error is 0 by construction,
    so give 5 or more to have clicks checked."""
    regions: tuple[ImageRegion, ...] = ()
    masks: tuple[Annotated[tuple[_Pair, ...], Field(min_length=3, max_length=200)], ...] = Field(
        default=(), max_length=_MOST_MASKS
    )
    """Parts of the picture that are not looked at (a private yard, a screen, a shop window): polygons of [x, y] in
    pixels of the calibration frame. What stands in one, by its bottom centre, is not placed."""
    max_error_m: float = Field(default=2.0, gt=0, allow_inf_nan=False)
    """Largest reprojection error that a control point may have, metres."""
    frame_size: tuple[Annotated[int, Field(gt=0)], Annotated[int, Field(gt=0)]] | None = None
    """[width, height] of the picture the pixels were read from. Without it, pixels are taken as they
    come, and a feed that changes its size is not noticed."""
    edge_margin_m: float = Field(default=3.0, ge=0, allow_inf_nan=False)
    """A thing this close to a cell's edge may belong to the neighbour (control points), metres."""
    edge_margin_px: float = Field(default=12.0, ge=0, allow_inf_nan=False)
    """The same for image regions, pixels of the calibration frame."""
    max_m_per_px: float = Field(default=5.0, gt=0, allow_inf_nan=False)
    """Where one pixel reaches farther than this (towards the horizon) a place is not told, metres."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a thing stands."""

    cell: CellId
    near_cells: frozenset[CellId]
    """Other cells whose edge is within the view's margin; never ``cell`` itself."""
    ground: Point | None
    """Lon/lat; None in a view tied by image regions."""


class _Tie(Protocol):
    """How a pixel of the calibration frame finds its cell."""

    def place(self, pixel: Point) -> Placement | None: ...


@dataclass(frozen=True, slots=True, eq=False)
class ViewCalibration:
    """A view that is ready to place boxes; built by ``calibrate``."""

    view_id: ViewId
    reprojection_error_m: float | None
    """Largest over the control points, metres on the ground; None in a view tied by image regions."""
    frame_size: tuple[int, int] | None
    _tie: _Tie
    _masks: tuple[Polygon, ...] = ()

    def locate(self, box: Box, frame_wh: tuple[int, int]) -> CellId | None:
        """The cell a box (source pixels) stands in; None above the horizon or outside every cell."""
        placement = self.place(box, frame_wh)
        return None if placement is None else placement.cell

    def place(self, box: Box, frame_wh: tuple[int, int]) -> Placement | None:
        """Where a box stands by its bottom centre, with the cells near by.

        Args:
            box: source pixels of a frame ``frame_wh`` (width, height) in size.

        Raises:
            GridError: the frame has another shape than the picture this view was calibrated on.
        """
        scale_x, scale_y = self.scale_of(frame_wh)
        foot = box.bottom_centre
        pixel = Point(foot.x * scale_x, foot.y * scale_y)
        return None if self._is_masked(pixel) else self._tie.place(pixel)

    def _is_masked(self, pixel: Point) -> bool:
        if not self._masks:
            return False
        point = shapely.Point(pixel.x, pixel.y)
        return any(shapely.intersects(mask, point) for mask in self._masks)

    def scale_of(self, frame_wh: tuple[int, int]) -> tuple[float, float]:
        """What a frame's x and y are multiplied by to become pixels of the calibration frame.

        Raises:
            GridError: the frame has another shape than the picture this view was calibrated on.
        """
        if self.frame_size is None or frame_wh == self.frame_size:
            return 1.0, 1.0
        width, height = frame_wh
        if width <= 0 or height <= 0:
            raise GridError(f"view {self.view_id}: a frame of {width}x{height} pixels shows nothing")
        scale_x, scale_y = self.frame_size[0] / width, self.frame_size[1] / height
        if abs(scale_x / scale_y - 1.0) > _ASPECT_TOLERANCE:
            raise GridError(
                f"view {self.view_id}: the frame is {width}x{height}, but the view was calibrated on "
                f"{self.frame_size[0]}x{self.frame_size[1]}, another shape; set the camera back, or calibrate again"
            )
        return scale_x, scale_y


def calibrate(view_id: ViewId, spec: ViewSpec, city_grid: CityGrid) -> ViewCalibration:
    """Ties a view to the ground.

    Raises:
        GridError: the points or regions cannot tie it; the text names the view, the point and the mend.
    """
    where = f"view {view_id}"
    if spec.control_points and spec.regions:
        raise GridError(f"{where}: both control points and regions are given; keep one of them")
    if spec.regions:
        tied = _tie_by_regions(spec, city_grid, where)
        return ViewCalibration(view_id, None, spec.frame_size, tied, _masks_of(spec, where))
    if len(spec.control_points) < 4:
        raise GridError(
            f"{where}: {len(spec.control_points)} control points are given; "
            "give at least 4 (6 or more spread over the picture are better), or draw regions"
        )
    if city_grid.sub_cell_m is not None and 2 * spec.edge_margin_m >= city_grid.sub_cell_m:
        raise GridError(
            f"{where}: edge_margin_m = {spec.edge_margin_m:g} leaves no inside to cells of sub_cell_m = "
            f"{city_grid.sub_cell_m:g}; make the margin less than half of it"
        )
    tie, error_m = _tie_by_points(spec, city_grid, where)
    return ViewCalibration(view_id, error_m, spec.frame_size, tie, _masks_of(spec, where))


@dataclass(frozen=True, slots=True, eq=False)
class _GroundTie:
    homography: Homography
    plane: LocalPlane
    city_grid: CityGrid
    edge_margin_m: float
    max_m_per_px: float

    def place(self, pixel: Point) -> Placement | None:
        flat = self.homography.to_ground(pixel)
        if flat is None or self.homography.metres_per_pixel(pixel) > self.max_m_per_px:
            return None
        ground = self.plane.to_lonlat(flat)
        cell = self.city_grid.cell_at(ground)
        if cell is None:
            return None
        return Placement(cell, self.city_grid.cells_near(ground, self.edge_margin_m) - {cell}, ground)


@dataclass(frozen=True, slots=True, eq=False)
class _RegionTie:
    regions: tuple[tuple[CellId, Polygon], ...]
    edge_margin_px: float

    def place(self, pixel: Point) -> Placement | None:
        point = shapely.Point(pixel.x, pixel.y)
        cell = next((cell for cell, polygon in self.regions if shapely.intersects(polygon, point)), None)
        if cell is None:
            return None
        near = (cell for cell, polygon in self.regions if shapely.dwithin(polygon, point, self.edge_margin_px))
        return Placement(cell, frozenset(near) - {cell}, None)


def _tie_by_points(spec: ViewSpec, city_grid: CityGrid, where: str) -> tuple[_GroundTie, float]:
    pixels = [Point(*point.pixel) for point in spec.control_points]
    places = [
        check_lonlat(*point.lonlat, f"{where}: control point {number}")
        for number, point in enumerate(spec.control_points, start=1)
    ]
    _check_in_frame(pixels, spec.frame_size, f"{where}: control point")
    if not any(city_grid.cells_near(place, _REACH_M) for place in places):
        raise GridError(
            f"{where}: no control point lies within {_REACH_M:g} m of a unit grid; "
            "check their lon/lat, or the grid file"
        )
    plane = LocalPlane.around(places)
    ground = [plane.to_metres(place) for place in places]
    _refuse_degenerate(pixels, ground, where)
    homography = fit_homography(pixels, ground)
    if homography is None:
        raise GridError(f"{where}: the control points do not fix the ground; spread them over the picture")
    error_m = _check_fit(homography, pixels, ground, spec.max_error_m, where)
    return _GroundTie(homography, plane, city_grid, spec.edge_margin_m, spec.max_m_per_px), error_m


def _refuse_degenerate(pixels: list[Point], ground: list[Point], where: str) -> None:
    for points, of in ((pixels, "pixel"), (ground, "lon/lat")):
        first: dict[Point, int] = {}
        for number, point in enumerate(points, start=1):
            if point in first:
                raise GridError(
                    f"{where}: control points {first[point]} and {number} have the same {of}; mark another place"
                )
            first[point] = number
        where_seen = "in the picture" if points is pixels else "on the ground"
        if is_on_one_line(points):
            raise GridError(f"{where}: the control points lie on one line {where_seen}; add some beside it")
        if len(points) <= _FOUR_CORNER_SEARCH and not has_four_corners(points):
            raise GridError(
                f"{where}: of any four control points three lie on one line {where_seen}; "
                "move or add one so that four make a true quadrilateral"
            )


def _check_fit(
    homography: Homography, pixels: list[Point], ground: list[Point], max_error_m: float, where: str
) -> float:
    errors: list[float] = []
    for number, (pixel, place) in enumerate(zip(pixels, ground, strict=True), start=1):
        found = homography.to_ground(pixel)
        if found is None:
            raise GridError(
                f"{where}: control point {number} at pixel [{pixel.x:g}, {pixel.y:g}] falls behind the horizon; "
                "mark places on the ground only, and check that no two points are swapped"
            )
        errors.append(math.hypot(found.x - place.x, found.y - place.y))
    worst = max(range(len(errors)), key=errors.__getitem__)
    if errors[worst] > max_error_m:
        raise GridError(
            f"{where}: control point {worst + 1} is off by {errors[worst]:.2f} m, more than max_error_m = "
            f"{max_error_m:g}; mark it again, or check its lon/lat"
        )
    if not homography.is_seen_from_above:
        raise GridError(
            f"{where}: the control points show the ground mirrored, as seen from below; "
            "check that left and right, or near and far, are not swapped"
        )
    return errors[worst]


def _tie_by_regions(spec: ViewSpec, city_grid: CityGrid, where: str) -> _RegionTie:
    regions: list[tuple[CellId, Polygon]] = []
    for number, region in enumerate(spec.regions, start=1):
        name = f"{where}: region {number} (cell {region.cell})"
        if region.cell not in city_grid:
            raise GridError(f"{name}: {_why_no_cell(region.cell, city_grid)}")
        corners = [Point(*corner) for corner in region.polygon]
        _check_in_frame(corners, spec.frame_size, f"{name}: corner")
        polygon = check_polygon(corners, (), name)
        for other_number, (cell, other) in enumerate(regions, start=1):
            shared = shapely.intersection(polygon, other).area if cell != region.cell else 0.0
            if shared > _REGION_OVERLAP_PX2:
                raise GridError(
                    f"{name} overlaps region {other_number} (cell {cell}) by {shared:.0f} square pixels; "
                    "a pixel shows one cell"
                )
        regions.append((region.cell, polygon))
    return _RegionTie(tuple(regions), spec.edge_margin_px)


def _masks_of(spec: ViewSpec, where: str) -> tuple[Polygon, ...]:
    found: list[Polygon] = []
    for number, mask in enumerate(spec.masks, start=1):
        corners = [Point(*corner) for corner in mask]
        _check_in_frame(corners, spec.frame_size, f"{where}: mask {number}: corner")
        found.append(check_polygon(corners, (), f"{where}: mask {number}"))
    return tuple(found)


def _why_no_cell(cell: CellId, city_grid: CityGrid) -> str:
    try:
        unit = city_grid.unit_of(cell)
    except GridError as error:
        return str(error)
    if city_grid.sub_cell_m is None:
        return f"sub_cell_m is not set, so the cell is the unit grid; write {unit.code}"
    return f"sub_cell_m is {city_grid.sub_cell_m:g}, so a cell is a square inside it; write {unit.code}/<row>-<col>"


def _check_in_frame(points: list[Point], frame_size: tuple[int, int] | None, what: str) -> None:
    for number, point in enumerate(points, start=1):
        if frame_size and not (0.0 <= point.x <= frame_size[0] and 0.0 <= point.y <= frame_size[1]):
            raise GridError(
                f"{what} {number} at pixel [{point.x:g}, {point.y:g}] lies outside the frame of "
                f"{frame_size[0]}x{frame_size[1]}; check it, or frame_size"
            )
