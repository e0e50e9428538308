"""A camera on a TCP port that speaks RTSP by its own habits, for what a well-bred server never does."""

import contextlib
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

Habit = Callable[[str, dict[str, str]], str | None]
SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=control:track1\r\n"
    "a=rtpmap:96 {codec}/90000\r\n"
)


@dataclass(slots=True)
class HabitualCamera:
    """Behaviour for ``tests.streams.servers.tcp_server``.

    Args:
        habit: what it answers to a method and its headers, in place of the usual; None: the usual.
        pictures: RTP packets, sent over and over from PLAY on.
        session: the header's value.
    """

    pictures: list[bytes]
    habit: Habit = lambda method, headers: None
    session: str = "12345678;timeout=60"
    channel: int = 0
    codec: str = "H264"
    between: list[bytes] = field(default_factory=list)
    """Bytes that lie between two packets, one piece after each packet."""
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """Every request: method and headers, with the url under ``url``."""
    reports: list[bytes] = field(default_factory=list)
    """RTCP packets that came."""

    def __call__(self, caller: socket.socket, over: threading.Event) -> None:
        heard = b""
        is_playing = False
        number = 0
        while not over.is_set():
            caller.settimeout(0.01 if is_playing else 0.2)
            with contextlib.suppress(TimeoutError):
                more = caller.recv(4096)
                if not more:
                    return
                heard += more
            heard, requests = self._requests(heard)
            for method, headers in requests:
                self.asked.append((method, headers))
                answer = self.habit(method, headers)
                caller.sendall((answer if answer is not None else self._usual(method)).format(**headers).encode())
                is_playing = is_playing or (method == "PLAY" and answer is None)
            if is_playing and self.pictures:
                packet = self.pictures[number % len(self.pictures)]
                caller.sendall(struct.pack(">BBH", 0x24, self.channel, len(packet)) + packet)
                if self.between:
                    caller.sendall(self.between[number % len(self.between)])
                number += 1

    def _requests(self, heard: bytes) -> tuple[bytes, list[tuple[str, dict[str, str]]]]:
        found = []
        while heard:
            if heard[0] == 0x24:
                size = 4 + int.from_bytes(heard[2:4], "big") if len(heard) >= 4 else 65_536
                if len(heard) < size:
                    break
                self.reports.append(heard[4:size])
                heard = heard[size:]
                continue
            head, mark, rest = heard.partition(b"\r\n\r\n")
            if not mark:
                break
            heard = rest
            first, *lines = head.decode().split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            if first.startswith("RTSP/"):
                found.append(("answer", headers | {"url": ""}))
            else:
                found.append((first.split()[0], headers | {"url": first.split()[1]}))
        return heard, [(method, headers) for method, headers in found if method != "answer" or self._note(headers)]

    def _note(self, headers: dict[str, str]) -> bool:
        self.asked.append(("answer", headers))
        return False

    def _usual(self, method: str) -> str:
        head = "RTSP/1.0 200 OK\r\nCSeq: {cseq}\r\n"
        if method == "OPTIONS":
            return head + "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER\r\n\r\n"
        if method == "DESCRIBE":
            body = SDP.format(codec=self.codec)
            return head + f"Content-Type: application/sdp\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        if method == "SETUP":
            channels = f"interleaved={self.channel}-{self.channel + 1}"
            return head + f"Transport: RTP/AVP/TCP;unicast;{channels}\r\nSession: {self.session}\r\n\r\n"
        return head + "\r\n"
