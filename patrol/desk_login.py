"""A way into the desk for the person who started it."""

from datetime import datetime, timedelta

from cases.access.holder import EVERY_DESK_ROLE
from cases.keys import ApiKeyStore, Scope
from cases.roles import Role
from patrol.settings import Settings

LOGIN_LASTS = timedelta(hours=12)


def login_address(settings: Settings, keys: ApiKeyStore, now: datetime) -> str:
    """A one-time address that signs its first visitor in with every role of the desk; printed, never logged.

    As long as no person is an admin, its visitor is one too: somebody has to let the first people in.
    """
    scopes, roles = {Scope.READ, Scope.OPERATOR}, EVERY_DESK_ROLE
    if not keys.has_admin():
        scopes, roles = scopes | {Scope.ADMIN}, frozenset(Role)
    token = keys.create_login("desk", scopes, now, LOGIN_LASTS.total_seconds(), roles)
    base = settings.api.public_url or settings.api_url
    return f"{str(base).rstrip('/')}/login?token={token}"
