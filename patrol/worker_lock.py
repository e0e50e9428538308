"""One worker at a time over one outbox: the operating system holds the lock, and lets go when the process ends."""

import fcntl
import os
from pathlib import Path

from core.errors import ConfigError


class WorkerTwice(ConfigError):
    """Another worker of the same id patrols from the same folder."""


class WorkerLock:
    """Held from its making until ``release``, or until the process is gone, however it ends; no file is ever stale.

    Raises:
        WorkerTwice: another process holds it; the text names that process.
        ConfigError: the file cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise ConfigError(
                f"{path}: the worker's lock cannot be opened ({error.strerror}); mend the folder's rights"
            ) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(self._file, 32).decode("ascii", errors="replace").strip()
            os.close(self._file)
            raise WorkerTwice(
                f"{path}: another worker (process {holder or 'unknown'}) patrols with this data_dir and this id; "
                "stop it, or give this one an id of its own ([worker] id)"
            ) from error
        os.ftruncate(self._file, 0)
        os.write(self._file, f"{os.getpid()}\n".encode("ascii"))

    def release(self) -> None:
        """Another worker may come; once is enough."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
