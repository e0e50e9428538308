"""What a failed call means for the operator: one function tells the kinds apart.

FFmpeg's texts carry the whole URL, password included, so none of them is passed on: callers raise the fault
outside their ``except`` block, which leaves no chained original in a traceback either.
"""

import errno
from enum import Enum

import av

from core.errors import (
    FeedAuthFailed,
    FeedCodecUnsupported,
    FeedCorrupt,
    FeedEnded,
    FeedError,
    FeedNotFound,
    FeedStalled,
    FeedTlsFailed,
    FeedUnreachable,
)
from streams.address import host_and_port
from streams.reach import Reach, Speech, reach, rtsp_speech
from streams.spec import FeedSpec

_MOST_OF_A_TIMEOUT = 0.9
_SECOND_LOOK_S = 3.0


class Phase(Enum):
    """What was being done when it failed."""

    OPENING = "opening"
    READING = "reading"


def fault_of(spec: FeedSpec, error: Exception, phase: Phase, silent_s: float) -> FeedError:
    """The told-apart fault behind an exception of PyAV or of a socket.

    Args:
        silent_s: how long the failed call had blocked.
    """
    match error:
        case av.error.HTTPUnauthorizedError() | av.error.HTTPForbiddenError():
            return unauthorized(spec)
        case av.error.HTTPNotFoundError():
            return no_such_stream(spec)
        case av.error.HTTPServerError():
            mend = "it may have too many viewers: close some, or restart it"
            return FeedUnreachable(spec.id, f"{spec.address}: the server reports a fault of its own (5xx); {mend}")
        case av.error.HTTPClientError():
            mend = "it may have too many viewers, or want another path or transport"
            return FeedUnreachable(spec.id, f"{spec.address}: the server refuses the request (4xx); {mend}")
        case av.error.FileNotFoundError() | FileNotFoundError():
            return FeedNotFound(spec.id, f"there is no file {spec.address}; check the path of the url")
        case av.error.IsADirectoryError():
            return FeedNotFound(spec.id, f'{spec.address} is a folder; set kind = "folder" or name a file')
        case av.error.PermissionError() | PermissionError() if spec.source_kind != "live":
            return FeedNotFound(spec.id, f"{spec.address} may not be read; give this user the right to read it")
        case av.error.DecoderNotFoundError() | av.error.PatchWelcomeError() | av.error.DemuxerNotFoundError():
            return no_decoder(spec, "an unknown format")
        case av.error.ConnectionRefusedError():
            return _closed_port(spec)
        case OSError(errno=errno.EPROTONOSUPPORT) if spec.scheme in ("rtsp", "rtsps"):
            other = "udp" if spec.transport == "tcp" else "tcp"
            mend = f'set transport = "{other}" for this camera'
            return FeedUnreachable(spec.id, f"{spec.address}: the camera does not send over {spec.transport}; {mend}")
        case av.error.ProtocolNotFoundError():
            return FeedCodecUnsupported(spec.id, f"this build of FFmpeg has no {spec.scheme}://; use another scheme")
    if spec.source_kind != "live":
        return FeedCorrupt(
            spec.id, f"{spec.address} is not a whole video file ({_plain(error)}); copy or record it again"
        )
    return (
        _fault_of_opening(spec, error, silent_s) if phase is Phase.OPENING else _fault_of_reading(spec, error, silent_s)
    )


def unauthorized(spec: FeedSpec) -> FeedError:
    """The server wants somebody else (401, 403)."""
    given = "user name or password" if spec.username else "an open request; it wants a user name and password"
    return FeedAuthFailed(spec.id, f"{spec.address} refuses {given}; check username and password_env")


def no_such_stream(spec: FeedSpec) -> FeedError:
    """The server answers, and knows no such path (404)."""
    return FeedNotFound(spec.id, f"{spec.address}: no such stream on this server; check the path of the url")


def no_decoder(spec: FeedSpec, codec: str) -> FeedError:
    """There is a video stream, but nothing here decodes it."""
    mend = "set the camera to H.264 or H.265"
    return FeedCodecUnsupported(spec.id, f"{spec.address} sends {codec}, which cannot be decoded; {mend}")


def no_video(spec: FeedSpec) -> FeedError:
    """The feed opened and has no pictures in it."""
    return FeedCodecUnsupported(spec.id, f"{spec.address} carries no video; name the camera's video stream")


def sends_no_video(spec: FeedSpec) -> FeedError:
    """Bytes come that are no pictures: a page that asks for a password, say."""
    return FeedCorrupt(spec.id, f"{spec.address} sends what is not video; check the url and the camera's encoder")


def feed_ended(spec: FeedSpec) -> FeedError:
    """A live feed that ends is a fault: FFmpeg says nothing when the server is gone."""
    return FeedEnded(spec.id, f"{spec.address} ended; the camera or its server has hung up, it is tried again")


def _fault_of_opening(spec: FeedSpec, error: Exception, silent_s: float) -> FeedError:
    """FFmpeg's words are the same for most of these, so the server is asked a second time."""
    match reach(spec.url, min(spec.timeout_s, _SECOND_LOOK_S)):
        case Reach.UNKNOWN_HOST:
            host, _ = host_and_port(spec.url)
            return FeedUnreachable(spec.id, f"the host name {host} is not known; check the url and the name server")
        case Reach.CLOSED:
            return _closed_port(spec)
        case Reach.TLS_REFUSED:
            plain = spec.scheme.removesuffix("s")
            return FeedTlsFailed(
                spec.id, f"{spec.address}: the TLS handshake fails; check the port, or use {plain}:// if it has no TLS"
            )
        case Reach.TLS_SILENT:
            return FeedStalled(spec.id, silent_s)
        case Reach.OPEN:
            return _fault_of_speech(spec, error, silent_s)


def _fault_of_speech(spec: FeedSpec, error: Exception, silent_s: float) -> FeedError:
    """The port answers; what comes through it is no stream."""
    is_slow = silent_s >= _MOST_OF_A_TIMEOUT * spec.timeout_s or isinstance(error, (TimeoutError, av.error.ExitError))
    is_cut = isinstance(error, (ConnectionError, EOFError))
    speech = None
    if spec.scheme == "rtsp" and not is_cut:
        speech = rtsp_speech(spec.url, min(spec.timeout_s, _SECOND_LOOK_S))
    if is_slow:
        if speech is not Speech.OTHER:
            return FeedStalled(spec.id, silent_s)
        mend = "check the port of the url, restart the camera"
        return FeedCorrupt(spec.id, f"{spec.address} sends bytes that are no RTSP; {mend}")
    if is_cut or speech is Speech.HANGS_UP:
        return FeedUnreachable(spec.id, f"{spec.address}: the server hangs up without an answer; check its port")
    what = f"answers, but not with a readable {spec.scheme} stream ({_plain(error)})"
    return FeedCorrupt(spec.id, f"{spec.address} {what}; check the port and the scheme of the url")


def _fault_of_reading(spec: FeedSpec, error: Exception, silent_s: float) -> FeedError:
    if isinstance(error, av.error.ExitError):  # its time may have gone by while the feed was opened
        return FeedStalled(spec.id, max(silent_s, spec.timeout_s))
    if isinstance(error, TimeoutError) or silent_s >= _MOST_OF_A_TIMEOUT * spec.timeout_s:
        return FeedStalled(spec.id, silent_s)
    if isinstance(error, av.error.InvalidDataError):
        return sends_no_video(spec)
    return feed_ended(spec)


def _closed_port(spec: FeedSpec) -> FeedError:
    host, port = host_and_port(spec.url)
    mend = "check that the camera is on, the url and the firewall"
    return FeedUnreachable(spec.id, f"{host} does not answer on port {port}; {mend}")


def _plain(error: Exception) -> str:
    """FFmpeg's own words without the address that it appends."""
    return (getattr(error, "strerror", None) or type(error).__name__).lower()
