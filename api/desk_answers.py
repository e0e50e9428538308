"""What every page of the desk needs: who looks, in which language, and the page as an answer."""

from fastapi import Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from api.callers import Caller
from api.rooms import Rooms
from cases.keys import Scope
from cases.roles import Role
from desk.visitor import (
    LANGUAGE_COOKIE,
    LANGUAGE_PARAMETER,
    THEME_COOKIE,
    THEME_PARAMETER,
    Language,
    Theme,
    Visitor,
    choose_language,
    choose_theme,
)

CHOICE_KEPT_S = 365 * 24 * 3600


def language_of(request: Request) -> Language:
    return choose_language(request.query_params.get(LANGUAGE_PARAMETER), request.cookies.get(LANGUAGE_COOKIE))


def theme_of(request: Request) -> Theme:
    return choose_theme(request.query_params.get(THEME_PARAMETER), request.cookies.get(THEME_COOKIE))


def visitor_of(request: Request, caller: Caller) -> Visitor:
    query = request.url.query
    rooms: Rooms = request.app.state.rooms
    categories = rooms.house.catalogue.in_force().catalogue.categories
    return Visitor(
        category_names={each.id: (each.zh, each.en) for each in categories},
        category_codes={each.id: each.code for each in categories if each.code},
        language=language_of(request),
        url=f"{request.url.path}?{query}" if query else request.url.path,
        csrf_token=caller.csrf_token,
        name=caller.holder.name,
        may_close=caller.by_session and caller.holder.may(Scope.OPERATOR) and _may_shorten(caller),
        shown_name=caller.holder.display_name,
        theme=theme_of(request),
        roles=frozenset(caller.holder.roles),
        unit=caller.holder.unit or "",
    )


def _may_shorten(caller: Caller) -> bool:
    """Closing past the stages is a shift leader's, among people (``api.case_routes.check_shortcut``)."""
    return not caller.holder.is_person or bool(caller.holder.roles & {Role.SHIFT_LEADER, Role.ADMIN})


def page(request: Request, html: str, status: int = 200) -> Response:
    """The page; a language or a theme that was asked for in the address is remembered."""
    response = HTMLResponse(html, status)
    asked = request.query_params.get(LANGUAGE_PARAMETER)
    if asked is not None:
        remember_language(response, choose_language(asked, request.cookies.get(LANGUAGE_COOKIE)))
    if THEME_PARAMETER in request.query_params:
        theme = theme_of(request)
        response.set_cookie(THEME_COOKIE, theme.value, max_age=CHOICE_KEPT_S, path="/", samesite="lax")
    return response


def remember_language(response: Response, language: Language) -> None:
    response.set_cookie(LANGUAGE_COOKIE, language.value, max_age=CHOICE_KEPT_S, path="/", samesite="lax")
