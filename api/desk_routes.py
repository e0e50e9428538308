"""The operators' pages, mounted thinly: ask the store, hand over to the desk, answer with its HTML."""

from typing import Annotated

from anyio import from_thread
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError
from starlette.responses import Response

from api.callers import PostedForm, RequireForm
from api.case_routes import CaseKey, check_shortcut
from api.case_wire import CloseWire
from api.desk_answers import language_of as _language
from api.desk_answers import theme_of
from api.problems import FieldRefused, ProblemDetails
from api.rooms import RoomsDep
from cases.keys import Scope
from core.ids import CaseId
from desk.pages import (
    Visitor,
    render_error,
)

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


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


def render_problem(request: Request, details: ProblemDetails) -> str:
    """A refusal as a page; knows nobody's name, since the caller may be the problem."""
    return render_error(
        details.status, details.detail, Visitor(_language(request), request.url.path, theme=theme_of(request))
    )
