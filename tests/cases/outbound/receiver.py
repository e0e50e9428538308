"""A real listening HTTP server that answers as it is told: takes, refuses, hangs, drips, breaks off, lies."""

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Got:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def seq(self) -> int:
        """Of the case event that a webhook tells."""
        return int(self.json["data"]["event"]["seq"])


@dataclass(frozen=True)
class Say:
    """An answer."""

    status: int = 200
    body: bytes = b"ok"
    headers: dict[str, str] = field(default_factory=dict)


HANG, BREAK, DRIP, FLOOD = "hang", "break", "drip", "flood"
Behaviour = Callable[[Got], "Say | str"]


class Receiver:
    """Keeps every request; ``behave`` decides the answer and may be replaced at any time."""

    def __init__(self) -> None:
        self.got: list[Got] = []
        self.behave: Behaviour = lambda _got: Say()
        self.url = ""
        self.release = threading.Event()
        """Set: hanging answers end."""
        self._changed = threading.Condition()

    def keep(self, got: Got) -> None:
        with self._changed:
            self.got.append(got)
            self._changed.notify_all()

    def wait_for(self, count: int, timeout_s: float = 20.0) -> list[Got]:
        """The requests once there are so many."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.got) >= count, timeout_s), (
                f"{len(self.got)} of {count} requests came"
            )
            return list(self.got)


@contextmanager
def listening(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A receiver on a port of its own."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def _handle(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            got = Got(self.command, self.path, headers, self.rfile.read(length))
            said = receiver.behave(got)
            receiver.keep(got)
            try:
                self._say(said)
            except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
                self.close_connection = True

        def _say(self, said: "Say | str") -> None:
            if said == HANG:
                receiver.release.wait(30)
                self.close_connection = True
            elif said == BREAK:
                self.close_connection = True
            elif said == DRIP:
                while not receiver.release.wait(0.05):
                    self.wfile.write(b"H")
            elif said == FLOOD:
                self.send_response(500)
                self.end_headers()
                while not receiver.release.is_set():
                    self.wfile.write(b"x" * 65536)
            elif isinstance(said, Say):
                self.send_response(said.status)
                for name, value in said.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(said.body)))
                self.end_headers()
                self.wfile.write(said.body)

        do_GET = do_POST = do_PUT = _handle

        def log_message(self, format: str, *args: Any) -> None:
            """Silence."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A caller that breaks off is none."""

    server = Server(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    receiver.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.release.set()
        server.shutdown()
        server.server_close()
        thread.join(10)
