"""Administration of the city: places with their grades, units and people; the catalogue; working calendars."""

from calendar import Calendar
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from cases.catalogue.difference import CatalogueChange
from cases.catalogue.in_force import CatalogueInForce
from cases.catalogue.store import CatalogueVersion
from cases.places.facts import PlaceFacts
from cases.places.levels import PlaceLevel
from cases.worktime.documents import WEEKDAYS
from cases.worktime.in_force import CalendarInForce
from cases.worktime.store import CalendarVersion
from desk.admin_calendar_rows import calendar_rows
from desk.admin_frame import render_admin
from desk.admin_map import AreaMap
from desk.visitor import Visitor
from grid.units import Zone

WORK, OFF, HOLIDAY, MAKE_UP = "work", "off", "holiday", "makeup"


@dataclass(frozen=True, slots=True)
class PlacesView:
    """Some places, and the grid that the cameras look at."""

    places: tuple[PlaceFacts, ...]
    day: date
    level: PlaceLevel | None
    within: str
    next_cursor: str
    is_from_desk: bool
    """The imported unit grids are the grid; otherwise a file has it."""
    grid_cells: int
    map: AreaMap | None


@dataclass(frozen=True, slots=True)
class CatalogueView:
    """One version, the list of them, and what it changed."""

    shown: CatalogueInForce
    current: int
    versions: tuple[CatalogueVersion, ...]
    changes: tuple[CatalogueChange, ...]
    """From the version before to the one that is shown."""


@dataclass(frozen=True, slots=True)
class DayCell:
    """One day of a month's sheet."""

    day: int
    """0: not of this month."""
    kind: str = OFF
    title: str = ""
    is_today: bool = False


@dataclass(frozen=True, slots=True)
class MonthSheet:
    """A month, week by week from Monday."""

    month: int
    days: tuple[DayCell, ...]
    work_days: int


@dataclass(frozen=True, slots=True)
class CalendarView:
    """One calendar over a year."""

    kept: CalendarInForce
    year: int
    months: tuple[MonthSheet, ...]
    versions: tuple[CalendarVersion, ...]
    others: tuple[str, ...]
    week: tuple[tuple[str, str], ...] = field(default=())
    """Weekday and its shifts in words."""


def render_places(view: PlacesView, visitor: Visitor) -> str:
    """Places by code, their import and export."""
    return render_admin("places", "admin_places.html", visitor, view=view, levels=tuple(PlaceLevel))


def render_place(place: PlaceFacts, day: date, shows_phones: bool, visitor: Visitor) -> str:
    """One place with everything that was, is and will be assigned to it."""
    return render_admin(
        "places", "admin_place.html", visitor, place=place, day=day, shows_phones=shows_phones, zones=tuple(Zone)
    )


def render_catalogue(view: CatalogueView, visitor: Visitor) -> str:
    """The categories as one version says, and the import of another."""
    return render_admin("catalogue", "admin_catalogue.html", visitor, view=view)


def render_calendar(view: CalendarView, visitor: Visitor) -> str:
    """Shifts, holidays and make-up days of a year."""
    rows = calendar_rows(view.kept.document, view.year)
    return render_admin("calendars", "admin_calendars.html", visitor, view=view, rows=rows)


def months_of(kept: CalendarInForce, year: int, today: date) -> tuple[MonthSheet, ...]:
    """The year's twelve sheets."""
    return tuple(_sheet(kept, year, month, today) for month in range(1, 13))


def week_of(kept: CalendarInForce) -> tuple[tuple[str, str], ...]:
    """Each weekday's shifts; a dash for none."""
    return tuple((day, "  ".join(kept.document.week.get(day, ())) or "—") for day in WEEKDAYS)


def _sheet(kept: CalendarInForce, year: int, month: int, today: date) -> MonthSheet:
    cells: list[DayCell] = []
    worked = 0
    names = {each.date: each.name for each in kept.document.holidays}
    made_up = {each.date: each.name for each in kept.document.workdays}
    for day in Calendar().itermonthdates(year, month):
        if day.month != month:
            cells.append(DayCell(0))
            continue
        if day in names:
            kind, title = HOLIDAY, names[day]
        elif day in made_up:
            kind, title = MAKE_UP, made_up[day]
        else:
            kind, title = (WORK if kept.document.week.get(WEEKDAYS[day.weekday()]) else OFF), ""
        worked += kind in (WORK, MAKE_UP)
        cells.append(DayCell(day.day, kind, title, day == today))
    return MonthSheet(month, tuple(cells), worked)


def versions_behind(versions: Sequence[CatalogueVersion], shown: int) -> int | None:
    """The version that came before the one that is shown; None for the first."""
    older = [each.version for each in versions if each.version < shown]
    return max(older, default=None)
