"""Other ways of showing a photograph: in the shape it may have had, and as a square at the size of a patrol's look.

Collections often come stretched to squares by whoever uploaded them. A camera's picture is not stretched: a model
that only knows people and bins drawn thin sees worse there than its figures say.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import cv2
import numpy as np

from models.datasets import LabelledBox
from models.sources import PhotoSource, WindowCutting
from models.windows import LabelledImage, cut_windows

OBLONG = 1.1
"""A picture counts as oblong from this ratio of its sides on."""

SQUARE_SHARE = 0.5
"""Of the pictures that are shown in another shape, where squares are asked for: how many are cut to one."""


@dataclass(frozen=True, slots=True)
class Showings:
    """How the pictures of one source may be shown besides as they are."""

    shapes: tuple[float, ...]
    """Width over height; empty: the picture's own only."""
    squares: bool

    @classmethod
    def of(cls, source: PhotoSource, file_name: str) -> "Showings":
        fitting = [shapes for prefix, shapes in source.shapes_by_prefix.items() if file_name.startswith(prefix)]
        return cls(fitting[0] if fitting else (), source.square_copies)

    def again(self, image: LabelledImage, name: str) -> LabelledImage | None:
        """The picture's showing called ``name``, the same each time; None: as it is."""
        rng = random_of(name)
        if not self.shapes:
            return square_of(image, rng) if self.squares else None
        shaped = in_shape(image, self.shapes[int(rng.integers(len(self.shapes)))])
        square = square_of(shaped, rng) if self.squares and rng.random() < SQUARE_SHARE else None
        return square or shaped


def random_of(name: str) -> np.random.Generator:
    """The same windows and shapes for the same picture, whatever else is in the recipe."""
    return np.random.default_rng(crc32(name.encode()))


def in_shape(image: LabelledImage, shape: float) -> LabelledImage:
    """The picture stretched to ``shape`` (width over height), one side as it is, the other longer; with its boxes."""
    height, width = image.pixels.shape[:2]
    wide, high = (round(height * shape), height) if shape * height >= width else (width, round(width / shape))
    pixels = np.asarray(cv2.resize(image.pixels, (wide, high), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)
    return LabelledImage(pixels, _stretched(image.boxes, wide / width, high / height))


def square_of(image: LabelledImage, rng: np.random.Generator) -> LabelledImage | None:
    """A square of the shorter side around a labelled object; None where the picture is nearly square."""
    height, width = image.pixels.shape[:2]
    if max(height, width) < OBLONG * min(height, width):
        return None
    cutting = WindowCutting(side_px=max(64, min(height, width)), wide_px=max(64, width), count=1)
    return cut_windows(image, cutting, rng)[0]


def _stretched(boxes: Sequence[LabelledBox], across: float, down: float) -> tuple[LabelledBox, ...]:
    return tuple(
        LabelledBox(b.class_id, (b.box[0] * across, b.box[1] * down, b.box[2] * across, b.box[3] * down)) for b in boxes
    )
