"""Administration's pages of access and of the site itself; what they change goes over the JSON API."""

import platform
import shutil
from collections import Counter
from importlib.metadata import PackageNotFoundError, version
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from api.callers import Caller, RequireRole
from api.desk_answers import page, visitor_of
from api.people_routes import Login
from api.rooms import Rooms, RoomsDep
from api.wire import PLAIN_TEXT
from cases.access.people import Person
from cases.cameras import CameraRecord
from cases.database_facts import database_facts
from cases.known_units import known_units
from cases.roles import Role
from desk.admin_frame import first_section
from desk.admin_people import (
    PeopleView,
    PersonView,
    render_keys,
    render_people,
    render_person,
    render_roles,
)
from desk.admin_site import Disk, ModelRow, SystemView, WorkerRow, render_system

router = APIRouter(prefix="/admin", include_in_schema=False, default_response_class=HTMLResponse)
AdminPage = Annotated[Caller, Depends(RequireRole(Role.ADMIN))]
AdminLook = Annotated[Caller, Depends(RequireRole(Role.ADMIN, Role.AUDITOR))]
"""An auditor looks and changes nothing."""
Search = Annotated[str, Query(max_length=64)]
A_PAGE = 100
ASKED_AT_ONCE = 500


@router.get("")
def show_first(caller: AdminLook) -> Response:
    return RedirectResponse(first_section(caller.holder.roles), 303)


@router.get("/people")
def show_people(
    request: Request,
    admin: AdminPage,
    rooms: RoomsDep,
    search: Search = "",
    role: str = "",
    after: Annotated[str, Query(max_length=64, pattern=PLAIN_TEXT + "|^$")] = "",
) -> Response:
    wanted = Role(role) if role in tuple(Role) else None
    found = _people(rooms, search.strip().lower(), wanted, after)
    more = len(found) > A_PAGE
    view = PeopleView(
        found[:A_PAGE],
        search,
        wanted,
        found[A_PAGE - 1].login if more else "",
        known_units(rooms.store.engine),
        offers_sign_on=rooms.oidc is not None,
    )
    return page(request, render_people(view, visitor_of(request, admin)))


@router.get("/people/{login}")
def show_person(request: Request, admin: AdminPage, login: Login, rooms: RoomsDep) -> Response:
    now = rooms.clock.now()
    view = PersonView(
        rooms.house.access.people.get(login),
        rooms.house.access.credentials.locked_until(login, now),
        tuple(rooms.house.access.sessions.list(now, login)),
        known_units(rooms.store.engine),
        is_self=admin.holder.name == login,
        offers_sign_on=rooms.oidc is not None,
    )
    return page(request, render_person(view, visitor_of(request, admin)))


@router.get("/roles")
def show_roles(request: Request, caller: AdminLook) -> Response:
    return page(request, render_roles(visitor_of(request, caller)))


@router.get("/keys")
def show_keys(request: Request, admin: AdminPage, rooms: RoomsDep) -> Response:
    return page(request, render_keys(rooms.keys.list(), rooms.clock.now(), visitor_of(request, admin)))


@router.get("/system")
def show_system(request: Request, admin: AdminPage, rooms: RoomsDep) -> Response:
    city, site = rooms.cells.city(), rooms.site
    view = SystemView(
        version=_version(),
        python=platform.python_version(),
        database=database_facts(rooms.store.engine),
        disk=_disk(rooms),
        workers=_workers(rooms.store.cameras()),
        notices=tuple(rooms.store.worker_notices()),
        models=()
        if site is None
        else tuple(
            ModelRow(each.name, each.version, each.sha256, each.is_active, each.fault) for each in site.models()
        ),
        outboxes=() if site is None else tuple((each.worker, each.waiting) for each in site.outboxes()),
        grid_file="" if site is None else str(site.grid_file),
        grid_cells=0 if city is None else len(city),
    )
    return page(request, render_system(view, visitor_of(request, admin)))


def _people(rooms: Rooms, search: str, role: Role | None, after: str) -> tuple[Person, ...]:
    """Those that fit, one more than a page shows."""

    def fitting(last: str) -> list[Person]:
        kept: list[Person] = []
        while True:
            some = rooms.house.access.people.list(last or None, ASKED_AT_ONCE)
            kept += (
                each
                for each in some
                if (role is None or role in each.roles)
                and (search in each.login or search in each.display_name.lower() or search in (each.unit or "").lower())
            )
            if len(some) < ASKED_AT_ONCE or len(kept) > A_PAGE:
                return kept
            last = some[-1].login

    return tuple(islice(fitting(after), A_PAGE + 1))


def _version() -> str:
    try:
        return version("gridpatrol")
    except PackageNotFoundError:
        return "—"


def _disk(rooms: Rooms) -> Disk | None:
    if rooms.site is None:
        return None
    try:
        usage = shutil.disk_usage(rooms.site.data_dir)
    except OSError:
        return None
    return Disk(usage.total, usage.free)


def _workers(records: tuple[CameraRecord, ...]) -> tuple[WorkerRow, ...]:
    by_worker: dict[str, list[CameraRecord]] = {}
    for record in records:
        by_worker.setdefault(record.worker_id or "—", []).append(record)
    return tuple(
        WorkerRow(
            worker,
            len(cameras),
            tuple(sorted(Counter(each.state for each in cameras).items())),
            max((each.updated_at for each in cameras if each.updated_at is not None), default=None),
        )
        for worker, cameras in sorted(by_worker.items())
    )
