"""The map page: what the grids are coloured by, its legend in words, and the same figures as a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from cases.cameras import CameraRecord
from cases.case import Case
from desk.camera_page import camera_href, wall_href
from desk.cell_facts import CellFacts
from desk.map_scale import Shade, Step, steps_of
from desk.render import render
from desk.visitor import Visitor
from grid.codes import Level

MOST_ROWS = 200
LEVEL_ORDER = (Level.DISTRICT, Level.STREET, Level.COMMUNITY, Level.GRID)
DIGITS = {6: Level.STREET, 9: Level.COMMUNITY, 12: Level.GRID}
"""What lies right below a prefix of so many digits."""


@dataclass(frozen=True, slots=True)
class MapPlace:
    """One grid or area with its figures."""

    code: str
    name: str
    level: Level
    value: int = 0
    step: int = 0
    open: int = 0
    late: int = 0
    cameras: int = 0
    live: int = 0


@dataclass(frozen=True, slots=True)
class MapTiles:
    """A tile server, as the page's script needs it."""

    url: str = ""
    attribution: str = ""
    max_zoom: int = 18
    datum: str = "wgs84"


@dataclass(frozen=True, slots=True)
class ShadeChoice:
    """One way to colour."""

    shade: Shade
    href: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class LegendView:
    """The steps of one level."""

    level: Level
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One line of the table."""

    code: str
    name: str
    value: int
    step: int
    open: int
    late: int
    cameras: int
    live: int
    href: str
    """What lies below, or the open cases of a grid."""


@dataclass(frozen=True, slots=True)
class Crumb:
    """A way back up the levels."""

    code: str
    name: str
    href: str


@dataclass(frozen=True, slots=True)
class MapView:
    """Everything the map page shows before its script draws."""

    shade: Shade
    choices: tuple[ShadeChoice, ...]
    legends: tuple[LegendView, ...]
    rows: tuple[PlaceRow, ...]
    level: Level
    """What the table's lines are."""
    crumbs: tuple[Crumb, ...]
    more: int
    """Lines that did not fit."""
    grids: int
    elsewhere: int
    unplaced: int
    """Cameras whose place is not known."""
    tiles: MapTiles


def view_map(
    shade: Shade, within: str, places: Sequence[MapPlace], elsewhere: int, unplaced: int, tiles: MapTiles
) -> MapView:
    """
    Args:
        within: code of a district, street or community; empty: the city.
        places: every grid and area.
    """
    level = _level_below(within, places)
    inside = [place for place in places if place.level is level and place.code.startswith(within)]
    ranked = sorted(inside, key=lambda place: (-place.value, -place.open, place.code))
    rows = tuple(_row(place, shade) for place in ranked[:MOST_ROWS])
    names = {place.code: place.name for place in places}
    return MapView(
        shade=shade,
        choices=tuple(ShadeChoice(each, _href(each, within), each is shade) for each in Shade),
        legends=tuple(LegendView(each, steps_of(shade, each)) for each in LEVEL_ORDER),
        rows=rows,
        level=level,
        crumbs=tuple(
            Crumb(within[:digits], names.get(within[:digits], ""), _href(shade, within[:digits]))
            for digits in DIGITS
            if len(within) >= digits
        ),
        more=max(0, len(inside) - MOST_ROWS),
        grids=sum(place.level is Level.GRID for place in places),
        elsewhere=elsewhere,
        unplaced=unplaced,
        tiles=tiles,
    )


def render_map_page(map_view: MapView, visitor: Visitor) -> str:
    return render("map.html", visitor, map=map_view, up=_href(map_view.shade, ""))


@dataclass(frozen=True, slots=True)
class CellCard:
    """What stands beside the map when a grid is chosen."""

    cell: CellFacts
    figures: MapPlace
    cases: tuple[Case, ...]
    """Its newest open ones."""
    cameras: tuple[CameraRecord, ...]
    """Those that see it."""
    cases_href: str


def render_cell_card(card: CellCard, visitor: Visitor) -> str:
    return render("map_cell.html", visitor, card=card)


@dataclass(frozen=True, slots=True)
class CameraCard:
    """What stands beside the map when a camera is chosen."""

    camera_id: str
    record: CameraRecord | None
    cells: tuple[str, ...]
    """Grids that it sees."""
    is_silent: bool
    cases_href: str
    wall_href: str
    page_href: str


def view_camera(camera_id: str, record: CameraRecord | None, cells: Sequence[str], is_silent: bool) -> CameraCard:
    return CameraCard(
        camera_id,
        record,
        tuple(cells),
        is_silent,
        "/?" + urlencode({"camera_id": camera_id}),
        wall_href(camera_id),
        camera_href(camera_id),
    )


def render_camera_card(card: CameraCard, visitor: Visitor) -> str:
    return render("map_camera.html", visitor, card=card)


def cases_in(code: str) -> str:
    """The case list, narrowed to a grid's open cases."""
    return "/?" + urlencode({"text": code})


def figures_of(code: str, figures: Mapping[str, MapPlace], name: str) -> MapPlace:
    """A grid's figures; nothing stands there where none were counted."""
    return figures.get(code, MapPlace(code, name, Level.GRID))


def _level_below(within: str, places: Sequence[MapPlace]) -> Level:
    """The first level of which there is more than one inside, so that nobody clicks through a single district."""
    order = LEVEL_ORDER[LEVEL_ORDER.index(DIGITS.get(len(within), Level.DISTRICT)) :]
    for level in order:
        if sum(place.level is level and place.code.startswith(within) for place in places) > 1:
            return level
    return Level.GRID


def _row(place: MapPlace, shade: Shade) -> PlaceRow:
    return PlaceRow(
        place.code,
        place.name,
        place.value,
        place.step,
        place.open,
        place.late,
        place.cameras,
        place.live,
        cases_in(place.code) if place.level is Level.GRID else _href(shade, place.code),
    )


def _href(shade: Shade, within: str) -> str:
    query = {"show": shade.value} | ({"within": within} if within else {})
    return "/map?" + urlencode(query)
