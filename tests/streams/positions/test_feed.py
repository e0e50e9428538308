"""Positions that keep coming: a real HTTP server, a file that grows, and everything that can be wrong with them."""

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from core.clock import SystemClock
from core.ids import CameraId
from streams.positions.feed import PositionFeed
from streams.positions.spec import PositionSpec
from tests.streams.patience import wait_for
from tests.streams.positions.sentences import rmc
from tests.streams.servers import says_nothing, tcp_server

CAMERA = CameraId("CAR-07")


def line(age_s: float) -> bytes:
    at = (datetime.now(UTC) - timedelta(seconds=age_s)).isoformat()
    return f'{{"at": "{at}", "lon": 104.066, "lat": 30.66, "course_deg": 90, "speed_mps": 8}}\n'.encode()


class Vehicle(ThreadingHTTPServer):
    """A vehicle's router: answers with its newest positions, or keeps an answer open and goes on telling."""

    daemon_threads = True

    def __init__(self, status: int = 200, is_endless: bool = False, password: str | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.status = status
        self.is_endless = is_endless
        self.password = password
        self.asked = 0
        self.paths: list[str] = []
        self.is_over = threading.Event()


class _Answer(BaseHTTPRequestHandler):
    server: Vehicle

    def do_GET(self) -> None:
        self.server.asked += 1
        self.server.paths.append(self.path)
        status = self.server.status
        if self.server.password is not None:
            expected = base64.b64encode(f"car:{self.server.password}".encode()).decode()
            status = status if self.headers.get("Authorization") == f"Basic {expected}" else 401
        self.send_response(status)
        self.end_headers()
        if status != 200:
            return
        self.wfile.write(line(100.0 - self.server.asked))
        if self.server.is_endless:
            self.wfile.write(line(50.0))
            self.wfile.flush()
            self.server.is_over.wait(20)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def vehicle(**facts: Any) -> Iterator[Vehicle]:
    server = Vehicle(**facts)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.is_over.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


@contextmanager
def reading(is_live: bool = True, **spec: Any) -> Iterator[PositionFeed]:
    feed = PositionFeed(CAMERA, PositionSpec.model_validate(spec), is_live, SystemClock(), ladder_s=(0.05,))
    feed.start()
    try:
        yield feed
    finally:
        feed.stop()
        assert not feed._thread.is_alive(), "the feed's thread outlives it"


def test_an_address_that_ends_its_answers_is_asked_again_and_again() -> None:
    with vehicle() as server, reading(url=f"http://127.0.0.1:{server.server_port}/at", poll_s=0.1) as feed:
        wait_for(lambda: len(feed.track) >= 3, "three positions")
        status = feed.status()
    assert (status.fault, status.bad) == (None, 0)
    assert status.age_s is not None
    assert 80 < status.age_s < 120


def test_an_answer_that_goes_on_is_read_as_it_comes_and_hung_up_on_at_once() -> None:
    with vehicle(is_endless=True) as server, reading(url=f"http://127.0.0.1:{server.server_port}/live") as feed:
        wait_for(lambda: len(feed.track) == 2, "both positions of an answer that does not end")
        assert server.asked == 1


def test_secrets_reach_the_vehicle_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("CAR_PASSWORD", "s3cret!pw")
    with (
        vehicle(password="s3cret!pw") as server,
        reading(
            url=f"http://127.0.0.1:{server.server_port}/at?token=t0ken1&x=1",
            username="car",
            password_env="CAR_PASSWORD",
            poll_s=0.1,
        ) as feed,
    ):
        wait_for(lambda: len(feed.track) >= 1, "a position")
        server.password = "another"
        wait_for(lambda: feed.status().fault_kind == "auth", "the refusal")
        fault = feed.status().fault or ""
        assert "token=t0ken1" in server.paths[0]
    for secret in ("s3cret!pw", "t0ken1"):
        assert secret not in fault + caplog.text + repr(feed._spec)
    assert "password_env" in fault


@pytest.mark.parametrize(
    ("status", "kind"),
    [pytest.param(404, "not_found", id="no such path"), pytest.param(503, "unreachable", id="a fault of its own")],
)
def test_refusals_are_told_apart(status: int, kind: str) -> None:
    with vehicle(status=status) as server, reading(url=f"http://127.0.0.1:{server.server_port}/at") as feed:
        wait_for(lambda: feed.status().fault_kind == kind, kind)
        assert "mend" in (feed.status().fault or "")


def test_a_vehicle_that_accepts_and_says_nothing_is_stalled_and_can_be_left_at_once() -> None:
    with tcp_server(says_nothing) as port, reading(url=f"http://127.0.0.1:{port}/at", timeout_s=0.3) as feed:
        wait_for(lambda: feed.status().fault_kind == "stalled", "the silence")


def test_a_vehicle_that_speaks_without_a_position_is_stalled_too(tmp_path: Path) -> None:
    log = tmp_path / "car.nmea"
    log.write_bytes(rmc("083000.00", status="V"))
    with reading(file=log, poll_s=0.1, timeout_s=0.3) as feed:
        wait_for(lambda: feed.status().fault_kind == "stalled", "the silence")
        assert feed.status().no_fix == 1


def test_a_recovered_vehicle_takes_its_fault_back() -> None:
    with (
        vehicle(status=503) as server,
        reading(url=f"http://127.0.0.1:{server.server_port}/at", poll_s=0.1) as feed,
    ):
        wait_for(lambda: feed.status().fault_kind == "unreachable", "the fault")
        server.status = 200
        wait_for(lambda: feed.status().fault_kind is None, "the cure")


def test_a_file_is_followed_as_it_grows_and_when_it_is_replaced(tmp_path: Path) -> None:
    log = tmp_path / "car.jsonl"
    log.write_bytes(line(90) + line(80)[:30])
    with reading(file=log, poll_s=0.1) as feed:
        wait_for(lambda: len(feed.track) == 1, "the whole line")
        with log.open("ab") as file:
            file.write(line(80)[30:])
        wait_for(lambda: len(feed.track) == 2, "the rest of the line")
        fresh = tmp_path / "fresh.jsonl"
        fresh.write_bytes(line(70))
        fresh.replace(log)
        wait_for(lambda: len(feed.track) == 3, "the new file's line")


def test_a_live_fix_of_tomorrow_is_not_taken_for_the_newest(tmp_path: Path) -> None:
    log = tmp_path / "car.jsonl"
    log.write_bytes(line(10) + line(-86_400))
    with reading(file=log, poll_s=0.1) as feed:
        wait_for(lambda: feed.status().bad == 1, "the refusal")
        newest = feed.status().newest_at
    assert newest is not None
    assert newest < datetime.now(UTC)


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        pytest.param("gone.nmea", None, "not_found", id="no file"),
        pytest.param("empty.nmea", b"", "corrupt", id="an empty file"),
        pytest.param("photo.gpx", b"\xff\xd8\xff", "corrupt", id="no GPX"),
    ],
)
def test_a_whole_file_that_cannot_be_used_is_told_and_completes(
    tmp_path: Path, name: str, content: bytes | None, kind: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with reading(is_live=False, file=tmp_path / name) as feed:
        wait_for(lambda: feed.is_complete, "the end of the file")
        assert feed.status().fault_kind == kind
        assert name in (feed.status().fault or "")


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        pytest.param({}, "either file or url", id="no source"),
        pytest.param({"file": "a.gpx", "url": "http://car/at"}, "either file or url", id="two sources"),
        pytest.param({"file": "a.csv"}, "tells no format", id="an unknown suffix"),
        pytest.param({"url": "ftp://car/at"}, "not known", id="another protocol"),
        pytest.param({"url": "rtsp://car/at"}, "http", id="a camera's address"),
        pytest.param({"url": "http://car/at", "format": "gpx"}, "one document", id="GPX in lines"),
        pytest.param({"url": "http://a:b@car/at", "password_env": "C"}, "both", id="twice"),
        pytest.param({"file": "a.gpx", "username": "car"}, "belongs to a url", id="a file with a password"),
    ],
)
def test_a_source_that_makes_no_sense_is_refused(spec: dict[str, str], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        PositionSpec.model_validate(spec)
