"""Where a vehicle stood and looked when the light fell on the sensor: between two fixes of its receiver."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from pydantic import BaseModel, ConfigDict, Field

from core.geometry import Point
from core.positions import Fix
from grid.plane import LocalPlane

# What a car's acceleration adds between two fixes at most: hard braking and tight corners, m/s2.
_ACCELERATION_MPS2 = 3.0
# Doppler noise of a receiver's velocity, and how far two neighbouring fixes stray from each other.
_VELOCITY_NOISE_MPS = 0.1
_STRAY_M = 0.7
# A car does not turn more between two fixes that are usable at all.
_MOST_TURN_DEG = 90.0


class PoseRules(BaseModel):
    """When a track says enough of a moment; part of a camera's ``[vehicle]`` section."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    max_gap_s: float = Field(default=3.0, gt=0, le=60, allow_inf_nan=False)
    """Nothing is told of a moment between two fixes that are further apart than this."""
    min_speed_mps: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    """Slower than this the vehicle counts as standing, and its course says nothing."""
    max_speed_mps: float = Field(default=45.0, gt=0, allow_inf_nan=False)
    """Two fixes that would need more speed than this are a jump of the receiver."""
    heading_window_s: float = Field(default=2.0, gt=0, le=30, allow_inf_nan=False)
    """Without a course the heading comes from the motion within so many seconds before and after."""
    min_move_m: float = Field(default=3.0, gt=0, allow_inf_nan=False)
    """... which must have covered this much."""
    position_error_m: float = Field(default=3.0, ge=0, allow_inf_nan=False)
    """Of a fix that does not tell its own."""
    course_error_deg: float = Field(default=1.0, ge=0, le=45, allow_inf_nan=False)
    """Of a course or heading, at speed; how exactly the camera's own direction is known belongs to it."""
    clock_error_s: float = Field(default=0.1, ge=0, allow_inf_nan=False)
    """How far camera and receiver may disagree on the time."""


class PoseGap(StrEnum):
    """Why nothing is told of a moment."""

    BEFORE = "before_track"
    """It lies before the first fix that is known."""
    AFTER = "after_track"
    """It lies after the last fix that is known: a live track may still come to it."""
    GAP = "gap"
    """The fixes around it are too far apart in time."""
    JUMP = "jump"
    """The fixes around it cannot both be true."""
    STANDING = "no_heading"
    """It stood still, and nothing tells where it looked."""


@dataclass(frozen=True, slots=True)
class Pose:
    """A vehicle at one moment."""

    at: datetime
    place: Point
    """Lon/lat of the receiver's antenna."""
    heading_deg: float
    """Clockwise from true north, 0 to 360."""
    speed_mps: float
    error_m: float
    """One standard deviation of the place, metres."""
    heading_error_deg: float


def pose_at(fixes: Sequence[Fix], at: datetime, rules: PoseRules) -> Pose | PoseGap:
    """The pose at one moment.

    The place goes straight from one fix to the next. The heading is, in this order: the vehicle's own where the fixes
    tell it; the course over ground while it moves; the direction of its motion around the moment.

    Args:
        fixes: in the order of time, each moment once; those around ``at`` are enough (``heading_window_s`` each way
            and one more).
    """
    before = next((fix for fix in reversed(fixes) if fix.at <= at), None)
    after = next((fix for fix in fixes if fix.at >= at), None)
    if before is None:
        return PoseGap.BEFORE
    if after is None:
        return PoseGap.AFTER
    gap_s = (after.at - before.at).total_seconds()
    if gap_s > rules.max_gap_s:
        return PoseGap.GAP
    plane = LocalPlane.at(before.place)
    step = plane.to_metres(after.place)
    speed_mps = _speed(before, after, math.hypot(step.x, step.y), gap_s, fixes, rules)
    if speed_mps > rules.max_speed_mps:
        return PoseGap.JUMP
    told = _told_heading(before, after, at, speed_mps, rules) or _motion_heading(fixes, at, plane, rules)
    if told is None:
        return PoseGap.STANDING
    share = 0.0 if gap_s == 0.0 else (at - before.at).total_seconds() / gap_s
    place = plane.to_lonlat(Point(step.x * share, step.y * share))
    return Pose(at, place, told[0] % 360.0, speed_mps, _error_m(before, after, share, gap_s, speed_mps, rules), told[1])


def turn_deg(one: float, other: float) -> float:
    """From one direction to the other the short way, degrees, -180 to 180, clockwise positive."""
    return (other - one + 180.0) % 360.0 - 180.0


def _speed(before: Fix, after: Fix, moved_m: float, gap_s: float, fixes: Sequence[Fix], rules: PoseRules) -> float:
    if gap_s > 0.0:
        return moved_m / gap_s
    if before.speed_mps is not None:
        return before.speed_mps
    near = [fix for fix in fixes if 0.0 < abs((fix.at - before.at).total_seconds()) <= rules.max_gap_s]
    plane = LocalPlane.at(before.place)
    speeds = [math.hypot(*_xy(plane.to_metres(fix.place))) / abs((fix.at - before.at).total_seconds()) for fix in near]
    return max(speeds, default=0.0)


def _told_heading(
    before: Fix, after: Fix, at: datetime, speed_mps: float, rules: PoseRules
) -> tuple[float, float] | None:
    """Heading and its error by what the two fixes tell, degrees."""
    for one, other, is_course in (
        (before.heading_deg, after.heading_deg, False),
        (before.course_deg, after.course_deg, True),
    ):
        if one is None or other is None:
            continue
        if is_course and not all(_moves(fix, speed_mps, rules) for fix in (before, after)):
            continue
        turn = turn_deg(one, other)
        if abs(turn) > _MOST_TURN_DEG:
            continue
        gap_s = (after.at - before.at).total_seconds()
        share = 0.0 if gap_s == 0.0 else (at - before.at).total_seconds() / gap_s
        noise = math.degrees(math.atan2(_VELOCITY_NOISE_MPS, speed_mps)) if is_course else 0.0
        # Between two fixes a car turns in at any moment: the middle of a turn is known the least.
        unknown_turn = abs(turn) * share * (1.0 - share)
        return one + turn * share, math.hypot(rules.course_error_deg, noise, unknown_turn)
    return None


def _moves(fix: Fix, speed_mps: float, rules: PoseRules) -> bool:
    """A course counts where both the receiver and the two places say that it moves."""
    told_mps = speed_mps if fix.speed_mps is None else fix.speed_mps
    return min(told_mps, speed_mps) >= rules.min_speed_mps


def _motion_heading(
    fixes: Sequence[Fix], at: datetime, plane: LocalPlane, rules: PoseRules
) -> tuple[float, float] | None:
    """The direction of the motion around the moment, and its error, degrees.

    As many seconds after the moment as before it, so that a bend does not lean the line to one side; at an end of the
    track, where that is too short to tell, what there is.
    """
    path = [((fix.at - at).total_seconds(), plane.to_metres(fix.place)) for fix in fixes]
    back_s = max((-age for age, _ in path if age <= 0.0), default=0.0)
    ahead_s = max((age for age, _ in path if age >= 0.0), default=0.0)
    window_s = rules.heading_window_s
    nearest_s = max(min(-age for age, _ in path if age <= 0.0), min(age for age, _ in path if age >= 0.0))
    even_s = max(min(back_s, ahead_s, window_s), nearest_s)
    for reach_s in (even_s, max(window_s, nearest_s)):
        found = _line_through([each for each in path if abs(each[0]) <= reach_s + 1e-6], rules)
        if found is not None:
            return found
    return None


def _line_through(near: Sequence[tuple[float, Point]], rules: PoseRules) -> tuple[float, float] | None:
    """The direction of a straight line through places by least squares over time; None where it is too short."""
    if len(near) < 2 or any(later[0] - sooner[0] > rules.max_gap_s for sooner, later in pairwise(near)):
        return None
    mean_s = math.fsum(age for age, _ in near) / len(near)
    spread = math.fsum((age - mean_s) ** 2 for age, _ in near)
    if spread <= 0.0:
        return None
    east = math.fsum((age - mean_s) * place.x for age, place in near) / spread
    north = math.fsum((age - mean_s) * place.y for age, place in near) / spread
    speed_mps = math.hypot(east, north)
    moved_m = speed_mps * (near[-1][0] - near[0][0])
    if speed_mps < rules.min_speed_mps or moved_m < rules.min_move_m:
        return None
    noise = math.degrees(math.atan2(_STRAY_M, moved_m))
    return math.degrees(math.atan2(east, north)), math.hypot(rules.course_error_deg, noise)


def _error_m(before: Fix, after: Fix, share: float, gap_s: float, speed_mps: float, rules: PoseRules) -> float:
    ends = [rules.position_error_m if fix.error_m is None else fix.error_m for fix in (before, after)]
    receiver_m = ends[0] * (1.0 - share) + ends[1] * share
    # How far a car that speeds up, brakes or bends can leave the straight line between two fixes.
    bend_m = 0.5 * _ACCELERATION_MPS2 * share * (1.0 - share) * gap_s * gap_s
    return math.hypot(receiver_m, bend_m, speed_mps * rules.clock_error_s)


def _xy(point: Point) -> tuple[float, float]:
    return point.x, point.y
