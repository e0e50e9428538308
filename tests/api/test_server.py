"""The server as a process of its own: it says a taken port, logs no secret and stops while browsers listen."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from api.server import BackgroundApi, address_of, bind
from api.settings import ApiSettings
from cases.keys import Scope
from core.clock import SystemClock
from core.errors import ConfigError
from tests.api.city import City
from tests.api.stream import next_event, said


@dataclass
class Served:
    process: subprocess.Popen[str]
    url: str


@pytest.fixture
def served(city: City) -> Iterator[Served]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.api.serve_city", str(city.folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    yield Served(process, process.stdout.readline().strip())
    process.kill()
    process.communicate()


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM], ids=lambda sign: sign.name)
def test_a_signal_stops_the_server_within_three_seconds_while_a_stream_is_open(
    city: City, served: Served, sign: signal.Signals
) -> None:
    key = {"authorization": f"Bearer {city.key[Scope.READ]}"}
    with (
        httpx.Client(base_url=served.url, timeout=10) as client,
        client.stream("GET", "/api/v1/events", headers=key) as answer,
    ):
        stream = said(answer)
        assert next_event(stream).event == "hello"
        told = time.monotonic()
        served.process.send_signal(sign)
        assert list(stream) == []  # ended in order, not torn off
        output, log = served.process.communicate(timeout=10)
        assert time.monotonic() - told < 3.0
    assert served.process.returncode == 0, log
    assert output == "stopped\n"
    assert "Traceback" not in log


def test_the_process_log_has_each_request_but_no_login_token(city: City, served: Served) -> None:
    token = city.keys.create_login("李敏", [Scope.READ], SystemClock().now())
    with httpx.Client(base_url=served.url, timeout=10) as client:
        assert client.get("/login", params={"token": token}).status_code == 303
        assert client.get("/").status_code == 200
        session = client.cookies["gridpatrol_session"]
    served.process.send_signal(signal.SIGTERM)
    _, log = served.process.communicate(timeout=10)
    assert "GET /login 303" in log
    assert "GET / 200" in log
    for secret in (token, session):
        assert secret not in log


def test_a_large_refused_upload_gets_its_answer_over_a_real_socket(city: City, served: Served) -> None:
    key = {"authorization": f"Bearer {city.key[Scope.WORKER]}", "content-type": "image/jpeg"}
    answer = httpx.put(f"{served.url}/api/v1/evidence/{'ab' * 32}", content=b"\xff" * (9 << 20), headers=key)
    assert answer.status_code == 413
    assert answer.json()["type"].endswith("/body-too-large")


def test_a_taken_port_is_named_with_its_mend() -> None:
    with bind(ApiSettings(port=0)) as holder:
        port = holder.getsockname()[1]
        with pytest.raises(ConfigError, match=rf"127\.0\.0\.1 port {port} .*set \[api\]\.host or \[api\]\.port"):
            bind(ApiSettings(port=port))


def test_an_address_that_is_not_ours_is_named() -> None:
    with pytest.raises(ConfigError, match=r"192\.0\.2\.1"):
        bind(ApiSettings(host="192.0.2.1", port=0))


def test_the_address_of_an_open_listener_is_one_that_can_be_called() -> None:
    with bind(ApiSettings(host="0.0.0.0", port=0)) as listener:  # noqa: S104 - what the test is about
        assert address_of(listener) == f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_a_caller_that_never_finishes_its_body_does_not_hold_the_server_up(city: City, served: Served) -> None:
    port = int(served.url.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as caller:
        caller.sendall(
            f"PUT /api/v1/evidence/{'ab' * 32} HTTP/1.1\r\nHost: desk\r\nContent-Type: image/jpeg\r\n"
            f"Authorization: Bearer {city.key[Scope.WORKER]}\r\nContent-Length: 1000\r\n\r\nonly this".encode()
        )
        assert httpx.get(f"{served.url}/healthz").status_code == 200
        told = time.monotonic()
        served.process.send_signal(signal.SIGTERM)
        output, log = served.process.communicate(timeout=20)
    assert time.monotonic() - told < 6.0
    assert output == "stopped\n", log


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
def test_an_ipv6_address_is_written_in_brackets() -> None:
    try:
        listener = bind(ApiSettings(host="::1", port=0))
    except ConfigError:
        pytest.skip("this machine has no IPv6 loopback")
    with listener:
        assert address_of(listener).startswith("http://[::1]:")


def test_a_background_server_starts_answers_and_stops_twice(city: City) -> None:
    server = BackgroundApi(city.app, city.settings)
    with server:
        assert httpx.get(f"{server.url}/healthz").json() == {"status": "ok"}
    server.stop()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{server.url}/healthz")
