"""A PostgreSQL server of the benchmark's own, with its default durability; thrown away afterwards."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import ConfigError

START_S = 60


@contextmanager
def own_postgres() -> Iterator[str]:
    """The URL of an empty database on a server that commits to the disk (fsync and synchronous_commit on).

    Raises:
        ConfigError: this machine has no server programs, or they do not start.
    """
    programs = _programs()
    as_user = ("runuser", "-u", "postgres", "--") if os.geteuid() == 0 else ()
    with tempfile.TemporaryDirectory(prefix="gridpatrol-bench-pg-") as name:
        folder = Path(name)
        if as_user:
            shutil.chown(folder, "postgres")
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port = int(listener.getsockname()[1])
        data = folder / "data"
        settings = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder}"
        _run(*as_user, programs / "initdb", "-A", "trust", "-U", "app", "-E", "UTF8", "-D", data)
        control = (*as_user, programs / "pg_ctl", "-w", "-t", START_S, "-D", data)
        _run(*control, "-l", folder / "log", "-o", settings, "start")
        try:
            yield f"postgresql://app@127.0.0.1:{port}/postgres"
        finally:
            _run(*control, "-m", "immediate", "stop")


def _programs() -> Path:
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    found = str(versions[-1]) if versions else shutil.which("initdb")
    if found is None:
        raise ConfigError(
            "PostgreSQL's server programs are not installed; apt-get install postgresql, "
            "or give the URL of an empty database with --database"
        )
    return Path(found).resolve().parent


def _run(*command: object) -> None:
    words = [str(word) for word in command]
    # Output goes nowhere: the server that pg_ctl starts would hold a pipe open for ever.
    ended = subprocess.run(
        words, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=2 * START_S, cwd="/"
    )
    if ended.returncode != 0:
        raise ConfigError(f"{words} ended with {ended.returncode}; give a running server's URL with --database")
