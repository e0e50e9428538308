"""Video through PyAV: demuxes every packet, decodes only the pictures that are asked for."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import cast

import av
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from core.errors import FeedError
from streams.decoded import DecodedPicture
from streams.faults import Phase, fault_of, feed_ended, no_decoder, no_video
from streams.frames import Picture
from streams.sources import Candidate, FeedFacts, PassEnd
from streams.spec import FeedSpec

_LIBRARY_ERRORS = (av.FFmpegError, OSError, ValueError, RuntimeError)
"""What PyAV raises; ``ValueError`` and ``RuntimeError`` come from its own checks."""


class VideoSource:
    """One opened clip or live feed."""

    def __init__(self, spec: FeedSpec) -> None:
        self._spec = spec
        self._is_live = spec.source_kind == "live"
        self._container: InputContainer | None = None

    def open(self) -> FeedFacts:
        target = self._spec.full_url() if self._is_live else str(self._spec.path.absolute())
        began = time.monotonic()
        fault: FeedError | None = None
        try:
            self._container = av.open(
                target,
                options=_options(self._spec) if self._is_live else {},
                timeout=(self._spec.timeout_s, self._spec.timeout_s),
                metadata_errors="replace",
            )
        except _LIBRARY_ERRORS as error:
            fault = fault_of(self._spec, error, Phase.OPENING, time.monotonic() - began)
        if fault is not None:
            raise fault
        return self._facts(self._stream())

    def candidates(self, alive: Callable[[], None]) -> Iterator[Candidate | PassEnd]:
        stream = self._stream()
        clock = _PacketClock(stream, is_live=self._is_live)
        has_key = False
        for packet in self._packets(stream, alive):
            pts_s = clock.pts_s(packet)
            has_key = has_key or packet.is_keyframe
            if self._spec.full_decode and has_key:
                yield from self._all_pictures(stream, packet, clock)
            elif packet.is_keyframe:
                yield Candidate(pts_s, True, partial(self._key_picture, stream, packet))
        if self._is_live:
            raise feed_ended(self._spec)
        if self._spec.full_decode and has_key:
            yield from self._all_pictures(stream, None, clock)
        yield PassEnd(clock.end_s)

    def close(self) -> None:
        if self._container is not None:
            self._container.close()
            self._container = None

    def _packets(self, stream: VideoStream, alive: Callable[[], None]) -> "Iterator[Packet[VideoStream]]":
        assert self._container is not None  # noqa: S101 (open comes first)
        packets = self._container.demux(stream)
        while True:
            alive()
            began = time.monotonic()
            fault: FeedError | None = None
            try:
                packet = next(packets, None)
            except _LIBRARY_ERRORS as error:
                fault = fault_of(self._spec, error, Phase.READING, time.monotonic() - began)
            if fault is not None:
                raise fault
            if packet is None:
                return
            if packet.size:
                yield packet

    def _key_picture(self, stream: VideoStream, packet: "Packet[VideoStream]") -> Picture | None:
        """Decode one key frame by itself; flushing takes it out at once where B-frames would hold it back."""
        decoder = stream.codec_context
        try:
            pictures = [*decoder.decode(packet), *decoder.decode(None)]
        except _LIBRARY_ERRORS:
            pictures = []
        finally:
            decoder.flush_buffers()
        if packet.is_corrupt or not pictures:
            return None
        return self._sound(pictures[0])

    def _all_pictures(
        self, stream: VideoStream, packet: "Packet[VideoStream] | None", clock: "_PacketClock"
    ) -> Iterator[Candidate]:
        """What the decoder gives for a packet; for None what it still held back."""
        try:
            pictures = stream.codec_context.decode(packet)
        except _LIBRARY_ERRORS:
            yield Candidate(clock.last_s, False, _no_picture)
            return
        for picture in pictures:
            pts_s = clock.last_s if picture.pts is None else clock.seconds(picture.pts)
            yield Candidate(pts_s, picture.key_frame, partial(self._sound, picture))

    @staticmethod
    def _sound(picture: VideoFrame) -> Picture | None:
        return None if picture.is_corrupt else DecodedPicture(picture)

    def _stream(self) -> VideoStream:
        assert self._container is not None  # noqa: S101 (open comes first)
        streams = self._container.streams.video
        if not streams:
            raise no_video(self._spec)
        stream = streams[0]
        # PyAV types this as never None, and gives None where FFmpeg has no decoder.
        if cast(object, stream.codec_context) is None:
            raise no_decoder(self._spec, "an unknown codec")
        return stream

    def _facts(self, stream: VideoStream) -> FeedFacts:
        decoder = stream.codec_context
        # One thread for each camera: two cost a quarter more CPU for the same pictures.
        decoder.thread_count = 1
        decoder.thread_type = "NONE"
        if not self._spec.full_decode:
            decoder.skip_frame = "NONKEY"
        rate = stream.average_rate or stream.guessed_rate
        return FeedFacts(decoder.name, decoder.width, decoder.height, float(rate) if rate else None)


class _PacketClock:
    """A stream's timestamps in seconds; a clip's begin at 0 and are never missing."""

    def __init__(self, stream: VideoStream, is_live: bool) -> None:
        self._is_live = is_live
        self._start = 0 if is_live else stream.start_time
        self._unit_s = float(stream.time_base or 0)
        rate = stream.average_rate or stream.guessed_rate
        self._frame_s = 1 / float(rate) if rate else 0.04
        self.last_s: float | None = None
        self.end_s = 0.0

    def seconds(self, pts: int) -> float:
        return (pts - (self._start or 0)) * self._unit_s

    def pts_s(self, packet: "Packet[VideoStream]") -> float | None:
        """When the packet's picture is shown; a clip without timestamps counts pictures."""
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
