"""A PostgreSQL server of our own for a test run: found, started on a free port, thrown away."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WAIT_S = 60


class PostgresMissing(Exception):
    """This machine has no PostgreSQL server programs, or they do not start."""


@contextmanager
def postgres_server() -> Iterator[str]:
    """The URL of a running server, up to and without the database's name.

    Raises:
        PostgresMissing: why there is none.
    """
    programs = _programs()
    as_user = _unprivileged()
    # Not pytest's own folder: root's is closed to the user the server must run as.
    with tempfile.TemporaryDirectory(prefix="gridpatrol-pg-") as name:
        folder = Path(name)
        if as_user:
            shutil.chown(folder, "postgres")
        port = _free_port()
        data, log = folder / "data", folder / "log"
        settings = (
            f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder} "
            "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c timezone=Asia/Shanghai"
        )
        _run(as_user, programs / "initdb", "-A", "trust", "-U", "app", "--no-sync", "-E", "UTF8", "-D", data)
        _run(as_user, programs / "pg_ctl", "-w", "-t", WAIT_S, "-D", data, "-l", log, "-o", settings, "start")
        try:
            yield f"postgresql://app@127.0.0.1:{port}"
        finally:
            _run(as_user, programs / "pg_ctl", "-w", "-m", "immediate", "-D", data, "stop")


def _programs() -> Path:
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if versions:
        return versions[-1].parent
    found = shutil.which("initdb")
    if found is None:
        raise PostgresMissing("PostgreSQL's server programs are not installed (Debian: apt-get install postgresql)")
    return Path(found).resolve().parent


def _unprivileged() -> tuple[str, ...]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return ()
    try:
        pwd.getpwnam("postgres")
    except KeyError as error:
        raise PostgresMissing("this is root, and there is no user postgres to run the server as") from error
    return ("runuser", "-u", "postgres", "--")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _run(as_user: tuple[str, ...], *command: object) -> None:
    words = [*as_user, *(str(word) for word in command)]
    # Output goes nowhere: the server that pg_ctl starts would hold a pipe open for ever.
    ended = subprocess.run(
        words, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=2 * WAIT_S, cwd="/"
    )
    if ended.returncode != 0:
        raise PostgresMissing(f"{words[len(as_user)]} ended with {ended.returncode}")
