"""Is it alive, is it ready, and how busy is it."""

import logging
import os
from typing import Literal

from fastapi import APIRouter, Request, Response
from sqlalchemy.exc import SQLAlchemyError

from api.callers import Reader
from api.metrics import CONTENT_TYPE
from api.openapi_answers import refusals
from api.rooms import Rooms, RoomsDep
from api.wire import WireModel
from core.errors import CaseError

logger = logging.getLogger("gridpatrol.api")
router = APIRouter(tags=["health"])


class AliveWire(WireModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class ReadyWire(WireModel):
    """What the API needs, and what is wrong with it; anybody may read this, so no path, host or cause is in it."""

    status: Literal["ready", "not ready"]
    database: str
    evidence: str


@router.get("/healthz", summary="The process answers", response_model=AliveWire)
async def is_alive() -> AliveWire:
    return AliveWire()


@router.get(
    "/readyz",
    summary="Database and picture store can be used",
    response_model=ReadyWire,
    responses={503: {"description": "Not ready; says what is wrong", "model": ReadyWire}},
)
def is_ready(rooms: RoomsDep, response: Response) -> ReadyWire:
    database, evidence = _database_state(rooms), _evidence_state(rooms)
    if database == evidence == "ok":
        return ReadyWire(status="ready", database=database, evidence=evidence)
    response.status_code = 503
    return ReadyWire(status="not ready", database=database, evidence=evidence)


@router.get("/metrics", summary="Figures for Prometheus", response_class=Response, responses=refusals())
def read_metrics(reader: Reader, rooms: RoomsDep) -> Response:
    rooms.metrics.event_streams.set(rooms.feed.clients)
    return Response(rooms.metrics.text(), media_type=CONTENT_TYPE)


@router.get("/openapi.json", include_in_schema=False)
def read_openapi(reader: Reader, request: Request) -> dict[str, object]:
    document: dict[str, object] = request.app.openapi()
    return document


def _database_state(rooms: Rooms) -> str:
    try:
        rooms.store.check_ready()
    except (CaseError, SQLAlchemyError) as error:
        logger.warning("not ready: %s", error)
        return f"{_spoken(type(error).__name__)}: see the API's log for the cause and the mend"
    return "ok"


def _evidence_state(rooms: Rooms) -> str:
    folder = rooms.evidence.folder
    if folder.is_dir() and not os.access(folder, os.W_OK | os.X_OK):
        logger.warning("not ready: evidence folder %s cannot be written", folder)
        return "the picture folder cannot be written: give the API's user the right"
    return "ok"


def _spoken(name: str) -> str:
    """``DatabaseReadOnly`` as ``database read only``."""
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip()
