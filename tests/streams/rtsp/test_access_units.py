"""RTP packets as FFmpeg packs them, put together again: the pictures are those of the encoder's own packets."""

import itertools
import socket
import struct
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.rtsp.access_units import H264, H265, MOST_BYTES, AccessUnit, Assembler, Packing

PACKINGS: dict[str, Packing] = {"h264": H264(), "hevc": H265()}
ENCODERS = {"h264": "libx264", "hevc": "libx265"}
PAYLOAD_TYPE = 96
PICTURES, GOP = 24, 8


def encoded(codec: str, **options: str) -> "list[Packet[Any]]":
    """Packets of moving noise, Annex B, with a key frame each ``GOP``."""
    made = av.CodecContext.create(ENCODERS[codec], "w")
    assert isinstance(made, VideoCodecContext)
    made.width, made.height, made.pix_fmt = 192, 128, "yuv420p"
    made.time_base = Fraction(1, 25)
    made.framerate = Fraction(25, 1)
    made.gop_size = GOP
    quiet = {"x265-params": f"log-level=none:keyint={GOP}:min-keyint={GOP}:bframes=0:open-gop=0"}
    plain = {"x264-params": f"keyint={GOP}:min-keyint={GOP}:scenecut=0:bframes=0"}
    made.options = {"preset": "ultrafast", **(quiet if codec == "hevc" else plain), **options}
    random = np.random.default_rng(5)
    packets: list[Packet[Any]] = []
    for number in range(PICTURES):
        pixels = random.integers(0, 255, (128, 192, 3), dtype=np.uint8)
        frame = av.VideoFrame.from_ndarray(pixels, format="bgr24")
        frame.pts = number
        packets += made.encode(frame)
    return packets + made.encode(None)


def packed(codec: str, packets: "list[Packet[Any]]", folder: Path, packet_bytes: int) -> list[bytes]:
    """The RTP packets that FFmpeg's own muxer makes of them."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.1", 0))
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        line.settimeout(0.5)
        got: list[bytes] = []
        target = f"rtp://127.0.0.1:{line.getsockname()[1]}?pkt_size={packet_bytes}"
        with av.open(target, "w", format="rtp", options={"payload_type": str(PAYLOAD_TYPE)}) as container:
            stream = container.add_stream(ENCODERS[codec], rate=25)
            assert isinstance(stream, VideoStream)
            stream.width, stream.height, stream.pix_fmt = 192, 128, "yuv420p"
            for packet in packets:
                copy = Packet(bytes(packet))
                copy.pts, copy.dts, copy.time_base, copy.stream = packet.pts, packet.dts, Fraction(1, 25), stream
                copy.is_keyframe = packet.is_keyframe
                container.mux(copy)
                while True:
                    line.setblocking(False)
                    try:
                        got.append(line.recv(65_536))
                    except BlockingIOError:
                        break
        return [datagram for datagram in got if datagram[1] & 0x7F == PAYLOAD_TYPE]


def assembled(codec: str, datagrams: list[bytes], sets: tuple[bytes, ...] = ()) -> list[AccessUnit]:
    assembler = Assembler(PACKINGS[codec], PAYLOAD_TYPE, sets)
    units: list[AccessUnit] = []
    for datagram in datagrams:
        units += assembler.packets(memoryview(b"????" + datagram + b"????"), 4, 4 + len(datagram))
    return units


def decoded(codec: str, data: bytes) -> bytes:
    decoder = av.CodecContext.create(codec, "r")
    assert isinstance(decoder, VideoCodecContext)
    (frame,) = [*decoder.decode(Packet(data)), *decoder.decode(None)]
    assert not frame.is_corrupt
    return bytes(frame.to_ndarray().tobytes())


@pytest.mark.parametrize("packet_bytes", [300, 1472], ids=["small packets", "usual packets"])
@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_key_pictures_come_out_as_the_encoder_made_them(codec: str, packet_bytes: int, tmp_path: Path) -> None:
    packets = encoded(codec)
    units = assembled(codec, packed(codec, packets, tmp_path, packet_bytes))
    assert [unit.data is not None for unit in units] == [number % GOP == 0 for number in range(PICTURES)]
    keys = [unit.data for unit in units if unit.data is not None]
    wanted = [bytes(packet) for packet in packets if packet.is_keyframe]
    assert [decoded(codec, data) for data in keys] == [decoded(codec, data) for data in wanted]
    assert all(unit.is_whole for unit in units)
    steps = {(later.timestamp - earlier.timestamp) & 0xFFFFFFFF for earlier, later in itertools.pairwise(units)}
    assert steps == {3600}


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_a_key_picture_that_lost_a_packet_says_so_and_the_next_one_is_whole(codec: str, tmp_path: Path) -> None:
    datagrams = packed(codec, encoded(codec), tmp_path, 500)
    del datagrams[2]
    keys = [unit for unit in assembled(codec, datagrams) if unit.data is not None]
    assert [unit.is_whole for unit in keys] == [False, True, True]


def test_parameter_sets_of_the_description_stand_before_a_picture_that_brings_none() -> None:
    (unit,) = assembled("h264", [rtp(1, 90, b"\x65idr", marker=True)], (b"\x67sps", b"\x68pps"))
    assert unit.data == b"\0\0\0\1\x67sps\0\0\0\1\x68pps\0\0\0\1\x65idr"


def test_newer_parameter_sets_take_the_place_of_older_ones_even_apart_and_marked() -> None:
    datagrams = [
        rtp(1, 90, b"\x67new", marker=True),
        rtp(2, 90, b"\x68new", marker=True),
        rtp(3, 90, b"\x65one", marker=True),
        rtp(4, 180, b"\x65two", marker=True),
    ]
    first, second = assembled("h264", datagrams, (b"\x67old", b"\x68old"))
    assert first.data == b"\0\0\0\1\x67new\0\0\0\1\x68new\0\0\0\1\x65one"
    assert second.data == b"\0\0\0\1\x67new\0\0\0\1\x68new\0\0\0\1\x65two"


def test_a_picture_without_a_marker_ends_where_the_next_begins() -> None:
    datagrams = [rtp(1, 90, b"\x65a"), rtp(2, 90, b"\x65b"), rtp(3, 180, b"\x41c"), rtp(4, 270, b"\x41d")]
    units = assembled("h264", datagrams)
    assert [(unit.timestamp, unit.data) for unit in units] == [(90, b"\0\0\0\1\x65a\0\0\0\1\x65b"), (180, None)]


def test_a_stream_that_is_refreshed_bit_by_bit_begins_at_its_recovery_points() -> None:
    recovery = b"\x06\x06\x01\x84\x80"
    units = assembled(
        "h264", [rtp(1, 90, recovery), rtp(2, 90, b"\x41i", marker=True), rtp(3, 180, b"\x41p", marker=True)]
    )
    assert [unit.data is not None for unit in units] == [True, False]


def test_an_aggregate_is_taken_apart() -> None:
    aggregate = b"\x18" + b"".join(struct.pack(">H", len(unit)) + unit for unit in (b"\x67s", b"\x68p", b"\x65i"))
    (unit,) = assembled("h264", [rtp(1, 90, aggregate, marker=True)])
    assert unit.data == b"\0\0\0\1\x67s\0\0\0\1\x68p\0\0\0\1\x65i"


def test_extensions_sources_and_padding_are_no_payload() -> None:
    body = struct.pack(">II", 7, 8) + struct.pack(">HHI", 0xBEDE, 1, 5) + b"\x65idr" + b"\0\0\3"
    head = struct.pack(">BBHII", 0x80 | 0x20 | 0x10 | 2, 0x80 | PAYLOAD_TYPE, 1, 90, 1)
    (unit,) = assembled("h264", [head + body])
    assert unit.data == b"\0\0\0\1\x65idr"


def test_another_payload_type_is_not_looked_at() -> None:
    assert assembled("h264", [rtp(1, 90, b"\x65idr", marker=True, payload_type=97)]) == []


def test_a_makers_own_packets_in_the_same_row_of_numbers_are_no_loss() -> None:
    own = rtp(2, 90, b"own data", payload_type=112)
    units = assembled("h264", [rtp(1, 90, b"\x65i"), own, rtp(3, 90, b"\x65d", marker=True)])
    assert [unit.is_whole for unit in units] == [True]
    of_another = own[:8] + b"else" + own[12:]
    units = assembled("h264", [rtp(1, 90, b"\x65i"), of_another, rtp(3, 90, b"\x65d", marker=True)])
    assert [unit.is_whole for unit in units] == [False]


def test_a_picture_beyond_all_bounds_is_given_up() -> None:
    piece = b"\x65" + bytes(60_000)
    datagrams = [rtp(number, 90, piece) for number in range(MOST_BYTES // len(piece) + 2)]
    units = assembled("h264", [*datagrams, rtp(len(datagrams), 180, b"\x41n", marker=True)])
    assert not units[0].is_whole
    assert len(units[0].data or b"") < MOST_BYTES


@settings(max_examples=300)
@given(st.lists(st.binary(max_size=80), max_size=8), st.sampled_from(["h264", "hevc"]))
def test_no_bytes_do_harm(bodies: list[bytes], codec: str) -> None:
    assembled(codec, [rtp(number, 90 * (number // 3), body) for number, body in enumerate(bodies)])
    assembled(codec, bodies)


def rtp(sequence: int, timestamp: int, payload: bytes, marker: bool = False, payload_type: int = PAYLOAD_TYPE) -> bytes:
    return struct.pack(">BBHII", 0x80, (0x80 if marker else 0) | payload_type, sequence, timestamp, 1) + payload
