"""A camera on a car: the pixel of a place and the place of a pixel, against a camera written another way."""

import math
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from core.errors import GridError
from core.geometry import Point
from core.ids import ViewId
from grid.mounts import Mount, MountSpec, mounted

VIEW = ViewId("CAR-07")
SIZE = (1280, 720)

Vector = tuple[float, float, float]


def axes(pitch_deg: float, yaw_deg: float, roll_deg: float) -> tuple[Vector, Vector, Vector]:
    """The camera's right, down and forward as (right, ahead, up) of the vehicle: turned one after the other."""
    right, down, forward = (1.0, 0.0, 0.0), (0.0, 0.0, -1.0), (0.0, 1.0, 0.0)
    pitch, yaw, roll = (math.radians(angle) for angle in (pitch_deg, yaw_deg, roll_deg))
    forward, down = (
        mix(forward, math.cos(pitch), down, math.sin(pitch)),
        mix(down, math.cos(pitch), forward, -math.sin(pitch)),
    )
    right, down = mix(right, math.cos(roll), down, math.sin(roll)), mix(down, math.cos(roll), right, -math.sin(roll))
    return turned(right, yaw), turned(down, yaw), turned(forward, yaw)


def mix(one: Vector, share: float, other: Vector, other_share: float) -> Vector:
    return tuple(a * share + b * other_share for a, b in zip(one, other, strict=True))  # type: ignore[return-value]  # three


def turned(vector: Vector, yaw: float) -> Vector:
    """Clockwise from above."""
    x, y, z = vector
    return (x * math.cos(yaw) + y * math.sin(yaw), y * math.cos(yaw) - x * math.sin(yaw), z)


def truth(spec: MountSpec, ground: Point) -> Point | None:
    """Where a pin-hole camera shows a place on the ground, by dot products."""
    right, down, forward = axes(spec.pitch_deg, spec.yaw_deg, spec.roll_deg)
    away = (ground.x - spec.right_m, ground.y - spec.ahead_m, -spec.height_m)
    depth = sum(a * b for a, b in zip(forward, away, strict=True))
    if depth < 0.3:
        return None
    focal = SIZE[0] / 2 / math.tan(math.radians(spec.hfov_deg or 0.0) / 2)
    x = sum(a * b for a, b in zip(right, away, strict=True)) / depth
    y = sum(a * b for a, b in zip(down, away, strict=True)) / depth
    return Point(SIZE[0] / 2 + focal * x, SIZE[1] / 2 + focal * y)


def spec(**changes: Any) -> MountSpec:
    return MountSpec.model_validate(
        {"frame_size": SIZE, "height_m": 2.2, "pitch_deg": 10.0, "hfov_deg": 70.0} | changes
    )


specs = st.builds(
    spec,
    height_m=st.floats(0.8, 4),
    pitch_deg=st.floats(5, 40),
    yaw_deg=st.floats(-180, 180),
    roll_deg=st.floats(-10, 10),
    hfov_deg=st.floats(40, 110),
    right_m=st.floats(-2, 2),
    ahead_m=st.floats(-5, 5),
)
places = st.builds(Point, st.floats(-30, 30), st.floats(-30, 30))


@given(mount_spec=specs, ground=places)
def test_a_place_goes_to_its_pixel_and_back(mount_spec: MountSpec, ground: Point) -> None:
    mount = mounted(VIEW, mount_spec)
    shown = truth(mount_spec, ground)
    found = mount.to_pixel(ground)
    if shown is None:
        assume(found is None or mount.distance_m(ground) > 0.0)
        return
    assert found is not None
    assert (found.x, found.y) == pytest.approx((shown.x, shown.y), abs=0.01, rel=1e-6)
    back = mount.to_ground(shown)
    assert back is not None
    assert (back.x, back.y) == pytest.approx((ground.x, ground.y), abs=0.01, rel=1e-4)


@given(mount_spec=specs)
def test_what_lies_behind_the_lens_has_no_pixel(mount_spec: MountSpec) -> None:
    mount = mounted(VIEW, mount_spec)
    yaw = math.radians(mount_spec.yaw_deg)
    behind = Point(mount.lens.x - 20 * math.sin(yaw), mount.lens.y - 20 * math.cos(yaw))
    assert mount.to_pixel(behind) is None


def test_the_sky_is_no_place() -> None:
    assert mounted(VIEW, spec()).to_ground(Point(640, 0)) is None


@given(near=st.floats(4, 12), further=st.floats(1, 15))
def test_the_further_a_place_the_less_exactly_it_is_known(near: float, further: float) -> None:
    mount = mounted(VIEW, spec())

    def spread(ahead: float, heading_error_deg: float = 1.0) -> float:
        pixel = mount.to_pixel(Point(0.0, ahead))
        assert pixel is not None
        return mount.spread_m(pixel, heading_error_deg)

    assert spread(near + further) > spread(near)
    assert spread(near, heading_error_deg=3.0) > spread(near)


def marks(mount: Mount, shift_m: float = 0.0) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for index, ground in enumerate([Point(-3, 6), Point(3, 6), Point(-4, 14), Point(4, 14), Point(0, 9)]):
        pixel = mount.to_pixel(ground)
        assert pixel is not None
        found.append(
            {"pixel": [pixel.x, pixel.y], "right_ahead_m": [ground.x + (shift_m if index == 4 else 0), ground.y]}
        )
    return found


def test_marks_measured_beside_the_car_give_the_same_mount_as_its_numbers() -> None:
    by_numbers = mounted(VIEW, spec(yaw_deg=20.0, right_m=0.3))
    by_marks = mounted(
        VIEW, MountSpec.model_validate({"frame_size": SIZE, "height_m": 2.2, "control_points": marks(by_numbers)})
    )
    assert by_marks.reprojection_error_m == pytest.approx(0.0, abs=1e-6)
    one, other = by_numbers.to_ground(Point(500, 600)), by_marks.to_ground(Point(500, 600))
    assert one is not None
    assert other is not None
    assert (one.x, one.y) == pytest.approx((other.x, other.y), abs=1e-3)


def test_a_mark_that_was_measured_wrong_is_named() -> None:
    points = marks(mounted(VIEW, spec()), shift_m=4.0)
    with pytest.raises(GridError, match=r"control point \d is off by .* mend"):
        mounted(VIEW, MountSpec.model_validate({"frame_size": SIZE, "height_m": 2.2, "control_points": points}))


def test_a_camera_that_looks_into_the_sky_is_refused() -> None:
    with pytest.raises(GridError, match="above the horizon; mend"):
        mounted(VIEW, spec(pitch_deg=-40.0))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        pytest.param({"hfov_deg": None}, "either hfov_deg or focal_px", id="no lens"),
        pytest.param({"focal_px": 900.0}, "either hfov_deg or focal_px", id="two lenses"),
        pytest.param({"control_points": [{"pixel": [1, 1], "right_ahead_m": [1, 1]}]}, "keep one", id="both ways"),
    ],
)
def test_a_mount_that_is_given_twice_or_not_at_all_is_refused(changes: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        spec(**changes)
