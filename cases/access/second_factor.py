"""The second factor: six figures that change every 30 s (TOTP, RFC 6238), and recovery codes for a lost telephone."""

import base64
import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from urllib.parse import quote, urlencode

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP

STEP_S = 30
FIGURES = 6
SECRET_BYTES = 20
"""As RFC 4226 recommends, and what every telephone's program takes."""
DRIFT_STEPS = 1
"""A clock may be off by so many steps either way."""
RECOVERY_CODES = 10
RECOVERY_CHARS = "abcdefghjkmnpqrstuvwxyz23456789"
ISSUER = "Gridpatrol"


class SecretSealer(Protocol):
    """Seals a secret for one purpose, with the key of the site."""

    def seal(self, secret: str, purpose: str) -> str: ...

    def unseal(self, sealed: str, purpose: str) -> str: ...


def new_secret() -> str:
    """160 random bits in base32, as telephones take them."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def purpose_of(login: str) -> str:
    """What a person's secret is sealed for; in another's row it opens nothing."""
    return f"second factor:{login}"


def address_of(secret: str, login: str) -> str:
    """The ``otpauth`` address that a telephone's program takes."""
    query = urlencode({"secret": secret, "issuer": ISSUER, "algorithm": "SHA1", "digits": FIGURES, "period": STEP_S})
    return f"otpauth://totp/{quote(ISSUER)}:{quote(login)}?{query}"


def step_of(code: str, secret: str, now: datetime, after: int | None) -> int | None:
    """Which 30 s step a code belongs to; None when it is wrong, or not after the last one that was taken.

    Args:
        after: the step of the last code taken: none is taken twice.
    """
    figures = code.replace(" ", "")
    if len(figures) != FIGURES or not figures.isascii() or not figures.isdecimal():
        return None
    totp = _totp(secret)
    today = int(now.timestamp()) // STEP_S
    found: int | None = None
    for step in range(today - DRIFT_STEPS, today + DRIFT_STEPS + 1):  # every step is tried: the time tells nothing
        try:
            totp.verify(figures.encode(), step * STEP_S)
        except InvalidToken:
            continue
        if after is None or step > after:
            found = step
    return found


def code_at(secret: str, now: datetime) -> str:
    """The code that a telephone shows at a moment."""
    return _totp(secret).generate(int(now.timestamp())).decode()


def _totp(secret: str) -> TOTP:
    # SHA-1 as an HMAC is sound, and the only hash that every telephone's program takes.
    return TOTP(base64.b32decode(secret), FIGURES, SHA1(), STEP_S, enforce_key_length=False)  # noqa: S303


def new_recovery_codes() -> tuple[str, ...]:
    """Ten codes of ten characters (49 bits), each good once."""
    return tuple(
        "-".join("".join(secrets.choice(RECOVERY_CHARS) for _ in range(5)) for _ in range(2))
        for _ in range(RECOVERY_CODES)
    )


def recovery_hash(code: str, login: str) -> str:
    """What is kept of a recovery code: guessing it from its hash costs 2^49 tries, at the door a lock-out stands."""
    plain = "".join(code.casefold().split()).replace("-", "")
    return hashlib.sha256(f"recovery:{login}:{plain}".encode("utf-8", "replace")).hexdigest()


def used_up(kept: Sequence[str], code: str, login: str) -> tuple[str, ...] | None:
    """The codes that are left after this one; None when it is none of them."""
    wanted = recovery_hash(code, login)
    left = tuple(each for each in kept if not secrets.compare_digest(each, wanted))
    return left if len(left) < len(kept) else None
