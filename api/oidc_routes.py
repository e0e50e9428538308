"""In by the city's single sign-on: off to the provider, and back with its proof."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, TypeVar

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from api.oidc.account import identity_of
from api.oidc.errors import CodeUnknown, JourneyLost, ProviderAway, ProviderRefused
from api.oidc.journey import LONGEST_S, Journey, begin, ended
from api.oidc.way import BACK, Way
from api.rooms import Rooms, RoomsDep
from api.sign_in_routes import door, is_secure, let_in, origin_of
from api.way_back import FIELD, LONGEST, way_back
from cases.access.errors import SignInBusy, SignInLocked, SingleSignOnRefused
from cases.access.sign_in import SignedIn
from cases.access.single_sign_on import Identity
from desk.pages import SignInFailure

THERE = "/login/oidc"
JOURNEY_COOKIE = "gridpatrol_journey"
LONGEST_ANSWER = 4096
router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
logger = logging.getLogger("gridpatrol.api")
Result = TypeVar("Result")
Part = Annotated[str, Query(max_length=LONGEST_ANSWER)]


@router.get(THERE)
async def go_to_the_provider(
    request: Request, rooms: RoomsDep, back: Annotated[str, Query(alias=FIELD, max_length=4 * LONGEST)] = ""
) -> Response:
    """The provider's page; the browser takes a sealed cookie along."""
    if rooms.oidc is None:
        return RedirectResponse("/login", 303)
    now = rooms.clock.now()
    journey = begin(now, way_back(back))
    provider = rooms.oidc.provider
    try:
        if provider.knows_the_way(now):
            way = provider.way_there(journey, now)
        else:
            way = await in_turn(rooms.oidc, provider.way_there, journey, now)
    except ProviderAway as away:
        logger.warning("single sign-on: %s", away)
        return door(request, rooms, SignInFailure("login.oidc.away", "login.oidc.away.why"), 503)
    except SignInBusy:
        return door(request, rooms, SignInFailure("login.busy"), 503)
    response = RedirectResponse(way, 303)
    response.set_cookie(
        JOURNEY_COOKIE,
        journey.sealed(rooms.oidc.sealer),
        max_age=LONGEST_S,
        path=THERE,
        secure=is_secure(request, rooms),
        httponly=True,
        samesite="lax",  # it must come along when the provider sends the browser back
    )
    return response


@router.get(BACK)
async def come_back(
    request: Request,
    rooms: RoomsDep,
    state: Part = "",
    code: Part = "",
    iss: Annotated[str | None, Query(max_length=LONGEST_ANSWER)] = None,
    error: Part = "",
) -> Response:
    """Whoever the provider proves is in; anything else is the sign-in page with the reason. Either way it is over."""
    try:
        signed_in, back = await _sign_in(request, rooms, state, code, iss, error)
    except JourneyLost as lost:
        response = _refused(request, rooms, lost, "lost", 403)
    except ProviderAway as away:
        response = _refused(request, rooms, away, "away", 503)
    except ProviderRefused as refused:
        response = _refused(request, rooms, refused, "refused", 401)
    except SingleSignOnRefused as refused:
        response = _refused(request, rooms, refused, refused.why.value, 403)
    except SignInLocked as locked:
        logger.warning("single sign-on: too many codes that the provider does not know; shut for %d s", locked.wait_s)
        failure = SignInFailure("login.locked", "login.oidc.away.why", locked.wait_s)
        response = door(request, rooms, failure, 429)
        response.headers["retry-after"] = str(locked.wait_s)
    except SignInBusy:
        response = door(request, rooms, SignInFailure("login.busy"), 503)
    else:
        response = await run_sync(let_in, request, rooms, signed_in, back)
    response.delete_cookie(JOURNEY_COOKIE, path=THERE)
    return response


async def in_turn(way: Way, work: Callable[..., Result], *parts: object) -> Result:
    """Work that asks the provider, in a thread, in its turn.

    Raises:
        SignInBusy: it did not come to its turn.
    """
    async with way.places.one():
        return await run_sync(work, *parts)


async def _sign_in(
    request: Request, rooms: Rooms, state: str, code: str, iss: str | None, error: str
) -> tuple[SignedIn, str]:
    """Who came back, and where they wanted to go."""
    way = rooms.oidc
    if way is None:
        raise JourneyLost("single sign-on is not set up here; set [api.oidc]")
    journey = ended(request.cookies.get(JOURNEY_COOKIE), state, way.sealer, rooms.clock.now())
    if error or not code:
        shown = error if error.isascii() and error.replace("_", "").isalnum() else "?"
        raise ProviderRefused(f"the provider says no: {shown[:60]}")
    origin = origin_of(request)
    identity = await in_turn(way, _identity, way, code, iss, journey, origin.address, rooms.clock.now())
    ttl_s = rooms.settings.session_hours * 3600
    signed_in = await run_sync(rooms.house.access.single_sign_on.sign_in, identity, origin, rooms.clock.now(), ttl_s)
    return signed_in, journey.back


def _identity(way: Way, code: str, iss: str | None, journey: Journey, address: str, now: datetime) -> Identity:
    """Who the provider proves it is; who brings codes that it does not know is soon asked to wait."""
    way.guesses.check(address, now)
    try:
        claims = way.provider.claims(code, iss, journey, now)
    except CodeUnknown:
        way.guesses.wrong(address, now)
        raise
    return identity_of(claims, way.provider.settings)


def _refused(request: Request, rooms: Rooms, error: Exception, why: str, status: int) -> Response:
    logger.warning("single sign-on: %s", error)
    return door(request, rooms, SignInFailure(f"login.oidc.{why}", f"login.oidc.{why}.why"), status)
