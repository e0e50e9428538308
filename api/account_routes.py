"""One's own account on the desk: password, second factor, sessions; each change is audited where it is made."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from api.callers import SESSION_COOKIE, Caller, Identified, PostedForm, RequireForm
from api.desk_answers import page, visitor_of
from api.rooms import Rooms, RoomsDep
from api.sign_in_routes import origin_of
from cases.access.errors import PersonRefused, SignInRefused
from desk.pages import AccountView, FactorView, SessionRow, render_account

router = APIRouter(prefix="/account", include_in_schema=False, default_response_class=HTMLResponse)
Posted = Annotated[PostedForm, Depends(RequireForm(None))]
DONE = {"password": "account.password.done", "sessions": "account.sessions.ended"}


@router.get("")
def show_account(request: Request, caller: Identified, rooms: RoomsDep, done: str = "") -> Response:
    return _answer(request, caller, rooms, done_key=DONE.get(done, ""))


@router.post("/password")
def change_password(request: Request, posted: Posted, rooms: RoomsDep) -> Response:
    login = _person_of(posted.caller)
    old, new = posted.fields.get("old", ""), posted.fields.get("new", "")
    kept = request.cookies.get(SESSION_COOKIE)
    try:
        rooms.house.access.credentials.change_password(
            login, old, new, rooms.clock.now(), origin_of(request).address, but=kept
        )
    except (PersonRefused, SignInRefused) as refused:
        return _answer(request, posted.caller, rooms, refusal=str(refused))
    return RedirectResponse("/account?done=password", 303)


@router.post("/second-factor")
def start_second_factor(request: Request, posted: Posted, rooms: RoomsDep) -> Response:
    credentials = rooms.house.access.credentials
    try:
        secret, address = credentials.start_second_factor(_person_of(posted.caller))
    except PersonRefused as refused:
        return _answer(request, posted.caller, rooms, refusal=str(refused))
    return _answer(request, posted.caller, rooms, FactorView(True, secret=secret, address=address))


@router.post("/second-factor/confirm")
def confirm_second_factor(request: Request, posted: Posted, rooms: RoomsDep) -> Response:
    login, code = _person_of(posted.caller), posted.fields.get("code", "")
    try:
        codes = rooms.house.access.credentials.confirm_second_factor(login, code, rooms.clock.now())
    except (PersonRefused, SignInRefused) as refused:
        return _answer(request, posted.caller, rooms, refusal=str(refused))
    return _answer(request, posted.caller, rooms, FactorView(True, is_on=True, recovery_codes=codes))


@router.post("/second-factor/drop")
def drop_second_factor(request: Request, posted: Posted, rooms: RoomsDep) -> Response:
    login, password = _person_of(posted.caller), posted.fields.get("password", "")
    try:
        rooms.house.access.credentials.drop_own_second_factor(
            login, password, rooms.clock.now(), origin_of(request).address
        )
    except SignInRefused as refused:
        return _answer(request, posted.caller, rooms, refusal=str(refused))
    return RedirectResponse("/account", 303)


@router.post("/sessions/end")
def end_other_sessions(request: Request, posted: Posted, rooms: RoomsDep) -> Response:
    caller = posted.caller
    if not caller.by_session:
        raise PersonRefused("a key has no sessions; sign in to end yours")
    kept = request.cookies.get(SESSION_COOKIE)
    rooms.house.access.credentials.end_sessions(caller.holder.name, caller.holder.actor, rooms.clock.now(), but=kept)
    return RedirectResponse("/account?done=sessions", 303)


def _person_of(caller: Caller) -> str:
    """
    Raises:
        PersonRefused: they came by a key or a one-time link.
    """
    if not caller.holder.is_person:
        raise PersonRefused("a key or a one-time link has no password; sign in with a name")
    return caller.holder.name


def _answer(
    request: Request,
    caller: Caller,
    rooms: Rooms,
    factor: FactorView | None = None,
    done_key: str = "",
    refusal: str = "",
) -> Response:
    access, holder = rooms.house.access, caller.holder
    view = AccountView(
        login=holder.name,
        display_name=holder.display_name,
        roles=tuple(sorted(role.value for role in holder.roles)),
        unit=holder.unit or "",
        is_person=holder.is_person,
        must_change=False,
        comes_by_sign_on=False,
        factor=factor or FactorView(access.credentials.offers_second_factor),
        sessions=_sessions(caller, rooms),
        done_key=done_key,
        refusal=refusal,
    )
    if holder.is_person:
        person = access.people.get(holder.name)
        view = replace(view, must_change=person.must_change, comes_by_sign_on=not person.has_password)
        if factor is None and person.has_second_factor:
            left = access.credentials.recovery_codes_left(holder.name)
            view = replace(view, factor=FactorView(True, is_on=True, codes_left=left))
    visitor = replace(visitor_of(request, caller), url="/account")  # a posted page cannot be asked for again
    return page(request, render_account(view, visitor), 422 if refusal else 200)


def _sessions(caller: Caller, rooms: Rooms) -> tuple[SessionRow, ...]:
    if not caller.by_session:
        return ()
    found = rooms.house.access.sessions.list(rooms.clock.now(), caller.holder.name)
    return tuple(
        SessionRow(each.created_at, each.seen_at, each.address, each.agent, each.id == caller.session_id)
        for each in found[:50]
    )
