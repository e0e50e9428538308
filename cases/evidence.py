"""Evidence pictures on disk, each under its own SHA-256: what is stored cannot be changed unnoticed."""

import contextlib
import errno
import hashlib
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from core.errors import EvidenceError

JPEG = "image/jpeg"
_JPEG_START = b"\xff\xd8\xff"
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """One stored picture; ``size`` in bytes."""

    sha256: str
    size: int
    media_type: str


class EvidenceStore:
    """A folder ``ab/cd/<sha256>.jpg``; safe for several processes on one disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, data: bytes, expected_sha256: str) -> EvidenceFile:
        """Keep one JPEG; after return it is on the disk whole. Again is harmless.

        Raises:
            EvidenceError: not a JPEG, not of that hash, or the folder cannot take it.
        """
        target = self.path(expected_sha256)
        found = hashlib.sha256(data).hexdigest()
        if found != expected_sha256:
            raise EvidenceError(
                f"picture of {len(data)} bytes has SHA-256 {found}, not {expected_sha256}; "
                "it was cut or changed on its way, send it again"
            )
        if not data.startswith(_JPEG_START):
            raise EvidenceError(f"picture {expected_sha256} is not a JPEG; send it as {JPEG}")
        file = EvidenceFile(expected_sha256, len(data), JPEG)
        if self._is_intact(target, expected_sha256):
            return file
        try:
            self._write(target, data)
        except OSError as error:
            raise EvidenceError(self._mend(error)) from error
        return file

    def read(self, sha256: str) -> bytes:
        """The picture, checked against its name.

        Raises:
            EvidenceError: it is missing, cannot be read, or was changed on the disk.
        """
        target = self.path(sha256)
        try:
            data = target.read_bytes()
        except FileNotFoundError as error:
            raise EvidenceError(
                f"picture {sha256} is not in {self.folder}; restore the evidence folder from its backup"
            ) from error
        except OSError as error:
            raise EvidenceError(
                f"picture {sha256} in {self.folder} cannot be read ({error.strerror}); check the disk and the rights"
            ) from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise EvidenceError(
                f"picture {sha256} in {self.folder} no longer matches its hash; restore that file from its backup"
            )
        return data

    def path(self, sha256: str) -> Path:
        """Where a picture of that hash lies or would lie.

        Raises:
            EvidenceError: that is no SHA-256 in lower-case hex.
        """
        if not _SHA256.fullmatch(sha256):
            raise EvidenceError(f"{sha256[:80]!a} is not a SHA-256; give 64 lower-case hex digits")
        return self.folder / sha256[:2] / sha256[2:4] / f"{sha256}.jpg"

    def _is_intact(self, target: Path, sha256: str) -> bool:
        try:
            return hashlib.sha256(target.read_bytes()).hexdigest() == sha256
        except OSError:
            return False

    def _write(self, target: Path, data: bytes) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".incoming-", dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, target)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise
        _sync_folder(target.parent)

    def _mend(self, error: OSError) -> str:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return f"evidence folder {self.folder} is full; free space on its disk or move the folder to a larger one"
        if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            return f"evidence folder {self.folder} cannot be written; mount it read-write and give this user the right"
        return f"evidence folder {self.folder} failed ({error.strerror}); check its disk"


def _sync_folder(folder: Path) -> None:
    """Make the new name survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
