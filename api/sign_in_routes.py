"""Signing in and out: a name with its password and code, or a one-time link; a session's cookie out."""

import hmac
import secrets
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from api.callers import CSRF_FIELD, SESSION_COOKIE, PostedForm, RequireForm, read_form
from api.desk_answers import language_of, page, remember_language, theme_of
from api.first_steps import first_page
from api.oidc.way import Way
from api.rooms import Rooms, RoomsDep
from api.way_back import FIELD, LONGEST, way_back
from cases.access.errors import SignInBusy, SignInLocked, SignInRefused
from cases.access.sessions import Origin
from cases.access.sign_in import SignedIn, SignIn
from desk.pages import LANGUAGE_COOKIE, NOTHING_ASKED, Asked, Language, SignInFailure, render_sign_in
from desk.tongue import Words

DOOR_COOKIE = "gridpatrol_door"
"""Ties a sign-in form to the browser that got it: nobody can sign a stranger's browser in from another site."""
router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/login")
def sign_in(
    request: Request,
    rooms: RoomsDep,
    token: Annotated[str | None, Query(max_length=512)] = None,
    back: Annotated[str, Query(alias=FIELD, max_length=4 * LONGEST)] = "",
) -> Response:
    """With a one-time token: in, once. Without: the page that asks for a name, and leads back to ``next``."""
    asked = Asked(way_back(back))
    if not token:
        return door(request, rooms, asked=asked)
    now = rooms.clock.now()
    holder = rooms.keys.redeem_login(token.strip(), now)
    if holder is None:
        return door(request, rooms, SignInFailure("login.failed", "login.again"), 401, asked)
    ttl_s = rooms.settings.session_hours * 3600
    response = RedirectResponse(first_page(rooms, holder), 303)
    session = rooms.house.access.sessions.create(holder, now, ttl_s, origin_of(request))
    set_session(response, request, rooms, session, round(ttl_s))
    return response


@router.post("/login")
async def sign_in_with_password(request: Request, rooms: RoomsDep) -> Response:
    """A new session whatever there was before, so that none that somebody else knows is taken over."""
    fields = await read_form(request)
    asked = Asked(way_back(fields.get(FIELD, "")), fields.get("login", ""))
    offered, expected = fields.get(CSRF_FIELD, ""), request.cookies.get(DOOR_COOKIE, "")
    if not expected or not hmac.compare_digest(offered.encode("utf-8", "replace"), expected.encode()):
        return door(request, rooms, SignInFailure("login.stale"), 403, asked)
    typed = SignIn(fields.get("login", ""), fields.get("password", ""), fields.get("code", "").strip())
    try:
        async with rooms.password_places.one():
            signed_in = await run_sync(_sign_in, request, rooms, typed)
    except SignInRefused:
        return door(request, rooms, SignInFailure("login.refused", "login.refused.why"), 401, asked)
    except SignInLocked as locked:
        failure = SignInFailure("login.locked", "login.locked.why", locked.wait_s)
        response = door(request, rooms, failure, 429, asked)
        response.headers["retry-after"] = str(locked.wait_s)
        return response
    except SignInBusy:
        return door(request, rooms, SignInFailure("login.busy"), 503, asked)
    return await run_sync(let_in, request, rooms, signed_in, asked.back)


@router.post("/logout")
def sign_out(request: Request, posted: Annotated[PostedForm, Depends(RequireForm(None))], rooms: RoomsDep) -> Response:
    token = request.cookies.get(SESSION_COOKIE)
    if posted.caller.by_session and token:
        rooms.house.access.sessions.end(token)
    response = RedirectResponse("/login", 303)
    set_session(response, request, rooms, "", 0)
    return response


def let_in(request: Request, rooms: Rooms, signed_in: SignedIn, back: str = "") -> Response:
    """The page that they asked for, or their first, with the session's cookie; the browser's earlier session ends."""
    held = request.cookies.get(SESSION_COOKIE)
    if held:
        rooms.house.access.sessions.end(held)
    person = signed_in.person
    there = "/account" if person.must_change else way_back(back) or first_page(rooms, person.holder)
    response = RedirectResponse(there, 303)
    set_session(response, request, rooms, signed_in.token, round(rooms.settings.session_hours * 3600))
    response.delete_cookie(DOOR_COOKIE, path="/login")
    if LANGUAGE_COOKIE not in request.cookies:
        remember_language(response, Language(person.language))
    return response


def set_session(response: Response, request: Request, rooms: Rooms, value: str, max_age_s: int) -> None:
    response.set_cookie(
        SESSION_COOKIE,
        value,
        max_age=max_age_s,
        path="/",
        secure=is_secure(request, rooms),
        httponly=True,
        samesite="lax",
    )


def origin_of(request: Request) -> Origin:
    """Where the browser says it comes from, for the list of sessions and the lock-out."""
    return Origin(request.client.host if request.client else "", request.headers.get("user-agent", "")[:200])


def _sign_in(request: Request, rooms: Rooms, typed: SignIn) -> SignedIn:
    ttl_s = rooms.settings.session_hours * 3600
    return rooms.house.access.door.sign_in(typed, origin_of(request), rooms.clock.now(), ttl_s)


def door(
    request: Request,
    rooms: Rooms,
    failure: SignInFailure | None = None,
    status: int = 200,
    asked: Asked = NOTHING_ASKED,
) -> Response:
    """The sign-in page, tied to the browser that gets it."""
    token = request.cookies.get(DOOR_COOKIE) or secrets.token_urlsafe(24)
    ways = None if rooms.oidc is None else titles_of(rooms.oidc)
    response = page(
        request, render_sign_in(language_of(request), token, failure, theme_of(request), ways, asked), status
    )
    response.set_cookie(
        DOOR_COOKIE,
        token,
        max_age=3600,
        path="/login",
        secure=is_secure(request, rooms),
        httponly=True,
        samesite="strict",
    )
    return response


def titles_of(way: Way) -> Words:
    """What the city calls its single sign-on."""
    return Words(way.provider.settings.title_zh, way.provider.settings.title_en)


def is_secure(request: Request, rooms: Rooms) -> bool:
    return rooms.settings.cookies_are_secure or request.url.scheme == "https"
