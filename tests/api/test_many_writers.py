"""Two hundred writers post the same hundred incidents while the API process is killed: nothing is lost or doubled.

``GRIDPATROL_WRITER_POSTS`` sets how many reports each writer posts (200: each incident's two steps by everybody) and
``GRIDPATROL_WRITER_CRASHES`` how often the API is killed.
"""

import asyncio
import os
import random
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, func, select, text

from benchmarks import api_load_server
from benchmarks.api_load_server import ServedApi
from cases import tables
from cases.access.verifying import verify
from cases.cameras import CameraRecord
from cases.database import migrate, open_database
from cases.keys import ApiKeyStore, Scope
from cases.store import CaseStore
from core.ids import CameraId
from tests.api.city import NOON, incident
from tests.cases.postgres_server import PostgresMissing, postgres_server

WRITERS = 200
INCIDENTS = 100
PLACES = 40
"""(cell, category) pairs that the incidents stand at: two or three incidents each, seen by two cameras."""
POSTS = int(os.environ.get("GRIDPATROL_WRITER_POSTS", "3"))
CRASHES = int(os.environ.get("GRIDPATROL_WRITER_CRASHES", "1"))
DEADLINE_S = 60.0 + WRITERS * POSTS / 8


def place_of(number: int) -> tuple[str, str]:
    place = number % PLACES
    return f"5101040010010{place // 2:02d}", ("exposed_garbage", "street_stall")[place % 2]


def reports() -> list[dict[str, Any]]:
    """Both steps of each incident."""
    found = []
    for number in range(INCIDENTS):
        cell_id, category = place_of(number)
        of_incident = {
            "incident_id": f"incident-{number}",
            "camera_id": f"CAM-{number // PLACES % 2:02d}",
            "cell_id": cell_id,
            "category": category,
        }
        found.append(incident(**of_incident))
        seen = {"sequence": 1, "kind": "seen", "at": "2026-03-02T04:09:00Z", "last_seen_at": "2026-03-02T04:09:00Z"}
        found.append(incident(**of_incident, **seen))
    return found


@dataclass
class Storm:
    """The writers, and who kills the API under them."""

    api: ServedApi
    database_url: str
    folder: Path
    key: str
    answers: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """(incident:sequence, receipt) of every accepted posting."""
    torn: int = 0
    """Postings whose connection broke before an answer came."""
    is_up: asyncio.Event = field(default_factory=asyncio.Event)
    counted: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def run(self) -> None:
        self.is_up.set()
        limits = httpx.Limits(max_connections=WRITERS, max_keepalive_connections=WRITERS)
        head = {"authorization": f"Bearer {self.key}"}
        async with (
            asyncio.timeout(DEADLINE_S),
            httpx.AsyncClient(base_url=self.api.url, headers=head, limits=limits, timeout=30) as client,
            asyncio.TaskGroup() as group,
        ):
            group.create_task(self.crash())
            for writer in range(WRITERS):
                group.create_task(self.write(client, writer))

    async def crash(self) -> None:
        for number in range(1, CRASHES + 1):
            wanted = number * WRITERS * POSTS // (CRASHES + 1)
            async with self.counted:
                await self.counted.wait_for(lambda wanted=wanted: len(self.answers) >= wanted)  # type: ignore[misc]  # bound now
            self.is_up.clear()
            await asyncio.to_thread(self.api.kill)
            args = (self.database_url, self.folder, self.folder / "api.log", self.api.port)
            self.api = await asyncio.to_thread(api_load_server.start, *args)
            self.is_up.set()

    async def write(self, client: httpx.AsyncClient, writer: int) -> None:
        dice = random.Random(writer)  # noqa: S311 - an order, no secret
        everything = reports()
        # Its own one, so that each report is posted by somebody; the others by chance, some of them twice.
        mine = [everything[writer % len(everything)], *dice.choices(everything, k=POSTS - 1)]
        dice.shuffle(mine)
        for body in mine:
            step = f"{body['incident_id']}:{body['sequence']}"
            # Half of the writers name a posting as the worker does, the others by a name of their own.
            await self.post(client, body, step if writer % 2 else f"writer-{writer}:{step}", step)

    async def post(self, client: httpx.AsyncClient, body: dict[str, Any], key: str, step: str) -> None:
        while True:
            await self.is_up.wait()
            try:
                answer = await client.post("/api/v1/incidents", json=body, headers={"Idempotency-Key": key})
            except httpx.TransportError:
                self.torn += 1
                continue
            if answer.status_code == 503:
                continue
            assert answer.status_code in (200, 201), answer.text
            async with self.counted:
                self.answers.append((step, answer.json()))
                self.counted.notify_all()
            return


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'cases.db'}"
        return
    try:
        with postgres_server() as server:
            name = f"t{uuid.uuid4().hex}"
            admin = open_database(f"{server}/postgres").execution_options(isolation_level="AUTOCOMMIT")
            with admin.connect() as connection:
                connection.execute(text(f"CREATE DATABASE {name}"))
            admin.dispose()
            yield f"{server}/{name}"
    except PostgresMissing as missing:
        if os.environ.get("GRIDPATROL_REQUIRE_ALL") == "1":
            pytest.fail(f"GRIDPATROL_REQUIRE_ALL=1, but {missing}")
        pytest.skip(str(missing))


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    opened = open_database(database_url)
    migrate(opened)
    yield opened
    opened.dispose()


@pytest.mark.timeout(2 * DEADLINE_S)
def test_two_hundred_writers_and_crashes_leave_one_open_case_a_place_and_each_sighting_once(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    store = CaseStore(engine)
    cameras = [
        CameraRecord(CameraId(f"CAM-{n:02d}"), name="", address="clip", state="live", since=NOON) for n in (0, 1)
    ]
    store.put_camera_statuses("worker-1", cameras, NOON)
    key = ApiKeyStore(engine).create("writers", [Scope.WORKER], NOON)
    api = api_load_server.start(database_url, tmp_path, tmp_path / "api.log")
    storm = Storm(api, database_url, tmp_path, key)
    try:
        asyncio.run(storm.run())
    finally:
        storm.api.kill()

    assert len(storm.answers) == WRITERS * POSTS
    assert CRASHES == 0 or storm.torn > 0  # the crashes did hit somebody
    check_answers(storm.answers)
    check_database(engine)


def check_answers(answers: list[tuple[str, dict[str, Any]]]) -> None:
    """Whoever posts a report hears of the same case; at most one is told that it was new."""
    cases_of: dict[str, set[str]] = defaultdict(set)
    news: Counter[str] = Counter()
    for step, receipt in answers:
        cases_of[step].add(receipt["case_id"])
        news[step] += receipt["outcome"] != "duplicate"
    assert len(cases_of) == 2 * INCIDENTS
    assert {len(told) for told in cases_of.values()} == {1}
    assert max(news.values()) == 1


def check_database(engine: Engine) -> None:
    expected = Counter(place_of(number) for number in range(INCIDENTS))
    case, intake = tables.case, tables.intake
    with engine.connect() as connection:
        found = connection.execute(select(case.c.cell_id, case.c.category, case.c.state, case.c.sighting_count)).all()
        events = connection.execute(select(func.count()).select_from(tables.case_event)).scalar_one()
        taken = connection.execute(
            select(intake.c.incident_id, intake.c.sequence).where(intake.c.outcome != "duplicate")
        ).all()
    assert sorted((row.cell_id, row.category) for row in found) == sorted(expected)
    assert {row.state for row in found} == {"open"}
    for row in found:
        assert row.sighting_count == 2 * expected[row.cell_id, row.category]
    assert events == 2 * INCIDENTS
    assert sorted((row.incident_id, row.sequence) for row in taken) == sorted(
        (f"incident-{number}", step) for number in range(INCIDENTS) for step in (0, 1)
    )
    for chain in verify(engine):
        assert chain.is_sound, chain.fault
