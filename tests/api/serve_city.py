"""The API as its own process, for the tests that stop it: ``python -m tests.api.serve_city FOLDER``.

Prints its address as the first line; the database must be migrated.
"""

import sys
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


def main(folder: Path) -> None:
    settings = ApiSettings(port=0, poll_s=0.05)
    engine = open_database(f"sqlite:///{folder / 'cases.db'}")
    app = create_app(
        settings,
        CaseStore(engine),
        EvidenceStore(folder / "evidence"),
        ApiKeyStore(engine),
        ScriptedCells(),
        SystemClock(),
    )
    listener = bind(settings)
    sys.stdout.write(f"{address_of(listener)}\n")
    sys.stdout.flush()
    serve(app, settings, listener)
    sys.stdout.write("stopped\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
