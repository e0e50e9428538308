"""The last picture of each camera that somebody watches: in memory only, and no longer than they watch.

Looking asks for it: every look at a camera keeps the wish alive for ``WATCHED_S``. Workers ask which cameras are
wished for, and send pictures of those alone.
"""

import asyncio
import hashlib
import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from api.problems import WatchedFull
from api.viewings import Viewings
from api.wall_settings import WallSettings
from core.clock import Clock
from core.ids import CameraId

WATCHED_S = 15.0
"""How long a look keeps the worker sending; pages look every two seconds."""
KEPT_S = 60.0
"""A picture outlives the last look by so much, for whoever turns a page back."""


@dataclass(frozen=True, slots=True)
class WatchedPicture:
    """One masked picture with its boxes, as the worker drew it."""

    jpeg: bytes
    tag: str
    captured_at: datetime
    """By the camera's clock; a clip's is its own."""
    taken_at: datetime
    """By this machine's clock: what its age is counted from."""

    def age_s(self, now: datetime) -> float:
        return max(0.0, (now - self.taken_at).total_seconds())


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody watches a camera."""

    camera_id: CameraId
    is_live: bool
    """In a live view: the worker is to send each key frame, not only those that it looks at."""


@dataclass(frozen=True, slots=True)
class _Watched:
    until_s: float
    live_until_s: float = 0.0
    picture: WatchedPicture | None = None


class WatchedPictures:
    """Bounded: so many cameras, each one picture of so many bytes. Threads may share it.

    ``refused`` counts pictures that nobody waited for, ``crowded`` looks for which there was no room.
    """

    def __init__(self, settings: WallSettings, clock: Clock) -> None:
        self.settings = settings
        self.viewings = Viewings()
        """Which of them are written down."""
        self._clock = clock
        self._lock = threading.Lock()
        self._cameras: dict[CameraId, _Watched] = {}
        self._changed = asyncio.Event()
        self.live_clients = 0
        """Live views open now; counted in the event loop."""
        self.refused = 0
        self.crowded = 0

    def watch(self, camera_id: CameraId, is_live: bool = False) -> WatchedPicture | None:
        """Look at a camera: its last picture, if one has come, and the wish for more.

        Raises:
            WatchedFull: no room for another camera.
        """
        now_s = self._clock.monotonic()
        until_s = now_s + WATCHED_S
        with self._lock:
            self._forget_old(now_s)
            known = self._cameras.get(camera_id)
            if known is None and len(self._cameras) >= self.settings.cameras and not self._drop_unwatched(now_s):
                self.crowded += 1
                raise WatchedFull(
                    f"{len(self._cameras)} cameras are watched at once; show fewer, or raise [api.wall].cameras"
                )
            known = known or _Watched(until_s)
            live_until_s = until_s if is_live else known.live_until_s
            self._cameras[camera_id] = replace(known, until_s=until_s, live_until_s=live_until_s)
            return known.picture

    def wishes(self) -> tuple[Wish, ...]:
        """Which cameras somebody watches now, by id."""
        now_s = self._clock.monotonic()
        with self._lock:
            return tuple(
                Wish(camera_id, watched.live_until_s > now_s)
                for camera_id, watched in sorted(self._cameras.items())
                if watched.until_s > now_s
            )

    def put(self, camera_id: CameraId, jpeg: bytes, captured_at: datetime, age_s: float) -> bool:
        """Keep a camera's newest picture; False where nobody watches it, and nothing is kept."""
        now_s = self._clock.monotonic()
        with self._lock:
            known = self._cameras.get(camera_id)
            if known is None or known.until_s <= now_s:
                self.refused += 1
                return False
            tag = hashlib.sha256(jpeg).hexdigest()[:32]
            taken_at = self._clock.now() - timedelta(seconds=age_s)
            self._cameras[camera_id] = replace(known, picture=WatchedPicture(jpeg, tag, captured_at, taken_at))
        return True

    def notify(self) -> None:
        """Wake the live views. Call it in the event loop."""
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    def next_change(self) -> asyncio.Event:
        """Set when a picture comes; take it before looking."""
        return self._changed

    def _forget_old(self, now_s: float) -> None:
        gone = [name for name, watched in self._cameras.items() if watched.until_s + KEPT_S <= now_s]
        for name in gone:
            del self._cameras[name]

    def _drop_unwatched(self, now_s: float) -> bool:
        """Make room: the picture that nobody has looked at for longest."""
        name, watched = min(self._cameras.items(), key=lambda each: each[1].until_s)
        if watched.until_s > now_s:
            return False
        del self._cameras[name]
        return True
