"""Which files are video clips, told by their first bytes.

A text file that names other addresses (a playlist) is none: FFmpeg would follow it.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import av

HEAD_BYTES = 512
AV_TIME_BASE = 1_000_000
"""FFmpeg's ticks a second of a container's length."""
_TS_PACKET = 188

_BY_HEAD: Mapping[str, Callable[[bytes], bool]] = {
    "mp4": lambda head: head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"),
    "mkv": lambda head: head.startswith(b"\x1a\x45\xdf\xa3"),
    "avi": lambda head: head[:4] == b"RIFF" and head[8:12] == b"AVI ",
    "ts": lambda head: len(head) > 2 * _TS_PACKET and {head[0], head[_TS_PACKET], head[2 * _TS_PACKET]} == {0x47},
    "flv": lambda head: head.startswith(b"FLV\x01"),
    # IMKH: what a Hikvision recorder exports; a program stream behind a head of its own, whatever its name ends in.
    "mpg": lambda head: head.startswith((b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3", b"IMKH")),
    "dav": lambda head: head.startswith(b"DHAV"),
    "wmv": lambda head: head.startswith(b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"),
}


def clip_kind(head: bytes) -> str | None:
    """The file ending that fits (``mp4`` also for MOV, ``mkv`` also for WebM); None: it is no clip.

    Args:
        head: the file's first ``HEAD_BYTES``.
    """
    return next((kind for kind, fits in _BY_HEAD.items() if fits(head)), None)


def clip_seconds(path: Path) -> float | None:
    """How long a clip says that it is; None where it does not say."""
    try:
        with av.open(str(path.absolute())) as container:
            return None if container.duration is None else round(container.duration / AV_TIME_BASE, 2)
    except (av.FFmpegError, OSError, ValueError):
        return None
