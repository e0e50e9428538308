"""How one camera is doing: its state, counted transitions and counters."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.clock import Clock
from core.errors import FeedError
from core.ids import CameraId
from streams.redaction import redact
from streams.sources import FeedFacts
from streams.spec import FeedSpec


class CameraState(StrEnum):
    """What a camera's slot is doing."""

    CONNECTING = "connecting"
    LIVE = "live"
    STALLED = "stalled"
    """It answered, then said nothing."""
    DOWN = "down"
    DISABLED = "disabled"
    ENDED = "ended"
    """A file, played once to its end."""


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """One camera at one moment; holds no secret."""

    camera_id: CameraId
    name: str
    address: str
    state: CameraState
    since: datetime
    """When the state was entered; UTC."""
    last_frame_at: datetime | None
    """Capture time of the last picture handed on."""
    error_kind: str | None
    """``FeedError.kind`` of the last fault; cleared by the next picture."""
    error: str | None
    reconnects: int
    frames_decoded: int
    frames_dropped: int
    """Due pictures that nobody had time to look at: replaced by a newer one, or not decoded while one still waited."""
    frames_corrupt: int
    transitions: Mapping[str, int]
    """How often each change happened, e.g. ``{"connecting>live": 1}``."""
    width_px: int | None
    height_px: int | None
    codec: str | None
    gop_s: float | None
    """Seconds between the last two key frames."""


class CameraHealth:
    """The record behind ``CameraStatus``: written by the camera's threads, read by anybody."""

    def __init__(self, spec: FeedSpec, clock: Clock) -> None:
        self._spec = spec
        self._clock = clock
        self._lock = threading.Lock()
        self._state = CameraState.CONNECTING
        self._since = clock.now()
        self._transitions: dict[str, int] = {}
        self._last_frame_at: datetime | None = None
        self._error_kind: str | None = None
        self._error: str | None = None
        self._reconnects = 0
        self._decoded = 0
        self._corrupt = 0
        self._facts: FeedFacts | None = None
        self._size: tuple[int, int] | None = None
        self._gop_s: float | None = None

    @property
    def state(self) -> CameraState:
        return self._state

    def enter(self, state: CameraState, fault: FeedError | None = None) -> None:
        """Change the state; a fault stays on show until the next picture."""
        text = redact(str(fault), self._spec.secrets()) if fault is not None else None
        with self._lock:
            if fault is not None:
                self._error_kind, self._error = fault.kind, text
            self._enter(state)

    def reconnecting(self) -> None:
        with self._lock:
            self._reconnects += 1
            self._enter(CameraState.CONNECTING)

    def opened(self, facts: FeedFacts) -> None:
        with self._lock:
            self._facts = facts

    def picture(self, captured_at: datetime, width_px: int, height_px: int) -> None:
        """A picture was decoded: the camera is live, whatever was wrong before."""
        with self._lock:
            self._decoded += 1
            self._last_frame_at = captured_at
            self._size = (width_px, height_px)
            self._error_kind = self._error = None
            self._enter(CameraState.LIVE)

    def corrupt_picture(self) -> None:
        with self._lock:
            self._corrupt += 1

    @property
    def gop_s(self) -> float | None:
        """Seconds from key frame to key frame, as measured last."""
        return self._gop_s

    def measured_gop(self, gop_s: float) -> None:
        with self._lock:
            self._gop_s = gop_s

    def status(self, frames_dropped: int) -> CameraStatus:
        with self._lock:
            facts = self._facts
            width_px, height_px = self._size or ((facts.width_px, facts.height_px) if facts else (None, None))
            return CameraStatus(
                camera_id=self._spec.id,
                name=self._spec.name,
                address=self._spec.address,
                state=self._state,
                since=self._since,
                last_frame_at=self._last_frame_at,
                error_kind=self._error_kind,
                error=self._error,
                reconnects=self._reconnects,
                frames_decoded=self._decoded,
                frames_dropped=frames_dropped,
                frames_corrupt=self._corrupt,
                transitions=dict(self._transitions),
                width_px=width_px,
                height_px=height_px,
                codec=facts.codec if facts else None,
                gop_s=self._gop_s,
            )

    def _enter(self, state: CameraState) -> None:
        if state is self._state:
            return
        change = f"{self._state}>{state}"
        self._transitions[change] = self._transitions.get(change, 0) + 1
        self._state = state
        self._since = self._clock.now()
