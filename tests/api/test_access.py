"""Who may do what: every route with no key, a wrong key, every scope, and a browser's session."""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import Mount

from api.callers import Require, RequireForm, RequireRole, identify
from api.settings import ApiSettings
from cases.keys import KeyHolder, Scope
from tests.api.city import CELL, JPEG, NOON, City, incident, problem, sha256_of, slug

OPEN_PATHS = {"/healthz", "/readyz", "/login"}
SINGLE_SIGN_ON = {"/login/oidc", "/login/oidc/back"}
"""Open too, where the city has one: tests/api/test_single_sign_on.py."""
OPEN_ROUTES = {("GET", path) for path in OPEN_PATHS | SINGLE_SIGN_ON} | {("POST", "/login")}
"""Nobody needs a key here: signs of life, and the door itself."""
FOR_ANY_CALLER = {
    ("GET", "/api/v1/me"),
    ("GET", "/account"),
    # The catalogue holds nothing of anybody's, and a worker's key reads it too.
    ("GET", "/api/v1/catalogue/current"),
    ("GET", "/api/v1/catalogue/versions"),
    ("GET", "/api/v1/catalogue/diff"),
    ("GET", "/api/v1/catalogue/versions/{version}"),
    ("GET", "/api/v1/catalogue/versions/{version}/file"),
}
"""Whoever has any key or session: guarded by who they are, not by a scope or role."""


@dataclass(frozen=True)
class Call:
    """One route, called soundly."""

    method: str
    path: str
    needs: Scope
    extra: dict[str, Any] = field(default_factory=dict)

    def by(self, client: httpx.Client, **headers: str | bytes) -> httpx.Response:
        extra = dict(self.extra)
        sent = extra.pop("headers", {}) | headers
        return client.request(self.method, self.path, headers=sent, **extra)


SHA = sha256_of(JPEG)
CALLS = [
    Call("PUT", f"/api/v1/evidence/{SHA}", Scope.WORKER, {"content": JPEG, "headers": {"content-type": "image/jpeg"}}),
    Call("GET", f"/api/v1/evidence/{SHA}", Scope.READ),
    Call("POST", "/api/v1/incidents", Scope.WORKER, {"json": incident(), "headers": {"Idempotency-Key": "k"}}),
    Call("GET", "/api/v1/cases", Scope.READ),
    Call("GET", "/api/v1/cases/none", Scope.READ),
    Call("POST", "/api/v1/cases/none/close", Scope.OPERATOR, {"json": {"reason": "handled"}}),
    Call("POST", "/api/v1/cases/none/regions", Scope.OPERATOR, {"json": {"picture": SHA, "regions": []}}),
    Call("GET", "/api/v1/cameras", Scope.READ),
    Call("PUT", "/api/v1/cameras", Scope.WORKER, {"json": {"worker_id": "worker-1", "cameras": []}}),
    Call("POST", "/api/v1/cameras", Scope.ADMIN, {"json": {"id": "C", "url": "rtsp://192.0.2.1/1"}}),
    Call("POST", "/api/v1/cameras/batch", Scope.ADMIN, {"json": {"add": [{"id": "C", "url": "rtsp://192.0.2.1/1"}]}}),
    Call("GET", "/api/v1/camera-configs", Scope.ADMIN),
    Call("GET", "/api/v1/cameras/none", Scope.ADMIN),
    Call("PUT", "/api/v1/cameras/none", Scope.ADMIN, {"json": {"url": "a"}, "headers": {"If-Match": "*"}}),
    Call("PATCH", "/api/v1/cameras/none", Scope.ADMIN, {"json": {"url": "a"}, "headers": {"If-Match": "*"}}),
    Call("DELETE", "/api/v1/cameras/none", Scope.ADMIN),
    Call("POST", "/api/v1/cameras/none/enable", Scope.ADMIN),
    Call("POST", "/api/v1/cameras/none/disable", Scope.ADMIN),
    Call("GET", "/api/v1/cameras/none/changes", Scope.ADMIN),
    Call("GET", "/api/v1/workers/worker-1/cameras", Scope.WORKER),
    Call("GET", f"/api/v1/cells/{CELL}", Scope.READ),
    Call("GET", "/api/v1/events", Scope.READ, {"headers": {"Last-Event-ID": "not a number"}}),
    Call("GET", "/metrics", Scope.READ),
    Call("GET", "/openapi.json", Scope.READ),
    Call("GET", "/", Scope.READ),
    Call("GET", "/cases/none", Scope.READ),
    Call("GET", "/cameras", Scope.READ),
    Call("POST", "/cases/none/close", Scope.OPERATOR, {"data": {"reason": "handled"}}),
    Call("POST", "/logout", Scope.READ, {"data": {"csrf_token": ""}}),
]
LETS_IN = {
    Scope.WORKER: {Scope.WORKER, Scope.ADMIN},
    Scope.READ: {Scope.READ, Scope.OPERATOR, Scope.ADMIN},
    Scope.OPERATOR: {Scope.OPERATOR, Scope.ADMIN},
    Scope.ADMIN: {Scope.ADMIN},
}
WRONG_CREDENTIALS = (
    b"Bearer gp_wrong",
    b"Bearer ",
    b"Bearer",
    b"Basic Z3A6Z3A=",
    b"Bearer gp_\xe9",
    b"Bearer " + b"x" * 5000,
)
every_call = pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call.method} {call.path[:24]}")


@dataclass(frozen=True)
class Door:
    """One route with what guards it, as FastAPI has it."""

    method: str
    pattern: str
    guards: tuple[Require | RequireRole | RequireForm, ...]
    is_identified: bool

    def by(self, client: httpx.Client) -> httpx.Response:
        """Called with nothing but what the address takes; enough to get past the guard, never further."""
        path = re.sub(r"\{sha256\}", SHA, self.pattern)
        path = re.sub(r"\{\w+\}", "none", path)
        headers = {"Last-Event-ID": "not a number"}  # refused: an event stream would never end
        if any(isinstance(guard, RequireForm) for guard in self.guards):
            return client.request(self.method, path, data={"csrf_token": ""}, headers=headers)
        return client.request(self.method, path, headers=headers)

    def opens_for(self, scope: Scope) -> bool:
        holder = KeyHolder("key", frozenset({scope}))
        return all(
            bool(holder.roles & guard.roles)
            if isinstance(guard, RequireRole)
            else guard.scope is None or holder.may(guard.scope)
            for guard in self.guards
        )


def doors(city: City) -> list[Door]:
    """Every route of the app."""

    def calls(dependant: Dependant) -> Iterator[object]:
        for each in dependant.dependencies:
            yield each.call
            yield from calls(each)

    found = []
    for context in iter_route_contexts(city.app.routes):
        if not isinstance(context.route, APIRoute):
            assert isinstance(context.route, Mount), f"{context.path}: what guards a {type(context.route).__name__}?"
            continue
        called = list(calls(context.route.dependant))
        guards = tuple(each for each in called if isinstance(each, Require | RequireRole | RequireForm))
        found += [Door(method, str(context.path), guards, identify in called) for method in context.methods or ()]
    assert len(found) > 60
    return found


def test_every_route_has_a_guard_or_stands_on_a_list_that_says_why_not(city: City) -> None:
    unguarded = {(door.method, door.pattern) for door in doors(city) if not door.guards}
    assert unguarded - OPEN_ROUTES - FOR_ANY_CALLER == set()
    merely_named = {(door.method, door.pattern) for door in doors(city) if not door.guards and door.is_identified}
    assert merely_named == FOR_ANY_CALLER & {(door.method, door.pattern) for door in doors(city)}


def test_no_route_but_the_open_ones_answers_a_stranger(city: City) -> None:
    stranger = city.client()
    answers = {door: door.by(stranger) for door in doors(city) if (door.method, door.pattern) not in OPEN_ROUTES}
    let_in = [
        (door.method, door.pattern, answer.status_code) for door, answer in answers.items() if answer.status_code != 401
    ]
    assert let_in == []


@pytest.mark.parametrize("scope", list(Scope))
def test_every_route_opens_for_the_keys_its_guard_names_and_no_other(city: City, scope: Scope) -> None:
    client = city.client(scope)
    wrong = []
    for door in doors(city):
        if (door.method, door.pattern) in OPEN_ROUTES:
            continue
        is_refused = door.by(client).status_code in (401, 403)
        if is_refused == door.opens_for(scope):
            wrong.append((door.method, door.pattern, is_refused))
    assert wrong == []


@every_call
def test_a_call_without_key_is_refused(city: City, call: Call) -> None:
    answer = call.by(city.client())
    assert (answer.status_code, slug(answer)) == (401, "key-missing")
    assert answer.headers["www-authenticate"].startswith("Bearer")


@every_call
def test_a_call_with_a_wrong_key_is_refused_without_repeating_it(city: City, call: Call) -> None:
    stranger = city.client()
    for credential in (
        b"Bearer gp_wrong",
        b"Bearer ",
        b"Bearer",
        b"Basic Z3A6Z3A=",
        b"Bearer gp_\xe9",
        b"Bearer " + b"x" * 5000,
    ):
        answer = call.by(stranger, authorization=credential)
        assert (answer.status_code, slug(answer)) == (401, "key-refused"), credential[:20]
        assert "gp_wrong" not in answer.text


@pytest.mark.parametrize("scope", list(Scope))
@every_call
def test_a_key_opens_what_its_scope_says_and_nothing_more(city: City, call: Call, scope: Scope) -> None:
    answer = call.by(city.client(scope))
    if scope in LETS_IN[call.needs] or call.path == "/logout":
        assert answer.status_code not in (401, 403), answer.text
    else:
        assert (answer.status_code, slug(answer)) == (403, "scope-missing")


@pytest.mark.parametrize("path", sorted(OPEN_PATHS))
def test_an_open_path_answers_without_a_key(city: City, path: str) -> None:
    assert city.client().get(path).status_code == 200


def test_an_unknown_address_says_so(city: City) -> None:
    assert slug(city.client().get("/api/v1/nothing")) == "not-found"
    assert slug(city.client().delete("/api/v1/cases")) == "method-not-allowed"


def test_a_revoked_key_is_refused_at_once(city: City) -> None:
    reader = city.client(Scope.READ)
    assert reader.get("/api/v1/cases").status_code == 200
    city.keys.revoke("read-key", NOON)
    assert reader.get("/api/v1/cases").status_code == 401


def test_a_one_time_link_signs_in_once(city: City) -> None:
    token = city.keys.create_login("李敏", [Scope.OPERATOR], NOON)
    first, second = city.client(), city.client()
    answer = first.get("/login", params={"token": token})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie
    assert first.get("/").status_code == 200
    assert second.get("/login", params={"token": token}).status_code == 401
    assert "gridpatrol_session" not in second.cookies


def test_the_cookie_is_secure_where_the_public_address_is_https(city: City) -> None:
    behind_a_proxy = City(
        city.folder / "proxied", ApiSettings.model_validate({"public_url": "https://desk.city.example"})
    )
    token = behind_a_proxy.keys.create_login("李敏", [Scope.READ], NOON)
    answer = behind_a_proxy.client().get("/login", params={"token": token})
    behind_a_proxy.close()
    assert "Secure" in answer.headers["set-cookie"]


def test_a_session_ends_after_its_hours(city: City) -> None:
    browser = city.browser(Scope.READ)
    city.clock.advance(city.settings.session_hours * 3600 + 1)
    assert slug(browser.get("/api/v1/cases")) == "key-refused"


def test_a_person_without_a_session_is_led_to_the_sign_in_page(city: City) -> None:
    answer = city.client().get("/cameras", headers={"accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/cameras")


def test_a_session_reads_the_api_and_the_pictures(city: City) -> None:
    browser = city.browser(Scope.READ)
    assert browser.get("/api/v1/cases").status_code == 200
    assert slug(browser.get(f"/api/v1/evidence/{SHA}")) == "evidence-not-found"
    assert browser.get("/metrics").status_code == 200


def test_a_change_by_cookie_needs_the_token_of_its_own_session(city: City) -> None:
    browser, other = city.browser(Scope.OPERATOR), city.browser(Scope.OPERATOR)
    url, body = "/api/v1/cases/none/close", {"reason": "handled"}
    assert slug(browser.post(url, json=body)) == "csrf-refused"
    assert slug(browser.post(url, json=body, headers={"X-CSRF-Token": city.csrf(other)})) == "csrf-refused"
    assert slug(browser.post(url, json=body, headers={b"X-CSRF-Token": b"\xe9"})) == "csrf-refused"
    assert slug(browser.post(url, json=body, headers={"X-CSRF-Token": city.csrf(browser)})) == "case-not-found"


def test_signing_out_ends_the_session_on_the_server(city: City) -> None:
    browser = city.browser(Scope.READ)
    token = browser.cookies["gridpatrol_session"]
    assert slug(browser.post("/logout", data={"csrf_token": "wrong"})) == "csrf-refused"
    assert browser.post("/logout", data={"csrf_token": city.csrf(browser)}).headers["location"] == "/login"
    assert city.keys.session(token, NOON) is None


def test_keys_and_tokens_are_in_no_answer_and_no_log(city: City, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    token = city.keys.create_login("李敏", [Scope.OPERATOR], NOON)
    browser = city.client()
    said = [browser.get("/login", params={"token": token}), browser.get("/login", params={"token": token})]
    session = browser.cookies["gridpatrol_session"]
    said += [browser.get("/"), browser.get("/api/v1/nothing", params={"token": token})]
    said += [call.by(city.client(scope)) for call in CALLS for scope in Scope]
    ours = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("httpx"))
    assert "GET /login 303" in ours
    for secret in (token, session, *city.key.values()):
        assert secret not in ours
        assert all(secret not in answer.text for answer in said)


def test_a_refusal_names_the_path_but_never_the_query(city: City) -> None:
    answer = city.client().get("/api/v1/cases", params={"text": "secret-word"})
    assert problem(answer)["instance"] == "/api/v1/cases"
    assert "secret-word" not in answer.text


@pytest.mark.parametrize("path", ["/healthz", "/", "/api/v1/nothing", "/login"])
def test_every_answer_carries_the_browser_guards(city: City, path: str) -> None:
    headers = city.browser(Scope.READ).get(path).headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
