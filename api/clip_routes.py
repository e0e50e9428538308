"""Video files that an admin uploads to be played as cameras: added, listed, removed."""

from typing import Annotated, Any

from anyio import CancelScope
from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Request

from api.body_limit import CLIPS_PATH
from api.callers import Admin
from api.camera_look_routes import workshop_of
from api.clip_wire import ClipListWire, ClipWire
from api.openapi_answers import refusals
from api.problems import ClipInUse
from api.rooms import Rooms, RoomsDep
from api.wire import PLAIN_TEXT

router = APIRouter(tags=["camera configuration"])
ANY_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
ClipKey = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", examples=["0c5f2f0e9d5d4a8e8f5f7f0f2c1b3a4d"])]
Name = Annotated[str, Query(min_length=1, max_length=200, pattern=PLAIN_TEXT, description="the file's own name")]


@router.get(CLIPS_PATH, summary="List uploaded video files", responses=refusals())
def list_clips(admin: Admin, rooms: RoomsDep) -> ClipListWire:
    shelf = workshop_of(rooms).clips
    return ClipListWire(clips=tuple(ClipWire.of(clip) for clip in shelf.all()), largest_bytes=shelf.largest_bytes)


@router.post(
    CLIPS_PATH,
    summary="Upload a video file",
    status_code=201,
    responses=refusals(400, 409, 413, 415),
    openapi_extra=ANY_BODY,
)
async def upload_clip(admin: Admin, request: Request, rooms: RoomsDep, name: Name) -> ClipWire:
    """The file as the body. It is kept in the API's data folder; a camera plays it by its ``url``."""
    shelf, now = workshop_of(rooms).clips, rooms.clock.now()
    declared = request.headers.get("content-length", "")
    looks = rooms.house.access.looks
    await run_sync(looks.record, admin.holder.actor, "clip.add", f"clip:{name}"[:200], {"name": name}, now)
    incoming = await run_sync(shelf.begin, name, int(declared) if declared.isdecimal() else None)
    try:
        async for chunk in request.stream():
            if chunk:
                await run_sync(incoming.write, chunk)
        return ClipWire.of(await run_sync(incoming.finish, admin.holder.name, now))
    finally:
        with CancelScope(shield=True):  # the browser may have gone: nothing of it stays
            await run_sync(incoming.end)


@router.delete(CLIPS_PATH + "/{clip_id}", summary="Remove a video file", status_code=204, responses=refusals(404, 409))
def remove_clip(admin: Admin, clip_id: ClipKey, rooms: RoomsDep) -> None:
    """Refused while a camera plays it."""
    shelf = workshop_of(rooms).clips
    clip = shelf.get(clip_id)
    playing = [camera_id for camera_id, url in _urls(rooms) if url == clip.path]
    if playing:
        raise ClipInUse(f"camera {playing[0]!r} plays {clip.name!r}; remove that camera first, then the file")
    told = {"name": clip.name}
    rooms.house.access.looks.record(admin.holder.actor, "clip.remove", f"clip:{clip_id}", told, rooms.clock.now())
    shelf.remove(clip_id)


def _urls(rooms: Rooms) -> list[tuple[str, str]]:
    """Every configured camera with its address."""
    if rooms.cameras is None:
        return []
    kept = [(str(each.camera_id), str(each.section.get("url"))) for each in rooms.cameras.store.all()]
    return kept + [(str(each.camera_id), str(each.section.get("url"))) for each in rooms.cameras.file_cameras()]
