"""Cut-and-paste: outlines that can be trusted, labels that fit what was pasted, streets that keep theirs."""

import cv2
import numpy as np
import pytest

from models.cutouts import CutOut, cut_out
from models.datasets import LabelledBox
from models.pasting import paste, paste_in_turn
from models.windows import LabelledImage


def _photo(shape: str) -> LabelledImage:
    """A red thing on grey ground with some grain; its box is labelled."""
    rng = np.random.default_rng(3)
    pixels = np.clip(rng.normal(120, 6, (240, 240, 3)), 0, 255).astype(np.uint8)
    if shape == "disc":
        cv2.circle(pixels, (120, 120), 50, (30, 40, 200), -1)
    elif shape == "flat":
        pixels[:] = 120
    return LabelledImage(pixels, (LabelledBox(0, (70, 70, 171, 171)),))


def _street(*boxes: LabelledBox) -> LabelledImage:
    rng = np.random.default_rng(4)
    return LabelledImage(np.clip(rng.normal(90, 10, (360, 360, 3)), 0, 255).astype(np.uint8), boxes)


def _cut(class_id: int = 0, grey: int = 200) -> CutOut:
    return CutOut(class_id, np.full((60, 90, 3), grey, np.uint8), np.ones((60, 90), np.float32))


def test_a_clear_object_is_cut_along_its_outline() -> None:
    photo = _photo("disc")
    cut = cut_out(photo, photo.boxes[0])
    assert cut is not None
    assert cut.pixels.shape[0] == pytest.approx(101, abs=4)
    assert float(cut.alpha.sum()) == pytest.approx(np.pi * 50**2, rel=0.05)
    assert cut.alpha[2, 2] < 0.1 < 0.9 < cut.alpha[50, 50]


def test_an_object_that_cannot_be_told_from_the_ground_is_left_out() -> None:
    photo = _photo("flat")
    assert cut_out(photo, photo.boxes[0]) is None


def test_the_same_object_gives_the_same_outline() -> None:
    photo = _photo("disc")
    first, again = cut_out(photo, photo.boxes[0]), cut_out(photo, photo.boxes[0])
    assert first is not None
    assert again is not None
    assert np.array_equal(first.alpha, again.alpha)


def test_the_label_is_where_the_picture_changed_and_the_rest_is_the_street() -> None:
    street = _street()
    made = paste(street, _cut(2), np.random.default_rng(1))
    assert made is not None
    (labelled,) = made.boxes
    x0, y0, x1, y1 = (round(v) for v in labelled.box)
    assert labelled.class_id == 2
    inside = np.abs(made.pixels[y0:y1, x0:x1].astype(int) - street.pixels[y0:y1, x0:x1]).mean()
    above = np.abs(made.pixels[: max(1, y0 - 40)].astype(int) - street.pixels[: max(1, y0 - 40)]).mean()
    assert inside > 10 > above


def test_a_bright_object_gets_darker_in_a_dark_street() -> None:
    dark = LabelledImage((_street().pixels // 4).astype(np.uint8), ())
    made = paste(dark, _cut(grey=220), np.random.default_rng(1))
    assert made is not None
    x0, y0, x1, y1 = (round(v) for v in made.boxes[0].box)
    assert made.pixels[y0 + 5 : y1 - 5, x0 + 5 : x1 - 5].mean() < 150


def test_nothing_is_pasted_over_what_the_street_labels() -> None:
    everywhere = [LabelledBox(3, (x, y, x + 40.0, y + 40.0)) for x in range(0, 360, 40) for y in range(0, 360, 40)]
    assert paste(_street(*everywhere), _cut(), np.random.default_rng(1)) is None


def test_classes_come_in_turn_however_many_objects_each_has() -> None:
    cuts = [_cut(0) for _ in range(9)] + [_cut(2)]
    made = paste_in_turn(cuts, [_street()], 40, np.random.default_rng(2))
    counts = {c: sum(b.class_id == c for image in made for b in image.boxes) for c in (0, 2)}
    assert abs(counts[0] - counts[2]) <= 8
    assert all(image.boxes for image in made)
