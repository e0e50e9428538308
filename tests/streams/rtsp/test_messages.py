"""Messages between the packets: whole ones, pieces, and what is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.rtsp.errors import RtspUnreadable
from streams.rtsp.messages import MOST_HEAD_BYTES, message_at

ANSWER = b"RTSP/1.0 401 Unauthorized\r\nCSeq: 2\r\nWWW-Authenticate: Digest a=1\r\nWWW-Authenticate: Basic\r\n\r\n"
DESCRIBED = b"RTSP/1.0 200 OK\r\nCSeq: 3\r\nContent-Length: 5\r\n\r\nv=0\r\n"


def read(data: bytes) -> tuple[object, int]:
    return message_at(memoryview(data), 0, len(data))


def test_an_answer_has_its_status_headers_and_body() -> None:
    message, behind = message_at(memoryview(DESCRIBED + b"$\x00"), 0, len(DESCRIBED) + 2)
    assert message is not None
    assert (message.status, message.headers["cseq"], message.body) == (200, "3", b"v=0\r\n")
    assert behind == len(DESCRIBED)


def test_a_header_may_come_twice() -> None:
    message, _ = message_at(memoryview(ANSWER), 0, len(ANSWER))
    assert message is not None
    assert message.all_of("www-authenticate") == ["Digest a=1", "Basic"]


def test_the_server_may_ask_too() -> None:
    asked = b"GET_PARAMETER rtsp://cam RTSP/1.0\r\nCSeq: 9\r\n\r\n"
    message, behind = message_at(memoryview(asked), 0, len(asked))
    assert message is not None
    assert (message.method, message.headers["cseq"], behind) == ("GET_PARAMETER", "9", len(asked))


@given(st.integers(0, len(DESCRIBED) - 1))
def test_a_message_that_is_cut_anywhere_is_waited_for(cut: int) -> None:
    assert read(DESCRIBED[:cut]) == (None, 0)


def test_empty_lines_before_a_message_or_a_packet_are_stepped_over() -> None:
    message, behind = read(b"\r\n\r\n" + DESCRIBED)
    assert message is not None
    assert behind == len(DESCRIBED) + 4
    assert read(b"\r\n$\x00\x00\x00") == (None, 2)


@pytest.mark.parametrize(
    "data",
    [
        b"\x00\x01\x02\x03",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"hello world\r\n\r\n",
        b"RTSP/1.0 fine\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: 99999999\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nX: " + b"a" * MOST_HEAD_BYTES,
        b"A" * 40,
    ],
    ids=["bytes", "http", "words", "no status", "negative length", "huge body", "endless head", "endless word"],
)
def test_what_is_no_message_is_unreadable(data: bytes) -> None:
    with pytest.raises(RtspUnreadable):
        read(data)


@given(st.binary(max_size=200))
def test_no_bytes_do_harm(data: bytes) -> None:
    try:
        message, behind = read(data)
    except RtspUnreadable:
        return
    assert 0 <= behind <= len(data)
    assert message is None or behind > 0
