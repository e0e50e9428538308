"""Whether an ID token is the provider's, for us, for this journey, and of now (OpenID Connect Core 1.0, 3.1.3.7)."""

import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from api.oidc.errors import ProviderRefused

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")
"""Signatures with the provider's private key alone: none that a shared secret, or nothing, makes."""
LEEWAY_S = 60
"""Between its clock and ours."""
ASKED_WITHIN_S = 60
"""Who had to be asked anew was asked at most so long before they set out: two clocks lie between."""
LONGEST_SUBJECT = 255


def proven_claims(
    token: str, keys: KeySet, issuer: str, client_id: str, nonce: str, now: datetime, asked_since_s: int | None = None
) -> Mapping[str, Any]:
    """What the token says.

    Args:
        asked_since_s: the provider must have asked who it is since then, in seconds since 1970; None: whenever it did.

    Raises:
        ProviderRefused: it proves nothing here.
    """
    try:
        claims = jwt.decode(
            token, keys, registry=JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
        ).claims
        jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=LEEWAY_S,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": client_id},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
        ).validate(claims)
    except JoseError as error:
        raise ProviderRefused(f"the provider's token is not to be accepted: {_shown(error)}") from error
    except (ValueError, TypeError, KeyError) as error:
        raise ProviderRefused(f"the provider's token cannot be read ({type(error).__name__})") from error
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode("utf-8", "replace"), nonce.encode()):
        raise ProviderRefused("the provider's token was made for another sign-in (nonce)")
    party = claims.get("azp")
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if (party is not None and party != client_id) or (several and party is None):
        raise ProviderRefused("the provider's token was made for another client (azp)")
    if asked_since_s is not None:
        asked_s = claims.get("auth_time")
        if not isinstance(asked_s, int | float) or not asked_s >= asked_since_s - ASKED_WITHIN_S:
            raise ProviderRefused(
                "the provider's token does not say that it asked anew who it is (auth_time); let the provider tell it, "
                "or set [api.oidc].ask_again = false where nobody shares a seat"
            )
    if not claims["sub"] or len(claims["sub"]) > LONGEST_SUBJECT or not claims["sub"].isprintable():
        raise ProviderRefused(f"the provider's token names no subject of 1 to {LONGEST_SUBJECT} printable characters")
    return claims


def _shown(error: JoseError) -> str:
    """Kind and claim; never a value."""
    claim = getattr(error, "claim", "")
    return f"{error.error}{f' ({claim})' if claim else ''}"
