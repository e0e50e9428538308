"""Commands in: once, on what was looked at; claims; and what follows from them."""

from datetime import timedelta

import pytest

from cases.case import CaseEventKind, CaseState, CloseReason
from cases.life import Stage
from cases.roles import Role
from cases.workflow.claims import CLAIM_S, CaseClaimed
from cases.workflow.commands import Command
from cases.workflow.orders import Order, Seat
from core.errors import CaseConflict, CaseNotFound
from core.ids import CaseId, CellId
from tests.cases.reports import CELL, NOON, SEEN, minute, post, report
from tests.cases.workflow.office import EVERYBODY, LEADER, OTHER_UNIT, UNIT, Office, order, seat

A_DAY = timedelta(days=1)
OTHER = Seat("李敏", frozenset({Role.SHIFT_LEADER, Role.ACCEPTOR}))


def test_a_case_goes_through_all_stages_and_ends_handled(office: Office) -> None:
    case = office.at_stage(Stage.CLOSED)
    assert (case.state, case.close_reason, case.closed_by) == (CaseState.CLOSED, CloseReason.HANDLED, "全岗")
    kinds = [event.kind for event in office.store.events_of(case.id) if event.kind is not CaseEventKind.DEADLINE_SET]
    assert [kind.value for kind in kinds] == [
        "opened",
        "accepted",
        "dispatched",
        "taken",
        "reported",
        "verified",
        "closed",
    ]
    assert (case.unit, case.life.handler) == (UNIT, "王强")


def test_a_command_given_again_under_its_name_changes_nothing(office: Office) -> None:
    case = office.candidate()
    first = office.workflow.give(case.id, order(Command.ACCEPT), LEADER, minute(1), command_id="abc")
    again = office.workflow.give(
        case.id, order(Command.ACCEPT), LEADER, minute(2), expected_version=1, command_id="abc"
    )
    assert again == first
    office.give(case.id, Command.DISPATCH)
    late = office.workflow.give(case.id, order(Command.ACCEPT), LEADER, minute(3), command_id="abc")
    assert late.life.stage is Stage.DISPATCHED, "it stands where it stands"


def test_a_repeat_is_answered_also_while_another_seat_holds_the_case(office: Office) -> None:
    case = office.candidate()
    first = office.workflow.give(case.id, order(Command.ACCEPT), LEADER, minute(1), command_id="abc")
    office.workflow.claim(case.id, "李敏", minute(1))
    assert office.workflow.give(case.id, order(Command.ACCEPT), LEADER, minute(1), command_id="abc") == first


@pytest.mark.parametrize("elsewhere", [True, False], ids=["another case", "another command"])
def test_a_name_stands_for_one_giving(office: Office, elsewhere: bool) -> None:
    case, other = office.candidate(), office.candidate()
    office.workflow.give(case.id, order(Command.ACCEPT), LEADER, minute(1), command_id="abc")
    target = other.id if elsewhere else case.id
    command = Command.ACCEPT if elsewhere else Command.SUSPEND
    with pytest.raises(CaseConflict, match="abc"):
        office.workflow.give(target, order(command), LEADER, minute(1), command_id="abc")
    assert office.store.get_case(other.id).version == 1


def test_what_moved_on_since_it_was_looked_at_is_refused(office: Office) -> None:
    case = office.candidate()
    post(office.store, report(SEEN, minute(5), incident="o1", sequence=1, cell_id=case.cell_id))
    with pytest.raises(CaseConflict, match="version 2, not 1"):
        office.workflow.give(case.id, order(Command.ACCEPT), LEADER, minute(6), expected_version=1)
    assert office.workflow.give(case.id, order(Command.ACCEPT), LEADER, minute(6), expected_version=2).version > 2


def test_an_unknown_case_is_told_apart(office: Office) -> None:
    with pytest.raises(CaseNotFound):
        office.give(CaseId("nobody"), Command.ACCEPT)
    with pytest.raises(CaseNotFound):
        office.workflow.claim(CaseId("nobody"), "李敏", NOON)


def test_two_seats_never_work_on_one_case(office: Office) -> None:
    case = office.candidate()
    claim = office.workflow.claim(case.id, OTHER.actor, minute(0))
    assert claim.expires_at == minute(0) + timedelta(seconds=CLAIM_S)
    with pytest.raises(CaseClaimed, match=r"李敏 until .*take another"):
        office.workflow.claim(case.id, LEADER.actor, minute(1))
    with pytest.raises(CaseClaimed):
        office.give(case.id, Command.ACCEPT, LEADER)
    with pytest.raises(CaseClaimed):
        office.store.close_case(case.id, CloseReason.OTHER, "", "班长", None, minute(1), claimant=LEADER.actor)
    assert office.store.get_case(case.id).version == 1
    office.give(case.id, Command.COMMENT, LEADER)
    office.give(case.id, Command.ACCEPT, OTHER)
    assert office.workflow.claim_on(case.id, minute(1)) is None, "the deed ends the claim"


def test_a_claim_is_renewed_expires_and_is_let_go(office: Office) -> None:
    one, two = office.candidate(), office.candidate()
    office.workflow.claim(one.id, "李敏", minute(0))
    renewed = office.workflow.claim(one.id, "李敏", minute(1))
    assert (renewed.claimed_at, renewed.expires_at) == (minute(0), minute(1) + timedelta(seconds=CLAIM_S))
    office.workflow.claim(two.id, "王强", minute(1))
    assert [claim.holder for claim in office.workflow.claims(minute(2))] == ["李敏", "王强"]
    office.workflow.release(one.id, "王强")
    assert office.workflow.claim_on(one.id, minute(2)) is not None, "only one's own can be let go"
    office.workflow.release(one.id, "李敏")
    assert office.workflow.claim_on(one.id, minute(2)) is None
    ended = renewed.expires_at
    assert office.workflow.claims(ended) == ()
    office.workflow.claim(two.id, "李敏", ended)
    assert [claim.holder for claim in office.workflow.claims(ended)] == ["李敏"]


def test_the_deadline_is_set_when_a_case_is_accepted_put_off_and_resumed(office: Office) -> None:
    case = office.candidate()
    assert case.life.deadline is None
    case = office.give(case.id, Command.ACCEPT, LEADER, minute(1))
    deadline = case.life.deadline
    assert deadline is not None
    assert minute(1) < deadline.near_due_at < deadline.due_at
    office.give(case.id, Command.DISPATCH)
    asked = office.give(case.id, Command.ASK_EXTENSION, EVERYBODY, minute(2), hours=3.0)
    assert (asked.life.extension_hours, asked.life.deadline) == (3.0, deadline)
    with pytest.raises(CaseConflict, match="asked for already"):
        office.give(case.id, Command.ASK_EXTENSION)
    refused = office.give(case.id, Command.REFUSE_EXTENSION)
    assert (refused.life.extension_hours, refused.life.extensions, refused.life.deadline) == (None, 0, deadline)
    office.give(case.id, Command.ASK_EXTENSION, EVERYBODY, minute(2), hours=3.0)
    granted = office.give(case.id, Command.GRANT_EXTENSION, LEADER, minute(3))
    assert granted.life.extensions == 1
    assert granted.life.deadline is not None
    assert granted.life.deadline.due_at >= deadline.due_at + timedelta(hours=3)
    office.give(case.id, Command.SUSPEND, LEADER, minute(4))
    resumed = office.give(case.id, Command.RESUME, LEADER, minute(4) + A_DAY)
    assert resumed.life.deadline is not None
    assert resumed.life.deadline.due_at > granted.life.deadline.due_at
    whys = [event.data.get("why") for event in office.store.events_of(case.id) if "due_at" in event.data]
    assert whys == ["registered", "extended", "resumed"]
    office.check_folds()


def test_an_extension_is_asked_for_before_the_deadline(office: Office) -> None:
    case = office.at_stage(Stage.HANDLING)
    assert case.life.deadline is not None
    due_at = case.life.deadline.due_at
    with pytest.raises(CaseConflict, match="before the deadline"):
        office.give(case.id, Command.ASK_EXTENSION, at=due_at)
    office.give(case.id, Command.ASK_EXTENSION, at=due_at - timedelta(seconds=1))


def test_the_unit_comes_from_the_order_the_case_or_the_citys_assignments(office: Office) -> None:
    case = office.candidate()
    assert office.workflow.give(case.id, Order(Command.ACCEPT), LEADER, minute(1)).unit == UNIT
    other = office.candidate()
    assert office.give(other.id, Command.ACCEPT, LEADER, unit=OTHER_UNIT).unit == OTHER_UNIT


def test_handing_back_and_rework_bring_the_case_back(office: Office) -> None:
    case = office.at_stage(Stage.HANDLING)
    back = office.give(case.id, Command.HAND_BACK, seat(Role.HANDLING_UNIT))
    assert (back.life.stage, back.life.handler) == (Stage.REGISTERED, None)
    verified = office.at_stage(Stage.VERIFIED)
    again = office.give(verified.id, Command.REWORK, seat(Role.INSPECTOR))
    assert (again.life.stage, again.life.reworks, again.unit) == (Stage.DISPATCHED, 1, UNIT)


def test_the_leaders_shortcut_closes_from_any_stage(office: Office) -> None:
    for stage in (stage for stage in Stage if stage not in (Stage.CLOSED, Stage.VOID)):
        case = office.at_stage(stage)
        handled = stage in (Stage.COLLECTED, Stage.HANDLING)
        reason = CloseReason.HANDLED if handled else CloseReason.PERMITTED
        closed = office.store.close_case(case.id, reason, "", "班长", None, minute(2))
        assert closed.life.stage is (Stage.CLOSED if handled else Stage.VOID)
    office.check_folds()


def test_what_comes_back_is_a_new_case_in_the_chain_with_its_count(office: Office) -> None:
    cases = []
    for round_ in range(4):
        case = office.candidate(NOON + round_ * A_DAY, cell_id=CELL)
        cases.append(case)
        office.give(case.id, Command.REJECT, at=case.opened_at + timedelta(hours=1), reason=CloseReason.PERMITTED)
    assert [case.life.recurrence for case in cases] == [0, 1, 2, 3]
    for case in cases:
        assert [each.id for each in office.workflow.chain(case.id)] == [each.id for each in cases]
    alone = office.candidate(NOON)
    assert [each.id for each in office.workflow.chain(alone.id)] == [alone.id]


def test_spots_are_where_real_cases_came_again(office: Office) -> None:
    for round_ in range(3):
        for cell, often in ((CELL, 3), (CellId("510104001001009"), 2)):
            if round_ < often:
                case = office.candidate(NOON + round_ * A_DAY, cell_id=cell)
                at = case.opened_at + timedelta(hours=1)
                office.store.close_case(case.id, CloseReason.HANDLED, "", "班长", None, at)
    for round_ in range(2):
        void = office.candidate(NOON + round_ * A_DAY, cell_id=CellId("510104001001008"))
        office.give(void.id, Command.REJECT, at=void.opened_at + timedelta(hours=1))
    spots = office.workflow.spots(NOON - A_DAY)
    assert [(spot.cell_id, spot.cases) for spot in spots] == [(CELL, 3), ("510104001001009", 2)]
    assert spots[0].last_opened_at == NOON + 2 * A_DAY
    assert [spot.cases for spot in office.workflow.spots(NOON - A_DAY, least=3)] == [3]
    assert office.workflow.spots(NOON + A_DAY / 2, least=3) == []
