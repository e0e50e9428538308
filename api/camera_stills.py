"""The last picture that an admin took of each camera by hand, kept for a day: what a view is calibrated on.

It is as captured, nothing hidden in it: only admins get it, each taking is in the audit log, and it goes by itself.
"""

import hashlib
import json
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from core.clock import as_utc, isoformat_z
from core.errors import EvidenceError
from core.ids import CameraId

KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Still:
    """One picture and where it comes from."""

    jpeg: bytes
    taken_at: datetime
    width_px: int
    """Of the feed; the JPEG may be smaller."""
    height_px: int


class StillShelf:
    """One file a camera below a folder, its facts beside it. Threads and processes may share it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, camera_id: CameraId, still: Still) -> None:
        """Keep it in place of the one before.

        Raises:
            EvidenceError: the folder cannot take it.
        """
        facts = {
            "taken_at": isoformat_z(still.taken_at),
            "width_px": still.width_px,
            "height_px": still.height_px,
            "bytes": len(still.jpeg),
        }
        data = json.dumps(facts).encode() + b"\n" + still.jpeg  # one file: facts and picture never part
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            handle, beside = tempfile.mkstemp(prefix=".incoming-", dir=self._folder)
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.replace(beside, self._path(camera_id))
        except OSError as error:
            raise EvidenceError(f"{self._folder} cannot take a picture ({error.strerror}); mend its rights") from error

    def get(self, camera_id: CameraId, now: datetime) -> Still | None:
        """None where nobody took one in the last day; an older one goes now."""
        try:
            facts, _, jpeg = self._path(camera_id).read_bytes().partition(b"\n")
            told = json.loads(facts)
            still = Still(jpeg, as_utc(datetime.fromisoformat(told["taken_at"])), told["width_px"], told["height_px"])
        except (OSError, ValueError, KeyError):
            return None
        if as_utc(now) - still.taken_at > KEPT:
            self.forget(camera_id)
            return None
        return still

    def forget(self, camera_id: CameraId) -> None:
        """The camera is removed, or its picture is too old."""
        with suppress(OSError):
            self._path(camera_id).unlink()

    def sweep(self, now: datetime) -> int:
        """Remove every picture that is older than a day; how many went."""
        gone = 0
        with suppress(OSError):
            for path in self._folder.glob("*.still"):
                if now.timestamp() - path.stat().st_mtime > KEPT.total_seconds():
                    path.unlink(missing_ok=True)
                    gone += 1
        return gone

    def _path(self, camera_id: CameraId) -> Path:
        return self._folder / f"{hashlib.sha256(camera_id.encode()).hexdigest()[:40]}.still"
