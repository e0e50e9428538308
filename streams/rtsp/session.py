"""An RTSP conversation over one TCP connection (RFC 2326): describe, set up, play, keep alive."""

import socket
import ssl
import struct
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from streams.address import TLS_SCHEMES, host_and_port, join_address, split_address
from streams.rtsp.authorization import Challenge, challenge_of
from streams.rtsp.description import VideoTrack, base_url, control_url, video_track
from streams.rtsp.errors import RtspRefused, RtspUnreadable, RtspUnsuited
from streams.rtsp.messages import Message, message_at

BUFFER_BYTES = 192 * 1024
"""Holds what comes between two reads, and at least two of the largest interleaved packets (64 KiB)."""
GATHER_S = 0.1
"""Between two reads of a playing stream: long enough to find several pictures, short beside any interval."""
DEFAULT_SESSION_S = 60.0
REPORT_EVERY_S = 5.0
"""Receiver reports, which some servers take for a sign of life and some miss."""
_AGENT = "Gridpatrol"
_DOLLAR = 0x24
_RTP_CHANNEL, _RTCP_CHANNEL = 0, 1
_UNAUTHORIZED, _OK = 401, 200
_UNKNOWN_METHOD = (400, 405, 501, 551)
_CNAME = b"gridpatrol"

OnPacket = Callable[[memoryview, int, int], None]


@dataclass(slots=True)
class _KeepAlive:
    """What keeps the server sending."""

    session: str = ""
    method: str = "OPTIONS"
    every_s: float = DEFAULT_SESSION_S / 2
    asked_at: float = 0.0
    reported_at: float = 0.0


class RtspSession:
    """One connection; not shared between threads. Every wait is bounded by ``timeout_s``.

    Args:
        full_url: with user name and password; only what the request line needs of it is ever sent in clear.
    """

    def __init__(self, full_url: str, timeout_s: float) -> None:
        parts = split_address(full_url)
        self._url = join_address(parts.url, None, None, parts.secret_query)
        self._username, self._password = parts.username, parts.password or ""
        self._timeout_s = timeout_s
        self._challenge: Challenge | None = None
        self._let_in_by: Challenge | None = None
        self._cseq = 0
        self._keep = _KeepAlive()
        self._buffer = bytearray(BUFFER_BYTES)
        self._view = memoryview(self._buffer)
        self._start = self._end = 0
        self._socket: socket.socket | None = None
        self._channel = _RTP_CHANNEL
        self._read_at = 0.0

    def play(self) -> VideoTrack:
        """Connect and start the first video stream.

        Raises:
            OSError: the connection fails, is cut, or is silent (``TimeoutError``).
            RtspUnreadable: what comes is no RTSP.
            RtspRefused: the server says no.
            RtspUnsuited: FFmpeg may read it, this does not.
        """
        self._connect()
        public = self._ask_what_it_can()
        described = self._ask("DESCRIBE", self._url, {"Accept": "application/sdp"})
        track = video_track(described.body.decode("utf-8", "replace"))
        given = described.headers.get("content-base") or described.headers.get("content-location") or ""
        base = base_url(self._url, given, track.session_control)
        channels = f"interleaved={_RTP_CHANNEL}-{_RTCP_CHANNEL}"
        answer = self._ask("SETUP", control_url(base, track.control), {"Transport": f"RTP/AVP/TCP;unicast;{channels}"})
        self._set_up(answer.headers, public)
        self._ask("PLAY", base, {"Range": "npt=0.000-"})
        self._keep.asked_at = self._keep.reported_at = time.monotonic()
        return track

    def read(self, on_packet: OnPacket) -> None:
        """Wait for what comes next and hand on each of its RTP packets: buffer, first byte, byte behind the last.

        Raises:
            TimeoutError: nothing came for ``timeout_s``.
            EOFError: the server hung up.
            OSError: the connection was cut.
            RtspUnreadable: what came is no RTSP.
        """
        rest_s = self._read_at + GATHER_S - time.monotonic()
        if rest_s > 0:
            time.sleep(rest_s)
        self._receive()
        self._read_at = time.monotonic()
        while (message := self._hand_on(on_packet)) is not None:
            if message.method:
                self._send(f"RTSP/1.0 200 OK\r\nCSeq: {message.headers.get('cseq', '0')}\r\n\r\n".encode())
        self._stay_alive(self._read_at)

    def close(self) -> None:
        """Say goodbye, as far as that takes no time, and hang up; the buffer is given back."""
        line, self._socket = self._socket, None
        self._view = memoryview(b"")
        self._buffer = bytearray()
        if line is None:
            return
        if self._keep.session:
            try:
                line.settimeout(0.2)
                line.sendall(self._request("TEARDOWN", self._url, {}))
            except OSError:
                pass
        line.close()

    def _connect(self) -> None:
        host, port = host_and_port(self._url)
        line: socket.socket = socket.create_connection((host, port), self._timeout_s)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if urlsplit(self._url).scheme in TLS_SCHEMES:
            # Cameras ship certificates that they signed themselves; FFmpeg does not check them either.
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            try:
                line = context.wrap_socket(line, server_hostname=host)
            except BaseException:
                line.close()
                raise
        self._socket = line

    def _ask_what_it_can(self) -> str:
        """The methods that the server names; one that does not know the question may answer the next."""
        try:
            return self._ask("OPTIONS", self._url).headers.get("public", "")
        except RtspRefused as refused:
            if refused.status not in _UNKNOWN_METHOD:
                raise
            return ""

    def _ask(self, method: str, url: str, headers: Mapping[str, str] | None = None) -> Message:
        """Send a request and wait for its answer, signing in when the server asks."""
        for attempt in range(3):
            self._send(self._request(method, url, headers or {}))
            answer = self._answer()
            if answer.status == _OK:
                self._let_in_by = self._challenge
                return answer
            challenge = challenge_of(answer.all_of("www-authenticate"))
            is_stale = challenge is not None and challenge.parameters.get("stale", "").lower() == "true"
            # A nonce may be good for one request only: who was let in by one is no stranger, and may use the next.
            was_let_in = self._challenge is not None and self._let_in_by is self._challenge
            has_tried = self._challenge is not None and not is_stale and not was_let_in
            if answer.status != _UNAUTHORIZED or challenge is None or not self._username or has_tried or attempt == 2:
                raise RtspRefused(answer.status)
            self._challenge = challenge
        raise AssertionError("the last attempt returns or raises")

    def _request(self, method: str, url: str, headers: Mapping[str, str]) -> bytes:
        self._cseq += 1
        lines = [f"{method} {url} RTSP/1.0", f"CSeq: {self._cseq}", f"User-Agent: {_AGENT}"]
        if self._challenge is not None and self._username:
            lines.append(f"Authorization: {self._challenge.answer(method, url, self._username, self._password)}")
        if self._keep.session:
            lines.append(f"Session: {self._keep.session}")
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def _answer(self) -> Message:
        """The next answer; packets that come before it are not kept."""
        deadline = time.monotonic() + self._timeout_s
        while True:
            while (message := self._hand_on(_drop)) is not None:
                if not message.method:
                    return message
            if time.monotonic() > deadline:
                raise TimeoutError("no answer")
            self._receive()

    def _set_up(self, headers: Mapping[str, str], public: str) -> None:
        transport = headers.get("transport", "")
        if "interleaved=" not in transport:
            raise RtspUnsuited("the server does not interleave")
        first = transport.partition("interleaved=")[2].partition(";")[0].partition("-")[0]
        self._channel = int(first) if first.isdigit() else _RTP_CHANNEL
        session, _, parameters = headers.get("session", "").partition(";")
        timeout = parameters.partition("timeout=")[2].strip()
        self._keep.session = session.strip()
        self._keep.every_s = max(1.0, (float(timeout) if timeout.isdigit() else DEFAULT_SESSION_S) / 2)
        self._keep.method = "GET_PARAMETER" if "GET_PARAMETER" in public else "OPTIONS"

    def _stay_alive(self, now: float) -> None:
        if now - self._keep.asked_at >= self._keep.every_s:
            self._keep.asked_at = now
            self._send(self._request(self._keep.method, self._url, {}))
        if now - self._keep.reported_at >= REPORT_EVERY_S:
            self._keep.reported_at = now
            report = _receiver_report(id(self) & 0xFFFFFFFF)
            self._send(struct.pack(">BBH", _DOLLAR, self._channel + 1, len(report)) + report)

    def _send(self, data: bytes) -> None:
        assert self._socket is not None  # noqa: S101 (connect comes first)
        self._socket.sendall(data)

    def _receive(self) -> None:
        """One read of whatever has come, behind what is not used up yet."""
        assert self._socket is not None  # noqa: S101 (connect comes first)
        if self._start:
            left = self._end - self._start
            self._buffer[:left] = self._buffer[self._start : self._end]
            self._start, self._end = 0, left
        if self._end == BUFFER_BYTES:
            raise RtspUnreadable("a message that does not end")
        got = self._socket.recv_into(self._view[self._end :])
        if got == 0:
            raise EOFError
        self._end += got

    def _hand_on(self, on_packet: OnPacket) -> Message | None:
        """Go through whole packets up to the next message; None when what has come is used up."""
        buffer, view, channel = self._buffer, self._view, self._channel
        at, end = self._start, self._end
        while end - at >= 4:
            if buffer[at] != _DOLLAR:
                message, self._start = message_at(view, at, end)
                return message
            behind = at + 4 + (buffer[at + 2] << 8 | buffer[at + 3])
            if behind > end:
                break
            if buffer[at + 1] == channel:
                on_packet(view, at + 4, behind)
            at = behind
        self._start = at
        return None


def _drop(buffer: memoryview, start: int, end: int) -> None:
    return


def _receiver_report(source: int) -> bytes:
    """An empty receiver report with the name that RFC 3550 wants beside it."""
    described = struct.pack(">IBB", source, 1, len(_CNAME)) + _CNAME
    described += bytes(4 - len(described) % 4)
    return struct.pack(">BBHI", 0x80, 201, 1, source) + struct.pack(">BBH", 0x81, 202, len(described) // 4) + described
