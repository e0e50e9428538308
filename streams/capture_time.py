"""When the light fell on the sensor: a feed's own clock, mapped to UTC."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from core.clock import as_utc
from streams.clip_kinds import clip_seconds

if TYPE_CHECKING:
    from streams.spec import FeedSpec

MAX_DRIFT_S = 5.0
"""A live feed's clock that is further off than this is not followed but set anew."""
_FOLLOW = 0.05
"""Share of a late arrival that is taken for drift, not delay: delay comes and goes, drift stays."""


UNDATED_ROOM_S = 30 * 86_400.0
"""City time that a looped time lapse without a date, or one of unknown length, may run through before it meets now."""


def undated_room_s(spec: "FeedSpec") -> float:
    """How long before now a clip without ``started_at`` begins, city seconds, so that no picture is of the future.

    A clip at its own speed is taken as it plays. A time lapse played once has just ended when it is opened.
    """
    if spec.time_scale <= 1.0:
        return 0.0
    length_s = clip_seconds(spec.path) if spec.source_kind == "file" and not spec.loop else None
    return UNDATED_ROOM_S if length_s is None else length_s * spec.time_scale


class ClipTime:
    """The clock of a file or folder: ``started_at`` + clip seconds x ``time_scale``, going on over loops and faults.

    Args:
        started_at: capture time of the first picture; None takes the moment of the first pass, less ``room_s``.
        time_scale: city seconds per clip second.
        room_s: city seconds; asked once, when the first pass begins.
    """

    def __init__(
        self, started_at: datetime | None, time_scale: float, room_s: Callable[[], float] = lambda: 0.0
    ) -> None:
        self._started_at = None if started_at is None else as_utc(started_at)
        self._time_scale = time_scale
        self._room_s = room_s
        self._pass_start_s = 0.0
        self._reached_s = 0.0

    def begin_pass(self, now: datetime) -> float:
        """A new pass goes on where the last one came to; returns the clip seconds played so far."""
        if self._started_at is None:
            self._started_at = as_utc(now) - timedelta(seconds=self._room_s())
        self._pass_start_s = self._reached_s
        return self._pass_start_s

    def played_s(self, pts_s: float) -> float:
        """Clip seconds since the first pass began, for a picture ``pts_s`` into this pass."""
        return self._pass_start_s + pts_s

    def at(self, pts_s: float) -> datetime:
        """Capture time of a picture ``pts_s`` into this pass."""
        if self._started_at is None:
            raise ValueError("begin_pass comes first")
        played_s = self.played_s(pts_s)
        self._reached_s = max(self._reached_s, played_s)
        return self._started_at + timedelta(seconds=played_s * self._time_scale)

    def end_pass(self, duration_s: float) -> None:
        """The pass was played to its end."""
        self._reached_s = max(self._reached_s, self._pass_start_s + duration_s)


class LiveTime:
    """Wall clock mapped from a live feed's pts, so that network jitter does not show in capture times.

    The smallest delay seen ties pts to the wall clock; a slow drift is followed, and a pts that jumps or runs
    backwards ties them anew (counted). A capture time is never in the future, and runs backwards only when the
    machine's own clock was set back.
    """

    def __init__(self) -> None:
        self._offset_s: float | None = None
        self._last_pts_s = 0.0
        self._last: datetime | None = None
        self._resets = 0

    @property
    def resets(self) -> int:
        """How often the feed's clock could not be followed."""
        return self._resets

    def at(self, pts_s: float | None, now: datetime) -> datetime:
        """Capture time of a picture that arrived ``now``; ``pts_s`` None means the feed has no clock."""
        now = as_utc(now)
        captured = now if pts_s is None else self._mapped(pts_s, now)
        if self._last is not None and captured < self._last and self._last <= now:
            captured = self._last
        self._last = captured
        return captured

    def _mapped(self, pts_s: float, now: datetime) -> datetime:
        seen_s = now.timestamp() - pts_s
        if self._offset_s is None:
            self._offset_s = seen_s
        elif pts_s < self._last_pts_s or abs(seen_s - self._offset_s) > MAX_DRIFT_S:
            self._offset_s = seen_s
            self._resets += 1
        elif seen_s < self._offset_s:
            self._offset_s = seen_s
        else:
            self._offset_s += _FOLLOW * (seen_s - self._offset_s)
        self._last_pts_s = pts_s
        return min(now, now + timedelta(seconds=self._offset_s - seen_s))
