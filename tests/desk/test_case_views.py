"""What a case's page says, from its events alone: the line of stages, the clock, before and after, who did what."""

from datetime import timedelta
from typing import Any

import pytest

from cases.case import Case, CaseEvent, CaseEventKind
from cases.lateness import Standing, standing_of
from cases.workflow.seen import life_key
from cases.worktime.documents import CalendarDocument
from cases.worktime.due import rule_of
from cases.worktime.in_force import CalendarInForce
from desk.case_clock import DeadlineClock, view_clock, week_parts
from desk.case_comparison import view_comparison
from desk.case_history import last_step
from desk.case_people import logins_of, name_of
from desk.case_stages import StepState, view_line
from desk.case_threads import MOST_SIGHTINGS, view_remarks, view_sightings
from tests.desk.street import FIRST_LOOK, LATEST_LOOK, MORNING, case, closed, event, events, seen

RULE = "catalogue:1 exposed_garbage/strict 4h working near:80% calendar:default@0"
DOCUMENT = CalendarDocument()
CALENDAR = CalendarInForce("default", 0, DOCUMENT, DOCUMENT.calendar())
AFTER_LOOK = {"original": "c1" * 32, "annotated": "c2" * 32, "crop": "c3" * 32}


def step(kind: CaseEventKind, seq: int, minutes: float, actor: str = "person:li.min", **data: Any) -> CaseEvent:
    """Something that a person did."""
    made = event(kind, seq, minutes)
    return CaseEvent(seq, made.case_id, kind, made.at, made.recorded_at, actor, {"note": "", **data})


def deadline(seq: int, minutes: float, due_minutes: float, near_minutes: float) -> CaseEvent:
    due, near = (MORNING + timedelta(minutes=each) for each in (due_minutes, near_minutes))
    return step(
        CaseEventKind.DEADLINE_SET, seq, minutes, due_at=due.isoformat(), near_due_at=near.isoformat(), rule=RULE
    )


WALK = (
    step(CaseEventKind.ACCEPTED, 2, 20),
    deadline(3, 20, 330, 282),
    step(CaseEventKind.DISPATCHED, 4, 25, unit="环卫一所", handler="王强"),
    step(CaseEventKind.TAKEN, 5, 40, "person:wang"),
    step(CaseEventKind.REPORTED, 6, 100, "person:wang"),
    step(CaseEventKind.VERIFIED, 7, 130, "person:chen"),
    closed(8, 140),
)


def line_of(*more: CaseEvent) -> list[tuple[str, StepState]]:
    return [(each.key, each.state) for each in view_line(case(*more), events(*more)).steps]


@pytest.mark.parametrize(("steps", "due"), [(0, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 6)])
def test_the_line_has_done_one_that_is_due_and_some_to_come(steps: int, due: int) -> None:
    states = [state for _, state in line_of(*WALK[:steps])]
    assert states == [StepState.DONE] * due + [StepState.CURRENT] + [StepState.COMING] * (6 - due)


def test_a_closed_case_has_its_whole_line_done_with_people_and_times() -> None:
    line = view_line(case(*WALK), events(*WALK), {"wang": "王强", "chen": "陈静"})
    assert {each.state for each in line.steps} == {StepState.DONE}
    assert [each.who for each in line.steps][3:6] == ["王强", "王强", "陈静"]
    assert line.steps[2].more == "环卫一所 · 王强"
    assert line.steps[3].took_s == 15 * 60


def test_a_report_without_a_beginning_leaves_that_stage_untaken() -> None:
    assert line_of(*WALK[:3], WALK[4])[3] == ("handling", StepState.SKIPPED)


def test_rework_puts_handling_and_report_before_the_unit_again() -> None:
    line = line_of(*WALK[:5], step(CaseEventKind.REWORKED, 7, 120, note="还有"))
    assert [state for _, state in line] == [*[StepState.DONE] * 3, StepState.CURRENT, *[StepState.COMING] * 3]


def test_a_case_handed_back_waits_for_a_unit_again() -> None:
    line = line_of(*WALK[:4], step(CaseEventKind.HANDED_BACK, 6, 60, note="不属我所"))
    assert line[2] == ("dispatched", StepState.CURRENT)


def test_a_void_case_leaves_the_line_where_it_stood() -> None:
    line = line_of(*WALK[:3], closed(5, 50, "false_alarm"))
    assert line[-1] == ("void", StepState.EXIT)
    assert [state for _, state in line[3:-1]] == [StepState.SKIPPED] * 3


def clock_at(minutes: float, *more: CaseEvent) -> DeadlineClock:
    return view_clock(case(*more), MORNING + timedelta(minutes=minutes), rule_of(RULE), CALENDAR)


@pytest.mark.parametrize(
    ("minutes", "standing"),
    [(30, Standing.IN_TIME), (282, Standing.NEAR_DUE), (330, Standing.NEAR_DUE), (331, Standing.OVERDUE)],
)
def test_the_clock_says_how_a_running_deadline_stands(minutes: float, standing: Standing) -> None:
    assert clock_at(minutes, *WALK[:3]).standing == standing


def test_the_clock_stops_with_the_report_and_a_case_that_waits_for_its_look_is_not_late() -> None:
    clock = clock_at(2000, *WALK[:5])
    assert clock.standing == Standing.MET
    assert clock.left_s == 230 * 60


def test_a_late_report_is_said_to_be_late_for_good() -> None:
    late = (*WALK[:4], step(CaseEventKind.REPORTED, 6, 400, "person:wang"))
    assert standing_of(case(*late), MORNING + timedelta(minutes=900)) is Standing.MISSED


def test_the_clock_of_a_suspended_case_stands_at_what_was_left() -> None:
    set_aside = (*WALK[:3], step(CaseEventKind.SUSPENDED, 5, 60, note="拆迁"))
    clock = clock_at(5000, *set_aside)
    assert (clock.standing, clock.left_s) == (Standing.SUSPENDED, 270 * 60)


def test_a_void_case_and_one_without_a_deadline_have_no_clock() -> None:
    assert clock_at(30).standing == Standing.NONE
    assert clock_at(90, *WALK[:3], closed(5, 50, "false_alarm")).standing == Standing.NONE


def test_working_time_leaves_the_lunch_hour_out_and_says_when_it_counts_again() -> None:
    # 09:20 + 4 working hours: 12:00 to 13:30 does not count, so it is due at 14:50, and at 12:30 80 minutes are left.
    due = (*WALK[:1], deadline(3, 20, 350, 300))
    clock = clock_at(210, *due)
    assert clock.work_left_s == 80 * 60
    assert clock.works_again_at == MORNING + timedelta(minutes=270)
    start, end = ((MORNING + timedelta(minutes=each)).timestamp() for each in (270, 350))
    assert clock.stretches == f"{start:.0f}-{end:.0f}"


def test_days_that_are_worked_alike_are_told_as_one() -> None:
    assert [(part.first, part.last, part.shifts) for part in week_parts(CALENDAR.calendar.week)] == [
        (0, 4, "09:00-12:00, 13:30-17:30")
    ]


def cleared(seq: int, minutes: float, **data: Any) -> CaseEvent:
    return event(CaseEventKind.CLEARED, seq, minutes, evidence=AFTER_LOOK, **data)


def test_before_and_after_are_of_the_same_view() -> None:
    other = seen(2, 20, evidence=LATEST_LOOK.as_json(), camera_id="CAM-02", view_id="CAM-02")
    history = events(other, cleared(3, 60))
    pair = view_comparison(case(*history[1:]), history)
    assert pair is not None
    assert (pair.before.sha256, pair.after.sha256) == (FIRST_LOOK.annotated, "c2" * 32)
    assert (pair.is_same_view, pair.is_gone) == (True, True)


def test_a_sighting_after_the_report_is_shown_as_still_there() -> None:
    again = seen(7, 120, evidence=LATEST_LOOK.as_json())
    history = events(*WALK[:5], again)
    pair = view_comparison(case(*history[1:]), history)
    assert pair is not None
    assert not pair.is_gone
    assert pair.after.sha256 == LATEST_LOOK.annotated


def test_without_an_after_picture_there_is_nothing_to_compare() -> None:
    assert view_comparison(case(seen(2, 20)), events(seen(2, 20))) is None
    gone = events(cleared(2, 60))
    assert view_comparison(case(*gone[1:]), gone, {"c2" * 32: MORNING}) is None


def test_comments_are_a_thread_and_no_step() -> None:
    wrote = step(CaseEventKind.COMMENTED, 5, 30, "person:wang", note="请从东侧进入")
    history = events(*WALK[:3], wrote)
    (remark,) = view_remarks(history, "person:wang", {"wang": "王强"})
    assert (remark.who, remark.text, remark.is_own) == ("王强", "请从东侧进入", True)
    newest = last_step(history, {"li.min": "李敏"})
    assert newest is not None
    assert (newest.kind, newest.actor, newest.sent_to) == ("dispatched", "李敏", "环卫一所 · 王强")


def test_only_cameras_have_taken_no_step() -> None:
    assert last_step(events(seen(2, 20))) is None


def test_a_long_strip_is_cut_at_its_oldest_end_and_says_by_how_many() -> None:
    many = [seen(seq, 10 + seq, evidence=LATEST_LOOK.as_json()) for seq in range(2, MOST_SIGHTINGS + 5)]
    sights, more = view_sightings(events(*many), {LATEST_LOOK.annotated: MORNING})
    assert (len(sights), more) == (MOST_SIGHTINGS, 4)
    assert sights[0].at > sights[-1].at
    assert {sight.href for sight in sights} == {""}


def test_people_are_called_by_their_names_and_machines_are_not_looked_up() -> None:
    assert logins_of(["person:li.min", "worker:w1", "rule:verification", "desk"]) == {"li.min", "desk"}
    assert name_of("person:li.min", {"li.min": "李敏"}) == "李敏"
    assert name_of("person:gone") == "gone"


def test_how_far_a_case_has_come_is_named_alike_whatever_cameras_say() -> None:
    moved: Case = case(*WALK[:3])
    assert life_key(case(seen(2, 15))) == life_key(case())
    assert life_key(moved) != life_key(case(*WALK[:2]))
