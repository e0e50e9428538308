"""A picture fitted into the network's input without changing its shape."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from streams.frames import Image, Picture


@dataclass(frozen=True, slots=True)
class Fit:
    """How a picture lies in the network's input: scaled by ``gain``, moved by ``left`` and ``top`` pixels."""

    gain: float
    left: int
    top: int
    width_px: int
    """The picture's width inside the input, without the bars."""
    height_px: int


def fit(source_hw: tuple[int, int], input_hw: tuple[int, int]) -> Fit:
    """Largest centred fit, rounded as Ultralytics' ``LetterBox`` rounds (source: ultralytics 8.4, data/augment.py)."""
    gain = min(input_hw[0] / source_hw[0], input_hw[1] / source_hw[1])
    # A strip thinner than one pixel of the input keeps one.
    width_px, height_px = max(round(source_hw[1] * gain), 1), max(round(source_hw[0] * gain), 1)
    left = round((input_hw[1] - width_px) / 2 - 0.1)
    top = round((input_hw[0] - height_px) / 2 - 0.1)
    return Fit(gain, left, top, width_px, height_px)


def letterbox(picture: Picture, input_hw: tuple[int, int], fill: int = 114) -> tuple[Image, Fit]:
    """The picture in the network's input size, BGR uint8, with bars of grey ``fill``.

    Args:
        input_hw: height and width of the network's input in pixels.
    """
    place = fit((picture.height_px, picture.width_px), input_hw)
    resized = picture.scaled(place.width_px, place.height_px)
    if (place.height_px, place.width_px) == input_hw:
        return resized, place
    canvas = np.full((*input_hw, 3), fill, dtype=np.uint8)
    canvas[place.top : place.top + place.height_px, place.left : place.left + place.width_px] = resized
    return canvas, place


def as_input(boxed: Image, scale: float) -> NDArray[np.float32]:
    """Float32 RGB ``(1, 3, H, W)``, C-contiguous, from a letterboxed BGR picture."""
    rgb = np.ascontiguousarray(boxed[..., ::-1].transpose(2, 0, 1))
    return np.multiply(rgb, np.float32(scale), dtype=np.float32)[None]
