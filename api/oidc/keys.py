"""The provider's keys: those of its set that can be used here, and the one that a token names."""

from collections.abc import Iterable
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key, KeySet


def usable_keys(keys: Iterable[Any]) -> KeySet:
    """Those that we understand; others, of a curve that we do not know for instance, are passed over (RFC 7517, 5).

    Raises:
        ValueError: there is none.
    """
    found: list[Key] = []
    for each in keys:
        try:
            found.append(JWKRegistry.import_key(each))
        except (JoseError, ValueError, TypeError, KeyError):
            continue
    if not found:
        raise ValueError("no key")
    return KeySet(found)


def key_name(token: str) -> str | None:
    """The ``kid`` in a token's header, not proven; None where it has none that can be read."""
    try:
        found = jws.extract_compact(token.encode("ascii", "replace")).headers().get("kid")
    except (JoseError, ValueError, TypeError):
        return None
    return found if isinstance(found, str) else None
