"""The queue of candidates in its orders, page by page, and what a seat has decided in its shift."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from cases.case import Case, CaseEventKind, EvidenceRefs
from cases.evidence import JPEG, EvidenceFile
from cases.queries import CursorInvalid
from cases.roles import Role
from cases.workflow.commands import Command
from cases.workflow.orders import Seat
from cases.workflow.shift import ShiftTally, shift_tally, tally
from cases.workflow.waiting import (
    WaitingOrder,
    WaitingQuery,
    count_waiting,
    open_near,
    picture_before,
    waiting,
)
from core.ids import CameraId, CategoryId, CellId, ViewId
from grid.incidents import IncidentKind
from tests.cases.reports import CAM_2, GARBAGE, NOON, STALL, minute, report
from tests.cases.workflow.office import UNIT, Office

LI = Seat("person:li.min", frozenset({Role.ACCEPTOR}))
ZONES = ("general", None, "strict", "controlled", "strict")
SURE = (0.5, 0.9, 0.7, 0.9, 0.6)
ORDERS = {
    WaitingOrder.OLDEST: [0, 1, 2, 3, 4],
    WaitingOrder.NEWEST: [4, 3, 2, 1, 0],
    WaitingOrder.SUREST: [3, 1, 2, 4, 0],
    WaitingOrder.URGENT: [2, 4, 3, 0, 1],
}


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine)


@pytest.fixture
def five(office: Office) -> list[Case]:
    """Candidates of several zones, and one that is decided already."""
    made = []
    for number, (zone, confidence) in enumerate(zip(ZONES, SURE, strict=True)):
        sent = report(
            at=minute(number), cell_id=CellId(f"51010400109{number:04d}"), incident=f"w{number}", confidence=confidence
        )
        made.append(office.store.ingest(sent, sent.idempotency_key, minute(number), zone=zone, unit=UNIT).case_id)
    decided = office.candidate()
    office.give(decided.id, Command.ACCEPT, LI)
    return [office.store.get_case(case_id) for case_id in made]


@pytest.mark.parametrize("order", WaitingOrder)
@pytest.mark.parametrize("limit", [1, 2, 50])
def test_the_queue_is_read_page_by_page_in_each_order(
    office: Office, five: list[Case], order: WaitingOrder, limit: int
) -> None:
    found: list[str] = []
    cursor = ""
    while True:
        page = waiting(office.engine, WaitingQuery(order), cursor, limit)
        assert len(page.cases) <= limit
        found += [case.id for case in page.cases]
        cursor = page.next_cursor
        if not cursor:
            break
    assert found == [five[number].id for number in ORDERS[order]]


def test_it_is_narrowed_by_camera_category_and_zone_and_counted(office: Office, five: list[Case]) -> None:
    other = office.candidate(camera_id=CAM_2, category=STALL)

    def ids(query: WaitingQuery) -> list[str]:
        return [case.id for case in waiting(office.engine, query).cases]

    assert ids(WaitingQuery(camera_id=CAM_2)) == [other.id]
    assert ids(WaitingQuery(category=STALL)) == [other.id]
    assert ids(WaitingQuery(zone="strict")) == [five[2].id, five[4].id]
    assert count_waiting(office.engine, WaitingQuery()) == {GARBAGE: 5, STALL: 1}
    assert count_waiting(office.engine, WaitingQuery(category=CategoryId("none"))) == {}
    assert ids(WaitingQuery(camera_id=CameraId("CAM-99"))) == []


@pytest.mark.parametrize("cursor", ["x", "b2xkZXN0fDB8MC41fHg", "ZHVlOjF8Mg"])
def test_a_cursor_of_somebody_elses_is_refused(office: Office, cursor: str) -> None:
    with pytest.raises(CursorInvalid):
        waiting(office.engine, WaitingQuery(), cursor)


def test_what_is_open_near_by_is_told_without_the_case_itself(office: Office, five: list[Case]) -> None:
    sent = report(at=minute(9), cell_id=five[0].cell_id, incident="near", category=STALL)
    beside = office.store.ingest(sent, sent.idempotency_key, minute(9)).case_id
    cells = (five[0].cell_id, five[1].cell_id)
    assert [case.id for case in open_near(office.engine, five[0], cells)] == [beside, five[1].id]


def test_the_picture_before_is_the_last_one_through_the_same_view_within_a_day(office: Office) -> None:
    pictures = EvidenceRefs("a1" * 32, "a2" * 32, "a3" * 32)
    for sha256 in pictures.all():
        office.store.register_evidence(EvidenceFile(sha256, 10, JPEG), NOON)
    earlier = office.candidate(minute(0), evidence=pictures)
    office.candidate(minute(1), evidence=pictures, camera_id=CAM_2)
    office.candidate(minute(1), evidence=pictures, view_id=ViewId("CAM-01-preset-2"))
    office.candidate(minute(1))
    case = office.candidate(minute(60), first_seen_at=minute(50), last_seen_at=minute(60))
    opening = office.store.events_of(case.id)[0]
    found = picture_before(office.engine, case, opening)
    assert found is not None
    assert found.case_id == earlier.id
    later = office.candidate(minute(60 * 30), first_seen_at=minute(60 * 30 - 1), last_seen_at=minute(60 * 30))
    assert picture_before(office.engine, later, office.store.events_of(later.id)[0]) is None


def test_a_seats_shift_counts_what_stands_and_the_pace_without_breaks(office: Office) -> None:
    cases = [office.candidate() for _ in range(4)]
    office.give(cases[0].id, Command.ACCEPT, LI, minute(1))
    office.give(cases[1].id, Command.REJECT, LI, minute(1) + timedelta(seconds=4))
    office.give(cases[2].id, Command.REJECT, LI, minute(1) + timedelta(seconds=10))
    office.give(cases[2].id, Command.UNDO, LI, minute(1) + timedelta(seconds=12))
    office.give(cases[3].id, Command.ACCEPT, LI, minute(60))
    office.give(office.candidate().id, Command.ACCEPT, at=minute(2))
    assert shift_tally(office.engine, LI.actor, NOON) == ShiftTally(2, 1, 6.0)
    assert shift_tally(office.engine, LI.actor, minute(30)) == ShiftTally(1, 0, None)
    assert tally([]) == ShiftTally()
    assert tally([("a", CaseEventKind.UNDONE, NOON)]) == ShiftTally()


def test_an_incident_that_is_gone_still_waits(office: Office) -> None:
    case = office.candidate(incident="gone")
    gone = report(IncidentKind.CLEARED, minute(5), incident="gone", sequence=1, cell_id=case.cell_id)
    office.store.ingest(gone, gone.idempotency_key, minute(5))
    assert [each.id for each in waiting(office.engine, WaitingQuery()).cases] == [case.id]
