"""The same figures for a share of what was judged: by the picture's light, by the object's size."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from models.matching import ANY_AREA, JudgedPicture, Light, average_precision, match

SIZES: dict[str, tuple[float, float]] = {
    "small": (0.0, 32.0**2),
    "medium": (32.0**2, 96.0**2),
    "large": (96.0**2, float("inf")),
}
"""COCO's areas in square pixels, of the picture scaled to a longer side of 640 (``matching.REFERENCE_SIDE_PX``).

So a box keeps its bin whatever the camera's resolution and the network's input, and two models can be compared.
"""

LIGHTS: tuple[Light, ...] = ("day", "dusk", "night")


@dataclass(frozen=True, slots=True)
class ShareReport:
    """One category in one light, or among the objects of one size."""

    category: str
    boxes: int
    ap50: float | None
    """None without boxes; of a handful it says little."""


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Share -> one row per category."""

    by_light: Mapping[Light, tuple[ShareReport, ...]]
    """Only lights that occur; pictures whose light nobody looked at are in none."""
    by_size: Mapping[str, tuple[ShareReport, ...]]

    def as_json(self) -> dict[str, Any]:
        """Plain values, for ``json.dumps``."""
        return asdict(self)


def break_down(judged: Sequence[JudgedPicture], categories: Sequence[str]) -> Breakdown:
    """AP50 of each category by light and by size."""
    lights = {light: [picture for picture in judged if picture.light == light] for light in LIGHTS}
    return Breakdown(
        by_light={light: _rows(seen, categories, ANY_AREA) for light, seen in lights.items() if seen},
        by_size={size: _rows(judged, categories, area) for size, area in SIZES.items()},
    )


def _rows(
    judged: Sequence[JudgedPicture], categories: Sequence[str], area_px2: tuple[float, float]
) -> tuple[ShareReport, ...]:
    made = ((category, match(judged, category, 0.5, area_px2)) for category in categories)
    return tuple(ShareReport(category, matches.truth_count, average_precision(matches)) for category, matches in made)
