"""The way in by single sign-on, for its tests: a browser that goes to the provider and comes back."""

from typing import Any

import httpx

from api.settings import ApiSettings
from cases.access.audit_log import AuditQuery
from cases.access.people import PersonDraft
from cases.roles import Role
from tests.api.city import OIDC_SECRET_ENV, City
from tests.api.oidc_provider import CLIENT, Claims, TestProvider

HOME = "http://gridpatrol.test"

BACK = f"{HOME}/login/oidc/back"

GROUPS = {"seats": ["acceptor"], "chiefs": ["admin", "shift_leader"], "units": ["handling_unit"]}


def settings_for(provider: TestProvider, **more: Any) -> ApiSettings:
    oidc = {"issuer": provider.url, "client_id": CLIENT, "client_secret_env": OIDC_SECRET_ENV, "timeout_s": 2} | more
    return ApiSettings.model_validate({"port": 0, "public_url": HOME, "oidc": oidc})


def go(client: httpx.Client) -> str:
    """Off to the provider and its yes: the address that the browser is sent back to."""
    there = client.get("/login/oidc")
    assert there.status_code == 303, there.text
    back = httpx.get(there.headers["location"]).headers["location"]
    assert isinstance(back, str)
    return back


def come(city: City, client: httpx.Client | None = None) -> httpx.Response:
    """The whole way; the client keeps the cookie."""
    browser = client or city.client()
    return browser.get(go(browser))


def me(client: httpx.Client) -> Claims:
    answer = client.get("/api/v1/me")
    return answer.json() if answer.status_code == 200 else {}


def add(city: City, login: str, *roles: Role) -> None:
    draft = PersonDraft(login, "李敏", frozenset(roles), single_sign_on=True)
    _, initial = city.app.state.rooms.house.access.people.add(draft, "test", city.clock.now())
    assert initial == ""


def logged(city: City) -> list[tuple[str, str, str]]:
    entries = city.app.state.rooms.house.access.log.page(AuditQuery())
    return [(entry.action, entry.subject, str(entry.data.get("why", ""))) for entry in entries]
