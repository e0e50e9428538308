"""One decoded picture with its time."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from core.detections import FrameFacts
from core.ids import CameraId, ViewId

Image = NDArray[np.uint8]
"""BGR, uint8, height x width x 3, C-contiguous."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One key frame of one view; ``image`` is read-only BGR uint8 ``(H, W, 3)``."""

    camera_id: CameraId
    view_id: ViewId
    seq: int
    captured_at: datetime
    image: Image

    @property
    def facts(self) -> FrameFacts:
        height_px, width_px = self.image.shape[:2]
        return FrameFacts(self.camera_id, self.view_id, self.seq, self.captured_at, width_px, height_px)
