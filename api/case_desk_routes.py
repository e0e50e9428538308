"""The desk's forms that take a case's next step."""

from datetime import datetime
from typing import Annotated

from anyio import from_thread
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from pydantic import ValidationError
from starlette.responses import Response

from api.callers import Caller, PostedForm, RequireForm
from api.case_command_routes import seat_of
from api.case_command_wire import CommandWire
from api.case_routes import CaseKey
from api.problems import FieldRefused
from api.rooms import Rooms, RoomsDep
from api.seeing import check_seen
from cases.case import Case
from cases.known_units import known_units
from cases.roles import Role
from cases.workflow.commands import Command
from cases.workflow.seen import give_as_seen
from core.ids import CaseId
from desk.case_people import NO_NAMES, Names
from desk.case_steps import CaseSteps, view_steps

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
FIELDS = ("command", "note", "reason", "unit", "handler", "hours")
LONGEST_SAW = 64


def steps_of(rooms: Rooms, case: Case, caller: Caller, names: Names = NO_NAMES) -> CaseSteps:
    """The steps that the caller may take with the case now."""
    now = rooms.clock.now()
    _, possible = rooms.house.workflow.possible(case.id, seat_of(caller), now)
    claim = rooms.house.workflow.claim_on(case.id, now)
    sends = Command.DISPATCH in possible
    return view_steps(
        case,
        possible,
        claim,
        caller.holder.actor,
        now,
        may_act=caller.by_session,
        names=names,
        units=known_units(rooms.store.engine) if sends else (),
        handlers=_handlers(rooms, case, now) if sends else (),
        verify_takes_note=Command.VERIFY in possible and rooms.house.workflow.verifying_takes_a_note(case),
    )


def _handlers(rooms: Rooms, case: Case, now: datetime) -> tuple[str, ...]:
    """People who look after the place; their telephone numbers stay where they are."""
    people = rooms.house.places.responsible(case.cell_id, case.category, now).people
    return tuple(dict.fromkeys(person.value for person in people))


@router.post("/cases/{case_id}/steps")
def take_step(
    request: Request,
    case_id: CaseKey,
    posted: Annotated[PostedForm, Depends(RequireForm(None))],
    rooms: RoomsDep,
) -> Response:
    """One command, or a claim, or its end; what is not the caller's to do is refused by the table.

    A module of ours asks for JSON and gets what was done; a plain form is led back to the case's page.
    """
    key, caller, now = CaseId(case_id), posted.caller, rooms.clock.now()
    check_seen(caller, rooms.store.get_case(key))
    name = posted.fields.get("command")
    if name == "claim" and caller.holder.roles - {Role.AUDITOR}:
        rooms.house.workflow.claim(key, caller.holder.actor, now)
    elif name == "release":
        rooms.house.workflow.release(key, caller.holder.actor)
    else:
        order, saw = _command(posted.fields).as_order(), posted.fields.get("saw", "")[:LONGEST_SAW]
        if saw and order.command is not Command.COMMENT:
            give_as_seen(rooms.house.workflow, key, order, seat_of(caller), now, saw)
        else:
            rooms.house.workflow.give(key, order, seat_of(caller), now)
    from_thread.run_sync(rooms.feed.notify)
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse({"case_id": case_id, "command": name})
    return RedirectResponse(f"/cases/{case_id}", 303)


def _command(fields: dict[str, str]) -> CommandWire:
    other = fields.get("unit_other", "").strip()
    fields = fields | ({"unit": other} if other else {})
    try:
        return CommandWire.model_validate({name: fields[name] for name in FIELDS if fields.get(name)})
    except ValidationError as error:
        names = ", ".join(".".join(str(part) for part in each["loc"]) for each in error.errors())
        raise FieldRefused(f"the form's {names} cannot be read; load the case's page again") from error
