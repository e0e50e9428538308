"""Who the provider's account is here: login, name, roles and unit out of its claims."""

from collections.abc import Mapping
from typing import Any

from api.oidc.errors import ProviderRefused
from api.oidc.settings import OidcSettings
from cases.access.people import LONGEST_DISPLAY_NAME, normal_login
from cases.access.single_sign_on import Grant, Identity
from cases.roles import Role

LONGEST_LOGIN = 64


def identity_of(claims: Mapping[str, Any], settings: OidcSettings) -> Identity:
    """
    Args:
        claims: proven.

    Raises:
        ProviderRefused: the claim that holds the login is not there, or cannot be one.
    """
    login = _text(_at(claims, settings.login_claim))
    if not login:
        raise ProviderRefused(
            f"the provider does not tell a login (claim {settings.login_claim!r}); let it, or set "
            "[api.oidc].login_claim"
        )
    if not login.isascii() or not login.isprintable() or len(login) > LONGEST_LOGIN:
        # Letters that only look like, or fold into, those of somebody's login here must not become it.
        raise ProviderRefused(
            f"the provider's login is not 1 to {LONGEST_LOGIN} plain ASCII characters "
            f"(claim {settings.login_claim!r}); choose a claim that is, with [api.oidc].login_claim"
        )
    if settings.login_claim == "email" and claims.get("email_verified") is not True:
        raise ProviderRefused("the provider has not verified the account's e-mail address, which is the login here")
    name = _text(_at(claims, settings.name_claim)) or login
    shown = "".join(each for each in name if each.isprintable()).strip()[:LONGEST_DISPLAY_NAME]
    return Identity(
        settings.issuer, str(claims["sub"]), normal_login(login), shown or login, _grant_of(claims, settings)
    )


def _grant_of(claims: Mapping[str, Any], settings: OidcSettings) -> Grant | None:
    """What the groups make of them; None where the settings give the groups no say."""
    if not settings.roles:
        return None
    roles: frozenset[Role] = frozenset()
    for group in _texts(_at(claims, settings.roles_claim)):
        roles |= frozenset(settings.roles.get(group, ()))
    unit = _text(_at(claims, settings.unit_claim)) if settings.unit_claim else ""
    return Grant(roles, unit or None)


def _at(claims: Mapping[str, Any], path: str) -> object:
    """The claim of that very name, or what lies at that dotted path."""
    if path in claims:
        return claims[path]
    found: object = claims
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()
