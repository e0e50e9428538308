"""What becomes of a report, on both engines."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select

from cases import tables
from cases.case import CaseEventKind, CaseState, CloseReason, fold
from cases.evidence import EvidenceFile
from cases.queries import CaseQuery, Outcome
from cases.rules import CaseRules
from cases.sources import Source
from cases.store import CaseStore
from core.errors import CaseConflict, IncidentRefused
from core.ids import CameraId, CaseId
from tests.cases.reports import (
    CAM_2,
    CELL,
    CLEARED,
    GARBAGE,
    NOON,
    OPENED,
    OTHER_CELL,
    SEEN,
    STALL,
    announce,
    minute,
    post,
    refs,
    report,
)


def close(store: CaseStore, case_id: CaseId, at_minute: float) -> None:
    store.close_case(case_id, CloseReason.HANDLED, "", "duty", None, minute(at_minute))


def kinds(store: CaseStore, case_id: CaseId) -> list[str]:
    return [event.kind.value for event in store.events_of(case_id)]


def test_an_opened_incident_opens_a_case_with_its_facts(store: CaseStore) -> None:
    receipt = store.ingest(report(), "key-1", NOON, zone="strict", unit="环卫一所")
    case = store.get_case(receipt.case_id)
    assert receipt.outcome is Outcome.OPENED
    assert receipt.case_number == case.number == "5101042026112201000001"
    assert (case.cell_id, case.category, case.state) == (CELL, GARBAGE, CaseState.OPEN)
    assert (case.zone, case.unit) == ("strict", "环卫一所")
    assert (case.opened_at, case.first_seen_at, case.last_seen_at) == (NOON, minute(-5), NOON)
    assert (case.sighting_count, case.object_count, case.confidence) == (1, 1, 0.5)
    assert case == fold(store.events_of(case.id))


def test_a_vehicles_report_opens_a_case_with_its_own_digits(store: CaseStore) -> None:
    receipt = store.ingest(report(source=Source.MOBILE_VIDEO), "key-1", NOON)
    assert receipt.case_number == "5101042026112203000001"
    assert store.get_case(receipt.case_id).life.source is Source.MOBILE_VIDEO


def test_a_second_posting_with_the_same_key_is_a_duplicate_and_writes_nothing(store: CaseStore) -> None:
    first = store.ingest(report(), "key-1", NOON)
    again = store.ingest(report(), "key-1", minute(1))
    assert again == replace(first, outcome=Outcome.DUPLICATE)
    assert store.latest_seq() == 1


def test_the_same_event_under_another_key_is_a_duplicate_each_time(store: CaseStore) -> None:
    first = store.ingest(report(), "key-1", NOON)
    for key in ("key-2", "key-2", "key-3"):
        assert store.ingest(report(), key, NOON) == replace(first, outcome=Outcome.DUPLICATE)
    assert store.latest_seq() == 1


def test_a_key_that_named_a_duplicate_cannot_name_another_report(store: CaseStore) -> None:
    store.ingest(report(), "key-1", NOON)
    store.ingest(report(), "key-2", NOON)
    with pytest.raises(CaseConflict, match="key-2"):
        store.ingest(report(incident="incident-2", cell_id=OTHER_CELL), "key-2", NOON)


def test_the_same_moment_in_another_zone_is_the_same_report(store: CaseStore) -> None:
    from zoneinfo import ZoneInfo

    store.ingest(report(), "key-1", NOON)
    sent = report(at=NOON.astimezone(ZoneInfo("Asia/Shanghai")))
    assert store.ingest(sent, "key-1", NOON).outcome is Outcome.DUPLICATE


def test_a_key_used_for_another_body_is_a_conflict(store: CaseStore) -> None:
    store.ingest(report(), "key-1", NOON)
    with pytest.raises(CaseConflict, match="key-1"):
        store.ingest(report(object_count=7), "key-1", NOON)


def test_an_event_number_used_for_another_body_is_a_conflict(store: CaseStore) -> None:
    store.ingest(report(), "key-1", NOON)
    with pytest.raises(CaseConflict, match="incident-1"):
        store.ingest(report(object_count=7), "key-2", NOON)


def test_another_cameras_incident_joins_the_open_case_and_raises_its_count(store: CaseStore) -> None:
    first = post(store, report())
    second = post(store, report(incident="incident-2", at=minute(1), camera_id=CAM_2, object_count=3, confidence=0.9))
    case = store.get_case(first.case_id)
    assert second.outcome is Outcome.JOINED
    assert second.case_id == first.case_id
    assert (case.object_count, case.confidence, case.cameras) == (3, 0.9, ("CAM-01", "CAM-02"))
    joined = store.events_of(case.id)[1]
    assert (joined.kind, joined.data["joined"]) == (CaseEventKind.SEEN, True)


def test_another_category_or_another_cell_is_another_case(store: CaseStore) -> None:
    posted = [
        post(store, report()),
        post(store, report(incident="incident-2", category=STALL)),
        post(store, report(incident="incident-3", cell_id=OTHER_CELL)),
    ]
    assert [receipt.outcome for receipt in posted] == [Outcome.OPENED] * 3
    assert [receipt.case_number[-6:] for receipt in posted] == ["000001", "000002", "000003"]


def test_later_events_of_an_incident_go_to_its_case(store: CaseStore) -> None:
    first = post(store, report())
    seen = post(store, report(SEEN, minute(10), sequence=1))
    cleared = post(store, report(CLEARED, minute(30), sequence=2))
    case = store.get_case(first.case_id)
    assert [seen.outcome, cleared.outcome] == [Outcome.ATTACHED] * 2
    assert (case.sighting_count, case.last_seen_at, case.cleared_at) == (2, minute(20), minute(30))
    assert case.is_open


def test_a_case_is_cleared_only_when_its_last_camera_sees_it_no_more(store: CaseStore) -> None:
    first = post(store, report())
    post(store, report(incident="incident-2", at=minute(1), camera_id=CAM_2))
    post(store, report(CLEARED, minute(20), sequence=1))
    assert store.get_case(first.case_id).cleared_at is None
    post(store, report(CLEARED, minute(25), incident="incident-2", sequence=1, camera_id=CAM_2))
    assert store.get_case(first.case_id).cleared_at == minute(25)
    post(store, report(incident="incident-3", at=minute(40)))
    assert store.get_case(first.case_id).cleared_at is None


def test_seen_before_its_opened_opens_the_case_and_the_opened_attaches(store: CaseStore) -> None:
    early = post(store, report(SEEN, minute(10), sequence=1))
    late = post(store, report(OPENED, NOON, sequence=0), now=minute(11))
    case = store.get_case(early.case_id)
    assert (early.outcome, late.outcome, late.case_id) == (Outcome.OPENED, Outcome.ATTACHED, early.case_id)
    assert (case.first_seen_at, case.last_seen_at, case.sighting_count) == (minute(-5), minute(10), 2)


def test_cleared_before_its_opened_still_makes_a_case_that_stays_cleared(store: CaseStore) -> None:
    early = post(store, report(CLEARED, minute(30), sequence=2))
    assert early.outcome is Outcome.OPENED
    assert kinds(store, early.case_id) == ["opened", "cleared"]
    late = post(store, report(OPENED, NOON, sequence=0), now=minute(31))
    case = store.get_case(early.case_id)
    assert late.case_id == early.case_id
    assert (case.opened_at, case.cleared_at, case.is_open) == (minute(20), minute(30), True)


def test_a_report_from_before_the_closing_is_a_late_sighting_of_its_closed_case(store: CaseStore) -> None:
    first = post(store, report())
    close(store, first.case_id, 20)
    late = post(store, report(SEEN, minute(15), sequence=1), now=minute(21))
    assert (late.outcome, late.case_id) == (Outcome.ATTACHED, first.case_id)
    assert kinds(store, first.case_id) == ["opened", "closed", "late_sighting"]
    assert store.get_case(first.case_id).state is CaseState.CLOSED


def test_an_incident_seen_at_the_very_moment_of_closing_is_late(store: CaseStore) -> None:
    first = post(store, report())
    close(store, first.case_id, 20)
    assert post(store, report(SEEN, minute(20), sequence=1)).case_id == first.case_id


def test_an_incident_seen_after_the_closing_opens_a_linked_case(store: CaseStore) -> None:
    first = post(store, report())
    close(store, first.case_id, 20)
    again = post(store, report(SEEN, minute(30), sequence=1))
    later = post(store, report(SEEN, minute(40), sequence=2))
    assert again.outcome is Outcome.OPENED
    assert store.get_case(again.case_id).previous_case_id == first.case_id
    assert later.case_id == again.case_id
    assert store.get_case(first.case_id).state is CaseState.CLOSED


def test_cleared_after_the_closing_confirms_the_closed_case_and_opens_none(store: CaseStore) -> None:
    first = post(store, report())
    close(store, first.case_id, 20)
    cleared = post(store, report(CLEARED, minute(35), sequence=1))
    assert (cleared.outcome, cleared.case_id) == (Outcome.ATTACHED, first.case_id)
    assert store.get_case(first.case_id).cleared_at == minute(35)
    assert len(store.list_cases(CaseQuery()).cases) == 1


def test_a_new_incident_seen_while_a_closed_case_was_alive_is_a_late_sighting_of_it(store: CaseStore) -> None:
    first = post(store, report())
    close(store, first.case_id, 20)
    late = post(store, report(incident="incident-2", at=minute(10), camera_id=CAM_2), now=minute(21))
    assert (late.outcome, late.case_id) == (Outcome.ATTACHED, first.case_id)
    assert store.get_case(first.case_id).cameras == ("CAM-01", "CAM-02")
    after = post(store, report(SEEN, minute(25), incident="incident-2", sequence=1, camera_id=CAM_2))
    assert store.get_case(after.case_id).previous_case_id == first.case_id


def test_a_camera_that_saw_it_before_the_case_was_opened_adds_to_it_too(store: CaseStore) -> None:
    first = post(store, report())
    close(store, first.case_id, 20)
    late = post(store, report(incident="incident-2", at=minute(-2), camera_id=CAM_2), now=minute(21))
    assert late.case_id == first.case_id


def test_a_new_incident_from_before_the_closed_cases_life_opens_an_unlinked_case(store: CaseStore) -> None:
    first = post(store, report())
    close(store, first.case_id, 20)
    old = post(store, report(incident="incident-2", at=minute(-60)), now=minute(21))
    assert old.outcome is Outcome.OPENED
    assert store.get_case(old.case_id).previous_case_id is None


def test_a_new_incident_after_the_closing_is_a_recurrence_within_the_set_days_only(engine: Engine) -> None:
    store = CaseStore(engine, CaseRules(recurrence_days=1))
    announce(store)
    first = post(store, report())
    close(store, first.case_id, 20)
    second = post(store, report(incident="incident-2", at=minute(60)))
    close(store, second.case_id, 70)
    third = post(store, report(incident="incident-3", at=minute(70) + timedelta(days=1, seconds=1)))
    assert store.get_case(second.case_id).previous_case_id == first.case_id
    assert store.get_case(third.case_id).previous_case_id is None


def test_an_old_incident_after_a_recurrence_joins_the_case_that_is_open_now(store: CaseStore) -> None:
    first = post(store, report())
    post(store, report(incident="incident-2", at=minute(1), camera_id=CAM_2))
    close(store, first.case_id, 20)
    second = post(store, report(SEEN, minute(30), sequence=1))
    other = post(store, report(SEEN, minute(31), incident="incident-2", sequence=1, camera_id=CAM_2))
    assert (other.outcome, other.case_id) == (Outcome.JOINED, second.case_id)


def test_an_old_incident_seen_in_the_life_of_a_closed_recurrence_is_late_on_that(store: CaseStore) -> None:
    first = post(store, report())
    post(store, report(incident="incident-2", at=minute(1), camera_id=CAM_2))
    close(store, first.case_id, 20)
    second = post(store, report(SEEN, minute(30), sequence=1))
    close(store, second.case_id, 50)
    other = post(store, report(SEEN, minute(40), incident="incident-2", sequence=1, camera_id=CAM_2), now=minute(51))
    assert (other.outcome, other.case_id) == (Outcome.ATTACHED, second.case_id)


def test_evidence_keeps_the_earliest_and_the_newest_look(store: CaseStore) -> None:
    for mark in "123":
        for sha256 in refs(mark).all():
            store.register_evidence(EvidenceFile(sha256, 10, "image/jpeg"), NOON)
    first = post(store, report(at=minute(5), evidence=refs("2")))
    post(store, report(SEEN, minute(10), sequence=1, evidence=refs("3")))
    post(store, report(incident="incident-2", at=minute(1), evidence=refs("1"), camera_id=CAM_2), now=minute(11))
    case = store.get_case(first.case_id)
    assert (case.evidence, case.latest_evidence) == (refs("1"), refs("3"))
    assert (case.evidence_at, case.latest_evidence_at) == (minute(1), minute(10))
    assert [event.evidence for event in store.events_of(case.id)] == [refs("2"), refs("3"), refs("1")]


def test_unknown_evidence_is_refused_by_name_and_taken_after_its_upload(store: CaseStore) -> None:
    sent = report(evidence=refs("1"))
    with pytest.raises(IncidentRefused, match=refs("1").original):
        post(store, sent)
    for sha256 in refs("1").all():
        store.register_evidence(EvidenceFile(sha256, 10, "image/jpeg"), NOON)
    assert post(store, sent).outcome is Outcome.OPENED


def test_an_unknown_camera_is_refused_by_name_and_taken_once_announced(store: CaseStore) -> None:
    sent = report(camera_id=CameraId("CAM-99"))
    with pytest.raises(IncidentRefused, match=r"CAM-99.*/api/v1/cameras"):
        post(store, sent)
    assert store.latest_seq() == 0
    announce(store, CameraId("CAM-99"))
    assert post(store, sent).outcome is Outcome.OPENED


def test_a_time_in_the_future_is_refused_beyond_the_tolerance(store: CaseStore) -> None:
    with pytest.raises(IncidentRefused, match=r"CAM-01.*future.*NTP"):
        store.ingest(report(at=NOON + timedelta(seconds=301)), "key-1", NOON)
    assert store.ingest(report(at=NOON + timedelta(seconds=300)), "key-1", NOON).outcome is Outcome.OPENED


def test_a_refused_report_leaves_no_trace(store: CaseStore, engine: Engine) -> None:
    with pytest.raises(IncidentRefused):
        post(store, report(evidence=refs("1")))
    with engine.connect() as connection:
        for table in (tables.case, tables.case_event, tables.intake, tables.incident_binding):
            assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 0


def test_the_number_of_the_day_turns_at_the_citys_midnight(store: CaseStore) -> None:
    late_evening = NOON.replace(hour=15, minute=59)
    first = store.ingest(report(at=late_evening), "key-1", late_evening)
    past_midnight = late_evening + timedelta(minutes=1)
    second = store.ingest(report(incident="i2", category=STALL, at=past_midnight), "key-2", past_midnight)
    third = store.ingest(report(incident="i3", cell_id=OTHER_CELL, at=past_midnight), "key-3", past_midnight)
    assert [receipt.case_number[6:] for receipt in (first, second, third)] == [
        "2026112201000001",
        "2026112301000001",
        "2026112301000002",
    ]


@pytest.mark.parametrize("key", ["", "x" * 257, "a\nb"])
def test_an_unusable_idempotency_key_is_refused(store: CaseStore, key: str) -> None:
    with pytest.raises(IncidentRefused, match="idempotency key"):
        store.ingest(report(), key, NOON)
