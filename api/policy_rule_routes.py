"""Permits, suppressions and profiles: listed, added, changed, removed."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Path, Query, Response
from fastapi.responses import JSONResponse

from api.callers import Caller, Reader, RequireRole
from api.case_routes import CaseKey
from api.if_match import IfMatch, expected_revision, needed_revision
from api.openapi_answers import refusals
from api.policy_rule_wire import (
    EXAMPLE_PERMIT,
    PermitDraftWire,
    PermitImportWire,
    PermitPageWire,
    PermitWire,
    ProfileDraftWire,
    ProfileListWire,
    ProfileWire,
)
from api.rooms import Rooms, RoomsDep
from api.suppression_wire import (
    CaseSuppressionWire,
    SuppressionDraftWire,
    SuppressionEndWire,
    SuppressionPageWire,
    SuppressionWire,
    expiry_after,
)
from api.wire import Identifier
from cases.case import CloseReason
from cases.policy.permits import drafts_of, feature_collection
from cases.policy.suppressions import SuppressionDraft, region_of_case
from cases.queries import cursor_before, opened_seq_of
from cases.roles import Role
from core.errors import CaseConflict
from core.ids import CaseId

router = APIRouter(tags=["policy"])
PERMITS, SUPPRESSIONS, PROFILES = "/api/v1/policy/permits", "/api/v1/policy/suppressions", "/api/v1/policy/profiles"
GEOJSON = "application/geo+json"

RuleAdmin = Annotated[Caller, Depends(RequireRole(Role.ADMIN))]
Suppressor = Annotated[Caller, Depends(RequireRole(Role.ACCEPTOR, Role.SHIFT_LEADER, Role.ADMIN))]
RuleKey = Annotated[int, Path(ge=1, le=2**31 - 1, examples=[17])]
Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[Identifier | None, Query(description="`next_cursor` of the page before")]
EXAMPLE_LAYER = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {name: value for name, value in EXAMPLE_PERMIT.items() if name != "polygon"},
            "geometry": {"type": "Polygon", "coordinates": EXAMPLE_PERMIT["polygon"]},
        }
    ],
}


@router.get(PERMITS, summary="List permitted stall areas", responses=refusals())
def list_permits(reader: Reader, rooms: RoomsDep, cursor: Cursor = None, limit: Limit = 50) -> PermitPageWire:
    after = 0 if cursor is None else opened_seq_of(cursor)
    found = rooms.house.policy.permits.page(after, limit + 1)
    more = len(found) > limit
    return PermitPageWire(
        permits=tuple(PermitWire.of(kept) for kept in found[:limit]),
        next_cursor=cursor_before(found[limit - 1].permit.id) if more else None,
    )


@router.post(PERMITS, summary="Permit stalls in an area", status_code=201, responses=refusals(409, 413))
def add_permit(admin: RuleAdmin, permit: PermitDraftWire, rooms: RoomsDep, response: Response) -> PermitWire:
    """It holds for the next report on; cases that stand stay."""
    kept = rooms.house.policy.permits.add(permit.as_draft(), admin.holder.name, rooms.clock.now())
    _tag(response, kept.revision)
    return PermitWire.of(kept)


@router.get(
    PERMITS + ".geojson",
    summary="Every permit as one GeoJSON layer",
    response_class=Response,
    responses=refusals() | {200: {"description": "The layer", "content": {GEOJSON: {"example": EXAMPLE_LAYER}}}},
)
def export_permits(reader: Reader, rooms: RoomsDep) -> JSONResponse:
    return JSONResponse(feature_collection(rooms.house.policy.permits.all()), media_type=GEOJSON)


@router.post(
    PERMITS + ".geojson",
    summary="Add or change permits from a GeoJSON layer",
    responses=refusals(409, 413),
)
def import_permits(
    admin: RuleAdmin,
    layer: Annotated[dict[str, Any], Body(media_type=GEOJSON, openapi_examples={"layer": {"value": EXAMPLE_LAYER}})],
    rooms: RoomsDep,
) -> PermitImportWire:
    """All of it or nothing. A number that stands is replaced, another one is added, permits not named stay."""
    drafts = drafts_of(layer, "permits")
    done = rooms.house.policy.permits.import_all(drafts, admin.holder.name, rooms.clock.now())
    return PermitImportWire(added=done.added, changed=done.changed, unchanged=done.unchanged)


@router.get(PERMITS + "/{permit_id}", summary="Read one permit", responses=refusals(404))
def read_permit(reader: Reader, permit_id: RuleKey, rooms: RoomsDep, response: Response) -> PermitWire:
    kept = rooms.house.policy.permits.get(permit_id)
    _tag(response, kept.revision)
    return PermitWire.of(kept)


@router.put(PERMITS + "/{permit_id}", summary="Replace a permit", responses=refusals(404, 409, 412, 413, 428))
def replace_permit(
    admin: RuleAdmin,
    permit_id: RuleKey,
    permit: PermitDraftWire,
    rooms: RoomsDep,
    response: Response,
    if_match: IfMatch = None,
) -> PermitWire:
    expected = needed_revision(if_match)
    store, actor, now = rooms.house.policy.permits, admin.holder.name, rooms.clock.now()
    kept = store.replace(permit_id, permit.as_draft(), expected, actor, now)
    _tag(response, kept.revision)
    return PermitWire.of(kept)


@router.delete(PERMITS + "/{permit_id}", summary="Take a permit back", status_code=204, responses=refusals(404, 412))
def remove_permit(admin: RuleAdmin, permit_id: RuleKey, rooms: RoomsDep, if_match: IfMatch = None) -> None:
    """What stands there then is judged by the next report."""
    expected = expected_revision(if_match)
    rooms.house.policy.permits.remove(permit_id, expected, admin.holder.name, rooms.clock.now())


@router.get(SUPPRESSIONS, summary="List suppressions, newest first", responses=refusals())
def list_suppressions(
    reader: Reader,
    rooms: RoomsDep,
    standing: Annotated[bool, Query(description="leave out what has expired or was removed")] = True,
    camera_id: Annotated[Identifier | None, Query()] = None,
    cell_id: Annotated[Identifier | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> SuppressionPageWire:
    now = rooms.clock.now()
    before = None if cursor is None else opened_seq_of(cursor)
    store = rooms.house.policy.suppressions
    found = store.page(before, limit + 1, now if standing else None, camera_id, cell_id)
    more = len(found) > limit
    return SuppressionPageWire(
        suppressions=tuple(SuppressionWire.of(kept, now) for kept in found[:limit]),
        next_cursor=cursor_before(found[limit - 1].suppression.id) if more else None,
    )


@router.post(SUPPRESSIONS, summary="Overlook something for a while", status_code=201, responses=refusals(409, 413))
def add_suppression(person: Suppressor, suppression: SuppressionDraftWire, rooms: RoomsDep) -> SuppressionWire:
    """Reports of it make no case until it expires; each is recorded with this rule."""
    now, settings = rooms.clock.now(), rooms.house.policy.policy.settings
    draft = suppression.as_draft(expiry_after(now, settings.suppression_days))
    kept = rooms.house.policy.suppressions.add(draft, person.holder.name, now, _most_days(person, rooms))
    return SuppressionWire.of(kept, now)


@router.get(SUPPRESSIONS + "/{suppression_id}", summary="Read one suppression", responses=refusals(404))
def read_suppression(reader: Reader, suppression_id: RuleKey, rooms: RoomsDep) -> SuppressionWire:
    return SuppressionWire.of(rooms.house.policy.suppressions.get(suppression_id), rooms.clock.now())


@router.patch(
    SUPPRESSIONS + "/{suppression_id}", summary="Let a suppression end at another moment", responses=refusals(404, 413)
)
def extend_suppression(
    person: Suppressor, suppression_id: RuleKey, end: SuppressionEndWire, rooms: RoomsDep
) -> SuppressionWire:
    now = rooms.clock.now()
    store, most_days = rooms.house.policy.suppressions, _most_days(person, rooms)
    kept = store.extend(suppression_id, end.expires_at, person.holder.name, now, most_days)
    return SuppressionWire.of(kept, now)


@router.delete(
    SUPPRESSIONS + "/{suppression_id}", summary="End a suppression now", status_code=204, responses=refusals(404)
)
def remove_suppression(person: Suppressor, suppression_id: RuleKey, rooms: RoomsDep) -> None:
    rooms.house.policy.suppressions.remove(suppression_id, person.holder.name, rooms.clock.now())


@router.post(
    "/api/v1/cases/{case_id}/suppression",
    summary="Suppress what a rejected case was made of",
    status_code=201,
    responses=refusals(404, 409, 413),
)
def suppress_case(
    person: Suppressor, case_id: CaseKey, suppression: CaseSuppressionWire, rooms: RoomsDep
) -> SuppressionWire:
    """The boxes of its newest look in its first camera's picture, with a margin; or its cell, whatever the camera.

    The case must have been rejected, voided or closed as no violation before.
    """
    case = rooms.store.get_case(CaseId(case_id))
    if case.is_open or case.close_reason is CloseReason.HANDLED:
        raise CaseConflict(f"case {case.number} was not rejected; reject it first, then suppress what it was made of")
    now, settings = rooms.clock.now(), rooms.house.policy.policy.settings
    category = None if suppression.every_category else str(case.category)
    expires_at = suppression.expires_at or expiry_after(now, settings.suppression_days)
    if suppression.where == "cell":
        draft = SuppressionDraft(
            reason=suppression.reason,
            category=category,
            cells=(case.cell_id,),
            case_id=case.id,
            expires_at=expires_at,
        )
    else:
        camera_id, view_id, polygons = region_of_case(rooms.store.events_of(case.id), settings.region_margin)
        draft = SuppressionDraft(
            reason=suppression.reason,
            category=category,
            camera_id=camera_id,
            view_id=view_id,
            polygons=polygons,
            case_id=case.id,
            expires_at=expires_at,
        )
    kept = rooms.house.policy.suppressions.add(draft, person.holder.name, now, _most_days(person, rooms))
    return SuppressionWire.of(kept, now)


@router.get(PROFILES, summary="List the profiles", responses=refusals())
def list_profiles(reader: Reader, rooms: RoomsDep) -> ProfileListWire:
    return ProfileListWire(profiles=tuple(ProfileWire.of(kept) for kept in rooms.house.policy.profiles.all()))


@router.post(PROFILES, summary="Add a profile", status_code=201, responses=refusals(409, 413))
def add_profile(admin: RuleAdmin, profile: ProfileDraftWire, rooms: RoomsDep, response: Response) -> ProfileWire:
    """The first that holds and has a bar for the category counts; the general one counts where none does."""
    kept = rooms.house.policy.profiles.add(profile.as_draft(), admin.holder.name, rooms.clock.now())
    _tag(response, kept.revision)
    return ProfileWire.of(kept)


@router.get(PROFILES + "/{profile_id}", summary="Read one profile", responses=refusals(404))
def read_profile(reader: Reader, profile_id: RuleKey, rooms: RoomsDep, response: Response) -> ProfileWire:
    kept = rooms.house.policy.profiles.get(profile_id)
    _tag(response, kept.revision)
    return ProfileWire.of(kept)


@router.put(PROFILES + "/{profile_id}", summary="Replace a profile", responses=refusals(404, 409, 412, 413, 428))
def replace_profile(
    admin: RuleAdmin,
    profile_id: RuleKey,
    profile: ProfileDraftWire,
    rooms: RoomsDep,
    response: Response,
    if_match: IfMatch = None,
) -> ProfileWire:
    expected = needed_revision(if_match)
    store, actor, now = rooms.house.policy.profiles, admin.holder.name, rooms.clock.now()
    kept = store.replace(profile_id, profile.as_draft(), expected, actor, now)
    _tag(response, kept.revision)
    return ProfileWire.of(kept)


@router.delete(PROFILES + "/{profile_id}", summary="Remove a profile", status_code=204, responses=refusals(404, 412))
def remove_profile(admin: RuleAdmin, profile_id: RuleKey, rooms: RoomsDep, if_match: IfMatch = None) -> None:
    expected = expected_revision(if_match)
    rooms.house.policy.profiles.remove(profile_id, expected, admin.holder.name, rooms.clock.now())


def _most_days(person: Caller, rooms: Rooms) -> int | None:
    """How long this person may suppress; an admin as long as they like."""
    return None if Role.ADMIN in person.holder.roles else rooms.house.policy.policy.settings.suppression_days_most


def _tag(response: Response, revision: int) -> None:
    response.headers["etag"] = f'"{revision}"'
    response.headers["cache-control"] = "private, no-cache"
