"""What a backup holds, with the SHA-256 of each part: its ``manifest.json``."""

from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cases.keeping.snapshot import BackupError

MANIFEST = "manifest.json"
EVIDENCE = "evidence"
EVIDENCE_LIST = "evidence.txt"
CONFIG = "config"
SHA256 = r"^[0-9a-f]{64}$"


class BackedUpFile(BaseModel):
    """One file of the backup, its path from the backup's folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str = Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_. -]*(/[A-Za-z0-9_][A-Za-z0-9_. -]*)?$")
    sha256: str = Field(pattern=SHA256)
    size: int = Field(ge=0)


class Manifest(BaseModel):
    """The facts of one backup."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    made_at: datetime
    gridpatrol: str
    engine: Literal["sqlite", "postgresql"]
    schema_revision: str
    database: BackedUpFile
    evidence_list: BackedUpFile
    """Lines ``sha256 size``, sorted: the pictures under ``evidence/``, each named by its SHA-256."""
    pictures: int = Field(ge=0)
    picture_bytes: int = Field(ge=0)
    config: tuple[BackedUpFile, ...] = ()
    """Configuration files without their secrets."""

    @property
    def files(self) -> tuple[BackedUpFile, ...]:
        """Everything but the pictures."""
        return (self.database, self.evidence_list, *self.config)


def read_manifest(folder: Path) -> Manifest:
    """Raises: BackupError where there is none, or it is not ours."""
    path = folder / MANIFEST
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except OSError as error:
        raise BackupError(
            f"{folder} holds no {MANIFEST} ({error.strerror}); give a folder that `gridpatrol backup` wrote"
        ) from error
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in fault["loc"]) or "the file"
        raise BackupError(
            f"{path} is not a manifest that this version reads ({where}: {fault['msg']}); "
            "restore with the version that made it, or take another backup"
        ) from error


def read_evidence_list(path: Path) -> dict[str, int]:
    """SHA-256 -> bytes. Raises: BackupError when a line is not of that form."""
    pictures: dict[str, int] = {}
    for number, line in enumerate(path.read_text(encoding="ascii").splitlines(), 1):
        sha256, _, size = line.partition(" ")
        if len(sha256) != 64 or not size.isdecimal():
            raise BackupError(f"{path} line {number} is not `sha256 size`; take another backup")
        pictures[sha256] = int(size)
    return pictures
