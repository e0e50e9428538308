"""What a model saw in one picture, as plain data: crosses from detector to grid, api and cases.

It lives here, below every room, so that grid and cases never reach numpy or a runtime to name it.
"""

from dataclasses import dataclass
from datetime import datetime

from core.geometry import Box
from core.ids import CameraId, CategoryId, ViewId


@dataclass(frozen=True, slots=True)
class Detection:
    """One thing the model saw; ``box`` in source pixels, ``confidence`` 0 to 1."""

    category: CategoryId
    confidence: float
    box: Box


@dataclass(frozen=True, slots=True)
class ModelRef:
    """Which weights looked: the manifest's name and the SHA-256 of the file."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class FrameFacts:
    """Everything about a picture but its pixels."""

    camera_id: CameraId
    view_id: ViewId
    seq: int
    captured_at: datetime
    """Aware, UTC: when the light fell on the sensor, by the feed's own clock."""
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class FrameDetections:
    """All that one look at one view found."""

    frame: FrameFacts
    detections: tuple[Detection, ...]
    model: ModelRef
    carried_from: datetime | None = None
    """Capture time of the picture that was looked at, where this one shows the same; None: this one was."""
