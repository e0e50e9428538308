"""Lines of a file that another program is writing."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

from core.errors import FeedNotFound, FeedUnreachable
from core.ids import CameraId
from streams.positions.lines import LONGEST_LINE

_CHUNK = 64 * 1024
_LOOK_BACK = 64 * 1024
"""Bytes of what was written before that are read at the start: some minutes, so that a pose is told at once."""


def grown_lines(path: Path, camera_id: CameraId, stop: threading.Event, poll_s: float) -> Iterator[bytes | None]:
    """Each line as it is written, until ``stop``; None for each look that found nothing new.

    A file that was cut or replaced (logrotate) is read from its beginning.

    Raises:
        FeedError: the file is not there or cannot be read.
    """
    position: int | None = None
    identity = (0, 0)
    rest = b""
    while not stop.is_set():
        try:
            with path.open("rb") as file:
                facts = os.fstat(file.fileno())
                if position is None:
                    position = max(0, facts.st_size - _LOOK_BACK)
                elif identity != (facts.st_dev, facts.st_ino) or facts.st_size < position:
                    position, rest = 0, b""
                identity = facts.st_dev, facts.st_ino
                file.seek(position)
                piece = file.read(_CHUNK)
        except FileNotFoundError:
            raise FeedNotFound(camera_id, f"positions: there is no file {path}; mend: check the track's file") from None
        except OSError as error:
            raise FeedUnreachable(
                camera_id, f"positions: {path} cannot be read ({error.strerror}); mend: check its rights"
            ) from None
        position += len(piece)
        *whole, rest = (rest + piece).split(b"\n")
        yield from whole
        rest = rest[: LONGEST_LINE + 1]
        if len(piece) < _CHUNK:
            yield None
            stop.wait(poll_s)
