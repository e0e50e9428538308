"""The review queue: the page, its list anew, one candidate, and what happened to one meanwhile."""

from collections.abc import Mapping
from datetime import datetime, time

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from api.callers import Caller, Reader
from api.case_routes import CaseKey
from api.desk_answers import page, visitor_of
from api.rooms import Rooms, RoomsDep
from cases.access.names import names_of
from cases.case import Case, CaseEvent
from cases.known_units import known_units
from cases.workflow.shift import shift_tally
from cases.workflow.waiting import WaitingPage, count_waiting, open_near, picture_before, waiting
from core.ids import CameraId, CaseId, CellId
from desk.case_people import logins_of
from desk.cell_facts import CellFacts
from desk.removed_pictures import pictures_of
from desk.render import DESK_ZONE
from desk.review_candidate import CandidateAround, render_candidate, render_meanwhile
from desk.review_filters import ReviewFilters
from desk.review_queue import ReviewAround, render_queue, render_review

PAGE_CASES = 60
MOST_CAMERAS_OFFERED = 1000
router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/review")
def show_review(request: Request, reader: Reader, rooms: RoomsDep) -> Response:
    filters = ReviewFilters.from_query(dict(request.query_params))
    found = waiting(rooms.store.engine, filters.to_waiting_query(), filters.cursor, PAGE_CASES)
    around = _around(rooms, reader, filters, found, is_whole=True)
    return page(request, render_review(found, filters, rooms.cells.feature, visitor_of(request, reader), around))


@router.get("/review/queue")
def show_queue(request: Request, reader: Reader, rooms: RoomsDep) -> Response:
    filters = ReviewFilters.from_query(dict(request.query_params))
    found = waiting(rooms.store.engine, filters.to_waiting_query(), filters.cursor, PAGE_CASES)
    around = _around(rooms, reader, filters, found, is_whole=False)
    return _part(render_queue(found, filters, rooms.cells.feature, visitor_of(request, reader), around))


@router.get("/review/cases/{case_id}")
def show_candidate(request: Request, case_id: CaseKey, reader: Reader, rooms: RoomsDep) -> Response:
    case = rooms.store.get_case(CaseId(case_id))
    events = rooms.store.events_of(case.id)
    around = _candidate_around(rooms, reader, case, events)
    return _part(render_candidate(case, events, rooms.cells.feature, visitor_of(request, reader), around))


@router.get("/review/cases/{case_id}/meanwhile")
def show_meanwhile(request: Request, case_id: CaseKey, reader: Reader, rooms: RoomsDep) -> Response:
    case = rooms.store.get_case(CaseId(case_id))
    events = rooms.store.events_of(case.id)
    names = names_of(rooms.store.engine, logins_of(event.actor for event in events))
    return _part(render_meanwhile(case, events, visitor_of(request, reader), names))


def _part(html: str) -> Response:
    return HTMLResponse(html, headers={"cache-control": "no-store"})


def _around(
    rooms: Rooms, reader: Caller, filters: ReviewFilters, found: WaitingPage, *, is_whole: bool
) -> ReviewAround:
    now, engine, house = rooms.clock.now(), rooms.store.engine, rooms.house
    claims: Mapping[str, str] = {claim.case_id: claim.holder for claim in house.workflow.claims(now)}
    crops = {look.crop for case in found.cases if (look := case.latest_evidence or case.evidence) is not None}
    cameras = rooms.store.cameras()[:MOST_CAMERAS_OFFERED] if is_whole else ()
    return ReviewAround(
        now=now,
        actor=reader.holder.actor,
        counts=count_waiting(engine, filters.of_category("").to_waiting_query()),
        shift=shift_tally(engine, reader.holder.actor, _midnight(now)),
        claims=claims,
        names=names_of(engine, logins_of(claims.values())),
        removed={sha256: each.removed_at for sha256, each in house.keeping.removed_among(crops).items()},
        cameras=tuple((str(camera.camera_id), camera.name) for camera in cameras),
        units=known_units(engine) if is_whole else (),
    )


def _candidate_around(rooms: Rooms, reader: Caller, case: Case, events: tuple[CaseEvent, ...]) -> CandidateAround:
    now, engine, house = rooms.clock.now(), rooms.store.engine, rooms.house
    neighbours = _neighbours(rooms, case.cell_id)
    claim = house.workflow.claim_on(case.id, now)
    before = picture_before(engine, case, events[0])
    pictures = pictures_of(events if before is None else (*events, before))
    told = (*(event.actor for event in events), *(() if claim is None else (claim.holder,)))
    camera = rooms.store.camera(CameraId(case.cameras[0])) if case.cameras else None
    return CandidateAround(
        now=now,
        actor=reader.holder.actor,
        names=names_of(engine, logins_of(told)),
        claim=claim,
        decisions=house.policy.decisions.of_case(case.id)[0],
        before=before,
        near=open_near(engine, case, (case.cell_id, *(each.code for each in neighbours))),
        neighbours=neighbours,
        camera_name="" if camera is None else camera.name,
        removed={sha256: each.removed_at for sha256, each in house.keeping.removed_among(pictures).items()},
    )


def _neighbours(rooms: Rooms, code: CellId) -> tuple[CellFacts, ...]:
    """The cells around one: those that lie a little beyond its bounding box, in eight directions."""
    feature = rooms.cells.feature(code)
    outline = () if feature is None else CellFacts.from_feature(feature).outline
    if len(outline) < 3:
        return ()
    west, east = min(p.x for p in outline), max(p.x for p in outline)
    south, north = min(p.y for p in outline), max(p.y for p in outline)
    lons, lats = (
        (1.2 * west - 0.2 * east, (west + east) / 2, 1.2 * east - 0.2 * west),
        (
            1.2 * south - 0.2 * north,
            (south + north) / 2,
            1.2 * north - 0.2 * south,
        ),
    )
    codes = {rooms.cells.cell_at(lon, lat) for lon in lons for lat in lats} - {None, code}
    features = (rooms.cells.feature(each) for each in sorted(each for each in codes if each is not None))
    return tuple(CellFacts.from_feature(each) for each in features if each is not None)


def _midnight(now: datetime) -> datetime:
    """Since when today is counted, in the city's zone."""
    return datetime.combine(now.astimezone(DESK_ZONE).date(), time(), DESK_ZONE)
