"""What answers on a gateway's port, told apart and within the deadline."""

import socket
import threading
import time
from collections.abc import Callable

import pytest

from streams.gateways.calls import Deadline, HttpPlace
from streams.gateways.faults import GatewayError, Trouble
from streams.gateways.spec import GatewaySpec
from streams.gateways.wvp import WvpClient
from tests.streams.patience import wait_for
from tests.streams.servers import Behaviour, hangs_up, says_nothing, sends_garbage, tcp_server
from tests.support.wvp_gateway import CAMERA, DEVICE, OTHER_CAMERA, PASSWORD, USERNAME, FakeChannel, FakeDevice, FakeWvp


def drips(caller: socket.socket, over: threading.Event) -> None:
    """An answer that never ends, a byte at a time: no single wait is long."""
    caller.recv(4096)
    caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n")
    while not over.wait(0.05):
        caller.sendall(b" ")


def redirects(caller: socket.socket, over: threading.Event) -> None:
    caller.recv(4096)
    caller.sendall(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")


@pytest.mark.parametrize(
    ("behave", "scheme", "trouble"),
    [
        (says_nothing, "http", Trouble.SLOW),
        (drips, "http", Trouble.SLOW),
        (hangs_up, "http", Trouble.AWAY),
        (sends_garbage, "http", Trouble.AWAY),
        (sends_garbage, "https", Trouble.TLS),
    ],
    ids=["says-nothing", "drips", "hangs-up", "not-http", "not-tls"],
)
def test_every_way_of_not_answering_is_told_apart_within_the_deadline(
    behave: Behaviour, scheme: str, trouble: Trouble
) -> None:
    with tcp_server(behave) as port:
        place = HttpPlace("city", f"{scheme}://127.0.0.1:{port}", verify_tls=False)
        began = time.monotonic()
        with pytest.raises(GatewayError) as failed:
            place.ask("/api/x", {"password": "s3cret"}, {"access-token": "s3cret"}, Deadline(0.5))
        assert time.monotonic() - began < 3
    assert failed.value.trouble is trouble
    assert "s3cret" not in str(failed.value)
    assert failed.value.__context__ is None  # a traceback shows no original either


def test_a_redirect_is_not_followed_with_the_token_in_hand() -> None:
    with tcp_server(redirects) as port:
        place = HttpPlace("city", f"http://127.0.0.1:{port}", verify_tls=True)
        assert place.ask("/api/x", {}, {"access-token": "s3cret"}, Deadline(2)).status == 302


def test_an_unknown_host_is_named() -> None:
    place = HttpPlace("city", "http://no-such-host.invalid:18080", verify_tls=True)
    with pytest.raises(GatewayError, match=r"no-such-host\.invalid") as failed:
        place.ask("/api/x", {}, {}, Deadline(5))
    assert failed.value.trouble is Trouble.AWAY


def test_a_channel_that_must_wait_for_its_turn_is_told_so() -> None:
    with FakeWvp([FakeDevice(DEVICE, [FakeChannel(CAMERA), FakeChannel(OTHER_CAMERA)])]) as wvp:
        wvp.delays_s[f"/api/play/start/{DEVICE}/{CAMERA}"] = 5
        spec = {"url": wvp.url, "username": USERNAME, "password": PASSWORD, "plays_at_once": 1}
        client = WvpClient("city", GatewaySpec.model_validate(spec))
        first = threading.Thread(target=_ignoring(lambda: client.play(DEVICE, CAMERA, Deadline(2))))
        first.start()
        wait_for(lambda: wvp.count("/api/play/start") == 1, "the first play")
        with pytest.raises(GatewayError, match="plays_at_once") as late:
            client.play(DEVICE, OTHER_CAMERA, Deadline(0.3))
        assert late.value.trouble is Trouble.SLOW
        first.join(10)
        assert wvp.count("/api/play/start") == 1


def test_many_cameras_log_in_once() -> None:
    with FakeWvp([FakeDevice(DEVICE, [FakeChannel(CAMERA)])]) as wvp:
        wvp.delays_s["/api/user/login"] = 0.3
        spec = {"url": wvp.url, "username": USERNAME, "password": PASSWORD}
        client = WvpClient("city", GatewaySpec.model_validate(spec))
        threads = [threading.Thread(target=lambda: client.device(DEVICE, Deadline(10))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
        assert wvp.count("/api/user/login") == 1
        assert wvp.count("/api/device/query") == 8


def _ignoring(call: Callable[[], object]) -> Callable[[], None]:
    def run() -> None:
        with pytest.raises(GatewayError):
            call()

    return run
