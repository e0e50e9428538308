"""The page of an installation's first steps; what it changes goes over the JSON API, but for the first admin."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from api.callers import SESSION_COOKIE, PostedForm, RequireForm
from api.desk_admin_routes import AdminPage
from api.desk_answers import page, visitor_of
from api.first_steps import how_far
from api.rooms import RoomsDep
from api.sign_in_routes import origin_of, set_session
from cases.access.errors import PersonRefused, PersonTaken
from cases.access.first_person import begin_as_first
from cases.access.sign_in import SignIn
from cases.keys import Scope
from desk.start_page import render_start, render_start_progress

router = APIRouter(prefix="/start", include_in_schema=False, default_response_class=HTMLResponse)
Posted = Annotated[PostedForm, Depends(RequireForm(Scope.ADMIN))]


@router.get("")
def show_start(request: Request, admin: AdminPage, rooms: RoomsDep) -> Response:
    return page(request, render_start(how_far(rooms, admin.holder), visitor_of(request, admin)))


@router.get("/progress")
def show_progress(request: Request, admin: AdminPage, rooms: RoomsDep) -> Response:
    """The steps that go on by themselves, as a part of the page."""
    return HTMLResponse(render_start_progress(how_far(rooms, admin.holder), visitor_of(request, admin)))


@router.post("/me")
def make_me(request: Request, posted: Posted, rooms: RoomsDep) -> Response:
    """The first admin, signed in as themselves; the one-time link's session ends."""
    fields, access, now = posted.fields, rooms.house.access, rooms.clock.now()
    typed = SignIn(fields.get("login", "").strip(), fields.get("password", ""))
    ttl_s = rooms.settings.session_hours * 3600
    refused, refusal = ("again", "differs") if typed.password != fields.get("again", "") else ("", "")
    if not refused:
        try:
            signed_in = begin_as_first(
                access.people,
                access.credentials,
                access.door,
                typed,
                fields.get("display_name", ""),
                posted.caller.holder.actor,
                origin_of(request),
                now,
                ttl_s,
            )
        except PersonTaken as error:
            refused, refusal = "login", str(error)
        except PersonRefused as error:
            refused, refusal = _field_of(str(error)), str(error)
    if refused:
        kept = {name: fields.get(name, "") for name in ("login", "display_name")}
        view = replace(how_far(rooms, posted.caller.holder), typed=kept, refused=refused, refusal=refusal)
        visitor = replace(visitor_of(request, posted.caller), url="/start")
        return page(request, render_start(view, visitor), 422)
    held = request.cookies.get(SESSION_COOKIE)
    if held:
        access.sessions.end(held)
    response = RedirectResponse("/start", 303)
    set_session(response, request, rooms, signed_in.token, round(ttl_s))
    return response


def _field_of(refusal: str) -> str:
    """Which field of the form a refusal is about: its text begins with it."""
    for name in ("display_name", "login"):
        if refusal.startswith(name):
            return name
    return "login" if refusal.startswith("an admin") else "password"
