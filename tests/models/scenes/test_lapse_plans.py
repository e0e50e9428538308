"""Time lapses before they are rendered: how long things stay, what the truth says of them."""

import json
from datetime import timedelta

import pytest

from models.scenes.cameras import CameraChoice
from models.scenes.lapse_plans import (
    Glimpse,
    Happening,
    LapsePlan,
    SeenThing,
    best_box,
    is_judged,
    plan_lapse,
    truth_record,
)
from models.scenes.plans import LIGHTS, Heights

HEIGHTS = Heights(5.4, 6.2)
LEAST_STAY = {"street_stall": 480, "exposed_garbage": 1200, "roadside_clutter": 1500}
DWELL_S = {"street_stall": 180, "exposed_garbage": 600, "roadside_clutter": 900}


def _plans(frames: int = 36, step_s: int = 60) -> list[LapsePlan]:
    return [plan_lapse(seed, HEIGHTS, frames, step_s) for seed in range(300)]


def test_a_seed_plans_the_same_lapse_every_time() -> None:
    assert plan_lapse(5, HEIGHTS, 36, 60) == plan_lapse(5, HEIGHTS, 36, 60)
    assert plan_lapse(5, HEIGHTS, 36, 60) != plan_lapse(6, HEIGHTS, 36, 60)


@pytest.mark.parametrize(("frames", "step_s"), [(30, 60), (36, 60), (60, 30)])
def test_a_violation_stays_past_its_dwell_time_or_is_plainly_brief(frames: int, step_s: int) -> None:
    for plan in _plans(frames, step_s):
        for happening in plan.happenings:
            assert 0 < happening.first_frame <= happening.last_frame < frames
            stay_s = (happening.last_frame - happening.first_frame) * step_s
            if happening.category is None:
                assert stay_s <= 420
            else:
                is_brief = stay_s < 120
                assert is_brief or stay_s >= min(LEAST_STAY[happening.category], (frames - 3) * step_s)
                assert is_brief or stay_s > DWELL_S[happening.category]


def test_a_quarter_of_the_lapses_hold_no_violation_and_every_light_comes_up() -> None:
    plans = _plans()
    empty = [p for p in plans if not any(h.category and h.last_frame - h.first_frame > 2 for h in p.happenings)]
    assert len(empty) == pytest.approx(75, abs=25)
    assert {plan.light for plan in plans} == set(LIGHTS)


def test_the_light_drifts_but_never_goes_out() -> None:
    for plan in _plans():
        assert len(plan.brightness) == plan.frames
        assert 0.5 <= min(plan.brightness) <= max(plan.brightness) <= 1.5


def test_the_burnt_in_clock_is_eight_hours_ahead_of_utc() -> None:
    plan = plan_lapse(5, HEIGHTS, 36, 60, light="night")
    assert plan.started_at.utcoffset() == timedelta(0)
    assert plan.clock(0) == "2026-05-14 21:30:00"
    assert plan.clock(35) == "2026-05-14 22:05:00"


def test_too_short_a_lapse_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 30 pictures"):
        plan_lapse(5, HEIGHTS, 12, 60)


@pytest.mark.parametrize(
    ("glimpses", "judged"),
    [
        ([Glimpse(0.9, (0, 0, 40, 30))] * 6 + [Glimpse(0.0, None)] * 4, True),
        ([Glimpse(0.9, (0, 0, 40, 30))] * 5 + [Glimpse(0.0, None)] * 5, False),
        ([Glimpse(0.9, (0, 0, 40, 13))] * 10, False),
        ([Glimpse(0.3, (0, 0, 40, 30))] * 10, False),
        ([], False),
    ],
    ids=["six of ten", "five of ten", "too small", "hidden", "never there"],
)
def test_a_thing_is_judged_only_when_it_is_plainly_seen(glimpses: list[Glimpse], judged: bool) -> None:
    assert is_judged(glimpses) is judged


def test_the_box_is_taken_where_most_is_seen() -> None:
    assert best_box([Glimpse(0.4, (0, 0, 9, 9)), Glimpse(0.8, (1, 1, 8, 8)), Glimpse(0.0, None)]) == (1, 1, 8, 8)
    assert best_box([Glimpse(0.0, None)]) is None


def test_the_truth_tells_what_stood_when_and_leaves_out_what_nobody_could_see() -> None:
    plan = LapsePlan(7, "day", CameraChoice(5, 25, 40, 60), 30, 60, (), (), 3, 1, (1.0,) * 30)
    seen = [Glimpse(0.9, (10, 10, 50, 40))] * 30
    bags = SeenThing(1, Happening("exposed_garbage", "exposed_garbage", 4, 29), "bags", (1.0, 2.0), seen)
    hidden = SeenThing(2, Happening("street_stall", "street_stall", 4, 29), "cart", None, [Glimpse(0.0, None)] * 30)
    truth = json.loads(json.dumps(truth_record(plan, (640, 360), {"height_m": 5.0}, [], [bags, hidden])))
    assert truth["events"] == [
        {
            "id": 1,
            "category": "exposed_garbage",
            "name": "exposed_garbage",
            "variant": "bags",
            "world_m": [1.0, 2.0],
            "first_frame": 4,
            "last_frame": 29,
            "box_xyxy": [10, 10, 50, 40],
            "judged": True,
        }
    ]
    assert [len(boxes) for boxes in truth["boxes"]] == [0] * 4 + [1] * 26
    assert truth["started_at"] == "2026-05-14T03:30:00Z"
