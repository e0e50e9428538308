"""Lines of an HTTP answer that may never end.

The standard library's client, as for gateways: it logs nothing, follows no redirect, reads no proxy from the
environment. A position feed's password and token must stay out of logs.
"""

import base64
import http.client
import socket
import ssl
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, suppress
from urllib.parse import unquote, urlsplit

from core.errors import (
    FeedAuthFailed,
    FeedCorrupt,
    FeedError,
    FeedNotFound,
    FeedStalled,
    FeedTlsFailed,
    FeedUnreachable,
)
from core.ids import CameraId
from streams.positions.lines import LONGEST_LINE
from streams.spec import FeedSpec

_CHUNK = 16 * 1024


class HttpLines:
    """One address that is asked again and again; ``close`` may be called from any thread and ends a silent wait."""

    def __init__(self, feed: FeedSpec) -> None:
        self._feed = feed
        self._socket: socket.socket | None = None
        self._is_closed = False

    def close(self) -> None:
        self._is_closed = True
        sock = self._socket
        if sock is not None:
            with suppress(OSError):  # it is closed already
                sock.shutdown(socket.SHUT_RDWR)

    def lines(self, beat: Callable[[], None]) -> Iterator[bytes]:
        """Ask once and give each line of the answer as it comes, for as long as it goes on.

        Args:
            beat: called for every piece that arrives.

        Raises:
            FeedError: told apart; its text names the address without its secrets, and the mend.
        """
        fault: FeedError | None = None
        try:
            with closing(self._pieces()) as pieces:
                yield from _split(pieces, beat)
        except (OSError, http.client.HTTPException) as error:
            fault = None if self._is_closed else self._fault(error)
        if fault is not None:  # outside the except block: a chained original might repeat the target
            raise fault

    def _pieces(self) -> Generator[bytes]:
        parts = urlsplit(self._feed.full_url())
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=self._feed.timeout_s)
        headers = {"Accept": "application/x-ndjson, application/json, text/plain"}
        if parts.username is not None:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        with closing(connection):
            connection.connect()
            self._socket = connection.sock  # an answer that ends with the connection takes it away from there
            try:
                target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
                connection.request("GET", target, headers=headers)
                with connection.getresponse() as response:
                    self._check(response.status)
                    while not self._is_closed and (piece := response.read1(_CHUNK)):
                        yield piece
            finally:
                self._socket = None

    def _check(self, status: int) -> None:
        where = f"positions from {self._feed.address}"
        match status:
            case 200:
                return
            case 401 | 403:
                raise FeedAuthFailed(
                    self._feed.id, f"{where}: user name or password refused; mend: check username and password_env"
                )
            case 404 | 410:
                raise FeedNotFound(self._feed.id, f"{where}: no such path; mend: check the track's url")
            case _:
                raise FeedUnreachable(
                    self._feed.id, f"{where}: the server answers {status}; mend: look at its log, or check the url"
                )

    def _fault(self, error: Exception) -> FeedError:
        where = f"positions from {self._feed.address}"
        match error:
            case TimeoutError():
                return PositionsStalled(self._feed.id, where, self._feed.timeout_s)
            case ssl.SSLError():
                return FeedTlsFailed(
                    self._feed.id, f"{where}: the TLS handshake fails; mend: check the port and its certificate"
                )
            case socket.gaierror():
                return FeedUnreachable(self._feed.id, f"{where}: the host name is not known; mend: check the url")
            case http.client.HTTPException():
                return FeedCorrupt(
                    self._feed.id, f"{where}: it does not answer in HTTP; mend: check the port and http:// or https://"
                )
            case _:
                return FeedUnreachable(
                    self._feed.id, f"{where}: it does not answer; mend: check that it runs, the url and the firewall"
                )


class PositionsStalled(FeedStalled):
    """The feed of positions answered, then said nothing."""

    def __init__(self, camera_id: CameraId, where: str, silent_s: float) -> None:
        FeedError.__init__(
            self,
            camera_id,
            f"{where}: no position for {silent_s:.1f} s; mend: check the receiver and the vehicle's network",
        )
        self.silent_s = silent_s


def _split(pieces: Iterator[bytes], beat: Callable[[], None]) -> Iterator[bytes]:
    """Whole lines; of one that is too long only its beginning, so that it is counted and takes no room."""
    rest = b""
    for piece in pieces:
        beat()
        *whole, rest = (rest + piece).split(b"\n")
        yield from whole
        rest = rest[: LONGEST_LINE + 1]
    if rest.strip():
        yield rest
