"""Whatever answers at the API's address and is not the API: the incident waits, it is never taken as delivered."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cases.keys import Scope
from core.errors import ConfigError
from patrol.api_client import ApiAway, ApiClient, ApiRefused
from patrol.delivery import Delivery
from patrol.outbox import Outbox
from tests.patrol.conftest import OutageApi
from tests.patrol.street import cases, until
from tests.patrol.test_delivery import cameras, opened, put


@contextmanager
def stranger(status: int, body: bytes) -> Iterator[str]:
    """A server that gives every request the same answer."""

    class Same(http.server.BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            if 300 <= status < 400:
                self.send_header("Location", "https://elsewhere.example/")
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PUT = do_POST = answer

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Same)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


STRANGERS = [
    pytest.param(200, b"<html>welcome</html>", id="a web page"),
    pytest.param(200, b"[]", id="other JSON"),
    pytest.param(204, b"", id="nothing"),
    pytest.param(301, b"", id="a redirection"),
    pytest.param(404, b"not here", id="not found"),
    pytest.param(413, b"too large", id="a proxy that finds it too large"),
    pytest.param(502, b"bad gateway", id="a proxy without the API"),
]


@pytest.mark.parametrize(("status", "body"), STRANGERS)
def test_no_stranger_is_taken_for_the_api(status: int, body: bytes) -> None:
    message = opened(1)
    with stranger(status, body) as url, ApiClient(url, "gp_key") as client, pytest.raises(ApiAway):
        client.post_incident(message.idempotency_key, message.body)


def test_an_incident_waits_while_a_stranger_holds_the_address(
    tmp_path: Path, outage_api: OutageApi, caplog: pytest.LogCaptureFixture
) -> None:
    outbox = Outbox(tmp_path / "worker-1.db")
    put(outbox, opened(1))
    with stranger(200, b"{}") as url, ApiClient(url, "gp_key") as client:
        delivery = Delivery(outbox, client, "worker-1", cameras, status_every_s=0.2)
        delivery.start()
        assert until(lambda: "mend worker.api_url" in caplog.text)
        delivery.stop()
    assert (outbox.waiting_count(), outbox.refusals()) == (1, [])
    outage_api.come()
    with ApiClient(outage_api.url, outage_api.key("worker-1", Scope.WORKER)) as client:
        delivery = Delivery(outbox, client, "worker-1", cameras, status_every_s=0.2)
        delivery.start()
        assert until(lambda: len(cases(outage_api)) == 1)
        delivery.stop(drain_s=5)
    outbox.close()


def test_an_incident_of_a_camera_the_api_does_not_know_is_refused_by_name(outage_api: OutageApi) -> None:
    outage_api.come()
    message = opened(1)
    with ApiClient(outage_api.url, outage_api.key("worker-1", Scope.WORKER)) as client:
        for sha256, jpeg in message.pictures.items():
            client.put_evidence(sha256, jpeg)
        with pytest.raises(ApiRefused, match="CAM-01"):
            client.post_incident(message.idempotency_key, message.body)


def test_a_delivery_goes_on_after_a_fault_nobody_foresaw(
    tmp_path: Path, outage_api: OutageApi, caplog: pytest.LogCaptureFixture
) -> None:
    outage_api.come()
    outbox = Outbox(tmp_path / "worker-1.db")
    put(outbox, opened(1))
    calls: list[int] = []

    def breaking() -> object:
        calls.append(1)
        if len(calls) <= 2:
            raise RuntimeError("a bug nobody foresaw")
        return cameras()

    with ApiClient(outage_api.url, outage_api.key("worker-1", Scope.WORKER)) as client:
        delivery = Delivery(outbox, client, "worker-1", breaking, status_every_s=0.1)  # type: ignore[arg-type]
        delivery.start()
        assert until(lambda: outbox.waiting_count() == 0)
        delivery.stop()
    outbox.close()
    assert caplog.text.count("a fault of ours") == 1


def test_an_address_that_is_none_is_a_config_error() -> None:
    with pytest.raises(ConfigError, match=r"worker\.api_url"):
        ApiClient("http://host:port", "gp_key")
