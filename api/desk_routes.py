"""The operators' pages, mounted thinly: ask the store, hand over to the desk, answer with its HTML."""

from datetime import datetime
from typing import Annotated

from anyio import from_thread
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError
from starlette.responses import Response

from api.callers import CaseReader, PostedForm, Reader, RequireForm
from api.case_desk_routes import steps_of
from api.case_routes import CaseKey, check_shortcut
from api.case_wire import CloseWire
from api.desk_answers import language_of as _language
from api.desk_answers import page as _page
from api.desk_answers import theme_of
from api.desk_answers import visitor_of as _visitor
from api.problems import FieldRefused, ProblemDetails
from api.rooms import Rooms, RoomsDep
from api.seeing import check_seen, seen_query
from cases.keys import Scope
from core.ids import CaseId
from desk.case_filters import CaseFilters
from desk.pages import (
    Visitor,
    render_cameras_page,
    render_case_list,
    render_case_page,
    render_error,
)
from desk.removed_pictures import pictures_of, thumbnails_of

PAGE_CASES = 50
router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/")
def show_cases(request: Request, reader: CaseReader, rooms: RoomsDep) -> Response:
    filters = CaseFilters.from_query(dict(request.query_params))
    page = rooms.store.list_cases(
        seen_query(reader, filters.to_case_query(rooms.clock.now())), filters.cursor or None, PAGE_CASES
    )
    visitor = _visitor(request, reader)
    removed = _removed(rooms, thumbnails_of(page.cases))
    return _page(request, render_case_list(page, filters, rooms.store.counts(), rooms.cells.feature, visitor, removed))


@router.get("/cases/{case_id}")
def show_case(request: Request, case_id: CaseKey, reader: CaseReader, rooms: RoomsDep) -> Response:
    case = rooms.store.get_case(CaseId(case_id))
    check_seen(reader, case)
    events = rooms.store.events_of(case.id)
    previous = None if case.previous_case_id is None else rooms.store.get_case(case.previous_case_id)
    visitor = _visitor(request, reader)
    removed = _removed(rooms, pictures_of(events))
    steps = steps_of(rooms, case, reader)
    voices = rooms.house.requests.voices(case.id)
    html = render_case_page(
        case, events, rooms.cells.feature, visitor, previous, removed=removed, steps=steps, voices=voices
    )
    return _page(request, html)


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
    check_shortcut(posted.caller)
    holder = posted.caller.holder
    rooms.store.close_case(
        CaseId(case_id),
        closing.reason,
        closing.note,
        holder.name,
        closing.expected_version,
        rooms.clock.now(),
        claimant=holder.actor,
    )
    from_thread.run_sync(rooms.feed.notify)
    return RedirectResponse(f"/cases/{case_id}", 303)


@router.get("/cameras")
def show_cameras(request: Request, reader: Reader, rooms: RoomsDep) -> Response:
    cameras, notices = rooms.store.cameras(), rooms.store.worker_notices()
    return _page(request, render_cameras_page(cameras, _visitor(request, reader), rooms.clock.now(), notices))


def render_problem(request: Request, details: ProblemDetails) -> str:
    """A refusal as a page; knows nobody's name, since the caller may be the problem."""
    return render_error(
        details.status, details.detail, Visitor(_language(request), request.url.path, theme=theme_of(request))
    )


def _removed(rooms: Rooms, pictures: set[str]) -> dict[str, datetime]:
    """Which of these pictures are kept no more, and since when."""
    return {sha256: each.removed_at for sha256, each in rooms.house.keeping.removed_among(pictures).items()}
