"""From a backup back to a running installation: only into an empty place, and only what matches its hashes."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cases.database import known_schemas
from cases.evidence import EvidenceStore
from cases.keeping.manifest import EVIDENCE, Manifest, read_evidence_list, read_manifest
from cases.keeping.snapshot import TOLD, BackupError, sha256_of


@dataclass(frozen=True, slots=True)
class RestoreTarget:
    """Where things go; nothing of it may be there yet."""

    database: Path | None
    """The SQLite file; None where PostgreSQL keeps the cases."""
    evidence: Path


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """What came back."""

    manifest: Manifest
    pictures: int
    migrates: bool
    """The tables are older than this version's; the API brings them up to date when it starts."""


def restore(folder: Path, target: RestoreTarget, told: TOLD = lambda _what, _done, _of: None) -> RestoreReport:
    """Bring a backup back; all of it or nothing.

    Raises:
        BackupError: the place is not empty, the backup is damaged, of a newer version or of another engine.
    """
    with _explained(target.evidence):
        manifest = _checked(folder, target)
        pictures = read_evidence_list(folder / manifest.evidence_list.path)
        arriving = target.evidence.with_name(f".{target.evidence.name}-restoring")
        database = target.database
        arriving_db = None if database is None else database.with_name(f".{database.name}-restoring")
        shutil.rmtree(arriving, ignore_errors=True)
        try:
            arriving.mkdir(parents=True)
            _copy_pictures(folder, arriving, pictures, told)
            if arriving_db is not None:
                arriving_db.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(folder / manifest.database.path, arriving_db)
                if sha256_of(arriving_db) != manifest.database.sha256:
                    raise BackupError(f"{arriving_db} did not arrive whole; check the disk, then restore again")
            if target.evidence.exists():
                target.evidence.rmdir()  # it is empty: that was checked
            os.replace(arriving, target.evidence)
            if arriving_db is not None and database is not None:
                os.replace(arriving_db, database)  # last: with it there, the API would start
        finally:
            shutil.rmtree(arriving, ignore_errors=True)
            if arriving_db is not None:
                arriving_db.unlink(missing_ok=True)
    return RestoreReport(manifest, len(pictures), manifest.schema_revision != known_schemas()[0])


def _checked(folder: Path, target: RestoreTarget) -> Manifest:
    manifest = read_manifest(folder)
    if manifest.schema_revision not in known_schemas():
        raise BackupError(
            f"the backup's tables ({manifest.schema_revision}) are of a newer Gridpatrol ({manifest.gridpatrol}); "
            "install that version, then restore"
        )
    if (manifest.engine == "sqlite") != (target.database is not None):
        raise BackupError(
            f"the backup is of {manifest.engine}, the configuration's [database] is not; set its url to such a database"
        )
    taken = [path for path in (target.database, target.evidence) if path is not None and _is_taken(path)]
    if taken:
        raise BackupError(f"{taken[0]} is there already; restore overwrites nothing: move it away first")
    for file in manifest.files:
        found = sha256_of(folder / file.path)
        if found != file.sha256:
            raise BackupError(
                f"{folder / file.path} does not match the manifest (SHA-256 {found}); take it from another backup"
            )
    return manifest


def _is_taken(path: Path) -> bool:
    if path.is_dir():
        return any(path.iterdir())
    return path.exists() or path.is_symlink()


def _copy_pictures(folder: Path, arriving: Path, pictures: dict[str, int], told: TOLD) -> None:
    source, goal = EvidenceStore(folder / EVIDENCE), EvidenceStore(arriving)
    for number, name in enumerate(sorted(pictures), 1):
        copy = goal.path(name)
        copy.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copyfile(source.path(name), copy)
        except FileNotFoundError as error:
            raise BackupError(f"picture {name} is not in {source.folder}; take it from another backup") from error
        if sha256_of(copy) != name:
            raise BackupError(f"picture {name} in {source.folder} does not match its hash; take it from another backup")
        told("pictures", number, len(pictures))


@contextmanager
def _explained(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise BackupError(f"the disk of {place} is full; free space there, then restore again") from error
        named = Path(error.filename or place)
        raise BackupError(f"{named}: {error.strerror}; check the rights, then restore again") from error
