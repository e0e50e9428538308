"""How well each camera's interval is kept: when it was looked at, and how old the pictures were by then."""

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

from core.ids import CameraId

KEPT = 256
"""Looks of each camera that figures are taken from: bounded, and about ten minutes at a look each two seconds."""
LATE = 1.5
"""A look is late when so many times the camera's set interval passed since the one before; of a camera whose key frames
are farther apart, so many times that."""


@dataclass(frozen=True, slots=True)
class LookFigures:
    """One camera's looks of late; seconds of the wall clock."""

    looks: int
    """Since the worker started."""
    late: int
    """Of these, how many came more than half an interval late (half a key-frame interval, where that is longer), also
    after an outage of the camera."""
    last_at_s: float | None
    """When the last one ended; seconds of the Unix clock."""
    interval_p50_s: float | None
    interval_p99_s: float | None
    """Between two looks, end to end; None before the second look."""
    age_p50_s: float | None
    age_p99_s: float | None
    """From the light on the sensor to the end of the look; clips that run on another clock tell nothing true here."""

    def as_json(self) -> dict[str, float]:
        """Milliseconds are exact enough; what is not known is left out."""
        return {name: round(value, 3) for name, value in asdict(self).items() if value is not None}


class LookLedger:
    """Written by the inference owner, read by anybody."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cameras: dict[CameraId, _CameraLooks] = {}

    def promise(self, camera_id: CameraId, interval_s: float) -> None:
        """From now on a look is to end every ``interval_s``; 0 promises nothing."""
        with self._lock:
            self._cameras.setdefault(camera_id, _CameraLooks()).promised_s = interval_s

    def looked(
        self, camera_id: CameraId, captured_at: datetime, now: datetime, now_s: float, picture_every_s: float = 0.0
    ) -> None:
        """A look at this camera has ended ``now`` (``now_s`` of the monotonic clock).

        Args:
            picture_every_s: the camera shows nothing more often that could be looked at, so sooner was never promised.
        """
        with self._lock:
            looks = self._cameras.setdefault(camera_id, _CameraLooks())
            if looks.last_s is not None:
                interval_s = now_s - looks.last_s
                looks.intervals_s.append(interval_s)
                looks.late += looks.promised_s > 0 and max(looks.promised_s, picture_every_s) * LATE < interval_s
            looks.last_s, looks.last_at_s = now_s, now.timestamp()
            looks.ages_s.append((now - captured_at).total_seconds())
            looks.count += 1

    def forget(self, camera_id: CameraId) -> None:
        """A camera that is gone takes no room."""
        with self._lock:
            self._cameras.pop(camera_id, None)

    def figures(self, camera_id: CameraId) -> LookFigures:
        with self._lock:
            looks = self._cameras.get(camera_id, _CameraLooks())
            intervals, ages = list(looks.intervals_s), list(looks.ages_s)
            count, late, last_at_s = looks.count, looks.late, looks.last_at_s
        return LookFigures(
            count,
            late,
            last_at_s,
            share_below(intervals, 0.5),
            share_below(intervals, 0.99),
            share_below(ages, 0.5),
            share_below(ages, 0.99),
        )


@dataclass(slots=True)
class _CameraLooks:
    count: int = 0
    late: int = 0
    promised_s: float = 0.0
    last_s: float | None = None
    last_at_s: float | None = None
    intervals_s: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))
    ages_s: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))


def share_below(values: Sequence[float], share: float) -> float | None:
    """The value that ``share`` of the values do not exceed (nearest rank); None without values."""
    if not values:
        return None
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, max(0, round(share * len(ranked)) - 1))]
