"""How commands speak to the API: with a key, or on the database's machine as that machine's own user."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import gethostname
from typing import Annotated

import typer

from api.callers import CSRF_HEADER, SESSION_COOKIE
from cases.keys import KeyHolder, Scope
from core.clock import SystemClock
from core.errors import ConfigError
from patrol.api_client import ApiClient
from patrol.settings import load_settings
from patrol.wiring import open_case_room

KEY_ENV = "GRIDPATROL_KEY"
VISIT_S = 300.0
"""How long a command may speak to the API without a key of its own."""

ApiOption = Annotated[str | None, typer.Option("--api", help="接口地址 / the API; default: the configuration's.")]


@contextmanager
def visit_api(config: Path, api: str | None, key: str | None) -> Iterator[ApiClient]:
    """The API with the given key; without one, on the machine that has the database, as this machine's own user."""
    if key:
        base = api or load_settings(config).api_url
        with ApiClient(base.rstrip("/"), key, timeout_s=60) as client:
            yield client
        return
    if api is not None:
        raise ConfigError(f"--api needs a key of scope admin; mend: set {KEY_ENV} (gridpatrol keys create NAME)")
    settings = load_settings(config)
    room = open_case_room(settings)
    clock = SystemClock()
    holder = KeyHolder(f"{getpass.getuser()}@{gethostname()}"[:200], frozenset({Scope.ADMIN}))
    token = room.keys.create_session(holder, clock.now(), VISIT_S)
    try:
        visit = room.keys.session(token, clock.now())
        headers = {"Cookie": f"{SESSION_COOKIE}={token}", CSRF_HEADER: visit.csrf_token if visit else ""}
        with ApiClient(settings.api_url, "", timeout_s=60, headers=headers) as client:
            yield client
    finally:
        room.keys.end_session(token)
        room.engine.dispose()
