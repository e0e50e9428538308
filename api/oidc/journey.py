"""What one browser takes along to the provider and back: sealed, so that nobody reads or changes it, and soon over."""

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime

from api.oidc.errors import JourneyLost
from cases.access.second_factor import SecretSealer
from core.errors import PatrolError

LONGEST_S = 600
"""For a password and a second factor at the provider."""
PURPOSE = "single sign-on"


@dataclass(frozen=True, slots=True)
class Journey:
    """One way there and back; each value is 256 random bits."""

    state: str = field(repr=False)
    """Comes back in the address: the browser that returns is the one that went."""
    nonce: str = field(repr=False)
    """Comes back in the token: it was made for this way."""
    verifier: str = field(repr=False)
    """Proves at the exchange that who went is who asks (PKCE, RFC 7636)."""
    begun_s: int
    """Seconds since 1970."""
    back: str = ""
    """The page of the desk that was asked for; empty: none in particular."""

    @property
    def challenge(self) -> str:
        """What the provider is told of ``verifier`` on the way there (S256)."""
        return base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()

    def sealed(self, sealer: SecretSealer) -> str:
        """The cookie's value."""
        return sealer.seal(json.dumps([self.state, self.nonce, self.verifier, self.begun_s, self.back]), PURPOSE)


def begin(now: datetime, back: str = "") -> Journey:
    return Journey(
        secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(32), int(now.timestamp()), back
    )


def ended(cookie: str | None, state: str, sealer: SecretSealer, now: datetime) -> Journey:
    """The journey that a browser comes back from.

    Raises:
        JourneyLost: it never began here, took too long, or is another's.
    """
    if not cookie or not cookie.isascii():
        raise JourneyLost("the browser brings nothing of a way that began here; begin again at /login")
    try:
        parts = json.loads(sealer.unseal(cookie, PURPOSE))
        journey = Journey(*parts)
    except (PatrolError, ValueError, TypeError) as error:
        raise JourneyLost("what the browser brings was not sealed here; begin again at /login") from error
    if not hmac.compare_digest(journey.state.encode(), state.encode("utf-8", "replace")):
        raise JourneyLost("the answer belongs to another way; begin again at /login, in one window")
    if not 0 <= int(now.timestamp()) - journey.begun_s <= LONGEST_S:
        raise JourneyLost(f"the way took longer than {LONGEST_S} s; begin again at /login")
    return journey
