"""People, their sessions and the API keys: an admin's, but for who one is oneself."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from api.callers import Caller, Identified, RequireRole
from api.if_match import IfMatch, needed_revision
from api.openapi_answers import refusals
from api.people_wire import (
    InitialPasswordWire,
    MeWire,
    PersonAddedWire,
    PersonChangeWire,
    PersonDraftWire,
    PersonPageWire,
    PersonWire,
    SessionListWire,
    SessionWire,
)
from api.rooms import RoomsDep
from api.wire import PLAIN_TEXT
from cases.access.people import LOGIN_PATTERN
from cases.roles import Role

router = APIRouter(prefix="/api/v1", tags=["people"])
Admin = Annotated[Caller, Depends(RequireRole(Role.ADMIN))]
Login = Annotated[str, Path(pattern=LOGIN_PATTERN, examples=["li.min"])]
SessionId = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$", examples=["0a" * 8])]


@router.get("/me", summary="Who I am and what I may", response_model=MeWire, responses=refusals())
def show_me(caller: Identified) -> MeWire:
    return MeWire.of(caller.holder, caller.csrf_token)


@router.get("/people", summary="People who sign in", response_model=PersonPageWire, responses=refusals())
def list_people(
    admin: Admin,
    rooms: RoomsDep,
    after: Annotated[str | None, Query(max_length=64, pattern=PLAIN_TEXT, description="`next_after` of a page")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> PersonPageWire:
    found = rooms.house.access.people.list(after, limit)
    return PersonPageWire(
        people=tuple(PersonWire.of(each) for each in found),
        next_after=found[-1].login if len(found) == limit else None,
    )


@router.post(
    "/people", summary="Let somebody in", status_code=201, response_model=PersonAddedWire, responses=refusals(409)
)
def add_person(admin: Admin, rooms: RoomsDep, draft: PersonDraftWire, response: Response) -> PersonAddedWire:
    """The answer holds the initial password, this once; hand it over, and they change it when they sign in.

    Who comes in by the city's single sign-on (``single_sign_on``) gets none.
    """
    person, initial = rooms.house.access.people.add(draft.to_draft(), admin.holder.actor, rooms.clock.now())
    response.headers["etag"] = f'"{person.version}"'
    return PersonAddedWire(person=PersonWire.of(person), initial_password=initial or None)


@router.get("/people/{login}", summary="One person", response_model=PersonWire, responses=refusals(404))
def show_person(admin: Admin, rooms: RoomsDep, login: Login, response: Response) -> PersonWire:
    person = rooms.house.access.people.get(login)
    response.headers["etag"] = f'"{person.version}"'
    until = rooms.house.access.credentials.locked_until(login, rooms.clock.now())
    return PersonWire.of(person).model_copy(update={"locked_until": until})


@router.patch(
    "/people/{login}",
    summary="Change a person",
    response_model=PersonWire,
    responses=refusals(404, 409, 412, 428),
)
def change_person(
    admin: Admin,
    rooms: RoomsDep,
    login: Login,
    change: PersonChangeWire,
    response: Response,
    if_match: IfMatch = None,
) -> PersonWire:
    """Roles, unit and name count at once; who is switched off is signed out at once."""
    expected = needed_revision(if_match)
    people = rooms.house.access.people
    draft = change.applied_to(people.get(login).draft)
    person = people.change(draft, expected, admin.holder.actor, rooms.clock.now())
    response.headers["etag"] = f'"{person.version}"'
    return PersonWire.of(person)


@router.post(
    "/people/{login}/reset-password",
    summary="An initial password in the place of a forgotten one",
    response_model=InitialPasswordWire,
    responses=refusals(404),
)
def reset_password(admin: Admin, rooms: RoomsDep, login: Login) -> InitialPasswordWire:
    """Their sessions end; the second factor stays."""
    plain = rooms.house.access.credentials.reset_password(login, admin.holder.actor, rooms.clock.now())
    return InitialPasswordWire(initial_password=plain)


@router.post("/people/{login}/unlock", summary="End a lock-out", status_code=204, responses=refusals(404))
def unlock(admin: Admin, rooms: RoomsDep, login: Login) -> None:
    rooms.house.access.credentials.unlock(login, admin.holder.actor, rooms.clock.now())


@router.delete(
    "/people/{login}/second-factor",
    summary="Take a lost second factor away",
    status_code=204,
    responses=refusals(404),
)
def drop_second_factor(admin: Admin, rooms: RoomsDep, login: Login) -> None:
    rooms.house.access.credentials.drop_second_factor(login, admin.holder.actor, rooms.clock.now())


@router.get("/sessions", summary="Who is signed in", response_model=SessionListWire, responses=refusals())
def list_sessions(
    admin: Admin,
    rooms: RoomsDep,
    name: Annotated[str | None, Query(max_length=200, pattern=PLAIN_TEXT, description="of this person alone")] = None,
) -> SessionListWire:
    found = rooms.house.access.sessions.list(rooms.clock.now(), name)
    return SessionListWire(sessions=tuple(SessionWire.of(each) for each in found))


@router.delete("/sessions/{session_id}", summary="Sign somebody out", status_code=204, responses=refusals(404))
def end_session(admin: Admin, rooms: RoomsDep, session_id: SessionId) -> None:
    rooms.house.access.credentials.end_session(session_id, admin.holder.actor, rooms.clock.now())
