"""Pixel and ground geometry in plain floats."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    """A place: pixels (x right, y down) or ground (longitude, latitude), as the owner says."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Box:
    """An axis-aligned box in source pixels, corners ``x0 <= x1``, ``y0 <= y1`` (xyxy order)."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    @property
    def area(self) -> float:
        return max(0.0, self.width) * max(0.0, self.height)

    @property
    def bottom_centre(self) -> Point:
        """Where a thing stands on the ground, seen from a street camera."""
        return Point((self.x0 + self.x1) / 2, self.y1)

    def as_xyxy(self) -> tuple[float, float, float, float]:
        return (self.x0, self.y0, self.x1, self.y1)

    def iou(self, other: "Box") -> float:
        """Share of the union that both boxes cover, 0 to 1."""
        width = min(self.x1, other.x1) - max(self.x0, other.x0)
        height = min(self.y1, other.y1) - max(self.y0, other.y0)
        if width <= 0 or height <= 0:
            return 0.0
        overlap = width * height
        return overlap / (self.area + other.area - overlap)
