"""Colours: sRGB notation to linear light, the palettes of the street, and small random shifts."""

from collections.abc import Sequence

import numpy as np

Rgb = tuple[float, float, float]
"""Linear light, 0..1 each; more than 1 for what shines."""
Rng = np.random.Generator

BRIGHT = ["#c8352b", "#d9742a", "#e6b52e", "#3f8f3f", "#2f62a8", "#7a3f8f", "#d45f8a", "#e8e3d8", "#2a9d8f"]
DULL = ["#2b2d31", "#4d5258", "#6f6a60", "#8b8478", "#3a4a5e", "#5c4033", "#b5ab9a", "#7b2f2f", "#27402f"]
PAINTS = ["#e9e9e7", "#101114", "#8d9195", "#5a5f66", "#e9e9e7", "#7c1f1d", "#1f3257", "#b9b2a0"]
"""Car paint; white twice, because there is more of it."""


def rgb(notation: str) -> Rgb:
    """Linear light of an sRGB colour written ``#rrggbb``."""
    c = np.array([int(notation[i : i + 2], 16) for i in (1, 3, 5)]) / 255.0
    red, green, blue = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    return float(red), float(green), float(blue)


def pick(rng: Rng, palette: Sequence[str]) -> Rgb:
    """One colour of the palette; one draw."""
    return rgb(palette[int(rng.integers(len(palette)))])


def jitter(rng: Rng, colour: Rgb, amount: float = 0.15) -> Rgb:
    """The colour a little lighter or darker, and a third of that off in hue; four draws."""
    shifted = np.array(colour) * rng.uniform(1 - amount, 1 + amount) * rng.uniform(1 - amount / 3, 1 + amount / 3, 3)
    red, green, blue = np.clip(shifted, 0, 1)
    return float(red), float(green), float(blue)
