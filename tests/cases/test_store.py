"""Closing, listing, following and counting cases; cameras and evidence; on both engines."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Engine, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from cases import tables
from cases.case import CaseEventKind, CaseState, CloseReason
from cases.evidence import EvidenceFile
from cases.queries import CaseCount, CaseQuery, CursorInvalid, cursor_before
from cases.rows import case_row
from cases.store import CaseStore
from core.errors import CaseConflict, CaseError, CaseNotFound
from core.ids import CameraId, CaseId, CategoryId, CellId
from tests.cases.reports import CAM_1, CAM_2, CELL, GARBAGE, NOON, OTHER_CELL, SEEN, STALL, camera, minute, post, report


def open_cases(store: CaseStore, count: int, start: int = 0) -> list[CaseId]:
    """Cases in cells of their own, a minute apart, oldest first."""
    return [
        post(store, report(incident=f"i{number}", at=minute(number), cell_id=CellId(f"5101040010{number:05d}"))).case_id
        for number in range(start, start + count)
    ]


def test_closing_keeps_who_when_and_why(store: CaseStore) -> None:
    case_id = post(store, report()).case_id
    case = store.close_case(case_id, CloseReason.FALSE_ALARM, "影子", "王值班", 1, minute(9))
    assert (case.state, case.closed_at, case.closed_by) == (CaseState.CLOSED, minute(9), "王值班")
    assert (case.close_reason, case.close_note, case.version) == (CloseReason.FALSE_ALARM, "影子", 2)
    assert store.get_case(case_id) == case
    assert store.events_of(case_id)[-1].kind is CaseEventKind.CLOSED


def test_closing_twice_is_a_conflict(store: CaseStore) -> None:
    case_id = post(store, report()).case_id
    store.close_case(case_id, CloseReason.HANDLED, "", "duty", None, minute(9))
    with pytest.raises(CaseConflict, match="already closed"):
        store.close_case(case_id, CloseReason.HANDLED, "", "duty", None, minute(10))


def test_closing_a_case_that_has_changed_since_is_a_conflict(store: CaseStore) -> None:
    case_id = post(store, report()).case_id
    post(store, report(SEEN, minute(1), sequence=1))
    with pytest.raises(CaseConflict, match="version 2, not 1"):
        store.close_case(case_id, CloseReason.HANDLED, "", "duty", 1, minute(9))
    assert store.close_case(case_id, CloseReason.HANDLED, "", "duty", 2, minute(9)).version == 3


@pytest.mark.parametrize("note", ["x" * 4001, "a\x00b"], ids=["too long", "with a NUL"])
def test_a_note_that_cannot_be_stored_is_refused(store: CaseStore, note: str) -> None:
    case_id = post(store, report()).case_id
    with pytest.raises(CaseError, match="note"):
        store.close_case(case_id, CloseReason.OTHER, note, "duty", None, minute(9))


@pytest.mark.parametrize("case_id", ["no-such-case", "a\x00b", "\ud800"])
def test_an_unknown_case_is_said_to_be_unknown(store: CaseStore, case_id: str) -> None:
    with pytest.raises(CaseNotFound):
        store.get_case(CaseId(case_id))
    with pytest.raises(CaseNotFound):
        store.events_of(CaseId(case_id))
    with pytest.raises(CaseNotFound):
        store.close_case(CaseId(case_id), CloseReason.OTHER, "", "duty", None, NOON)


def test_pages_go_through_all_cases_once_newest_first(store: CaseStore) -> None:
    expected = open_cases(store, 7)[::-1]
    found: list[CaseId] = []
    cursor: str | None = None
    for _ in range(4):
        page = store.list_cases(CaseQuery(), cursor, limit=2)
        found += [case.id for case in page.cases]
        cursor = page.next_cursor
    assert found == expected
    assert cursor is None


def test_pages_stand_still_while_cases_are_opened_and_closed(store: CaseStore) -> None:
    expected = open_cases(store, 6)[::-1]
    first = store.list_cases(CaseQuery(), limit=3)
    open_cases(store, 3, start=10)
    store.close_case(expected[4], CloseReason.HANDLED, "", "duty", None, minute(30))
    second = store.list_cases(CaseQuery(), first.next_cursor, limit=3)
    assert [case.id for case in first.cases + second.cases] == expected


def test_a_full_last_page_gives_no_cursor(store: CaseStore) -> None:
    open_cases(store, 2)
    assert store.list_cases(CaseQuery(), limit=2).next_cursor is None


@pytest.mark.parametrize("cursor", ["", "nonsense", "路口", "djE6", "djI6MQ", cursor_before(10**20), cursor_before(-1)])
def test_a_cursor_that_is_not_ours_is_refused(store: CaseStore, cursor: str) -> None:
    with pytest.raises(CursorInvalid, match="without a cursor"):
        store.list_cases(CaseQuery(), cursor)


def test_each_filter_narrows_the_list(store: CaseStore) -> None:
    garbage = store.ingest(report(), "k1", NOON, unit="环卫一所 East").case_id
    stall = post(store, report(incident="i2", category=STALL, at=minute(10), camera_id=CAM_2)).case_id
    other = post(store, report(incident="i3", cell_id=OTHER_CELL, at=minute(20))).case_id
    store.close_case(other, CloseReason.HANDLED, "", "duty", None, minute(30))
    post(store, report(SEEN, minute(40), sequence=1, camera_id=CAM_2))

    def found(query: CaseQuery) -> set[CaseId]:
        return {case.id for case in store.list_cases(query).cases}

    assert found(CaseQuery()) == {garbage, stall, other}
    assert found(CaseQuery(state=CaseState.OPEN)) == {garbage, stall}
    assert found(CaseQuery(category=GARBAGE)) == {garbage, other}
    assert found(CaseQuery(cell_id=CELL)) == {garbage, stall}
    assert found(CaseQuery(camera_id=CAM_1)) == {garbage, other}
    assert found(CaseQuery(camera_id=CAM_2)) == {garbage, stall}
    assert found(CaseQuery(since=minute(10))) == {stall, other}
    assert found(CaseQuery(until=minute(10))) == {garbage}
    assert found(CaseQuery(text="环卫")) == {garbage}
    assert found(CaseQuery(text="east")) == {garbage}
    assert found(CaseQuery(text="01000003")) == {other}
    assert found(CaseQuery(text="%")) == set()
    assert found(CaseQuery(text="\x00")) == set()
    assert found(CaseQuery(category=CategoryId("a\x00"), camera_id=CameraId("\x00"))) == set()


def test_a_naive_time_in_a_query_is_refused(store: CaseStore) -> None:
    with pytest.raises(CaseError, match=r"since.*no time zone"):
        store.list_cases(CaseQuery(since=NOON.replace(tzinfo=None)))


def test_following_the_events_misses_none_and_counts_without_gaps(store: CaseStore) -> None:
    open_cases(store, 3)
    post(store, report(SEEN, minute(9), incident="i1", sequence=1, cell_id=CellId("510104001000001")))
    first = store.events_after(0, limit=3)
    rest = store.events_after(first[-1].seq)
    assert [event.seq for event in (*first, *rest)] == [1, 2, 3, 4]
    assert store.latest_seq() == 4
    assert store.events_after(4) == ()


def test_counts_are_by_state_and_category(store: CaseStore) -> None:
    case_id = post(store, report()).case_id
    post(store, report(incident="i2", category=STALL))
    post(store, report(incident="i3", cell_id=OTHER_CELL))
    store.close_case(case_id, CloseReason.HANDLED, "", "duty", None, minute(5))
    assert store.counts() == (
        CaseCount(CaseState.CLOSED, GARBAGE, 1),
        CaseCount(CaseState.OPEN, GARBAGE, 1),
        CaseCount(CaseState.OPEN, STALL, 1),
    )


def test_a_camera_keeps_what_its_worker_said_last(store: CaseStore) -> None:
    down = camera(
        CAM_1,
        state="down",
        last_frame_at=minute(1),
        error_kind="stalled",
        error="CAM-01: no picture",
        reconnects=3,
        transitions=(("down", 1), ("live", 2)),
        width_px=1920,
        height_px=1080,
        codec="h264",
        gop_s=2.0,
    )
    store.put_camera_statuses("worker-2", [camera(CAM_1), down], minute(2))
    store.put_camera_statuses("worker-2", [], minute(3))
    first, second = store.cameras()
    assert first == replace(down, worker_id="worker-2", updated_at=minute(2))
    assert second == replace(camera(CAM_2), worker_id="worker-1", updated_at=NOON)


def test_evidence_is_made_known_once(store: CaseStore) -> None:
    file = EvidenceFile("ab" * 32, 1234, "image/jpeg")
    assert store.evidence_file(file.sha256) is None
    assert store.register_evidence(file, NOON)
    assert not store.register_evidence(file, minute(1))
    assert store.evidence_file(file.sha256) == file


def test_the_database_itself_refuses_a_second_open_case(store: CaseStore, engine: Engine) -> None:
    case = store.get_case(post(store, report()).case_id)
    second = {**case_row(case), "id": "other", "number": "other", "opened_seq": 99}
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(insert(tables.case).values(**second))
    with engine.begin() as connection:
        connection.execute(insert(tables.case).values(**{**second, "state": "closed"}))


@pytest.mark.parametrize("change", ["UPDATE case_event SET actor = 'me'", "DELETE FROM case_event"])
def test_the_database_itself_refuses_to_change_history(store: CaseStore, engine: Engine, change: str) -> None:
    post(store, report())
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text(change))


def test_times_come_back_aware_in_utc_and_in_order(store: CaseStore, engine: Engine) -> None:
    shanghai = timezone(timedelta(hours=8))
    moment = datetime(2026, 1, 1, 7, 59, 59, 123456, tzinfo=shanghai)
    post(store, report(at=moment))
    post(store, report(incident="i2", cell_id=OTHER_CELL, at=moment + timedelta(microseconds=1)))
    found = store.list_cases(CaseQuery(since=moment, until=moment + timedelta(microseconds=1))).cases
    assert [case.opened_at for case in found] == [moment]
    assert found[0].opened_at.tzinfo is UTC
    with engine.connect() as connection, pytest.raises(StatementError, match="no time zone"):
        connection.execute(select(tables.case).where(tables.case.c.opened_at > datetime(2026, 1, 1)))  # noqa: DTZ001
