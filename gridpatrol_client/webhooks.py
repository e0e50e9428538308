"""Is this webhook from our Gridpatrol, unchanged and fresh? (Standard Webhooks, standardwebhooks.com)

    message = verify(body, headers, secret="whsec_…", now=datetime.now(UTC))
    if message["type"] == "case.closed": ...

Remember ``webhook-id`` for a while: after a broken connection the same message may come a second time.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

TOLERANCE_S = 300.0


class WebhookRefused(Exception):
    """Not to be trusted: not signed with this secret, changed on the way, or not fresh."""


def verify(
    body: bytes, headers: Mapping[str, str], secret: str, now: datetime, tolerance_s: float = TOLERANCE_S
) -> dict[str, Any]:
    """The message, when it is to be trusted.

    Args:
        body: the bytes as they came; parsed and written anew they are others.
        headers: in any letter case.
        secret: as Gridpatrol showed it, ``whsec_…``.
        now: aware.
        tolerance_s: how far the two clocks may differ, and how old a copied message may be.

    Raises:
        WebhookRefused: it is not.
    """
    told = {name.lower(): value for name, value in headers.items()}
    identity, stamp, marks = (told.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    if not identity or not marks or not (stamp.isascii() and stamp.isdigit() and len(stamp) < 12):
        raise WebhookRefused("webhook-id, webhook-timestamp or webhook-signature is missing")
    if abs(now.timestamp() - int(stamp)) > tolerance_s:
        raise WebhookRefused(f"webhook-timestamp is more than {tolerance_s:g} s from now; set the clock, or refuse it")
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error as error:
        raise WebhookRefused("the secret is not whsec_ and base64; take it as Gridpatrol showed it") from error
    expected = hmac.new(key, f"{identity}.{stamp}.".encode() + body, hashlib.sha256).digest()
    if not any(_is_same(mark, expected) for mark in marks.split(" ")):
        raise WebhookRefused("no signature fits; the secret is another one, or the body was changed")
    found = json.loads(body)
    if not isinstance(found, dict):
        raise WebhookRefused("the message is no JSON object")
    return found


def _is_same(mark: str, expected: bytes) -> bool:
    version, _, text = mark.partition(",")
    try:
        return version == "v1" and hmac.compare_digest(base64.b64decode(text, validate=True), expected)
    except (binascii.Error, ValueError):
        return False
