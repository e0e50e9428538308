"""Video through PyAV: demuxes every packet, decodes only the pictures that are asked for."""

import logging
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import cast

import av
from av.container import InputContainer
from av.format import Flags
from av.packet import Packet
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from core.errors import FeedCorrupt, FeedError
from streams.decoded import DecodedPicture
from streams.faults import Phase, fault_of, feed_ended, no_decoder, no_video, sends_no_video
from streams.frames import Picture
from streams.sources import Candidate, FeedFacts, PassEnd
from streams.spec import FeedSpec

log = logging.getLogger(__name__)

_LONGEST_GAP_S, _LONGEST_GAP_OF_PIECES_S = 30 * 3600.0, 3600.0
_LONGEST_STEP_BACK_S = 1.0
"""Stamps of a clip that step further than this were set anew: pieces were joined, or the recorder's clock was set. The
clip goes on where it was, for nobody plays a day in which nothing comes; a motion recording's gap is kept. MPEG
transport and program streams are what recorders join: FFmpeg, too, takes their gaps for breaks sooner than others'."""
HELD_BACK_KEYS = 3
_STILL_EVERY_S, _STILL_CHECK_S = 1.0, 0.5
_JPEGS = {"analyzeduration": "0", "probesize": "4096"}
"""The first picture says all that there is to find out."""
_LIBRARY_ERRORS = (av.FFmpegError, OSError, ValueError, RuntimeError)
"""What PyAV raises; ``ValueError`` and ``RuntimeError`` come from its own checks."""


class VideoSource:
    """One opened clip or live feed."""

    def __init__(self, spec: FeedSpec) -> None:
        self._spec = spec
        self._is_live = spec.source_kind == "live"
        self._container: InputContainer | None = None
        self._decodes_all = spec.full_decode
        self._held_back = 0
        """Key frames in a row out of which no picture came, though nothing was wrong with them."""

    def open(self) -> FeedFacts:
        fault = self._connect()
        is_no_stream = fault is None and self._format == "mpjpeg" and not self._stream().codec_context.width
        if (is_no_stream or isinstance(fault, FeedCorrupt)) and self._spec.scheme in ("http", "https"):
            fault = None if self._finds_jpegs() else fault or sends_no_video(self._spec)
        if fault is not None:
            raise fault
        return self._facts(self._stream())

    def _connect(self, form: str | None = None) -> FeedError | None:
        """What went wrong, if anything did.

        Args:
            form: FFmpeg's name of what comes; None lets it find out.
        """
        target = self._spec.full_url() if self._is_live else str(self._spec.path.absolute())
        options = _options(self._spec) if self._is_live else {}
        began = time.monotonic()
        try:
            self._container = av.open(
                target,
                format=form,
                options=options | (_JPEGS if form else {}),
                timeout=(self._spec.timeout_s, self._spec.timeout_s),
                metadata_errors="replace",
            )
        except _LIBRARY_ERRORS as error:
            return fault_of(self._spec, error, Phase.OPENING, time.monotonic() - began)
        return None

    def _finds_jpegs(self) -> bool:
        """Whether pictures come after all, each JPEG found by its own first bytes.

        Some cameras write the heads between them (``image/jpg``, no type, no dashes) so that FFmpeg's reader of
        multipart answers gives up.
        """
        self.close()
        return self._connect("mjpeg") is None and bool(self._stream().codec_context.width)

    @property
    def _format(self) -> str:
        return self._container.format.name if self._container is not None else ""

    @property
    def _is_still(self) -> bool:
        """An address that answers with one picture (``snapshot.jpg``) and hangs up."""
        return self._is_live and self._format.endswith("_pipe")

    @property
    def _has_clock(self) -> bool:
        """FFmpeg gives JPEGs out of the network 25 a second, however fast they come: they have no stamps."""
        return not self._is_live or not (self._is_still or self._format in ("mpjpeg", "mjpeg"))

    def candidates(self, alive: Callable[[], None]) -> Iterator[Candidate | PassEnd]:
        asked_at = time.monotonic()
        yield from self._pictures(alive)
        while self._is_still:
            wait_until = asked_at + (self._spec.interval_s or _STILL_EVERY_S)
            while (rest_s := wait_until - time.monotonic()) > 0:
                time.sleep(min(rest_s, _STILL_CHECK_S))
                alive()
            asked_at = time.monotonic()
            self.close()
            self.open()
            yield from self._pictures(alive)
        if self._is_live:
            raise feed_ended(self._spec)

    def _pictures(self, alive: Callable[[], None]) -> Iterator[Candidate | PassEnd]:
        stream = self._stream()
        clock = _PacketClock(stream, self._is_live, self._gap_s())
        has_clock = self._has_clock
        has_key = False
        for packet in self._packets(stream, alive):
            pts_s = clock.pts_s(packet) if has_clock else None
            has_key = has_key or packet.is_keyframe
            if self._decodes_all and has_key:
                yield from self._all_pictures(stream, packet, clock)
            elif packet.is_keyframe:
                yield Candidate(pts_s, True, partial(self._key_picture, stream, packet))
                if self._held_back >= HELD_BACK_KEYS:
                    self._begin_to_decode_all(stream)
                    yield from self._all_pictures(stream, packet, clock)
        if self._is_live:
            return
        if self._decodes_all and has_key:
            yield from self._all_pictures(stream, None, clock)
        yield PassEnd(clock.end_s)

    def _gap_s(self) -> float:
        assert self._container is not None  # noqa: S101 (open comes first)
        is_joinable = Flags.ts_discont in Flags(self._container.format.flags)
        return _LONGEST_GAP_OF_PIECES_S if is_joinable else _LONGEST_GAP_S

    def close(self) -> None:
        if self._container is not None:
            self._container.close()
            self._container = None

    def _packets(self, stream: VideoStream, alive: Callable[[], None]) -> "Iterator[Packet[VideoStream]]":
        assert self._container is not None  # noqa: S101 (open comes first)
        packets = self._container.demux(stream)
        has_come = False
        while True:
            alive()
            began = time.monotonic()
            fault: FeedError | None = None
            try:
                packet = next(packets, None)
            except _LIBRARY_ERRORS as error:
                if self._is_still and has_come:  # FFmpeg misses the length of an answer that has none
                    return
                fault = fault_of(self._spec, error, Phase.READING, time.monotonic() - began)
            if fault is not None:
                raise fault
            if packet is None:
                return
            if packet.size:
                has_come = True
                yield packet

    def _key_picture(self, stream: VideoStream, packet: "Packet[VideoStream]") -> Picture | None:
        """Decode one key frame by itself; flushing takes it out at once where B-frames would hold it back."""
        decoder = stream.codec_context
        try:
            pictures = [*decoder.decode(packet), *decoder.decode(None)]
            self._held_back = 0 if pictures else self._held_back + 1
        except _LIBRARY_ERRORS:
            pictures = []
        finally:
            decoder.flush_buffers()
        if packet.is_corrupt or not pictures:
            return None
        return self._sound(pictures[0])

    def _begin_to_decode_all(self, stream: VideoStream) -> None:
        """An encoder that refreshes its pictures bit by bit has none that stands alone; the decoder itself knows from
        which one on they are sound, if it is given all."""
        self._decodes_all = True
        stream.codec_context.skip_frame = "DEFAULT"
        log.warning(
            "%s: no picture stands alone (intra refresh), so every one is decoded, which costs several times the CPU; "
            "set key frames in the encoder",
            self._spec.id,
        )

    def _all_pictures(
        self, stream: VideoStream, packet: "Packet[VideoStream] | None", clock: "_PacketClock"
    ) -> Iterator[Candidate]:
        """What the decoder gives for a packet; for None what it still held back."""
        try:
            pictures = stream.codec_context.decode(packet)
        except _LIBRARY_ERRORS:
            yield Candidate(clock.last_s if self._has_clock else None, False, _no_picture)
            return
        for picture in pictures:
            pts_s = clock.last_s if picture.pts is None else clock.seconds(picture.pts)
            yield Candidate(pts_s if self._has_clock else None, picture.key_frame, partial(self._sound, picture))

    @staticmethod
    def _sound(picture: VideoFrame) -> Picture | None:
        return None if picture.is_corrupt else DecodedPicture(picture)

    def _stream(self) -> VideoStream:
        assert self._container is not None  # noqa: S101 (open comes first)
        streams = self._container.streams.video
        if not streams:
            raise no_video(self._spec)
        # PyAV types this as never None, and gives None where FFmpeg has no decoder.
        readable = [stream for stream in streams if cast(object, stream.codec_context) is not None]
        if not readable:
            raise no_decoder(self._spec, "an unknown codec")
        moving = [stream for stream in readable if not stream.disposition & Disposition.attached_pic]
        return (moving or readable)[0]

    def _facts(self, stream: VideoStream) -> FeedFacts:
        decoder = stream.codec_context
        # One thread for each camera: two cost a quarter more CPU for the same pictures.
        decoder.thread_count = 1
        decoder.thread_type = "NONE"
        if not self._decodes_all:
            decoder.skip_frame = "NONKEY"
        rate = (stream.average_rate or stream.guessed_rate) if self._has_clock else None
        return FeedFacts(decoder.name, decoder.width, decoder.height, float(rate) if rate else None, self._is_still)


class _PacketClock:
    """A stream's timestamps in seconds; a clip's begin at 0 and are never missing."""

    def __init__(self, stream: VideoStream, is_live: bool, longest_gap_s: float) -> None:
        self._is_live = is_live
        self._longest_gap_s = longest_gap_s
        self._start = 0 if is_live else stream.start_time
        self._unit_s = float(stream.time_base or 0)
        rate = stream.average_rate or stream.guessed_rate
        self._frame_s = 1 / float(rate) if rate else 0.04
        self._last_dts: int | None = None
        self._shift = 0
        self.last_s: float | None = None
        self.end_s = 0.0

    def seconds(self, pts: int) -> float:
        return (pts - (self._start or 0)) * self._unit_s

    def pts_s(self, packet: "Packet[VideoStream]") -> float | None:
        """When the packet's picture is shown; a clip without timestamps counts pictures."""
        if not self._is_live:
            self._mend(packet)
        stamp = packet.pts if packet.pts is not None else packet.dts
        if self._start is None and stamp is not None:
            self._start = stamp
        if stamp is not None:
            self.last_s = self.seconds(stamp)
        elif self._is_live:
            self.last_s = None
        else:
            self.last_s = self.end_s
        if self.last_s is not None:
            self.end_s = max(self.end_s, self.last_s + ((packet.duration or 0) * self._unit_s or self._frame_s))
        return self.last_s

    def _mend(self, packet: "Packet[VideoStream]") -> None:
        """Give a clip's packet the stamps that it would have, had they never been set anew."""
        came = packet.dts if packet.dts is not None else packet.pts
        if came is None:
            return
        if self._last_dts is not None:
            step_s = (came + self._shift - self._last_dts) * self._unit_s
            if not -_LONGEST_STEP_BACK_S <= step_s <= self._longest_gap_s:
                self._shift = self._last_dts + round(self._frame_s / self._unit_s) - came
        self._last_dts = came + self._shift
        if self._shift:
            packet.pts = None if packet.pts is None else packet.pts + self._shift
            packet.dts = None if packet.dts is None else packet.dts + self._shift


def _no_picture() -> Picture | None:
    return None


def _options(spec: FeedSpec) -> dict[str, str]:
    """FFmpeg's words for a live feed; its timeouts are microseconds. ``timeout`` of RTMP would mean *listen*."""
    timeout_us = str(int(spec.timeout_s * 1_000_000))
    common = {"analyzeduration": "1000000", "max_delay": "500000"}
    if spec.scheme in ("rtsp", "rtsps"):
        return common | {"rtsp_transport": spec.transport, "timeout": timeout_us}
    if spec.scheme in ("rtmp", "rtmps"):
        return common | {"rw_timeout": timeout_us}
    return common | {"timeout": timeout_us, "rw_timeout": timeout_us}
