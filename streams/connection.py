"""One connection to a feed, in a thread of its own that can be left behind when a call into it never returns."""

import logging
import threading
import traceback
from collections.abc import Callable
from contextlib import closing
from datetime import datetime

from core.clock import Clock
from core.errors import FeedCorrupt, FeedError, FeedStalled
from core.ids import ViewId
from streams.beat import Beat
from streams.camera import CameraHealth
from streams.capture_time import ClipTime, LiveTime
from streams.frames import Frame, Picture
from streams.mailbox import Mailbox
from streams.onlooker import NoOnlooker, Onlooker
from streams.redaction import redact
from streams.sources import Candidate, PassEnd, Source
from streams.spec import FeedSpec

log = logging.getLogger(__name__)

PICTURE_TIMEOUTS = 6
"""A feed may send packets without one usable picture for so many ``timeout_s``: smart codecs have long GOPs."""
_STALE_INTERVALS = 2.5
"""A picture that waits so long for its look is replaced; until then decoding another would take time from looking."""


class Connection:
    """Opens the source, decodes the pictures that are due, hands them on; ends with ``fault`` or without.

    Args:
        clip_time: the camera's clip clock, which outlives this connection; None for a live feed.
        next_seq: the next frame's number.
        stretch: how many times the interval it is to be at present; 1 where the machine keeps what was promised.
        onlooker: who may want to see key frames that are not due.
    """

    def __init__(
        self,
        spec: FeedSpec,
        make_source: Callable[[FeedSpec], Source],
        clip_time: ClipTime | None,
        health: CameraHealth,
        mailbox: Mailbox,
        clock: Clock,
        next_seq: Callable[[], int],
        stretch: Callable[[], float],
        onlooker: Onlooker | None = None,
    ) -> None:
        self._spec = spec
        self._make_source = make_source
        self._clip_time = clip_time
        self._live_time = LiveTime()
        self._health = health
        self._mailbox = mailbox
        self._clock = clock
        self._next_seq = next_seq
        self._stretch = stretch
        self._onlooker = onlooker or NoOnlooker()
        self._lock = threading.Lock()
        self._left = threading.Event()
        self._alive_at: float | None = clock.monotonic()
        self._last_candidate_at = clock.monotonic()
        self._last_picture_at = clock.monotonic()
        self._first_picture_at: float | None = None
        self._last_key_s: float | None = None
        self._beat_of_looks = Beat(spec.interval_s, is_live=clip_time is None)
        self._played_anchor_s = 0.0
        self.fault: FeedError | None = None
        self.done = threading.Event()
        self.thread = threading.Thread(target=self._run, name=f"feed-{spec.id}", daemon=True)

    def silent_s(self) -> float:
        """How long the call at hand has blocked; 0 while waiting on purpose."""
        alive_at = self._alive_at
        return 0.0 if alive_at is None else self._clock.monotonic() - alive_at

    def live_s(self) -> float:
        """How long it has shown pictures."""
        return 0.0 if self._first_picture_at is None else self._last_picture_at - self._first_picture_at

    @property
    def shows_pictures(self) -> bool:
        return self._first_picture_at is not None

    def leave(self) -> None:
        """From now on nothing this connection does is seen any more; its thread ends when its call returns."""
        with self._lock:
            self._left.set()

    def _run(self) -> None:
        try:
            self._play_passes()
        except FeedError as fault:
            # Its traceback would keep this connection, with decoder and buffers, until a rare full garbage collection.
            self.fault = fault.with_traceback(None)
        except Exception:  # noqa: BLE001 (the thread's outermost loop: a bug costs this camera only)
            self.fault = FeedError(self._spec.id, "the reader failed in a way that is not foreseen; see the log")
            log.error("%s: reader failed\n%s", self._spec.id, redact(traceback.format_exc(), self._spec.secrets()))
        finally:
            self.done.set()

    def _play_passes(self) -> None:
        is_first = True
        while is_first or (self._spec.loop and not self._left.is_set()):
            with closing(self._make_source(self._spec)) as source:
                self._beat()
                facts = source.open()
                with self._lock:
                    if not self._left.is_set():
                        self._health.opened(facts)
                self._play_pass(source, is_first)
            is_first = False

    def _play_pass(self, source: Source, is_first: bool) -> None:
        self._last_candidate_at = self._last_picture_at = self._clock.monotonic()
        self._last_key_s = None
        if self._clip_time is not None:
            played_s = self._clip_time.begin_pass(self._clock.now())
            if is_first:
                self._played_anchor_s = self._clock.monotonic() - played_s
        pictures = 0
        try:
            for item in source.candidates(self._alive):
                if self._left.is_set():
                    return
                if isinstance(item, PassEnd):
                    self._end_pass(item)
                    break
                pictures += self._consider(item)
        except FeedCorrupt:
            # A clip cut off in the middle has shown what it has: a loop goes on, a single play ends with the fault.
            if self._clip_time is None or not pictures or not self._spec.loop:
                raise
            self._report(self._health.corrupt_picture)
        if not pictures and self._clip_time is not None and not self._left.is_set():
            raise FeedCorrupt(
                self._spec.id, f"{self._spec.address} holds no picture that can be decoded; record it again"
            )

    def _end_pass(self, end: PassEnd) -> None:
        """A realtime clip's last picture stands until its time is over, so that a loop keeps its rhythm."""
        if self._clip_time is None:
            return
        self._wait_until_played(self._clip_time.played_s(end.duration_s))
        self._clip_time.end_pass(end.duration_s)

    def _consider(self, candidate: Candidate) -> bool:
        """Decode the candidate if it is due; True unless it was due and corrupt."""
        now_s = self._clock.monotonic()
        self._last_candidate_at = now_s
        if candidate.is_key:
            self._measure_gop(candidate.pts_s)
        captured_at = self._captured_at(candidate.pts_s)
        if not self._is_due(candidate.pts_s):
            self._beat()
            if candidate.is_key and self._onlooker.wants(self._spec.id):
                self._show(candidate, captured_at)
            return True
        self._beat()
        if self._has_one_waiting(now_s):
            self._mailbox.pass_over()
            self._set_next_due(self._interval_clock_s(candidate.pts_s))
            return True
        picture = candidate.decode()
        if picture is None:
            self._report(self._health.corrupt_picture)
            if self._clip_time is None and now_s - self._last_picture_at > PICTURE_TIMEOUTS * self._spec.timeout_s:
                raise FeedCorrupt(self._spec.id, f"{self._spec.address}: no picture can be decoded; check its encoder")
            return False
        self._hand_on(picture, captured_at)
        self._set_next_due(self._interval_clock_s(candidate.pts_s))
        return True

    def _has_one_waiting(self, now_s: float) -> bool:
        """Whether the last picture still waits for a look, and is fresh enough to."""
        is_fresh = now_s - self._last_picture_at < _STALE_INTERVALS * self._spec.interval_s
        return is_fresh and self._spec.pace != "fast" and self._mailbox.is_waiting

    def _captured_at(self, pts_s: float | None) -> datetime:
        if self._clip_time is None:
            return self._live_time.at(pts_s, self._clock.now())
        captured_at = self._clip_time.at(pts_s or 0.0)
        self._wait_until_played(self._clip_time.played_s(pts_s or 0.0))
        return captured_at

    def _wait_until_played(self, played_s: float) -> None:
        if self._spec.pace == "realtime":
            self._rest()
            self._left.wait(max(0.0, self._played_anchor_s + played_s - self._clock.monotonic()))

    def _interval_clock_s(self, pts_s: float | None) -> float:
        if self._clip_time is None:
            return self._clock.monotonic()
        return self._clip_time.played_s(pts_s or 0.0)

    def _is_due(self, pts_s: float | None) -> bool:
        return self._spec.source_kind == "folder" or self._beat_of_looks.is_due(self._interval_clock_s(pts_s))

    def _set_next_due(self, taken_s: float) -> None:
        self._beat_of_looks.take(taken_s, self._stretch())

    def _hand_on(self, picture: Picture, captured_at: datetime) -> None:
        self._last_picture_at = self._clock.monotonic()
        if self._first_picture_at is None:
            self._first_picture_at = self._last_picture_at
        with self._lock:
            if self._left.is_set():
                return
            self._health.picture(captured_at, picture.width_px, picture.height_px)
            seq = self._next_seq()
        self._rest()
        self._mailbox.put(Frame(self._spec.id, ViewId(self._spec.id), seq, captured_at, picture))
        self._beat()

    def _show(self, candidate: Candidate, captured_at: datetime) -> None:
        """A key frame for the onlooker alone; one that cannot be decoded is no fault of the feed yet."""
        picture = candidate.decode()
        self._beat()
        if picture is not None and not self._left.is_set():
            seq = self._next_seq()
            self._onlooker.saw(Frame(self._spec.id, ViewId(self._spec.id), seq, captured_at, picture))

    def _measure_gop(self, pts_s: float | None) -> None:
        last_s, self._last_key_s = self._last_key_s, pts_s
        if last_s is not None and pts_s is not None and pts_s > last_s:
            self._beat_of_looks.key_frames_come_every(pts_s - last_s)
            self._report(lambda: self._health.measured_gop(round(pts_s - last_s, 3)))

    def _report(self, record: Callable[[], None]) -> None:
        with self._lock:
            if not self._left.is_set():
                record()

    def _alive(self) -> None:
        """A packet came: the feed speaks, but it must also show pictures."""
        self._beat()
        if self._left.is_set():
            raise FeedStalled(self._spec.id, 0.0)
        pictureless_s = self._clock.monotonic() - self._last_candidate_at
        if self._clip_time is None and pictureless_s > PICTURE_TIMEOUTS * self._spec.timeout_s:
            raise FeedStalled(self._spec.id, pictureless_s)

    def _beat(self) -> None:
        self._alive_at = self._clock.monotonic()

    def _rest(self) -> None:
        self._alive_at = None
