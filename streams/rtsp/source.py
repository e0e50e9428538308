"""A camera's RTSP feed as a source: key frames, each decoded by itself."""

import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial

import av
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from core.errors import FeedError
from streams.decoded import DecodedPicture
from streams.faults import Phase, fault_of, no_such_stream, unauthorized
from streams.frames import Picture
from streams.rtsp.access_units import H264, H265, AccessUnit, Assembler
from streams.rtsp.description import VideoTrack
from streams.rtsp.errors import RtspRefused, RtspUnreadable, RtspUnsuited
from streams.rtsp.session import RtspSession
from streams.sources import Candidate, FeedFacts, PassEnd, Source
from streams.spec import FeedSpec
from streams.video import HELD_BACK_KEYS

KEYLESS_S = 20.0
"""A stream that shows no key frame for so long is handed to FFmpeg, which knows more ways to begin."""
BAD_KEY_FRAMES = 3
"""So many in a row from the beginning, none of which could be decoded, and FFmpeg is asked, too."""
_DECODER_ERRORS = (av.FFmpegError, OSError, ValueError, RuntimeError)
_STAMPS = 1 << 32
_PLAIN_REFUSALS: Mapping[int, Callable[[FeedSpec], FeedError]] = {
    401: unauthorized,
    403: unauthorized,
    404: no_such_stream,
}
"""What trying again in another way would not change (and might lock an account); the rest FFmpeg may ask better."""


class RtspSource:
    """One connection over TCP.

    Args:
        make_other: what reads a stream that this does not: another codec, another packing, no key frames.
    """

    def __init__(self, spec: FeedSpec, make_other: Callable[[FeedSpec], Source]) -> None:
        self._spec = spec
        self._make_other = make_other
        self._other: Source | None = None
        self._session: RtspSession | None = None
        self._track: VideoTrack | None = None
        self._decoder: VideoCodecContext | None = None
        self._bad_keys: int | None = 0
        """None from the first picture on: what this reader could read once it goes on reading."""
        self._held_back = 0
        """Key frames in a row that are not wrong and give no picture: only what comes behind them makes it whole."""

    def open(self) -> FeedFacts:
        began = time.monotonic()
        url = self._spec.full_url()
        fault: FeedError | None = None
        try:
            self._session = RtspSession(url, self._spec.timeout_s)
            self._track = self._session.play()
        except (RtspUnsuited, RtspUnreadable):
            return self._open_other()
        except RtspRefused as error:
            if error.status not in _PLAIN_REFUSALS:
                return self._open_other()
            fault = _PLAIN_REFUSALS[error.status](self._spec)
        except (OSError, EOFError, ValueError) as error:
            fault = fault_of(self._spec, error, Phase.OPENING, time.monotonic() - began)
        if fault is not None:
            self._hang_up()
            raise fault
        assert self._track is not None  # noqa: S101 (play returned)
        self._decoder = _decoder(self._track.codec)
        # The size is in the first picture.
        return FeedFacts(self._track.codec, None, None, self._track.fps)

    def candidates(self, alive: Callable[[], None]) -> Iterator[Candidate | PassEnd]:
        if self._other is None:
            yield from self._own_candidates(alive)
        if self._other is not None:
            yield from self._other.candidates(alive)

    def close(self) -> None:
        self._hang_up()
        self._decoder = None
        if self._other is not None:
            self._other.close()
            self._other = None

    def _hang_up(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None

    def _open_other(self) -> FeedFacts:
        self._hang_up()
        self._other = self._make_other(self._spec)
        return self._other.open()

    def _own_candidates(self, alive: Callable[[], None]) -> Iterator[Candidate]:
        assert self._track is not None  # noqa: S101 (open comes first)
        track = self._track
        assembler = Assembler(H264() if track.codec == "h264" else H265(), track.payload_type, track.parameter_sets)
        seconds = _StampClock(track.clock_hz)
        waiting: list[AccessUnit] = []

        def take(buffer: memoryview, start: int, end: int) -> None:
            waiting.extend(assembler.packets(buffer, start, end))

        began = time.monotonic()
        has_key = False
        alive()
        while True:
            if not self._read(take):
                self._open_other()
                return
            for unit in waiting:
                alive()
                pts_s = seconds.at(unit.timestamp)
                if unit.data is not None:
                    has_key = True
                    yield Candidate(pts_s, True, partial(self._picture, unit.data, unit.is_whole))
            waiting.clear()
            is_keyless = not has_key and time.monotonic() - began > KEYLESS_S
            if is_keyless or (self._bad_keys or 0) >= BAD_KEY_FRAMES or self._held_back >= HELD_BACK_KEYS:
                self._open_other()
                return

    def _read(self, take: Callable[[memoryview, int, int], None]) -> bool:
        """False where what came is no RTSP."""
        assert self._session is not None  # noqa: S101 (open comes first)
        began = time.monotonic()
        fault: FeedError | None = None
        try:
            self._session.read(take)
        except RtspUnreadable:
            return False
        except (OSError, EOFError) as error:
            fault = fault_of(self._spec, error, Phase.READING, time.monotonic() - began)
        if fault is not None:
            raise fault
        return True

    def _picture(self, data: bytes, is_whole: bool) -> Picture | None:
        """Decode one key frame by itself; flushing takes it out at once where B-frames would hold it back."""
        frame = self._frame(data) if is_whole else None
        if frame is not None:
            self._bad_keys = None
        elif self._bad_keys is not None:
            self._bad_keys += 1
        self._held_back = 0 if frame is not None else self._held_back
        return None if frame is None else DecodedPicture(frame)

    def _frame(self, data: bytes) -> VideoFrame | None:
        decoder = self._decoder
        if decoder is None:
            return None
        try:
            frames = [*decoder.decode(Packet(data)), *decoder.decode(None)]
            self._held_back += not frames
        except _DECODER_ERRORS:
            frames = []
        finally:
            decoder.flush_buffers()
        return None if not frames or frames[0].is_corrupt else frames[0]


def _decoder(codec: str) -> VideoCodecContext:
    decoder = av.CodecContext.create(codec, "r")
    assert isinstance(decoder, VideoCodecContext)  # noqa: S101 (both codecs are video)
    # One thread for each camera: two cost a quarter more CPU for the same pictures.
    decoder.thread_count = 1
    decoder.thread_type = "NONE"
    return decoder


class _StampClock:
    """RTP's 32-bit stamps as seconds since the first, over their turns."""

    def __init__(self, clock_hz: int) -> None:
        self._clock_hz = clock_hz
        self._last: int | None = None
        self._units = 0

    def at(self, timestamp: int) -> float:
        if self._last is not None:
            step = (timestamp - self._last) % _STAMPS
            self._units += step if step < _STAMPS // 2 else step - _STAMPS
        self._last = timestamp
        return self._units / self._clock_hz
