"""The one-slot box between a camera and whoever looks at its pictures."""

import threading
from collections.abc import Callable

from streams.frames import Frame

_RECHECK_S = 1.0
"""A waiting put or take looks again this often, so that no wait is without end."""


class Mailbox:
    """Holds the newest frame of one camera; an older one that nobody took is dropped and counted.

    Args:
        lossless: ``put`` waits until the slot is free instead of dropping (files read as fast as possible).
        on_put: called after each put, outside the lock, so that one consumer can wait for any camera.
    """

    def __init__(self, lossless: bool = False, on_put: Callable[[], None] | None = None) -> None:
        self._lossless = lossless
        self._on_put = on_put
        self._changed = threading.Condition()
        self._frame: Frame | None = None
        self._dropped = 0
        self._passed_over = 0
        self._is_closed = False

    @property
    def dropped(self) -> int:
        """Frames that were replaced before anybody took them."""
        return self._dropped

    @property
    def passed_over(self) -> int:
        """Pictures that were due and not even decoded, because the one before still lay here."""
        return self._passed_over

    @property
    def is_waiting(self) -> bool:
        """A frame lies here that nobody has taken."""
        return self._frame is not None

    def pass_over(self) -> None:
        """Count a picture that is not decoded: it would only replace another that nobody had time for, either."""
        with self._changed:
            self._passed_over += 1

    @property
    def is_closed(self) -> bool:
        return self._is_closed

    def put(self, frame: Frame) -> bool:
        """Leave a frame; False when the box is closed and the frame was not taken in."""
        with self._changed:
            while self._lossless and self._frame is not None and not self._is_closed:
                self._changed.wait(_RECHECK_S)
            if self._is_closed:
                return False
            self._dropped += self._frame is not None
            self._frame = frame
            self._changed.notify_all()
        if self._on_put is not None:
            self._on_put()
        return True

    def take(self, timeout_s: float) -> Frame | None:
        """The newest frame, or None when none came within ``timeout_s`` or the box is closed and empty."""
        with self._changed:
            self._changed.wait_for(lambda: self._frame is not None or self._is_closed, timeout_s)
            frame, self._frame = self._frame, None
            self._changed.notify_all()
            return frame

    def close(self) -> None:
        """Take nothing more in; what lies in the box can still be taken."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
