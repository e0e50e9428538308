"""The catalogue of categories: read by everybody, imported by admins; a case keeps its version."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Response

from api.callers import Caller, Identified, RequireRole
from api.catalogue_wire import (
    CatalogueChangeWire,
    CatalogueDifferenceWire,
    CatalogueImportWire,
    CatalogueVersionPageWire,
    CatalogueVersionWire,
    CatalogueWire,
)
from api.if_match import IfMatch, expected_revision
from api.openapi_answers import refusals
from api.problems import MediaTypeRefused
from api.raw_body import FileBody, file_body
from api.rooms import RoomsDep
from api.wire import Identifier
from cases.catalogue.errors import CatalogueRefused
from cases.catalogue.in_force import CatalogueInForce
from cases.catalogue.reading import JSON, TOML, read_catalogue, shipped
from cases.queries import cursor_before, opened_seq_of
from cases.roles import Role

router = APIRouter(tags=["catalogue"])
VERSIONS, ONE = "/api/v1/catalogue/versions", "/api/v1/catalogue/versions/{version}"
TOML_TYPES = frozenset({TOML, "text/toml", "text/plain", "application/octet-stream", ""})

CatalogueAdmin = Annotated[Caller, Depends(RequireRole(Role.ADMIN))]
VersionKey = Annotated[int, Path(ge=1, le=2**31 - 1, examples=[3])]
VersionQuery = Annotated[int, Query(ge=1, le=2**31 - 1)]
Why = Annotated[str, Query(max_length=2000, description="why, for the audit log", examples=["2026 年修订"])]
IfNoneMatch = Annotated[str | None, Header(max_length=1000)]
NOT_MODIFIED: dict[int | str, dict[str, Any]] = {304: {"description": "Unchanged since the version in If-None-Match"}}


@router.get(
    "/api/v1/catalogue/current",
    summary="The catalogue in force",
    response_model=CatalogueWire,
    responses=refusals() | NOT_MODIFIED,
)
def read_current(
    caller: Identified, rooms: RoomsDep, response: Response, if_none_match: IfNoneMatch = None
) -> CatalogueWire | Response:
    """For every key, workers' too; before any import it is the one that comes with Gridpatrol."""
    kept = rooms.house.catalogue.in_force()
    headers = {"etag": f'"{kept.version}"', "cache-control": "private, no-cache"}
    if if_none_match is not None and headers["etag"] in if_none_match:
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return CatalogueWire.of(kept)


@router.get(VERSIONS, summary="List the catalogue's versions, newest first", responses=refusals())
def list_versions(
    caller: Identified,
    rooms: RoomsDep,
    cursor: Annotated[Identifier | None, Query(description="`next_cursor` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> CatalogueVersionPageWire:
    before = None if cursor is None else opened_seq_of(cursor)
    found = rooms.house.catalogue.versions(before, limit + 1)
    more = len(found) > limit
    return CatalogueVersionPageWire(
        versions=tuple(CatalogueVersionWire.of(each) for each in found[:limit]),
        next_cursor=cursor_before(found[limit - 1].version) if more else None,
    )


@router.post(
    VERSIONS,
    summary="Import a catalogue file",
    status_code=201,
    responses=refusals(409, 412, 413, 415)
    | {200: {"description": "Nothing was written: a dry run, or the file in force", "model": CatalogueImportWire}},
    openapi_extra=file_body(application__toml=shipped().source, application__json='{"name": "…", "categories": []}'),
)
def import_catalogue(
    admin: CatalogueAdmin,
    file: FileBody,
    rooms: RoomsDep,
    response: Response,
    why: Why = "",
    dry_run: Annotated[bool, Query(description="only tell what would change")] = False,
    if_match: IfMatch = None,
) -> CatalogueImportWire:
    """A new version for cases that are opened from now on; those that stand keep theirs."""
    if file.media_type not in TOML_TYPES | {JSON}:
        raise MediaTypeRefused(f"a catalogue is {TOML} or {JSON}; send it as one of them")
    try:
        text = file.data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CatalogueRefused("the catalogue is not UTF-8 text; save it as UTF-8") from error
    read = read_catalogue(text, JSON if file.media_type == JSON else TOML, "catalogue")
    done = rooms.house.catalogue.import_file(
        read, admin.holder.actor, why, rooms.clock.now(), expected=expected_revision(if_match), dry_run=dry_run
    )
    response.headers["etag"] = f'"{done.version}"'
    response.status_code = 201 if done.is_new and not dry_run else 200
    return CatalogueImportWire.of(done, dry_run)


@router.get("/api/v1/catalogue/diff", summary="Compare two versions", responses=refusals(404))
def compare_versions(
    caller: Identified, rooms: RoomsDep, before: VersionQuery, after: VersionQuery
) -> CatalogueDifferenceWire:
    changes = rooms.house.catalogue.compare(before, after)
    told = tuple(CatalogueChangeWire.of(change) for change in changes)
    return CatalogueDifferenceWire(before=before, after=after, changes=told)


@router.get(ONE, summary="Read one version", responses=refusals(404))
def read_version(caller: Identified, version: VersionKey, rooms: RoomsDep, response: Response) -> CatalogueWire:
    """What a case that was opened under it goes by; it never changes."""
    return _told(rooms.house.catalogue.get(version), response)


@router.get(
    ONE + "/file",
    summary="A version as the file that was imported",
    response_class=Response,
    responses=refusals(404)
    | {200: {"description": "The file, remarks included", "content": {TOML: {"schema": {"type": "string"}}}}},
)
def export_version(caller: Identified, version: VersionKey, rooms: RoomsDep) -> Response:
    file = rooms.house.catalogue.file(version)
    ending = "json" if file.media_type == JSON else "toml"
    name = f'attachment; filename="catalogue-{version}.{ending}"'
    return Response(file.source, media_type=file.media_type, headers={"content-disposition": name})


def _told(kept: CatalogueInForce, response: Response) -> CatalogueWire:
    response.headers["etag"] = f'"{kept.version}"'
    response.headers["cache-control"] = "private, max-age=86400, immutable"
    return CatalogueWire.of(kept)
