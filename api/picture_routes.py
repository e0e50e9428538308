"""Pictures of watched cameras: workers send, people look; live views as motion JPEG; tours of the wall.

What is shown is masked as evidence is, so nobody is asked for a reason; who began to look at which camera is written
down once an hour (docs/privacy.md).
"""

from asyncio import wait_for
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from typing import Annotated
from urllib.parse import quote

from anyio.to_thread import run_sync
from fastapi import APIRouter, Header, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.exceptions import HTTPException
from starlette.types import Send

from api.callers import Caller, Reader, Worker
from api.camera_config_routes import CameraKey
from api.evidence_routes import JPEG_START, PICTURE
from api.openapi_answers import refusals
from api.picture_wire import (
    TourDraftWire,
    ToursWire,
    TourWire,
    WallCameraWire,
    WallWire,
    WatchedCamerasWire,
    WatchedCameraWire,
    shown,
)
from api.problems import LiveViewsFull, MediaTypeRefused, NotAPicture, PictureMissing
from api.rooms import Rooms, RoomsDep
from api.watched_pictures import WatchedPicture
from api.wire import PLAIN_TEXT, Identifier, Moment
from cases.camera_configs import CameraUnknown
from cases.evidence import JPEG
from core.clock import isoformat_z
from core.errors import CaseError
from core.ids import CameraId
from desk.camera_page import SILENT_AFTER_S

router = APIRouter(tags=["watching"])
PICTURE_OF = "/api/v1/cameras/{camera_id}/picture"
MOST_SHOWN = 16
BOUNDARY = "picture"
WAIT_S = 1.0
"""A live view looks at least so often whether it may go on."""
WELCOME_EVERY_S = 5.0

TourName = Annotated[str, Path(min_length=1, max_length=60, pattern=PLAIN_TEXT, examples=["夜市 night market"])]


@router.get("/api/v1/watched", summary="Which cameras somebody watches", responses=refusals())
def list_watched(worker: Worker, rooms: RoomsDep) -> WatchedCamerasWire:
    """A worker asks every second or two; for a camera that is not here it sends nothing."""
    return WatchedCamerasWire(cameras=tuple(WatchedCameraWire.of(wish) for wish in rooms.wall.wishes()))


@router.put(
    PICTURE_OF,
    summary="Send a picture of a watched camera",
    status_code=204,
    responses=refusals(413, 415),
    openapi_extra={"requestBody": {"required": True, **PICTURE}},
)
async def put_picture(
    worker: Worker,
    camera_id: CameraKey,
    rooms: RoomsDep,
    request: Request,
    x_captured_at: Annotated[Moment, Header(description="by the camera's clock")],
    x_age_s: Annotated[float, Header(ge=0, le=1e9, description="seconds since then, by the worker's clock")] = 0.0,
) -> None:
    """Masked, boxes drawn, small. It is held in memory while somebody watches; of other cameras it is passed over."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JPEG:
        raise MediaTypeRefused(f"send the picture as {JPEG}")
    most = rooms.wall.settings.picture_bytes
    declared = request.headers.get("content-length", "")
    jpeg = b"" if declared.isdigit() and int(declared) > most else await request.body()
    if not jpeg or len(jpeg) > most:
        raise HTTPException(413, f"the picture is larger than {most} bytes, or empty; send a smaller one")
    if not jpeg.startswith(JPEG_START):
        raise NotAPicture(f"the {len(jpeg)} bytes do not start like a JPEG; encode the picture as JPEG and send it")
    if rooms.wall.put(CameraId(camera_id), jpeg, x_captured_at, x_age_s):
        rooms.wall.notify()


@router.get(
    PICTURE_OF,
    summary="The last picture of a camera, boxes drawn",
    response_class=Response,
    responses=refusals(404) | {200: {"description": "The picture", **PICTURE}, 304: {"description": "You have it"}},
)
def get_picture(
    reader: Reader, camera_id: CameraKey, rooms: RoomsDep, if_none_match: Annotated[str | None, Header()] = None
) -> Response:
    """Asking makes its worker send them for a while: the first answer may be 404, the next one seconds later not.

    `X-Captured-At` and `X-Age-S` tell how old it is.
    """
    key = CameraId(camera_id)
    _known(rooms, [key])
    picture = rooms.wall.watch(key)
    _note(rooms, reader, [key], is_live=False)
    if picture is None:
        raise PictureMissing(f"no picture of {camera_id!r} has come yet; ask again in a few seconds, or see its state")
    headers = {
        "etag": f'"{picture.tag}"',
        "cache-control": "private, no-cache",
        "x-captured-at": isoformat_z(picture.captured_at),
        "x-age-s": f"{picture.age_s(rooms.clock.now()):.2f}",
    }
    if if_none_match is not None and picture.tag in if_none_match:
        return Response(status_code=304, headers=headers)
    return Response(picture.jpeg, media_type=JPEG, headers=headers)


@router.get("/api/v1/wall", summary="Cameras side by side: states, and where their pictures are", responses=refusals())
def read_wall(
    reader: Reader,
    rooms: RoomsDep,
    camera: Annotated[list[Identifier], Query(min_length=1, max_length=MOST_SHOWN)],
    live: Annotated[Identifier | None, Query(description="which of them is in a live view")] = None,
) -> WallWire:
    """Asking every two seconds keeps the pictures coming."""
    now = rooms.clock.now()
    rows, watched = [], []
    for name in dict.fromkeys(camera):
        key = CameraId(name)
        record = rooms.store.camera(key)
        is_silent = (
            record is not None
            and record.updated_at is not None
            and (now - record.updated_at).total_seconds() > SILENT_AFTER_S
        )
        picture = None
        if record is not None:
            watched.append(key)
            found = rooms.wall.watch(key, is_live=name == live)
            url = PICTURE_OF.format(camera_id=quote(name, safe=""))
            picture = None if found is None else shown(found, f"{url}?tag={found.tag}", found.age_s(now))
        rows.append(WallCameraWire.of(key, record, picture, is_silent))
    _note(rooms, reader, watched, is_live=False)
    return WallWire(cameras=tuple(rows))


@router.get("/cameras/{camera_id}/live.mjpeg", include_in_schema=False)
async def follow_camera(reader: Reader, camera_id: CameraKey, rooms: RoomsDep) -> Response:
    """Every key frame as it comes, for as long as the session lasts.

    Raises:
        LiveViewsFull: every place is taken.
    """
    key = CameraId(camera_id)
    await run_sync(_known, rooms, [key])
    most = rooms.wall.settings.live_clients
    if rooms.wall.live_clients >= most:
        raise LiveViewsFull(f"{most} live views are open; close one, or raise [api.wall].live_clients")
    rooms.wall.watch(key, is_live=True)
    await run_sync(_note, rooms, reader, [key], True)
    return LiveView(_pictures(rooms, reader, key))


class LiveView(StreamingResponse):
    """Motion JPEG; lets go of its place the moment the client or the server goes away."""

    media_type = f"multipart/x-mixed-replace; boundary={BOUNDARY}"

    def __init__(self, pictures: AsyncGenerator[WatchedPicture, None]) -> None:
        super().__init__(_parts(pictures), headers={"cache-control": "no-store", "x-accel-buffering": "no"})
        self._pictures = pictures

    async def stream_response(self, send: Send) -> None:
        async with aclosing(self._pictures):
            await super().stream_response(send)


async def _pictures(rooms: Rooms, reader: Caller, camera_id: CameraId) -> AsyncGenerator[WatchedPicture, None]:
    wall, tag = rooms.wall, ""
    wall.live_clients += 1
    asked_s = rooms.clock.monotonic()
    try:
        while not rooms.feed.is_closed:
            changed = wall.next_change()
            picture = wall.watch(camera_id, is_live=True)
            if picture is not None and picture.tag != tag:
                tag = picture.tag
                yield picture
                continue
            with suppress(TimeoutError):
                await wait_for(changed.wait(), WAIT_S)
            if rooms.clock.monotonic() - asked_s >= WELCOME_EVERY_S:
                asked_s = rooms.clock.monotonic()
                if not await run_sync(reader.is_still_welcome):
                    return
    finally:
        wall.live_clients -= 1


async def _parts(pictures: AsyncGenerator[WatchedPicture, None]) -> AsyncGenerator[bytes, None]:
    """A browser shows a picture when the next one's boundary comes: it goes out with the picture before."""
    yield f"--{BOUNDARY}\r\n".encode()
    async for picture in pictures:
        head = f"Content-Type: {JPEG}\r\nContent-Length: {len(picture.jpeg)}\r\n\r\n"
        yield head.encode() + picture.jpeg + f"\r\n--{BOUNDARY}\r\n".encode()


@router.get("/api/v1/tours", summary="Your own tours of the wall", responses=refusals())
def list_tours(reader: Reader, rooms: RoomsDep) -> ToursWire:
    tours = rooms.house.wall.tours(reader.holder.actor)
    return ToursWire(tours=tuple(TourWire.of(tour) for tour in tours))


@router.put("/api/v1/tours/{name}", summary="Keep a tour", responses=refusals(413))
def put_tour(reader: Reader, name: TourName, draft: TourDraftWire, rooms: RoomsDep) -> TourWire:
    """A new one, or another in the place of that of its name."""
    return TourWire.of(rooms.house.wall.keep(reader.holder.actor, draft.as_tour(name), rooms.clock.now()))


@router.delete("/api/v1/tours/{name}", summary="Remove a tour", status_code=204, responses=refusals(404))
def remove_tour(reader: Reader, name: TourName, rooms: RoomsDep) -> None:
    rooms.house.wall.remove(reader.holder.actor, name)


def _known(rooms: Rooms, cameras: Sequence[CameraId]) -> None:
    """
    Raises:
        CameraUnknown: no worker tells of one of them.
    """
    for camera_id in cameras:
        if rooms.store.camera(camera_id) is None:
            raise CameraUnknown(f"no worker tells of a camera {camera_id!r}; see the list of cameras")


def _note(rooms: Rooms, reader: Caller, cameras: Sequence[CameraId], is_live: bool) -> None:
    """Write down who begins to look at what; once an hour, not with every look."""
    fresh = rooms.wall.viewings.begun(reader.holder.actor, cameras, is_live, rooms.clock.monotonic())
    if not fresh:
        return
    try:
        rooms.house.wall.record_viewing(reader.holder, fresh, is_live, rooms.clock.now())
    except CaseError:
        rooms.wall.viewings.forget(reader.holder.actor, fresh, is_live)
        raise
