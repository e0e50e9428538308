"""Windows out of wide pictures: what they hold, what keeps its label, the same ones every time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.datasets import LabelledBox
from models.sources import WindowCutting
from models.windows import LabelledImage, boxes_in, cut_windows, scale_to_width, yolo_lines


def _image(*boxes: LabelledBox, width: int = 640, height: int = 360) -> LabelledImage:
    ramp = np.arange(width * height * 3, dtype=np.uint32) % 251
    return LabelledImage(ramp.reshape(height, width, 3).astype(np.uint8), boxes)


@given(
    x=st.floats(0, 560), y=st.floats(0, 280), w=st.floats(12, 80), h=st.floats(12, 80), seed=st.integers(0, 2**32 - 1)
)
def test_the_first_window_holds_a_labelled_object_whole(x: float, y: float, w: float, h: float, seed: int) -> None:
    image = _image(LabelledBox(1, (x, y, x + w, y + h)))
    first = cut_windows(image, WindowCutting(side_px=300, count=1), np.random.default_rng(seed))[0]
    (kept,) = first.boxes
    x0, y0, x1, y1 = kept.box
    assert first.pixels.shape == (300, 300, 3)
    assert x1 - x0 == pytest.approx(w, abs=1)
    assert y1 - y0 == pytest.approx(h, abs=1)


def test_a_window_is_a_piece_of_the_picture_and_its_label_moves_with_it() -> None:
    image = _image(LabelledBox(2, (400, 100, 440, 150)))
    window = cut_windows(image, WindowCutting(side_px=200, count=1), np.random.default_rng(5))[0]
    x0, y0, x1, y1 = (int(v) for v in window.boxes[0].box)
    assert np.array_equal(window.pixels[y0:y1, x0:x1], image.pixels[100:150, 400:440])


def test_the_same_seed_cuts_the_same_windows() -> None:
    image, cutting = _image(LabelledBox(0, (10, 10, 60, 60))), WindowCutting(count=3)
    first = cut_windows(image, cutting, np.random.default_rng(7))
    again = cut_windows(image, cutting, np.random.default_rng(7))
    assert [w.boxes for w in first] == [w.boxes for w in again]
    assert all(np.array_equal(a.pixels, b.pixels) for a, b in zip(first, again, strict=True))


@pytest.mark.parametrize(
    ("box", "kept"),
    [
        ((20, 20, 60, 60), [(10, 10, 50, 50)]),
        ((0, 20, 20, 40), [(0, 10, 10, 30)]),
        ((0, 20, 12, 40), []),
        ((200, 200, 220, 220), []),
    ],
    ids=["inside", "half inside", "a sixth inside", "outside"],
)
def test_what_is_hardly_in_the_window_loses_its_label(
    box: tuple[float, float, float, float], kept: list[tuple[float, float, float, float]]
) -> None:
    found = boxes_in([LabelledBox(1, box)], left=10, top=10, side=100, least_seen=0.4)
    assert [b.box for b in found] == [pytest.approx(k) for k in kept]


def test_boxes_scale_with_their_picture() -> None:
    scaled = scale_to_width(_image(LabelledBox(0, (192, 108, 384, 216)), width=1920, height=1080), 640)
    assert scaled.pixels.shape == (360, 640, 3)
    assert scaled.boxes[0].box == pytest.approx((64, 36, 128, 72))


def test_labels_are_written_as_shares_of_the_picture() -> None:
    assert yolo_lines(_image(LabelledBox(3, (0, 0, 320, 180)))) == "3 0.250000 0.250000 0.500000 0.500000"
