"""A tour: a person's named list of cameras, shown page after page."""

from dataclasses import dataclass
from datetime import datetime

from cases.wall.errors import TourRefused
from core.ids import CameraId

MOST_TOURS = 50
"""Of one person."""
MOST_CAMERAS = 500
LONGEST_NAME = 60
SIZES = (1, 4, 9, 16)
"""Cameras on one page."""
SHORTEST_S, LONGEST_S = 5.0, 3600.0


@dataclass(frozen=True, slots=True)
class Tour:
    """What a person wants to see, in this order."""

    name: str
    cameras: tuple[CameraId, ...]
    per_page: int = 4
    every_s: float = 20.0
    """How long a page stands."""
    changed_at: datetime | None = None
    """Filled in by the store."""


def check_tour(tour: Tour) -> Tour:
    """The tour with its name trimmed and each camera once.

    Raises:
        TourRefused: naming what is not right, and the mend.
    """
    name = tour.name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable() or "/" in name:
        raise TourRefused(f"the tour's name {name[:80]!a} is not usable; give 1 to {LONGEST_NAME} characters without /")
    cameras = tuple(dict.fromkeys(tour.cameras))
    if not 1 <= len(cameras) <= MOST_CAMERAS:
        raise TourRefused(f"a tour of {len(cameras)} cameras; choose 1 to {MOST_CAMERAS}")
    if tour.per_page not in SIZES:
        raise TourRefused(f"{tour.per_page} cameras on a page; choose 1, 4, 9 or 16")
    if not SHORTEST_S <= tour.every_s <= LONGEST_S:
        raise TourRefused(f"a page for {tour.every_s:g} s; choose {SHORTEST_S:g} to {LONGEST_S:g} seconds")
    return Tour(name, cameras, tour.per_page, tour.every_s, tour.changed_at)
