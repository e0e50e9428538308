"""One HTTP request and its JSON answer within a deadline.

The standard library's client on purpose: it logs nothing, follows no redirect, reads no proxy from the environment.
A gateway's login carries the password's hash in its query and its token in a header, and both must stay out of logs.
"""

import http.client
import json
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from streams.gateways.faults import GatewayError, Trouble

MOST_BYTES = 16 * 1024 * 1024
"""A page of 500 channels has about 1 MB; more than this is not an answer."""
_CHUNK = 64 * 1024


class Deadline:
    """The moment by which a row of calls must be done."""

    def __init__(self, seconds: float) -> None:
        self._began = time.monotonic()
        self._seconds = seconds

    @property
    def left_s(self) -> float:
        return max(0.0, self._seconds - self.waited_s)

    @property
    def waited_s(self) -> float:
        return time.monotonic() - self._began


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """What came back; not to be shown, it may hold a token."""

    status: int
    token: str | None
    """The gateway's ``access-token`` header."""
    body: Mapping[str, Any] | None
    """The JSON object; None where the answer is no JSON object."""


class HttpPlace:
    """Where a gateway's REST answers; safe to call from any thread, holds no connection between calls."""

    def __init__(self, gateway: str, url: str, verify_tls: bool) -> None:
        self._gateway = gateway
        parts = urlsplit(url)
        self._host = parts.hostname or ""
        self._port = parts.port
        self._prefix = parts.path.rstrip("/")
        self._context: ssl.SSLContext | None = None
        if parts.scheme == "https":
            self._context = ssl.create_default_context()
            if not verify_tls:
                self._context.check_hostname = False
                self._context.verify_mode = ssl.CERT_NONE
        port = self._port or (443 if self._context else 80)
        self.shown = f"{parts.scheme}://{self._host}:{port}"

    def ask(
        self,
        path: str,
        query: Mapping[str, str | int],
        headers: Mapping[str, str],
        deadline: Deadline,
        method: str = "GET",
    ) -> Answer:
        """
        Raises:
            GatewayError: away, slow, TLS, or not speaking HTTP; its text holds the path, never query or headers.
        """
        connection = self._connection(max(0.05, deadline.left_s))
        target = self._prefix + path + (f"?{urlencode(query)}" if query else "")
        trouble: GatewayError | None = None
        try:
            connection.request(method, target, headers={"Accept": "application/json", **headers})
            response = connection.getresponse()
            raw = self._read(connection, response, path, deadline)
            return Answer(response.status, response.getheader("access-token"), _json_object(raw))
        except (OSError, http.client.HTTPException) as error:
            trouble = self._trouble(error, path, deadline)
        finally:
            connection.close()
        raise trouble  # outside the except block: a chained original might repeat the target

    def _connection(self, timeout_s: float) -> http.client.HTTPConnection:
        if self._context is None:
            return http.client.HTTPConnection(self._host, self._port, timeout=timeout_s)
        return http.client.HTTPSConnection(self._host, self._port, timeout=timeout_s, context=self._context)

    def _read(
        self, connection: http.client.HTTPConnection, response: http.client.HTTPResponse, path: str, deadline: Deadline
    ) -> bytes:
        """The body; a gateway that sends drop by drop has the same deadline as one that says nothing."""
        chunks: list[bytes] = []
        size = 0
        while chunk := response.read1(_CHUNK):
            chunks.append(chunk)
            size += len(chunk)
            if size > MOST_BYTES:
                raise GatewayError(
                    self._gateway,
                    Trouble.CONFUSED,
                    f"{self.shown}{path} answers more than {MOST_BYTES // 1024**2} MB; mend: check the url",
                )
            if deadline.left_s <= 0:
                raise TimeoutError
            if connection.sock is not None:
                connection.sock.settimeout(max(0.05, deadline.left_s))
        return b"".join(chunks)

    def _trouble(self, error: Exception, path: str, deadline: Deadline) -> GatewayError:
        match error:
            case TimeoutError():
                return slow(self._gateway, f"{self.shown}{path} has not answered", deadline.waited_s)
            case socket.gaierror():
                return self._away(f"the host name {self._host} is not known; mend: check the url and the name server")
            case ssl.SSLError():
                return GatewayError(
                    self._gateway,
                    Trouble.TLS,
                    f"the TLS handshake with {self.shown} fails; mend: check the port and its certificate, "
                    "or set verify_tls = false for a certificate that it signed itself",
                )
            case http.client.HTTPException():
                return self._away(f"{self.shown} does not answer in HTTP; mend: check the port and http:// or https://")
            case _:
                return self._away(f"{self.shown} does not answer; mend: check that it runs, the url and the firewall")

    def _away(self, message: str) -> GatewayError:
        return GatewayError(self._gateway, Trouble.AWAY, message)


def slow(gateway: str, what: str, waited_s: float) -> GatewayError:
    """The deadline has passed."""
    mend = "mend: look at its load, or give timeout_s more seconds"
    return GatewayError(gateway, Trouble.SLOW, f"{what} after {waited_s:.1f} s; {mend}", waited_s)


def _json_object(raw: bytes) -> Mapping[str, Any] | None:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
