"""Two generators of streets: each keeps its pictures, and a lapse that was begun goes on with its own."""

from pathlib import Path

from models.scenes import GENERATOR
from models.scenes.lapse_folder import generator_of, keep_generator
from models.scenes.lapse_plans import plan_lapse
from models.scenes.plans import LIGHT_SHARES, LIGHTS, Heights, plan_still

HEIGHTS = Heights(3.2, 8.0)
NEW_LIGHTS = {"rain", "backlight"}


def test_the_first_generator_draws_what_it_always_drew() -> None:
    plan = plan_still(20003, Heights(3.2, 8.0, (5.4, 6.2)), generator=1)
    assert (plan.kind, plan.light) == ("roadside_clutter", "lowsun")
    assert plan.camera.height_m == 4.441262701709263
    assert {plan_still(seed, HEIGHTS, generator=1).light for seed in range(200)} == set(LIGHTS) - NEW_LIGHTS


def test_the_second_generator_adds_rain_and_light_from_ahead() -> None:
    assert {plan_still(seed, HEIGHTS, generator=2).light for seed in range(200)} == set(LIGHTS)


def test_the_shares_of_each_generators_lights_make_a_whole() -> None:
    assert GENERATOR in LIGHT_SHARES
    assert all(abs(sum(shares.values()) - 1) < 1e-9 for shares in LIGHT_SHARES.values())


def test_new_look_alikes_stand_only_in_lapses_of_the_second_generator() -> None:
    new = {"cafe", "bin_row", "courier_bikes", "covered_tricycle", "puddle", "leaf_drift"}
    first = {name for seed in range(100) for name in plan_lapse(seed, HEIGHTS, 30, 60, generator=1).bystanders}
    second = {name for seed in range(100) for name in plan_lapse(seed, HEIGHTS, 30, 60, generator=2).bystanders}
    assert not first & new
    assert new <= second


def test_what_happens_in_a_lapse_is_the_same_in_both_generators() -> None:
    for seed in range(50):
        first, second = (plan_lapse(seed, HEIGHTS, 30, 60, generator=n) for n in (1, 2))
        assert first.happenings == second.happenings
        assert first.camera == second.camera


def test_a_lapse_that_was_begun_goes_on_with_its_own_generator(tmp_path: Path) -> None:
    keep_generator(tmp_path, 1)
    assert generator_of(tmp_path, wanted=2) == 1


def test_pictures_from_before_generators_were_kept_are_of_the_first(tmp_path: Path) -> None:
    (tmp_path / "frames").mkdir()
    (tmp_path / "frames" / "000.json").write_text("{}")
    assert generator_of(tmp_path, wanted=2) == 1


def test_a_new_lapse_takes_the_generator_that_is_wanted(tmp_path: Path) -> None:
    assert generator_of(tmp_path / "lapse_000001", wanted=2) == 2
