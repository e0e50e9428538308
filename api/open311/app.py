"""The service as one ASGI app, mounted at ``/open311``: a call in, a document out, refusals in the standard's form."""

import logging
import uuid
from dataclasses import dataclass

from anyio import to_thread
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.open311.addresses import Address, address_of, format_of
from api.open311.calls import Call, call_of
from api.open311.discovery import discovery
from api.open311.documents import Document, Format
from api.open311.errors import Refusal, bad, missing, refusal_of
from api.open311.filing import file_request
from api.open311.listing import request_list, request_of, token_of
from api.open311.mounting import MOUNTED_AT
from api.open311.services import service_definition, service_list
from api.open311.updates import file_update, update_list
from api.rooms import Rooms
from core.errors import PatrolError

logger = logging.getLogger("gridpatrol.api.open311")
FORESEEN = (PatrolError, HTTPException, OperationalError, InterfaceError, PoolTimeout)
POSTED = frozenset({"requests", "servicerequestupdates"})
NO_COPIES = {"cache-control": "no-store"}
PICTURE_HEADERS = {
    "cache-control": "private, max-age=3600",
    "x-robots-tag": "noindex",
    "cross-origin-resource-policy": "cross-origin",  # a portal shows it on its own pages
}


@dataclass(frozen=True, slots=True)
class Resource:
    """What the measurements call a call (``api.traffic``)."""

    path: str


class Open311:
    """Everything below ``/open311``; whoever it is mounted by has the rooms."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = await self._answer(request)
        finally:
            await request.close()  # pictures that came along lie in temporary files
        app: ASGIApp = response
        await app(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        path = _path_below(request)
        accept = request.headers.get("accept", "")
        form = Format.JSON if path.endswith(".json") else format_of(Address("", None, None), accept)
        try:
            self._rooms.limits.check(request, self._rooms.clock.monotonic())
            address = address_of(path)
            request.scope["route"] = Resource(f"{MOUNTED_AT}/v2/{address.resource}")
            form = format_of(address, accept)
            if request.method not in ("GET", "HEAD", "POST"):
                raise bad(f"不支持 {request.method} / {request.method[:20]!a} is not taken here; use GET or POST")
            if (request.method == "POST") > (address.resource in POSTED and address.name is None):
                raise bad(
                    "该网址不接受 POST / this address takes GET only; POST goes to requests or servicerequestupdates"
                )
            call = await call_of(request, address, form, self._rooms)
            return await self._said(call)
        except FORESEEN as error:
            return _refused(request, error, form)

    async def _said(self, call: Call) -> Response:
        call.check_jurisdiction()
        if call.method != "POST":
            return await to_thread.run_sync(_looked_up, call)
        pictures: list[bytes] = []
        for file in call.files:
            pictures.append(await file.read(self._rooms.settings.open311.media_bytes + 1))
            await file.close()
        if call.address.resource == "requests":
            document = await to_thread.run_sync(file_request, call, tuple(pictures))
        else:
            document = await to_thread.run_sync(file_update, call)
        self._rooms.feed.notify()
        return _written(document, call.form, 200)


def _looked_up(call: Call) -> Response:
    resource, name = call.address.resource, call.address.name
    if resource == "media":
        return _picture(call, name)
    if resource == "discovery":
        return _written(discovery(call), call.form)
    if resource == "services":
        return _written(service_list(call) if name is None else service_definition(call, name), call.form)
    call.check_reader()
    if resource == "tokens":
        if name is None:
            raise bad("缺少令牌 / the token is missing; ask for tokens/<token>.xml")
        return _written(token_of(call, name), call.form)
    if resource == "servicerequestupdates":
        return _written(update_list(call), call.form)
    return _written(request_list(call) if name is None else request_of(call, name), call.form)


def _picture(call: Call, token: str | None) -> Response:
    """A blurred picture, to whoever knows its address; the sealed original never."""
    sha256 = None if token is None else call.rooms.house.requests.picture_of_token(token)
    if sha256 is None:
        raise missing("没有这张图片 / no such picture, or it is kept no more")
    return Response(call.rooms.evidence.read(sha256), media_type="image/jpeg", headers=PICTURE_HEADERS)


def _path_below(request: Request) -> str:
    """Not decoded: a slash that belongs to an id is not one between two names."""
    raw = request.scope.get("raw_path") or request.scope["path"].encode()
    path: str = raw.decode("ascii", "replace").partition("?")[0]
    root: str = request.scope.get("root_path", "")
    return path.removeprefix(root) if path.startswith(root) else path.removeprefix(MOUNTED_AT)


def _written(document: Document, form: Format, status: int = 200) -> Response:
    return Response(document.as_bytes(form), status, NO_COPIES, form.media_type)


def _refused(request: Request, error: Exception, form: Format) -> Response:
    refusal: Refusal = refusal_of(error)
    headers, reference = dict(NO_COPIES), uuid.uuid4().hex[:12]
    if refusal.status >= 500:
        kind = type(error).__name__
        logger.error("%s failed, reference %s: %s", request.method, reference, kind, exc_info=error)
    if refusal.retry_after_s is not None:
        headers["retry-after"] = str(refusal.retry_after_s)
    if isinstance(error, HTTPException) and error.status_code == 413:
        headers["connection"] = "close"  # the rest of the body stays unread
    return Response(refusal.document().as_bytes(form), refusal.status, headers, form.media_type)
