"""The ground seen in the picture: a cell's outline on the street, drawn where a camera shows it."""

from collections.abc import Callable, Sequence

from core.geometry import Point
from grid.homography import Homography

_Triple = tuple[float, float, float]

# Ground nearer to the camera's foot than this share of the control points' distance would be drawn at infinity.
_LEAST_NEARNESS = 0.02
_LEAST_AREA_PX2 = 12.0


class GroundInPicture:
    """The way back of a homography: metres on the ground (x east, y north) to pixels (x right, y down)."""

    def __init__(self, homography: Homography) -> None:
        self._rows = _inverse(homography.matrix)

    def to_pixel(self, place: Point) -> Point | None:
        """Where a place is seen; None beside or behind the camera."""
        depth = self._nearness(place)
        if depth <= _LEAST_NEARNESS:
            return None
        (a, b, c), (d, e, f), _ = self._rows
        return Point((a * place.x + b * place.y + c) / depth, (d * place.x + e * place.y + f) / depth)

    def outline(self, ring: Sequence[Point], frame_wh: tuple[int, int]) -> tuple[Point, ...]:
        """A ring on the ground as the picture shows it, cut at the picture's edges; empty where it is not seen.

        Args:
            ring: metres; closed or not.
            frame_wh: width, height of the picture in pixels.
        """
        corners = list(ring[:-1]) if len(ring) > 1 and ring[0] == ring[-1] else list(ring)
        before = _cut(corners, lambda place: self._nearness(place) - 2 * _LEAST_NEARNESS)
        seen = [pixel for pixel in map(self.to_pixel, before) if pixel is not None]
        width, height = float(frame_wh[0]), float(frame_wh[1])
        for side in (
            lambda pixel: pixel.x,
            lambda pixel: width - pixel.x,
            lambda pixel: pixel.y,
            lambda pixel: height - pixel.y,
        ):
            seen = _cut(seen, side)
        return tuple(seen) if abs(area_of(seen)) >= _LEAST_AREA_PX2 else ()

    def _nearness(self, place: Point) -> float:
        """1 at the control points' middle, greater farther off, 0 at the camera's foot, negative behind it."""
        g, h, i = self._rows[2]
        return g * place.x + h * place.y + i


def area_of(ring: Sequence[Point]) -> float:
    """Signed area of a ring, in the unit of its points squared."""
    pairs = zip(ring, [*ring[1:], *ring[:1]], strict=True)
    return sum(one.x * other.y - other.x * one.y for one, other in pairs) / 2


def _cut(ring: Sequence[Point], inside: Callable[[Point], float]) -> list[Point]:
    """What of a ring lies on one side of a line (Sutherland and Hodgman); ``inside`` is negative on the other side."""
    kept: list[Point] = []
    for place, following in zip(ring, [*ring[1:], *ring[:1]], strict=True):
        here, there = inside(place), inside(following)
        if here >= 0:
            kept.append(place)
        if (here < 0) != (there < 0):
            share = here / (here - there)
            kept.append(Point(place.x + (following.x - place.x) * share, place.y + (following.y - place.y) * share))
    return kept


def _inverse(matrix: tuple[_Triple, _Triple, _Triple]) -> tuple[_Triple, _Triple, _Triple]:
    """Of a homography, scaled so that its third coordinate is the reciprocal of the depth; never singular there."""
    (a, b, c), (d, e, f), (g, h, i) = matrix
    determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    scale = 1.0 / determinant
    return (
        ((e * i - f * h) * scale, (c * h - b * i) * scale, (b * f - c * e) * scale),
        ((f * g - d * i) * scale, (a * i - c * g) * scale, (c * d - a * f) * scale),
        ((d * h - e * g) * scale, (b * g - a * h) * scale, (a * e - b * d) * scale),
    )
