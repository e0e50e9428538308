"""Administration's pages of the city: places, catalogue, calendars; read here, changed over the JSON API."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from api.desk_admin_routes import AdminLook
from api.desk_answers import page, visitor_of
from api.place_routes import PlaceKey
from api.place_wire import SEES_PHONES
from api.rooms import RoomsDep
from cases.places.levels import PlaceLevel
from cases.places.store import PlaceQuery
from cases.worktime.calendar import DEFAULT_CALENDAR
from desk.admin_map import draw_areas
from desk.admin_places import (
    CalendarView,
    CatalogueView,
    PlacesView,
    months_of,
    render_calendar,
    render_catalogue,
    render_place,
    render_places,
    versions_behind,
    week_of,
)

router = APIRouter(prefix="/admin", include_in_schema=False, default_response_class=HTMLResponse)
A_PAGE = 100
VERSIONS_SHOWN = 50
UNITS_DRAWN = 1500
Digits = Annotated[str, Query(max_length=15, pattern=r"^[0-9]*$")]


@router.get("/places")
def show_places(
    request: Request, caller: AdminLook, rooms: RoomsDep, level: str = "", within: Digits = "", after: Digits = ""
) -> Response:
    store, city = rooms.house.places, rooms.cells.city()
    wanted = PlaceLevel(level) if level in tuple(PlaceLevel) else None
    found = store.page(PlaceQuery(wanted, within or None), after, A_PAGE + 1)
    outlines = [[(at.x, at.y) for at in unit.ring] for unit in list(city or ())[:UNITS_DRAWN]]
    view = PlacesView(
        places=found[:A_PAGE],
        day=store.today(rooms.clock.now()),
        level=wanted,
        within=within,
        next_cursor=found[A_PAGE - 1].code if len(found) > A_PAGE else "",
        is_from_desk=rooms.site is not None and rooms.site.layer is not None,
        grid_cells=0 if city is None else len(city),
        map=draw_areas((), outlines),
    )
    return page(request, render_places(view, visitor_of(request, caller)))


@router.get("/places/{code}")
def show_place(request: Request, caller: AdminLook, code: PlaceKey, rooms: RoomsDep) -> Response:
    store = rooms.house.places
    day = store.today(rooms.clock.now())
    shows_phones = bool(caller.holder.roles & SEES_PHONES)
    return page(request, render_place(store.get(code), day, shows_phones, visitor_of(request, caller)))


@router.get("/catalogue")
def show_catalogue(
    request: Request,
    caller: AdminLook,
    rooms: RoomsDep,
    version: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
) -> Response:
    store = rooms.house.catalogue
    current = store.in_force()
    shown = current if version is None else store.get(version)
    versions = store.versions(limit=VERSIONS_SHOWN)
    before = versions_behind(versions, shown.version)
    changes = () if before is None else store.compare(before, shown.version)
    view = CatalogueView(shown, current.version, versions, changes)
    return page(request, render_catalogue(view, visitor_of(request, caller)))


@router.get("/calendars")
def show_calendar(
    request: Request,
    caller: AdminLook,
    rooms: RoomsDep,
    id: Annotated[str, Query(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")] = DEFAULT_CALENDAR,
    year: Annotated[int | None, Query(ge=1971, le=8999)] = None,
) -> Response:
    store = rooms.house.calendars
    kept = store.get(id)
    today = kept.calendar.day_of(rooms.clock.now())
    shown = year or today.year
    others = tuple(each.calendar_id for each in store.all())
    versions = tuple(store.versions(id, None, VERSIONS_SHOWN))
    view = CalendarView(kept, shown, months_of(kept, shown, today), versions, others, week_of(kept))
    return page(request, render_calendar(view, visitor_of(request, caller)))
