"""A session description (SDP, RFC 8866), as far as the first video stream goes."""

import binascii
import re
from base64 import b64decode
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from streams.rtsp.errors import RtspUnreadable, RtspUnsuited

CODECS = {"H264": "h264", "H265": "hevc"}
"""RTP's names, and the decoder's."""
_SPROP = {"h264": ("sprop-parameter-sets",), "hevc": ("sprop-vps", "sprop-sps", "sprop-pps")}


@dataclass(frozen=True, slots=True)
class VideoTrack:
    """What must be known to ask for the stream and to read it."""

    control: str
    """Absolute, or relative to the description's base."""
    payload_type: int
    codec: str
    """The decoder's name: ``h264`` or ``hevc``."""
    clock_hz: int
    parameter_sets: tuple[bytes, ...]
    """NAL units without start codes; may be empty, then they come in the stream."""
    fps: float | None
    session_control: str = ""
    """Absolute, where the description names one for all its streams."""


def video_track(text: str) -> VideoTrack:
    """The first video stream of a description.

    Raises:
        RtspUnreadable: it is no description.
        RtspUnsuited: it has no video, or video of another codec or packing.
    """
    sections = re.split(r"^m=", text.replace("\r\n", "\n").replace("\r", "\n"), flags=re.MULTILINE)
    if not sections[0].lstrip().startswith("v="):
        raise RtspUnreadable("the description is no SDP")
    media = next((section for section in sections[1:] if section.startswith("video ")), None)
    if media is None:
        raise RtspUnsuited("no video in the description")
    formats = media.partition("\n")[0].split()[3:]
    if not formats or not formats[0].isdigit():
        raise RtspUnsuited("the video is not carried by RTP")
    payload_type, codec, clock_hz = _mapping(media, formats)
    parameters = _format_parameters(media, payload_type)
    if parameters.get("packetization-mode") == "2" or parameters.get("sprop-max-don-diff", "0") != "0":
        raise RtspUnsuited("interleaved packing")
    control = re.search(r"^a=control:\s*(\S+)", media, re.MULTILINE)
    whole = re.search(r"^a=control:\s*(rtsps?://\S+)", sections[0], re.MULTILINE | re.IGNORECASE)
    rate = re.search(r"^a=(?:x-)?framerate:\s*([\d.]+)", media, re.MULTILINE)
    return VideoTrack(
        control=control.group(1) if control else "",
        payload_type=payload_type,
        codec=codec,
        clock_hz=clock_hz,
        parameter_sets=_parameter_sets(codec, parameters),
        fps=(_number(rate.group(1)) or None) if rate else None,
        session_control=whole.group(1) if whole else "",
    )


def _mapping(media: str, formats: list[str]) -> tuple[int, str, int]:
    """Payload type, decoder's name and clock of the first format that is read here; others may be a maker's own."""
    for name in formats:
        mapping = re.search(rf"^a=rtpmap:\s*{re.escape(name)}\s+([\w.-]+)/(\d+)", media, re.MULTILINE)
        codec = CODECS.get(mapping.group(1).upper()) if mapping else None
        if mapping is not None and codec is not None and name.isdigit() and int(mapping.group(2)):
            return int(name), codec, int(mapping.group(2))
    raise RtspUnsuited("neither H.264 nor H.265")


def _format_parameters(media: str, payload_type: int) -> dict[str, str]:
    found = re.search(rf"^a=fmtp:\s*{payload_type}\s+(.*)$", media, re.MULTILINE)
    pairs = (pair.strip().partition("=") for pair in found.group(1).split(";")) if found else ()
    return {name.lower(): value.strip() for name, _, value in pairs if name}


def _parameter_sets(codec: str, parameters: dict[str, str]) -> tuple[bytes, ...]:
    """Cameras leave them out, or write them badly: what cannot be read is left to the stream."""
    sets = []
    for name in _SPROP[codec]:
        for part in parameters.get(name, "").split(","):
            try:
                unit = b64decode(part, validate=True)
            except (binascii.Error, ValueError):
                continue
            if unit:
                sets.append(unit)
    return tuple(sets)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def base_url(asked: str, given: str, session_control: str) -> str:
    """What a description's controls are relative to (RFC 2326, C.1.1), as cameras mean it.

    Args:
        asked: the url that was asked for the description.
        given: its Content-Base or Content-Location, which may lack scheme and host.
        session_control: stands above both where the description has one, as FFmpeg has it, too.
    """
    if session_control:
        return session_control
    given = given.strip()
    if not given or urlsplit(given).netloc:
        return given or asked
    return urljoin(asked, given)


def control_url(base: str, control: str) -> str:
    """Where to ask for a stream: the control attribute against the description's base (RFC 2326, C.1.1)."""
    if not control or control == "*":
        return base
    if "://" in control:
        return control
    return base + ("" if base.endswith("/") else "/") + control
