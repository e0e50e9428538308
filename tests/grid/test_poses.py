"""Where a vehicle was between two fixes: on the line it drove, and silent where nobody can know."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.geometry import Point
from core.positions import Fix
from grid.poses import Pose, PoseGap, PoseRules, pose_at, turn_deg
from tests.grid.city import PLANE

START = datetime(2026, 5, 14, 0, 30, tzinfo=UTC)
RULES = PoseRules()


def fix(at_s: float, east_m: float, north_m: float, **more: float) -> Fix:
    return Fix(START + timedelta(seconds=at_s), PLANE.to_lonlat(Point(east_m, north_m)), **more)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def known(pose: Pose | PoseGap) -> Pose:
    assert isinstance(pose, Pose), pose
    return pose


def straight(heading_deg: float, speed_mps: float, seconds: int = 10, every_s: float = 1.0) -> tuple[Fix, ...]:
    """A drive straight ahead, without a course."""
    towards = math.radians(heading_deg)
    return tuple(
        fix(
            index * every_s,
            math.sin(towards) * speed_mps * index * every_s,
            math.cos(towards) * speed_mps * index * every_s,
        )
        for index in range(int(seconds / every_s) + 1)
    )


def apart_m(one: Point, other: Point) -> float:
    left, right = PLANE.to_metres(one), PLANE.to_metres(other)
    return math.hypot(left.x - right.x, left.y - right.y)


headings = st.floats(0, 359.9)
speeds = st.floats(2, 20)
moments = st.floats(0.5, 9.5)


@given(heading_deg=headings, speed_mps=speeds, moment_s=moments)
def test_a_straight_drive_is_told_exactly_at_any_moment(heading_deg: float, speed_mps: float, moment_s: float) -> None:
    pose = known(pose_at(straight(heading_deg, speed_mps), at(moment_s), RULES))
    towards = math.radians(heading_deg)
    truth = PLANE.to_lonlat(Point(math.sin(towards) * speed_mps * moment_s, math.cos(towards) * speed_mps * moment_s))
    assert apart_m(pose.place, truth) < 0.01
    assert abs(turn_deg(pose.heading_deg, heading_deg)) < 0.1
    assert pose.speed_mps == pytest.approx(speed_mps, rel=1e-3)


@given(one=headings, turn=st.floats(-80, 80), share=st.floats(0, 1), speed_mps=speeds)
def test_a_told_course_goes_the_short_way_also_across_north(
    one: float, turn: float, share: float, speed_mps: float
) -> None:
    fixes = (
        fix(0, 0, 0, course_deg=one, speed_mps=speed_mps),
        fix(1, 0, speed_mps, course_deg=(one + turn) % 360, speed_mps=speed_mps),
    )
    pose = known(pose_at(fixes, at(share), RULES))
    assert abs(turn_deg(pose.heading_deg, one + turn * share)) < 1e-3
    assert 0 <= pose.heading_deg < 360


@given(share=st.floats(0.01, 0.99), gap_s=st.floats(0.2, 3.0))
def test_the_place_lies_between_its_two_fixes_and_is_the_less_known_the_further_from_both(
    share: float, gap_s: float
) -> None:
    fixes = (fix(0, 0, 0, course_deg=90, speed_mps=8), fix(gap_s, 8 * gap_s, 0, course_deg=90, speed_mps=8))
    pose = known(pose_at(fixes, at(gap_s * share), RULES))
    end = known(pose_at(fixes, at(0), RULES))
    assert 0 <= PLANE.to_metres(pose.place).x <= 8 * gap_s + 0.01
    assert pose.error_m >= end.error_m


def test_a_bend_is_told_by_motion_without_leaning_to_one_side() -> None:
    radius_m, speed_mps = 25.0, 7.0
    fixes = tuple(
        fix(step, radius_m * math.sin(angle), radius_m * (1 - math.cos(angle)))
        for step in range(12)
        if (angle := speed_mps * step / radius_m) is not None
    )
    pose = known(pose_at(fixes, at(5.0), RULES))
    truth = 90.0 - math.degrees(speed_mps * 5.0 / radius_m)
    assert abs(turn_deg(pose.heading_deg, truth)) < 0.5


def test_a_vehicle_that_stands_has_no_heading_whatever_course_its_receiver_makes_up() -> None:
    fixes = tuple(fix(step, 0.1 * (step % 2), 0.0, course_deg=217.0, speed_mps=0.1) for step in range(8))
    assert pose_at(fixes, at(3.5), RULES) is PoseGap.STANDING


def test_a_compass_tells_the_heading_of_a_vehicle_that_stands() -> None:
    fixes = (fix(0, 0, 0, heading_deg=359.0), fix(1, 0, 0, heading_deg=1.0))
    assert abs(turn_deg(known(pose_at(fixes, at(0.5), RULES)).heading_deg, 0.0)) < 1e-6


def test_the_compass_goes_before_the_course_so_that_a_vehicle_may_back_up() -> None:
    fixes = tuple(fix(step, 0, -3.0 * step, course_deg=180.0, speed_mps=3.0, heading_deg=0.0) for step in range(3))
    assert known(pose_at(fixes, at(1.5), RULES)).heading_deg == pytest.approx(0.0)


@pytest.mark.parametrize(
    ("moment_s", "reason"),
    [
        pytest.param(-0.1, PoseGap.BEFORE, id="before the track"),
        pytest.param(30.1, PoseGap.AFTER, id="after the track"),
        pytest.param(12.0, PoseGap.GAP, id="in a tunnel"),
    ],
)
def test_a_moment_that_the_track_does_not_reach_is_told_as_such(moment_s: float, reason: PoseGap) -> None:
    fixes = (*straight(0, 5), fix(20, 0, 100), fix(30, 0, 150))
    assert pose_at(fixes, at(moment_s), RULES) is reason


def test_a_jump_of_the_receiver_is_not_driven_along() -> None:
    assert pose_at((fix(0, 0, 0), fix(1, 300, 0)), at(0.5), RULES) is PoseGap.JUMP


def test_an_empty_track_tells_nothing() -> None:
    assert pose_at((), at(0), RULES) is PoseGap.BEFORE


@given(noise=st.lists(st.tuples(st.floats(-0.5, 0.5), st.floats(-0.5, 0.5)), min_size=11, max_size=11))
def test_a_receiver_that_trembles_turns_the_heading_by_no_more_than_its_told_error(
    noise: list[tuple[float, float]],
) -> None:
    fixes = tuple(fix(index, 8.0 * index + east, north) for index, (east, north) in enumerate(noise))
    pose = known(pose_at(fixes, at(5.0), RULES))
    assert abs(turn_deg(pose.heading_deg, 90.0)) <= 3 * pose.heading_error_deg
