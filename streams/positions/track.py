"""The fixes of one vehicle that are known, in the order of time."""

import threading
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from datetime import datetime, timedelta

from core.positions import Fix

MOST_LIVE = 7_200
"""Fixes kept of a live feed: two hours at one a second, twelve minutes at ten."""
MOST_IN_FILE = 400_000
"""Fixes of one file: eleven hours at ten a second."""


class PositionTrack:
    """Written by the feed's thread, read by the inference owner; the oldest fix makes way for a newer one.

    Args:
        most: fixes kept.
        on_fix: called after each new fix, outside the lock.
    """

    def __init__(self, most: int = MOST_LIVE, on_fix: Callable[[], None] | None = None) -> None:
        self._most = most
        self._on_fix = on_fix
        self._lock = threading.Lock()
        self._times: list[datetime] = []
        self._fixes: list[Fix] = []
        self._dropped = 0

    @property
    def dropped(self) -> int:
        """Fixes that made way."""
        return self._dropped

    @property
    def span(self) -> tuple[datetime, datetime] | None:
        """The first and the last moment; None while it is empty."""
        with self._lock:
            return (self._times[0], self._times[-1]) if self._times else None

    def __len__(self) -> int:
        return len(self._times)

    def add(self, fix: Fix) -> bool:
        """Take in a fix, in whatever order they come; two of one moment are one. False when it is too old to keep."""
        with self._lock:
            position = bisect_left(self._times, fix.at)
            if position < len(self._times) and self._times[position] == fix.at:
                self._fixes[position] = self._fixes[position].filled_from(fix)
                return True
            if len(self._times) >= self._most:
                self._dropped += 1
                if position == 0:
                    return False
                del self._times[0], self._fixes[0]
                position -= 1
            self._times.insert(position, fix.at)
            self._fixes.insert(position, fix)
        if self._on_fix is not None:
            self._on_fix()
        return True

    def around(self, at: datetime, window_s: float) -> tuple[Fix, ...]:
        """The fixes within ``window_s`` of a moment, and one more on either side."""
        reach = timedelta(seconds=window_s)
        with self._lock:
            first = max(0, bisect_left(self._times, at - reach) - 1)
            last = bisect_right(self._times, at + reach) + 1
            return tuple(self._fixes[first:last])
