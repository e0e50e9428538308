"""A second look at a server that failed, for FFmpeg says too little: ``Invalid data`` also means ``no answer``."""

import socket
import ssl
from enum import Enum

from streams.address import TLS_SCHEMES, host_and_port


class Reach(Enum):
    """How far a plain connection gets."""

    UNKNOWN_HOST = "the host name is not known"
    CLOSED = "the port does not answer"
    TLS_REFUSED = "the TLS handshake fails"
    TLS_SILENT = "the TLS handshake is not answered"
    OPEN = "the server answers"


def reach(url: str, timeout_s: float) -> Reach:
    """Connect, shake hands where the scheme asks for TLS, and hang up; takes up to ``timeout_s`` for each."""
    host, port = host_and_port(url)
    try:
        plain = socket.create_connection((host, port), timeout_s)
    except socket.gaierror:
        return Reach.UNKNOWN_HOST
    except OSError:
        return Reach.CLOSED
    with plain:
        if url.partition("://")[0] not in TLS_SCHEMES:
            return Reach.OPEN
        # Cameras ship certificates that they signed themselves: only the handshake is tried here, nothing is sent.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        try:
            with context.wrap_socket(plain, server_hostname=host):
                return Reach.OPEN
        except TimeoutError:
            return Reach.TLS_SILENT
        except OSError:
            return Reach.TLS_REFUSED
