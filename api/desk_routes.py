"""The operators' pages, mounted thinly: ask the store, hand over to the desk, answer with its HTML."""

from datetime import datetime
from typing import Annotated

from anyio import from_thread
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError
from starlette.responses import Response

from api.callers import SESSION_COOKIE, Caller, PostedForm, Reader, RequireForm
from api.case_routes import CaseKey
from api.case_wire import CloseWire
from api.problems import FieldRefused, ProblemDetails
from api.rooms import Rooms, RoomsDep
from cases.keys import Scope
from core.ids import CaseId
from desk.case_filters import CaseFilters
from desk.pages import (
    LANGUAGE_COOKIE,
    LANGUAGE_PARAMETER,
    Language,
    Visitor,
    choose_language,
    render_cameras_page,
    render_case_list,
    render_case_page,
    render_error,
    render_login,
)
from desk.removed_pictures import pictures_of, thumbnails_of

PAGE_CASES = 50
LANGUAGE_KEPT_S = 365 * 24 * 3600
router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/")
def show_cases(request: Request, reader: Reader, rooms: RoomsDep) -> Response:
    filters = CaseFilters.from_query(dict(request.query_params))
    page = rooms.store.list_cases(filters.to_case_query(), filters.cursor or None, PAGE_CASES)
    visitor = _visitor(request, reader)
    removed = _removed(rooms, thumbnails_of(page.cases))
    return _page(request, render_case_list(page, filters, rooms.store.counts(), rooms.cells.feature, visitor, removed))


@router.get("/cases/{case_id}")
def show_case(request: Request, case_id: CaseKey, reader: Reader, rooms: RoomsDep) -> Response:
    case = rooms.store.get_case(CaseId(case_id))
    events = rooms.store.events_of(case.id)
    previous = None if case.previous_case_id is None else rooms.store.get_case(case.previous_case_id)
    visitor = _visitor(request, reader)
    removed = _removed(rooms, pictures_of(events))
    return _page(request, render_case_page(case, events, rooms.cells.feature, visitor, previous, removed=removed))


@router.post("/cases/{case_id}/close")
def close_case(
    case_id: CaseKey, posted: Annotated[PostedForm, Depends(RequireForm(Scope.OPERATOR))], rooms: RoomsDep
) -> Response:
    asked = {name: posted.fields[name] for name in ("reason", "note", "expected_version") if posted.fields.get(name)}
    try:
        closing = CloseWire.model_validate(asked)
    except ValidationError as error:
        fields = ", ".join(".".join(str(part) for part in each["loc"]) for each in error.errors())
        raise FieldRefused(f"the form's {fields} cannot be read; load the case's page again") from error
    holder = posted.caller.holder
    rooms.store.close_case(
        CaseId(case_id), closing.reason, closing.note, holder.name, closing.expected_version, rooms.clock.now()
    )
    from_thread.run_sync(rooms.feed.notify)
    return RedirectResponse(f"/cases/{case_id}", 303)


@router.get("/cameras")
def show_cameras(request: Request, reader: Reader, rooms: RoomsDep) -> Response:
    cameras, notices = rooms.store.cameras(), rooms.store.worker_notices()
    return _page(request, render_cameras_page(cameras, _visitor(request, reader), rooms.clock.now(), notices))


@router.get("/login")
def sign_in(request: Request, rooms: RoomsDep, token: Annotated[str | None, Query(max_length=512)] = None) -> Response:
    """With a one-time token: in, once. Without: the page that asks for one."""
    if not token:
        return _page(request, render_login(_language(request)))
    now = rooms.clock.now()
    holder = rooms.keys.redeem_login(token.strip(), now)
    if holder is None:
        return _page(request, render_login(_language(request), failed=True), status=401)
    ttl_s = rooms.settings.session_hours * 3600
    response = RedirectResponse("/", 303)
    _set_session(response, request, rooms, rooms.keys.create_session(holder, now, ttl_s), round(ttl_s))
    return response


@router.post("/logout")
def sign_out(request: Request, posted: Annotated[PostedForm, Depends(RequireForm(None))], rooms: RoomsDep) -> Response:
    token = request.cookies.get(SESSION_COOKIE)
    if posted.caller.by_session and token:
        rooms.keys.end_session(token)
    response = RedirectResponse("/login", 303)
    _set_session(response, request, rooms, "", 0)
    return response


def render_problem(request: Request, details: ProblemDetails) -> str:
    """A refusal as a page; knows nobody's name, since the caller may be the problem."""
    return render_error(details.status, details.detail, Visitor(_language(request), request.url.path))


def _removed(rooms: Rooms, pictures: set[str]) -> dict[str, datetime]:
    """Which of these pictures are kept no more, and since when."""
    return {sha256: each.removed_at for sha256, each in rooms.house.keeping.removed_among(pictures).items()}


def _set_session(response: Response, request: Request, rooms: Rooms, value: str, max_age_s: int) -> None:
    response.set_cookie(
        SESSION_COOKIE,
        value,
        max_age=max_age_s,
        path="/",
        secure=rooms.settings.cookies_are_secure or request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def _language(request: Request) -> Language:
    return choose_language(request.query_params.get(LANGUAGE_PARAMETER), request.cookies.get(LANGUAGE_COOKIE))


def _visitor(request: Request, caller: Caller) -> Visitor:
    query = request.url.query
    return Visitor(
        language=_language(request),
        url=f"{request.url.path}?{query}" if query else request.url.path,
        csrf_token=caller.csrf_token,
        name=caller.holder.name,
        may_close=caller.by_session and caller.holder.may(Scope.OPERATOR),
    )


def _page(request: Request, html: str, status: int = 200) -> Response:
    response = HTMLResponse(html, status)
    asked = request.query_params.get(LANGUAGE_PARAMETER)
    if asked is not None:
        chosen = choose_language(asked, request.cookies.get(LANGUAGE_COOKIE))
        response.set_cookie(LANGUAGE_COOKIE, chosen.value, max_age=LANGUAGE_KEPT_S, path="/", samesite="lax")
    return response
