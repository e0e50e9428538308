"""Evidence pictures by their SHA-256: put by workers, seen by the desk."""

import hashlib
from contextlib import suppress
from typing import Annotated
from urllib.parse import unquote

from anyio.to_thread import run_sync
from fastapi import APIRouter, Header, Path, Request, Response

from api.callers import CaseReader, Worker
from api.openapi_answers import refusals
from api.problems import EvidenceMissing, EvidenceRemoved, HashMismatch, MediaTypeRefused, NotAPicture
from api.rooms import Rooms, RoomsDep
from api.wire import SHA256_PATTERN, WireModel
from cases.access.pictures import Viewing
from cases.evidence import JPEG
from core.clock import isoformat_z

router = APIRouter(prefix="/api/v1/evidence", tags=["evidence"])

Sha256Path = Annotated[
    str, Path(pattern=SHA256_PATTERN, description="SHA-256 of the picture, lower-case hex", examples=["0a" * 32])
]
PICTURE = {"content": {JPEG: {"schema": {"type": "string", "format": "binary"}}}}
JPEG_START = b"\xff\xd8\xff"


class EvidenceReceiptWire(WireModel):
    """What is kept now."""

    sha256: str
    size: int
    media_type: str


@router.put(
    "/{sha256}",
    summary="Keep one JPEG picture",
    response_model=EvidenceReceiptWire,
    responses=refusals(413, 415)
    | {200: {"description": "Known already"}, 201: {"description": "Kept", "model": EvidenceReceiptWire}},
    openapi_extra={"requestBody": {"required": True, **PICTURE}},
)
async def put_evidence(
    worker: Worker, sha256: Sha256Path, rooms: RoomsDep, request: Request, response: Response
) -> EvidenceReceiptWire:
    """Safe to repeat. Send the pictures before the incident that names them."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != JPEG:
        raise MediaTypeRefused(f"content-type is {media_type[:80]!r}; send the picture as {JPEG}")
    receipt, is_new = await run_sync(_keep, rooms, sha256, await request.body())
    response.status_code = 201 if is_new else 200
    return receipt


def _keep(rooms: Rooms, sha256: str, picture: bytes) -> tuple[EvidenceReceiptWire, bool]:
    if not picture.startswith(JPEG_START):
        raise NotAPicture(f"the {len(picture)} bytes do not start like a JPEG; encode the picture as JPEG and send it")
    found = hashlib.sha256(picture).hexdigest()
    if found != sha256:
        raise HashMismatch(f"the {len(picture)} bytes have SHA-256 {found}; send them whole, to that address")
    file = rooms.evidence.put(picture, sha256)
    is_new = rooms.store.register_evidence(file, rooms.clock.now())
    if not rooms.evidence.path(sha256).exists():  # a purge had found it unnamed, just before it came again
        rooms.evidence.put(picture, sha256)
    return EvidenceReceiptWire(sha256=file.sha256, size=file.size, media_type=file.media_type), is_new


@router.get(
    "/{sha256}",
    summary="Get one picture",
    response_class=Response,
    responses=refusals(404, 410)
    | {200: {"description": "The picture", **PICTURE}, 304: {"description": "You have it"}},
)
def get_evidence(
    reader: CaseReader,
    sha256: Sha256Path,
    rooms: RoomsDep,
    if_none_match: Annotated[str | None, Header()] = None,
    x_reason: Annotated[
        str | None, Header(description="why, for an original; percent-encoded UTF-8", max_length=3000)
    ] = None,
) -> Response:
    """Annotated pictures and crops freely; an original only with a reason, which the audit log keeps."""
    return handed_over(rooms, Viewing(reader.holder, sha256, _plain(x_reason)), if_none_match)


def handed_over(rooms: Rooms, viewing: Viewing, if_none_match: str | None = None) -> Response:
    """The picture, its viewing written down first where it is a sealed one; no browser keeps a copy of such a one.

    Raises:
        EvidenceMissing, EvidenceRemoved: it is not kept, or no more.
        ReasonMissing: it is an original, and no usable reason came.
    """
    sha256 = viewing.sha256
    headers = {"etag": f'"{sha256}"', "cache-control": "private, max-age=86400, immutable"}
    file = rooms.store.evidence_file(sha256)
    if file is None:
        _refuse_if_removed(rooms, sha256)
        raise EvidenceMissing(f"no picture {sha256} is kept; take the hash from a case's evidence")
    if rooms.house.access.pictures.admit(viewing, rooms.clock.now()):
        return Response(rooms.evidence.read(sha256), media_type=file.media_type, headers={"cache-control": "no-store"})
    if if_none_match is not None and sha256 in if_none_match:
        return Response(status_code=304, headers=headers)
    return Response(rooms.evidence.read(sha256), media_type=file.media_type, headers=headers)


def _plain(header: str | None) -> str | None:
    """A header's text: percent-encoded UTF-8, or UTF-8 as it is, which HTTP hands over as Latin-1."""
    if header is None:
        return None
    with suppress(UnicodeError):
        header = header.encode("latin-1").decode("utf-8")
    return unquote(header)


def _refuse_if_removed(rooms: Rooms, sha256: str) -> None:
    removed = rooms.house.keeping.removed_among([sha256]).get(sha256)
    if removed is not None:
        on = isoformat_z(removed.removed_at)
        raise EvidenceRemoved(f"已按保存期限于 {on} 删除 / removed by retention on {on} ({removed.rule})")
