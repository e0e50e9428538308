"""Opening, migrating and the faults of a database."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from cases.database import (
    DatabaseFull,
    DatabaseOutdated,
    DatabaseReadOnly,
    DatabaseUnavailable,
    downgrade,
    migrate,
    open_database,
)
from cases.queries import CaseQuery
from cases.schema import metadata
from cases.store import CaseStore
from cases.transactions import writing
from core.errors import ConfigError
from tests.cases.reports import CAM_1, NOON, SEEN, announce, camera, minute, post, report

MakeEngine = Callable[..., Engine]


@pytest.fixture
def make_engine() -> Iterator[MakeEngine]:
    """``open_database``, and an end to what it opened."""
    opened: list[Engine] = []

    def make(url: str, busy_timeout_s: float = 10.0) -> Engine:
        opened.append(open_database(url, busy_timeout_s))
        return opened[-1]

    yield make
    for engine in opened:
        engine.dispose()


@pytest.fixture
def empty(make_engine: MakeEngine, empty_url: str) -> Engine:
    return make_engine(empty_url)


def table_names(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def differences(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, metadata))


def test_the_migrated_tables_are_those_of_the_code(empty: Engine) -> None:
    migrate(empty)
    assert table_names(empty) == set(metadata.tables)
    assert differences(empty) == []


def test_the_one_open_case_index_is_partial_and_unique(empty: Engine) -> None:
    migrate(empty)
    (index,) = [index for index in inspect(empty).get_indexes("case") if index["name"] == "uq_open_case"]
    assert index["unique"]
    assert index["column_names"] == ["cell_id", "category"]
    options = {key: str(value) for key, value in index["dialect_options"].items()}
    assert "open" in options[f"{empty.dialect.name}_where"]


def test_migrating_again_changes_nothing(empty: Engine) -> None:
    migrate(empty)
    announce(CaseStore(empty))
    migrate(empty)
    assert len(CaseStore(empty).cameras()) == 2


def test_services_that_start_together_migrate_once(empty_url: str, make_engine: MakeEngine) -> None:
    engines = [make_engine(empty_url) for _ in range(4)]
    with ThreadPoolExecutor(len(engines)) as pool:
        list(pool.map(migrate, engines))
    for engine in engines:
        CaseStore(engine).check_ready()


def test_downgrading_takes_all_tables_away_and_upgrading_brings_them_back(empty: Engine) -> None:
    migrate(empty)
    downgrade(empty, "base")
    assert table_names(empty) == set()
    migrate(empty)
    assert differences(empty) == []
    CaseStore(empty).check_ready()


def test_cases_from_before_probabilities_have_none_and_survive_the_way_there_and_back(empty: Engine) -> None:
    migrate(empty)
    store = CaseStore(empty)
    announce(store)
    post(store, report(probability=0.87))
    older = 'SELECT number, confidence FROM "case"'
    with empty.connect() as connection:
        kept = connection.execute(text(older)).all()
    downgrade(empty, "v0002")
    assert "probability" not in {column["name"] for column in inspect(empty).get_columns("case")}
    with empty.connect() as connection:
        assert connection.execute(text(older)).all() == kept
    migrate(empty)
    assert differences(empty) == []
    (case,) = store.list_cases(CaseQuery()).cases
    assert case.probability is None
    assert [event.data["probability"] for event in store.events_of(case.id)] == [0.87], "the history keeps it"
    post(store, report(SEEN, minute(20), sequence=1, probability=0.6))
    assert store.get_case(case.id).probability == 0.6


def test_a_database_without_tables_says_what_to_run(empty: Engine) -> None:
    with pytest.raises(DatabaseOutdated, match="migration"):
        CaseStore(empty).check_ready()
    with pytest.raises(DatabaseOutdated, match="migration"):
        CaseStore(empty).counts()


def test_a_database_of_a_newer_version_is_left_alone(empty: Engine) -> None:
    migrate(empty)
    with writing(empty) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'v9999'"))
    with pytest.raises(DatabaseOutdated, match=r"newer.*v9999"):
        migrate(empty)
    with pytest.raises(DatabaseOutdated, match=r"newer.*v9999"):
        CaseStore(empty).check_ready()


def test_migrating_works_from_any_folder(empty: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    migrate(empty)
    CaseStore(empty).check_ready()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite://", "no file"),
        ("sqlite:///:memory:", "no file"),
        ("mysql://root:geheim@db/cases", "not supported"),
        ("not a url geheim", "cannot be read"),
        ("postgresql://app:geheim@db:port/cases", "cannot be read"),
        ("", "cannot be read"),
    ],
)
def test_a_url_that_cannot_be_used_is_explained_without_its_password(url: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as raised:
        open_database(url)
    assert "geheim" not in str(raised.value)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_postgresql_urls_go_to_psycopg(scheme: str) -> None:
    engine = open_database(f"{scheme}://app:geheim@127.0.0.1:1/cases")
    assert engine.url.drivername == "postgresql+psycopg"
    assert engine.url.password == "geheim"


def test_a_server_that_does_not_answer_is_named_without_its_password(make_engine: MakeEngine) -> None:
    engine = make_engine("postgresql://app:geheim@127.0.0.1:1/cases", 2)
    with pytest.raises(DatabaseUnavailable, match=r"127\.0\.0\.1:1/cases does not answer") as raised:
        CaseStore(engine).latest_seq()
    assert "geheim" not in str(raised.value)


@pytest.mark.postgres
def test_a_database_that_the_server_does_not_have_is_unavailable(make_engine: MakeEngine, postgres_url: str) -> None:
    with pytest.raises(DatabaseUnavailable, match="nowhere"):
        CaseStore(make_engine(f"{postgres_url}/nowhere")).latest_seq()


@pytest.fixture
def sqlite_path(tmp_path: Path, migrated_sqlite: Path) -> Path:
    path = tmp_path / "cases.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    return path


@pytest.fixture
def sqlite_engine(make_engine: MakeEngine, sqlite_path: Path) -> Engine:
    return make_engine(f"sqlite:///{sqlite_path}", 0.05)


def test_sqlite_keeps_a_log_syncs_fully_and_checks_references(sqlite_engine: Engine) -> None:
    with sqlite_engine.connect() as connection:
        pragmas = [connection.execute(text(f"PRAGMA {name}")).scalar_one() for name in ("journal_mode", "synchronous")]
        assert pragmas == ["wal", 2]
        assert connection.execute(text("PRAGMA foreign_keys")).scalar_one() == 1


def test_a_locked_database_is_named_and_works_again_afterwards(sqlite_engine: Engine, sqlite_path: Path) -> None:
    store = CaseStore(sqlite_engine)
    announce(store)
    with closing(sqlite3.connect(sqlite_path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseUnavailable, match=r"cases\.db is locked"):
            post(store, report())
        assert store.latest_seq() == 0, "readers go on"
        other.execute("ROLLBACK")
    assert post(store, report()).event_seq == 1


def _post_many(store: CaseStore, count: int) -> None:
    for number in range(count):
        post(store, report(incident=f"i{number}", cell_id=f"51010400100{number:04d}"))


def test_a_full_database_is_named_and_nothing_is_half_written(sqlite_engine: Engine) -> None:
    store = CaseStore(sqlite_engine)
    announce(store)
    with writing(sqlite_engine) as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
    with sqlite_engine.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    with pytest.raises(DatabaseFull, match=r"cases\.db has no space left; free space"):
        _post_many(store, 500)
    assert len(store.events_after(0)) == store.latest_seq() == sum(count.count for count in store.counts())
    with sqlite_engine.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 1000}")
    assert post(store, report(incident="after")).event_seq == store.latest_seq()


def test_a_read_only_database_is_named(sqlite_engine: Engine) -> None:
    with sqlite_engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=ON")
    with pytest.raises(DatabaseReadOnly, match="read-only"):
        CaseStore(sqlite_engine).put_camera_statuses("w", [camera(CAM_1)], NOON)


@pytest.mark.parametrize("database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
def test_a_postgresql_that_turned_read_only_is_named(store: CaseStore, engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(text(f"ALTER DATABASE {engine.url.database} SET default_transaction_read_only = on"))
    engine.dispose()
    with pytest.raises(DatabaseReadOnly, match="read-only"):
        post(store, report())
    assert store.latest_seq() == 0


@pytest.mark.postgres
def test_options_in_a_postgresql_url_are_kept_beside_ours(make_engine: MakeEngine, postgres_url: str) -> None:
    engine = make_engine(f"{postgres_url}/postgres?options=-c%20work_mem%3D7MB", 3)
    with engine.connect() as connection:
        assert connection.execute(text("SHOW work_mem")).scalar_one() == "7MB"
        assert connection.execute(text("SHOW lock_timeout")).scalar_one() == "3s"


def test_a_file_that_is_no_database_is_named(make_engine: MakeEngine, tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    path.write_bytes(b"this is no database, not at all " * 200)
    engine = make_engine(f"sqlite:///{path}")
    with pytest.raises(DatabaseUnavailable, match="not a sound SQLite file"):
        migrate(engine)


def test_a_folder_in_the_databases_place_is_named(make_engine: MakeEngine, tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}")
    with pytest.raises(DatabaseUnavailable, match="cannot be opened"):
        migrate(engine)


def test_the_databases_folder_is_made_and_a_file_in_its_place_named(tmp_path: Path) -> None:
    open_database(f"sqlite:///{tmp_path / 'var' / 'lib' / 'cases.db'}")
    assert (tmp_path / "var" / "lib").is_dir()
    (tmp_path / "file").touch()
    with pytest.raises(DatabaseUnavailable, match="cannot be made"):
        open_database(f"sqlite:///{tmp_path / 'file' / 'cases.db'}")


def test_the_steps_travel_with_the_package() -> None:
    import cases.migrations.versions

    folder = Path(next(iter(cases.migrations.versions.__path__)))
    assert "v0001_first_tables.py" in os.listdir(folder)
    assert (folder.parent / "env.py").is_file()
