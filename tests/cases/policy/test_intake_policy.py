"""Reports that meet the rules on their way in, on both engines."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select, update

from cases.case import CloseReason
from cases.house import CaseHouse
from cases.policy.decision import DEFAULT_RULE, Verdict
from cases.policy.decisions import DecisionQuery, KeptDecision
from cases.policy.errors import ReportSuppressed
from cases.policy.house import PolicyHouse
from cases.policy.tables import policy_decision, policy_permit, suppressed_intake
from cases.queries import CaseQuery, Outcome, Receipt, Suppressed
from cases.store import CaseStore
from cases.transactions import reading, writing
from core.errors import CaseConflict
from core.geometry import Point
from core.ids import CaseId, CellId
from tests.cases.policy.rules import MIDDLE, OUTLINE, STEP, WEST, permit, strip, suppression
from tests.cases.reports import CAM_1, CAM_2, CELL, CLEARED, NOON, SEEN, STALL, minute, report

LUNCH = {"from": "11:00", "until": "13:00"}


@pytest.fixture
def house(store: CaseStore) -> PolicyHouse:
    return CaseHouse.over(store).policy


def take_in(store: CaseStore, *args: object, **changed: object) -> Receipt | Suppressed:
    sent = report(*args, **{"category": STALL, **changed})  # type: ignore[arg-type]  # a report's own fields
    return store.take_in(
        sent, sent.idempotency_key, sent.at + timedelta(seconds=5), outline=OUTLINE if sent.cell_id == CELL else None
    )


def decisions(house: PolicyHouse) -> tuple[KeptDecision, ...]:
    """Oldest first."""
    return house.decisions.page(DecisionQuery(), None, 100)[::-1]


def test_a_permitted_stall_makes_no_case_in_its_hours_and_one_after(store: CaseStore, house: PolicyHouse) -> None:
    house.permits.add(permit(hours=(LUNCH,)), "admin", NOON)
    first = take_in(store)
    again = take_in(store, SEEN, minute(50), sequence=1)
    assert (first.outcome, again.outcome) == (Outcome.SUPPRESSED, Outcome.SUPPRESSED)
    assert isinstance(first, Suppressed)
    assert first.rule == "permit:1"
    assert store.list_cases(CaseQuery()).cases == ()
    after = take_in(store, SEEN, minute(65), sequence=2)
    assert isinstance(after, Receipt)
    assert after.outcome is Outcome.OPENED
    assert store.get_case(after.case_id).opened_at == minute(65)
    kept = decisions(house)
    assert [(each.verdict, each.rule) for each in kept] == [
        (Verdict.SUPPRESS, "permit:1"),
        (Verdict.SUPPRESS, "permit:1"),
        (Verdict.QUEUE, DEFAULT_RULE),
    ]
    assert [each.case_id for each in kept] == [None, None, after.case_id]
    assert "outside its hours" in kept[2].trials[0].why.en


def test_a_suppressed_report_sent_again_answers_the_same_and_is_judged_once(
    store: CaseStore, house: PolicyHouse
) -> None:
    kept = house.permits.add(permit(), "admin", NOON)
    first = take_in(store)
    house.permits.remove(kept.permit.id, None, "admin", NOON)
    again = take_in(store)
    assert isinstance(first, Suppressed)
    assert isinstance(again, Suppressed)
    assert (again.outcome, again.decision, again.rule) == (Outcome.DUPLICATE, first.decision, first.rule)
    other_key = store.take_in(report(category=STALL), "another key", NOON, outline=OUTLINE)
    assert other_key == again
    assert len(decisions(house)) == 1


def test_a_key_or_event_of_a_suppressed_report_cannot_name_another(store: CaseStore, house: PolicyHouse) -> None:
    house.permits.add(permit(), "admin", NOON)
    take_in(store)
    changed = report(category=STALL, object_count=9)
    with pytest.raises(CaseConflict, match="another report"):
        store.take_in(changed, changed.idempotency_key, NOON, outline=OUTLINE)
    with pytest.raises(CaseConflict, match="another content"):
        store.take_in(changed, "key-2", NOON, outline=OUTLINE)


def test_a_standing_case_is_never_suppressed_away(store: CaseStore, house: PolicyHouse) -> None:
    opened = take_in(store)
    house.permits.add(permit(), "admin", minute(1))
    seen = take_in(store, SEEN, minute(2), sequence=1)
    joined = take_in(store, incident="incident-2", camera_id=CAM_2, at=minute(3))
    assert isinstance(opened, Receipt)
    assert isinstance(seen, Receipt)
    assert isinstance(joined, Receipt)
    assert (seen.outcome, joined.outcome) == (Outcome.ATTACHED, Outcome.JOINED)
    assert store.get_case(opened.case_id).sighting_count == 3
    assert len(decisions(house)) == 1, "only what would open a case is judged"


def test_a_clearing_of_what_was_suppressed_opens_nothing(store: CaseStore, house: PolicyHouse) -> None:
    house.permits.add(permit(hours=(LUNCH,)), "admin", NOON)
    take_in(store)
    cleared = take_in(store, CLEARED, minute(90), sequence=1)
    assert cleared.outcome is Outcome.SUPPRESSED
    assert store.list_cases(CaseQuery()).cases == ()
    assert "gone before it became a case" in decisions(house)[-1].why.en


def test_a_clearing_that_nobody_heard_the_opening_of_still_opens_a_case(store: CaseStore) -> None:
    assert take_in(store, CLEARED, minute(90)).outcome is Outcome.OPENED


def test_a_caller_that_expects_a_case_is_told_that_there_is_none(store: CaseStore, house: PolicyHouse) -> None:
    house.permits.add(permit(), "admin", NOON)
    with pytest.raises(ReportSuppressed, match=r"permit:1 \(decision 1\)"):
        store.ingest(report(category=STALL), "key", NOON, outline=OUTLINE)
    assert len(decisions(house)) == 1, "the decision is kept all the same"


def test_a_report_that_tells_its_places_is_judged_by_them(store: CaseStore, house: PolicyHouse) -> None:
    house.permits.add(permit(rings=(strip(0.4),)), "admin", NOON)
    inside = (Point(WEST + STEP * 0.2, MIDDLE.y),)
    assert take_in(store, incident="a", cell_id=CellId("510104001001008")).outcome is Outcome.OPENED
    assert take_in(store, incident="b", places=inside).outcome is Outcome.SUPPRESSED
    assert decisions(house)[-1].facts["places"] == [[inside[0].x, inside[0].y]]
    assert take_in(store, incident="c", places=(MIDDLE,)).outcome is Outcome.OPENED


def test_another_process_hears_of_a_changed_rule_with_the_next_report(store: CaseStore, engine: Engine) -> None:
    other = CaseHouse.over(CaseStore(engine)).policy
    assert take_in(store).outcome is Outcome.OPENED
    kept = other.suppressions.add(suppression(camera_id=None, polygons=(), cells=("510104001001002",)), "李敏", NOON)
    sent = {"cell_id": CellId("510104001001002")}
    assert take_in(store, incident="2", **sent).outcome is Outcome.SUPPRESSED
    other.suppressions.remove(kept.suppression.id, "李敏", NOON)
    assert take_in(store, incident="3", **sent).outcome is Outcome.OPENED


def test_a_suppression_ends_by_itself(store: CaseStore, house: PolicyHouse) -> None:
    draft = suppression(polygons=(((0.0, 0.0), (300.0, 0.0), (300.0, 300.0), (0.0, 300.0)),), expires_at=minute(30))
    house.suppressions.add(draft, "李敏", NOON)
    assert take_in(store, at=minute(29)).outcome is Outcome.SUPPRESSED
    assert take_in(store, SEEN, minute(30), sequence=1).outcome is Outcome.OPENED


def test_what_a_rejected_case_was_made_of_comes_back_no_more(store: CaseStore, house: PolicyHouse) -> None:
    opened = take_in(store)
    assert isinstance(opened, Receipt)
    store.close_case(opened.case_id, CloseReason.FALSE_ALARM, "石狮子", "李敏", None, minute(1))
    assert take_in(store, SEEN, minute(12), sequence=1).outcome is Outcome.OPENED, "as before, without a rule"


def test_the_purge_takes_old_decisions_that_made_nothing_and_their_receipts(
    store: CaseStore, house: PolicyHouse, engine: Engine
) -> None:
    kept = house.permits.add(permit(), "admin", NOON)
    take_in(store, incident="old")
    take_in(store, at=minute(60 * 24 * 10), incident="new")
    house.permits.remove(kept.permit.id, None, "admin", NOON)
    take_in(store, incident="filed", cell_id=CellId("510104001001009"))
    assert house.decisions.purge(minute(60 * 24 * 10), days=9) == 1
    assert {each.incident_id for each in decisions(house)} == {"new", "filed"}
    with reading(engine) as connection:
        assert connection.execute(select(func.count()).select_from(suppressed_intake)).scalar_one() == 1
        assert connection.execute(select(func.count()).select_from(policy_decision)).scalar_one() == 2


def test_the_list_of_decisions_is_narrowed_and_pages_through_all(store: CaseStore, house: PolicyHouse) -> None:
    house.permits.add(permit(cells=("510104001001001",)), "admin", NOON)
    for number in range(5):
        take_in(store, incident=f"s{number}")
    take_in(store, incident="q", cell_id=CellId("510104001001009"), camera_id=CAM_2, category="other")
    found: list[int] = []
    before: int | None = None
    while page := house.decisions.page(DecisionQuery(verdict=Verdict.SUPPRESS), before, 2):
        found += [each.id for each in page]
        before = found[-1]
    assert found == sorted(found, reverse=True)
    assert len(found) == 5
    assert len(house.decisions.page(DecisionQuery(rule="permit:1", camera_id=CAM_1), None, 50)) == 5
    assert len(house.decisions.page(DecisionQuery(cell_id="510104001001009"), None, 50)) == 1
    assert house.decisions.page(DecisionQuery(since=minute(1)), None, 50) == ()


def test_an_incident_and_a_case_tell_why(store: CaseStore, house: PolicyHouse) -> None:
    house.permits.add(permit(hours=(LUNCH,)), "admin", NOON)
    take_in(store)
    nothing_yet, bound = house.decisions.of_incident("incident-1")
    assert ([each.rule for each in nothing_yet], bound) == (["permit:1"], None)
    opened = take_in(store, SEEN, minute(65), sequence=1)
    assert isinstance(opened, Receipt)
    by_incident, bound = house.decisions.of_incident("incident-1")
    by_case, the_case = house.decisions.of_case(opened.case_id)
    assert by_incident == by_case
    assert bound == the_case
    assert bound is not None
    assert bound.number == opened.case_number
    assert [each.case_id for each in by_case] == [opened.case_id, None]
    assert house.decisions.of_case(CaseId("none")) == ((), None)


def test_a_rule_that_cannot_be_read_is_told_and_left_out_and_the_report_is_taken(
    store: CaseStore, house: PolicyHouse, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    house.permits.add(permit(), "admin", NOON)
    house.permits.add(permit(number="2", hours=(LUNCH,)), "admin", NOON)
    with writing(engine) as connection:
        broken = {"rings": [[[0, 0], [1, 1]]]}
        connection.execute(update(policy_permit).where(policy_permit.c.id == 1).values(**broken))
    assert take_in(store).outcome is Outcome.SUPPRESSED, "by the other"
    assert "permit:1 cannot be read" in caplog.text


def test_writers_that_post_the_same_suppressed_report_at_once_keep_it_once(
    store: CaseStore, house: PolicyHouse
) -> None:
    house.permits.add(permit(), "admin", NOON)
    sent = report(category=STALL)
    start = threading.Barrier(8)

    def post(number: int) -> Receipt | Suppressed:
        start.wait(30)
        return store.take_in(sent, f"key-{number % 4}", NOON, outline=OUTLINE)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(post, range(8)))
    assert sorted(answer.outcome.value for answer in answers) == ["duplicate"] * 7 + ["suppressed"]
    assert len(decisions(house)) == 1
