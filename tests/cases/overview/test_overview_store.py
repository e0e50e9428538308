"""The overview's figures by a truth that was counted by hand, on both engines."""

from datetime import timedelta

import pytest

from cases.case import CloseReason
from cases.overview.figures import Counts
from cases.overview.store import CameraPrecision, Overview, SpanRefused, Standing
from cases.queries import CaseQuery
from cases.workflow.commands import Command
from core.ids import CaseId, CellId
from tests.cases.reports import CAM_1, CAM_2, GARBAGE, NOON, STALL, minute
from tests.cases.workflow.office import OTHER_UNIT, UNIT, Office

DAY = NOON - timedelta(hours=12)
"""The midnight before noon, in Shanghai."""


def overview_of(office: Office, days: float = 1, now: float = 60) -> Overview:
    return office.house.overview.overview(DAY, DAY + timedelta(days=days), minute(now))


def test_nothing_yet_is_nothing_and_not_assessed(office: Office) -> None:
    found = overview_of(office)
    assert (found.total, found.standing) == (Counts(), Standing())
    assert (found.categories, found.zones, found.units, found.hours, found.cameras, found.spots) == ((),) * 6
    assert (found.decision_s, found.closing_s) == (None, None)


def test_candidates_are_told_apart_by_what_was_found_of_them(office: Office) -> None:
    waiting, rejected, confirmed, voided, closed = (office.candidate(minute(each)) for each in range(5))
    office.give(rejected.id, Command.REJECT, at=minute(10))
    for case in (confirmed, voided, closed):
        office.give(case.id, Command.ACCEPT, at=minute(10))
    office.give(voided.id, Command.VOID, at=minute(20))
    office.store.close_case(closed.id, CloseReason.HANDLED, "", "李敏", None, minute(30))
    total = overview_of(office).total
    assert (total.opened, total.confirmed, total.rejected, total.waiting) == (5, 3, 1, 1)
    assert (total.voided, total.closed, total.open) == (1, 1, 2)
    assert waiting.life.stage == "collected"
    assert overview_of(office).standing.open == 2
    assert overview_of(office).standing.waiting == 1


def test_the_list_shows_what_the_overview_counts(office: Office) -> None:
    _, rejected, confirmed, voided = (office.candidate(minute(each)) for each in range(4))
    office.give(rejected.id, Command.REJECT, at=minute(10))
    for case in (confirmed, voided):
        office.give(case.id, Command.ACCEPT, at=minute(10))
    office.give(voided.id, Command.VOID, at=minute(20))

    def listed(**narrowed: bool) -> set[str]:
        page = office.store.list_cases(CaseQuery(since=DAY, until=DAY + timedelta(days=1), **narrowed))  # type: ignore[arg-type]  # booleans only
        return {case.id for case in page.cases}

    assert listed(confirmed=True) == {confirmed.id, voided.id}
    assert listed(confirmed=False) == {rejected.id}
    assert len(listed()) == overview_of(office).total.opened


def test_a_span_holds_its_first_hour_and_not_the_one_after_its_last(office: Office) -> None:
    for at in (DAY - timedelta(seconds=1), DAY, DAY + timedelta(hours=23, minutes=59), DAY + timedelta(days=1)):
        office.candidate(at)
    assert overview_of(office).total.opened == 2
    assert [each.hour for each in overview_of(office).hours] == [DAY, DAY + timedelta(hours=23)]
    assert overview_of(office, days=2).total.opened == 3


def test_on_time_is_answered_in_time_of_what_had_to_be_answered_by_now(office: Office) -> None:
    def dispatched(at: float) -> CaseId:
        case = office.candidate(minute(at))
        office.give(case.id, Command.ACCEPT, at=minute(at))
        office.give(case.id, Command.DISPATCH, at=minute(at))
        return case.id

    days = 60 * 24
    early, late, lying, _running = dispatched(0), dispatched(1), dispatched(2), dispatched(20 * days)
    office.give(early, Command.REPORT, at=minute(30))
    office.give(late, Command.REPORT, at=minute(15 * days))
    assert lying
    (unit,) = overview_of(office, days=30, now=20 * days + 5).units
    assert unit.value == UNIT
    assert (unit.counts.due, unit.counts.met, unit.counts.missed) == (4, 1, 1)
    # Reported late, and still open, is late, too: it stands there until it is closed.
    assert unit.standing.late_of_span == unit.standing.late
    judged = 1 + 1 + unit.standing.late_of_span
    assert unit.on_time == pytest.approx(1 / judged)


def test_a_unit_without_anything_to_answer_is_not_assessed(office: Office) -> None:
    office.candidate()
    (unit,) = overview_of(office).units
    assert unit.on_time is None
    assert unit.of_due(unit.counts.met) is None


def test_each_unit_zone_and_category_has_its_own_and_they_add_up(office: Office) -> None:
    for each in range(3):
        office.candidate(minute(each), category=STALL if each else GARBAGE)
    moved = office.candidate(minute(5))
    office.give(moved.id, Command.ACCEPT)
    office.give(moved.id, Command.DISPATCH, unit=OTHER_UNIT)
    found = overview_of(office)
    assert {share.value: share.counts.opened for share in found.categories} == {GARBAGE: 2, STALL: 2}
    assert {share.value: share.counts.opened for share in found.units} == {UNIT: 3, OTHER_UNIT: 1}
    assert {share.value: share.standing.open for share in found.units} == {UNIT: 3, OTHER_UNIT: 1}
    for shares in (found.categories, found.zones, found.units):
        assert sum((share.counts for share in shares), Counts()) == found.total
        assert sum((share.standing for share in shares), Standing()) == found.standing


def test_the_median_wait_is_near_the_one_in_the_middle(office: Office) -> None:
    for waited in (4, 10, 100):
        case = office.candidate(minute(0))
        office.give(case.id, Command.ACCEPT, at=minute(waited))
    assert overview_of(office).decision_s == pytest.approx(600, rel=0.2)
    assert overview_of(office).closing_s is None


def test_precision_is_counted_by_camera_from_what_people_said(office: Office) -> None:
    for camera, right, wrong in ((CAM_1, 3, 1), (CAM_2, 0, 2)):
        for each in range(right + wrong):
            case = office.candidate(camera_id=camera)
            office.give(case.id, Command.ACCEPT if each < right else Command.REJECT)
    cameras = overview_of(office).cameras
    assert [(each.camera_id, each.reviewed, each.right) for each in cameras] == [(CAM_2, 2, 0), (CAM_1, 4, 3)]
    assert cameras[1].precision == 0.75


def test_wilsons_interval_is_the_published_one() -> None:
    low, high = CameraPrecision(CAM_1, 10, 8).interval
    assert low == pytest.approx(0.4902, abs=1e-4)
    assert high == pytest.approx(0.9433, abs=1e-4)
    assert CameraPrecision(CAM_1, 5, 5).interval[1] == pytest.approx(1.0)
    assert CameraPrecision(CAM_1, 0, 0).interval == (0.0, 1.0)


def test_spots_are_where_cases_come_back(office: Office) -> None:
    cell = CellId("510104001009999")
    for each in range(3):
        case = office.candidate(minute(60 * each), cell_id=cell)
        office.store.close_case(case.id, CloseReason.HANDLED, "", "李敏", None, minute(60 * each + 30))
    office.candidate(minute(1))
    (spot,) = overview_of(office).spots
    assert (spot.cell_id, spot.category, spot.cases, spot.recurrence) == (cell, GARBAGE, 2, 2)
    assert overview_of(office).total.recurring == 2


@pytest.mark.parametrize("days", [0, -1, 401])
def test_a_span_that_cannot_be_is_refused(office: Office, days: int) -> None:
    with pytest.raises(SpanRefused):
        overview_of(office, days=days)
