"""A real API for the worker's side: real stores, real HTTP, a port that can be taken away and given back."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import Engine

from api.app import create_app
from api.camera_config_book import CameraBook
from api.camera_config_rules import CameraRules
from api.cell_directory import ScriptedCells
from api.server import BackgroundApi
from api.settings import ApiSettings
from cases.camera_config_store import CameraConfigStore
from cases.database import migrate, open_database
from cases.evidence import EvidenceStore
from cases.keys import ApiKeyStore, Scope
from cases.store import CaseStore
from core.clock import SystemClock
from patrol.demo.site import free_port
from streams.sealing import Sealer


@dataclass
class OutageApi:
    """The API on one port, which can go away and come back over the same data."""

    folder: Path
    port: int = field(default_factory=lambda: free_port(18650))
    engine: Engine = field(init=False)
    store: CaseStore = field(init=False)
    keys: ApiKeyStore = field(init=False)
    rules: CameraRules | None = None
    """What the cameras that it keeps must be; None: it keeps none."""
    _running: BackgroundApi | None = None

    def __post_init__(self) -> None:
        self.engine = open_database(f"sqlite:///{self.folder / 'cases.db'}")
        migrate(self.engine)
        self.store = CaseStore(self.engine)
        self.keys = ApiKeyStore(self.engine)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def key(self, name: str, *scopes: Scope) -> str:
        return self.keys.create(name, scopes, SystemClock().now())

    def come(self) -> None:
        settings = ApiSettings(port=self.port)
        sealer = Sealer(self.folder / "secret.key", {})
        configs, rules = CameraConfigStore(self.engine), self.rules
        book = None if rules is None else CameraBook(configs, rules, sealer, self.store.camera)
        app = create_app(
            settings,
            self.store,
            EvidenceStore(self.folder / "evidence"),
            self.keys,
            ScriptedCells(),
            SystemClock(),
            book,
        )
        self._running = BackgroundApi(app, settings)
        self._running.start()

    def go_away(self) -> None:
        if self._running is not None:
            self._running.stop()
            self._running = None


@pytest.fixture
def outage_api(tmp_path: Path) -> Iterator[OutageApi]:
    api = OutageApi(tmp_path)
    yield api
    api.go_away()
    api.engine.dispose()
