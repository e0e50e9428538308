"""How a camera is mounted on its vehicle: from a pixel to the ground beside the car, and back.

The vehicle's frame: the origin on the ground under the receiver's antenna, x to the right, y ahead, metres. A pin-hole
camera over flat ground is a homography (Hartley & Zisserman, Multiple View Geometry, 8.1.1), as in a fixed view.
"""

import math
from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.errors import GridError
from core.geometry import Point
from core.ids import ViewId
from grid.homography import Homography, fit_homography, has_four_corners

_Finite = Annotated[float, Field(allow_inf_nan=False)]
_Angle = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
_Pair = tuple[_Finite, _Finite]
_Row = tuple[float, float, float]


class MarkBeside(BaseModel):
    """One mark on flat ground, known in the picture and by tape measure."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    pixel: _Pair
    """[x, y] in pixels of the calibration frame, y down."""
    right_ahead_m: _Pair
    """[right, ahead] of the point on the ground under the receiver's antenna, metres; left and behind are negative."""


class MountSpec(BaseModel):
    """Where the camera sits and looks: a pin-hole camera by its numbers, or at least 4 marks on the ground."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    frame_size: tuple[Annotated[int, Field(gt=0)], Annotated[int, Field(gt=0)]]
    """[width, height] of the picture that the numbers or marks belong to."""
    height_m: float = Field(gt=0, le=20, allow_inf_nan=False)
    """Of the lens above the ground."""
    pitch_deg: float = Field(default=0.0, gt=-45, lt=90, allow_inf_nan=False)
    """Downwards from level."""
    yaw_deg: _Angle = 0.0
    """To the right of the vehicle's nose: 90 looks to the right side, 180 backwards."""
    roll_deg: float = Field(default=0.0, ge=-45, le=45, allow_inf_nan=False)
    """Clockwise, as seen from behind the camera."""
    hfov_deg: float | None = Field(default=None, gt=1, lt=170, allow_inf_nan=False)
    """Horizontal angle of view of the whole picture ..."""
    focal_px: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    """... or the focal length in pixels of the calibration frame."""
    centre_px: _Pair | None = None
    """Where the optical axis meets the picture; default is its middle."""
    right_m: float = Field(default=0.0, ge=-20, le=20, allow_inf_nan=False)
    """From the receiver's antenna to the lens, to the right ..."""
    ahead_m: float = Field(default=0.0, ge=-20, le=20, allow_inf_nan=False)
    """... and towards the nose."""
    control_points: tuple[MarkBeside, ...] = Field(default=(), max_length=64)
    """At least 4, no three on one line; they replace pitch, yaw, roll, the focal length and the antenna's offset."""
    max_error_m: float = Field(default=0.5, gt=0, allow_inf_nan=False)
    """Largest reprojection error that a mark may have."""
    pitch_error_deg: float = Field(default=0.5, ge=0, le=10, allow_inf_nan=False)
    """How far the car nods on its springs and the mounting angle is known; what most of a far place's error is of."""
    foot_error_px: float = Field(default=4.0, ge=0, allow_inf_nan=False)
    """How exactly a box's lower edge is drawn, pixels of the calibration frame."""

    @model_validator(mode="after")
    def is_given_in_one_way(self) -> Self:
        by_numbers = {"hfov_deg": self.hfov_deg, "focal_px": self.focal_px}
        given = [name for name, value in by_numbers.items() if value is not None]
        if not self.control_points:
            if len(given) != 1:
                raise ValueError("give either hfov_deg or focal_px, or control_points measured beside the car")
            return self
        angles = ("pitch_deg", "yaw_deg", "roll_deg", "centre_px", "right_m", "ahead_m")
        extra = [*given, *(name for name in angles if name in self.model_fields_set)]
        if extra:
            raise ValueError(f"control_points say what {extra[0]} says; keep one of them")
        return self


@dataclass(frozen=True, slots=True, eq=False)
class Mount:
    """A mounted camera, ready to place pixels; built by ``mounted``."""

    frame_size: tuple[int, int]
    height_m: float
    lens: Point
    """On the ground under the lens, in the vehicle's frame."""
    reprojection_error_m: float | None
    """Largest over the marks; None where it was given by numbers."""
    _to_ground: Homography
    _to_pixel: tuple[tuple[float, float, float], ...]
    _pitch_error: float
    _foot_error_px: float

    def to_ground(self, pixel: Point) -> Point | None:
        """Where beside the car a pixel of the calibration frame looks; None on or above the horizon."""
        return self._to_ground.to_ground(pixel)

    def to_pixel(self, ground: Point) -> Point | None:
        """Where in the calibration frame a place beside the car is seen; None behind the camera."""
        x, y, depth = (row[0] * ground.x + row[1] * ground.y + row[2] for row in self._to_pixel)
        if depth <= 1e-9:
            return None
        pixel = Point(x / depth, y / depth)
        return pixel if self._to_ground.depth(pixel) > 1e-9 else None

    def distance_m(self, ground: Point) -> float:
        """From the point under the lens."""
        return math.hypot(ground.x - self.lens.x, ground.y - self.lens.y)

    def spread_m(self, pixel: Point, heading_error_deg: float) -> float:
        """One standard deviation of where a foot stands, without the receiver's own error; inf above the horizon.

        The car's nodding grows with the square of the distance, the heading's and the pixel's share with the distance.
        """
        ground = self.to_ground(pixel)
        if ground is None:
            return math.inf
        range_m = self.distance_m(ground)
        nod_m = (self.height_m**2 + range_m**2) / self.height_m * self._pitch_error
        swing_m = math.hypot(ground.x, ground.y) * math.radians(heading_error_deg)
        return math.hypot(nod_m, swing_m, self._to_ground.metres_per_pixel(pixel) * self._foot_error_px)


def mounted(view_id: ViewId, spec: MountSpec) -> Mount:
    """The mount that the settings describe.

    Raises:
        GridError: it does not see the ground, or the marks do not fix it; the text names the view and the mend.
    """
    where = f"view {view_id}"
    if spec.control_points:
        homography, error_m = _by_marks(spec, where)
        lens = Point(0.0, 0.0)  # the marks do not tell it; the antenna is on the same car
    else:
        homography, error_m = _by_numbers(spec), None
        lens = Point(spec.right_m, spec.ahead_m)
    width, height = spec.frame_size
    if homography.to_ground(Point(width / 2, height)) is None:
        raise GridError(
            f"{where}: the middle of the picture's lower edge is above the horizon; mend: check pitch_deg, "
            "which counts downwards, and hfov_deg"
        )
    return Mount(
        spec.frame_size,
        spec.height_m,
        lens,
        error_m,
        homography,
        _inverse(homography),
        math.radians(spec.pitch_error_deg),
        spec.foot_error_px,
    )


def _by_numbers(spec: MountSpec) -> Homography:
    """The ray of a pixel, cut with the ground: every share of it is linear in (x, y, 1)."""
    width, height = spec.frame_size
    focal = spec.focal_px or width / 2 / math.tan(math.radians(spec.hfov_deg or 90.0) / 2)
    centre = spec.centre_px or (width / 2, height / 2)
    roll, pitch, yaw = (math.radians(angle) for angle in (spec.roll_deg, spec.pitch_deg, spec.yaw_deg))
    across = _linear(centre, math.cos(roll) / focal, -math.sin(roll) / focal, 0.0)
    lower = _linear(centre, math.sin(roll) / focal, math.cos(roll) / focal, 0.0)
    level = (0.0, 0.0, 1.0)
    down = _sum((math.cos(pitch), lower), (math.sin(pitch), level))
    forth = _sum((-math.sin(pitch), lower), (math.cos(pitch), level))
    h = spec.height_m
    right = _sum((h * math.cos(yaw), across), (h * math.sin(yaw), forth), (spec.right_m, down))
    ahead = _sum((-h * math.sin(yaw), across), (h * math.cos(yaw), forth), (spec.ahead_m, down))
    return Homography((right, ahead, down))


def _linear(centre: tuple[float, float], along_x: float, along_y: float, constant: float) -> _Row:
    return along_x, along_y, constant - along_x * centre[0] - along_y * centre[1]


def _sum(*shares: tuple[float, _Row]) -> _Row:
    return (
        math.fsum(factor * row[0] for factor, row in shares),
        math.fsum(factor * row[1] for factor, row in shares),
        math.fsum(factor * row[2] for factor, row in shares),
    )


def _by_marks(spec: MountSpec, where: str) -> tuple[Homography, float]:
    marks = spec.control_points
    if len(marks) < 4:
        raise GridError(f"{where}: {len(marks)} control points are given; mend: give at least 4, better 6 or more")
    pixels = [Point(*mark.pixel) for mark in marks]
    ground = [Point(*mark.right_ahead_m) for mark in marks]
    for points, seen in ((pixels, "in the picture"), (ground, "on the ground")):
        if len(set(points)) < len(points) or (len(points) <= 12 and not has_four_corners(points)):
            raise GridError(
                f"{where}: the control points fix no plane {seen}; mend: mark four places that make a true "
                "quadrilateral, each once"
            )
    homography = fit_homography(pixels, ground)
    if homography is None:
        raise GridError(f"{where}: the control points do not fix the ground; mend: spread them over the picture")
    errors = [_miss_m(homography, pixel, place) for pixel, place in zip(pixels, ground, strict=True)]
    worst = max(range(len(errors)), key=errors.__getitem__)
    if errors[worst] > spec.max_error_m:
        raise GridError(
            f"{where}: control point {worst + 1} is off by {errors[worst]:.2f} m, more than max_error_m = "
            f"{spec.max_error_m:g}; mend: mark it again, or measure it again"
        )
    if not homography.is_seen_from_above:
        raise GridError(
            f"{where}: the control points show the ground mirrored; mend: right is positive, left negative; "
            "ahead is positive, behind negative"
        )
    return homography, errors[worst]


def _miss_m(homography: Homography, pixel: Point, place: Point) -> float:
    found = homography.to_ground(pixel)
    return math.inf if found is None else math.hypot(found.x - place.x, found.y - place.y)


def _inverse(homography: Homography) -> tuple[_Row, _Row, _Row]:
    """Ground to pixel; the third coordinate is positive in front of the camera, where it is one over the depth."""
    (a, b, c), (d, e, f), (g, h, i) = homography.matrix
    size = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    return (
        ((e * i - f * h) / size, (c * h - b * i) / size, (b * f - c * e) / size),
        ((f * g - d * i) / size, (a * i - c * g) / size, (c * d - a * f) / size),
        ((d * h - e * g) / size, (b * g - a * h) / size, (a * e - b * d) / size),
    )
