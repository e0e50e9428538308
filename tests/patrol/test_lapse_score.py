"""The judge's arithmetic: each case has one verdict, each violation one case, and every kind of fault is told apart."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.geometry import Box
from core.ids import CameraId, CaseId, CategoryId, CellId
from patrol.demo import score as demo
from patrol.demo.score import FiledCase
from patrol.demo.truth import DemoTruth, TrueEvent
from patrol.lapses.figures import figures_of
from patrol.lapses.score import JudgedCase, Verdict, judge
from patrol.lapses.stays import JudgeRules, Stay, violations_in

START = datetime(2026, 5, 14, 0, 30, tzinfo=UTC)
STEP = timedelta(seconds=60)
STALL, GARBAGE = CategoryId("street_stall"), CategoryId("exposed_garbage")
CAMERAS = (CameraId("lapse_000001"), CameraId("lapse_000002"))
CELLS = (CellId("510104001001001"), CellId("510104001001002"), CellId("510104001001003"))
DWELL = {STALL: timedelta(seconds=180), GARBAGE: timedelta(seconds=600)}
RULES = JudgeRules(DWELL, dict.fromkeys(CAMERAS, 5 * STEP), dict.fromkeys(CAMERAS, STEP))
HERE, THERE = Box(10, 10, 50, 50), Box(200, 10, 240, 50)
FRAMES = 36


def at(frame: int) -> datetime:
    return START + frame * STEP


def stay(
    category: CategoryId | None,
    first: int,
    last: int,
    cell: int = 0,
    near: Sequence[int] = (),
    judged: bool = True,
    box: Box = HERE,
) -> Stay:
    near_cells = frozenset(CELLS[index] for index in near)
    name = category or "closed_bin"
    return Stay(
        CAMERAS[0], "day", 1, name, "", category, CELLS[cell], near_cells, at(first), at(last), box, judged
    )  # fmt: skip


def case(
    category: CategoryId, first: int, last: int = 35, cell: int = 0, boxes: tuple[Box, ...] = (HERE,), opened: int = -1
) -> JudgedCase:
    filed = FiledCase(CELLS[cell], category, at(first), at(last))
    return JudgedCase(CaseId(f"{cell}{category}{first}"), CAMERAS[0], "day", filed, at(max(first, opened)), boxes)


def verdicts(stays: Sequence[Stay], cases: Sequence[JudgedCase]) -> tuple[list[str], int]:
    """(each case's verdict, violations missed)"""
    judgement = judge(violations_in(stays, RULES), cases, RULES)
    return [verdict.verdict.value for verdict in judgement.verdicts], len(judgement.missed)


LONG = stay(GARBAGE, 4, 35)


@pytest.mark.parametrize(
    ("stays", "cases", "expected"),
    [
        pytest.param([LONG], [case(GARBAGE, 4)], (["right"], 0), id="one case for one violation"),
        pytest.param([LONG], [], ([], 1), id="no case is one missed"),
        pytest.param([LONG], [case(GARBAGE, 3)], (["right"], 0), id="one picture early is slack"),
        pytest.param([LONG], [case(GARBAGE, 2)], (["wrong"], 1), id="from before it lay there"),
        pytest.param([stay(GARBAGE, 0, 12)], [case(GARBAGE, 14)], (["wrong"], 1), id="from after it was gone"),
        pytest.param([LONG], [case(STALL, 4)], (["wrong"], 1), id="another category"),
        pytest.param([LONG], [case(GARBAGE, 4, cell=1)], (["wrong"], 1), id="in a cell that is not its own"),
        pytest.param([stay(GARBAGE, 0, 10)], [case(GARBAGE, 0)], (["right"], 0), id="exactly its dwell time counts"),
        pytest.param([stay(GARBAGE, 0, 9)], [case(GARBAGE, 0)], (["wrong"], 0), id="too short a stay makes no case"),
        pytest.param([stay(None, 0, 35)], [case(GARBAGE, 0)], (["wrong"], 0), id="a hard negative makes no case"),
        pytest.param([stay(None, 0, 35)], [], ([], 0), id="a hard negative let alone is no fault"),
        pytest.param([stay(GARBAGE, 4, 35, judged=False)], [case(GARBAGE, 4)], (["unjudged"], 0), id="left open"),
        pytest.param([stay(GARBAGE, 4, 35, judged=False)], [], ([], 0), id="left open and not filed"),
        pytest.param(
            [stay(GARBAGE, 4, 9, judged=False)], [case(GARBAGE, 4)], (["wrong"], 0), id="left open but too short"
        ),
        pytest.param(
            [stay(GARBAGE, 4, 35, near=[1])], [case(GARBAGE, 4, cell=1)], (["right"], 0), id="filed beyond its border"
        ),
        pytest.param(
            [stay(GARBAGE, 4, 35, near=[1])],
            [case(GARBAGE, 4, cell=1), case(GARBAGE, 9)],
            (["duplicate", "right"], 0),
            id="on both sides of its border",
        ),
        pytest.param(
            [LONG],
            [case(GARBAGE, 4), case(GARBAGE, 9, cell=1)],
            (["right", "duplicate"], 0),
            id="again in a far cell",
        ),
        pytest.param(
            [LONG],
            [case(GARBAGE, 4), case(GARBAGE, 9, cell=1, boxes=(THERE,))],
            (["right", "wrong"], 0),
            id="something else in a far cell",
        ),
        pytest.param(
            [stay(STALL, 0, 9), stay(STALL, 20, 30)], [case(STALL, 0)], (["right"], 0), id="gone and back is one case"
        ),
        pytest.param(
            [stay(STALL, 6, 6), stay(STALL, 8, 20)], [case(STALL, 6)], (["right"], 0), id="a short stay just before it"
        ),
        pytest.param(
            [stay(STALL, 2, 4), stay(STALL, 5, 7)], [case(STALL, 2)], (["unjudged"], 0), id="short stays in a chain"
        ),
        pytest.param(
            [stay(GARBAGE, 4, 35, near=[1]), stay(GARBAGE, 6, 35, cell=1, near=[0], box=THERE)],
            [case(GARBAGE, 4, boxes=(HERE, THERE))],
            (["right"], 0),
            id="two things at one border share a case that shows both",
        ),
        pytest.param(
            [stay(GARBAGE, 4, 35, near=[1]), stay(GARBAGE, 6, 35, cell=1, near=[0], box=THERE)],
            [case(GARBAGE, 4)],
            (["right"], 1),
            id="a neighbour that the shared case does not show is missed",
        ),
        pytest.param(
            [stay(GARBAGE, 4, 35, near=[1]), stay(GARBAGE, 6, 35, cell=1, near=[0], box=THERE)],
            [case(GARBAGE, 6, cell=1), case(GARBAGE, 4)],
            (["right", "right"], 0),
            id="two things at one border with a case each",
        ),
        pytest.param(
            [stay(GARBAGE, 4, 35, near=[1]), stay(GARBAGE, 6, 35, cell=1, near=[2])],
            [case(GARBAGE, 6, cell=1), case(GARBAGE, 6, cell=2)],
            (["right", "right"], 0),
            id="a case is handed on so that each has one",
        ),
    ],
)
def test_each_kind_of_fault_is_told_apart(
    stays: list[Stay], cases: list[JudgedCase], expected: tuple[list[str], int]
) -> None:
    assert verdicts(stays, cases) == expected


def test_latency_is_counted_from_the_appearance_to_the_opening() -> None:
    (verdict,) = judge(violations_in([LONG], RULES), [case(GARBAGE, 5, opened=15)], RULES).verdicts
    assert verdict.latency == 11 * STEP


def test_latency_of_what_came_back_is_counted_from_its_coming_back() -> None:
    stays = [stay(STALL, 0, 5), stay(STALL, 20, 30)]
    (verdict,) = judge(violations_in(stays, RULES), [case(STALL, 20, opened=23)], RULES).verdicts
    assert verdict.latency == 3 * STEP


# What follows holds for any streets and any cases.

categories = st.sampled_from([STALL, GARBAGE])
cell_numbers = st.integers(0, len(CELLS) - 1)
boxes = st.sampled_from([HERE, THERE])


@st.composite
def some_stays(draw: st.DrawFn) -> list[Stay]:
    stays = []
    for number in range(draw(st.integers(0, 6))):
        first = draw(st.integers(0, FRAMES - 1))
        last = draw(st.integers(first, FRAMES - 1))
        cell = draw(cell_numbers)
        near = draw(st.sets(cell_numbers, max_size=1)) - {cell}
        category = draw(st.none() | categories)
        made = stay(category, first, last, cell, sorted(near), draw(st.booleans()), draw(boxes))
        stays.append(replace(made, event_id=number, camera_id=draw(st.sampled_from(CAMERAS))))
    return stays


@st.composite
def some_cases(draw: st.DrawFn) -> list[JudgedCase]:
    cases = []
    for number in range(draw(st.integers(0, 6))):
        first = draw(st.integers(0, FRAMES - 1))
        last = draw(st.integers(first, FRAMES - 1))
        made = case(draw(categories), first, last, draw(cell_numbers), (draw(boxes),), draw(st.integers(first, last)))
        cases.append(replace(made, id=CaseId(str(number)), camera_id=draw(st.sampled_from(CAMERAS))))
    return cases


@given(stays=some_stays(), cases=some_cases())
def test_every_case_has_one_verdict_and_every_violation_one_fate(stays: list[Stay], cases: list[JudgedCase]) -> None:
    violations = violations_in(stays, RULES)
    judgement = judge(violations, cases, RULES)
    assert [verdict.case for verdict in judgement.verdicts] == cases
    judged = [violation for violation in violations if violation.is_judged]
    assert sorted(map(id, (*judgement.found, *judgement.missed))) == sorted(map(id, judged))
    taken = [id(v.violation) for v in judgement.verdicts if v.verdict is Verdict.RIGHT]
    assert len(taken) == len(set(taken)) <= len(judgement.found)
    assert {id(violation) for violation in judgement.found} >= set(taken)


@given(stays=some_stays())
def test_a_patrol_that_files_each_violation_once_is_perfect(stays: list[Stay]) -> None:
    violations = violations_in(stays, RULES)
    cases = [
        JudgedCase(
            CaseId(str(number)),
            violation.camera_id,
            violation.light,
            FiledCase(violation.cell_id, violation.category, presence.first_at, presence.last_at),
            presence.last_at,
            (),
        )
        for number, violation in enumerate(violations)
        for presence in violation.presences[:1]
    ]
    figures = figures_of(judge(violations, cases, RULES)).overall
    assert (figures.missed, figures.wrong, figures.duplicates) == (0, 0, 0)
    assert figures.right + figures.unjudged == len(cases)


@given(stays=some_stays(), cases=some_cases(), order=st.randoms(use_true_random=False))
def test_the_order_of_cases_does_not_matter(stays: list[Stay], cases: list[JudgedCase], order: object) -> None:
    violations = violations_in(stays, RULES)
    shuffled = list(cases)
    order.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis's random has no public type
    one, other = (figures_of(judge(violations, given, RULES)).overall for given in (cases, shuffled))
    assert (one.right, one.found) == (other.right, other.found)
    assert one.wrong + one.duplicates + one.unjudged == other.wrong + other.duplicates + other.unjudged


@given(stays=some_stays(), cases=some_cases())
def test_one_case_more_never_loses_a_violation(stays: list[Stay], cases: list[JudgedCase]) -> None:
    violations = violations_in(stays, RULES)
    fates = [len(judge(violations, cases[:count], RULES).missed) for count in range(len(cases) + 1)]
    assert fates == sorted(fates, reverse=True)


@given(stays=some_stays(), cases=some_cases(), days=st.integers(-400, 400))
def test_the_calendar_does_not_matter(stays: list[Stay], cases: list[JudgedCase], days: int) -> None:
    by = timedelta(days=days)
    moved_stays = [replace(each, first_at=each.first_at + by, last_at=each.last_at + by) for each in stays]
    moved_cases = [
        replace(
            each,
            opened_at=each.opened_at + by,
            filed=replace(
                each.filed, first_seen_at=each.filed.first_seen_at + by, last_seen_at=each.filed.last_seen_at + by
            ),
        )
        for each in cases
    ]
    assert figures_of(judge(violations_in(stays, RULES), cases, RULES)) == figures_of(
        judge(violations_in(moved_stays, RULES), moved_cases, RULES)
    )


@given(stays=some_stays(), cases=some_cases())
def test_it_agrees_with_the_demos_score_where_that_can_judge(stays: list[Stay], cases: list[JudgedCase]) -> None:
    """The demo knows no borders, no open truth, and one stay and one case for a cell and category."""
    plain = {(s.cell_id, s.category): s for s in stays if s.category is not None}
    alone = [replace(s, camera_id=CAMERAS[0], near_cells=frozenset(), is_judged=True) for s in plain.values()]
    one_each = {(c.filed.cell_id, c.filed.category): c for c in cases}
    filed = [replace(c, camera_id=CAMERAS[0], boxes=()) for c in one_each.values()]
    events = [TrueEvent(s.camera_id, s.cell_id, s.category, s.first_at, s.last_at) for s in alone if s.category]
    truth = DemoTruth(START, FRAMES * STEP, STEP, tuple(events))
    theirs = demo.score(truth, [c.filed for c in filed], {CAMERAS[0]: at(FRAMES - 1)}, DWELL, window=5)
    ours = figures_of(judge(violations_in(alone, RULES), filed, RULES)).overall
    assert (ours.duplicates, ours.missed, ours.wrong) == (theirs.duplicates, theirs.missed, theirs.wrong)


def test_figures_add_up_over_categories_and_lights() -> None:
    stays = [LONG, replace(stay(STALL, 0, 9, cell=1), camera_id=CAMERAS[1], light="night")]
    cases = [case(GARBAGE, 4), case(GARBAGE, 4, cell=2, boxes=(THERE,))]
    figures = figures_of(judge(violations_in(stays, RULES), cases, RULES))
    assert (figures.overall.precision, figures.overall.recall) == (0.5, 0.5)
    assert {name: (f.right, f.wrong, f.missed) for name, f in figures.by_category.items()} == {
        GARBAGE: (1, 1, 0),
        STALL: (0, 0, 1),
    }
    assert {name: f.recall for name, f in figures.by_light.items()} == {"day": 1.0, "night": 0.0}
    assert Counter(f.precision for f in figures.by_light.values()) == {0.5: 1, None: 1}
