"""One candidate against the rules: which decides, and what is told of the others."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from cases.policy.decision import DEFAULT_RULE, Verdict
from cases.policy.judging import MOST_TRIALS, judge, night_at
from cases.policy.profile_store import ProfileDraft
from cases.policy.rules import AutoMode, AutoSwitch, Bar, Below, PolicyRules, ProfileKind
from cases.policy.settings import PolicySettings
from cases.policy.wilson import Measured
from core.geometry import Box, Point
from core.ids import CameraId, CellId, ViewId
from tests.cases.policy.rules import (
    CELL,
    EVENING,
    GARBAGE,
    MIDDLE,
    MONDAY_NOON,
    OTHER_CELL,
    STALL,
    STEP,
    WEST,
    at,
    permit,
    rules,
    stall,
    strip,
    suppression,
)


def with_permit(**changed: object) -> PolicyRules:
    return rules(permits=(permit(**changed).ready(7),))


def verdict(kept: PolicyRules, **changed: object) -> Verdict:
    return judge(stall(**changed), kept, MONDAY_NOON).verdict


def test_without_a_rule_a_person_looks() -> None:
    decision = judge(stall(), rules(), MONDAY_NOON)
    assert (decision.verdict, decision.rule) == (Verdict.QUEUE, DEFAULT_RULE)
    assert decision.why.zh.startswith("等待人工确认")
    assert decision.why.en.startswith("waits for a person")


def test_a_permit_in_its_hours_makes_no_case_and_is_named() -> None:
    decision = judge(stall(at=at(20)), with_permit(hours=(EVENING,)), MONDAY_NOON)
    assert (decision.verdict, decision.rule) == (Verdict.SUPPRESS, "permit:7")
    assert "临占-1" in decision.why.zh
    assert "mon 18:00-22:00" in decision.why.en


@pytest.mark.parametrize(
    ("changed", "facts", "told"),
    [
        ({"hours": (EVENING,)}, {"at": at(22)}, "outside its hours"),
        ({"hours": (EVENING,)}, {"at": at(20, day=1)}, "outside its hours"),
        ({"season": {"from": "04-15", "until": "10-31"}}, {}, "outside its season"),
        ({"valid_until": date(2026, 11, 22)}, {}, "not valid"),
        ({"valid_from": date(2026, 11, 24)}, {}, "not valid"),
        ({"categories": ("exposed_garbage",)}, {}, "not street_stall"),
    ],
    ids=["after hours", "another day", "season", "past", "future", "category"],
)
def test_a_permit_that_does_not_apply_says_why(changed: dict[str, object], facts: dict[str, object], told: str) -> None:
    decision = judge(stall(**facts), with_permit(**changed), MONDAY_NOON)
    (trial,) = [trial for trial in decision.trials if trial.rule == "permit:7"]
    assert (decision.verdict, trial.applied) == (Verdict.QUEUE, False)
    assert told in trial.why.en
    assert trial.why.zh


def test_the_season_of_hours_over_midnight_is_that_of_the_evening() -> None:
    kept = with_permit(
        hours=({"days": ["mon"], "from": "20:00", "until": "02:00"},), season={"from": "01-01", "until": "11-23"}
    )
    assert verdict(kept, at=at(1, day=1)) is Verdict.SUPPRESS
    assert verdict(kept, at=at(3, day=1)) is Verdict.QUEUE


@pytest.mark.parametrize(("share", "expected"), [(0.79, Verdict.QUEUE), (0.81, Verdict.SUPPRESS)])
def test_without_a_place_an_area_must_cover_most_of_the_cell(share: float, expected: Verdict) -> None:
    assert verdict(with_permit(rings=(strip(share),))) is expected


def test_the_share_is_a_setting() -> None:
    kept = rules(PolicySettings(cover_share=0.3), permits=(permit(rings=(strip(0.4),)).ready(7),))
    assert verdict(kept) is Verdict.SUPPRESS


def test_with_places_every_thing_found_must_stand_inside() -> None:
    kept, inside = with_permit(rings=(strip(0.4),)), Point(WEST + STEP * 0.2, MIDDLE.y)
    boxes = (Box(0, 0, 9, 9), Box(20, 0, 29, 9))
    assert verdict(kept, places=(inside,)) is Verdict.SUPPRESS, "though it covers little of the cell"
    decision = judge(stall(boxes=boxes, places=(inside, MIDDLE)), kept, MONDAY_NOON)
    assert decision.verdict is Verdict.QUEUE
    assert "1 of 2" in decision.trials[0].why.en


def test_a_place_within_the_edge_counts_as_inside() -> None:
    metre = 1 / 95_700  # of longitude, at this latitude
    east = WEST + STEP * 0.4
    kept = with_permit(rings=(strip(0.4),))
    assert verdict(kept, places=(Point(east + 0.8 * metre, MIDDLE.y),)) is Verdict.SUPPRESS
    assert verdict(kept, places=(Point(east + 1.5 * metre, MIDDLE.y),)) is Verdict.QUEUE


@pytest.mark.parametrize("cell", [CELL, CellId(f"{CELL}/3-4")], ids=["the cell", "a square in it"])
def test_a_permit_may_be_a_list_of_cells(cell: CellId) -> None:
    kept = with_permit(rings=(), cells=(str(CELL),))
    assert verdict(kept, cell_id=cell, outline=None) is Verdict.SUPPRESS
    assert verdict(kept, cell_id=OTHER_CELL, outline=None) is Verdict.QUEUE


def test_a_drawn_area_cannot_be_tried_where_nobody_knows_the_place_and_that_is_said() -> None:
    decision = judge(stall(outline=None), with_permit(), MONDAY_NOON)
    assert decision.verdict is Verdict.QUEUE
    assert any(trial.rule == "permit:*" and "not in the grid" in trial.why.en for trial in decision.trials)


def test_permits_for_other_places_are_counted_not_listed() -> None:
    far = tuple((lon + 1.0, lat) for lon, lat in strip(1.0))
    kept = rules(permits=(permit(rings=(far,)).ready(1), permit(number="2").ready(2)))
    decision = judge(stall(), kept, MONDAY_NOON)
    assert (decision.rule, decision.elsewhere) == ("permit:2", 1)
    assert not any(trial.rule == "permit:1" for trial in decision.trials)


def test_an_explanation_is_bounded_and_keeps_what_applied() -> None:
    many = [permit(number=str(n), hours=(EVENING,)).ready(n) for n in range(1, MOST_TRIALS + 50)]
    kept = rules(permits=(*many, permit(number="last").ready(999)))
    decision = judge(stall(), kept, MONDAY_NOON)
    assert (len(decision.trials), decision.rule) == (MOST_TRIALS, "permit:999")
    assert any(trial.rule == "permit:999" for trial in decision.trials)


def with_suppression(**changed: object) -> PolicyRules:
    return rules(suppressions=(suppression(**changed).ready(4),))


def test_a_suppressed_part_of_the_picture_makes_no_case_until_it_expires() -> None:
    kept = with_suppression()
    decision = judge(stall(), kept, MONDAY_NOON)
    assert (decision.verdict, decision.rule) == (Verdict.SUPPRESS, "suppression:4")
    assert "石狮子" in decision.why.zh
    assert verdict(kept, at=MONDAY_NOON + timedelta(days=30)) is Verdict.QUEUE


@pytest.mark.parametrize(
    "facts",
    [
        {"camera_id": CameraId("CAM-02")},
        {"view_id": ViewId("preset-2")},
        {"category": GARBAGE},
        {"boxes": (Box(100, 100, 200, 200), Box(500, 100, 600, 200))},
        {"boxes": (Box(150, 100, 290, 200),)},
        {"boxes": ()},
    ],
    ids=["camera", "view", "category", "one box elsewhere", "half outside", "no boxes"],
)
def test_a_suppression_is_for_its_own_place_alone(facts: dict[str, object]) -> None:
    kept = with_suppression(category=str(STALL), view_id="CAM-01")
    assert verdict(kept) is Verdict.SUPPRESS
    assert verdict(kept, **facts) is Verdict.QUEUE


def test_a_suppressed_cell_holds_for_every_camera() -> None:
    kept = with_suppression(camera_id=None, polygons=(), cells=(str(CELL),))
    assert verdict(kept, camera_id=CameraId("CAM-77"), boxes=()) is Verdict.SUPPRESS
    assert verdict(kept, cell_id=OTHER_CELL) is Verdict.QUEUE


def profile(kind: ProfileKind, bar: Bar, number: int = 2, **changed: object) -> ProfileDraft:
    fields: dict[str, object] = {"kind": kind, "name": kind.value, "bars": {"street_stall": bar}}
    if kind is not ProfileKind.GENERAL:
        fields["hours"] = ({"from": "20:00", "until": "06:00"},)
    return ProfileDraft(**{**fields, **changed})  # type: ignore[arg-type]  # a test's own fields


@pytest.mark.parametrize(("below", "expected"), [(Below.QUEUE, Verdict.QUEUE), (Below.SUPPRESS, Verdict.SUPPRESS)])
def test_under_the_bar_of_the_profile_that_holds(below: Below, expected: Verdict) -> None:
    night = profile(ProfileKind.NIGHT, Bar(0.9, None, below)).ready(2)
    auto = AutoSwitch(1, "*", "*", AutoMode.AUTO)
    kept = rules(profiles=(night,), switches=(auto,))
    assert judge(stall(at=at(23)), kept, MONDAY_NOON).verdict is expected
    assert judge(stall(at=at(23)), kept, MONDAY_NOON).rule == "profile:2"
    assert judge(stall(at=at(12)), kept, MONDAY_NOON).verdict is Verdict.FILE, "by day no bar is set"
    assert judge(stall(at=at(23), confidence=0.95), kept, MONDAY_NOON).verdict is Verdict.FILE


def test_a_peak_profile_holds_in_its_hours_and_the_rank_says_which_of_two_counts() -> None:
    rush = ({"days": ["mon"], "from": "07:00", "until": "09:00"},)
    peak = profile(ProfileKind.PEAK, Bar(0.95, None, Below.SUPPRESS), hours=rush, rank=1).ready(2)
    night = profile(
        ProfileKind.NIGHT, Bar(0.2, None, Below.SUPPRESS), hours=({"from": "20:00", "until": "08:00"},), rank=2
    ).ready(3)
    kept = rules(profiles=(night, peak))
    assert judge(stall(at=at(7.5)), kept, MONDAY_NOON).rule == "profile:2", "both hold, and the peak ranks first"
    assert verdict(kept, at=at(7.5)) is Verdict.SUPPRESS
    assert verdict(kept, at=at(8.5)) is Verdict.SUPPRESS, "the night is over, the peak is not"
    assert verdict(kept, at=at(9.5)) is Verdict.QUEUE, "neither holds"
    assert verdict(kept, at=at(7.5, day=1)) is Verdict.QUEUE, "on Tuesday the night's low bar counts"
    later = rules(profiles=(replace(night, rank=0), peak))
    assert verdict(later, at=at(7.5)) is Verdict.QUEUE, "ranked the other way round the night counts"


def test_the_general_bar_counts_where_no_other_profile_holds() -> None:
    night = profile(ProfileKind.NIGHT, Bar(0.1, None, Below.SUPPRESS)).ready(2)
    general = profile(ProfileKind.GENERAL, Bar(0.9, None, Below.SUPPRESS)).ready(3)
    kept = rules(profiles=(general, night))
    assert verdict(kept, at=at(12)) is Verdict.SUPPRESS
    assert verdict(kept, at=at(23)) is Verdict.QUEUE


def test_a_probability_counts_before_the_confidence_and_where_none_is_told_a_person_looks() -> None:
    auto = AutoSwitch(1, "*", "*", AutoMode.AUTO)
    general = profile(ProfileKind.GENERAL, Bar(None, 0.7, Below.SUPPRESS)).ready(3)
    kept = rules(profiles=(general,), switches=(auto,))
    assert verdict(kept, probability=0.69) is Verdict.SUPPRESS
    assert verdict(kept, probability=0.70) is Verdict.FILE
    assert verdict(kept, probability=None) is Verdict.QUEUE


def test_night_is_that_of_the_night_profile_or_of_the_settings() -> None:
    assert [night_at(at(hour), rules()) for hour in (6, 6.5, 18, 19, 23)] == [True, False, False, True, True]
    night = profile(ProfileKind.NIGHT, Bar(None, None, Below.QUEUE)).ready(2)
    kept = rules(profiles=(night,))
    assert [night_at(at(hour), kept) for hour in (5, 6, 19, 20)] == [True, False, False, True]


@pytest.mark.parametrize(
    ("mode", "measured", "expected"),
    [
        (AutoMode.QUEUE, Measured(100, 100), Verdict.QUEUE),
        (AutoMode.MEASURED, None, Verdict.QUEUE),
        (AutoMode.MEASURED, Measured(29, 29), Verdict.QUEUE),
        (AutoMode.MEASURED, Measured(51, 51), Verdict.QUEUE),
        (AutoMode.MEASURED, Measured(52, 52), Verdict.FILE),
        (AutoMode.MEASURED, Measured(100, 99), Verdict.FILE),
        (AutoMode.MEASURED, Measured(100, 98), Verdict.QUEUE),
        (AutoMode.AUTO, None, Verdict.FILE),
        (AutoMode.AUTO, Measured(30, 29), Verdict.FILE),
        (AutoMode.AUTO, Measured(30, 28), Verdict.QUEUE),
    ],
)
def test_who_files_without_a_person(mode: AutoMode, measured: Measured | None, expected: Verdict) -> None:
    kept = rules(switches=(AutoSwitch(1, "street_stall", "*", mode),))
    decision = judge(stall(), kept, MONDAY_NOON, measured)
    assert (decision.verdict, decision.rule) == (expected, "switch:1")


def test_the_switch_that_names_the_camera_counts_before_the_one_for_all() -> None:
    for_all = AutoSwitch(1, "street_stall", "*", AutoMode.AUTO)
    for_camera = AutoSwitch(2, "street_stall", "CAM-01", AutoMode.QUEUE)
    kept = rules(switches=(for_all, for_camera))
    assert judge(stall(), kept, MONDAY_NOON).rule == "switch:2"
    assert judge(replace(stall(), camera_id=CameraId("CAM-02")), kept, MONDAY_NOON).verdict is Verdict.FILE


def test_a_permit_counts_before_a_suppression_and_both_before_an_auto_switch() -> None:
    kept = rules(
        permits=(permit().ready(7),),
        suppressions=(suppression().ready(4),),
        switches=(AutoSwitch(1, "*", "*", AutoMode.AUTO),),
    )
    decision = judge(stall(), kept, MONDAY_NOON)
    assert decision.rule == "permit:7"
    assert [trial.rule for trial in decision.trials if trial.applied] == ["permit:7", "suppression:4", "switch:1"]
