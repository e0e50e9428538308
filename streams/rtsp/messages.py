"""RTSP requests and answers as they lie between the packets."""

from collections.abc import Mapping
from dataclasses import dataclass

from streams.rtsp.errors import RtspUnreadable

MOST_HEAD_BYTES = 16 * 1024
MOST_BODY_BYTES = 128 * 1024
_VERSION = b"RTSP/"
_DOLLAR = 0x24


@dataclass(frozen=True, slots=True)
class Message:
    """An answer (``status``), or something the server asks (``method``)."""

    method: str
    status: int
    lines: tuple[tuple[str, str], ...]
    """Names in lower case, in order; a name may come twice."""
    body: bytes

    @property
    def headers(self) -> Mapping[str, str]:
        return dict(self.lines)

    def all_of(self, name: str) -> list[str]:
        """Every value of a header."""
        return [value for each, value in self.lines if each == name]


def message_at(buffer: memoryview, at: int, end: int) -> tuple[Message | None, int]:
    """The message that begins at a byte, and where the next thing begins; None while it is not whole.

    Raises:
        RtspUnreadable: no message begins there.
    """
    start = at
    while start < end and buffer[start] in b"\r\n":
        start += 1
    if start < end and buffer[start] == _DOLLAR:
        return None, start
    seen = bytes(buffer[start : min(end, start + MOST_HEAD_BYTES)])
    head, mark, _ = seen.partition(b"\r\n\r\n")
    if not _may_begin(seen):
        raise RtspUnreadable("bytes that are no rtsp")
    if not mark:
        if len(seen) >= MOST_HEAD_BYTES:
            raise RtspUnreadable("a message without an end")
        return None, start
    first, *rest = head.decode("utf-8", "replace").split("\r\n")
    lines = tuple((name.strip().lower(), value.strip()) for name, _, value in (line.partition(":") for line in rest))
    length = dict(lines).get("content-length", "0")
    if not length.isdigit() or int(length) > MOST_BODY_BYTES:
        raise RtspUnreadable("a message of unknown length")
    body_at = start + len(head) + len(mark)
    behind = body_at + int(length)
    if behind > end:
        return None, start
    return _read(first, lines, bytes(buffer[body_at:behind])), behind


def _read(first: str, lines: tuple[tuple[str, str], ...], body: bytes) -> Message:
    words = first.split()
    if first.startswith("RTSP/"):
        if len(words) < 2 or not words[1].isdigit():
            raise RtspUnreadable("an answer without a status")
        return Message("", int(words[1]), lines, body)
    return Message(words[0], 0, lines, body)


def _may_begin(seen: bytes) -> bool:
    """Whether these bytes begin an answer, or a request (a word in capitals, then a blank)."""
    if _VERSION.startswith(seen[: len(_VERSION)]):
        return True
    word, blank, _ = seen[:32].partition(b" ")
    return word.replace(b"_", b"").isalpha() and word.isupper() and (bool(blank) or len(seen) < 32)
