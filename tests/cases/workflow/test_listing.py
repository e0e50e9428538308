"""Lists in three orders, what is late, quick counts; and a page's command on the case as it was seen."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from cases.access.people import PersonDraft
from cases.case import Case, CaseState
from cases.known_units import known_units
from cases.lateness import Standing, is_late, is_nearly_late, standing_of
from cases.life import Stage
from cases.list_order import ordered
from cases.queries import CaseQuery, CursorInvalid, ListOrder
from cases.roles import Role
from cases.store import narrowed
from cases.tables import case as table
from cases.tallies import LATE, NEARLY_LATE, state_counts, tallies
from cases.workflow.commands import Command
from cases.workflow.orders import CommandOutOfPlace
from cases.workflow.seen import CaseMovedOn, give_as_seen, life_key
from core.errors import CaseConflict
from core.ids import CategoryId
from tests.cases.reports import NOON, SEEN, minute, post, report
from tests.cases.workflow.office import EVERYBODY, LEADER, OTHER_UNIT, UNIT, Office, order

DAYS = timedelta(days=30)
CATEGORIES = ("exposed_garbage", "street_stall", "roadside_clutter")


def listed(office: Office, query: CaseQuery, limit: int) -> list[str]:
    """Every case's id, page by page."""
    found: list[str] = []
    cursor: str | None = None
    while True:
        page = office.store.list_cases(query, cursor, limit)
        found += [case.id for case in page.cases]
        cursor = page.next_cursor
        if cursor is None:
            return found


def due_key(case: Case) -> tuple[float, int]:
    deadline = case.life.deadline
    assert deadline is not None
    return deadline.due_at.timestamp(), case.opened_seq


@pytest.mark.parametrize("limit", [1, 2, 50])
@pytest.mark.parametrize("order_by", tuple(ListOrder))
def test_every_order_is_paged_without_a_gap_or_a_repeat(office: Office, order_by: ListOrder, limit: int) -> None:
    made: list[Case] = []
    for number, category in enumerate(("exposed_garbage", "street_stall", "exposed_garbage", "roadside_clutter")):
        case = office.candidate(minute(number), category=CategoryId(category))
        made.append(office.give(case.id, Command.ACCEPT, at=minute(7 - number)))
    plain = office.candidate(minute(5))
    expected = {
        ListOrder.NEWEST: [each.id for each in (plain, *reversed(made))],
        ListOrder.OLDEST: [each.id for each in (*made, plain)],
        ListOrder.DUE: [each.id for each in sorted(made, key=due_key)],
    }
    assert listed(office, CaseQuery(order=order_by), limit) == expected[order_by]


def test_a_cursor_of_another_order_is_refused(office: Office) -> None:
    for _ in range(2):
        office.give(office.candidate().id, Command.ACCEPT)
    newest = office.store.list_cases(CaseQuery(), None, 1).next_cursor
    due = office.store.list_cases(CaseQuery(order=ListOrder.DUE), None, 1).next_cursor
    with pytest.raises(CursorInvalid):
        office.store.list_cases(CaseQuery(order=ListOrder.DUE), newest)
    with pytest.raises(CursorInvalid):
        office.store.list_cases(CaseQuery(), due)


def test_the_zone_narrows(office: Office) -> None:
    sent = report(incident="strict", cell_id=office.candidate().cell_id, category=CategoryId("street_stall"))
    receipt = office.store.ingest(sent, "k", NOON, zone="strict")
    assert listed(office, CaseQuery(zone="strict"), 50) == [receipt.case_id]
    assert listed(office, CaseQuery(zone="general"), 50) == []


@pytest.mark.parametrize(
    ("stage", "standing"),
    [
        (Stage.REGISTERED, Standing.OVERDUE),
        (Stage.HANDLING, Standing.OVERDUE),
        (Stage.REPORTED, Standing.MET),
        (Stage.VERIFIED, Standing.MET),
        (Stage.CLOSED, Standing.MET),
        (Stage.VOID, Standing.NONE),
    ],
)
def test_the_condition_and_the_word_agree_on_what_is_late(office: Office, stage: Stage, standing: Standing) -> None:
    case = office.at_stage(stage)
    long_after = NOON + DAYS
    assert standing_of(case, long_after) is standing
    late = listed(office, CaseQuery(overdue_at=long_after), 50)
    assert late == ([case.id] if standing is Standing.OVERDUE else [])


def test_what_was_reported_late_is_late_until_it_is_closed(office: Office) -> None:
    case = office.at_stage(Stage.HANDLING)
    case = office.give(case.id, Command.REPORT, at=NOON + DAYS)
    assert standing_of(case, NOON + DAYS) is Standing.MISSED
    assert listed(office, CaseQuery(overdue_at=NOON + DAYS), 50) == [case.id]


def test_nearly_late_begins_at_its_moment_and_ends_with_the_deadline(office: Office) -> None:
    case = office.at_stage(Stage.DISPATCHED)
    deadline = case.life.deadline
    assert deadline is not None
    second = timedelta(seconds=1)
    moments = (deadline.near_due_at - second, deadline.near_due_at, deadline.due_at, deadline.due_at + second)
    assert [len(listed(office, CaseQuery(near_due_at=each), 50)) for each in moments] == [0, 1, 1, 0]
    assert [standing_of(case, each) for each in moments] == [
        Standing.IN_TIME,
        Standing.NEAR_DUE,
        Standing.NEAR_DUE,
        Standing.OVERDUE,
    ]


def test_quick_counts_tell_what_waits_at_each_stage_and_for_each_unit(office: Office) -> None:
    for stage in (Stage.COLLECTED, Stage.COLLECTED, Stage.REGISTERED, Stage.REPORTED, Stage.CLOSED, Stage.VOID):
        office.at_stage(stage)
    other = office.candidate()
    office.give(other.id, Command.ACCEPT)
    office.give(other.id, Command.DISPATCH, unit=OTHER_UNIT)
    found = tallies(office.engine, NOON + DAYS)
    assert {name: count for name, count in found.items() if count} == {
        "collected": 2,
        "registered": 1,
        "dispatched": 1,
        "reported": 1,
        LATE: 2,
    }
    of_other = tallies(office.engine, NOON + DAYS, OTHER_UNIT)
    assert {name: count for name, count in of_other.items() if count} == {"dispatched": 1, LATE: 1}
    assert found[NEARLY_LATE] == 0


def test_a_quick_count_stops_at_its_bound(office: Office) -> None:
    for _ in range(5):
        office.candidate()
    assert tallies(office.engine, NOON, most=3)["collected"] == 3


def test_states_are_counted_by_category_where_that_is_no_walk_through_all_closed_ones(office: Office) -> None:
    for category in ("exposed_garbage", "exposed_garbage", "street_stall"):
        office.candidate(category=CategoryId(category))
    office.at_stage(Stage.VOID)
    found = {(each.state.value, each.category): each.count for each in state_counts(office.engine, CATEGORIES, most=2)}
    assert found == {
        ("open", "exposed_garbage"): 2,
        ("open", "street_stall"): 1,
        ("open", ""): 2,
        ("closed", ""): 1,
    }


def test_what_is_late_and_the_nearest_deadlines_are_found_by_their_index(office: Office) -> None:
    if office.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL chooses by its statistics, and reads a table this small whole")
    is_open = CaseQuery(state=CaseState.OPEN)
    for statement in (
        select(table.c.id).where(is_late(NOON)),
        select(table.c.id).where(is_nearly_late(NOON)),
        narrowed(ordered(select(table.c.id), ListOrder.DUE, None), replace(is_open, order=ListOrder.DUE)).limit(50),
        narrowed(ordered(select(table.c.id), ListOrder.DUE, None), replace(is_open, overdue_at=NOON)).limit(50),
    ):
        text = str(statement.compile(office.engine, compile_kwargs={"literal_binds": True}))
        with office.engine.connect() as connection:
            plan = " ".join(str(row) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}"))
        assert "ix_case_open_due_at" in plan, plan


def test_units_are_known_from_people_places_and_the_catalogue(office: Office) -> None:
    assert UNIT not in known_units(office.engine)
    people = office.house.access.people
    people.add(PersonDraft("wang", "王强", frozenset({Role.HANDLING_UNIT}), UNIT), "test", NOON)
    people.add(PersonDraft("gone", "已离职", frozenset({Role.HANDLING_UNIT}), "旧单位", is_active=False), "test", NOON)
    assert UNIT in known_units(office.engine)
    assert "旧单位" not in known_units(office.engine)


def test_a_page_commands_what_it_saw_whatever_cameras_have_seen_since(office: Office) -> None:
    case = office.candidate()
    saw = life_key(case)
    post(office.store, report(SEEN, minute(5), incident="o1", sequence=1, cell_id=case.cell_id))
    office.give(case.id, Command.COMMENT)
    accepted = give_as_seen(office.workflow, case.id, order(Command.ACCEPT), LEADER, minute(6), saw)
    assert accepted.life.stage is Stage.REGISTERED


def test_of_two_who_dispatch_what_they_saw_the_second_is_refused(office: Office) -> None:
    case = office.at_stage(Stage.REGISTERED)
    saw = life_key(case)
    give_as_seen(office.workflow, case.id, order(Command.DISPATCH), EVERYBODY, minute(2), saw)
    with pytest.raises(CaseMovedOn, match="dispatched"):
        give_as_seen(office.workflow, case.id, order(Command.DISPATCH, unit=OTHER_UNIT), EVERYBODY, minute(3), saw)
    assert office.store.get_case(case.id).unit == UNIT


def test_what_was_seen_rightly_but_stands_elsewhere_is_refused_as_ever(office: Office) -> None:
    case = office.candidate()
    with pytest.raises(CommandOutOfPlace):
        give_as_seen(office.workflow, case.id, order(Command.VERIFY), EVERYBODY, minute(1), life_key(case))
    office.workflow.claim(case.id, "李敏", minute(1))
    with pytest.raises(CaseConflict, match="claimed"):
        give_as_seen(office.workflow, case.id, order(Command.ACCEPT), EVERYBODY, minute(1), life_key(case))
