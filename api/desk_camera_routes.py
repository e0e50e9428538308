"""The desk's camera pages: the list, one camera, adding and changing one, calibrating its view; its picture."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from api.callers import Admin, Caller, Reader
from api.camera_config_routes import CameraKey
from api.desk_answers import page, visitor_of
from api.evidence_routes import handed_over
from api.problems import StillMissing, WatchedFull
from api.rooms import Rooms, RoomsDep
from api.security_headers import policy_with_pictures
from api.watched_pictures import WatchedPicture
from cases.access.pictures import Viewing
from cases.camera_configs import CameraConfigEventKind, CameraUnknown
from cases.cameras import CameraRecord
from cases.case import EvidenceRefs
from cases.keys import Scope
from cases.queries import CaseQuery
from cases.roles import Role
from core.ids import CameraId
from desk.calibration_page import CalibrationView, render_calibration
from desk.camera_detail import CameraDetail, ConfigFacts, PictureFacts, render_camera
from desk.camera_filters import CameraFilters
from desk.camera_form import render_camera_form
from desk.pages import render_cameras_page

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
ONE = "/cameras/{camera_id}"
MOST_CHANGES = 30
VIEWS_BEFORE = 500
Then = Literal["", "start"]
"""Where a form goes back to: its camera, or the first steps."""


@router.get("/cameras")
def show_cameras(request: Request, reader: Reader, rooms: RoomsDep) -> Response:
    known = rooms.store.cameras()
    html = render_cameras_page(
        [*known, *_waiting(rooms, known)],
        visitor_of(request, reader),
        rooms.clock.now(),
        rooms.store.worker_notices(),
        CameraFilters.from_query(dict(request.query_params)),
        may_manage=_may_manage(reader, rooms),
    )
    return page(request, html)


@router.get("/add-camera")
def show_add(request: Request, admin: Admin, rooms: RoomsDep, then: Then = "") -> Response:
    """Beside ``/cameras/…``, where a camera may have any name."""
    worker = "" if rooms.cameras is None else rooms.cameras.worker_id
    html = render_camera_form(visitor_of(request, admin), ConfigFacts(worker=worker), then == "start")
    return _with_tiles(page(request, html), rooms)


@router.get(ONE)
def show_camera(request: Request, camera_id: CameraKey, reader: Reader, rooms: RoomsDep) -> Response:
    key, now = CameraId(camera_id), rooms.clock.now()
    record, config = _standing(rooms, key)
    may_manage = _may_manage(reader, rooms)
    suppressions = rooms.house.policy.suppressions.page(None, 50, now, camera_id, None)
    detail = CameraDetail(
        record=record,
        config=config,
        picture=_watched(rooms, key) or _picture(rooms, key, reader, now),
        changes=rooms.cameras.store.events_of(key)[-MOST_CHANGES:][::-1] if may_manage and rooms.cameras else (),
        suppressions=tuple(suppressions),
        may_manage=may_manage,
    )
    return page(request, render_camera(detail, visitor_of(request, reader), now))


@router.get(ONE + "/edit")
def show_edit(request: Request, camera_id: CameraKey, admin: Admin, rooms: RoomsDep, then: Then = "") -> Response:
    _, config = _standing(rooms, CameraId(camera_id))
    return page(request, render_camera_form(visitor_of(request, admin), config, then == "start"))


@router.get(ONE + "/calibrate")
def show_calibration(request: Request, camera_id: CameraKey, reader: Reader, rooms: RoomsDep) -> Response:
    key, now = CameraId(camera_id), rooms.clock.now()
    record, config = _standing(rooms, key)
    picture = _picture(rooms, key, reader, now)
    view = CalibrationView(
        camera_id=camera_id,
        name=record.name,
        config=config,
        picture=picture,
        frame_wh=_frame_wh(record, picture),
        previous=_view_before(rooms, key),
        may_save=_may_manage(reader, rooms) and config.is_known and not config.file,
        may_take=_may_manage(reader, rooms) and config.is_known,
        may_suppress=bool(reader.holder.roles & {Role.ACCEPTOR, Role.SHIFT_LEADER, Role.ADMIN}),
        may_permit=Role.ADMIN in reader.holder.roles,
    )
    return _with_tiles(page(request, render_calibration(view, visitor_of(request, reader))), rooms)


@router.get(ONE + "/still", response_class=Response)
def show_still(camera_id: CameraKey, reader: Reader, rooms: RoomsDep, kind: str = "") -> Response:
    """A picture of the camera: the last one analysed, the one taken by hand (for an admin), or its newest evidence."""
    key, now = CameraId(camera_id), rooms.clock.now()
    if kind == "watched":
        watched = _last_watched(rooms, key)
        if watched is not None:
            return Response(watched.jpeg, media_type="image/jpeg", headers={"cache-control": "private, no-store"})
    if kind != "evidence" and reader.holder.may(Scope.ADMIN) and rooms.workshop is not None:
        still = rooms.workshop.stills.get(key, now)
        if still is not None:
            return Response(still.jpeg, media_type="image/jpeg", headers={"cache-control": "private, no-store"})
    found = _evidence(rooms, key)
    if found is None:
        raise StillMissing(f"there is no picture of camera {camera_id!r} yet; take one on its page")
    return handed_over(rooms, Viewing(reader.holder, found[0].annotated, None))


def _with_tiles(answer: Response, rooms: Rooms) -> Response:
    """The page's map may show the tile server's pictures; no other place is allowed."""
    if rooms.settings.map.tile_origin:
        answer.headers["content-security-policy"] = policy_with_pictures(rooms.settings.map.tile_origin)
    return answer


def _may_manage(caller: Caller, rooms: Rooms) -> bool:
    return rooms.cameras is not None and caller.holder.may(Scope.ADMIN)


def _waiting(rooms: Rooms, known: tuple[CameraRecord, ...]) -> list[CameraRecord]:
    """Cameras that no worker has told of yet."""
    if rooms.cameras is None:
        return []
    told = {record.camera_id for record in known}
    return [
        CameraRecord(
            each.camera_id,
            str(each.section.get("name") or ""),
            str(each.section.get("url") or ""),
            "waiting" if each.enabled else "disabled",
            each.changed_at,
        )
        for each in rooms.cameras.store.all()
        if each.camera_id not in told
    ]


def _standing(rooms: Rooms, camera_id: CameraId) -> tuple[CameraRecord, ConfigFacts]:
    """What its worker said of a camera, and how it is configured.

    Raises:
        CameraUnknown: nobody has heard of it.
    """
    record = rooms.store.camera(camera_id)
    config = _config(rooms, camera_id)
    if record is None and config is None:
        raise CameraUnknown(f"there is no camera {camera_id!r}; look for it in the list of cameras")
    config = config or ConfigFacts(camera_id=camera_id, file="" if record is None else record.kept_in)
    if record is None:
        state = "waiting" if config.enabled else "disabled"
        since = config.changed_at or rooms.clock.now()
        record = CameraRecord(
            camera_id, str(config.section.get("name") or ""), str(config.section.get("url") or ""), state, since
        )
    return record, config


def _config(rooms: Rooms, camera_id: CameraId) -> ConfigFacts | None:
    if rooms.cameras is None:
        return None
    file = rooms.cameras.file_camera(camera_id)
    if file is not None:
        return ConfigFacts(camera_id=camera_id, section=file.section, enabled=file.enabled, file=file.file)
    try:
        kept = rooms.cameras.store.get(camera_id)
    except CameraUnknown:
        return None
    return ConfigFacts(
        camera_id=camera_id,
        section=kept.section,
        enabled=kept.enabled,
        secrets=tuple(sorted(kept.sealed)),
        revision=kept.revision,
        worker=kept.worker_id,
        changed_at=kept.changed_at,
        changed_by=kept.changed_by,
    )


def _view_before(rooms: Rooms, camera_id: CameraId) -> Mapping[str, Any] | None:
    """The calibration that the last change of the view replaced."""
    if rooms.cameras is None:
        return None
    for event in reversed(rooms.cameras.store.events_of(camera_id)[-VIEWS_BEFORE:]):
        if event.kind is CameraConfigEventKind.ADDED:
            return None
        view = event.data.get("before", {}).get("view")
        if view:
            found: Mapping[str, Any] = view
            return found
    return None


def _picture(rooms: Rooms, camera_id: CameraId, caller: Caller, now: datetime) -> PictureFacts | None:
    """Which picture ``show_still`` hands over."""
    if caller.holder.may(Scope.ADMIN) and rooms.workshop is not None:
        still = rooms.workshop.stills.get(camera_id, now)
        if still is not None:
            return PictureFacts("taken", still.taken_at, (still.width_px, still.height_px))
    found = _evidence(rooms, camera_id)
    return None if found is None else PictureFacts("evidence", found[1], None)


def _last_watched(rooms: Rooms, camera_id: CameraId) -> WatchedPicture | None:
    """What its worker last drew for whoever looks; asking is the wish that it goes on."""
    try:
        return rooms.wall.watch(camera_id)
    except WatchedFull:
        return None


def _watched(rooms: Rooms, camera_id: CameraId) -> PictureFacts | None:
    picture = _last_watched(rooms, camera_id)
    return None if picture is None else PictureFacts("watched", picture.taken_at)


def _evidence(rooms: Rooms, camera_id: CameraId) -> tuple[EvidenceRefs, datetime] | None:
    """The newest annotated picture of this very camera that is still kept."""
    for case in rooms.store.list_cases(CaseQuery(camera_id=camera_id), None, 3).cases:
        for event in reversed(rooms.store.events_of(case.id)):
            refs = event.evidence
            if refs is None or event.camera_id != camera_id:
                continue
            if not rooms.house.keeping.removed_among({refs.annotated}):
                return refs, event.at
    return None


def _frame_wh(record: CameraRecord, picture: PictureFacts | None) -> tuple[int, int] | None:
    """What the picture's pixels are counted in, where anybody knows."""
    if picture is not None and picture.frame_wh is not None:
        return picture.frame_wh
    if record.width_px and record.height_px:
        return record.width_px, record.height_px
    return None
