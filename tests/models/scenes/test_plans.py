"""What a seed asks for: always the same, within the heights allowed, in the shares promised."""

from collections import Counter

import pytest

from models.scenes.plans import KINDS, LIGHTS, Heights, plan_still, seeds

TRAINING = Heights(excluded_m=(5.4, 6.2))


def test_a_seed_asks_for_the_same_scene_every_time() -> None:
    assert plan_still(20003, TRAINING) == plan_still(20003, TRAINING)
    assert plan_still(20003, TRAINING) != plan_still(20004, TRAINING)


def test_the_plan_of_a_published_seed_does_not_change() -> None:
    plan = plan_still(20003, TRAINING, generator=1)
    assert (plan.name, plan.kind, plan.light) == ("rd_020003", "roadside_clutter", "lowsun")
    assert plan.camera.height_m == pytest.approx(4.441262701709263)
    assert plan.camera.fov_deg == pytest.approx(61.974045906241656)


def test_heights_kept_for_testing_are_never_drawn() -> None:
    heights = [plan_still(seed, TRAINING).camera.height_m for seed in range(400)]
    assert min(heights) >= 3.2
    assert max(heights) <= 8.0
    assert not [height for height in heights if 5.4 < height < 6.2]


def test_every_kind_and_light_comes_up_and_a_quarter_is_negative() -> None:
    plans = [plan_still(seed, TRAINING) for seed in range(1000)]
    assert {plan.kind for plan in plans} == set(KINDS)
    assert {plan.light for plan in plans} == set(LIGHTS)
    assert Counter(plan.kind for plan in plans)["negative"] == pytest.approx(250, abs=50)


def test_a_wanted_kind_leaves_light_and_camera_as_drawn() -> None:
    drawn, wanted = plan_still(7, TRAINING), plan_still(7, TRAINING, kind="negative")
    assert (wanted.kind, wanted.light, wanted.camera) == ("negative", drawn.light, drawn.camera)


@pytest.mark.parametrize(
    ("low", "high", "excluded"), [(8.0, 3.0, None), (0.1, 5.0, None), (4.0, 6.0, (3.0, 7.0)), (4.0, 6.0, (5.0, 5.0))]
)
def test_heights_that_make_no_sense_are_refused(low: float, high: float, excluded: tuple[float, float] | None) -> None:
    with pytest.raises(ValueError, match="mend"):
        Heights(low, high, excluded)


def test_two_processes_share_a_range_of_seeds_without_meeting() -> None:
    first, second = set(seeds(100, 5, 2)), set(seeds(101, 5, 2))
    assert first | second == set(range(100, 110))
    assert not first & second


def test_lookalikes_that_are_asked_for_change_neither_kind_nor_camera() -> None:
    drawn, asked = plan_still(7, TRAINING), plan_still(7, TRAINING, lookalikes=["unloading"])
    assert (drawn.kind, drawn.light, drawn.camera) == (asked.kind, asked.light, asked.camera)
    assert asked.lookalikes == ("unloading",)
    with pytest.raises(ValueError, match="--generator 2"):
        plan_still(7, TRAINING, generator=1, lookalikes=["unloading"])
