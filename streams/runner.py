"""One camera's supervisor: connects, watches, reports and comes back after a fault."""

import itertools
import logging
import threading
import traceback
from collections.abc import Callable, Sequence
from functools import partial

from core.clock import Clock, SystemClock
from core.errors import FeedCorrupt, FeedError, FeedStalled
from streams.camera import CameraHealth, CameraState, CameraStatus
from streams.capture_time import ClipTime, undated_room_s
from streams.connection import Connection
from streams.ladder import LADDER_S, ReconnectLadder
from streams.mailbox import Mailbox
from streams.onlooker import Onlooker
from streams.opening import source_of
from streams.redaction import redact
from streams.sources import Source
from streams.spec import FeedSpec

log = logging.getLogger(__name__)

_OUTSIDE_FACTOR = 2.0
_OUTSIDE_SLACK_S = 0.5
"""FFmpeg is given ``timeout_s`` and sometimes takes twice that; whoever takes longer is left behind."""
_RECHECK_S = 1.0
_REPEAT_LOG_S = 300.0


class FeedRunner:
    """Keeps one feed running until it is stopped; a fault of this camera stays with this camera.

    Args:
        ladder_s: waits between tries, see ``ReconnectLadder``.
        ladder_reset_s: after so long live the ladder starts again at its foot.
        make_source: what opens the feed; the scripted twin goes in here.
        stretch: how many times its interval a camera is to keep at present.
        onlooker: who may want to see key frames that are not due.
    """

    def __init__(
        self,
        spec: FeedSpec,
        mailbox: Mailbox,
        clock: Clock | None = None,
        ladder_s: Sequence[float] = LADDER_S,
        ladder_reset_s: float = 30.0,
        make_source: Callable[[FeedSpec], Source] = source_of,
        stretch: Callable[[], float] = lambda: 1.0,
        onlooker: Onlooker | None = None,
    ) -> None:
        self._spec = spec
        self._mailbox = mailbox
        self._clock = clock or SystemClock()
        self._ladder = ReconnectLadder(ladder_s, ladder_reset_s)
        self._make_source = make_source
        self._stretch = stretch
        self._onlooker = onlooker
        self._health = CameraHealth(spec, self._clock)
        self._clip_time: ClipTime | None = None
        self._seq = itertools.count()
        self._stop = threading.Event()
        self._delay_s = 0.0
        self._connection: Connection | None = None
        self._left_behind: Connection | None = None
        self._logged: tuple[str, float, int] = ("", 0.0, 0)
        self._thread = threading.Thread(target=self._supervise, name=f"camera-{spec.id}", daemon=True)

    def start(self, delay_s: float = 0.0) -> None:
        """Begin; once in a runner's life. ``delay_s`` spreads many cameras, so that they do not all connect at once."""
        self._delay_s = delay_s
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Stop and join, closing the mailbox; a reader stuck in a call that never returns is left behind."""
        deadline_s = self._clock.monotonic() + timeout_s
        self._stop.set()
        self._mailbox.close()
        connection = self._connection
        if connection is not None:
            connection.leave()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        if connection is not None:
            connection.thread.join(max(0.0, deadline_s - self._clock.monotonic()))
        if self._health.state is not CameraState.ENDED:
            self._health.enter(CameraState.DISABLED)

    def status(self) -> CameraStatus:
        return self._health.status(self._mailbox.dropped + self._mailbox.passed_over)

    @property
    def picture_every_s(self) -> float:
        """No picture can be had more often: the key frames' interval, unless every picture is decoded; 0: not known."""
        return 0.0 if self._spec.full_decode else self._health.gop_s or 0.0

    def _supervise(self) -> None:
        try:
            self._keep_running()
        except Exception:  # noqa: BLE001 (the thread's outermost loop)
            told = redact(traceback.format_exc(), self._spec.secrets())
            log.error("%s: the supervisor failed; this camera stays down\n%s", self._spec.id, told)
            self._health.enter(CameraState.DOWN, FeedError(self._spec.id, "the supervisor failed; see the log"))

    def _keep_running(self) -> None:
        tries = 0
        self._stop.wait(self._delay_s)
        while not self._stop.is_set():
            if tries:
                self._health.reconnecting()
            tries += 1
            connection = self._connect()
            fault = self._watch(connection)
            if self._stop.is_set():
                return
            if self._has_ended(connection, fault):
                self._health.enter(CameraState.ENDED, fault)
                return
            if fault is None:
                continue
            self._health.enter(CameraState.STALLED if isinstance(fault, FeedStalled) else CameraState.DOWN, fault)
            self._report(fault)
            self._stop.wait(self._ladder.next_s(connection.live_s()))

    def _connect(self) -> Connection:
        is_clip = self._spec.source_kind != "live"
        if is_clip and self._clip_time is None:
            room_s = partial(undated_room_s, self._spec)
            self._clip_time = ClipTime(self._spec.started_at, self._spec.time_scale, room_s)
        connection = Connection(
            self._spec,
            self._make_source,
            self._clip_time,
            self._health,
            self._mailbox,
            self._clock,
            lambda: next(self._seq),
            self._stretch,
            self._onlooker,
        )
        self._connection = connection
        connection.thread.start()
        return connection

    def _watch(self, connection: Connection) -> FeedError | None:
        """Wait for the connection's end, or for a silence that is longer than any call may take.

        At most one silent reader is left behind; while it is still stuck, the next one is waited for instead.
        """
        limit_s = _OUTSIDE_FACTOR * self._spec.timeout_s + _OUTSIDE_SLACK_S
        while not connection.done.wait(min(_RECHECK_S, max(0.05, limit_s - connection.silent_s()))):
            if self._stop.is_set():
                connection.leave()
                return None
            silent_s = connection.silent_s()
            if silent_s < limit_s:
                continue
            fault = FeedStalled(self._spec.id, silent_s)
            self._health.enter(CameraState.STALLED, fault)
            if self._left_behind is None or not self._left_behind.thread.is_alive():
                connection.leave()
                self._left_behind = connection
                return fault
        return connection.fault

    def _has_ended(self, connection: Connection, fault: FeedError | None) -> bool:
        """A clip played once is over, also when it is cut off behind its first pictures: more tries show no more."""
        if self._spec.source_kind == "live" or self._spec.loop:
            return False
        return fault is None or (isinstance(fault, FeedCorrupt) and connection.shows_pictures)

    def _report(self, fault: FeedError) -> None:
        """Log a fault once, then its repeats counted every few minutes instead of a line for each try."""
        kind, since_s, repeats = self._logged
        now_s = self._clock.monotonic()
        if fault.kind == kind and now_s - since_s < _REPEAT_LOG_S:
            self._logged = (kind, since_s, repeats + 1)
            return
        text = redact(str(fault), self._spec.secrets())
        again = f" (and {repeats} times more since the last line)" if repeats and fault.kind == kind else ""
        log.warning("%s%s", text, again)
        self._logged = (fault.kind, now_s, 0)
