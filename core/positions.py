"""Where a vehicle was, as its receiver told it: crosses from streams to grid."""

import math
from dataclasses import dataclass, replace
from datetime import datetime

from core.clock import as_utc
from core.geometry import Point


@dataclass(frozen=True, slots=True)
class Fix:
    """One position of a vehicle at one moment.

    Raises:
        ValueError: a moment without a zone, or a number that is no position; the text says which.
    """

    at: datetime
    """Aware; kept in UTC."""
    place: Point
    """Lon/lat in degrees, WGS-84 or CGCS2000."""
    course_deg: float | None = None
    """Which way it moves over ground, clockwise from true north; says nothing while it stands."""
    speed_mps: float | None = None
    heading_deg: float | None = None
    """Where its nose points, by a compass or two antennas; true also while it stands or backs up."""
    error_m: float | None = None
    """One standard deviation of the position, metres."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", as_utc(self.at))
        if not (math.isfinite(self.place.x) and math.isfinite(self.place.y)):
            raise ValueError("the position is not finite")
        if abs(self.place.x) > 180.0 or abs(self.place.y) > 90.0:
            raise ValueError(f"the position [{self.place.x}, {self.place.y}] is not longitude, latitude in degrees")
        for name in ("course_deg", "heading_deg"):
            angle = getattr(self, name)
            if angle is not None:
                if not math.isfinite(angle):
                    raise ValueError(f"{name} is not finite")
                object.__setattr__(self, name, angle % 360.0)
        for name in ("speed_mps", "error_m"):
            size = getattr(self, name)
            if size is not None and not (math.isfinite(size) and size >= 0.0):
                raise ValueError(f"{name} is {size}; it is 0 or more")

    def filled_from(self, other: "Fix") -> "Fix":
        """The same fix with what it does not tell taken from another of the same moment."""
        return replace(
            self,
            course_deg=other.course_deg if self.course_deg is None else self.course_deg,
            speed_mps=other.speed_mps if self.speed_mps is None else self.speed_mps,
            heading_deg=other.heading_deg if self.heading_deg is None else self.heading_deg,
            error_m=other.error_m if self.error_m is None else self.error_m,
        )
