"""A backup: the database at one moment, the pictures it names, the configuration without secrets, and their hashes.

A folder that holds a backup already is brought up to date: pictures that are there stay, those that are kept no more go
(retention holds for backups, too), and the manifest changes last, so that an interrupted run leaves the earlier backup.
"""

import errno
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy import Engine, create_engine, select

from cases import tables
from cases.database import schema_of
from cases.evidence import EvidenceStore
from cases.keeping import lease
from cases.keeping.manifest import CONFIG, EVIDENCE, EVIDENCE_LIST, MANIFEST, BackedUpFile, Manifest
from cases.keeping.snapshot import TOLD, BackupError, copy_postgres, copy_sqlite, sha256_of
from cases.transactions import reading, shown
from core.clock import Clock

RENEW_EVERY = 500
"""Pictures between two signs that the backup still runs."""
SPARE_BYTES = 16 * 1024 * 1024
PARTIAL = ".partial"


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What a backup did."""

    manifest: Manifest
    copied: int
    """Pictures that were not there yet."""
    dropped: int
    """Pictures that the backup held, and that are kept no more."""
    missing: tuple[str, ...]
    """SHA-256 of pictures that the database names and the evidence folder lacks, or holds changed."""


def back_up(
    engine: Engine,
    evidence: EvidenceStore,
    folder: Path,
    clock: Clock,
    *,
    config: Mapping[str, str] | None = None,
    version: str = "",
    told: TOLD = lambda _what, _done, _of: None,
) -> BackupReport:
    """Write a backup, or bring one up to date; the API and the workers go on meanwhile, purges wait.

    Args:
        config: file name -> text, without secrets.

    Raises:
        BackupError: something of ours cannot be read, or the target's disk is full or read-only.
        CaseConflict: a purge or another backup is running.
    """
    holder = f"backup {uuid.uuid4().hex}"
    has_lease = lease.is_there(engine)
    run = _Run(engine, evidence, folder, clock, told, holder if has_lease else "")
    turn = lease.held(engine, holder, clock.now()) if has_lease else nullcontext()
    with _explained(folder), turn:
        (folder / EVIDENCE).mkdir(parents=True, exist_ok=True)
        with _partial(folder / f"database{PARTIAL}") as copy:
            report = run.write(copy, config or {}, version)
        if has_lease:
            lease.give_back(engine, holder, clock.now(), None)
    return report


@dataclass(frozen=True, slots=True)
class _Run:
    """One backup on its way."""

    engine: Engine
    evidence: EvidenceStore
    folder: Path
    clock: Clock
    told: TOLD
    holder: str
    """Of the lease; empty where the tables are older than it."""

    def write(self, copy: Path, config: Mapping[str, str], version: str) -> BackupReport:
        made_at, kind = self.clock.now(), _kind_of(self.engine)
        revision = schema_of(self.engine)
        if revision is None:
            raise BackupError(f"database {shown(self.engine.url)} has no tables; start the API once, then back up")
        if kind == "sqlite":
            copy_sqlite(Path(str(self.engine.url.database)), copy, self.told)
            pictures = _pictures_in_copy(copy)
        else:
            copy_postgres(self.engine.url, copy)
            pictures = _pictures(self.engine)
        copied, missing = self.copy_pictures(pictures)
        kept = {name: size for name, size in pictures.items() if name not in missing}
        listed = "".join(f"{name} {size}\n" for name, size in sorted(kept.items()))
        manifest = Manifest(
            made_at=made_at,
            gridpatrol=version,
            engine=kind,
            schema_revision=revision,
            database=_settle_database(self.folder, copy, kind),
            evidence_list=_write_text(self.folder, EVIDENCE_LIST, listed),
            pictures=len(kept),
            picture_bytes=sum(kept.values()),
            config=tuple(_write_text(self.folder, f"{CONFIG}/{name}", text) for name, text in sorted(config.items())),
        )
        _write_text(self.folder, MANIFEST, manifest.model_dump_json(indent=1) + "\n")
        return BackupReport(manifest, copied, _drop_others(self.folder, kept, manifest), tuple(sorted(missing)))

    def copy_pictures(self, pictures: Mapping[str, int]) -> tuple[int, set[str]]:
        """How many pictures were new, and those that could not be had whole."""
        target = EvidenceStore(self.folder / EVIDENCE)
        wanted = [name for name in sorted(pictures) if not _is_there(target, name, pictures[name])]
        _check_space(self.folder, sum(pictures[name] for name in wanted))
        missing = set()
        for number, name in enumerate(wanted, 1):
            is_time = number % RENEW_EVERY == 0 and self.holder != ""
            if is_time and not lease.take(self.engine, self.holder, self.clock.now()):
                raise BackupError("a purge began while this backup stood still; run it again, it goes on where it was")
            if not _copy_picture(self.evidence.path(name), target.path(name)):
                missing.add(name)
            self.told("pictures", number, len(wanted))
        return len(wanted) - len(missing), missing


def _copy_picture(source: Path, target: Path) -> bool:
    """Copy one picture; False where it is missing, or is not what its name says."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with _partial(target.with_suffix(PARTIAL)) as partial:
        try:
            shutil.copyfile(source, partial)
        except FileNotFoundError:
            return False
        if sha256_of(partial) != target.stem:
            return False
        os.replace(partial, target)
    return True


def _kind_of(engine: Engine) -> Literal["sqlite", "postgresql"]:
    return "sqlite" if engine.dialect.name == "sqlite" else "postgresql"


def _pictures(engine: Engine) -> dict[str, int]:
    table = tables.evidence
    with reading(engine) as connection:
        return {row.sha256: row.size for row in connection.execute(select(table.c.sha256, table.c.size))}


def _pictures_in_copy(copy: Path) -> dict[str, int]:
    engine = create_engine(f"sqlite:///{copy}")
    try:
        return _pictures(engine)
    finally:
        engine.dispose()


def _is_there(target: EvidenceStore, name: str, size: int) -> bool:
    """Copied before, under its hash; restoring reads every byte of it."""
    try:
        return target.path(name).stat().st_size == size
    except FileNotFoundError:
        return False


def _check_space(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed + SPARE_BYTES:
        raise BackupError(
            f"the disk of {folder} has {free / 1e6:.0f} MB free, the pictures to copy need {needed / 1e6:.0f} MB; "
            "free space there or give another folder, nothing was replaced"
        )


def _settle_database(folder: Path, copy: Path, kind: str) -> BackedUpFile:
    """The copy under a name of its own: the earlier backup's stays until the manifest names this one."""
    sha256 = sha256_of(copy)
    name = f"database-{sha256[:12]}.{'db' if kind == 'sqlite' else 'dump'}"
    with copy.open("rb") as file:
        os.fsync(file.fileno())
    os.replace(copy, folder / name)
    return BackedUpFile(path=name, sha256=sha256, size=(folder / name).stat().st_size)


def _write_text(folder: Path, name: str, text: str) -> BackedUpFile:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with _partial(path.with_name(path.name + PARTIAL)) as partial:
        with partial.open("w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        sha256, size = sha256_of(partial), partial.stat().st_size
        os.replace(partial, path)
    return BackedUpFile(path=name, sha256=sha256, size=size)


def _drop_others(folder: Path, kept: Mapping[str, int], manifest: Manifest) -> int:
    """Take away what the new manifest does not name; returns how many pictures."""
    for path in (*folder.glob("database-*"), *folder.glob(f"*{PARTIAL}")):
        if path.name != manifest.database.path:
            path.unlink()
    dropped = 0
    for path in (folder / EVIDENCE).glob("??/??/*"):
        if path.suffix == PARTIAL or (path.suffix == ".jpg" and path.stem not in kept):
            path.unlink()
            dropped += path.suffix == ".jpg"
    return dropped


@contextmanager
def _partial(path: Path) -> Iterator[Path]:
    """A file on its way; what is left of it afterwards goes, also after Ctrl-C."""
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise BackupError(
                f"the disk of {folder} is full; free space there or give another folder, an earlier backup is whole"
            ) from error
        raise BackupError(
            f"{error.filename or folder}: {error.strerror}; check the rights and the disk, an earlier backup is whole"
        ) from error
