"""A pinhole camera on a pole that looks north: the truth that a calibration must find again."""

import math
from dataclasses import dataclass

from hypothesis import strategies as st

from core.geometry import Box, Point

WIDTH_PX, HEIGHT_PX = 1920, 1080


@dataclass(frozen=True, slots=True)
class Camera:
    """Stands over (east_m, north_m), ``height_m`` above the ground, ``pitch`` radians below level."""

    height_m: float
    pitch: float
    focal_px: float
    east_m: float = 0.0
    north_m: float = 0.0

    def pixel(self, ground: Point) -> Point:
        """Where a place on the ground (metres) is seen; pixels, y down."""
        right, ahead = ground.x - self.east_m, ground.y - self.north_m
        depth = ahead * math.cos(self.pitch) + self.height_m * math.sin(self.pitch)
        down = self.height_m * math.cos(self.pitch) - ahead * math.sin(self.pitch)
        return Point(WIDTH_PX / 2 + self.focal_px * right / depth, HEIGHT_PX / 2 + self.focal_px * down / depth)

    @property
    def horizon_y(self) -> float:
        return HEIGHT_PX / 2 - self.focal_px * math.tan(self.pitch)

    def box(self, ground: Point, width_px: float = 40.0, height_px: float = 60.0) -> Box:
        """The box of a thing that stands there."""
        foot = self.pixel(ground)
        return Box(foot.x - width_px / 2, foot.y - height_px, foot.x + width_px / 2, foot.y)


def cameras() -> st.SearchStrategy[Camera]:
    """Street cameras on poles of 4 to 15 m."""
    return st.builds(
        Camera,
        height_m=st.floats(4, 15),
        pitch=st.floats(math.radians(10), math.radians(40)),
        focal_px=st.floats(800, 2500),
    )
