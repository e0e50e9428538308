"""Reports that arrive at the same moment share a transaction, and nothing else: not a fault, not an answer."""

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import SQLAlchemyError

from cases.access.verifying import verify
from cases.case import fold
from cases.incidents_in import IncidentReport
from cases.intake import Answer, CellFacts
from cases.intake_line import IntakeLine
from cases.queries import CaseQuery, Outcome, Receipt
from cases.store import CaseStore
from cases.transactions import DatabaseUnavailable
from core.errors import IncidentRefused
from core.ids import CameraId, CategoryId, CellId
from tests.cases.reports import NOON, SEEN, minute, report

PATIENCE_S = 60.0


class Gate:
    """Cell facts that the writing thread waits for, so that a test says who shares a transaction."""

    def __init__(self) -> None:
        self.is_reached = threading.Event()
        self.opens = threading.Event()

    def facts(self, cell: CellId, category: CategoryId) -> CellFacts:
        self.is_reached.set()
        assert self.opens.wait(PATIENCE_S)
        return CellFacts("strict", f"unit of {cell} for {category}")


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def line(store: CaseStore, gate: Gate) -> Iterator[IntakeLine]:
    line = IntakeLine(store.intake, gate.facts, most_waiting=40, most_together=8)
    yield line
    gate.opens.set()
    line.drain(PATIENCE_S)


def cell(number: int) -> CellId:
    return CellId(f"51010400100{number:04d}")


def numbered(number: int, worker: str = "worker-1") -> IncidentReport:
    return report(incident=f"i{number}", cell_id=cell(number), worker_id=worker)


def hand_in(line: IntakeLine, *reports: IncidentReport) -> list[Future[Answer]]:
    return [line.hand_in(each, each.idempotency_key, NOON) for each in reports]


def behind_one(line: IntakeLine, gate: Gate, *reports: IncidentReport) -> list[Future[Answer]]:
    """Handed in while another report holds the writer, so that they are taken up together."""
    first = hand_in(line, numbered(0))
    assert gate.is_reached.wait(PATIENCE_S)
    return [*first, *hand_in(line, *reports)]


def receipt_of(answer: Future[Answer]) -> Receipt:
    receipt = answer.result(PATIENCE_S)
    assert isinstance(receipt, Receipt)
    return receipt


def test_what_waits_at_the_same_moment_shares_a_transaction(engine: Engine, line: IntakeLine, gate: Gate) -> None:
    commits: list[object] = []
    event.listen(engine, "commit", commits.append)
    answers = behind_one(line, gate, *(numbered(number) for number in range(1, 9)))
    gate.opens.set()
    receipts = [receipt_of(answer) for answer in answers]
    assert [receipt.outcome for receipt in receipts] == [Outcome.OPENED] * 9
    assert [receipt.event_seq for receipt in receipts] == list(range(1, 10)), "in the order they came"
    assert len(commits) == 2, "one for the first, one for the eight behind it"


def test_a_case_keeps_what_the_grid_file_says_of_its_cell(store: CaseStore, line: IntakeLine, gate: Gate) -> None:
    gate.opens.set()
    (answer,) = hand_in(line, numbered(7))
    case = store.get_case(receipt_of(answer).case_id)
    assert (case.zone, case.unit) == ("strict", f"unit of {cell(7)} for exposed_garbage")


def test_a_refused_report_takes_nothing_from_those_beside_it(store: CaseStore, line: IntakeLine, gate: Gate) -> None:
    stranger = report(incident="i2", camera_id=CameraId("CAM-77"), cell_id=cell(2))
    from_tomorrow = report(incident="i3", at=minute(24 * 60), cell_id=cell(3))
    answers = behind_one(line, gate, numbered(1), stranger, from_tomorrow, numbered(4))
    gate.opens.set()
    assert [receipt_of(answers[place]).event_seq for place in (0, 1, 4)] == [1, 2, 3]
    with pytest.raises(IncidentRefused, match="camera CAM-77 is unknown"):
        answers[2].result(PATIENCE_S)
    with pytest.raises(IncidentRefused, match="lies in the future"):
        answers[3].result(PATIENCE_S)
    assert len(store.list_cases(CaseQuery()).cases) == 3


def test_what_cannot_be_written_costs_the_others_a_second_try_and_no_more(
    engine: Engine, store: CaseStore, line: IntakeLine, gate: Gate
) -> None:
    refuse_events_of(engine, "worker:broken")
    answers = behind_one(line, gate, numbered(1), numbered(2, worker="broken"), numbered(3))
    gate.opens.set()
    with pytest.raises((SQLAlchemyError, DatabaseUnavailable)):
        answers[2].result(PATIENCE_S)
    assert [receipt_of(answers[place]).event_seq for place in (0, 1, 3)] == [1, 2, 3], "no gap where the one was undone"
    assert all(chain.is_sound for chain in verify(engine))


def refuse_events_of(engine: Engine, actor: str) -> None:
    """A database that takes no event of one actor, whatever the reason would be in life."""
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(
                text(
                    "CREATE TRIGGER broken BEFORE INSERT ON case_event "
                    f"WHEN NEW.actor = '{actor}' BEGIN SELECT RAISE(ABORT, 'broken'); END"
                )
            )
            return
        connection.execute(
            text("CREATE FUNCTION broken() RETURNS trigger AS $$ BEGIN RAISE 'broken'; END $$ LANGUAGE plpgsql")
        )
        connection.execute(
            text(
                "CREATE TRIGGER broken BEFORE INSERT ON case_event FOR EACH ROW "
                f"WHEN (NEW.actor = '{actor}') EXECUTE FUNCTION broken()"
            )
        )


def test_threads_that_post_the_same_sightings_again_and_again_count_each_once(
    engine: Engine, store: CaseStore, line: IntakeLine, gate: Gate
) -> None:
    gate.opens.set()
    sightings = [report(SEEN, minute(number), sequence=number) for number in range(12)]

    def post(_: int) -> list[Receipt]:
        return [receipt_of(line.hand_in(each, each.idempotency_key, minute(60))) for each in sightings]

    with ThreadPoolExecutor(6) as pool:
        receipts = [receipt for some in pool.map(post, range(6)) for receipt in some]
    outcomes = Counter(receipt.outcome for receipt in receipts)
    assert outcomes == {Outcome.OPENED: 1, Outcome.ATTACHED: 11, Outcome.DUPLICATE: 60}
    (case,) = store.list_cases(CaseQuery()).cases
    assert case.sighting_count == 12
    assert case == fold(store.events_of(case.id))
    assert all(chain.is_sound for chain in verify(engine))


def test_a_caller_that_went_away_before_its_turn_leaves_nothing(store: CaseStore, line: IntakeLine, gate: Gate) -> None:
    answers = behind_one(line, gate, numbered(1), numbered(2))
    assert answers[1].cancel()
    gate.opens.set()
    assert receipt_of(answers[2]).event_seq == 2
    with pytest.raises(CancelledError):
        answers[1].result(PATIENCE_S)
    assert {case.cell_id for case in store.list_cases(CaseQuery()).cases} == {cell(0), cell(2)}


def test_a_full_line_asks_to_come_again_and_keeps_what_it_has(line: IntakeLine, gate: Gate) -> None:
    answers = behind_one(line, gate, *(numbered(number) for number in range(1, 41)))
    assert line.waiting == 40
    with pytest.raises(DatabaseUnavailable, match="send the report again in a moment"):
        hand_in(line, numbered(41))
    gate.opens.set()
    assert [receipt_of(answer).event_seq for answer in answers] == list(range(1, 42))


def test_draining_waits_for_what_was_handed_in_and_the_line_goes_on(line: IntakeLine, gate: Gate) -> None:
    answers = behind_one(line, gate, numbered(1), numbered(2))
    line.drain(timeout_s=0.05)
    assert not any(answer.done() for answer in answers), "the gate is shut: the wait was bounded"
    gate.opens.set()
    line.drain(PATIENCE_S)
    assert [answer.done() for answer in answers] == [True] * 3
    (after,) = hand_in(line, numbered(3))
    assert receipt_of(after).event_seq == 4


def test_a_database_that_is_gone_is_told_to_every_caller_and_the_line_goes_on(
    engine: Engine, line: IntakeLine, gate: Gate
) -> None:
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE intake RENAME TO intake_elsewhere"))
    answers = behind_one(line, gate, numbered(1))
    gate.opens.set()
    for answer in answers:
        with pytest.raises(DatabaseUnavailable, match="lacks tables"):
            answer.result(PATIENCE_S)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE intake_elsewhere RENAME TO intake"))
    (again,) = hand_in(line, numbered(1))
    assert receipt_of(again).outcome is Outcome.OPENED
