"""API keys: an admin lists, makes and withdraws them."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path

from api.callers import Caller, RequireRole
from api.openapi_answers import refusals
from api.people_wire import KeyDraftWire, KeyListWire, KeyMadeWire, KeyWire
from api.rooms import RoomsDep
from api.wire import PLAIN_TEXT
from cases.roles import Role

router = APIRouter(prefix="/api/v1/keys", tags=["keys"])
Admin = Annotated[Caller, Depends(RequireRole(Role.ADMIN))]
KeyName = Annotated[str, Path(min_length=1, max_length=200, pattern=PLAIN_TEXT, examples=["dashboard"])]


@router.get("", summary="API keys", response_model=KeyListWire, responses=refusals())
def list_keys(admin: Admin, rooms: RoomsDep) -> KeyListWire:
    """Names, scopes and ends; never the keys."""
    return KeyListWire(keys=tuple(KeyWire.of(each) for each in rooms.keys.list()))


@router.post("", summary="Make a key", status_code=201, response_model=KeyMadeWire, responses=refusals())
def make_key(admin: Admin, rooms: RoomsDep, draft: KeyDraftWire) -> KeyMadeWire:
    """The answer holds the key, this once."""
    now = rooms.clock.now()
    ends = None if draft.days is None else now + timedelta(days=draft.days)
    plain = rooms.keys.create(draft.name, draft.scopes, now, ends, actor=admin.holder.actor)
    return KeyMadeWire(name=draft.name, key=plain)


@router.delete("/{name}", summary="Withdraw a key", status_code=204, responses=refusals(404))
def revoke_key(admin: Admin, rooms: RoomsDep, name: KeyName) -> None:
    """It opens nothing from now on."""
    rooms.keys.revoke(name, rooms.clock.now(), actor=admin.holder.actor)
