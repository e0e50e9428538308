"""What the change gate passes, and what it never passes: drawn streets with real noise through real H.264."""

from datetime import timedelta

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.gate import GateReason, GateSettings, ViewMemory, first_memory, judge_picture, restless_cells
from detector.gate_sketch import cells_of, sketch_of
from streams.frames import ImagePicture
from tests.detector.gate_street import (
    SIZE,
    START,
    Gated,
    Levels,
    looks_among,
    noise_of,
    noisy,
    pixels,
    sent,
    street,
    with_thing,
)

WIDTH, HEIGHT = SIZE
STREET = street()
XS, YS = np.meshgrid(np.linspace(0, 1, WIDTH), np.linspace(0, 1, HEIGHT))
SETTLING = 8
"""Pictures in which a camera's noise is learnt."""


def exposed(share: float) -> Levels:
    return STREET * share


def shaded(progress: float) -> Levels:
    """A soft cloud that takes a fifth of the light moves over the street, a twentieth of it with each picture."""
    return STREET * (1 - 0.2 / (1 + np.exp(-(progress - XS) * 5)))[:, :, None]


def swaying(random: np.random.Generator) -> Levels:
    """A pole in a light wind: about a quarter of a pixel each way."""
    shift = np.array([[1, 0, random.normal(0, 0.2)], [0, 1, random.normal(0, 0.2)]])
    return np.asarray(cv2.warpAffine(STREET, shift, SIZE, borderMode=cv2.BORDER_REPLICATE))


def head_light(progress: float) -> Levels:
    """A beam on a dark street."""
    glow = np.exp(-(((XS - progress) / 0.2) ** 2 + ((YS - 0.7) / 0.15) ** 2))[:, :, None]
    return np.asarray(STREET * 0.3 * (1 + 2 * glow) + 40 * glow)


@pytest.mark.parametrize(
    ("sigma", "crf"),
    [pytest.param(4.0, 23, id="good"), pytest.param(6.0, 28, id="usual"), pytest.param(8.0, 34, id="starved")],
)
def test_noise_and_compression_are_passed_once_the_cameras_noise_is_known(sigma: float, crf: int) -> None:
    view = Gated()
    reasons = view.show_all(sent(noise_of([STREET] * 32, sigma), crf))
    assert reasons[0] is GateReason.FIRST
    assert looks_among(reasons[SETTLING:]) <= 2, reasons


def test_pumping_of_the_encoder_is_passed() -> None:
    """Every picture is quantised otherwise, as key frames are when the bit rate is held."""
    images = noise_of([STREET] * 36, 5.0)
    pictures = [sent([image], crf=(22, 26, 30, 33)[number % 4], gop=1)[0] for number, image in enumerate(images)]
    assert looks_among(Gated().show_all(pictures)[SETTLING:]) <= 2


@pytest.mark.parametrize(
    "images",
    [
        pytest.param([exposed(1 - 0.004 * n) for n in range(32)], id="exposure drifts down by an eighth"),
        pytest.param([exposed(0.8 + 0.006 * n) for n in range(32)], id="exposure drifts up by a quarter"),
        pytest.param([shaded(-0.3 + 0.05 * n) for n in range(32)], id="a slow cloud"),
        pytest.param([swaying(np.random.default_rng(n)) for n in range(32)], id="a swaying pole"),
    ],
)
def test_slow_light_and_a_light_wind_are_passed(images: list[Levels]) -> None:
    reasons = Gated().show_all(sent(noise_of(images, 4.0)))
    assert looks_among(reasons[1:]) <= 5, reasons


@settings(max_examples=40, deadline=None)
@given(
    x=st.integers(4, WIDTH - 20),
    y=st.integers(int(HEIGHT * 0.6), HEIGHT - 20),
    levels=st.sampled_from([-60.0, -30.0, -18.0, 18.0, 30.0, 60.0]),
    seed=st.integers(0, 1000),
)
def test_a_bag_of_14_pixels_is_seen_to_come_and_to_go_wherever_it_lies(
    x: int, y: int, levels: float, seed: int
) -> None:
    random = np.random.default_rng(seed)
    view = Gated()
    with_bag = with_thing(STREET, x, y, 14, 14, levels)
    view.show_all(pixels(noisy(STREET, 6.0, random) for _ in range(SETTLING)))
    assert view.show(ImagePicture(noisy(with_bag, 6.0, random))) is GateReason.CHANGED
    assert view.show(ImagePicture(noisy(STREET, 6.0, random))) is GateReason.CHANGED


@pytest.mark.parametrize("crf", [23, 28, 33])
def test_a_bag_is_seen_through_compression(crf: int) -> None:
    with_bag = with_thing(STREET, 301, 255, 14, 14, -35)
    pictures = sent(noise_of([*[STREET] * 20, *[with_bag] * 3, *[STREET] * 3], 6.0), crf)
    reasons = Gated().show_all(pictures)
    assert reasons[20] is GateReason.CHANGED
    assert GateReason.CHANGED in reasons[23:]


@pytest.mark.parametrize("levels", [-50.0, -15.0, 20.0, 70.0])
@pytest.mark.parametrize("box", [(200, 150, 160, 140), (20, 180, 360, 170)], ids=["a stall", "a lorry near by"])
def test_a_stall_is_seen_to_come_and_to_go(box: tuple[int, int, int, int], levels: float) -> None:
    with_stall = with_thing(STREET, *box, levels)
    view = Gated()
    view.show_all(pixels(noise_of([STREET] * SETTLING)))
    assert view.show_all(pixels(noise_of([with_stall, STREET], seed=9))) == [GateReason.CHANGED] * 2


def test_a_thing_of_the_grounds_own_brightness_is_seen_by_its_colour() -> None:
    red = STREET.copy()
    red[250:290, 300:340] += (-40, -22.8, 60)  # BGR, weighed to no brightness
    before, now = (sketch_of(picture) for picture in pixels(noise_of([STREET, red], 0)))
    assert abs(int(now.luma[67, 80]) - int(before.luma[67, 80])) <= 2
    view = Gated()
    view.show_all(pixels(noise_of([STREET] * SETTLING)))
    assert view.show(pixels(noise_of([red], seed=9))[0]) is GateReason.CHANGED


def test_what_fades_in_slower_than_any_threshold_is_seen_all_the_same() -> None:
    """The reference is the last picture looked at, never one that was passed."""
    images = [with_thing(STREET, 300, 250, 30, 30, -0.7 * n) for n in range(60)]
    reasons = Gated().show_all(pixels(noise_of(images, 3.0)))
    assert GateReason.CHANGED in reasons[10:50]


def test_a_bag_left_in_a_sweep_of_head_lights_is_seen() -> None:
    view = Gated()
    random = np.random.default_rng(2)
    sweep = [head_light(progress) for progress in np.linspace(-0.5, 1.5, 12)]
    view.show_all(pixels(noisy(image, 4.0, random) for image in [*[head_light(-3)] * SETTLING, *sweep]))
    dark = head_light(3)
    view.show(ImagePicture(noisy(dark, 4.0, random)))
    assert view.show(ImagePicture(noisy(dark, 4.0, random))) is GateReason.CARRIED
    assert view.show(ImagePicture(noisy(with_thing(dark, 300, 260, 16, 16, 25), 4.0, random))) is GateReason.CHANGED


def test_a_change_where_nothing_can_be_filed_is_passed() -> None:
    rows, columns = cells_of((HEIGHT, WIDTH))
    ground = np.zeros((rows, columns), dtype=np.bool_)
    ground[rows // 2 :] = True
    view = Gated(watched=ground)
    view.show_all(pixels(noise_of([STREET] * SETTLING)))
    above, below = with_thing(STREET, 300, 40, 40, 40, -80), with_thing(STREET, 300, 250, 40, 40, -80)
    assert view.show(pixels(noise_of([above], seed=7))[0]) is GateReason.CARRIED
    assert view.show(pixels(noise_of([below], seed=8))[0]) is GateReason.CHANGED


def with_clock(number: int) -> Levels:
    digits = np.zeros((HEIGHT, WIDTH), np.uint8)
    text = f"2026-05-14 08:{number // 30:02d}:{number * 2 % 60:02d}"
    cv2.putText(digits, text, (12, 24), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 255, 2)
    return np.maximum(STREET * 0.5, digits[:, :, None])


def test_a_clock_in_the_picture_is_learnt_and_a_bag_elsewhere_still_seen() -> None:
    view = Gated()
    reasons = view.show_all(pixels(noise_of([with_clock(number) for number in range(120)], 3.0)))
    assert looks_among(reasons[1:20]) > 5, reasons
    assert looks_among(reasons[60:]) < 20, reasons
    assert view.memory is not None
    assert restless_cells(view.memory).mean() < 0.03
    bag = with_thing(with_clock(120), 300, 250, 14, 14, -40)
    assert view.show(pixels(noise_of([bag], 3.0, seed=5))[0]) is GateReason.CHANGED


def test_commotion_all_over_the_view_is_never_passed_over() -> None:
    """A crowd: a third of the street is another in each picture, and nobody can say that it tells nothing."""
    random = np.random.default_rng(3)
    view = Gated()
    reasons = []
    for number in range(50):
        crowd = STREET.copy()
        for _ in range(60):
            x, y = int(random.integers(0, WIDTH - 30)), int(random.integers(HEIGHT // 2, HEIGHT - 50))
            crowd[y : y + 50, x : x + 30] = random.integers(0, 255, 3)
        reasons.append(view.show(ImagePicture(noisy(crowd, 4.0, np.random.default_rng(number)))))
    assert GateReason.CARRIED not in reasons


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(STREET * 0.3, id="much darker"),
        pytest.param(np.full_like(STREET, 90.0), id="covered"),
        pytest.param(STREET[:, ::-1], id="turned away"),
    ],
)
def test_another_light_a_cover_and_another_view_are_looked_at(other: Levels) -> None:
    view = Gated()
    view.show_all(pixels(noise_of([STREET] * SETTLING)))
    assert view.show(pixels(noise_of([other]))[0]) is GateReason.CHANGED


def test_where_there_is_no_structure_light_excuses_nothing() -> None:
    greys = [np.full((HEIGHT, WIDTH, 3), level) for level in (90.0, 90.0, 102.0)]
    assert Gated().show_all(pixels(noise_of(greys, 2.0))) == [
        GateReason.FIRST,
        GateReason.CARRIED,
        GateReason.CHANGED,
    ]


def test_a_picture_of_another_size_or_from_before_the_reference_is_looked_at() -> None:
    view = Gated()
    small, large = pixels(noise_of([STREET], 2.0))[0], pixels(noise_of([street((960, 540))], 2.0))[0]
    assert view.show_all([small, small, large, large]) == [
        GateReason.FIRST,
        GateReason.CARRIED,
        GateReason.FIRST,
        GateReason.CARRIED,
    ]
    assert view.show(large, step_s=-60) is GateReason.FIRST


@settings(max_examples=60, deadline=None)
@given(
    steps_s=st.lists(st.floats(0, 90, allow_nan=False), min_size=1, max_size=25),
    force_after_s=st.floats(1, 120, allow_nan=False),
)
def test_no_picture_is_passed_when_the_last_look_is_too_long_ago(steps_s: list[float], force_after_s: float) -> None:
    picture = ImagePicture(np.asarray(np.clip(STREET, 0, 255), dtype=np.uint8))
    view = Gated(force_after_s)
    view.show(picture)
    looked_at = view.at
    for step_s in steps_s:
        reason = view.show(picture, step_s)
        is_due = (view.at - looked_at).total_seconds() >= force_after_s
        assert reason is (GateReason.FORCED if is_due else GateReason.CARRIED)
        looked_at = view.at if is_due else looked_at


@settings(max_examples=25, deadline=None)
@given(size=st.tuples(st.integers(8, 700), st.integers(8, 700)), seed=st.integers(0, 99))
def test_pictures_of_any_size_can_be_judged(size: tuple[int, int], seed: int) -> None:
    width, height = size
    picture = ImagePicture(np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8))
    sketch = sketch_of(picture)
    assert sketch.size_hw == cells_of((height, width))
    memory = first_memory(sketch, START, np.ones(sketch.size_hw, dtype=np.bool_))
    verdict = judge_picture(memory, sketch, START + timedelta(seconds=1), GateSettings())
    assert verdict.reason is GateReason.CARRIED


def bytes_of(memory: ViewMemory) -> int:
    arrays = (memory.reference.cells, memory.watched, memory.variance, memory.restlessness, memory.thresholds)
    return sum(array.nbytes for array in arrays)


def test_what_a_view_remembers_does_not_grow() -> None:
    view = Gated()
    pictures = pixels(noise_of([STREET] * 3))
    view.show(pictures[0])
    assert view.memory is not None
    before = bytes_of(view.memory)
    view.show_all(pictures * 20)
    assert bytes_of(view.memory) == before < 250_000


def test_a_decoded_picture_and_its_pixels_have_the_same_sketch() -> None:
    (decoded,) = sent(noise_of([STREET], 3.0), crf=20, gop=1)
    of_planes, of_pixels = sketch_of(decoded), sketch_of(ImagePicture(decoded.whole()))
    apart = np.abs(of_planes.cells.astype(int) - of_pixels.cells.astype(int))
    assert apart.mean() < 2
    assert np.quantile(apart, 0.99) <= 5


def test_settings_refuse_what_they_do_not_know_and_times_that_never_come() -> None:
    assert GateSettings().enabled
    for wrong in ({"force_after": 60}, {"force_after_s": 0}, {"force_after_s": float("inf")}):
        with pytest.raises(ValueError, match="force_after"):
            GateSettings.model_validate(wrong)
