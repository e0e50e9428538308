"""Webhook endpoints: added, changed, tested, given a new secret, removed."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from api.callers import Caller, RequireRole
from api.if_match import IfMatch, expected_revision
from api.openapi_answers import refusals
from api.outbound_desk import OutboundDesk
from api.outbound_wire import (
    WebhookDraftWire,
    WebhookListWire,
    WebhookPatchWire,
    WebhookSecretWire,
    WebhookTestWire,
    WebhookWire,
)
from api.rooms import Rooms, RoomsDep
from cases.outbound.calls import failure_of
from cases.outbound.courier import WebhookCourier
from cases.outbound.endpoints import Endpoint, check_draft, new_endpoint_id, purpose_of
from cases.outbound.errors import EndpointRefused, NotDelivered
from cases.outbound.message import probe_message
from cases.outbound.reach import check_url
from cases.outbound.signing import new_secret
from cases.roles import Role

router = APIRouter(prefix="/api/v1/webhooks", tags=["webhooks"])

WebhookAdmin = Annotated[Caller, Depends(RequireRole(Role.ADMIN))]
WebhookKey = Annotated[str, Path(pattern=r"^wh_[0-9a-f]{16}$", examples=["wh_3f9a1c2b4d5e6f70"])]


@router.get("", summary="List webhook endpoints", responses=refusals())
def list_webhooks(admin: WebhookAdmin, rooms: RoomsDep) -> WebhookListWire:
    return WebhookListWire(webhooks=tuple(WebhookWire.of(each) for each in rooms.house.outbound.endpoints.all()))


@router.post("", summary="Add a webhook endpoint", status_code=201, responses=refusals(409, 413))
def add_webhook(
    admin: WebhookAdmin, webhook: WebhookDraftWire, rooms: RoomsDep, response: Response
) -> WebhookSecretWire:
    """The secret in the answer signs every message (Standard Webhooks); it is not told again."""
    desk = _desk(rooms)
    draft = webhook.as_draft()
    check_draft(draft)
    check_url(draft.url, desk.caller.allowed)
    endpoint_id, secret = new_endpoint_id(), new_secret()
    sealed = desk.seal.seal(secret, purpose_of(endpoint_id))
    actor, now = admin.holder.name, rooms.clock.now()
    kept = rooms.house.outbound.endpoints.add(
        endpoint_id, draft, sealed, actor, now, after=webhook.after, most=desk.rules.endpoints
    )
    return WebhookSecretWire(webhook=_tagged(kept, response), secret=secret)


@router.get("/{webhook_id}", summary="Read one endpoint", responses=refusals(404))
def read_webhook(admin: WebhookAdmin, webhook_id: WebhookKey, rooms: RoomsDep, response: Response) -> WebhookWire:
    return _tagged(rooms.house.outbound.endpoints.get(webhook_id), response)


@router.patch("/{webhook_id}", summary="Change an endpoint", responses=refusals(404, 412, 413))
def change_webhook(
    admin: WebhookAdmin,
    webhook_id: WebhookKey,
    patch: WebhookPatchWire,
    rooms: RoomsDep,
    response: Response,
    if_match: IfMatch = None,
) -> WebhookWire:
    """Its line goes on where it was."""
    expected = expected_revision(if_match)
    store = rooms.house.outbound.endpoints
    standing = store.get(webhook_id)
    draft = patch.applied_to(standing.draft)
    check_url(draft.url, _desk(rooms).caller.allowed)
    seen = standing.revision if expected is None else expected
    return _tagged(store.change(webhook_id, draft, seen, admin.holder.name, rooms.clock.now()), response)


@router.delete("/{webhook_id}", summary="Remove an endpoint", status_code=204, responses=refusals(404, 412))
def remove_webhook(admin: WebhookAdmin, webhook_id: WebhookKey, rooms: RoomsDep, if_match: IfMatch = None) -> None:
    """Its dead letters go with it."""
    expected = expected_revision(if_match)
    rooms.house.outbound.endpoints.remove(webhook_id, expected, admin.holder.name, rooms.clock.now())


@router.post("/{webhook_id}/secret", summary="Make a new secret", responses=refusals(404))
def rotate_secret(
    admin: WebhookAdmin, webhook_id: WebhookKey, rooms: RoomsDep, response: Response
) -> WebhookSecretWire:
    """Both the new one and the one before it sign for ``[outbound].old_secret_hours``."""
    desk = _desk(rooms)
    secret = new_secret()
    sealed = desk.seal.seal(secret, purpose_of(webhook_id))
    kept = rooms.house.outbound.endpoints.rotate(
        webhook_id, sealed, desk.rules.old_secret_hours, admin.holder.name, rooms.clock.now()
    )
    return WebhookSecretWire(webhook=_tagged(kept, response), secret=secret)


@router.post("/{webhook_id}/test", summary="Send a test message now", responses=refusals(404))
def try_webhook(admin: WebhookAdmin, webhook_id: WebhookKey, rooms: RoomsDep) -> WebhookTestWire:
    """Outside of the line, once, of type `test`; the answer tells what it met."""
    desk = _desk(rooms)
    endpoint = rooms.house.outbound.endpoints.get(webhook_id)
    now = rooms.clock.now()
    identity, body = probe_message(endpoint.id, now)
    try:
        answer = WebhookCourier(endpoint, desk.seal, desk.caller).post(identity, body, now)
        if not answer.is_success:
            raise failure_of(answer, endpoint.draft.name, now.timestamp())
    except NotDelivered as failure:
        return WebhookTestWire(delivered=False, status=failure.status, error=str(failure))
    return WebhookTestWire(delivered=True, status=answer.status, error=None)


def _desk(rooms: Rooms) -> OutboundDesk:
    """
    Raises:
        EndpointRefused: this app was put together without one.
    """
    if rooms.outbound is None:
        raise EndpointRefused("this API tells nobody of anything; mend: start it with `gridpatrol api`")
    return rooms.outbound


def _tagged(endpoint: Endpoint, response: Response) -> WebhookWire:
    response.headers["etag"] = f'"{endpoint.revision}"'
    response.headers["cache-control"] = "private, no-cache"
    return WebhookWire.of(endpoint)
