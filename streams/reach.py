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


class Speech(Enum):
    """What a server says to an RTSP question."""

    RTSP = "it answers in RTSP"
    OTHER = "it sends bytes that are no RTSP"
    NOTHING = "it says nothing"
    HANGS_UP = "it hangs up without an answer"


def rtsp_speech(url: str, timeout_s: float) -> Speech:
    """Ask for nothing but an answer; takes up to ``timeout_s`` to connect and for each piece of the first word.

    FFmpeg reads on through whatever comes until its time is over, as if nothing came; and it calls a line that was cut
    before a word *invalid data*.
    """
    host, port = host_and_port(url)
    heard = b""
    try:
        with socket.create_connection((host, port), timeout_s) as plain:
            plain.settimeout(timeout_s)
            plain.sendall(_QUESTION)
            while len(heard) < len(_RTSP_WORD):
                more = plain.recv(len(_RTSP_WORD) - len(heard))
                if not more:
                    break
                heard += more
    except TimeoutError:
        return Speech.NOTHING if not heard else _word_of(heard)
    except OSError:
        return Speech.HANGS_UP if not heard else _word_of(heard)
    return _word_of(heard) if heard else Speech.HANGS_UP


def _word_of(heard: bytes) -> Speech:
    return Speech.RTSP if _RTSP_WORD.startswith(heard) else Speech.OTHER
