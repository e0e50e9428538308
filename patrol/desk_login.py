"""A way into the desk for the person who started it."""

from datetime import datetime, timedelta

from cases.keys import ApiKeyStore, Scope
from patrol.settings import Settings

LOGIN_LASTS = timedelta(hours=12)


def login_address(settings: Settings, keys: ApiKeyStore, now: datetime) -> str:
    """A one-time address that signs its first visitor in as an operator; printed, never logged."""
    token = keys.create_login("desk", {Scope.READ, Scope.OPERATOR}, now, LOGIN_LASTS.total_seconds())
    base = settings.api.public_url or settings.api_url
    return f"{str(base).rstrip('/')}/login?token={token}"
