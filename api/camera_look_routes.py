"""A look at a feed from the API's machine: before a camera is added, and to tie its view to the ground.

Admins only: what they look at is opened from here, with this machine's reach into the network. Each look is audited.
"""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Response

from api.callers import Admin, Caller
from api.camera_config_routes import ONE, CameraKey
from api.camera_look_wire import LookAnswerWire, LookWire
from api.camera_stills import Still
from api.camera_workshop import CameraWorkshop
from api.openapi_answers import refusals
from api.problems import StillMissing, WorkshopAway
from api.rooms import Rooms, RoomsDep
from cases.camera_configs import CameraUnknown
from core.errors import ConfigError, FeedError
from core.ids import CameraId
from streams.redaction import redact
from streams.sealing import SealError
from streams.snapshot import LARGEST_WIDTH_PX, Snapshot

router = APIRouter(tags=["camera configuration"])
SMALL_WIDTH_PX = 640
JPEG = {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}}


def workshop_of(rooms: Rooms) -> CameraWorkshop:
    """
    Raises:
        WorkshopAway: this app was put together without one.
    """
    if rooms.workshop is None:
        raise WorkshopAway("this API looks at no cameras; mend: start it with `gridpatrol api` or `gridpatrol up`")
    return rooms.workshop


@router.post("/api/v1/cameras/probe", summary="Look whether an address shows a picture", responses=refusals(404, 413))
def probe_camera(admin: Admin, look: LookWire, rooms: RoomsDep) -> LookAnswerWire:
    """Opens it for some seconds and keeps nothing; a camera without a picture is an answer, too, with what to do."""
    section = look.asked()
    if look.camera_id is not None:
        section = _opened(rooms, CameraId(look.camera_id), section)
    found = _seen(admin, rooms, section, "camera.probe", look.camera_id, SMALL_WIDTH_PX)
    return LookAnswerWire.of(found, look.picture) if isinstance(found, Snapshot) else found


@router.post(ONE + "/snapshot", summary="Take a picture of a camera", responses=refusals(404))
def take_still(admin: Admin, camera_id: CameraKey, rooms: RoomsDep) -> LookAnswerWire:
    """Kept for a day in place of the one before, as captured, for calibrating its view."""
    key, now = CameraId(camera_id), rooms.clock.now()
    section = _opened(rooms, key, {})
    found = _seen(admin, rooms, section, "camera.snapshot", camera_id, LARGEST_WIDTH_PX)
    if not isinstance(found, Snapshot):
        return found
    stills = workshop_of(rooms).stills
    stills.sweep(now)
    stills.put(key, Still(found.jpeg, now, found.facts.width_px, found.facts.height_px))
    return LookAnswerWire.of(found, with_picture=False, taken_at=now)


@router.get(
    ONE + "/snapshot",
    summary="Get the picture that was taken",
    response_class=Response,
    responses=refusals(404) | {200: {"description": "The picture", **JPEG}},
)
def read_still(admin: Admin, camera_id: CameraKey, rooms: RoomsDep) -> Response:
    still = workshop_of(rooms).stills.get(CameraId(camera_id), rooms.clock.now())
    if still is None:
        raise StillMissing(f"no picture of camera {camera_id!r} was taken in the last day; POST to this address first")
    return Response(still.jpeg, media_type="image/jpeg", headers={"cache-control": "private, no-store"})


def _opened(rooms: Rooms, camera_id: CameraId, asked: Mapping[str, Any]) -> dict[str, Any]:
    if rooms.cameras is None:
        raise CameraUnknown("this API keeps no cameras; mend: start it with `gridpatrol api`")
    return rooms.cameras.opened(camera_id, asked)


def _seen(
    admin: Caller, rooms: Rooms, section: Mapping[str, Any], action: str, camera_id: str | None, width_px: int
) -> Snapshot | LookAnswerWire:
    prober = workshop_of(rooms).prober
    subject = f"camera:{camera_id}" if camera_id is not None else "camera:"
    told = {"address": redact(str(section.get("url", "")))[:500]}
    rooms.house.access.looks.record(admin.holder.actor, action, subject, told, rooms.clock.now())
    try:
        return prober.look(section, width_px)
    except FeedError as fault:
        return LookAnswerWire.of_fault(fault.kind, redact(str(fault).removeprefix(f"{fault.camera_id}: ")))
    except SealError:
        raise
    except ConfigError as error:
        return LookAnswerWire.of_fault("config", redact(str(error)))
