"""Video files that admins uploaded: in the data folder, bounded in size and number, each played by a camera."""

import json
import os
import re
import shutil
import tempfile
import threading
import uuid
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from api.problems import ClipInUse, ClipRefused, ClipUnknown, ProbesBusy
from core.clock import as_utc, isoformat_z
from core.errors import EvidenceError, FeedError
from streams.clip_kinds import HEAD_BYTES, clip_kind, clip_seconds
from streams.probe import spec_for
from streams.snapshot import take_snapshot

MOST_CLIPS = 200
AT_ONCE = 2
SPARE_BYTES = 512 * 1024**2
"""Free on the disk at least, after the clip."""
_LOOK_S = 10.0
_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Clip:
    """One uploaded video file."""

    id: str
    name: str
    """As the person's own machine called it."""
    path: str
    """Where it lies: the ``url`` of the camera that plays it."""
    bytes: int
    codec: str
    width_px: int
    height_px: int
    fps: float | None
    duration_s: float | None
    added_at: datetime
    added_by: str


class ClipShelf:
    """A folder of ``<id>.<kind>`` with ``<id>.json`` beside. Threads may share it.

    Args:
        largest_bytes: of one file.
        total_bytes: of all together.
    """

    def __init__(self, folder: Path, largest_bytes: int, total_bytes: int) -> None:
        self._folder = folder
        self.largest_bytes = largest_bytes
        self._total_bytes = total_bytes
        self._turns = threading.BoundedSemaphore(AT_ONCE)

    def all(self) -> tuple[Clip, ...]:
        """Newest first; a file whose facts cannot be read is left out."""
        found: list[Clip] = []
        for facts in sorted(self._folder.glob("*.json")):
            with suppress(OSError, ValueError, KeyError, TypeError):
                found.append(_read(facts))
        return tuple(sorted(found, key=lambda clip: (clip.added_at, clip.id), reverse=True))

    def get(self, clip_id: str) -> Clip:
        """
        Raises:
            ClipUnknown: there is none of that id.
        """
        found = next((clip for clip in self.all() if clip.id == clip_id), None)
        if found is None:
            raise ClipUnknown(f"no video file {clip_id[:40]!a} is kept; take an id from the list")
        return found

    def begin(self, name: str, declared_bytes: int | None) -> "IncomingClip":
        """Room for one that arrives now.

        Raises:
            ProbesBusy: others are uploading.
            ClipInUse: there are enough, or the disk is full.
            EvidenceError: the folder cannot be written.
        """
        kept = self.all()
        taken = sum(clip.bytes for clip in kept)
        if len(kept) >= MOST_CLIPS or taken + (declared_bytes or 0) > self._total_bytes:
            raise ClipInUse(
                f"{len(kept)} video files of {taken // 1024**2} MiB are kept already; remove one that is not needed"
            )
        if not self._turns.acquire(blocking=False):
            raise ProbesBusy("other video files are being uploaded just now; try again when they are in")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if shutil.disk_usage(self._folder).free < (declared_bytes or 0) + SPARE_BYTES:
                raise ClipInUse("the disk of the data folder is nearly full; free some space, then upload again")
            handle, path = tempfile.mkstemp(prefix=".incoming-", dir=self._folder)
        except OSError as error:
            self._turns.release()
            raise EvidenceError(f"{self._folder} cannot be written ({error.strerror}); mend its rights") from error
        except ClipInUse:
            self._turns.release()
            raise
        return IncomingClip(self, name, Path(path), os.fdopen(handle, "wb"), self._total_bytes - taken)

    def remove(self, clip_id: str) -> None:
        """
        Raises:
            ClipUnknown: there is none of that id.
        """
        clip = self.get(clip_id)
        with suppress(OSError):
            Path(clip.path).unlink()
        with suppress(OSError):
            (self._folder / f"{clip_id}.json").unlink()

    def keep(self, incoming: Path, name: str, added_by: str, now: datetime) -> Clip:
        """What has arrived whole, once it is a video that can be decoded.

        Raises:
            ClipRefused: it is none.
        """
        kind = _kind_of(incoming)
        clip_id = uuid.uuid4().hex
        target = self._folder / f"{clip_id}.{kind}"
        os.replace(incoming, target)
        try:
            facts = take_snapshot(spec_for(str(target.absolute()), _LOOK_S), _LOOK_S).facts
        except FeedError as fault:
            target.unlink(missing_ok=True)
            raise ClipRefused(
                f"{name}: no picture of it can be decoded ({fault.kind}); save it as H.264 MP4"
            ) from fault
        clip = Clip(
            id=clip_id,
            name=name,
            path=str(target.absolute()),
            bytes=target.stat().st_size,
            codec=facts.codec,
            width_px=facts.width_px,
            height_px=facts.height_px,
            fps=facts.fps,
            duration_s=clip_seconds(target),
            added_at=as_utc(now),
            added_by=added_by,
        )
        beside = asdict(clip) | {"added_at": isoformat_z(clip.added_at), "path": target.name}
        (self._folder / f"{clip_id}.json").write_text(json.dumps(beside, ensure_ascii=False), encoding="utf-8")
        return clip

    def release(self) -> None:
        """An upload is over, one way or the other."""
        self._turns.release()


class IncomingClip:
    """One upload on its way; ``end`` must be called once, whatever happens."""

    def __init__(self, shelf: ClipShelf, name: str, path: Path, file: BinaryIO, room_bytes: int) -> None:
        self._shelf = shelf
        self._name = name
        self._path = path
        self._file = file
        self._room_bytes = room_bytes

    def write(self, chunk: bytes) -> None:
        """
        Raises:
            ClipInUse: no room is left for it.
            EvidenceError: the disk cannot take it.
        """
        self._room_bytes -= len(chunk)
        if self._room_bytes < 0:
            raise ClipInUse("all uploaded video files together have no more room; remove one that is not needed")
        try:
            self._file.write(chunk)
        except OSError as error:
            raise EvidenceError(f"the data folder cannot take the video ({error.strerror}); check its disk") from error

    def finish(self, added_by: str, now: datetime) -> Clip:
        """
        Raises:
            ClipRefused: it is no video that can be decoded.
        """
        self._file.close()
        return self._shelf.keep(self._path, self._name, added_by, now)

    def end(self) -> None:
        """Leave nothing of an upload that did not come whole."""
        self._file.close()
        self._path.unlink(missing_ok=True)
        self._shelf.release()


def _kind_of(path: Path) -> str:
    with path.open("rb") as file:
        kind = clip_kind(file.read(HEAD_BYTES))
    if kind is None:
        raise ClipRefused("this is no video file; upload an MP4, MOV, MKV, AVI, TS, FLV or MPEG")
    return kind


def _read(facts: Path) -> Clip:
    told: dict[str, Any] = json.loads(facts.read_text(encoding="utf-8"))
    if not _ID.fullmatch(told["id"]) or Path(told["path"]).name != told["path"]:
        raise ValueError("not a clip's facts")
    moment = as_utc(datetime.fromisoformat(told["added_at"]))
    return Clip(**(told | {"added_at": moment, "path": str((facts.parent / told["path"]).absolute())}))
