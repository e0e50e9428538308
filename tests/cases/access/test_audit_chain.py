"""The audit log and the case events: only appended, each row chained to the last, and any change is found."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from time import monotonic

import pytest
from sqlalchemy import Connection, Engine, text, update
from sqlalchemy.exc import DBAPIError

from cases.access import audit, verifying
from cases.access.audit_log import AuditLog, AuditQuery
from cases.access.event_chain import next_event
from cases.access.tables import audit_entry
from cases.access.verifying import Head, verify
from cases.book import append
from cases.case import CaseEventKind
from cases.database import downgrade, migrate
from cases.queries import CaseQuery
from cases.store import CaseStore
from cases.tables import case_event
from cases.transactions import writing
from tests.cases.reports import NOON, SEEN, minute, post, report

CUT = "DELETE FROM {table} WHERE seq = {seq}"
TAKEN_AWAY = {
    "sqlite": ("DROP TRIGGER {table}_update", "DROP TRIGGER {table}_delete"),
    "postgresql": ("ALTER TABLE {table} DISABLE TRIGGER {table}_append_only",),
}


def tell(engine: Engine, count: int, actor: str = "person:li") -> None:
    for number in range(count):
        with writing(engine) as connection:
            audit.record(
                connection,
                actor=actor,
                action="permit.add",
                subject=f"permit:{number}",
                data={"name": "早市", "hours": [1, 2.0], "none": None},
                now=NOON + timedelta(microseconds=number),
            )


def tamper(engine: Engine, table: str, change: Callable[[Connection], object]) -> None:
    """What somebody with the database's own password can do: take the trigger away, change a row."""
    with writing(engine) as connection:
        for statement in TAKEN_AWAY[engine.dialect.name]:
            connection.execute(text(statement.format(table=table)))
        change(connection)


def faults(engine: Engine, anchors: dict[str, Head] | None = None) -> dict[str, int]:
    return {report.chain: report.fault.seq for report in verify(engine, anchors) if report.fault is not None}


@pytest.fixture
def history(store: CaseStore) -> CaseStore:
    """Five case events."""
    post(store, report())
    for number in range(1, 5):
        post(store, report(SEEN, minute(20 + number), sequence=number))
    return store


def test_entries_are_numbered_without_gaps_and_hold(engine: Engine) -> None:
    tell(engine, 3)
    with engine.connect() as connection, connection.begin() as change:
        audit.record(connection, actor="a", action="b", subject="c", data={}, now=NOON)
        change.rollback()  # what it tells of did not happen
    tell(engine, 1)
    entries = AuditLog(engine).page(AuditQuery())
    assert [entry.seq for entry in entries] == [4, 3, 2, 1]
    assert [entry.previous_hash for entry in entries[:-1]] == [entry.hash for entry in entries[1:]]
    assert faults(engine) == {}


@pytest.mark.parametrize("table", ["audit_entry", "case_event"])
@pytest.mark.parametrize("verb", ["UPDATE {table} SET actor = 'x'", "DELETE FROM {table}"])
def test_the_database_itself_refuses_to_change_a_row(history: CaseStore, engine: Engine, table: str, verb: str) -> None:
    tell(engine, 1)
    with pytest.raises(DBAPIError, match="append-only"), writing(engine) as connection:
        connection.execute(text(verb.format(table=table)))


def test_writers_side_by_side_make_one_chain(engine: Engine, history: CaseStore) -> None:
    def write(worker: int) -> None:
        tell(engine, 5, actor=f"person:{worker}")
        for number in range(5):
            post(history, report(SEEN, minute(60 + number), incident=f"i{worker}", sequence=number))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    reports = {report.chain: report for report in verify(engine)}
    assert reports["audit_entry"].rows == 20
    assert reports["case_event"].rows == 25
    assert all(report.is_sound for report in reports.values())


@pytest.mark.parametrize("database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
def test_an_event_that_did_not_line_up_follows_the_one_it_waited_for(history: CaseStore, engine: Engine) -> None:
    def follow() -> tuple[int, str]:
        with engine.connect() as connection, connection.begin():
            return next_event(connection)

    def is_waiting() -> bool:
        with engine.connect() as connection:
            return bool(connection.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar_one())

    (case,) = history.list_cases(CaseQuery()).cases
    with ThreadPoolExecutor(1) as pool:
        with writing(engine) as connection:
            append(connection, case, CaseEventKind.COMMENTED, NOON, NOON, "person:li", {"text": "先到"})
            waits = pool.submit(follow)
            ends_at = monotonic() + 20
            while not is_waiting():
                assert monotonic() < ends_at
        (_, events) = verify(engine)
        assert waits.result(20) == (7, events.head.hash)


@pytest.mark.parametrize(
    "change",
    [
        {"actor": "person:zhang"},
        {"data": {"reason": "another"}},
        {"at": NOON + timedelta(microseconds=1)},
    ],
    ids=["actor", "data", "at"],
)
@pytest.mark.parametrize("name", ["audit_entry", "case_event"])
def test_a_changed_row_is_named(history: CaseStore, engine: Engine, name: str, change: dict[str, object]) -> None:
    tell(engine, 5)
    table = {"audit_entry": audit_entry, "case_event": case_event}[name]
    tamper(engine, name, lambda connection: connection.execute(update(table).where(table.c.seq == 3).values(**change)))
    assert faults(engine) == {name: 3}


@pytest.mark.parametrize("name", ["audit_entry", "case_event"])
def test_a_missing_row_and_a_cut_end_are_named(history: CaseStore, engine: Engine, name: str) -> None:
    tell(engine, 5)
    tamper(engine, name, lambda connection: connection.execute(text(CUT.format(table=name, seq=5))))
    assert faults(engine) == {name: 5}, "the counter knows how many there were"
    with writing(engine) as connection:
        connection.execute(text(CUT.format(table=name, seq=2)))
    assert faults(engine) == {name: 3}


def test_an_end_cut_with_its_counter_is_found_with_an_anchor_alone(engine: Engine, history: CaseStore) -> None:
    tell(engine, 5)
    anchors = {report.chain: report.head for report in verify(engine)}

    def cut(connection: Connection) -> None:
        connection.execute(text("DELETE FROM audit_entry WHERE seq = 5"))
        connection.execute(text("UPDATE counter SET value = 4 WHERE name = 'audit_entry'"))

    tamper(engine, "audit_entry", cut)
    assert faults(engine) == {}, "nothing inside the database can tell"
    assert faults(engine, anchors) == {"audit_entry": 5}


def test_a_chain_written_anew_does_not_fit_its_anchor(engine: Engine) -> None:
    tell(engine, 3)
    kept = {report.chain: report.head for report in verify(engine)}
    assert faults(engine, kept) == {}
    tell(engine, 2)
    assert faults(engine, kept) == {}, "what came after the anchor does not matter"
    other = kept | {"audit_entry": Head(3, "0" * 64)}
    assert faults(engine, other) == {"audit_entry": 3}


def test_the_walk_holds_one_batch_in_memory(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifying, "BATCH", 2)
    tell(engine, 5)
    assert [report.rows for report in verify(engine)] == [5, 0]


def test_data_that_is_no_json_is_refused_before_anything_is_written(engine: Engine) -> None:
    for unfit in ({"at": NOON}, {"share": float("nan")}):
        with pytest.raises((TypeError, ValueError)), writing(engine) as connection:
            audit.record(connection, actor="a", action="b", subject="c", data=unfit, now=NOON)
    assert AuditLog(engine).page(AuditQuery()) == ()


def test_the_log_is_narrowed_and_paged(engine: Engine) -> None:
    tell(engine, 3)
    tell(engine, 2, actor="person:zhang")
    log = AuditLog(engine)
    assert [entry.seq for entry in log.page(AuditQuery(actor="person:zhang"))] == [5, 4]
    assert [entry.seq for entry in log.page(AuditQuery(action="permit."), limit=2)] == [5, 4]
    assert [entry.seq for entry in log.page(AuditQuery(action="permit."), before=4)] == [3, 2, 1]
    assert log.page(AuditQuery(action="permit")) == ()
    assert [entry.seq for entry in log.page(AuditQuery(subject="permit:1"))] == [5, 2]
    assert [entry.seq for entry in log.page(AuditQuery(until=NOON + timedelta(microseconds=1)))] == [4, 1]
    assert [entry.seq for entry in log.oldest_first(AuditQuery())] == [1, 2, 3, 4, 5]


def test_events_from_before_the_chain_are_chained_by_the_migration_both_ways(
    history: CaseStore, engine: Engine
) -> None:
    sound = verify(engine)[1]
    downgrade(engine, "v0008")
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM case_event")).scalar_one() == 5
    migrate(engine)
    again = verify(engine)[1]
    assert again == sound, "the same events make the same hashes, whoever chained them"
    post(history, report(SEEN, minute(50), sequence=9))
    assert faults(engine) == {}
    with pytest.raises(DBAPIError, match="append-only"), writing(engine) as connection:
        connection.execute(text("UPDATE case_event SET actor = 'x'"))
