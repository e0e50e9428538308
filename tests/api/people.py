"""People in the small city: made as an admin makes them, signed in as a browser does."""

import httpx

from cases.access.people import PersonDraft
from cases.roles import Role
from tests.api.city import City

GOOD = "correct horse battery"


def with_person(city: City, login: str, *roles: Role, unit: str | None = None) -> str:
    """Somebody new, past the initial password; their password."""
    access = city.app.state.rooms.house.access
    now = city.clock.now()
    _, initial = access.people.add(PersonDraft(login, f"{login} 某", frozenset(roles), unit), "test", now)
    access.credentials.change_password(login, initial, GOOD, now, "192.0.2.7")
    return GOOD


def sign_in(
    city: City, login: str, password: str, code: str = "", client: httpx.Client | None = None
) -> httpx.Response:
    """The form of the sign-in page, posted; the client keeps the cookie."""
    browser = client or city.client()
    browser.get("/login")
    form = {"login": login, "password": password, "code": code, "csrf_token": browser.cookies["gridpatrol_door"]}
    return browser.post("/login", data=form)


def signed_in(city: City, login: str, *roles: Role, unit: str | None = None) -> httpx.Client:
    """A browser of somebody new; its changes bring the token along."""
    client = city.client()
    password = with_person(city, login, *roles, unit=unit)
    assert sign_in(city, login, password, client=client).headers["location"] == "/"
    client.headers["x-csrf-token"] = client.get("/api/v1/me").json()["csrf_token"]
    return client
