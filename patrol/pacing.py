"""Watches whether the machine keeps up, stretches every camera's interval alike where it does not, and says so."""

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from core.clock import Clock
from core.ids import CameraId
from patrol.pace import Load, Pace

log = logging.getLogger(__name__)

MIND_EVERY_S = 10.0
TOLD_FROM = 1.02
"""Below it an interval counts as kept."""
TOLD_AGAIN = 1.25
"""A line in the log for each further step of so much, not for each change."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """What became of one camera's pictures so far."""

    decoded: int
    lost: int
    """Replaced by a newer one before anybody looked."""


class PictureCounts(Protocol):
    """Where the counts come from: the fleet."""

    def picture_counts(self) -> Mapping[CameraId, Pictures]: ...


class PaceKeeper:
    """Asked by every lane after a look; does something each ``every_s`` seconds only."""

    def __init__(self, lanes: int, clock: Clock, every_s: float = MIND_EVERY_S) -> None:
        self._lanes = lanes
        self._clock = clock
        self._every_s = every_s
        self._pace = Pace()
        self._lock = threading.Lock()
        self._busy_s = 0.0
        self._before: Mapping[CameraId, Pictures] | None = None
        self._minded_s = clock.monotonic()
        self._told = 1.0

    @property
    def stretch(self) -> float:
        """How many times its promised interval every camera keeps at present; 1 where the machine keeps up."""
        return self._pace.stretch

    @property
    def notices(self) -> Sequence[str]:
        """What the operators are told; nothing while all intervals are kept."""
        stretch = self.stretch
        if stretch < TOLD_FROM:
            return ()
        return (
            f"这台机器忙不过来，所有摄像机的巡查间隔暂时放宽到设定的 {stretch:.2f} 倍；"
            "请减少摄像机、加大 interval_s 或增加机器。 / "
            f"This machine cannot keep up: every camera's interval is {stretch:.2f} times what is set for now; "
            "mend: fewer cameras, a larger interval_s, or another machine.",
        )

    def looked(self, spent_s: float, counts: PictureCounts) -> None:
        """One lane has spent so long on one picture."""
        now_s = self._clock.monotonic()
        with self._lock:
            self._busy_s += spent_s
            lasted_s = now_s - self._minded_s
            if lasted_s < self._every_s:
                return
            busy_share = min(1.0, self._busy_s / (lasted_s * self._lanes))
            self._busy_s, self._minded_s = 0.0, now_s
            self._mind(counts.picture_counts(), busy_share)

    def _mind(self, now: Mapping[CameraId, Pictures], busy_share: float) -> None:
        before, self._before = self._before, now
        if before is None:
            return  # the first pictures of many cameras come all at once
        decoded = lost = 0
        for camera_id, pictures in now.items():
            earlier = before.get(camera_id)
            if earlier is not None and pictures.decoded >= earlier.decoded:
                decoded += pictures.decoded - earlier.decoded
                lost += max(0, pictures.lost - earlier.lost)
        self._pace.adapt(Load(decoded, lost, busy_share))
        self._tell()

    def _tell(self) -> None:
        stretch = self.stretch
        if stretch < TOLD_FROM:
            if self._told > 1.0:
                log.warning("the machine keeps up again: every camera is looked at as often as is set")
            self._told = 1.0
        elif stretch > self._told * TOLD_AGAIN or self._told == 1.0:
            log.warning(
                "the machine cannot keep up: every camera's interval is %.2f times what is set; "
                "mend: fewer cameras, a larger interval_s, or another machine",
                stretch,
            )
            self._told = stretch
