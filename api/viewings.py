"""Which viewings were written down of late, so that a page that looks every two seconds is one line an hour."""

import threading
from collections import OrderedDict
from collections.abc import Sequence

from core.ids import CameraId

AGAIN_AFTER_S = 3600.0
MOST_KNOWN = 20_000
"""People times cameras; beyond it the oldest are written down once more."""


class Viewings:
    """Threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[str, CameraId, bool], float] = OrderedDict()

    def begun(self, actor: str, cameras: Sequence[CameraId], is_live: bool, now_s: float) -> tuple[CameraId, ...]:
        """Those of the cameras whose viewing by this person is to be written down now."""
        fresh = []
        with self._lock:
            for camera_id in cameras:
                key = (actor, camera_id, is_live)
                known_s = self._known.get(key)
                if known_s is None or now_s - known_s >= AGAIN_AFTER_S:
                    self._known[key] = now_s
                    self._known.move_to_end(key)
                    fresh.append(camera_id)
            while len(self._known) > MOST_KNOWN:
                self._known.popitem(last=False)
        return tuple(fresh)

    def forget(self, actor: str, cameras: Sequence[CameraId], is_live: bool) -> None:
        """They could not be written down: with the next look."""
        with self._lock:
            for camera_id in cameras:
                self._known.pop((actor, camera_id, is_live), None)
