"""After the unit's report the cameras say what they see; a person decides, or where the city says so the rule."""

from typing import Any

import pytest
from sqlalchemy import Engine

from cases.case import Case, CaseEvent, CaseEventKind, EvidenceRefs
from cases.catalogue.reading import TOML, read_catalogue, shipped
from cases.catalogue.store import CatalogueStore
from cases.evidence import EvidenceFile
from cases.life import Proposal, Stage
from cases.queries import Outcome
from cases.workflow.commands import Command
from cases.workflow.orders import CommandIncomplete
from cases.workflow.proposing import RULE_ACTOR
from tests.cases.reports import CAM_1, CAM_2, CELL, CLEARED, GARBAGE, NOON, SEEN, minute, post, refs, report
from tests.cases.workflow.office import Office

BEFORE, AFTER, LATER = refs("1"), refs("2"), refs("3")


@pytest.fixture
def office(engine: Engine) -> Office:
    return with_pictures(Office(engine))


def with_pictures(office: Office) -> Office:
    for evidence in (BEFORE, AFTER, LATER):
        for sha256 in evidence.all():
            office.store.register_evidence(EvidenceFile(sha256, 1000, "image/jpeg"), NOON)
    return office


def seen(office: Office, at: float, sequence: int, **changed: Any) -> None:
    fields = {"incident": "o1", "evidence": LATER, **changed}
    post(office.store, report(SEEN, minute(at), sequence=sequence, **fields))


def cleared(office: Office, at: float, sequence: int, evidence: EvidenceRefs | None = AFTER, **changed: Any) -> None:
    fields = {"incident": "o1", **changed}
    post(office.store, report(CLEARED, minute(at), sequence=sequence, evidence=evidence, **fields))


def reported(office: Office, at: float = 30) -> Case:
    """A case whose unit says at that minute that it is done."""
    case = office.candidate(cell_id=CELL, incident="o1", evidence=BEFORE)
    for command in (Command.ACCEPT, Command.DISPATCH, Command.TAKE):
        office.give(case.id, command, at=minute(2))
    return office.give(case.id, Command.REPORT, at=minute(at))


def proposals(office: Office, case: Case) -> list[CaseEvent]:
    return [event for event in office.store.events_of(case.id) if event.kind is CaseEventKind.PROPOSED]


def test_gone_after_the_report_is_proposed_with_the_picture_before_and_after(office: Office) -> None:
    case = reported(office)
    cleared(office, 60, 1)
    (event,) = proposals(office, case)
    assert event.actor == RULE_ACTOR
    assert event.data == {"proposal": "absent", "before": BEFORE.as_json(), "after": AFTER.as_json()}
    case = office.store.get_case(case.id)
    assert (case.life.proposal, case.life.stage) == (Proposal.ABSENT, Stage.REPORTED), "a person decides"
    assert case.latest_evidence == BEFORE, "a picture of nothing is not the case's newest look"
    office.check_folds()


def test_gone_before_the_report_counts_by_its_picture(office: Office) -> None:
    case = office.candidate(cell_id=CELL, incident="o1", evidence=BEFORE)
    for command in (Command.ACCEPT, Command.DISPATCH, Command.TAKE):
        office.give(case.id, command, at=minute(2))
    cleared(office, 20, 1)
    assert office.give(case.id, Command.REPORT, at=minute(30)).life.proposal is Proposal.ABSENT
    office.check_folds()


def test_gone_before_the_report_without_a_picture_proves_nothing(office: Office) -> None:
    case = office.candidate(cell_id=CELL, incident="o1")
    for command in (Command.ACCEPT, Command.DISPATCH, Command.TAKE):
        office.give(case.id, command, at=minute(2))
    cleared(office, 20, 1, evidence=None)
    assert office.give(case.id, Command.REPORT, at=minute(30)).life.proposal is None


def test_every_camera_that_saw_it_must_find_it_gone(office: Office) -> None:
    case = office.candidate(cell_id=CELL, incident="o1", evidence=BEFORE)
    post(office.store, report(at=minute(1), incident="other", camera_id=CAM_2))
    for command in (Command.ACCEPT, Command.DISPATCH, Command.TAKE):
        office.give(case.id, command, at=minute(2))
    office.give(case.id, Command.REPORT, at=minute(30))
    cleared(office, 60, 1, camera_id=CAM_1)
    assert proposals(office, case) == []
    cleared(office, 61, 1, incident="other", camera_id=CAM_2)
    assert [event.data["proposal"] for event in proposals(office, case)] == ["absent"]


def test_seen_again_after_the_report_is_proposed_once(office: Office) -> None:
    case = reported(office)
    seen(office, 40, 1)
    seen(office, 50, 2)
    (event,) = proposals(office, case)
    assert event.data == {"proposal": "present", "before": BEFORE.as_json(), "after": LATER.as_json()}
    cleared(office, 80, 3)
    assert office.store.get_case(case.id).life.proposal is Proposal.ABSENT, "the newest word counts"
    office.check_folds()


def test_a_picture_from_before_the_report_that_comes_late_says_nothing(office: Office) -> None:
    case = reported(office)
    post(office.store, report(SEEN, minute(29), incident="o1", sequence=1, evidence=LATER), now=minute(45))
    assert proposals(office, case) == []


def test_no_proposal_before_the_report_or_after_the_verification(office: Office) -> None:
    case = office.at_stage(Stage.HANDLING, cell_id=CELL, incident="o1")
    seen(office, 10, 1)
    office.give(case.id, Command.REPORT, at=minute(11))
    office.give(case.id, Command.VERIFY, at=minute(12))
    seen(office, 20, 2)
    assert proposals(office, case) == []


def test_without_a_picture_after_whoever_verifies_says_who_saw_it_gone(office: Office) -> None:
    case = reported(office)
    assert office.workflow.verifying_takes_a_note(case)
    for note in ("", "  "):
        with pytest.raises(CommandIncomplete, match=f"picture after of case {case.number}"):
            office.give(case.id, Command.VERIFY, at=minute(31), note=note)
    assert office.store.get_case(case.id).life.stage is Stage.REPORTED
    verified = office.give(case.id, Command.VERIFY, at=minute(31), note="周敏 09:40 现场确认")
    assert verified.life.stage is Stage.VERIFIED
    assert office.store.events_of(case.id)[-1].data["note"] == "周敏 09:40 现场确认"


def test_with_the_picture_after_no_word_is_needed_until_it_is_seen_again(office: Office) -> None:
    case = reported(office)
    cleared(office, 60, 1)
    assert not office.workflow.verifying_takes_a_note(office.store.get_case(case.id))
    seen(office, 70, 2)
    assert office.workflow.verifying_takes_a_note(office.store.get_case(case.id))
    cleared(office, 90, 3)
    assert office.give(case.id, Command.VERIFY, at=minute(91), note="").life.stage is Stage.VERIFIED


def test_a_picture_after_of_an_older_report_proves_nothing_about_the_next(office: Office) -> None:
    case = reported(office)
    cleared(office, 40, 1)
    office.give(case.id, Command.REWORK, at=minute(41))
    for command in (Command.TAKE, Command.REPORT):
        office.give(case.id, command, at=minute(50))
    seen(office, 51, 2)
    with pytest.raises(CommandIncomplete):
        office.give(case.id, Command.VERIFY, at=minute(52), note="")


def test_a_category_that_needs_no_picture_after_is_verified_without(office: Office, engine: Engine) -> None:
    text = shipped().source
    entry = text.index(f'id = "{GARBAGE}"')
    text = text[:entry] + text[entry:].replace('closing_evidence = ["after"]', "closing_evidence = []", 1)
    CatalogueStore(engine).import_file(read_catalogue(text, TOML, "city.toml"), "admin", "", NOON)
    case = reported(office)
    assert not office.workflow.verifying_takes_a_note(case)
    assert office.give(case.id, Command.VERIFY, at=minute(31), note="").life.stage is Stage.VERIFIED


@pytest.mark.parametrize("by_rule", [True, False])
def test_where_the_city_says_so_the_rule_verifies(engine: Engine, by_rule: bool) -> None:
    office = with_pictures(Office(engine, verify_by_rule=(GARBAGE,) if by_rule else ("street_stall",)))
    case = reported(office)
    cleared(office, 60, 1)
    stage = office.store.get_case(case.id).life.stage
    assert stage is (Stage.VERIFIED if by_rule else Stage.REPORTED)
    if by_rule:
        assert office.store.events_of(case.id)[-1].actor == RULE_ACTOR
    office.check_folds()


def test_where_the_city_says_so_the_rule_sends_back_what_still_stands(engine: Engine) -> None:
    office = with_pictures(Office(engine, verify_by_rule=(GARBAGE,)))
    case = reported(office)
    seen(office, 40, 1)
    after = office.store.get_case(case.id)
    assert (after.life.stage, after.life.reworks, after.life.proposal) == (Stage.DISPATCHED, 1, None)
    seen(office, 50, 2)
    assert office.store.get_case(case.id).life.reworks == 1
    office.check_folds()


def test_the_rule_takes_no_step_without_a_picture_nor_while_a_person_is_at_it(engine: Engine) -> None:
    office = with_pictures(Office(engine, verify_by_rule=(GARBAGE,)))
    case = reported(office)
    office.workflow.claim(case.id, "李敏", minute(59))
    cleared(office, 60, 1)
    assert office.store.get_case(case.id).life.stage is Stage.REPORTED
    assert office.store.get_case(case.id).life.proposal is Proposal.ABSENT
    other = office.candidate(incident="o9")
    for command in (Command.ACCEPT, Command.DISPATCH, Command.TAKE, Command.REPORT):
        office.give(other.id, command, at=minute(2))
    post(office.store, report(CLEARED, minute(70), incident="o9", sequence=1, cell_id=other.cell_id))
    assert office.store.get_case(other.id).life.stage is Stage.REPORTED


def test_a_clearing_that_opens_a_case_keeps_its_picture_for_the_clearing(office: Office) -> None:
    sent = report(CLEARED, minute(5), incident="lost", sequence=3, evidence=AFTER)
    receipt = post(office.store, sent)
    assert receipt.outcome is Outcome.OPENED
    opened, gone = office.store.events_of(receipt.case_id)
    assert (opened.evidence, gone.evidence) == (None, AFTER)
    assert office.store.get_case(receipt.case_id).evidence is None
    office.check_folds()
