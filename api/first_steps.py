"""Whether an installation is still at its first steps, and how far it has come."""

from collections.abc import Mapping

from api.rooms import Rooms
from cases.access.holder import KeyHolder
from cases.case import Case
from cases.life import Stage
from cases.queries import CaseQuery
from cases.roles import Role
from desk.start_page import StartCamera, StartFilm, StartView

CASES_LOOKED_AT = 100
UNCONFIRMED = frozenset({Stage.COLLECTED, Stage.VOID})


def first_page(rooms: Rooms, holder: KeyHolder) -> str:
    """Where somebody who has just signed in begins: an admin of an installation without a case at its first steps."""
    if Role.ADMIN not in holder.roles or rooms.site is None or rooms.site.layer is None:
        return "/"
    return "/" if rooms.store.list_cases(CaseQuery(), None, 1).cases else "/start"


def how_far(rooms: Rooms, holder: KeyHolder) -> StartView:
    """The steps as they stand."""
    has_admin = rooms.house.access.people.has_admin()
    city, site = rooms.cells.city(), rooms.site
    cases = rooms.store.list_cases(CaseQuery(), None, CASES_LOOKED_AT).cases
    return StartView(
        has_admin=has_admin,
        may_make_admin=not has_admin and not holder.is_person and Role.ADMIN in holder.roles,
        grid_cells=0 if city is None else len(city),
        makes_grid=site is not None and site.layer is not None,
        cameras=_cameras(rooms),
        tied=_tied(rooms),
        confirm_s=0.0 if site is None else site.confirm_s,
        case=_waiting(cases),
        confirmed=next((case for case in cases if case.life.stage not in UNCONFIRMED), None),
    )


def _waiting(cases: tuple[Case, ...]) -> Case | None:
    """The one that waits longest for somebody, so that it stays the same while others come; else the newest."""
    waits = next((case for case in reversed(cases) if case.life.stage is Stage.COLLECTED), None)
    return waits or next(iter(cases), None)


def _cameras(rooms: Rooms) -> tuple[StartCamera, ...]:
    """Those that a worker told of, then those that none has told of yet."""
    films = _films(rooms)
    told = [
        StartCamera(
            str(each.camera_id),
            each.state,
            int(dict(each.looks).get("looks", 0)),
            each.error or "",
            films.get(str(each.camera_id)),
        )
        for each in rooms.store.cameras()
    ]
    known = {each.camera_id for each in told}
    kept = () if rooms.cameras is None else rooms.cameras.store.all()
    waiting = [
        StartCamera(str(each.camera_id), "waiting", 0, film=films.get(str(each.camera_id)))
        for each in kept
        if str(each.camera_id) not in known
    ]
    return (*told, *waiting)


def _films(rooms: Rooms) -> Mapping[str, StartFilm]:
    """What the cameras play that were given a video file on the desk; a file that was not uploaded has no length."""
    if rooms.cameras is None:
        return {}
    clips = () if rooms.workshop is None else rooms.workshop.clips.all()
    lengths = {clip.path: clip.duration_s for clip in clips}
    return {
        str(each.camera_id): StartFilm(
            float(each.section.get("time_scale") or 1.0), bool(each.section.get("loop")), lengths.get(url)
        )
        for each in rooms.cameras.store.all()
        if "://" not in (url := str(each.section.get("url", "")))
    }


def _tied(rooms: Rooms) -> tuple[str, ...]:
    """Cameras with control points, regions, or a mount on a vehicle."""
    if rooms.cameras is None:
        return ()
    sections = [(str(each.camera_id), each.section) for each in rooms.cameras.store.all()]
    sections += [(str(each.camera_id), each.section) for each in rooms.cameras.file_cameras()]
    return tuple(camera_id for camera_id, section in sections if section.get("view") or section.get("vehicle"))
