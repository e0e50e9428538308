"""What a seed asks for: kind, light and camera of a still, drawn before anything is built."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.scenes import GENERATOR
from models.scenes.cameras import CameraChoice
from models.scenes.labels import CATEGORIES

KINDS = (*CATEGORIES, "negative", "mixed")
LIGHTS = ("day", "lowsun", "overcast", "wet", "dusk", "night", "rain", "backlight")
"""The last two came with generator 2."""
DARK = ("dusk", "night")
SODDEN = ("wet", "rain")

_KIND_SHARES = {
    "negative": 0.25,
    "mixed": 0.35,
    "street_stall": 0.15,
    "exposed_garbage": 0.1,
    "roadside_clutter": 0.15,
}
LIGHT_SHARES = {
    1: {"day": 0.25, "overcast": 0.2, "lowsun": 0.2, "wet": 0.1, "dusk": 0.12, "night": 0.13},
    2: {
        "day": 0.2,
        "overcast": 0.16,
        "lowsun": 0.16,
        "wet": 0.08,
        "dusk": 0.12,
        "night": 0.12,
        "rain": 0.08,
        "backlight": 0.08,
    },
}
"""For each generator."""
_PLAN_STREAM = 4242
"""The plan has a random stream of its own, apart from the scene's."""


@dataclass(frozen=True, slots=True)
class Heights:
    """How high cameras may hang, and which heights are kept back, in metres."""

    lowest_m: float = 3.2
    highest_m: float = 8.0
    excluded_m: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if not 1.0 <= self.lowest_m < self.highest_m <= 20.0:
            raise ValueError(
                f"camera heights {self.lowest_m:g}-{self.highest_m:g} m; mend: LOW-HIGH between 1 and 20 m, LOW first"
            )
        if self.excluded_m is not None:
            low, high = self.excluded_m
            if not low < high or (low <= self.lowest_m and high >= self.highest_m):
                raise ValueError(f"excluded heights {low:g}-{high:g} m leave no camera; mend: a narrower LOW-HIGH")

    def allow(self, height_m: float) -> bool:
        """True for a height that is not kept back."""
        return self.excluded_m is None or not self.excluded_m[0] < height_m < self.excluded_m[1]


@dataclass(frozen=True, slots=True)
class StillPlan:
    """One labelled picture to be made."""

    seed: int
    kind: str
    light: str
    camera: CameraChoice
    generator: int = GENERATOR
    lookalikes: tuple[str, ...] = ()
    """Look-alikes that are wanted: they get their place before the cars; those that are drawn come last of all."""

    @property
    def name(self) -> str:
        """File name without ending."""
        return f"rd_{self.seed:06d}"


def plan_still(
    seed: int,
    heights: Heights,
    kind: str | None = None,
    light: str | None = None,
    generator: int = GENERATOR,
    lookalikes: Sequence[str] = (),
) -> StillPlan:
    """What the seed asks for; ``kind`` and ``light`` replace what was drawn without changing the camera.

    Raises:
        ValueError: the generator knows no such look-alikes.
    """
    if lookalikes and generator == 1:
        raise ValueError("generator 1 has no look-alikes to be asked for; mend: --generator 2")
    rng = np.random.default_rng(seed + _PLAN_STREAM)
    drawn_kind = draw(rng, _KIND_SHARES)
    drawn_light = draw(rng, LIGHT_SHARES[generator])
    return StillPlan(
        seed, kind or drawn_kind, light or drawn_light, draw_camera(rng, heights), generator, tuple(lookalikes)
    )


def draw(rng: np.random.Generator, shares: dict[str, float]) -> str:
    """One of the names, as often as its share says; one draw."""
    return str(rng.choice(list(shares), p=list(shares.values())))


def draw_camera(rng: np.random.Generator, heights: Heights) -> CameraChoice:
    """Any camera of the allowed heights: the higher it hangs, the steeper it looks."""
    while True:
        height = float(rng.uniform(heights.lowest_m, heights.highest_m))
        if heights.allow(height):
            break
    tilt = 15 + (height - 3) * 4 + float(rng.uniform(-2, 8))
    return CameraChoice(height, tilt, float(rng.uniform(18, 72)), float(rng.uniform(52, 76)))


def seeds(first: int, count: int, step: int) -> Sequence[int]:
    """``count`` seeds from ``first`` on, ``step`` apart: several processes share a range without meeting."""
    return range(first, first + count * step, step)
