"""Many writers at once: one open case, no lost report, no gap in the numbers."""

import multiprocessing
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, Engine, event, text

from cases.case import CloseReason, fold
from cases.database import open_database
from cases.queries import CaseQuery, Outcome, Receipt
from cases.store import CaseStore
from core.errors import CaseConflict
from core.ids import CellId
from tests.cases.reports import CAM_1, CAM_2, NOON, minute, report

WRITERS = 8


def all_at_once(tasks: list[Callable[[], Receipt]]) -> list[Receipt]:
    """Run every task in its own thread, from the same moment on."""
    start = threading.Barrier(len(tasks))

    def run(task: Callable[[], Receipt]) -> Receipt:
        start.wait(30)
        return task()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))


def test_threads_that_see_the_same_violation_end_with_one_open_case(store: CaseStore) -> None:
    def task(number: int) -> Callable[[], Receipt]:
        sent = report(incident=f"i{number}", camera_id=CAM_1 if number % 2 else CAM_2)
        return lambda: store.ingest(sent, sent.idempotency_key, NOON)

    receipts = all_at_once([task(number) for number in range(WRITERS)])
    assert Counter(receipt.outcome for receipt in receipts) == {Outcome.OPENED: 1, Outcome.JOINED: WRITERS - 1}
    (case,) = store.list_cases(CaseQuery()).cases
    assert case.sighting_count == WRITERS
    assert case == fold(store.events_of(case.id))
    assert sorted(receipt.event_seq for receipt in receipts) == list(range(1, WRITERS + 1))


@pytest.mark.parametrize("same_key", [True, False], ids=["one key", "a key each"])
def test_threads_that_post_the_same_report_write_it_once(store: CaseStore, same_key: bool) -> None:
    def task(number: int) -> Callable[[], Receipt]:
        return lambda: store.ingest(report(), "key" if same_key else f"key-{number}", NOON)

    receipts = all_at_once([task(number) for number in range(WRITERS)])
    assert Counter(receipt.outcome for receipt in receipts) == {Outcome.OPENED: 1, Outcome.DUPLICATE: WRITERS - 1}
    assert store.latest_seq() == 1


def test_threads_that_open_different_cases_number_them_without_gap_or_repeat(store: CaseStore) -> None:
    def task(number: int) -> Callable[[], Receipt]:
        sent = report(incident=f"i{number}", cell_id=CellId(f"51010400100{number:04d}"))
        return lambda: store.ingest(sent, sent.idempotency_key, NOON)

    receipts = all_at_once([task(number) for number in range(WRITERS)])
    assert sorted(int(receipt.case_number[-6:]) for receipt in receipts) == list(range(1, WRITERS + 1))


def test_a_reader_that_follows_while_others_write_misses_no_event(store: CaseStore) -> None:
    seen: list[int] = []
    done = threading.Event()

    def follow() -> None:
        while True:
            was_done = done.is_set()
            found = store.events_after(seen[-1] if seen else 0, limit=3)
            seen.extend(item.seq for item in found)
            if was_done and not found:
                return

    def task(number: int) -> Callable[[], Receipt]:
        def run() -> Receipt:
            for sequence in range(4):
                sent = report(incident=f"i{number}", sequence=sequence, cell_id=CellId(f"51010400100{number:04d}"))
                receipt = store.ingest(sent, sent.idempotency_key, NOON)
            return receipt

        return run

    reader = threading.Thread(target=follow)
    reader.start()
    try:
        all_at_once([task(number) for number in range(4)])
    finally:
        done.set()
        reader.join(60)
    assert seen == list(range(1, 17))


def test_of_two_people_who_close_the_same_case_one_is_told(store: CaseStore) -> None:
    receipt = store.ingest(report(), "key", NOON)
    told: list[CaseConflict] = []

    def close() -> Receipt:
        try:
            store.close_case(receipt.case_id, CloseReason.HANDLED, "", "duty", 1, minute(1))
        except CaseConflict as conflict:
            told.append(conflict)
        return receipt

    all_at_once([close, close])
    assert len(told) == 1
    assert [item.kind for item in store.events_of(receipt.case_id)] == ["opened", "closed"]


def _post_from_another_process(url: str, number: int, start: threading.Barrier) -> None:
    engine = open_database(url)
    store = CaseStore(engine)
    start.wait(60)
    for sequence in range(3):
        sent = report(incident=f"p{number}", sequence=sequence, at=minute(sequence))
        store.ingest(sent, sent.idempotency_key, minute(5))
    engine.dispose()


def test_processes_that_see_the_same_violation_end_with_one_open_case(store: CaseStore, database_url: str) -> None:
    spawn = multiprocessing.get_context("spawn")
    start = spawn.Barrier(2)
    workers = [spawn.Process(target=_post_from_another_process, args=(database_url, n, start)) for n in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(90)
    assert [worker.exitcode for worker in workers] == [0, 0]
    (case,) = store.list_cases(CaseQuery()).cases
    assert case.sighting_count == 6
    assert case == fold(store.events_of(case.id))


@pytest.mark.parametrize("database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
def test_a_writer_that_did_not_line_up_is_joined_after_the_index_refused_ours(engine: Engine, store: CaseStore) -> None:
    """The index refuses a second open case, and we look again. SQLite has one writer: nobody can skip its queue."""
    stranger = "the stranger's case"
    with engine.connect() as connection:
        columns = [row[0] for row in connection.execute(text(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'case' ORDER BY ordinal_position"
        ))]  # fmt: skip
    was_in_between = threading.Event()
    template = store.get_case(store.ingest(report(), "key-0", NOON).case_id)
    store.close_case(template.id, CloseReason.HANDLED, "", "duty", None, minute(1))
    changed = {"id": f"'{stranger.replace(chr(39), '')}'", "number": "'x'", "opened_seq": "0", "state": "'open'"}
    copied = ", ".join(changed.get(name, f'"{name}"') for name in columns)

    @event.listens_for(engine, "before_cursor_execute")
    def come_in_between(_connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith('INSERT INTO "case"') and not was_in_between.is_set():
            was_in_between.set()
            with engine.begin() as other:
                other.execute(text(f'INSERT INTO "case" SELECT {copied} FROM "case" LIMIT 1'))  # noqa: S608  # own names

    receipt = store.ingest(report(incident="i2", at=minute(5)), "key-1", minute(6))
    assert was_in_between.is_set()
    assert (receipt.outcome, receipt.case_id) == (Outcome.JOINED, stranger.replace("'", ""))
