"""Standard Webhooks (standardwebhooks.com): who sent it, when, and that nobody changed it.

Signed is ``<webhook-id>.<webhook-timestamp>.<body>`` with HMAC-SHA256; a receiver verifies with
``gridpatrol_client.webhooks.verify`` or any library of the standard.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime

PREFIX = "whsec_"
SECRET_BYTES = 32


def new_secret() -> str:
    """A fresh secret as the receiver keeps it: ``whsec_`` and base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signature_headers(message_id: str, at: datetime, body: bytes, signing: Sequence[str]) -> dict[str, str]:
    """The three headers; one signature for each secret that is in force, the newest first.

    Args:
        message_id: the same at every try of one message.
        at: when this try is made; aware.
        signing: secrets as ``new_secret`` makes them.
    """
    stamp = str(int(at.timestamp()))
    signed = message_id.encode() + b"." + stamp.encode() + b"." + body
    marks = (hmac.new(_key(secret), signed, hashlib.sha256).digest() for secret in signing)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(f"v1,{base64.b64encode(mark).decode()}" for mark in marks),
    }


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(PREFIX))
