"""The wall: cameras side by side, page after page, and the person's own tours."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from cases.cameras import CameraRecord
from cases.wall.tours import LONGEST_S, SHORTEST_S, SIZES, Tour
from desk.camera_filters import STATES
from desk.render import render
from desk.visitor import Visitor

MANY_SIZE = 9
"""Where not even the largest page holds every camera."""
MOST_CHOSEN = 500


@dataclass(frozen=True, slots=True)
class WallAsked:
    """What the address asks for."""

    size: int | None = None
    """None: a tour's own, else as many as there are cameras."""
    page: int = 0
    """From 0; beyond the last it begins again."""
    tour: str = ""
    cameras: tuple[str, ...] = ()
    """These, instead of all; a tour's count before them."""


@dataclass(frozen=True, slots=True)
class WallTile:
    """One camera's place."""

    camera_id: str
    name: str
    state: str


@dataclass(frozen=True, slots=True)
class SizeChoice:
    """So many cameras on a page."""

    size: int
    href: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class TourChoice:
    """A tour to start."""

    name: str
    href: str
    is_chosen: bool
    cameras: tuple[str, ...]
    per_page: int
    every_s: float


@dataclass(frozen=True, slots=True)
class KnownCamera:
    """One that a tour can have."""

    camera_id: str
    name: str


@dataclass(frozen=True, slots=True)
class WallView:
    """Everything the wall shows before its script fetches pictures."""

    tiles: tuple[WallTile, ...]
    size: int
    places: int
    """Tiles that a page has room for: the same on every page of many."""
    columns: int
    rows: int
    page: int
    pages: int
    previous_href: str
    next_href: str
    sizes: tuple[SizeChoice, ...]
    tours: tuple[TourChoice, ...]
    tour: TourChoice | None
    known: tuple[KnownCamera, ...]
    all_href: str
    shortest_s: float = SHORTEST_S
    longest_s: float = LONGEST_S


def view_wall(records: Sequence[CameraRecord], tours: Sequence[Tour], asked: WallAsked) -> WallView:
    """
    Args:
        records: every camera that a worker tells of.
        tours: the person's own.
    """
    by_id = {str(record.camera_id): record for record in records}
    tour = next((each for each in tours if each.name == asked.tour), None)
    names = tuple(map(str, tour.cameras)) if tour is not None else asked.cameras[:MOST_CHOSEN] or tuple(sorted(by_id))
    size = asked.size if asked.size in SIZES else fitting_size(len(names)) if tour is None else tour.per_page
    pages = max(1, -(-len(names) // size))
    # One page that holds them all leaves no place empty; pages of many keep theirs, so that nothing jumps.
    places = size if pages > 1 else len(names)
    columns, rows = grid_for(places)
    page = asked.page % pages
    shown = names[page * size : (page + 1) * size]

    def href(size_to: int = size, page_to: int = 0, tour_to: str = asked.tour, cameras: Sequence[str] = ()) -> str:
        query: list[tuple[str, str | int]] = [("size", size_to)]
        query += [("tour", tour_to)] if tour_to else [("camera", each) for each in cameras]
        query += [("page", page_to)] if page_to else []
        return "/wall?" + urlencode(query)

    chosen = () if tour is not None else asked.cameras[:MOST_CHOSEN]
    choices = tuple(
        TourChoice(
            each.name,
            href(each.per_page, 0, each.name),
            tour is not None and each.name == tour.name,
            tuple(map(str, each.cameras)),
            each.per_page,
            each.every_s,
        )
        for each in tours
    )
    return WallView(
        tiles=tuple(_tile(name, by_id.get(name)) for name in shown),
        size=size,
        places=places,
        columns=columns,
        rows=rows,
        page=page,
        pages=pages,
        previous_href=href(size, (page - 1) % pages, cameras=chosen),
        next_href=href(size, (page + 1) % pages, cameras=chosen),
        sizes=tuple(SizeChoice(each, href(each, 0, cameras=chosen), each == size) for each in SIZES),
        tours=choices,
        tour=next((each for each in choices if each.is_chosen), None),
        known=tuple(KnownCamera(name, by_id[name].name) for name in sorted(by_id)),
        all_href="/wall" if asked.size is None or tour is not None else "/wall?" + urlencode({"size": size}),
    )


def fitting_size(cameras: int) -> int:
    """The smallest page that holds them all; a middling one where none does."""
    return next((size for size in sorted(SIZES) if size >= cameras), MANY_SIZE)


def grid_for(tiles: int) -> tuple[int, int]:
    """Columns and rows as square as can be; the page's script fits them to its window."""
    columns = max(1, math.ceil(math.sqrt(tiles)))
    return columns, max(1, -(-tiles // columns))


def render_wall(wall: WallView, visitor: Visitor) -> str:
    return render("wall.html", visitor, wall=wall, states=(*STATES, "unknown"))


def _tile(camera_id: str, record: CameraRecord | None) -> WallTile:
    if record is None:
        return WallTile(camera_id, "", "unknown")
    return WallTile(camera_id, record.name, record.state if record.state in STATES else "unknown")
