"""Where the reference's scene lies: found to a few pixels, and never invented."""

import av
import cv2
import numpy as np
import pytest

from patrol.demo.site import ASSETS
from streams.decoded import DecodedPicture
from streams.frames import Luma
from streams.picture_health.registration import ELSEWHERE_SHARE, Place, registered
from streams.picture_health.small import small_luma
from tests.streams.picture_health.streets import (
    Change,
    Scene,
    at_night,
    canvas,
    contrast_turned_round,
    dusk,
    in_fog,
    little,
    noisy,
    seen,
    through_h264,
    with_lorry,
    with_shadow,
    with_traffic,
)

LEAST = 0.01
CONDITIONS = [
    pytest.param(lambda scene: scene, id="the same light"),
    pytest.param(dusk, id="dusk"),
    pytest.param(at_night, id="night"),
    pytest.param(with_shadow, id="shadow"),
    pytest.param(in_fog, id="fog"),
    pytest.param(with_traffic, id="traffic"),
    pytest.param(with_lorry, id="lorry"),
    pytest.param(contrast_turned_round, id="infra-red"),
    pytest.param(lambda scene: np.float32(255) * (scene / 255) ** 0.5, id="gamma"),
]


def through_a_lens(scene: Scene, seed: int = 1) -> Luma:
    return little(noisy(scene, seed))


def demo_pictures(number: int) -> list[Luma]:
    """The demo's own rendered street, through its H.264."""
    with av.open(str(ASSETS / f"CAM-0{number}.mp4")) as container:
        frames = list(container.decode(video=0))
    return [small_luma(DecodedPicture(frame)) for frame in frames[::12]]


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
@pytest.mark.parametrize("change", CONDITIONS)
def test_a_view_in_its_place_is_never_called_displaced_or_gone(change: Change, seed: int) -> None:
    scene = seen(canvas(seed))
    found = registered(through_a_lens(scene), through_a_lens(change(scene), 2), LEAST)
    assert found.place in (Place.HERE, Place.UNKNOWN), found


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(
    "shift",
    [
        pytest.param((14, 0), id="2 % right"),
        pytest.param((0, -16), id="2.5 % up"),
        pytest.param((40, 12), id="7 %"),
        pytest.param((-110, 30), id="18 %"),
    ],
)
@pytest.mark.parametrize(
    "change", [each for each in CONDITIONS if each.id in ("the same light", "dusk", "shadow", "traffic")]
)
def test_a_shift_is_found_to_a_few_pixels(change: Change, shift: tuple[int, int], seed: int) -> None:
    street = canvas(seed)
    reference = through_a_lens(seen(street))
    found = registered(reference, through_a_lens(change(seen(street, *shift)), 2), LEAST)
    assert found.place is Place.DISPLACED, found
    assert found.shift == pytest.approx((-shift[0] / 640, -shift[1] / 640), abs=0.005)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(
    ("turn_deg", "zoom"), [pytest.param(5.0, 1.0, id="tilted"), pytest.param(0.0, 1.15, id="zoomed in")]
)
def test_a_turn_and_a_zoom_are_found_too(turn_deg: float, zoom: float, seed: int) -> None:
    street = canvas(seed)
    other = seen(street, turn_deg=turn_deg, zoom=zoom)
    found = registered(through_a_lens(seen(street)), through_a_lens(other, 2), LEAST)
    assert found.place is Place.DISPLACED, found
    assert found.displacement > 0.03


def test_no_strange_street_is_taken_for_this_one() -> None:
    pictures = [through_a_lens(seen(canvas(seed))) for seed in range(8)]
    found = [registered(one, other, LEAST) for one in pictures for other in pictures if one is not other]
    assert {each.place for each in found} <= {Place.NOWHERE, Place.UNKNOWN}
    assert np.median([each.support for each in found]) < ELSEWHERE_SHARE


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_the_demos_streets_stand_still_through_their_whole_clip(number: int) -> None:
    pictures = demo_pictures(number)
    places = [registered(pictures[0], each, LEAST).place for each in pictures[1:]]
    assert set(places) == {Place.HERE}


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_demo_street_that_is_cropped_elsewhere_has_moved(number: int) -> None:
    whole = demo_pictures(number)
    window = (slice(10, 170), slice(20, 300))
    beside = (slice(10, 170), slice(8, 288))
    found = registered(np.ascontiguousarray(whole[0][window]), np.ascontiguousarray(whole[4][beside]), LEAST)
    assert found.place is Place.DISPLACED, found
    assert found.shift == pytest.approx((12 / 280, 0), abs=0.004)


def test_compression_moves_nothing() -> None:
    scene = seen(canvas(2))
    clear, coarse = through_h264([noisy(scene, 1)], crf=18)[0], through_h264([noisy(scene, 2)], crf=38)[0]
    assert registered(clear, coarse, LEAST).place is Place.HERE


def test_too_dark_a_picture_says_nothing() -> None:
    scene = seen(canvas(1))
    found = registered(through_a_lens(scene), through_a_lens(scene * 0.02 + 18), LEAST)
    assert found.place is Place.UNKNOWN


def test_a_blank_picture_says_nothing() -> None:
    scene = through_a_lens(seen(canvas(1)))
    assert registered(scene, np.full_like(scene, 128), LEAST).place is Place.UNKNOWN
    assert registered(np.full_like(scene, 128), scene, LEAST).place is Place.UNKNOWN


def test_a_camera_that_sways_in_the_wind_has_not_moved() -> None:
    street = canvas(3)
    reference = through_a_lens(seen(street))
    for sway in (-4, -2, 2, 4):
        blurred = cv2.GaussianBlur(seen(street, sway, sway // 2), (0, 0), 0.8)
        assert registered(reference, through_a_lens(np.asarray(blurred, np.float32)), LEAST).place is Place.HERE
