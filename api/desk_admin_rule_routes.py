"""Administration's pages of policy: permits, suppressions, filing without a person; changed over the JSON API."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from api.desk_admin_routes import AdminLook
from api.desk_answers import page, visitor_of
from api.rooms import Rooms, RoomsDep
from cases.policy.judging import may_file
from cases.policy.reviews import MeasuredPlace
from cases.policy.rules import AutoMode, PolicyRules
from cases.transactions import reading
from desk.admin_map import draw_areas
from desk.admin_rules import (
    AutoRow,
    AutoView,
    PermitsView,
    SuppressionsView,
    render_auto_filing,
    render_permits,
    render_suppressions,
)

router = APIRouter(prefix="/admin", include_in_schema=False, default_response_class=HTMLResponse)
A_PAGE = 100
UNITS_DRAWN = 1500
Id = Annotated[int, Query(ge=0, le=2**31 - 1)]


@router.get("/permits")
def show_permits(request: Request, caller: AdminLook, rooms: RoomsDep, after: Id = 0, edit: Id = 0) -> Response:
    store = rooms.house.policy.permits
    found = store.page(after, A_PAGE + 1)
    shown = found[:A_PAGE]
    areas = [(kept.permit.number, kept.rings) for kept in shown if kept.rings]
    view = PermitsView(
        permits=shown,
        next_cursor=str(shown[-1].permit.id) if len(found) > A_PAGE else "",
        today=rooms.house.places.today(rooms.clock.now()),
        map=draw_areas(areas, _units(rooms)) if areas else None,
        edited=store.get(edit) if edit else None,
    )
    return page(request, render_permits(view, visitor_of(request, caller)))


@router.get("/suppressions")
def show_suppressions(
    request: Request, caller: AdminLook, rooms: RoomsDep, before: Id = 0, all: bool = False
) -> Response:
    policy, now = rooms.house.policy, rooms.clock.now()
    found = policy.suppressions.page(before or None, A_PAGE + 1, None if all else now)
    shown = found[:A_PAGE]
    cursor = str(shown[-1].suppression.id) if len(found) > A_PAGE else ""
    view = SuppressionsView(shown, cursor, now, all, policy.policy.settings.suppression_days)
    return page(request, render_suppressions(view, visitor_of(request, caller)))


@router.get("/auto-filing")
def show_auto_filing(request: Request, caller: AdminLook, rooms: RoomsDep) -> Response:
    policy = rooms.house.policy
    settings = policy.policy.settings
    with reading(rooms.store.engine) as connection:
        rules = policy.policy.rules(connection, rooms.clock.now())
    found = policy.reviews.page(settings.auto_last, None, A_PAGE * 5)
    view = AutoView(
        bar=settings.auto_bar,
        least=settings.auto_least,
        last=settings.auto_last,
        switches=tuple(policy.profiles.switches()),
        rows=tuple(_row(each, rules) for each in found),
        cameras=tuple(str(each.camera_id) for each in rooms.store.cameras()),
    )
    return page(request, render_auto_filing(view, visitor_of(request, caller)))


def _row(found: MeasuredPlace, rules: PolicyRules) -> AutoRow:
    place, measured = found.place, found.measured
    switch = rules.switch_for(place.category, place.camera_id)
    mode = AutoMode.QUEUE if switch is None else switch.mode
    files, why = may_file(mode, measured, rules)
    return AutoRow(
        camera_id=place.camera_id,
        category=place.category,
        is_night=place.is_night,
        reviewed=measured.reviewed,
        right=measured.right,
        precision=measured.precision,
        lower=measured.lower_bound(rules.settings.auto_z),
        mode=mode,
        files=files,
        zh=why.zh,
        en=why.en,
    )


def _units(rooms: Rooms) -> list[list[tuple[float, float]]]:
    city = rooms.cells.city()
    return [[(at.x, at.y) for at in unit.ring] for unit in list(city or ())[:UNITS_DRAWN]]
