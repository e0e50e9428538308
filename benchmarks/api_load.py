"""``gridpatrol bench api``: incidents a second over HTTP into a full database, and how fast the queue answers.

    gridpatrol bench api [--engine sqlite|postgresql] [--cases 1000000] [--seconds 30] [--database URL] [--json FILE]

A really listening API process of its own, several client processes with keep-alive. Clients and server share this
machine's cores. The commit of each answered report is on the disk (SQLite: synchronous=FULL; PostgreSQL: as the
server is set up, its default is the same).
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, Any, Literal

import httpx
import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine, func, select, text

from benchmarks import api_load_server
from benchmarks.api_load_client import Load, Told, post_incidents
from benchmarks.api_load_history import CAMERAS, History
from benchmarks.api_load_postgres import own_postgres
from benchmarks.machine import machine_facts
from benchmarks.result import finish
from cases import tables
from cases.cameras import CameraRecord
from cases.database import migrate, open_database
from cases.keys import ApiKeyStore, Scope
from cases.store import CaseStore
from core.errors import ConfigError, PatrolError
from core.ids import CameraId

QUERIES = {"queue_query_ms": "state=open&limit=50", "collected_query_ms": "stage=collected&limit=50"}
ASKED = 60
"""How often each queue query is asked; the figure is the 95th percentile."""
WARM_UP_S = 3.0


def main(
    engine: Annotated[Literal["sqlite", "postgresql"], typer.Option(help="Which database.")] = "sqlite",
    cases: Annotated[int, typer.Option(min=0, help="Stored before the load begins.")] = 1_000_000,
    seconds: Annotated[float, typer.Option(min=1.0, help="Length of the load.")] = 30.0,
    clients: Annotated[int, typer.Option(min=1, max=60, help="Client processes.")] = 2,
    connections: Annotated[int, typer.Option(min=1, max=99, help="Connections of each, kept alive.")] = 4,
    database: Annotated[
        str | None,
        typer.Option(help="URL of an EMPTY database, or one that this filled before; none: of our own, thrown away."),
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the result here, too.")] = None,
) -> None:
    """Incidents a second over HTTP with many cases stored, and how fast the desk's queue answers."""
    with tempfile.TemporaryDirectory(prefix="gridpatrol-bench-api-") as name, _url(engine, database, Path(name)) as url:
        result = measure(url, Path(name), cases, Load("", "", 0, connections, seconds), clients, typer.echo)
    result = {"engine": engine, **result, "machine": machine_facts()}
    table = Table("what", "value")
    for key, value in result.items():
        if isinstance(value, int | float):
            table.add_row(key, str(value))
    Console().print(table)
    finish(result, json_file)


@contextmanager
def _url(engine: str, database: str | None, folder: Path) -> Iterator[str]:
    if database is not None:
        if not database.startswith(engine):
            raise ConfigError(
                f"--database is no {engine} URL; give one that begins with {engine}:, or another --engine"
            )
        yield database
    elif engine == "sqlite":
        yield f"sqlite:///{folder / 'cases.db'}"
    else:
        with own_postgres() as url:
            yield url


def measure(url: str, folder: Path, cases: int, load: Load, clients: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Fill, load, ask; ``load`` says connections and seconds.

    Raises:
        ConfigError: the database has other cases already.
        PatrolError: a report was refused, or a query not answered.
    """
    opened = open_database(url)
    try:
        key = _prepared(opened, cases, say)
        with api_load_server.served(url, folder / "evidence", folder / "api.log") as api:
            run = int(time.time()) % 1_000_000
            warm_up = replace(load, url=api.url, key=key, seconds=WARM_UP_S, run=run)
            _posted(warm_up, clients)
            told = _posted(replace(warm_up, client=clients, seconds=load.seconds), clients)
            asked = {name: _ask(api.url, key, query) for name, query in QUERIES.items()}
        with opened.connect() as connection:
            stored = connection.execute(select(func.count()).select_from(tables.case)).scalar_one()
    finally:
        opened.dispose()
    latencies = sorted(told.latencies_s)
    return {
        "incidents_per_s": round(len(latencies) / told.posted_s, 1),
        "intake_p50_ms": _percentile_ms(latencies, 0.50),
        "intake_p99_ms": _percentile_ms(latencies, 0.99),
        **asked,
        "cases_stored": stored,
        "incidents": len(latencies),
        "seconds": load.seconds,
        "client_processes": clients,
        "connections": clients * load.connections,
    }


def _prepared(engine: Engine, cases: int, say: Callable[[str], None]) -> str:
    """Tables, cameras, the past; the key that the load uses."""
    migrate(engine)
    now = datetime.now(UTC)
    binding = tables.incident_binding.c.incident_id
    with engine.connect() as connection:
        has_cases = connection.execute(select(tables.case.c.id).limit(1)).first() is not None
        ours = connection.execute(select(binding).where(binding == f"past-{cases - 1}")).first()
    if has_cases and ours is None:
        raise ConfigError(f"the database has cases, and not the {cases} of this benchmark; give an empty one")
    if has_cases:
        say("filled by an earlier run")
        return ApiKeyStore(engine).create(f"bench {now:%Y%m%d %H%M%S}", [Scope.WORKER, Scope.READ], now)
    live = [CameraRecord(CameraId(name), name="", address="clip", state="live", since=now) for name in CAMERAS]
    CaseStore(engine).put_camera_statuses("bench", live, now)
    key = ApiKeyStore(engine).create("bench", [Scope.WORKER, Scope.READ], now)
    began = time.perf_counter()
    History().fill(engine, cases, say)
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))  # what autovacuum does within minutes of such a load
    say(f"{cases} cases written in {time.perf_counter() - began:.0f} s")
    return key


def _posted(load: Load, clients: int) -> Told:
    """So many client processes at once, the first with the load's number."""
    loads = [replace(load, client=load.client + number) for number in range(clients)]
    with ProcessPoolExecutor(clients, mp_context=get_context("spawn")) as pool:
        answers = list(pool.map(post_incidents, loads))
    told = Told()
    for answer in answers:
        told.latencies_s += answer.latencies_s
        told.refused += answer.refused
        told.posted_s = max(told.posted_s, answer.posted_s)
    if told.refused or not told.latencies_s:
        raise PatrolError(f"{len(told.refused)} reports were not taken in; the first: {told.refused[:1]}")
    return told


def _ask(url: str, key: str, query: str) -> float:
    """95th percentile, milliseconds, over HTTP."""
    took: list[float] = []
    with httpx.Client(base_url=url, headers={"authorization": f"Bearer {key}"}, timeout=60) as client:
        for _ in range(ASKED):
            began = time.perf_counter()
            answer = client.get(f"/api/v1/cases?{query}")
            took.append(time.perf_counter() - began)
            if answer.status_code != 200:
                raise PatrolError(f"GET /api/v1/cases?{query} answered {answer.status_code}: {answer.text[:200]}")
    return _percentile_ms(sorted(took), 0.95)


def _percentile_ms(ordered: list[float], share: float) -> float:
    return round(1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2)
