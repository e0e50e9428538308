"""A picture keeps its shape on its way into the network."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.letterbox import Fit, as_input, fit, letterbox
from detector.postprocess import to_source
from streams.frames import ImagePicture

INPUT_HW = (384, 384)
SIDES = st.integers(min_value=1, max_value=8000)


@pytest.mark.parametrize(
    ("width_px", "height_px", "expected"),
    [
        pytest.param(640, 360, Fit(0.6, 0, 84, 384, 216), id="nHD"),
        pytest.param(1920, 1080, Fit(0.2, 0, 84, 384, 216), id="full-HD"),
        pytest.param(448, 448, Fit(384 / 448, 0, 0, 384, 384), id="square"),
        pytest.param(384, 384, Fit(1.0, 0, 0, 384, 384), id="the-input-itself"),
        pytest.param(360, 640, Fit(0.6, 84, 0, 216, 384), id="portrait"),
        pytest.param(640, 361, Fit(0.6, 0, 83, 384, 217), id="an-odd-bar-is-smaller-above"),
        pytest.param(1280, 715, Fit(0.3, 0, 85, 384, 214), id="half-a-pixel-goes-to-even"),
        pytest.param(3, 1, Fit(128.0, 0, 128, 384, 128), id="tiny"),
        pytest.param(1, 1, Fit(384.0, 0, 0, 384, 384), id="one-pixel"),
        pytest.param(4000, 1, Fit(0.096, 0, 191, 384, 1), id="a-strip-keeps-one-row"),
    ],
)
def test_the_fit_is_the_one_computed_by_hand(width_px: int, height_px: int, expected: Fit) -> None:
    place = fit((height_px, width_px), INPUT_HW)
    assert place.gain == pytest.approx(expected.gain)
    assert (place.left, place.top, place.width_px, place.height_px) == (
        expected.left,
        expected.top,
        expected.width_px,
        expected.height_px,
    )


def test_a_wide_input_leaves_bars_at_the_sides() -> None:
    assert fit((100, 100), (192, 384)) == Fit(1.92, 96, 0, 192, 192)


@given(SIDES, SIDES, st.sampled_from([(384, 384), (192, 384), (640, 640)]))
def test_every_picture_lies_inside_the_input_and_touches_two_sides(
    width_px: int, height_px: int, input_hw: tuple[int, int]
) -> None:
    place = fit((height_px, width_px), input_hw)
    right = input_hw[1] - place.left - place.width_px
    bottom = input_hw[0] - place.top - place.height_px
    assert min(place.left, place.top, right, bottom) >= 0
    assert abs(right - place.left) <= 1
    assert abs(bottom - place.top) <= 1
    assert place.width_px == input_hw[1] or place.height_px == input_hw[0]


@given(
    SIDES,
    SIDES,
    st.lists(st.floats(0, 1, width=32), min_size=4, max_size=4),
)
def test_a_box_comes_back_to_where_it_was(width_px: int, height_px: int, shares: list[float]) -> None:
    place = fit((height_px, width_px), INPUT_HW)
    xs, ys = sorted(share * width_px for share in shares[:2]), sorted(share * height_px for share in shares[2:])
    source = np.array([[xs[0], ys[0], xs[1], ys[1]]])
    gains = np.array([place.width_px / width_px, place.height_px / height_px] * 2)
    in_input = (source * gains + [place.left, place.top] * 2).astype(np.float32)
    back = to_source(in_input, place, (height_px, width_px))
    input_px_ulp = 2**-14
    assert (np.abs(back - source) <= 2 * input_px_ulp / gains + 1e-3).all()


def test_each_axis_has_the_gain_its_own_rounding_left() -> None:
    """640 x 361 lies in 384 x 217, so a row is 217/361 and a column 0.6 of an input pixel."""
    place = fit((361, 640), INPUT_HW)
    whole = np.array([[0, 83, 384, 300]], dtype=np.float32)
    assert to_source(whole, place, (361, 640))[0] == pytest.approx([0, 0, 640, 361], abs=1e-3)
    half = np.array([[0, 83, 192, 83 + 108.5]], dtype=np.float32)
    assert to_source(half, place, (361, 640))[0] == pytest.approx([0, 0, 320, 180.5], abs=1e-3)


def test_boxes_in_the_bars_are_clipped_to_the_picture() -> None:
    place = fit((360, 640), INPUT_HW)
    boxes = np.array([[-20, 0, 400, 384], [10, 84, 20, 300]], dtype=np.float32)
    assert to_source(boxes, place, (360, 640)).tolist() == [
        [0, 0, 640, 360],
        [pytest.approx(10 / 0.6), 0, pytest.approx(20 / 0.6), 360],
    ]


def test_the_bars_are_grey_and_the_picture_stays_between_them() -> None:
    image = np.full((360, 640, 3), (10, 20, 30), dtype=np.uint8)
    image.flags.writeable = False
    boxed, place = letterbox(ImagePicture(image), INPUT_HW)
    assert boxed.shape == (384, 384, 3)
    assert (boxed[: place.top] == 114).all()
    assert (boxed[place.top + place.height_px :] == 114).all()
    assert (boxed[place.top : place.top + place.height_px] == (10, 20, 30)).all()


def test_a_strip_thinner_than_a_pixel_is_still_boxed() -> None:
    boxed, place = letterbox(ImagePicture(np.zeros((1, 4000, 3), dtype=np.uint8)), INPUT_HW)
    assert boxed.shape == (384, 384, 3)
    assert (place.height_px, int((boxed == 0).all(axis=2).sum())) == (1, 384)


def test_the_network_gets_rgb_planes_from_nought_to_one() -> None:
    boxed = np.zeros((32, 64, 3), dtype=np.uint8)
    boxed[..., 0], boxed[..., 2] = 255, 51  # BGR: blue full, red a fifth
    tensor = as_input(boxed, 1 / 255)
    assert tensor.shape == (1, 3, 32, 64)
    assert tensor.dtype == np.dtype(np.float32)
    assert tensor.flags.c_contiguous
    assert tensor[0, :, 0, 0] == pytest.approx([0.2, 0.0, 1.0])
