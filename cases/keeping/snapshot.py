"""A copy of the database as it stood at one moment, taken while others write."""

import hashlib
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import URL

from core.errors import PatrolError

PAGES = 2_000
"""Of 4 KiB in one step; a sign of life follows each."""
TOLD = Callable[[str, int, int], None]
"""Told what is copied, how much of it is done, and of how much."""
SHORT_LIVED = ("session", "login_token")
"""Whoever was signed in is not so on the restored machine."""


class BackupError(PatrolError):
    """A backup that cannot be made or restored; the text names the file and the mend."""


def copy_sqlite(source: Path, target: Path, told: TOLD, pages: int = PAGES) -> None:
    """Copy a SQLite database with its newest transactions; writers go on meanwhile.

    The read transaction that stays open on the source fixes what is copied: without it the copy would begin anew with
    each write of another process, and under load never end.

    Raises:
        BackupError: the source is no sound database, or the target's disk is full.
    """
    try:
        with (
            closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)) as live,
            closing(sqlite3.connect(target, isolation_level=None)) as copy,
        ):
            live.execute("PRAGMA busy_timeout = 30000")
            live.execute("BEGIN")
            live.execute("SELECT count(*) FROM sqlite_master").fetchone()
            live.backup(
                copy,
                pages=pages,
                progress=lambda _status, remaining, total: told("database", total - remaining, total),
                sleep=0,
            )
            live.execute("ROLLBACK")
            _ready_to_rest(copy)
    except sqlite3.Error as error:
        raise BackupError(_explained(error, source, target)) from error


def _ready_to_rest(copy: sqlite3.Connection) -> None:
    """One file without a journal beside it, without sessions, without the lease of the backup itself."""
    copy.execute("PRAGMA journal_mode = DELETE")
    tables = {row[0] for row in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    for table in SHORT_LIVED:
        if table in tables:
            copy.execute(f"DELETE FROM {table}")  # noqa: S608 - names from the list above
    if "keeping_job" in tables:
        copy.execute("UPDATE keeping_job SET holder = NULL, held_until = NULL")
    sound = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
    if sound != "ok":
        raise sqlite3.DatabaseError(f"the copy is not sound: {sound}")


def _explained(error: sqlite3.Error, source: Path, target: Path) -> str:
    said = str(error)
    if "full" in said:
        return f"the disk of {target.parent} is full; free space there or give another folder, nothing was replaced"
    if "unable to open" in said:
        return f"database {source} cannot be opened, or {target.parent} cannot be written; check both and their rights"
    return f"database {source} cannot be copied ({said}); check its disk, and `gridpatrol config check`"


def copy_postgres(url: URL, target: Path) -> None:
    """Dump a PostgreSQL database with its own program, in its custom format; the password never stands in a command.

    Raises:
        BackupError: there is no ``pg_dump`` here, or it failed.
    """
    program = shutil.which("pg_dump")
    address = address_without_password(url)
    if program is None:
        raise BackupError(
            f"pg_dump is not on this machine; install PostgreSQL's client programs of the server's version, or run "
            f"where they are: pg_dump --format=custom --file={target.name} '{address}'"
        )
    environment = os.environ | ({"PGPASSWORD": str(url.password)} if url.password else {})
    done = subprocess.run(  # noqa: S603 - the program that was found, no shell
        [program, "--format=custom", "--no-password", f"--file={target}", f"--dbname={address}"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise BackupError(f"pg_dump failed: {said}; mend that, nothing was replaced")


def address_without_password(url: URL) -> str:
    """A PostgreSQL address as its own programs take it; it may stand in a command and in a log."""
    query = {name: value for name, value in url.query.items() if name not in ("password", "options")}
    bare = URL.create("postgresql", url.username, None, url.host, url.port, url.database, query)
    return bare.render_as_string(hide_password=False)


def sha256_of(path: Path) -> str:
    """Lower-case hex, read in pieces.

    Raises:
        BackupError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BackupError(f"{path} cannot be read ({error.strerror}); take another backup") from error
