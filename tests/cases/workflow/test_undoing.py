"""A decision on a candidate taken back: by whoever made it, at once, while nothing has followed."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from cases.case import CaseEventKind, CaseState, fold
from cases.life import Stage
from cases.policy.tables import policy_review
from cases.roles import Role
from cases.transactions import reading
from cases.workflow.claims import CaseClaimed
from cases.workflow.commands import Command
from cases.workflow.orders import CommandOutOfPlace, Seat, SeatRefused
from cases.workflow.undoing import UNDO_S
from core.ids import CellId
from tests.cases.reports import NOON, SEEN, minute, post, report
from tests.cases.workflow.office import UNIT, Office, order

LI = Seat("person:li.min", frozenset({Role.ACCEPTOR}))
SUN = Seat("person:sun.jie", frozenset({Role.ACCEPTOR, Role.SHIFT_LEADER}))
LATEST = minute(1) + timedelta(seconds=UNDO_S)


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine)


@pytest.mark.parametrize("decision", [Command.ACCEPT, Command.REJECT])
def test_a_decision_taken_back_leaves_the_candidate_as_it_was_and_both_events_in_its_history(
    office: Office, decision: Command
) -> None:
    case = office.candidate()
    office.give(case.id, decision, LI, unit="城管二中队")
    after = office.give(case.id, Command.UNDO, LI, LATEST)
    assert (after.state, after.life, after.unit) == (CaseState.OPEN, case.life, UNIT)
    assert (after.closed_at, after.close_reason, after.close_note, after.closed_by) == (None, None, None, None)
    events = office.store.events_of(case.id)
    assert [event.kind for event in events if event.kind is not CaseEventKind.DEADLINE_SET] == [
        CaseEventKind.OPENED,
        CaseEventKind.CLOSED if decision is Command.REJECT else CaseEventKind.ACCEPTED,
        CaseEventKind.UNDONE,
    ]
    assert fold(events) == after == office.store.get_case(case.id)
    again = office.give(case.id, Command.REJECT, SUN, LATEST)
    assert again.life.stage is Stage.VOID


@pytest.mark.parametrize("decision", [Command.ACCEPT, Command.REJECT])
def test_it_is_taken_back_by_whoever_made_it_and_for_a_minute_only(office: Office, decision: Command) -> None:
    case = office.candidate()
    decided = office.give(case.id, decision, LI)
    with pytest.raises(CommandOutOfPlace, match=r"person:li\.min"):
        office.give(case.id, Command.UNDO, SUN)
    with pytest.raises(CommandOutOfPlace, match="within 60 s"):
        office.give(case.id, Command.UNDO, LI, LATEST + timedelta(seconds=1))
    with pytest.raises(SeatRefused):
        office.give(case.id, Command.UNDO, Seat("person:li.min", frozenset({Role.DISPATCHER})))
    assert office.store.get_case(case.id) == decided


def test_a_candidate_that_was_seen_again_meanwhile_is_still_taken_back(office: Office) -> None:
    case = office.candidate(incident="again")
    office.give(case.id, Command.ACCEPT, LI)
    post(office.store, report(SEEN, minute(1), incident="again", sequence=1, cell_id=case.cell_id))
    office.give(case.id, Command.COMMENT, SUN)
    assert office.give(case.id, Command.UNDO, LI).life.stage is Stage.COLLECTED


def test_what_another_step_has_followed_is_not_taken_back_even_where_it_came_back_to_its_stage(office: Office) -> None:
    case = office.candidate()
    office.give(case.id, Command.ACCEPT, SUN)
    office.give(case.id, Command.DISPATCH, SUN)
    dispatcher = Seat("person:zhao.lei", frozenset({Role.DISPATCHER}))
    handed_back = office.give(case.id, Command.HAND_BACK, dispatcher)
    assert handed_back.life.stage is Stage.REGISTERED
    with pytest.raises(CommandOutOfPlace, match="gone on"):
        office.give(case.id, Command.UNDO, SUN)


def test_a_rejected_candidate_whose_place_has_a_new_case_stays_rejected(office: Office) -> None:
    case = office.candidate()
    office.give(case.id, Command.REJECT, LI)
    office.candidate(minute(1) + timedelta(seconds=1), cell_id=case.cell_id, incident="new")
    with pytest.raises(CommandOutOfPlace, match="new case"):
        office.give(case.id, Command.UNDO, LI)


def test_a_case_that_was_void_later_is_not_taken_back(office: Office) -> None:
    case = office.candidate()
    office.give(case.id, Command.ACCEPT, SUN)
    office.give(case.id, Command.VOID, SUN)
    with pytest.raises(CommandOutOfPlace, match="as a case"):
        office.give(case.id, Command.UNDO, SUN)


def test_undo_stands_among_the_possible_steps_while_it_is_one(office: Office) -> None:
    case = office.candidate()
    assert Command.UNDO not in office.workflow.possible(case.id, LI, NOON)[1]
    office.give(case.id, Command.REJECT, LI)
    assert Command.UNDO in office.workflow.possible(case.id, LI, LATEST)[1]
    assert Command.UNDO not in office.workflow.possible(case.id, SUN, LATEST)[1]
    assert Command.UNDO not in office.workflow.possible(case.id, LI, LATEST + timedelta(seconds=1))[1]


def test_it_is_done_once_under_its_name_and_not_while_another_seat_has_the_case(office: Office) -> None:
    case = office.candidate()
    office.give(case.id, Command.ACCEPT, LI)
    office.workflow.claim(case.id, SUN.actor, minute(1))
    with pytest.raises(CaseClaimed):
        office.give(case.id, Command.UNDO, LI)
    office.workflow.release(case.id, SUN.actor)
    undo = order(Command.UNDO)
    first = office.workflow.give(case.id, undo, LI, minute(1), command_id="undo-1")
    assert office.workflow.give(case.id, undo, LI, minute(2), command_id="undo-1") == first


def test_what_was_taken_back_says_nothing_of_the_cameras_precision(office: Office) -> None:
    case = office.candidate(cell_id=CellId("510104001099999"))
    office.give(case.id, Command.REJECT, LI)

    def reviewed() -> list[bool]:
        with reading(office.engine) as connection:
            said = select(policy_review.c.was_right).where(policy_review.c.case_id == case.id)
            return list(connection.execute(said).scalars())

    assert reviewed() == [False]
    office.give(case.id, Command.UNDO, LI)
    assert reviewed() == []
