"""Street cameras: where they hang, where they look, and where a point of the street falls in the picture."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.scenes.colours import Rng
from models.scenes.meshes import Points
from models.scenes.placement import BACK_M, KERB_M, Placement

LOOK_AT_Y_M = 2.0
"""Cameras look at the middle of the watched pavement, in front of x = 0."""
_FROM_BACK_FACADE_M = 1.2


@dataclass(frozen=True, slots=True)
class CameraChoice:
    """A kind of camera, before the small differences from one mast to the next."""

    height_m: float
    tilt_deg: float
    """Below the horizon."""
    yaw_deg: float
    """Against the street's axis."""
    fov_deg: float
    """Horizontal."""


CAMERAS = {
    "low_along": CameraChoice(3.2, 17, 22, 72),
    "mid_along": CameraChoice(4.5, 24, 30, 66),
    "mid_across": CameraChoice(5.0, 27, 62, 62),
    "high_oblique": CameraChoice(6.5, 31, 45, 60),
    "high_steep": CameraChoice(8.0, 38, 55, 62),
    "low_across": CameraChoice(3.5, 19, 68, 68),
}


@dataclass(frozen=True, slots=True)
class CameraPose:
    """One camera as it hangs."""

    position: tuple[float, float, float]
    target: tuple[float, float, float]
    tilt_deg: float
    yaw_deg: float
    fov_deg: float
    roll_rad: float

    @property
    def height_m(self) -> float:
        """Above the pavement."""
        return self.position[2] - self.target[2]


def hang(rng: Rng, choice: CameraChoice) -> CameraPose:
    """The camera with the small differences of a real mast; six draws."""
    height = choice.height_m + rng.normal(0, 0.25)
    tilt = choice.tilt_deg + rng.normal(0, 1.5)
    yaw = math.radians(choice.yaw_deg + rng.normal(0, 5))
    fov = choice.fov_deg + rng.normal(0, 3)
    tilt = max(15, min(40, tilt))
    away = height / math.tan(math.radians(tilt))
    yaw = min(yaw, math.asin(min(1.0, (LOOK_AT_Y_M - (BACK_M + _FROM_BACK_FACADE_M)) / away)))
    side = 1 if rng.random() < 0.5 else -1
    roll = math.radians(rng.normal(0, 0.8))
    position = (-side * away * math.cos(yaw), LOOK_AT_Y_M - away * math.sin(yaw), KERB_M + height)
    return CameraPose(position, (0.0, LOOK_AT_Y_M, KERB_M), tilt, math.degrees(yaw), fov, roll)


@dataclass(frozen=True)
class View:
    """A pinhole camera: world to pixels. Compared by identity (it holds an array)."""

    world_to_camera: Placement
    """(4, 4); the camera looks along its own -z, y up."""
    fov_rad: float
    """Horizontal."""
    size: tuple[int, int]
    """Width and height in pixels."""

    def project(self, points: Points | Sequence[Sequence[float]]) -> tuple[Points, npt.NDArray[np.float64]]:
        """World points (N, 3) in metres to pixels (N, 2) and depth along the view (N,) in metres."""
        p = np.asarray(points, float) @ self.world_to_camera[:3, :3].T + self.world_to_camera[:3, 3]
        depth = -p[:, 2]
        focal_px = self.size[0] / 2 / math.tan(self.fov_rad / 2)
        z = np.maximum(depth, 1e-3)
        return np.c_[self.size[0] / 2 + focal_px * p[:, 0] / z, self.size[1] / 2 - focal_px * p[:, 1] / z], depth
