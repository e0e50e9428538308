"""Cameras that have something to look at, each once, in the order in which they had it."""

import threading
from collections import deque

from core.ids import CameraId


class ReadyLine:
    """Between many cameras and a few lanes: fair, since whoever was looked at stands at the end again.

    A camera stands in the line at most once, and is with one lane at a time; so the line is as long as the fleet.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._line: deque[CameraId] = deque()
        self._standing: set[CameraId] = set()
        self._in_hand: set[CameraId] = set()
        self._is_closed = False

    def announce(self, camera_id: CameraId) -> None:
        """The camera has, or may have, a picture; while a lane has the camera, it comes back after that."""
        with self._changed:
            if camera_id not in self._standing:
                self._standing.add(camera_id)
                if camera_id not in self._in_hand:
                    self._line.append(camera_id)
                    self._changed.notify()

    def next(self, timeout_s: float) -> CameraId | None:
        """The camera that waited longest, now in the caller's hand; None after ``timeout_s``, or when closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._line or self._is_closed, timeout_s)
            if self._is_closed or not self._line:
                return None
            camera_id = self._line.popleft()
            self._standing.discard(camera_id)
            self._in_hand.add(camera_id)
            return camera_id

    def put_back(self, camera_id: CameraId, has_more: bool) -> None:
        """The caller is done with the camera; ``has_more``: it may have another picture already."""
        with self._changed:
            self._in_hand.discard(camera_id)
            if has_more or camera_id in self._standing:
                self._standing.add(camera_id)
                self._line.append(camera_id)
                self._changed.notify()

    def close(self) -> None:
        """Nobody gets a camera any more."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
