"""What lies between the street and the sensor: rain in the air, light into the lens, dirt on it."""

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from models.scenes.camera_look import Linear
from models.scenes.colours import Rng

Mask = npt.NDArray[Any]
"""(H, W) 0..1."""
_DIRTY_SHARE = 0.3


@dataclass(frozen=True)
class Lens:
    """What stays on a camera's glass and what the sun does in it; the same from frame to frame."""

    dirt: Mask | None
    """How much is smeared; None for a clean one."""
    drops: Mask | None
    """Rain drops on the glass."""
    glare: Mask | None
    """Light from ahead that fills the picture."""


def draw_lens(rng: Rng, light: str, size: tuple[int, int]) -> Lens:
    """One camera's glass."""
    width, height = size
    is_dirty = bool(rng.random() < _DIRTY_SHARE)
    dirt = smears(rng, width, height) if is_dirty else None
    drops = droplets(rng, width, height) if light == "rain" and rng.random() < 0.6 else None
    glare = None
    if light == "backlight":
        yy, xx = np.mgrid[0:height, 0:width]
        centre = rng.uniform(0.0, 1.0) * width, -rng.uniform(0.05, 0.5) * height
        away = np.hypot(xx - centre[0], yy - centre[1]) / width
        glare = rng.uniform(0.22, 0.5) * np.exp(-((away / rng.uniform(0.45, 0.9)) ** 2))
    return Lens(dirt, drops, glare)


def smears(rng: Rng, width: int, height: int) -> Mask:
    """A few wiped smears and specks of dust."""
    mask = np.zeros((height, width), np.float32)
    for _ in range(int(rng.integers(2, 6))):
        centre = (int(rng.uniform(0, width)), int(rng.uniform(0, height)))
        axes = (int(width * rng.uniform(0.04, 0.16)), int(height * rng.uniform(0.03, 0.12)))
        cv2.ellipse(mask, centre, axes, float(rng.uniform(0, 180)), 0, 360, (float(rng.uniform(0.2, 0.55)),), -1)
    mask = cv2.GaussianBlur(mask, (0, 0), width * 0.02).astype(np.float32)
    for _ in range(int(rng.integers(3, 15))):
        centre = (int(rng.uniform(0, width)), int(rng.uniform(0, height)))
        cv2.circle(mask, centre, max(1, int(width * rng.uniform(0.002, 0.006))), (float(rng.uniform(0.3, 0.6)),), -1)
    return cv2.GaussianBlur(mask, (0, 0), max(0.8, width * 0.003))


def droplets(rng: Rng, width: int, height: int) -> Mask:
    """Round drops on the glass, soft because they are far too near."""
    mask = np.zeros((height, width), np.float32)
    for _ in range(int(rng.integers(4, 22))):
        centre = (int(rng.uniform(0, width)), int(rng.uniform(0, height)))
        radius = max(2, int(width * rng.uniform(0.006, 0.022)))
        cv2.ellipse(mask, centre, (radius, int(radius * rng.uniform(1.0, 1.4))), 0, 0, 360, (1.0,), -1)
    return cv2.GaussianBlur(mask, (0, 0), max(0.8, width * 0.002))


def through_air(display: Linear, lens: Lens, light: str, rng: Rng) -> Linear:
    """The picture (display values 0..1) as it reaches the sensor; only the streaks of rain change with ``rng``."""
    height, width = display.shape[:2]
    seen = display
    if light == "rain":
        seen = seen * 0.86 + 0.09
        seen = seen + streaks(rng, width, height)[..., None]
    if lens.glare is not None:
        warm = np.array((0.82, 0.93, 1.0))
        seen = 1 - (1 - seen) * (1 - lens.glare[..., None] * warm)
    soft: Linear | None = None
    if lens.drops is not None:
        soft = cv2.GaussianBlur(seen, (0, 0), width * 0.012)
        bent = np.roll(soft, height // 14, axis=0) * 1.08
        seen = seen * (1 - lens.drops[..., None]) + bent * lens.drops[..., None]
    if lens.dirt is not None:
        soft = cv2.GaussianBlur(seen, (0, 0), width * 0.008)
        grey = 0.85 * soft + 0.15 * soft.mean()
        seen = seen * (1 - lens.dirt[..., None]) + grey * lens.dirt[..., None]
    return np.clip(seen, 0, 1)


def streaks(rng: Rng, width: int, height: int) -> Mask:
    """Falling rain: near drops long and soft, far ones short and fine."""
    rain = np.zeros((height, width), np.float32)
    slant = float(rng.normal(0, 0.12))
    for _ in range(int(rng.integers(150, 500) * width * height / (640 * 360))):
        length = float(rng.uniform(0.012, 0.07)) * height
        x, y = float(rng.uniform(0, width)), float(rng.uniform(-0.05, 1.0)) * height
        end = int(x + length * math.sin(slant)), int(y + length * math.cos(slant))
        cv2.line(rain, (int(x), int(y)), end, (float(rng.uniform(0.05, 0.22)),), 1, cv2.LINE_AA)
    return cv2.GaussianBlur(rain, (0, 0), 0.7)
