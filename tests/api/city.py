"""A small city for the API's tests: the real stores on SQLite, a clock that stands still, one key per scope."""

import asyncio
import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import Engine

from api.app import create_app
from api.camera_config_book import CameraBook
from api.camera_config_rules import CameraRules, ScriptedRules
from api.camera_prober import CameraProber
from api.camera_stills import StillShelf
from api.camera_workshop import CameraWorkshop
from api.cell_directory import ScriptedCells
from api.cell_routes import EXAMPLE_FEATURE
from api.clip_shelf import ClipShelf
from api.oidc.way import open_way
from api.settings import ApiSettings
from cases.camera_config_store import CameraConfigStore
from cases.database import migrate, open_database
from cases.evidence import EvidenceStore
from cases.keys import ApiKeyStore, Scope
from cases.store import CaseStore
from core.clock import ManualClock
from core.ids import CellId
from grid.cells import load_geojson
from grid.ground import ground_of
from streams.sealing import Sealer

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
CELL = CellId("510104001001001")
OIDC_SECRET_ENV, OIDC_SECRET = "CITY_OIDC_SECRET", "kept between provider and desk: + and %"
JPEG = b"\xff\xd8\xff\xe0 a picture \xff\xd9"


class AsgiTransport(httpx.BaseTransport):
    """Speaks to the app in this process; an error that leaves the app becomes its 500, as under a real server."""

    def __init__(self, app: FastAPI) -> None:
        self._inner = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        self._runner = asyncio.Runner()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        return self._runner.run(self._answer(request))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        content = await response.aread()
        return httpx.Response(response.status_code, headers=response.headers, content=content)

    def close(self) -> None:
        self._runner.close()

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        self.close()


@dataclass
class City:
    """Everything one test needs."""

    folder: Path
    settings: ApiSettings = field(default_factory=lambda: ApiSettings(port=0, poll_s=0.05, heartbeat_s=0.2))
    clock: ManualClock = field(default_factory=lambda: ManualClock(NOON))
    template: Path | None = None
    """A database that is migrated already, to copy."""
    rules: CameraRules = field(default_factory=ScriptedRules)
    clients: list[httpx.Client] = field(default_factory=list)
    features: Mapping[CellId, dict[str, Any]] = field(default_factory=lambda: {CELL: EXAMPLE_FEATURE})
    """The city's cells."""

    def __post_init__(self) -> None:
        file = self.folder / "cases.db"
        if self.template is not None:
            shutil.copyfile(self.template, file)
        self.engine: Engine = open_database(f"sqlite:///{file}")
        if self.template is None:
            migrate(self.engine)
        self.store = CaseStore(self.engine)
        self.evidence = EvidenceStore(self.folder / "evidence")
        self.keys = ApiKeyStore(self.engine)
        self.cameras = CameraConfigStore(self.engine)
        self.key = {scope: self.keys.create(f"{scope}-key", [scope], NOON) for scope in Scope}
        sealer = Sealer(self.folder / "secret.key", {})
        self.app = create_app(
            self.settings,
            self.store,
            self.evidence,
            self.keys,
            ScriptedCells(self.features),
            self.clock,
            CameraBook(self.cameras, self.rules, sealer, self.store.camera),
            sealer=sealer,
            workshop=workshop_in(self.folder),
            oidc=open_way(self.settings, sealer, {OIDC_SECRET_ENV: OIDC_SECRET}),
        )

    def client(self, scope: Scope | None = None) -> httpx.Client:
        """A program with the key of a scope, or without any."""
        headers = {} if scope is None else {"authorization": f"Bearer {self.key[scope]}"}
        client = httpx.Client(transport=AsgiTransport(self.app), base_url="http://gridpatrol.test", headers=headers)
        self.clients.append(client)
        return client

    def browser(self, *scopes: Scope) -> httpx.Client:
        """A person who came in by a one-time link."""
        client = self.client()
        token = self.keys.create_login("李敏", scopes, self.clock.now())
        assert client.get("/login", params={"token": token}).status_code == 303
        return client

    def csrf(self, client: httpx.Client) -> str:
        """The form token of a browser's session."""
        session = self.keys.session(client.cookies["gridpatrol_session"], self.clock.now())
        assert session is not None
        return session.csrf_token

    def register_cameras(self, *camera_ids: str) -> None:
        """Tell of live cameras as a worker would."""
        cameras = [
            {"camera_id": camera_id, "address": "clip.mp4", "state": "live", "since": "2026-03-02T03:00:00Z"}
            for camera_id in camera_ids
        ]
        answer = self.client(Scope.WORKER).put("/api/v1/cameras", json={"worker_id": "worker-1", "cameras": cameras})
        assert answer.status_code == 204, answer.text

    def report(self, **changes: Any) -> httpx.Response:
        """Post an incident; the key follows from the body as a worker makes it."""
        body = incident(**changes)
        key = f"{body['incident_id']}:{body['sequence']}"
        return self.client(Scope.WORKER).post("/api/v1/incidents", json=body, headers={"Idempotency-Key": key})

    def close(self) -> None:
        for client in self.clients:
            client.close()
        self.engine.dispose()


def workshop_in(folder: Path) -> CameraWorkshop:
    """What the camera pages work with, over the city's one cell."""
    layer = json.dumps({"type": "FeatureCollection", "features": [EXAMPLE_FEATURE]}, ensure_ascii=False)
    return CameraWorkshop(
        ground_of(load_geojson(layer)),
        CameraProber(timeout_s=3.0),
        StillShelf(folder / "stills"),
        ClipShelf(folder / "clips", 64 * 1024**2, 128 * 1024**2),
    )


def incident(**changes: Any) -> dict[str, Any]:
    """The body of a sound report, with changes."""
    return {
        "incident_id": "incident-1",
        "sequence": 0,
        "kind": "opened",
        "camera_id": "CAM-01",
        "view_id": "CAM-01",
        "cell_id": CELL,
        "category": "exposed_garbage",
        "at": "2026-03-02T03:59:00Z",
        "first_seen_at": "2026-03-02T03:49:00Z",
        "last_seen_at": "2026-03-02T03:59:00Z",
        "object_count": 2,
        "confidence": 0.83,
        "boxes": [[10.0, 20.0, 30.5, 40.0]],
        "model": {"name": "gridpatrol-n", "sha256": "9f" * 32},
        "evidence": None,
        "worker_id": "worker-1",
    } | changes


def sha256_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def problem(answer: httpx.Response) -> dict[str, Any]:
    """The problem document of a refusal, checked for its form."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    document: dict[str, Any] = answer.json()
    assert document["status"] == answer.status_code
    assert document["type"].startswith("https://gridpatrol.example/problems/")
    assert document["title"]
    assert document["title_zh"]
    assert document["detail"]
    return document


def slug(answer: httpx.Response) -> str:
    """The last part of the problem's type."""
    return str(problem(answer)["type"]).rsplit("/", 1)[1]
