"""One vehicle's positions, kept coming: a file read whole, a file that grows, or an address that answers lines."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from core.clock import Clock
from core.errors import FeedCorrupt, FeedError, FeedNotFound, FeedUnreachable
from core.ids import CameraId
from core.positions import Fix
from streams.ladder import LADDER_S, ReconnectLadder
from streams.positions.file_lines import grown_lines
from streams.positions.gpx_file import read_gpx
from streams.positions.http_lines import HttpLines, PositionsStalled
from streams.positions.json_lines import JsonLinesReader
from streams.positions.lines import LineReader
from streams.positions.nmea import NmeaReader
from streams.positions.spec import PositionSpec
from streams.positions.track import MOST_IN_FILE, MOST_LIVE, PositionTrack
from streams.redaction import redact

log = logging.getLogger(__name__)

MOST_BYTES = 256 * 1024 * 1024
"""Of a file that is read whole."""
FUTURE_SLACK = timedelta(seconds=60)
"""A live fix dated further ahead is the receiver's fault: it would be taken for the newest until then."""


@dataclass(frozen=True, slots=True)
class PositionStatus:
    """How a vehicle's positions are doing; holds no secret."""

    fixes: int
    no_fix: int
    bad: int
    """Lines or points that could not be used: damaged, dated in the future, without a time."""
    dropped: int
    """Fixes that made way for newer ones."""
    newest_at: datetime | None
    age_s: float | None
    """Since the newest fix, by this machine's clock; None before the first."""
    fault_kind: str | None
    """``FeedError.kind`` of the last fault; cleared by the next fix."""
    fault: str | None


class PositionFeed:
    """Owns the thread that reads; ``track`` is what it knows so far.

    Args:
        is_live: the camera is live: follow the file as it grows. A clip's file is read whole.
        on_fix: called after each new fix, and once when a whole file has been read.
    """

    def __init__(
        self,
        camera_id: CameraId,
        spec: PositionSpec,
        is_live: bool,
        clock: Clock,
        on_fix: Callable[[], None] | None = None,
        ladder_s: Sequence[float] = LADDER_S,
    ) -> None:
        self._camera_id = camera_id
        self._spec = spec
        self._is_live = is_live
        self._clock = clock
        self._on_fix = on_fix
        self._ladder = ReconnectLadder(ladder_s)
        self._secrets = spec.as_feed(camera_id).secrets() if spec.url is not None else ()
        self._reader: LineReader = NmeaReader(spec.day) if spec.kind == "nmea" else JsonLinesReader()
        self._left_out = 0
        self._points = 0
        self._fault: FeedError | None = None
        self._live_since_s: float | None = None
        self._last_fix_s = time.monotonic()
        self._stop = threading.Event()
        self._complete = threading.Event()
        self._http = HttpLines(spec.as_feed(camera_id)) if spec.url is not None else None
        self._thread = threading.Thread(target=self._run, name=f"positions-{camera_id}", daemon=True)
        self.track = PositionTrack(MOST_LIVE if is_live else MOST_IN_FILE, on_fix if is_live else None)

    @property
    def is_complete(self) -> bool:
        """Nothing more will come: a whole file has been read, well or not."""
        return self._complete.is_set()

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Stop and join; a read that does not return is left behind, its thread ends with its deadline."""
        self._stop.set()
        if self._http is not None:
            self._http.close()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)

    def status(self) -> PositionStatus:
        counts, fault = self._reader.counts, self._fault
        span = self.track.span
        return PositionStatus(
            fixes=counts.fixes + self._points,
            no_fix=counts.no_fix,
            bad=counts.bad + self._left_out,
            dropped=self.track.dropped,
            newest_at=None if span is None else span[1],
            age_s=None if span is None else (self._clock.now() - span[1]).total_seconds(),
            fault_kind=None if fault is None else fault.kind,
            fault=None if fault is None else redact(str(fault), self._secrets),
        )

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._read()
                if not self._is_live:
                    break
                wait_s = self._spec.poll_s
            except FeedError as fault:
                self._tell(fault)
                if not self._is_live:
                    break
                live_s = 0.0 if self._live_since_s is None else time.monotonic() - self._live_since_s
                wait_s = self._ladder.next_s(live_s)
                self._live_since_s = None
            except Exception as error:  # noqa: BLE001 (the thread's outermost loop: a bug costs this vehicle only)
                log.error("%s: reading positions failed: %s", self._camera_id, type(error).__name__)
                self._tell(FeedError(self._camera_id, "reading positions failed in a way that is not foreseen"))
                wait_s = LADDER_S[-1]
                if not self._is_live:
                    break
            self._stop.wait(wait_s)
        if not self._is_live:
            self._complete.set()
            if self._on_fix is not None:
                self._on_fix()

    def _read(self) -> None:
        if self._http is not None:
            for line in self._http.lines(self._refuse_silence):
                self._take(line)
            self._refuse_silence()
        elif self._is_live:
            for grown in grown_lines(self._path, self._camera_id, self._stop, self._spec.poll_s):
                if grown is None:
                    self._refuse_silence()
                else:
                    self._take(grown)
        else:
            self._read_whole()

    def _read_whole(self) -> None:
        raw = read_bounded(self._path, self._camera_id)
        if self._spec.kind == "gpx":
            try:
                fixes, self._left_out = read_gpx(raw)
            except ValueError as error:
                raise FeedCorrupt(self._camera_id, f"positions: {self._path}: {error}") from None
            for fix in fixes:
                self._points += self.track.add(fix)
        else:
            for line in raw.splitlines():
                self._take(line)
        if len(self.track) == 0:
            raise FeedCorrupt(
                self._camera_id, f"positions: {self._path} holds no position that can be used; mend: check its format"
            )
        if self.track.dropped:
            raise FeedCorrupt(
                self._camera_id,
                f"positions: {self._path} holds more than {MOST_IN_FILE} positions, the earlier ones are left out; "
                "mend: cut the track to the clip",
            )

    def _take(self, line: bytes) -> None:
        fix = self._reader.read(line)
        if fix is None:
            return
        if self._is_live and fix.at > self._clock.now() + FUTURE_SLACK:
            self._left_out += 1
            return
        self.track.add(fix)
        self._took(fix)

    def _took(self, fix: Fix) -> None:
        self._last_fix_s = time.monotonic()
        if self._live_since_s is None:
            self._live_since_s = self._last_fix_s
        self._fault = None

    def _refuse_silence(self) -> None:
        """A feed that speaks and tells no position is as silent as one that does not speak."""
        silent_s = time.monotonic() - self._last_fix_s
        if silent_s > self._spec.timeout_s:
            self._last_fix_s = time.monotonic()
            raise PositionsStalled(self._camera_id, f"positions from {self._spec.address}", silent_s)

    def _tell(self, fault: FeedError) -> None:
        """Log a fault when it begins, not at each try."""
        before, self._fault = self._fault, fault
        if before is None or before.kind != fault.kind:
            log.warning("%s", redact(str(fault), self._secrets))

    @property
    def _path(self) -> Path:
        assert self._spec.file is not None  # noqa: S101 (a spec has a file or a url)
        return self._spec.file


def read_bounded(path: Path, camera_id: CameraId) -> bytes:
    """The whole file.

    Raises:
        FeedError: it is not there, cannot be read, or is larger than any track.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise FeedCorrupt(
                camera_id, f"positions: {path} is larger than {MOST_BYTES // 1024**2} MB; mend: cut it to the clip"
            )
        return path.read_bytes()
    except FileNotFoundError:
        raise FeedNotFound(camera_id, f"positions: there is no file {path}; mend: check the track's file") from None
    except OSError as error:
        raise FeedUnreachable(
            camera_id, f"positions: {path} cannot be read ({error.strerror}); mend: check its rights"
        ) from None
