"""One decoded picture with its time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from core.detections import FrameFacts
from core.ids import CameraId, ViewId

Image = NDArray[np.uint8]
"""BGR, uint8, height x width x 3, C-contiguous."""
Luma = NDArray[np.uint8]
"""Brightness alone, uint8, height x width."""


class Picture(Protocol):
    """What a camera showed, in whatever form it was decoded; asked for in the size and form that somebody needs."""

    @property
    def width_px(self) -> int: ...

    @property
    def height_px(self) -> int: ...

    def whole(self) -> Image:
        """Every pixel, BGR, read-only; made when it is first asked for."""
        ...

    def scaled(self, width_px: int, height_px: int) -> Image:
        """BGR in that size, whatever the picture's own shape."""
        ...

    def luma(self, width_px: int, height_px: int) -> Luma:
        """Brightness in that size, each pixel the mean of what it stands for."""
        ...


class ImagePicture:
    """A picture that is pixels already: from a file, a folder, a test."""

    def __init__(self, image: Image) -> None:
        self._image = image

    @property
    def width_px(self) -> int:
        return int(self._image.shape[1])

    @property
    def height_px(self) -> int:
        return int(self._image.shape[0])

    def whole(self) -> Image:
        return self._image

    def scaled(self, width_px: int, height_px: int) -> Image:
        if (width_px, height_px) == (self.width_px, self.height_px):
            return self._image
        resized = cv2.resize(self._image, (width_px, height_px), interpolation=cv2.INTER_LINEAR)
        return np.asarray(resized, dtype=np.uint8)

    def luma(self, width_px: int, height_px: int) -> Luma:
        small = cv2.resize(self._image, (width_px, height_px), interpolation=cv2.INTER_AREA)
        return np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), dtype=np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One key frame of one view."""

    camera_id: CameraId
    view_id: ViewId
    seq: int
    captured_at: datetime
    picture: Picture

    @property
    def image(self) -> Image:
        """The whole picture, read-only BGR uint8 ``(H, W, 3)``."""
        return self.picture.whole()

    @property
    def facts(self) -> FrameFacts:
        return FrameFacts(
            self.camera_id, self.view_id, self.seq, self.captured_at, self.picture.width_px, self.picture.height_px
        )
