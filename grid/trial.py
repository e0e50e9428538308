"""Control points tried out while a person sets them: how far each is off, what is wrong, which cells are seen where.

The same mathematics as ``grid.views.calibrate``, which refuses at the first fault; here every fault is told, and what
can be drawn is drawn.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import shapely
from shapely.geometry import Polygon

from core.errors import GridError
from core.geometry import Point
from core.ids import CellId
from grid.cells import CityGrid
from grid.homography import Homography, fit_homography, has_four_corners, is_on_one_line
from grid.plane import LocalPlane, check_lonlat
from grid.projection import GroundInPicture
from grid.views import ControlPoint

LEAST_POINTS = 4
MOST_CELLS = 400
REACH_M = 200.0
_SPREAD_SHARE = 0.04
"""Of the picture: points that span less leave the rest of it to chance."""
_FOUR_CORNER_SEARCH = 12
_SAMPLES_WH = (32, 24)


class TrialFaultKind(StrEnum):
    """What is wrong with control points, in the order in which to mend it."""

    TOO_FEW = "too_few"
    NOT_DEGREES = "not_degrees"
    OUTSIDE_PICTURE = "outside_picture"
    SAME_PIXEL = "same_pixel"
    SAME_PLACE = "same_place"
    LINE_IN_PICTURE = "line_in_picture"
    LINE_ON_GROUND = "line_on_ground"
    NO_FOUR_IN_PICTURE = "no_four_in_picture"
    NO_FOUR_ON_GROUND = "no_four_on_ground"
    NO_FIX = "no_fix"
    BEHIND_HORIZON = "behind_horizon"
    MIRRORED = "mirrored"
    FAR_FROM_CITY = "far_from_city"
    OFF = "off"
    ONLY_FOUR = "only_four"
    """A hint, no refusal: four points have no error by construction."""
    NARROW = "narrow"
    """A hint, no refusal: the points span a small part of the picture."""

    @property
    def refuses(self) -> bool:
        """Whether a view with this fault cannot be saved."""
        return self not in (TrialFaultKind.ONLY_FOUR, TrialFaultKind.NARROW)


@dataclass(frozen=True, slots=True)
class TrialFault:
    """One thing that is wrong."""

    kind: TrialFaultKind
    points: tuple[int, ...] = ()
    """Which points, counted from 1."""
    value: float | None = None
    """too_few: how many are missing; off: metres; far_from_city: metres; narrow: share of the picture."""


@dataclass(frozen=True, slots=True)
class SeenCell:
    """A cell as the picture shows it."""

    cell: CellId
    polygon: tuple[Point, ...]
    """Pixels, cut at the picture's edges."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What control points make of a view."""

    errors_m: tuple[float | None, ...]
    """Of each point, metres on the ground; None where no fit was possible, or it lies behind the horizon."""
    faults: tuple[TrialFault, ...]
    cells: tuple[SeenCell, ...] = ()
    footprint: tuple[Point, ...] = ()
    """The ground that the picture shows, lon/lat, as far as a place can be told there."""

    @property
    def usable(self) -> bool:
        """Whether the view can be saved as it is."""
        return bool(self.errors_m) and not any(fault.kind.refuses for fault in self.faults)

    @property
    def rms_m(self) -> float | None:
        """Root of the mean squared error over the points, metres; None where a point has none."""
        told = [error for error in self.errors_m if error is not None]
        if not told or len(told) < len(self.errors_m):
            return None
        return math.sqrt(math.fsum(error * error for error in told) / len(told))

    @property
    def worst_m(self) -> float | None:
        """Largest error of a point, metres."""
        return max((error for error in self.errors_m if error is not None), default=None)


def try_points(
    points: Sequence[ControlPoint],
    frame_wh: tuple[int, int],
    city: CityGrid,
    max_error_m: float = 2.0,
    max_m_per_px: float = 5.0,
) -> Trial:
    """Fit, and say everything that a person who sets the points must know.

    Args:
        points: in the order of the person's list; faults count from 1.
        frame_wh: width, height of the picture that the pixels are of.
    """
    none: tuple[float | None, ...] = (None,) * len(points)
    faults = _plain_faults(points, frame_wh)
    if any(fault.kind is TrialFaultKind.NOT_DEGREES for fault in faults) or len(points) < LEAST_POINTS:
        return Trial(none, tuple(faults))
    pixels = [Point(*point.pixel) for point in points]
    places = [Point(*point.lonlat) for point in points]
    plane = LocalPlane.around(places)
    ground = [plane.to_metres(place) for place in places]
    faults += _shape_faults(pixels, ground)
    if not any(city.units_near(place, REACH_M) for place in places):
        faults.append(TrialFault(TrialFaultKind.FAR_FROM_CITY, value=REACH_M))
    if any(fault.kind.refuses and fault.kind is not TrialFaultKind.OUTSIDE_PICTURE for fault in faults):
        return Trial(none, tuple(faults))
    homography = fit_homography(pixels, ground)
    if homography is None:
        return Trial(none, (*faults, TrialFault(TrialFaultKind.NO_FIX)))
    errors = tuple(_error_m(homography, pixel, place) for pixel, place in zip(pixels, ground, strict=True))
    faults += _fit_faults(homography, errors, max_error_m)
    if any(fault.kind is TrialFaultKind.MIRRORED for fault in faults) or None in errors:
        return Trial(errors, tuple(faults))
    faults += _hints(pixels, frame_wh)
    seen = _seen_ground(homography, plane, frame_wh, max_m_per_px)
    cells = _cells(homography, plane, frame_wh, city, seen)
    return Trial(errors, tuple(faults), cells, _hull(seen))


def _plain_faults(points: Sequence[ControlPoint], frame_wh: tuple[int, int]) -> list[TrialFault]:
    faults: list[TrialFault] = []
    if len(points) < LEAST_POINTS:
        faults.append(TrialFault(TrialFaultKind.TOO_FEW, value=float(LEAST_POINTS - len(points))))
    wrong = tuple(number for number, point in enumerate(points, 1) if not _is_lonlat(point))
    if wrong:
        faults.append(TrialFault(TrialFaultKind.NOT_DEGREES, wrong))
    outside = tuple(
        number
        for number, point in enumerate(points, 1)
        if not (0 <= point.pixel[0] <= frame_wh[0] and 0 <= point.pixel[1] <= frame_wh[1])
    )
    if outside:
        faults.append(TrialFault(TrialFaultKind.OUTSIDE_PICTURE, outside))
    for kind, marks in (
        (TrialFaultKind.SAME_PIXEL, [point.pixel for point in points]),
        (TrialFaultKind.SAME_PLACE, [point.lonlat for point in points]),
    ):
        faults += [TrialFault(kind, pair) for pair in _twins(marks)]
    return faults


def _is_lonlat(point: ControlPoint) -> bool:
    try:
        check_lonlat(*point.lonlat, "control point")
    except GridError:
        return False
    return True


def _twins(marks: Sequence[tuple[float, float]]) -> list[tuple[int, int]]:
    first: dict[tuple[float, float], int] = {}
    found: list[tuple[int, int]] = []
    for number, mark in enumerate(marks, start=1):
        if mark in first:
            found.append((first[mark], number))
        first.setdefault(mark, number)
    return found


def _shape_faults(pixels: list[Point], ground: list[Point]) -> list[TrialFault]:
    faults: list[TrialFault] = []
    for marks, line, four in (
        (pixels, TrialFaultKind.LINE_IN_PICTURE, TrialFaultKind.NO_FOUR_IN_PICTURE),
        (ground, TrialFaultKind.LINE_ON_GROUND, TrialFaultKind.NO_FOUR_ON_GROUND),
    ):
        if is_on_one_line(marks):
            faults.append(TrialFault(line))
        elif len(marks) <= _FOUR_CORNER_SEARCH and not has_four_corners(marks):
            faults.append(TrialFault(four))
    return faults


def _error_m(homography: Homography, pixel: Point, place: Point) -> float | None:
    found = homography.to_ground(pixel)
    return None if found is None else math.hypot(found.x - place.x, found.y - place.y)


def _fit_faults(homography: Homography, errors: Sequence[float | None], max_error_m: float) -> list[TrialFault]:
    behind = tuple(number for number, error in enumerate(errors, 1) if error is None)
    if behind:
        return [TrialFault(TrialFaultKind.BEHIND_HORIZON, behind)]
    if not homography.is_seen_from_above:
        return [TrialFault(TrialFaultKind.MIRRORED)]
    told = [error or 0.0 for error in errors]
    worst = max(range(len(told)), key=told.__getitem__)
    return [TrialFault(TrialFaultKind.OFF, (worst + 1,), told[worst])] if told[worst] > max_error_m else []


def _hints(pixels: list[Point], frame_wh: tuple[int, int]) -> list[TrialFault]:
    hints = [TrialFault(TrialFaultKind.ONLY_FOUR)] if len(pixels) == LEAST_POINTS else []
    hull = shapely.convex_hull(shapely.MultiPoint([(pixel.x, pixel.y) for pixel in pixels]))
    share = float(hull.area) / (frame_wh[0] * frame_wh[1])
    return [*hints, TrialFault(TrialFaultKind.NARROW, value=share)] if share < _SPREAD_SHARE else hints


def _seen_ground(
    homography: Homography, plane: LocalPlane, frame_wh: tuple[int, int], max_m_per_px: float
) -> list[Point]:
    """Places (lon/lat) all over the picture where one can be told."""
    across, down = _SAMPLES_WH
    found: list[Point] = []
    for row in range(down + 1):
        for column in range(across + 1):
            pixel = Point(column * frame_wh[0] / across, row * frame_wh[1] / down)
            place = homography.to_ground(pixel)
            if place is not None and homography.metres_per_pixel(pixel) <= max_m_per_px:
                found.append(plane.to_lonlat(place))
    return found


def _cells(
    homography: Homography, plane: LocalPlane, frame_wh: tuple[int, int], city: CityGrid, seen: Sequence[Point]
) -> tuple[SeenCell, ...]:
    codes = {cell for cell in map(city.cell_at, seen) if cell is not None}
    picture = GroundInPicture(homography)
    found: list[SeenCell] = []
    for code in sorted(codes)[:MOST_CELLS]:
        ring = [plane.to_metres(place) for place in _dense(city.ring_of(code))]
        outline = picture.outline(ring, frame_wh)
        if outline:
            found.append(SeenCell(code, outline))
    return tuple(found)


def _dense(ring: Sequence[Point]) -> list[Point]:
    """With points between the corners, so that a cut far outside the picture keeps the edge where it is."""
    return [
        Point(one.x + (other.x - one.x) * step / 4, one.y + (other.y - one.y) * step / 4)
        for one, other in pairwise(ring)
        for step in range(4)
    ]


def _hull(seen: Sequence[Point]) -> tuple[Point, ...]:
    hull = shapely.convex_hull(shapely.MultiPoint([(place.x, place.y) for place in seen]))
    if not isinstance(hull, Polygon):
        return ()
    return tuple(Point(float(x), float(y)) for x, y in hull.exterior.coords)
