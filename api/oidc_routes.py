"""In by the city's single sign-on: off to the provider, and back with its proof."""

import logging
import time
from collections.abc import Callable
from typing import Annotated, TypeVar

from anyio import sleep
from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from api.oidc.account import identity_of
from api.oidc.errors import JourneyLost, ProviderAway, ProviderRefused
from api.oidc.journey import LONGEST_S, begin, ended
from api.oidc.way import BACK
from api.rooms import Rooms, RoomsDep
from api.sign_in_routes import door, is_secure, let_in, origin_of
from cases.access.errors import SignInBusy, SingleSignOnRefused
from cases.access.sign_in import SignedIn
from desk.pages import SignInFailure

THERE = "/login/oidc"
JOURNEY_COOKIE = "gridpatrol_journey"
LONGEST_ANSWER = 4096
WAIT_S, LOOK_S = 5.0, 0.05
"""For a place to ask the provider, and how often one is looked for."""
router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
logger = logging.getLogger("gridpatrol.api")
Result = TypeVar("Result")
Part = Annotated[str, Query(max_length=LONGEST_ANSWER)]


@router.get(THERE)
async def go_to_the_provider(request: Request, rooms: RoomsDep) -> Response:
    """The provider's page; the browser takes a sealed cookie along."""
    if rooms.oidc is None:
        return RedirectResponse("/login", 303)
    now = rooms.clock.now()
    journey = begin(now)
    try:
        way = await in_turn(rooms.oidc.provider.way_there, journey, now)
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
        signed_in = await in_turn(_sign_in, request, rooms, state, code, iss, error)
    except JourneyLost as lost:
        response = _refused(request, rooms, lost, "lost", 403)
    except ProviderAway as away:
        response = _refused(request, rooms, away, "away", 503)
    except ProviderRefused as refused:
        response = _refused(request, rooms, refused, "refused", 401)
    except SingleSignOnRefused as refused:
        response = _refused(request, rooms, refused, refused.why.value, 403)
    except SignInBusy:
        response = door(request, rooms, SignInFailure("login.busy"), 503)
    else:
        response = await run_sync(let_in, request, rooms, signed_in)
    response.delete_cookie(JOURNEY_COOKIE, path=THERE)
    return response


async def in_turn(work: Callable[..., Result], *parts: object) -> Result:
    """Work in a thread, once the provider's places allow it; waiting holds no thread, so others are served meanwhile.

    Raises:
        SignInBusy: every place stayed taken.
    """
    ends_s = time.monotonic() + WAIT_S
    while True:
        try:
            return await run_sync(work, *parts)
        except SignInBusy:
            if time.monotonic() >= ends_s:
                raise
        await sleep(LOOK_S)


def _sign_in(request: Request, rooms: Rooms, state: str, code: str, iss: str | None, error: str) -> SignedIn:
    if rooms.oidc is None:
        raise JourneyLost("single sign-on is not set up here; set [api.oidc]")
    now = rooms.clock.now()
    journey = ended(request.cookies.get(JOURNEY_COOKIE), state, rooms.oidc.sealer, now)
    if error or not code:
        shown = error if error.isascii() and error.replace("_", "").isalnum() else "?"
        raise ProviderRefused(f"the provider says no: {shown[:60]}")
    provider = rooms.oidc.provider
    identity = identity_of(provider.claims(code, iss, journey, now), provider.settings)
    ttl_s = rooms.settings.session_hours * 3600
    return rooms.house.access.single_sign_on.sign_in(identity, origin_of(request), rooms.clock.now(), ttl_s)


def _refused(request: Request, rooms: Rooms, error: Exception, why: str, status: int) -> Response:
    logger.warning("single sign-on: %s", error)
    return door(request, rooms, SignInFailure(f"login.oidc.{why}", f"login.oidc.{why}.why"), status)
