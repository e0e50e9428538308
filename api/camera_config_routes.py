"""Cameras added, read, changed, switched and removed while the workers run; and each worker's list of them.

Routes with a camera's id stand on their own, so that a camera may have any name that fits in a path.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Response

from api.callers import Admin, Caller, Worker
from api.camera_config_book import Author, CameraBook
from api.camera_config_wire import (
    CameraBatchWire,
    CameraChangeWire,
    CameraConfigListWire,
    CameraConfigWire,
    CameraHistoryWire,
    Patch,
    Section,
    WorkerCamerasWire,
    WorkerCameraWire,
)
from api.openapi_answers import refusals
from api.problems import FieldRefused, PreconditionMissing
from api.rooms import Rooms, RoomsDep
from api.wire import PLAIN_TEXT
from cases.camera_configs import CameraConfig, CameraUnknown
from core.ids import CameraId

router = APIRouter(tags=["camera configuration"])
ONE = "/api/v1/cameras/{camera_id}"

CameraKey = Annotated[str, Path(max_length=100, pattern=PLAIN_TEXT, examples=["CAM-07"])]
WorkerKey = Annotated[str, Path(max_length=200, pattern=PLAIN_TEXT, examples=["worker-1"])]
IfMatch = Annotated[
    str | None, Header(description='the ETag that was read, e.g. "12"; * for whatever stands there now', max_length=100)
]
NOT_MODIFIED: dict[int | str, dict[str, Any]] = {304: {"description": "Unchanged since the version in If-None-Match"}}


@router.post("/api/v1/cameras", summary="Add a camera", status_code=201, responses=refusals(409, 413))
def add_camera(admin: Admin, section: Section, rooms: RoomsDep, response: Response) -> CameraConfigWire:
    """Its worker patrols it within seconds; the other cameras are not touched."""
    (config,) = _book(rooms).add([section], _author(admin, rooms))
    return _told(config, rooms, response)


@router.post(
    "/api/v1/cameras/batch", summary="Add several cameras at once", status_code=201, responses=refusals(409, 413)
)
def add_cameras(admin: Admin, batch: CameraBatchWire, rooms: RoomsDep) -> CameraConfigListWire:
    """All of them, or none when one is refused."""
    configs = _book(rooms).add(batch.add, _author(admin, rooms))
    return CameraConfigListWire(cameras=tuple(CameraConfigWire.of(config) for config in configs))


@router.get("/api/v1/camera-configs", summary="Every configured camera", responses=refusals())
def list_configs(admin: Admin, rooms: RoomsDep) -> CameraConfigListWire:
    """The API's own, and those of this machine's configuration file, which can be changed there alone."""
    book = _book(rooms)
    records = {record.camera_id: record for record in rooms.store.cameras()}
    files = {each.camera_id: each for each in book.file_cameras()}
    found = {
        config.camera_id: CameraConfigWire.of(config, records.get(config.camera_id)) for config in book.store.all()
    }
    found |= {camera_id: CameraConfigWire.of_file(each, records.get(camera_id)) for camera_id, each in files.items()}
    return CameraConfigListWire(cameras=tuple(found[camera_id] for camera_id in sorted(found)))


@router.get(ONE, summary="Read one camera's configuration", responses=refusals(404))
def read_config(admin: Admin, camera_id: CameraKey, rooms: RoomsDep, response: Response) -> CameraConfigWire:
    book, key = _book(rooms), CameraId(camera_id)
    file = book.file_camera(key)
    if file is not None:
        return CameraConfigWire.of_file(file, rooms.store.camera(key))
    return _told(book.store.get(key), rooms, response)


@router.put(ONE, summary="Replace a camera's configuration", responses=refusals(404, 409, 412, 413, 428))
def replace_config(
    admin: Admin, camera_id: CameraKey, section: Section, rooms: RoomsDep, response: Response, if_match: IfMatch = None
) -> CameraConfigWire:
    """A secret that the body does not name stays, for nobody can read it; null takes it away."""
    book, expected = _book(rooms), _needed(if_match)
    return _told(book.replace(CameraId(camera_id), section, expected, _author(admin, rooms)), rooms, response)


@router.patch(ONE, summary="Change a camera's configuration", responses=refusals(404, 409, 412, 413, 428))
def amend_config(
    admin: Admin, camera_id: CameraKey, patch: Patch, rooms: RoomsDep, response: Response, if_match: IfMatch = None
) -> CameraConfigWire:
    """A camera whose feed stays the same keeps its connection."""
    book, expected = _book(rooms), _needed(if_match)
    return _told(book.amend(CameraId(camera_id), patch, expected, _author(admin, rooms)), rooms, response)


@router.delete(ONE, summary="Remove a camera", status_code=204, responses=refusals(404, 409, 412))
def remove_camera(admin: Admin, camera_id: CameraKey, rooms: RoomsDep, if_match: IfMatch = None) -> None:
    """What it found stays: its cases, and reports that are still on their way."""
    key = CameraId(camera_id)
    _book(rooms).remove(key, _expected(if_match), _author(admin, rooms))
    if rooms.workshop is not None:
        rooms.workshop.stills.forget(key)


@router.post(ONE + "/enable", summary="Patrol a camera again", responses=refusals(404, 409, 412))
def enable_camera(
    admin: Admin, camera_id: CameraKey, rooms: RoomsDep, response: Response, if_match: IfMatch = None
) -> CameraConfigWire:
    book = _book(rooms)
    return _told(book.switch(CameraId(camera_id), True, _expected(if_match), _author(admin, rooms)), rooms, response)


@router.post(ONE + "/disable", summary="Leave a camera alone for a while", responses=refusals(404, 409, 412))
def disable_camera(
    admin: Admin, camera_id: CameraKey, rooms: RoomsDep, response: Response, if_match: IfMatch = None
) -> CameraConfigWire:
    """It is disconnected and shown as disabled; what its view knew is kept."""
    book = _book(rooms)
    return _told(book.switch(CameraId(camera_id), False, _expected(if_match), _author(admin, rooms)), rooms, response)


@router.get(ONE + "/changes", summary="Who changed a camera, and when", responses=refusals())
def read_changes(admin: Admin, camera_id: CameraKey, rooms: RoomsDep) -> CameraHistoryWire:
    """The last 500, also of a camera that was removed; empty for one that was never kept here."""
    events = _book(rooms).store.events_of(CameraId(camera_id))
    return CameraHistoryWire(changes=tuple(CameraChangeWire.of(event) for event in events))


@router.get(
    "/api/v1/workers/{worker_id}/cameras",
    summary="What a worker is to patrol besides its configuration file",
    response_model=WorkerCamerasWire,
    responses=refusals() | NOT_MODIFIED,
)
def read_worker_cameras(
    worker: Worker,
    worker_id: WorkerKey,
    rooms: RoomsDep,
    response: Response,
    if_none_match: Annotated[str | None, Header(max_length=1000)] = None,
) -> WorkerCamerasWire | Response:
    """Asked every few seconds; passwords are sealed, and the worker opens them with the site's key."""
    store = _book(rooms).store
    headers = {"cache-control": "private, no-cache"}
    if if_none_match is not None and f'"{(tag := store.tag())}"' in if_none_match:
        return Response(status_code=304, headers=headers | {"etag": f'"{tag}"'})
    found = store.of_worker(worker_id)
    response.headers.update(headers | {"etag": f'"{found.tag}"'})
    return WorkerCamerasWire(worker_id=worker_id, cameras=tuple(WorkerCameraWire.of(each) for each in found.cameras))


def _book(rooms: Rooms) -> CameraBook:
    """
    Raises:
        CameraUnknown: this app was put together without one.
    """
    if rooms.cameras is None:
        raise CameraUnknown("this API keeps no cameras; mend: start it with `gridpatrol api`")
    return rooms.cameras


def _author(caller: Caller, rooms: Rooms) -> Author:
    return Author(caller.holder.name, rooms.clock.now())


def _told(config: CameraConfig, rooms: Rooms, response: Response) -> CameraConfigWire:
    response.headers["etag"] = f'"{config.revision}"'
    response.headers["cache-control"] = "private, no-cache"
    return CameraConfigWire.of(config, rooms.store.camera(config.camera_id))


def _expected(if_match: str | None) -> int | None:
    """The revision that the caller looked at; None where any will do.

    Raises:
        FieldRefused: it is no ETag of ours.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    text = if_match.strip().strip('"')
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise FieldRefused('If-Match is not an ETag of a camera; send the one that was read, e.g. "12", or *')
    return int(text)


def _needed(if_match: str | None) -> int | None:
    """
    Raises:
        PreconditionMissing: there is none, so somebody else's change could be lost unseen.
    """
    if if_match is None:
        raise PreconditionMissing('send If-Match with the ETag that was read, e.g. "12"; * changes whatever is there')
    return _expected(if_match)
