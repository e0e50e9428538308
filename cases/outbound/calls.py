"""One HTTP call with a deadline: checked address, verified certificate, no redirect, a bounded answer."""

import ssl
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Protocol

import httpcore
import httpx

from cases.outbound.errors import CallAborted, NotDelivered
from cases.outbound.reach import Network, check_url, resolve
from core.errors import ConfigError

LOOK_S = 0.2
"""While waiting for the receiver, this often a look is had whether we are stopping."""
CONNECT_SHARE = 0.5
"""Of the deadline: the rest is for the answer."""
REFUSALS = frozenset({400, 409, 413, 415, 422})
AGENT = b"Gridpatrol-Outbound/1"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, ``body`` cut at the bound."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


class Caller(Protocol):
    """Makes calls to the outside."""

    def call(self, method: str, url: str, headers: Mapping[str, str], body: bytes, whole: bool = True) -> Answer:
        """
        Args:
            whole: False: the status is enough, the body is a courtesy.

        Raises:
            NotDelivered: no answer; an answer of any status is none of this method's business.
            CallAborted: we are stopping.
        """
        ...


class HttpCaller:
    """The real one; threads may share it. Every call has its own connection, so none is found dead half-way.

    Raises:
        ConfigError: the certificate file cannot be read.
    """

    def __init__(
        self,
        allowed: Sequence[Network],
        timeout_s: float,
        answer_bytes: int,
        ca_file: Path | None = None,
    ) -> None:
        self._allowed = tuple(allowed)
        self._timeout_s = timeout_s
        self._answer_bytes = answer_bytes
        self._tls = _tls(ca_file)
        self._stopping = threading.Event()

    @property
    def allowed(self) -> tuple[Network, ...]:
        """The networks that may be called besides public ones."""
        return self._allowed

    def stop(self) -> None:
        """End the calls at hand within moments, and let none begin."""
        self._stopping.set()

    def call(self, method: str, url: str, headers: Mapping[str, str], body: bytes, whole: bool = True) -> Answer:
        parsed = check_url(url, self._allowed)
        way = _Way(parsed.scheme, self._allowed, self._timeout_s, self._stopping)
        sent = [(name.encode("ascii"), value.encode("latin-1")) for name, value in headers.items()]
        sent += [(b"Host", parsed.netloc), (b"User-Agent", AGENT), (b"Content-Length", str(len(body)).encode())]
        target = httpcore.URL(scheme=parsed.raw_scheme, host=parsed.raw_host, port=parsed.port, target=parsed.raw_path)
        try:
            with (
                httpcore.ConnectionPool(self._tls, max_connections=1, network_backend=way) as pool,
                pool.stream(method, target, headers=sent, content=body) as answer,
            ):
                return Answer(
                    answer.status,
                    {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers},
                    self._body(answer.iter_stream(), whole or answer.status >= 300),
                )
        except httpcore.TimeoutException as error:
            raise NotDelivered(
                f"{parsed.host}: no whole answer in {self._timeout_s:g} s; check that the receiver runs",
                was_sent=way.has_written,
            ) from error
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise NotDelivered(f"{parsed.host}: {_cause(error)}", was_sent=way.has_written) from error

    def _body(self, parts: Iterable[bytes], is_wanted: bool) -> bytes:
        """
        Raises:
            NotDelivered: longer than the bound.
        """
        if not is_wanted:
            return b""
        found = bytearray()
        for part in parts:
            found += part
            if len(found) > self._answer_bytes:
                raise NotDelivered(
                    f"the answer is longer than {self._answer_bytes} bytes; mend the receiver, it answers shortly"
                )
        return bytes(found)


class _Way(httpcore.NetworkBackend):
    """Connects one call to a checked address, and ends it at its deadline, whatever drips in."""

    def __init__(self, scheme: str, allowed: Sequence[Network], timeout_s: float, stopping: threading.Event) -> None:
        self._scheme = scheme
        self._allowed = allowed
        self._stopping = stopping
        self._inner = httpcore.SyncBackend()
        self._ends_at_s = time.monotonic() + timeout_s
        self.has_written = False

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        usable = resolve(host, port, self._scheme, self._allowed, self.left_s())
        for number, address in enumerate(usable):
            try:
                stream = self._inner.connect_tcp(address, port, self.left_s() * CONNECT_SHARE)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if number == len(usable) - 1:
                    raise
                continue
            return _Stream(stream, self)
        raise httpcore.ConnectError("no address")

    def left_s(self) -> float:
        """
        Raises:
            httpcore.ReadTimeout: nothing is left.
            CallAborted: we are stopping.
        """
        if self._stopping.is_set():
            raise CallAborted("stopped while a receiver was called; the message is sent again at the next start")
        left_s = self._ends_at_s - time.monotonic()
        if left_s <= 0:
            raise httpcore.ReadTimeout("deadline")
        return left_s


class _Stream(httpcore.NetworkStream):
    """A connection whose every wait counts towards the call's deadline."""

    def __init__(self, inner: httpcore.NetworkStream, way: _Way) -> None:
        self._inner = inner
        self._way = way

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        while True:
            try:
                return self._inner.read(max_bytes, min(LOOK_S, self._way.left_s()))
            except httpcore.ReadTimeout:
                self._way.left_s()

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        left_s = self._way.left_s()
        self._way.has_written = True
        self._inner.write(buffer, left_s)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, self._way.left_s()), self._way)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def failure_of(answer: Answer, who: str, now_s: float, hidden: Sequence[str] = ()) -> NotDelivered:
    """What an answer that is no success means for the line.

    Args:
        now_s: seconds since 1970, for a ``Retry-After`` that is a date.
        hidden: secrets that the receiver may have been told, and may repeat.
    """
    said = shown(answer.body.decode("utf-8", "replace"), hidden)
    if 300 <= answer.status < 400:
        message = f"{who} answers {answer.status}: redirects are not followed; keep the address that it leads to"
    else:
        message = f"{who} answers {answer.status}{': ' + said if said else ''}; mend the receiver, or its address here"
    return NotDelivered(
        message,
        status=answer.status,
        is_refusal=answer.status in REFUSALS,
        is_gone=answer.status == httpx.codes.GONE,
        retry_after_s=_retry_after_s(answer.headers.get("retry-after"), now_s),
    )


def shown(text: str, hidden: Sequence[str] = ()) -> str:
    """The beginning of what a receiver said, on one line, without our secrets."""
    for secret in hidden:
        text = text.replace(secret, "…")
    text = text[:200].replace("\n", " ").strip()
    return "".join(char if char.isprintable() else "?" for char in text)


def _retry_after_s(text: str | None, now_s: float) -> float | None:
    if text is None:
        return None
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now_s)
    except (ValueError, TypeError, OverflowError):
        return None


def _cause(error: Exception) -> str:
    inner = error.__cause__ or error.__context__ or error
    if isinstance(inner, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({inner.verify_message}); mend it, or set [outbound].ca_file"
    if isinstance(inner, ssl.SSLError):
        return "TLS failed; check that the address speaks https"
    if isinstance(error, httpcore.ConnectError):
        return "cannot be connected to; check that the receiver runs and the network lets us through"
    return f"the connection broke ({type(error).__name__}); check the receiver's log"


def _tls(ca_file: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca_file is not None:
        try:
            context.load_verify_locations(ca_file)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(
                f"[outbound].ca_file {ca_file} cannot be read ({error}); give PEM certificates"
            ) from error
    return context
