"""Pictures over HTTP: multipart answers as cameras write them, and addresses that answer with one picture."""

import itertools
import socket
import threading
from contextlib import closing

import cv2
import numpy as np
import pytest

from core.errors import FeedCorrupt
from streams.mailbox import Mailbox
from streams.opening import source_of
from streams.probe import probe, spec_for
from streams.runner import FeedRunner
from streams.sources import Candidate
from streams.spec import FeedSpec
from tests.streams.servers import Behaviour, tcp_server


def jpeg(number: int) -> bytes:
    image = np.full((120, 160, 3), 20 + 12 * (number % 19), np.uint8)
    image[:, :80] = np.random.default_rng(number).integers(0, 255, (120, 80, 3))
    return cv2.imencode(".jpg", image)[1].tobytes()


def answer(head: str, body: bytes = b"") -> bytes:
    return f"HTTP/1.1 200 OK\r\nConnection: close\r\n{head}\r\n\r\n".encode() + body


def multipart(part_head: str, boundary: str = "--frame", has_length: bool = True) -> Behaviour:
    def behave(caller: socket.socket, over: threading.Event) -> None:
        caller.recv(4096)
        caller.sendall(answer("Content-Type: multipart/x-mixed-replace; boundary=frame"))
        for number in itertools.count():
            data = jpeg(number)
            length = f"Content-Length: {len(data)}\r\n" if has_length else ""
            caller.sendall(f"{boundary}\r\n{part_head}{length}\r\n".encode() + data + b"\r\n")
            if over.wait(0.05):
                return

    return behave


@pytest.mark.parametrize(
    "camera",
    [
        multipart("Content-Type: image/jpeg\r\n"),
        multipart("Content-Type: image/jpeg\r\n", has_length=False),
        multipart("Content-Type: image/jpg\r\n"),
        multipart("Content-Type: image/jpeg; charset=utf-8\r\n"),
        multipart(""),
        multipart("Content-Type: image/jpeg\r\n", boundary="frame"),
    ],
    ids=["well-bred", "no length", "image/jpg", "charset", "no type", "no dashes"],
)
def test_motion_jpeg_is_read_however_its_parts_are_headed_and_has_no_clock(camera: Behaviour) -> None:
    with tcp_server(camera) as port, closing(source_of(spec_for(f"http://127.0.0.1:{port}/video.cgi", 3))) as source:
        facts = source.open()
        items = [item for item in itertools.islice(source.candidates(lambda: None), 4) if isinstance(item, Candidate)]
        pictures = [item.decode() for item in items[3:]]
    assert (facts.codec, facts.fps, facts.is_still) == ("mjpeg", None, False)
    # FFmpeg's 25 a second would put the capture times of slower ones seconds into the past.
    assert [item.pts_s for item in items] == [None] * 4
    assert [(picture.width_px, picture.height_px) for picture in pictures if picture is not None] == [(160, 120)]


@pytest.mark.parametrize("has_length", [True, False], ids=["length", "no length"])
def test_an_address_of_one_picture_is_asked_again_each_interval(has_length: bool) -> None:
    numbers = itertools.count()

    def camera(caller: socket.socket, over: threading.Event) -> None:
        caller.recv(4096)
        data = jpeg(next(numbers))
        length = f"\r\nContent-Length: {len(data)}" if has_length else ""
        caller.sendall(answer(f"Content-Type: image/jpeg{length}", data))

    with tcp_server(camera) as port:
        address = f"http://127.0.0.1:{port}/ISAPI/Streaming/channels/101/picture"
        found = probe(address, 3)
        assert (found.codec, found.width_px, found.fps, found.gop_s, found.gop_frames) == (
            "mjpeg",
            160,
            None,
            None,
            None,
        )
        assert next(numbers) == 1, "asked once"
        mailbox = Mailbox()
        runner = FeedRunner(FeedSpec.model_validate({"id": "CAM-01", "url": address, "interval_s": 0.2}), mailbox)
        runner.start()
        try:
            frames = [mailbox.take(5) for _ in range(4)]
            status = runner.status()
        finally:
            runner.stop(5)
    times = [frame.captured_at for frame in frames if frame is not None]
    assert len(times) == 4
    assert (times[-1] - times[0]).total_seconds() >= 0.5
    assert (status.state, status.reconnects, status.error_kind) == ("live", 0, None)


def test_a_page_in_place_of_pictures_is_told() -> None:
    def camera(caller: socket.socket, over: threading.Event) -> None:
        caller.recv(4096)
        page = b"<html><body>Please log in.</body></html>"
        caller.sendall(answer(f"Content-Type: text/html\r\nContent-Length: {len(page)}", page))

    with tcp_server(camera) as port, pytest.raises(FeedCorrupt, match=r"check the (url|port)"):
        probe(f"http://127.0.0.1:{port}/video.cgi", 3)
