"""RTP packets to the access units that a picture can be made from by itself (RFC 6184, RFC 7798).

Everything else is stepped over: of a picture that needs others, no byte is copied.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

START = b"\x00\x00\x00\x01"
MOST_BYTES = 16 * 1024 * 1024
"""Of one access unit; a key frame of a 4K camera has about 2 MiB."""
_RTP = struct.Struct(">BBHII")
_HEAD_BYTES = 12


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """One picture's share of the stream."""

    timestamp: int
    """RTP's, 32 bits, in units of the stream's clock."""
    data: bytes | None
    """Annex B byte stream of a picture that needs no other; None for one that does."""
    is_whole: bool = True
    """Whether no packet of it was lost on the way."""


class Packing(Protocol):
    """How a codec's NAL units lie in RTP payloads."""

    def kind(self, head: int) -> int:
        """The NAL unit's type, of its first byte."""
        ...

    is_key: frozenset[int]
    is_parameter: frozenset[int]
    is_plain: frozenset[int]
    """Slices of pictures that need others."""
    aggregate: int
    fragment: int
    head_bytes: int


class H264:
    """RFC 6184, packetization modes 0 and 1."""

    is_key = frozenset({5})
    is_parameter = frozenset({7, 8})
    is_plain = frozenset({1, 2, 3, 4})
    aggregate = 24
    fragment = 28
    head_bytes = 1

    @staticmethod
    def kind(head: int) -> int:
        return head & 0x1F


class H265:
    """RFC 7798 without DONL fields."""

    is_key = frozenset(range(16, 22))
    is_parameter = frozenset({32, 33, 34})
    is_plain = frozenset(range(16))
    aggregate = 48
    fragment = 49
    head_bytes = 2

    @staticmethod
    def kind(head: int) -> int:
        return (head >> 1) & 0x3F


RECOVERY_POINT = 6
"""Type of the H.264 SEI message that marks a picture to start from in a stream without IDR pictures."""
_SEI_H264 = 6


class Assembler:
    """Takes RTP packets in order, gives access units; one for each connection.

    Args:
        packing: of the stream's codec.
        payload_type: packets of another are not looked at.
        parameter_sets: from the description; newer ones of the stream take their place.
    """

    def __init__(self, packing: Packing, payload_type: int, parameter_sets: tuple[bytes, ...]) -> None:
        self._packing = packing
        self._payload_type = payload_type
        self._sets: dict[int, bytes] = {}
        for unit in parameter_sets:
            kind = packing.kind(unit[0])
            self._sets[kind] = self._sets.get(kind, b"") + START + unit
        self._sequence: int | None = None
        self._source: int | None = None
        self._timestamp: int | None = None
        self._is_open = False
        self._parts: list[bytes | memoryview] = []
        self._size = 0
        self._is_key = False
        self._is_plain = False
        self._has_sets: set[int] = set()
        self._is_whole = True

    def packets(self, buffer: memoryview, start: int, end: int) -> Iterator[AccessUnit]:
        """The access units that the packet ``buffer[start:end]`` completes: none, one, or two."""
        if end - start < _HEAD_BYTES + 1:
            return
        first, second, sequence, timestamp, source = _RTP.unpack_from(buffer, start)
        if first >> 6 != 2:
            return
        if second & 0x7F != self._payload_type:
            # A maker's own data between the pictures may count in the same row of numbers.
            if source == self._source and sequence == ((self._sequence or 0) + 1) & 0xFFFF:
                self._sequence = sequence
            return
        has_gap = self._sequence is not None and sequence != (self._sequence + 1) & 0xFFFF
        self._sequence, self._source = sequence, source
        if timestamp != self._timestamp:
            if self._is_open:
                yield self._end()
            self._begin(timestamp)
        if has_gap:
            self._is_whole = False
        if not self._is_plain:
            at, end = _payload(buffer, start, end, first)
            if at < end:
                self._take(buffer, at, end)
        self._is_open = True
        # Some cameras mark the packets of parameter sets too: only a picture's slices are ended by the marker.
        if second & 0x80 and (self._is_key or self._is_plain):
            yield self._end()
            self._is_open = False

    def _begin(self, timestamp: int) -> None:
        self._timestamp = timestamp
        self._parts, self._size = [], 0
        self._is_key = self._is_plain = False
        self._has_sets = set()
        self._is_whole = True

    def _end(self) -> AccessUnit:
        timestamp = self._timestamp or 0
        if self._is_key and not self._is_plain:
            sets = (data for kind, data in sorted(self._sets.items()) if kind not in self._has_sets)
            unit = AccessUnit(timestamp, b"".join((*sets, *self._parts)), self._is_whole)
        else:
            unit = AccessUnit(timestamp, None)
        self._begin(timestamp)
        return unit

    def _take(self, buffer: memoryview, at: int, end: int) -> None:
        packing = self._packing
        kind = packing.kind(buffer[at])
        if kind == packing.fragment:
            self._take_fragment(buffer, at, end)
        elif kind == packing.aggregate:
            at += packing.head_bytes
            while at + 2 < end:
                size = buffer[at] << 8 | buffer[at + 1]
                if size == 0 or at + 2 + size > end:
                    self._is_whole = False
                    return
                self._take_unit(buffer[at + 2 : at + 2 + size])
                at += 2 + size
        elif kind < packing.aggregate:
            self._take_unit(buffer[at:end])

    def _take_unit(self, unit: memoryview) -> None:
        kind = self._packing.kind(unit[0])
        if not self._see(kind, unit):
            return
        if kind in self._packing.is_parameter:
            known = self._sets.get(kind, b"") if kind in self._has_sets else b""
            self._sets[kind] = known + START + bytes(unit)
            self._has_sets.add(kind)
        self._keep(START, bytes(unit))

    def _take_fragment(self, buffer: memoryview, at: int, end: int) -> None:
        packing = self._packing
        head = at + packing.head_bytes
        if head >= end:
            return
        is_264 = packing.head_bytes == 1
        kind = buffer[head] & (0x1F if is_264 else 0x3F)
        if not self._see(kind, buffer[head:end]):
            return
        if buffer[head] & 0x80:
            if is_264:
                self._keep(START, bytes((buffer[at] & 0xE0 | kind,)))
            else:
                self._keep(START, bytes((buffer[at] & 0x81 | kind << 1, buffer[at + 1])))
        elif not self._parts:
            self._is_whole = False
        self._keep(bytes(buffer[head + 1 : end]))

    def _see(self, kind: int, unit: memoryview) -> bool:
        """Note what this unit makes of the picture; False where it is not wanted."""
        packing = self._packing
        if kind in packing.is_key:
            self._is_key = True
        elif kind in packing.is_plain and not self._is_key:
            self._is_plain = True
            self._parts, self._size = [], 0
            return False
        elif kind == _SEI_H264 and packing.head_bytes == 1 and len(unit) > 1 and unit[1] == RECOVERY_POINT:
            self._is_key = True
        return True

    def _keep(self, *parts: bytes) -> None:
        self._size += sum(map(len, parts))
        if self._size > MOST_BYTES:
            self._parts, self._is_whole = [], False
            return
        self._parts += parts


def _payload(buffer: memoryview, start: int, end: int, first: int) -> tuple[int, int]:
    """Where the payload lies: behind contributing sources and an extension, before padding."""
    at = start + _HEAD_BYTES + 4 * (first & 0x0F)
    if first & 0x10 and at + 4 <= end:
        at += 4 + 4 * (buffer[at + 2] << 8 | buffer[at + 3])
    if first & 0x20:
        end -= buffer[end - 1]
    return at, end
