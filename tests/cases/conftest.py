"""Each test gets a fresh, migrated database: once on SQLite, once on PostgreSQL."""

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from cases.database import migrate, open_database
from cases.store import CaseStore
from tests.cases.postgres_server import PostgresMissing, postgres_server
from tests.cases.reports import announce

ENGINES = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A server of our own; ends with no database's name."""
    try:
        with postgres_server() as url:
            yield url
    except PostgresMissing as missing:
        if os.environ.get("GRIDPATROL_REQUIRE_ALL") == "1":
            pytest.fail(f"GRIDPATROL_REQUIRE_ALL=1, but {missing}")
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file after migration, to copy."""
    path = tmp_path_factory.mktemp("migrated") / "cases.db"
    engine = open_database(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres_url: str) -> Iterator[str]:
    """The name of a PostgreSQL database after migration, to copy."""
    with _postgres_database(postgres_url) as url:
        engine = open_database(url)
        migrate(engine)
        engine.dispose()
        yield url.rpartition("/")[2]


@pytest.fixture(params=ENGINES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'cases.db'}"
        return
    with _postgres_database(request.getfixturevalue("postgres_url")) as url:
        yield url


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated database."""
    if request.param == "sqlite":
        path = tmp_path / "cases.db"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), path)
        yield f"sqlite:///{path}"
        return
    template: str = request.getfixturevalue("migrated_postgres")
    with _postgres_database(request.getfixturevalue("postgres_url"), template) as url:
        yield url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    opened = open_database(database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def store(engine: Engine) -> CaseStore:
    """A store that knows CAM-01 and CAM-02."""
    opened = CaseStore(engine)
    announce(opened)
    return opened


@contextmanager
def _postgres_database(server_url: str, template: str = "template1") -> Iterator[str]:
    """A database of its own, copied from ``template``; dropped at the end."""
    name = f"t{uuid.uuid4().hex}"
    admin = open_database(f"{server_url}/postgres").execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    try:
        yield f"{server_url}/{name}"
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()
