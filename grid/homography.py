"""From the picture to the ground: the homography that control points fix.

Normalised DLT (Hartley & Zisserman, Multiple View Geometry, 4.4). In normalised coordinates the
origin is the control points' centroid, which lies in front of the camera whenever all of them do; its
scale can therefore be fixed at 1, and what is left is linear least squares.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from core.geometry import Point
from grid.linear import solve_least_squares

_Matrix = tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]]

# Below this share of its length a set of points is a line: 1 % is 0.6 degrees.
_LEAST_THICKNESS = 0.01


@dataclass(frozen=True, slots=True)
class Homography:
    """Pixels (x right, y down) to metres on the ground (x east, y north), both as 3x3 rows.

    Scaled so that the third coordinate is 1 at the control points' centroid: positive in front of
    the camera, 0 on the horizon, negative above it.
    """

    matrix: _Matrix

    def depth(self, pixel: Point) -> float:
        """The third coordinate: positive below the horizon."""
        return self.matrix[2][0] * pixel.x + self.matrix[2][1] * pixel.y + self.matrix[2][2]

    def to_ground(self, pixel: Point) -> Point | None:
        """Where on the ground a pixel looks, in metres; None on or above the horizon."""
        depth = self.depth(pixel)
        if depth <= 1e-9:
            return None
        east, north, _ = self.matrix
        return Point(
            (east[0] * pixel.x + east[1] * pixel.y + east[2]) / depth,
            (north[0] * pixel.x + north[1] * pixel.y + north[2]) / depth,
        )

    def metres_per_pixel(self, pixel: Point) -> float:
        """How far on the ground one pixel reaches here, along its longest direction; inf above the horizon."""
        place, depth = self.to_ground(pixel), self.depth(pixel)
        if place is None:
            return math.inf
        east, north, scale = self.matrix
        # The derivative of a quotient; the longest direction is bounded by the Frobenius norm.
        slopes = [
            (row[axis] - at * scale[axis]) / depth for row, at in ((east, place.x), (north, place.y)) for axis in (0, 1)
        ]
        return math.sqrt(math.fsum(slope * slope for slope in slopes))

    @property
    def is_seen_from_above(self) -> bool:
        """Whether the ground is shown as a camera above it sees it, not mirrored.

        Pixels count downwards and the ground northwards, so a true view turns left into right once:
        its determinant is negative wherever the depth is positive.
        """
        (a, b, c), (d, e, f), (g, h, i) = self.matrix
        return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g) < 0.0


def fit_homography(pixels: Sequence[Point], ground: Sequence[Point]) -> Homography | None:
    """The homography that carries the pixels closest to their places (metres); None where they do not fix one."""
    from_pixels, to_units = _normaliser(pixels), _normaliser(ground)
    matrix: list[tuple[float, ...]] = []
    targets: list[float] = []
    for pixel, place in zip(pixels, ground, strict=True):
        x, y = from_pixels.apply(pixel)
        u, v = to_units.apply(place)
        matrix += [(x, y, 1.0, 0.0, 0.0, 0.0, -u * x, -u * y), (0.0, 0.0, 0.0, x, y, 1.0, -v * x, -v * y)]
        targets += [u, v]
    solution = solve_least_squares(matrix, targets)
    if solution is None:
        return None
    a, b, c, d, e, f, g, h = solution
    # Undo both normalisations: T_ground^-1 @ H @ T_pixel, written out.
    size, centre = 1.0 / to_units.scale, to_units.centre
    rows = (
        (a * size + centre.x * g, b * size + centre.x * h, c * size + centre.x),
        (d * size + centre.y * g, e * size + centre.y * h, f * size + centre.y),
        (g, h, 1.0),
    )
    return Homography((_shift(rows[0], from_pixels), _shift(rows[1], from_pixels), _shift(rows[2], from_pixels)))


def is_on_one_line(points: Sequence[Point]) -> bool:
    """Whether points lie on one line, or in one place, to within 1 % of their extent."""
    one, other = max(combinations(points, 2), key=lambda pair: _distance(*pair))
    extent = _distance(one, other)
    if extent == 0.0:
        return True
    return all(_height(point, one, other) <= _LEAST_THICKNESS * extent for point in points)


def has_four_corners(points: Sequence[Point]) -> bool:
    """Whether some four of the points have no three on one line: what a homography needs."""
    lines = {trio for trio in combinations(range(len(points)), 3) if is_on_one_line([points[index] for index in trio])}
    return any(not any(trio in lines for trio in combinations(four, 3)) for four in combinations(range(len(points)), 4))


@dataclass(frozen=True, slots=True)
class _Normaliser:
    """Moves the centroid to the origin and the mean distance to sqrt(2)."""

    centre: Point
    scale: float

    def apply(self, point: Point) -> tuple[float, float]:
        return (point.x - self.centre.x) * self.scale, (point.y - self.centre.y) * self.scale


def _normaliser(points: Sequence[Point]) -> _Normaliser:
    centre = Point(
        math.fsum(point.x for point in points) / len(points), math.fsum(point.y for point in points) / len(points)
    )
    mean = math.fsum(_distance(point, centre) for point in points) / len(points)
    return _Normaliser(centre, math.sqrt(2.0) / mean if mean > 0.0 else 1.0)


def _shift(row: tuple[float, float, float], normaliser: _Normaliser) -> tuple[float, float, float]:
    along_x, along_y = row[0] * normaliser.scale, row[1] * normaliser.scale
    return along_x, along_y, row[2] - along_x * normaliser.centre.x - along_y * normaliser.centre.y


def _distance(one: Point, other: Point) -> float:
    return math.hypot(one.x - other.x, one.y - other.y)


def _height(point: Point, one: Point, other: Point) -> float:
    """Distance of a point from the line through two others."""
    cross = (other.x - one.x) * (point.y - one.y) - (other.y - one.y) * (point.x - one.x)
    return abs(cross) / _distance(one, other)
