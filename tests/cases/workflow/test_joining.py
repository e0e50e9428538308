"""What people tell of: joined to the open case of the place, or a case of its own."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cases.case import Case, CloseReason
from cases.ledger import Numbering
from cases.life import Stage
from cases.queries import CaseQuery
from cases.sources import Source
from cases.transactions import writing
from cases.workflow.commands import Command
from cases.workflow.joining import join_or_open
from tests.cases.reports import CAM_2, CELL, GARBAGE, NOON, OTHER_CELL, STALL, minute, post, report
from tests.cases.workflow.office import Office

NUMBERING = Numbering(ZoneInfo("Asia/Shanghai"), "01")


def tell(office: Office, source: Source = Source.CITIZEN, **changed: Any) -> tuple[Case, bool]:
    fields: dict[str, Any] = {
        "cell_id": CELL,
        "category": GARBAGE,
        "at": NOON,
        "now": minute(1),
        "actor": "open311",
        "data": {"words": "门口有垃圾"},
        "zone": "strict",
        "unit": None,
        "numbering": NUMBERING,
        **changed,
    }
    with writing(office.engine) as connection:
        return join_or_open(connection, source=source, **fields)


@pytest.mark.parametrize("source", Source)
def test_a_first_word_opens_a_case_with_its_sources_digits(office: Office, source: Source) -> None:
    case, opened = tell(office, source)
    assert opened
    assert case.number == f"51010420261122{source.digits}000001"
    assert (case.life.source, dict(case.life.reports)) == (source, {source: 1})
    assert (case.cameras, case.presences, case.evidence, case.life.stage) == ((), (), None, Stage.COLLECTED)
    office.check_folds()


def test_words_of_a_known_case_join_it_and_are_counted_by_source(office: Office) -> None:
    case = office.candidate(cell_id=CELL)
    for source in (Source.CITIZEN, Source.HOTLINE, Source.CITIZEN):
        joined, opened = tell(office, source)
        assert (joined.id, opened) == (case.id, False)
    assert dict(joined.life.reports) == {Source.VIDEO_AI: 1, Source.HOTLINE: 1, Source.CITIZEN: 2}
    assert (joined.life.source, joined.sighting_count) == (Source.VIDEO_AI, 1)
    assert tell(office, category=STALL)[1], "another category is another case"
    assert tell(office, cell_id=OTHER_CELL)[1]
    office.check_folds()


def test_a_vehicles_sightings_are_counted_apart_from_a_fixed_cameras(office: Office) -> None:
    case = office.candidate(cell_id=CELL)
    post(office.store, report(at=minute(2), incident="passing", camera_id=CAM_2, source=Source.MOBILE_VIDEO))
    joined, _ = tell(office)
    assert joined.id == case.id
    assert dict(joined.life.reports) == {Source.VIDEO_AI: 1, Source.MOBILE_VIDEO: 1, Source.CITIZEN: 1}
    assert (joined.life.source, joined.sighting_count) == (Source.VIDEO_AI, 2)
    passing: dict[str, Any] = {"cell_id": OTHER_CELL, "incident": "first", "camera_id": CAM_2}
    receipt = post(office.store, report(at=minute(3), source=Source.MOBILE_VIDEO, **passing))
    found = office.store.list_cases(CaseQuery(source=Source.MOBILE_VIDEO)).cases
    assert [(each.id, dict(each.life.reports)) for each in found] == [(receipt.case_id, {Source.MOBILE_VIDEO: 1})]
    office.check_folds()


def test_a_report_of_a_fixed_camera_is_the_report_that_older_workers_sent() -> None:
    assert "source" not in report().as_json()
    assert report().body_sha256 != report(source=Source.MOBILE_VIDEO).body_sha256


def test_a_camera_joins_what_a_person_told_of_first(office: Office) -> None:
    case, _ = tell(office)
    receipt = post(office.store, report(at=minute(2)))
    assert receipt.case_id == case.id
    joined = office.store.get_case(case.id)
    assert (joined.cameras, dict(joined.life.reports)) == (("CAM-01",), {Source.VIDEO_AI: 1, Source.CITIZEN: 1})
    assert joined.cleared_at is None
    office.check_folds()


def test_a_word_after_closing_opens_a_case_that_repeats_it(office: Office) -> None:
    first = office.candidate(cell_id=CELL)
    office.store.close_case(first.id, CloseReason.HANDLED, "", "班长", None, minute(5))
    second, opened = tell(office, at=minute(9), now=minute(10))
    assert (opened, second.previous_case_id, second.life.recurrence) == (True, first.id, 1)
    office.store.close_case(second.id, CloseReason.HANDLED, "", "班长", None, minute(11))
    late = minute(11) + timedelta(days=31)
    third, _ = tell(office, at=late, now=late)
    assert (third.previous_case_id, third.life.recurrence) == (None, 0)


def test_a_time_ahead_of_ours_counts_as_now(office: Office) -> None:
    case, _ = tell(office, at=minute(60), now=minute(1))
    assert case.opened_at == case.first_seen_at == minute(1)


def test_a_told_case_goes_the_way_of_all_cases(office: Office) -> None:
    case, _ = tell(office)
    for command in (Command.ACCEPT, Command.DISPATCH, Command.TAKE, Command.REPORT):
        case = office.give(case.id, command)
    assert (case.life.stage, case.life.proposal) == (Stage.REPORTED, None), "no camera can say it is gone"
    office.check_folds()
