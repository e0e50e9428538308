"""The API as a process of its own over any database: ``python -m benchmarks.api_load_server URL FOLDER [PORT]``.

Made of the parts that `gridpatrol serve` is made of, without cameras. Prints its address as the first line; the
database is migrated already. Kill it and start it again on the same port: that is what it is for.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from api.app import create_app
from api.cell_directory import ScriptedCells
from api.server import address_of, bind, serve
from api.settings import ApiSettings
from cases.database import open_database
from cases.evidence import EvidenceStore
from cases.keys import ApiKeyStore
from cases.store import CaseStore
from core.clock import SystemClock
from core.errors import PatrolError


def main(url: str, folder: Path, port: int) -> None:
    settings = ApiSettings(port=port, access_log=False)
    engine = open_database(url)
    store, evidence = CaseStore(engine), EvidenceStore(folder)
    app = create_app(settings, store, evidence, ApiKeyStore(engine), ScriptedCells(), SystemClock())
    listener = bind(settings)
    sys.stdout.write(f"{address_of(listener)}\n")
    sys.stdout.flush()
    serve(app, settings, listener)


@dataclass(frozen=True, slots=True)
class ServedApi:
    """A running API process."""

    process: subprocess.Popen[str]
    url: str

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def kill(self) -> None:
        """SIGKILL: no last word, nothing put in order."""
        self.process.kill()
        self.process.communicate()


def start(url: str, folder: Path, log: Path, port: int = 0) -> ServedApi:
    """Start it; callers that come before it is up wait at its listening place.

    Raises:
        PatrolError: it did not start.
    """
    command = [sys.executable, "-m", "benchmarks.api_load_server", url, str(folder), str(port)]
    with log.open("a", encoding="utf-8") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
    assert process.stdout is not None
    address = process.stdout.readline().strip()
    if not address:
        process.communicate()
        tail = log.read_text(encoding="utf-8")[-400:]
        raise PatrolError(f"the API process did not start; its log ends with: {tail}")
    return ServedApi(process, address)


@contextmanager
def served(url: str, folder: Path, log: Path) -> Iterator[ServedApi]:
    """A running API process that is gone afterwards."""
    api = start(url, folder, log)
    try:
        yield api
    finally:
        api.kill()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 0)
