"""Who calls: a program by its key, or a person by the desk's session cookie; and what each may do."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import parse_qs

from anyio.to_thread import run_sync
from fastapi import Depends, Request, Security
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from api.problems import (
    CredentialRefused,
    CsrfRefused,
    KeyMissing,
    MediaTypeRefused,
    PasswordChangeNeeded,
    RoleMissing,
    ScopeMissing,
)
from api.rooms import Rooms, RoomsDep
from cases.keys import KeyHolder, Scope
from cases.roles import Role

SESSION_COOKIE = "gridpatrol_session"
CSRF_HEADER = "x-csrf-token"
CSRF_FIELD = "csrf_token"
LONGEST_CREDENTIAL = 512
OPEN_WITH_INITIAL_PASSWORD = frozenset({"/account", "/account/password", "/logout", "/api/v1/me"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FORM = "application/x-www-form-urlencoded"

bearer = HTTPBearer(auto_error=False, scheme_name="key", description="a key made by `gridpatrol keys create`: `gp_…`")
session_cookie = APIKeyCookie(
    name=SESSION_COOKIE, auto_error=False, scheme_name="desk session", description="set by /login"
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Someone who was let in."""

    holder: KeyHolder
    csrf_token: str = field(default="", repr=False)
    """What a change must bring along; empty for a key, which no browser sends by itself."""
    session_id: str = ""
    """Of a cookie's session, as lists name it."""
    _look_again: Callable[[], bool] = field(default=lambda: False, repr=False)

    @property
    def by_session(self) -> bool:
        return self.csrf_token != ""

    def is_still_welcome(self) -> bool:
        """Asks the key store again: keys are revoked and sessions end while a stream is open."""
        return self._look_again()


async def identify(
    request: Request,
    rooms: RoomsDep,
    key: Annotated[HTTPAuthorizationCredentials | None, Security(bearer)],
    cookie: Annotated[str | None, Security(session_cookie)],
) -> Caller:
    """The caller, by key before cookie.

    Raises:
        KeyMissing: neither came.
        CredentialRefused: what came is not valid now.
        PasswordChangeNeeded: a person whose initial password opens nothing else.
    """
    if "authorization" in request.headers:
        return await _by_key(rooms, key.credentials if key is not None else "")
    if cookie:
        return await run_sync(_by_session, rooms, cookie, request.url.path)
    raise KeyMissing("send the header `Authorization: Bearer gp_...`, or sign in at /login")


async def _by_key(rooms: Rooms, plain: str) -> Caller:
    def look() -> KeyHolder | None:
        return rooms.keys.verify(plain, rooms.clock.now())

    holder: KeyHolder | None = None
    if 0 < len(plain) <= LONGEST_CREDENTIAL and plain.isascii():
        holder = rooms.keys.verified_lately(plain, rooms.clock.now()) or await run_sync(look)
    if holder is None:
        raise CredentialRefused("the key is unknown, revoked or expired; make a new one with `gridpatrol keys create`")
    return Caller(holder, _look_again=lambda: look() is not None)


def _by_session(rooms: Rooms, token: str, path: str) -> Caller:
    sessions = rooms.house.access.sessions
    session = sessions.find(token, rooms.clock.now()) if len(token) <= LONGEST_CREDENTIAL and token.isascii() else None
    if session is None:
        raise CredentialRefused("the desk session has ended; sign in again")
    if session.must_change and path not in OPEN_WITH_INITIAL_PASSWORD:
        raise PasswordChangeNeeded("the password is an initial one; change it first, on the desk's page /account")
    return Caller(
        session.holder,
        csrf_token=session.csrf_token,
        session_id=session.id,
        _look_again=lambda: sessions.find(token, rooms.clock.now(), is_use=False) is not None,
    )


Identified = Annotated[Caller, Depends(identify)]


def check_csrf(caller: Caller, offered: str) -> None:
    """A change by cookie must carry what only our own pages know.

    Raises:
        CsrfRefused: it does not.
    """
    if caller.by_session and not hmac.compare_digest(offered.encode(), caller.csrf_token.encode()):
        raise CsrfRefused(
            f"changes made with the desk's cookie need its token in the header {CSRF_HEADER} or the form field "
            f"{CSRF_FIELD}; load the page again"
        )


@dataclass(frozen=True, slots=True)
class Require:
    """Lets in whoever may do one thing."""

    scope: Scope
    lets_bound_in: bool = False
    """Also people who see their own unit's cases only: the route shows them nothing else."""

    async def __call__(self, request: Request, caller: Identified) -> Caller:
        _check_scope(caller, self.scope)
        if caller.holder.is_bound and not self.lets_bound_in:
            raise RoleMissing(
                f"{caller.holder.name!r} is of a handling unit and sees its cases only; ask an admin for a desk role"
            )
        if request.method not in SAFE_METHODS:
            check_csrf(caller, request.headers.get(CSRF_HEADER, ""))
        return caller


@dataclass(frozen=True, slots=True, init=False)
class RequireRole:
    """Lets in whoever has at least one of the roles."""

    roles: frozenset[Role]

    def __init__(self, *roles: Role) -> None:
        object.__setattr__(self, "roles", frozenset(roles))

    async def __call__(self, request: Request, caller: Identified) -> Caller:
        _check_role(caller, self.roles)
        if request.method not in SAFE_METHODS:
            check_csrf(caller, request.headers.get(CSRF_HEADER, ""))
        return caller


async def read_form(request: Request) -> dict[str, str]:
    """A desk form's fields.

    Raises:
        MediaTypeRefused: it is no form, or not one of ours.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise MediaTypeRefused(f"this address takes a form; send it as {FORM}")
    body = (await request.body()).decode("utf-8", "replace")
    try:
        return {name: values[-1] for name, values in parse_qs(body, True, max_num_fields=50).items()}
    except ValueError as error:
        raise MediaTypeRefused("the form has more than 50 fields; send the desk's own form") from error


@dataclass(frozen=True, slots=True)
class PostedForm:
    """A form of the desk, posted by someone who may do what it asks; its token is checked."""

    caller: Caller
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class RequireForm:
    """Lets in a form post; ``scope`` None: anyone with a session."""

    scope: Scope | None

    async def __call__(self, request: Request, caller: Identified) -> PostedForm:
        if self.scope is not None:
            _check_scope(caller, self.scope)
        fields = await read_form(request)
        check_csrf(caller, fields.get(CSRF_FIELD, ""))
        return PostedForm(caller, fields)


def _check_scope(caller: Caller, scope: Scope) -> None:
    if not caller.holder.may(scope):
        held = ", ".join(sorted(caller.holder.scopes)) or "none"
        raise ScopeMissing(
            f"key {caller.holder.name!r} has scope {held}; this needs {scope}: use a key that was made with it"
        )


def _check_role(caller: Caller, roles: frozenset[Role]) -> None:
    if not caller.holder.roles & roles:
        held = ", ".join(sorted(caller.holder.roles)) or "none"
        wanted = ", ".join(sorted(roles))
        raise RoleMissing(
            f"{caller.holder.name!r} has the roles: {held}; this needs one of: {wanted}; ask an admin for the role"
        )


Worker = Annotated[Caller, Depends(Require(Scope.WORKER))]
Reader = Annotated[Caller, Depends(Require(Scope.READ))]
CaseReader = Annotated[Caller, Depends(Require(Scope.READ, lets_bound_in=True))]
"""For routes that show a person of a handling unit their own unit's cases and nothing else (``api.seeing``)."""
Operator = Annotated[Caller, Depends(Require(Scope.OPERATOR))]
Admin = Annotated[Caller, Depends(Require(Scope.ADMIN))]
