"""What a case's page says, from its events alone: the line of stages, the clock, before and after, who did what."""

import re
from datetime import timedelta
from typing import Any

import pytest

from cases.access.audit import AuditEntry
from cases.case import Case, CaseEvent, CaseEventKind, CaseState
from cases.lateness import Standing, standing_of
from cases.policy.decision import Trial, Verdict, Why
from cases.policy.decisions import KeptDecision
from cases.queries import CaseCount, CasePage
from cases.roles import Role
from cases.workflow.claims import Claim
from cases.workflow.commands import Command
from cases.workflow.seen import life_key
from cases.worktime.documents import CalendarDocument
from cases.worktime.due import rule_of
from cases.worktime.in_force import CalendarInForce
from core.ids import CategoryId
from desk.case_clock import DeadlineClock, view_clock, week_parts
from desk.case_comparison import view_comparison
from desk.case_file import render_case_file
from desk.case_filters import CaseFilters
from desk.case_history import NEWEST_SHOWN, OLDEST_SHOWN, last_step, view_history
from desk.case_list import ListAround, render_case_list, view_case_list
from desk.case_page import CaseAround, render_case_page, view_case
from desk.case_people import logins_of, name_of
from desk.case_stages import StepState, view_line
from desk.case_steps import view_steps
from desk.case_threads import MOST_SIGHTINGS, view_remarks, view_sightings
from desk.visitor import Language
from tests.desk.page_rules import read, words_of
from tests.desk.street import (
    CELL,
    FIRST_LOOK,
    LATEST_LOOK,
    MORNING,
    case,
    closed,
    event,
    events,
    feature_of,
    seen,
    visitor,
)

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


def around_of(*more: CaseEvent, minutes: float = 60) -> CaseAround:
    made, now = case(*more), MORNING + timedelta(minutes=minutes)
    before = case(number="5101042026051301000009")
    decision = KeptDecision(
        id=1,
        decided_at=MORNING,
        at=MORNING,
        incident_id="incident-1",
        camera_id="CAM-01",
        cell_id=CELL,
        category="exposed_garbage",
        verdict=Verdict.QUEUE,
        rule="default:queue",
        case_id="case-1",
        why=Why("等待人工确认", "waits for a person"),
        trials=(Trial("permit:1", "night market", False, Why("不在时段内", "outside its hours")),),
        elsewhere=2,
        is_night=False,
        facts={"places": [[104.0805, 30.6554]]},
    )
    viewing = AuditEntry(
        4, MORNING, "person:li.min", "original.view", "picture:" + "a1" * 32, {"reason": "plate", "unit": None}, "", ""
    )
    return CaseAround(
        now=now,
        clock=view_clock(made, now, rule_of(RULE), CALENDAR),
        actor="person:li.min",
        names={"li.min": "Li Min"},
        chain=(before, made),
        decisions=(decision,),
        viewings=(viewing,),
    )


def full_page(language: Language, *, is_file: bool = False, url: str = "/cases/case-1") -> str:
    """Everything that a page can show at once: a suspended case with an extension asked, and one that was cleared."""
    more = (
        *WALK[:4],
        step(CaseEventKind.EXTENSION_ASKED, 6, 50, hours=2.0, note="late truck"),
        step(CaseEventKind.COMMENTED, 7, 55, note="from the east side"),
        step(CaseEventKind.TOLD, 8, 56, "portal", source="citizen"),
        cleared(9, 58),
    )
    made, who = case(*more), visitor(language, url)
    steps = view_steps(
        made,
        tuple(Command),
        Claim(made.id, "person:li.min", MORNING, MORNING + timedelta(minutes=62)),
        "person:li.min",
        MORNING + timedelta(minutes=60),
        may_act=True,
        units=("depot 2",),
        handlers=("Wang",),
    )
    around = around_of(*more)
    if is_file:
        view = view_case(made, events(*more), feature_of, who, around=around)
        return render_case_file(view, who, around.now)
    return render_case_page(made, events(*more), feature_of, who, steps=steps, around=around)


@pytest.mark.parametrize("is_file", [False, True], ids=["page", "file"])
def test_a_full_case_page_and_its_file_speak_english_alone(is_file: bool) -> None:
    said = words_of(full_page(Language.EN, is_file=is_file))
    for data in ("中/EN", "中文", "李敏", "东大街东段", "环卫一所", "王强"):
        said = said.replace(data, "")
    assert re.findall(r"[\u4e00-\u9fff]+", said) == []
    assert "{" not in said


@pytest.mark.parametrize("is_file", [False, True], ids=["page", "file"])
def test_a_full_case_page_and_its_file_speak_chinese_alone(is_file: bool) -> None:
    said = words_of(full_page(Language.ZH, is_file=is_file))
    for label in ("Deadline", "Dispatch", "Before", "After", "Comment", "Claim", "Stage", "Reason", "History", "left"):
        assert label not in said, label
    for text in ("整改前", "派遣", "处置时限" if is_file else "剩余"):
        assert text in said


def test_the_page_keeps_its_rules_and_shows_where_the_violation_stands() -> None:
    html = full_page(Language.BOTH)
    read(html)
    assert 'class="map-spot"' in html
    assert "共 2 次" in words_of(html)


def test_a_full_list_speaks_each_language_alone() -> None:
    more = (*WALK[:4], step(CaseEventKind.EXTENSION_ASKED, 6, 50, hours=2.0, note="late truck"))
    around = ListAround(
        now=MORNING + timedelta(minutes=300),
        tallies={"handling": 1000, "late": 2},
        claims={"case-1": "person:li.min"},
        names={"li.min": "Li Min"},
        units=("depot 2",),
        roles=frozenset(Role),
    )

    def listed(language: Language) -> str:
        page = CasePage((case(*more),), None)
        return words_of(render_case_list(page, CaseFilters(), (), feature_of, visitor(language), around=around))

    english = listed(Language.EN)
    for data in ("中/EN", "中文", "李敏", "东大街东段", "环卫一所", "王强"):
        english = english.replace(data, "")
    assert re.findall(r"[\u4e00-\u9fff]+", english) == []
    assert "999+" in english
    assert "nearly late" in english
    for label in ("Deadline", "Unit", "Stage", "Tick", "Sort"):
        assert label not in listed(Language.ZH), label


def chip_counts(state: str, counts: list[CaseCount]) -> dict[str, str]:
    view = view_case_list(CasePage((), None), CaseFilters.from_query({"state": state}), counts, feature_of)
    return {chip.key: chip.count_text for chip in (*view.states, *view.categories)}


def test_a_total_without_its_parts_leaves_the_parts_unsaid() -> None:
    counts = [
        CaseCount(CaseState.OPEN, CategoryId("street_stall"), 2),
        CaseCount(CaseState.OPEN, CategoryId(""), 2),
        CaseCount(CaseState.CLOSED, CategoryId(""), 1000),
    ]
    found = chip_counts("open", counts)
    assert (found["open"], found["closed"], found["all"]) == ("2", "999+", "999+")
    assert (found[""], found["street_stall"], found["exposed_garbage"]) == ("2", "2", "0")
    found = chip_counts("closed", counts)
    assert (found[""], found["street_stall"]) == ("999+", "")


def test_a_long_history_is_folded_in_its_middle_and_nothing_of_it_is_lost() -> None:
    comments = [event(CaseEventKind.COMMENTED, seq, 10 + seq, note=f"note {seq}") for seq in range(2, 202)]
    parts = view_history(events(*comments))
    assert len(parts) == NEWEST_SHOWN + 1 + OLDEST_SHOWN
    assert [part.is_mixed for part in parts].index(True) == NEWEST_SHOWN
    notes = [line.note for part in parts for line in part.lines]
    assert notes == [f"note {seq}" for seq in range(201, 1, -1)] + [""]
    assert not any(part.is_folded for part in view_history(events(*comments[:40])))


def test_the_page_says_how_many_older_entries_are_folded() -> None:
    comments = [event(CaseEventKind.COMMENTED, seq, 10 + seq, note=f"note {seq}") for seq in range(2, 202)]
    page = render_case_page(case(*comments), events(*comments), feature_of, visitor(Language.EN))
    assert "158 older entries" in page
