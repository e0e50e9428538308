"""A second look at a server that failed, for FFmpeg says too little: ``Invalid data`` also means ``no answer``."""

import socket
import ssl
from enum import Enum

from streams.address import TLS_SCHEMES, host_and_port

_RTSP_WORD = b"RTSP/"
_QUESTION = b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n"


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


def babbles(url: str, timeout_s: float) -> bool:
    """Whether the server sends bytes that are no RTSP; False where it says nothing, which is another fault.

    FFmpeg reads on through whatever comes until its time is over, as if nothing came.
    """
    host, port = host_and_port(url)
    heard = b""
    try:
        with socket.create_connection((host, port), timeout_s) as plain:
            plain.sendall(_QUESTION)
            while len(heard) < len(_RTSP_WORD):
                more = plain.recv(len(_RTSP_WORD) - len(heard))
                if not more:
                    break
                heard += more
    except OSError:
        return False
    return bool(heard) and not _RTSP_WORD.startswith(heard)
