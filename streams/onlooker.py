"""Somebody who wants to see a camera's pictures besides those that are due to be looked at."""

from typing import Protocol

from core.ids import CameraId
from streams.frames import Frame


class Onlooker(Protocol):
    """Asked at each key frame, in the camera's own thread: both must answer at once."""

    def wants(self, camera_id: CameraId) -> bool:
        """Whether this key frame is to be decoded for it, though it is not due."""
        ...

    def saw(self, frame: Frame) -> None:
        """One that was."""
        ...


class NoOnlooker:
    """Nobody: nothing is decoded besides what is due."""

    def wants(self, camera_id: CameraId) -> bool:
        return False

    def saw(self, frame: Frame) -> None:
        pass
