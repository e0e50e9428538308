"""Which ground a fixed camera's view shows: what the map draws, and what counts as covered."""

import math
from dataclasses import dataclass

from core.errors import GridError
from core.geometry import Point
from core.ids import CellId
from grid.codes import split_cell
from grid.homography import Homography, fit_homography
from grid.plane import LocalPlane
from grid.units import Ring
from grid.views import ViewSpec

COLUMNS = 12
"""Strips across the picture whose farthest ground is looked for."""
_HALVINGS = 14
"""Of a strip's height: a 2160-line picture to a fraction of a line."""
_LEAST_FOCAL, _MOST_FOCAL = 0.2, 20.0
"""Focal length over the picture's longer side that a street camera may have."""


@dataclass(frozen=True, slots=True)
class FieldOfView:
    """What of the ground one view shows."""

    cells: tuple[CellId, ...] = ()
    """Unit grids that hand-drawn regions name; how much of them is seen nobody knows."""
    outline: Ring = ()
    """The seen ground, lon/lat, closed; empty for a view tied by regions."""
    foot: Point | None = None
    """The ground below the lens, lon/lat; None where it cannot be told."""


def field_of_view(spec: ViewSpec) -> FieldOfView:
    """What a view shows, from its control points or its regions; of a spec that is not calibrated, nothing.

    Raises:
        GridError: the control points do not fix the ground.
    """
    if spec.regions:
        return FieldOfView(cells=tuple(dict.fromkeys(split_cell(region.cell)[0] for region in spec.regions)))
    if not spec.control_points:
        return FieldOfView()
    pixels = [Point(*point.pixel) for point in spec.control_points]
    places = [Point(*point.lonlat) for point in spec.control_points]
    plane = LocalPlane.around(places)
    homography = fit_homography(pixels, [plane.to_metres(place) for place in places])
    if homography is None:
        raise GridError("the control points do not fix the ground; spread them over the picture")
    width, height = spec.frame_size or (max(each.x for each in pixels), max(each.y for each in pixels))
    seen = _seen_ground(homography, float(width), float(height), spec.max_m_per_px)
    if len(seen) < 3:
        return FieldOfView()
    foot = foot_of(homography, float(width), float(height)) or homography.to_ground(Point(width / 2, float(height)))
    outline = tuple(plane.to_lonlat(place) for place in seen)
    return FieldOfView(outline=(*outline, outline[0]), foot=None if foot is None else plane.to_lonlat(foot))


def foot_of(homography: Homography, width: float, height: float) -> Point | None:
    """The ground below the lens, metres; None where the points do not tell the camera's focal length.

    The picture of what is straight below is the vertical vanishing point: the horizon's pole in a camera with square
    pixels and its axis in the picture's middle (Hartley & Zisserman, Multiple View Geometry, 8.6). The focal length
    follows from east and north being square to each other and of one scale (the same, 8.8: calibration by a plane).
    """
    inverse = _inverse(homography.matrix)
    if inverse is None:
        return None
    cx, cy = width / 2, height / 2
    # The pictures of east and north, counted from the middle.
    east, north = (
        (inverse[0][axis] - cx * inverse[2][axis], inverse[1][axis] - cy * inverse[2][axis], inverse[2][axis])
        for axis in (0, 1)
    )
    # u^T diag(w, w, 1) v for w = 1 / f^2: zero for (east, north), the same for (east, east) and (north, north).
    square = (east[0] * north[0] + east[1] * north[1], east[2] * north[2])
    same = (
        east[0] ** 2 + east[1] ** 2 - north[0] ** 2 - north[1] ** 2,
        east[2] ** 2 - north[2] ** 2,
    )
    weight = square[0] ** 2 + same[0] ** 2
    if weight == 0.0:
        return None
    per_focal_squared = -(square[0] * square[1] + same[0] * same[1]) / weight
    if per_focal_squared <= 0.0:
        return None
    focal = 1.0 / math.sqrt(per_focal_squared)
    if not _LEAST_FOCAL <= focal / max(width, height) <= _MOST_FOCAL:
        return None
    # Where depth is 0 is the horizon; its pole is straight down.
    g, h, i = homography.matrix[2]
    at_middle = g * cx + h * cy + i
    if abs(at_middle) < 1e-12:
        return None
    pole = Point(cx + focal * focal * g / at_middle, cy + focal * focal * h / at_middle)
    return homography.to_ground(pole)


def _seen_ground(homography: Homography, width: float, height: float, max_m_per_px: float) -> list[Point]:
    """The outline of the ground in the picture, metres: the near edge, then the far one back."""

    def is_told(x: float, y: float) -> bool:
        return homography.metres_per_pixel(Point(x, y)) <= max_m_per_px

    near: list[Point] = []
    far: list[Point] = []
    for column in range(COLUMNS + 1):
        x = width * column / COLUMNS
        if not is_told(x, height):
            continue
        told, untold = height, 0.0
        if is_told(x, 0.0):
            told = 0.0
        else:
            for _ in range(_HALVINGS):
                middle = (told + untold) / 2
                told, untold = (middle, untold) if is_told(x, middle) else (told, middle)
        for y, edge in ((height, near), (told, far)):
            ground = homography.to_ground(Point(x, y))
            if ground is not None:
                edge.append(ground)
    # The near edge is a straight line of the picture, and so of the ground.
    return [*near[:1], *near[-1:], *reversed(far)] if len(near) > 1 else []


_Rows = tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]]


def _inverse(matrix: _Rows) -> _Rows | None:
    (a, b, c), (d, e, f), (g, h, i) = matrix
    determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    if determinant == 0.0:
        return None
    return (
        ((e * i - f * h) / determinant, (c * h - b * i) / determinant, (b * f - c * e) / determinant),
        ((f * g - d * i) / determinant, (a * i - c * g) / determinant, (c * d - a * f) / determinant),
        ((d * h - e * g) / determinant, (b * g - a * h) / determinant, (a * e - b * d) / determinant),
    )
