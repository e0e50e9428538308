"""What is wrong with a camera's picture: told when it is so, and for long enough, and not when it only looks so."""

from collections.abc import Callable
from datetime import timedelta

import cv2
import numpy as np
import pytest

from streams.picture_health.findings import FindingKind
from streams.picture_health.judge import ViewMemory, judge
from streams.picture_health.rules import HealthRules
from tests.streams.picture_health.streets import (
    NOON,
    RULES,
    STEP_S,
    Change,
    Scene,
    View,
    at_night,
    burnt_out,
    calibrated,
    canvas,
    contrast_turned_round,
    covered,
    dusk,
    in_fog,
    little,
    noisy,
    out_of_focus,
    seen,
    through_h264,
    with_cap_on,
    with_lorry,
    with_shadow,
    with_traffic,
)

STREET = canvas()
SCENE = seen(STREET)
LONG = round(RULES.raise_s / STEP_S) + 3
"""Pictures after which a trouble must be told."""


def turned(scene: Scene) -> Scene:
    return seen(STREET, right_px=60, down_px=-15)


TROUBLES = [
    pytest.param(with_cap_on, FindingKind.BLACK, id="a cap on the lens"),
    pytest.param(burnt_out, FindingKind.OVER_EXPOSED, id="burnt out"),
    pytest.param(covered, FindingKind.COVERED, id="something grey before the lens"),
    pytest.param(lambda scene: covered(scene, 1.0, 90.0), FindingKind.COVERED, id="a bag over the camera"),
    pytest.param(lambda scene: covered(scene, 0.6, 22.0), FindingKind.COVERED, id="something black before the lens"),
    pytest.param(out_of_focus, FindingKind.BLURRED, id="out of focus"),
    pytest.param(turned, FindingKind.MOVED, id="turned"),
]


@pytest.mark.parametrize(("change", "kind"), TROUBLES)
def test_a_trouble_that_lasts_is_one_finding_since_its_first_picture_and_ends_when_mended(
    change: Change, kind: FindingKind
) -> None:
    view = calibrated(SCENE)
    view.show(SCENE, 3)
    began_at = view.at
    view.show(change(SCENE), LONG)
    (finding,) = view.memory.findings
    assert (finding.kind, finding.since) == (kind, began_at)
    view.show(SCENE, 20)
    assert view.kinds == set()


@pytest.mark.parametrize(("change", "kind"), TROUBLES)
def test_the_measure_of_a_finding_is_beyond_its_threshold(change: Change, kind: FindingKind) -> None:
    view = calibrated(SCENE)
    view.show(change(SCENE), LONG)
    (finding,) = view.memory.findings
    is_low = kind in (FindingKind.BLACK, FindingKind.BLURRED)
    assert (finding.value < finding.threshold) is is_low, finding


@pytest.mark.parametrize(("change", "kind"), TROUBLES)
def test_its_first_picture_is_already_not_looked_at_and_nobody_is_told_yet(change: Change, kind: FindingKind) -> None:
    view = calibrated(SCENE, HealthRules(check_every_s=STEP_S, check_pictures=1))
    (said,) = view.show(change(SCENE))
    assert not said.is_sound
    assert said.readings[kind].is_bad
    assert view.kinds == set()


@pytest.mark.parametrize(("change", "kind"), TROUBLES)
def test_one_good_picture_does_not_end_a_finding(change: Change, kind: FindingKind) -> None:
    view = calibrated(SCENE)
    view.show(change(SCENE), LONG)
    assert not view.show(SCENE)[0].is_sound
    assert view.kinds == {kind}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(with_lorry, id="a lorry"),
        pytest.param(with_cap_on, id="one black picture"),
        pytest.param(out_of_focus, id="the focus hunts"),
        pytest.param(turned, id="a gust"),
    ],
)
def test_what_passes_is_no_finding_and_costs_its_own_pictures_only(change: Change) -> None:
    view = calibrated(SCENE)
    for _ in range(4):
        view.show(change(SCENE), 2)
        assert all(said.is_sound for said in view.show(SCENE, 3)[1:])
    assert view.kinds == set()


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(dusk, id="dusk"),
        pytest.param(at_night, id="night with lamps"),
        pytest.param(with_shadow, id="a long shadow"),
        pytest.param(with_traffic, id="traffic"),
        pytest.param(in_fog, id="fog"),
        pytest.param(lambda scene: in_fog(with_traffic(scene)), id="fog and traffic"),
        pytest.param(lambda scene: scene * 1.25 + 10, id="bright sun"),
    ],
)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_light_weather_and_traffic_are_no_fault_of_the_camera(change: Change, seed: int) -> None:
    scene = seen(canvas(seed))
    view = calibrated(scene)
    for hours in range(12):  # it comes slowly, as evening does
        view.show(scene + (change(scene) - scene) * np.float32(hours / 12), 4)
    assert all(said.is_sound for said in view.show(change(scene), 3 * LONG))
    assert view.kinds == set()


def test_infra_red_light_that_turns_contrast_round_is_not_taken_for_a_move() -> None:
    view = calibrated(SCENE)
    view.show(contrast_turned_round(SCENE), 3 * LONG)
    assert FindingKind.MOVED not in view.kinds


def test_a_move_at_night_is_not_denied_by_day() -> None:
    view = calibrated(SCENE)
    view.show(at_night(SCENE), LONG)
    view.show(at_night(turned(SCENE)), LONG)
    view.show(turned(SCENE), LONG)
    assert view.kinds == {FindingKind.MOVED}


def test_a_moved_view_stays_moved_through_a_night_in_which_nobody_can_tell() -> None:
    view = calibrated(SCENE)
    view.show(turned(SCENE), LONG)
    for light in np.linspace(1, 0.08, 60, dtype=np.float32):
        view.show(turned(SCENE) * light + 30 * (1 - light))
    view.show(turned(SCENE) * 0.08 + 28, 10)
    assert view.kinds == {FindingKind.MOVED}


def test_how_far_a_view_has_moved_is_told_as_share_and_direction() -> None:
    view = calibrated(SCENE)
    view.show(turned(SCENE), LONG)
    (finding,) = view.memory.findings
    assert finding.shift == pytest.approx((-60 / 640, 15 / 640), abs=0.004)
    assert finding.value == pytest.approx(np.hypot(60, 15) / 640, abs=0.004)


def test_a_view_turned_to_another_street_is_moved_though_nobody_knows_where_to() -> None:
    view = calibrated(SCENE)
    elsewhere = seen(canvas(7))
    assert not any(said.is_sound for said in view.show(elsewhere, 4))
    assert view.kinds == set(), "so strange a picture must last longer than a known shift"
    view.show(elsewhere, round(RULES.elsewhere_s / STEP_S))
    (finding,) = view.memory.findings
    assert (finding.kind, finding.value, finding.shift) == (FindingKind.MOVED, 1.0, None)


@pytest.mark.parametrize(
    "shown", [pytest.param(lambda scene: with_cap_on(scene), id="black"), pytest.param(at_night, id="night")]
)
def test_black_is_told_from_a_real_night(shown: Change) -> None:
    view = View()
    view.show(shown(SCENE), LONG)
    assert view.kinds == ({FindingKind.BLACK} if shown is not at_night else set())


def frozen(view: View, pictures: int, clock: Callable[[Scene, int], Scene] = lambda scene, _: scene) -> None:
    """An encoder that is alive and has one picture only; on which it may write the time."""
    still = noisy(SCENE, 99).astype(np.float32)
    for number in range(pictures):
        view.look(little(np.clip(clock(still, number), 0, 255).astype(np.uint8)))


def ticking(scene: Scene, number: int) -> Scene:
    marked = scene.astype(np.uint8)
    cv2.putText(marked, f"08:30:{number % 60:02d}", (12, 24), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (255, 255, 255), 2)
    return marked.astype(np.float32)


def test_the_same_picture_again_and_again_is_frozen_since_it_came() -> None:
    view = calibrated(SCENE)
    began_at = view.at
    frozen(view, round(RULES.frozen_s / STEP_S) + 2)
    (finding,) = view.memory.findings
    assert (finding.kind, finding.since) == (FindingKind.FROZEN, began_at)
    assert finding.value == pytest.approx(RULES.frozen_s + STEP_S)
    view.show(SCENE, RULES.clear_pictures)
    assert view.kinds == set()


def test_a_frozen_picture_with_a_running_clock_in_it_is_frozen() -> None:
    view = calibrated(SCENE)
    frozen(view, round(RULES.frozen_s / STEP_S) + 2, ticking)
    assert view.kinds == {FindingKind.FROZEN}


@pytest.mark.parametrize("crf", [18, 28, 36])
def test_a_still_street_through_an_encoder_is_not_frozen_and_a_stopped_sensor_is(crf: int) -> None:
    pictures = round(RULES.frozen_s / STEP_S) + 3
    living, stopped = View(), View()
    for luma in through_h264([noisy(SCENE, seed, sigma=1.5) for seed in range(pictures)], crf):
        living.look(luma)
    for luma in through_h264([noisy(SCENE, 1, sigma=1.5)] * pictures, crf):
        stopped.look(luma)
    assert living.kinds == set()
    assert stopped.kinds == {FindingKind.FROZEN}


def test_a_still_street_at_night_through_an_encoder_is_not_frozen() -> None:
    view = View()
    for luma in through_h264([noisy(at_night(SCENE), seed, sigma=1.5) for seed in range(16)], crf=30):
        view.look(luma)
    assert view.kinds == set()


def test_pictures_that_are_alike_once_or_twice_are_still_looked_at() -> None:
    view = calibrated(SCENE)
    luma = little(noisy(SCENE, 4))
    assert all(view.look(luma).is_sound for _ in range(3))


def test_a_doubt_that_is_not_renewed_is_dropped_so_that_no_view_is_unlooked_at_in_silence() -> None:
    view = calibrated(SCENE, HealthRules(check_every_s=STEP_S, check_pictures=1))
    view.show(dusk(SCENE), 90)
    assert not view.show(dusk(turned(SCENE)))[0].is_sound
    said = view.show(SCENE * 0.04 + 32, LONG)  # so dark that nothing can be told
    assert not said[0].is_sound
    assert said[-1].is_sound
    assert view.kinds == set()


def test_the_reference_has_no_traffic_and_no_noise_in_it() -> None:
    view = View()
    for seed in range(60):
        view.show(with_traffic(SCENE, seed) if seed % 3 == 0 else SCENE)
        if view.memory.reference is not None:
            break
    reference = view.memory.reference
    assert reference is not None
    error = np.abs(reference.luma.astype(np.float32) - little(np.clip(SCENE, 0, 255).astype(np.uint8)))
    assert float(error.mean()) < 1.0
    assert float(np.percentile(error, 99)) < 8


def test_no_reference_is_taken_while_somebody_is_still_turning_the_camera() -> None:
    view = View()
    for number in range(12):
        view.show(seen(canvas(20 + number)))
    assert view.memory.reference is None


def test_a_picture_without_structure_is_never_a_reference_and_never_a_fault() -> None:
    view = View()
    said = view.show(np.full_like(SCENE, 120), 40)
    assert all(each.is_sound for each in said)
    assert view.memory.reference is None


def test_a_reference_from_the_night_gives_way_to_the_first_days() -> None:
    view = calibrated(at_night(SCENE))
    assert view.memory.reference is not None
    assert view.memory.reference.is_dim
    view.show(SCENE, 20)
    assert not view.memory.reference.is_dim


def test_a_camera_on_a_vehicle_is_held_against_nothing() -> None:
    memory = ViewMemory()
    for number in range(30):
        luma = little(noisy(seen(canvas(40 + number % 5)), number))
        memory, said = judge(memory, luma, NOON + number * timedelta(seconds=STEP_S), RULES, is_fixed=False)
        assert said.is_sound
    assert memory.reference is None


def test_a_view_that_gives_no_cause_is_seldom_checked_in_full() -> None:
    view = calibrated(SCENE, step_s=2.0)
    view.show(SCENE)
    checked = [FindingKind.MOVED in said.readings for said in view.show(SCENE, 90)]
    assert 2 <= sum(checked) <= 4
    assert checked.count(True) * RULES.check_every_s <= 90 * 2.0 + RULES.check_every_s


def test_a_picture_that_looks_unlike_its_reference_is_checked_at_once() -> None:
    view = calibrated(SCENE, step_s=2.0)
    view.show(SCENE, 5)
    (said,) = view.show(turned(SCENE))
    assert said.readings[FindingKind.MOVED].is_bad


def test_a_clock_that_runs_backwards_breaks_nothing() -> None:
    view = calibrated(SCENE)
    view.at -= timedelta(hours=1)
    assert all(said.is_sound for said in view.show(SCENE, 10))


@pytest.mark.parametrize("size", [(64, 36), (1, 1), (3, 200), (321, 17)])
def test_a_picture_of_any_size_is_judged(size: tuple[int, int]) -> None:
    view = View()
    rng = np.random.default_rng(3)
    for _ in range(20):
        view.look(little(rng.integers(0, 255, (size[1], size[0], 3), np.uint8)))
    view.look(little(rng.integers(0, 255, (36, 64, 3), np.uint8)))
