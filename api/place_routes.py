"""Grids, zones, units and people: read by everybody, changed by admins; phones for those who call people up."""

import json
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi.responses import JSONResponse

from api.callers import Caller, Reader, RequireRole
from api.if_match import IfMatch, needed_revision
from api.openapi_answers import refusals
from api.place_layer import follow_places
from api.place_wire import (
    EXAMPLE_LAYER,
    SEES_PHONES,
    AssignmentWire,
    LastDayWire,
    PlaceDraftWire,
    PlaceImportWire,
    PlacePageWire,
    PlaceWire,
    ResponsibleWire,
)
from api.raw_body import FileBody, file_body
from api.rooms import RoomsDep
from api.wire import Category, Identifier, Moment
from cases.places.layers import GEOJSON, feature_of, properties_wanted, read_layer
from cases.places.levels import PlaceLevel
from cases.places.sheets import SheetKind, read_sheet, write_sheet
from cases.places.store import PlaceQuery
from cases.queries import CursorInvalid
from cases.roles import Role
from core.ids import CategoryId, CellId

router = APIRouter(tags=["places"])
PLACES, ONE = "/api/v1/places", "/api/v1/places/{code}"
LAYER, SHEET = "/api/v1/places.geojson", "/api/v1/places.csv"
CSV = "text/csv"

PlaceAdmin = Annotated[Caller, Depends(RequireRole(Role.ADMIN))]
PlaceKey = Annotated[str, Path(pattern=r"^[0-9]{4,15}$", examples=["510104001001001"])]
Within = Annotated[
    str | None, Query(pattern=r"^[0-9]{4,15}$", description="code of a city, district, street or community")
]
On = Annotated[date | None, Query(description="zone, units and people of that day; left out: today")]
DryRun = Annotated[bool, Query(description="only tell what would change")]


@router.get(PLACES, summary="List places by code", responses=refusals())
def list_places(
    reader: Reader,
    rooms: RoomsDep,
    level: PlaceLevel | None = None,
    within: Within = None,
    on: On = None,
    cursor: Annotated[Identifier | None, Query(description="`next_cursor` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> PlacePageWire:
    """Those that were imported; the grid file's other cells are at `/api/v1/cells/{code}`."""
    if cursor is not None and not (cursor.isascii() and cursor.isdecimal()):
        raise CursorInvalid(f"cursor {cursor[:40]!a} is not one of ours; start again without a cursor")
    store = rooms.house.places
    found = store.page(PlaceQuery(level, within), cursor or "", limit + 1)
    day = on or store.today(rooms.clock.now())
    return PlacePageWire(
        places=tuple(PlaceWire.of(place, day, reader.holder) for place in found[:limit]),
        next_cursor=found[limit - 1].code if len(found) > limit else None,
    )


@router.get(
    LAYER,
    summary="Every place as one GeoJSON layer",
    response_class=Response,
    responses=refusals() | {200: {"description": "The layer", "content": {GEOJSON: {"example": EXAMPLE_LAYER}}}},
)
def export_layer(reader: Reader, rooms: RoomsDep, within: Within = None, on: On = None) -> JSONResponse:
    """As it stands on a day; the same file can be imported again. Phones only for those who may see them."""
    store = rooms.house.places
    day = on or store.today(rooms.clock.now())
    shows_phones = bool(reader.holder.roles & SEES_PHONES)
    features = [feature_of(place, day, shows_phones) for place in store.every(PlaceQuery(within=within))]
    return JSONResponse({"type": "FeatureCollection", "features": features}, media_type=GEOJSON)


@router.post(
    LAYER,
    summary="Import places from a GeoJSON layer",
    responses=refusals(413),
    openapi_extra=file_body(application__geo_plus_json=json.dumps(EXAMPLE_LAYER, ensure_ascii=False)),
)
def import_layer(admin: PlaceAdmin, file: FileBody, rooms: RoomsDep, dry_run: DryRun = False) -> PlaceImportWire:
    """All of it or nothing; what the layer does not name stays."""
    store = rooms.house.places
    wanted = read_layer(file.data, "places.geojson", store.catalogue())
    plan = store.take(wanted, admin.holder.actor, rooms.clock.now(), source="places.geojson", dry_run=dry_run)
    if not dry_run:
        follow_places(rooms)
    return PlaceImportWire.of(plan, dry_run)


@router.get(
    SHEET,
    summary="Places, units or people as CSV",
    response_class=Response,
    responses=refusals() | {200: {"description": "The sheet", "content": {CSV: {"schema": {"type": "string"}}}}},
)
def export_sheet(reader: Reader, rooms: RoomsDep, kind: SheetKind = "places", within: Within = None) -> Response:
    """With all their days, past and to come; Excel opens it."""
    store = rooms.house.places
    shows_phones = bool(reader.holder.roles & SEES_PHONES)
    text = write_sheet(kind, store.every(PlaceQuery(within=within)), store.catalogue(), shows_phones)
    headers = {"content-disposition": f'attachment; filename="{kind}.csv"'}
    return Response(text, media_type=CSV, headers=headers)


@router.post(
    SHEET,
    summary="Import places, units or people from CSV",
    responses=refusals(413),
    openapi_extra=file_body(text__csv="编码,类别,责任单位,生效日期\n510104001001001,暴露垃圾,环卫一所,2026-05-01\n"),
)
def import_sheet(admin: PlaceAdmin, file: FileBody, rooms: RoomsDep, dry_run: DryRun = False) -> PlaceImportWire:
    """What it holds follows from its head line. UTF-8 or GBK. All of it or nothing; lines that are not there stay."""
    store = rooms.house.places
    wanted = read_sheet(file.data, "places.csv", store.catalogue())
    plan = store.take(wanted, admin.holder.actor, rooms.clock.now(), source="places.csv", dry_run=dry_run)
    if not dry_run:
        follow_places(rooms)
    return PlaceImportWire.of(plan, dry_run)


@router.get(ONE, summary="Read a place", responses=refusals(404))
def read_place(reader: Reader, code: PlaceKey, rooms: RoomsDep, response: Response, on: On = None) -> PlaceWire:
    store = rooms.house.places
    place = store.get(code)
    response.headers["etag"] = f'"{place.revision}"'
    response.headers["cache-control"] = "private, no-cache"
    return PlaceWire.of(place, on or store.today(rooms.clock.now()), reader.holder)


@router.put(ONE, summary="Make or change a place", responses=refusals(404, 412, 413, 428))
def put_place(
    admin: PlaceAdmin,
    code: PlaceKey,
    draft: PlaceDraftWire,
    rooms: RoomsDep,
    response: Response,
    if_match: IfMatch = None,
) -> PlaceWire:
    """What is left out stays. A new unit or grade takes over on its first day; `If-Match: *` also makes a new place."""
    store, now = rooms.house.places, rooms.clock.now()
    expected = code, needed_revision(if_match)
    said = draft.model_dump(mode="json", exclude_none=True)
    wanted = properties_wanted(code, said, said.get("geometry"), "body", store.catalogue())
    store.take(wanted, admin.holder.actor, now, source="api", expected=expected)
    follow_places(rooms)
    place = store.get(code)
    response.headers["etag"] = f'"{place.revision}"'
    return PlaceWire.of(place, store.today(now), admin.holder)


@router.post(
    PLACES + "/assignments/{kind}/{assignment_id}/end", summary="End an assignment", responses=refusals(404, 413)
)
def end_assignment(
    admin: PlaceAdmin,
    kind: Literal["zone", "unit", "person"],
    assignment_id: Annotated[int, Path(ge=1, le=2**31 - 1)],
    end: LastDayWire,
    rooms: RoomsDep,
) -> AssignmentWire:
    """Its last day still counts. Cases keep the unit they have."""
    ended = rooms.house.places.end(kind, assignment_id, end.last_day, admin.holder.actor, rooms.clock.now())
    follow_places(rooms)
    return AssignmentWire.of(ended)


@router.get("/api/v1/responsible", summary="Who answers for a category in a cell", responses=refusals())
def tell_responsible(
    reader: Reader,
    rooms: RoomsDep,
    cell_id: Annotated[str, Query(pattern=r"^[0-9]{14,15}(?:/[0-9]{1,6}-[0-9]{1,6})?$", examples=["510104001001001"])],
    category: Category,
    at: Moment | None = None,
) -> ResponsibleWire:
    """As a case opened at that moment would get it."""
    moment = at or rooms.clock.now()
    cell, kind = CellId(cell_id), CategoryId(category)
    found = rooms.house.places.responsible(
        cell_id, category, moment, file_zone=rooms.cells.zone(cell), file_unit=rooms.cells.unit(cell, kind)
    )
    return ResponsibleWire.of(found, moment, reader.holder)
