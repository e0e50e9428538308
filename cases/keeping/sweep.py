"""Files that nothing names: left by broken uploads, by a crash between the database and the disk, or by a restore."""

import os
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path

from cases.evidence import EvidenceStore
from core.errors import EvidenceError

BATCH = 500
INCOMING, LEAVING = ".incoming-", ".leaving-"


def leftovers(evidence: EvidenceStore, known: Callable[[Collection[str]], set[str]], before: datetime) -> int:
    """Remove files of broken uploads and pictures without a row, last changed before a moment; returns how many.

    Args:
        known: which of these SHA-256 have a row.
    """
    count = 0
    for paths in _in_batches(_old_files(evidence.folder, before)):
        named = {path: _sha256_of(path) for path in paths if not path.name.startswith(INCOMING)}
        with_row = known(list(named.values())) if named else set()
        for path in paths:
            if path not in named:
                _unlink(path)
                count += 1
            elif path.name.startswith(LEAVING):
                count += _settle(path, named[path] in with_row)
            elif named[path] not in with_row:
                count += take_away(path, partial(_is_known, known, named[path]))
    return count


def _is_known(known: Callable[[Collection[str]], set[str]], sha256: str) -> bool:
    return bool(known([sha256]))


def _settle(leaving: Path, is_wanted: bool) -> bool:
    """End what a crash left half done: back to its place if somebody wants it, else gone; True when it is gone."""
    if is_wanted and not (target := leaving.with_name(leaving.name.removeprefix(LEAVING))).exists():
        os.replace(leaving, target)
        return False
    _unlink(leaving)
    return True


def _sha256_of(path: Path) -> str:
    return path.name.removeprefix(LEAVING).removesuffix(".jpg")


def _in_batches(paths: Iterable[Path]) -> Iterator[list[Path]]:
    rest = iter(paths)
    while batch := list(islice(rest, BATCH)):
        yield batch


def take_away(path: Path, is_wanted: Callable[[], bool]) -> bool:
    """Remove a file unless somebody wants it meanwhile; True when it is gone.

    The name goes first, then it is asked again: whoever registers the picture after that sees it missing, and puts it
    again (``api.evidence_routes``); whoever did before gets it back.

    Raises:
        EvidenceError: the folder does not let it go.
    """
    leaving = path.with_name(LEAVING + path.name)
    try:
        os.replace(path, leaving)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise _failure(path, error) from error
    if is_wanted():
        os.replace(leaving, path)
        return False
    _unlink(leaving)
    return True


def _old_files(folder: Path, before: datetime) -> Iterator[Path]:
    """Files two levels down; nothing else in the folder is touched."""
    for outer in _folders(folder):
        for inner in _folders(outer):
            for entry in sorted(os.scandir(inner), key=lambda each: each.name):
                try:
                    changed_at = datetime.fromtimestamp(entry.stat(follow_symlinks=False).st_mtime, UTC)
                except FileNotFoundError:
                    continue
                is_ours = entry.name.startswith((INCOMING, LEAVING)) or entry.name.endswith(".jpg")
                if entry.is_file(follow_symlinks=False) and is_ours and changed_at <= before:
                    yield inner / entry.name


def _folders(folder: Path) -> list[Path]:
    try:
        return sorted(Path(entry.path) for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise _failure(folder, error) from error


def _unlink(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise _failure(path, error) from error


def _failure(path: Path, error: OSError) -> EvidenceError:
    return EvidenceError(
        f"{path} cannot be removed ({error.strerror}); give this user the right to write its folder, then purge again"
    )
