"""People, sessions, keys and the audit log over the API; and what a person sees by role and unit."""

from typing import Any

import pytest

from cases.access.verifying import verify
from cases.keys import Scope
from cases.roles import Role
from cases.tables import case as case_table
from cases.transactions import writing
from tests.api.city import City, slug
from tests.api.people import GOOD, sign_in, signed_in

NEW: dict[str, Any] = {"login": "zhang", "display_name": "张伟", "roles": ["dispatcher"], "language": "zh"}


def test_an_admin_lets_somebody_in_changes_them_and_shuts_them_out(city: City) -> None:
    admin = signed_in(city, "boss", Role.ADMIN)
    added = admin.post("/api/v1/people", json=NEW)
    assert added.status_code == 201
    assert added.json()["person"]["must_change"]
    assert sign_in(city, "zhang", added.json()["initial_password"]).status_code == 303
    assert slug(admin.post("/api/v1/people", json=NEW)) == "person-taken"
    etag = admin.get("/api/v1/people/zhang").headers["etag"]
    assert slug(admin.patch("/api/v1/people/zhang", json={"roles": ["inspector"]})) == "if-match-missing"
    changed = admin.patch("/api/v1/people/zhang", json={"roles": ["inspector"]}, headers={"if-match": etag})
    assert changed.json()["roles"] == ["inspector"]
    stale = admin.patch("/api/v1/people/zhang", json={"unit": "x"}, headers={"if-match": etag})
    assert (stale.status_code, slug(stale)) == (412, "person-changed")
    off = admin.patch("/api/v1/people/zhang", json={"is_active": False}, headers={"if-match": "*"})
    assert not off.json()["is_active"]
    assert [person["login"] for person in admin.get("/api/v1/people").json()["people"]] == ["boss", "zhang"]
    last = admin.patch("/api/v1/people/boss", json={"is_active": False}, headers={"if-match": "*"})
    assert (last.status_code, slug(last)) == (409, "last-admin")


def test_a_handling_unit_without_its_unit_is_refused(city: City) -> None:
    answer = city.client(Scope.ADMIN).post("/api/v1/people", json=NEW | {"roles": ["handling_unit"]})
    assert (answer.status_code, slug(answer)) == (422, "person-refused")


def test_an_admin_mends_a_forgotten_password_and_a_lock_out(city: City) -> None:
    admin = city.client(Scope.ADMIN)
    browser = signed_in(city, "li.min", Role.ACCEPTOR)
    for _ in range(5):
        sign_in(city, "li.min", "wrong wrong")
    assert admin.get("/api/v1/people/li.min").json()["locked_until"] == "2026-03-02T04:00:30Z"
    assert admin.post("/api/v1/people/li.min/unlock").status_code == 204
    assert sign_in(city, "li.min", GOOD).status_code == 303
    fresh = admin.post("/api/v1/people/li.min/reset-password").json()["initial_password"]
    assert browser.get("/api/v1/cases").status_code == 401
    assert sign_in(city, "li.min", GOOD).status_code == 401
    assert sign_in(city, "li.min", fresh).headers["location"] == "/account"


def test_an_admin_sees_who_is_signed_in_and_signs_them_out(city: City) -> None:
    admin = city.client(Scope.ADMIN)
    browser = signed_in(city, "li.min", Role.ACCEPTOR)
    (session,) = admin.get("/api/v1/sessions", params={"name": "li.min"}).json()["sessions"]
    assert session["is_person"]
    assert admin.delete(f"/api/v1/sessions/{session['id']}").status_code == 204
    assert browser.get("/api/v1/cases").status_code == 401
    assert slug(admin.delete(f"/api/v1/sessions/{session['id']}")) == "session-not-found"


def test_an_admin_makes_and_withdraws_a_key(city: City) -> None:
    admin = signed_in(city, "boss", Role.ADMIN)
    made = admin.post("/api/v1/keys", json={"name": "dash", "scopes": ["read"], "days": 1}).json()
    reader = city.client()
    reader.headers["authorization"] = f"Bearer {made['key']}"
    assert reader.get("/api/v1/cases").status_code == 200
    listed = {key["name"]: key for key in admin.get("/api/v1/keys").json()["keys"]}
    assert listed["dash"]["expires_at"] == "2026-03-03T04:00:00Z"
    assert made["key"] not in admin.get("/api/v1/keys").text
    assert slug(admin.post("/api/v1/keys", json={"name": "boss", "scopes": ["read"]})) == "key-not-made"
    assert admin.delete("/api/v1/keys/dash").status_code == 204
    assert reader.get("/api/v1/cases").status_code == 401
    assert slug(admin.delete("/api/v1/keys/dash")) == "key-not-found"


@pytest.mark.parametrize(
    ("role", "reads_all", "corrects", "closes", "manages", "audits"),
    [
        (Role.ACCEPTOR, True, True, False, False, False),
        (Role.SHIFT_LEADER, True, True, True, False, False),
        (Role.DISPATCHER, True, True, False, False, False),
        (Role.INSPECTOR, True, True, False, False, False),
        (Role.HANDLING_UNIT, False, False, False, False, False),
        (Role.AUDITOR, True, False, False, False, True),
        (Role.ADMIN, True, True, True, True, True),
    ],
)
def test_a_person_may_what_the_role_says(
    city: City, role: Role, reads_all: bool, corrects: bool, closes: bool, manages: bool, audits: bool
) -> None:
    browser = signed_in(city, "somebody", role, unit="三中队")

    def may(method: str, path: str, **extra: Any) -> bool:
        return browser.request(method, path, **extra).status_code != 403

    assert may("GET", "/api/v1/cases")
    assert may("GET", "/api/v1/cameras") is reads_all
    assert may("POST", "/api/v1/cases/none/regions", json={}) is corrects
    assert may("POST", "/api/v1/cases/none/close", json={"reason": "handled"}) is closes
    assert may("GET", "/api/v1/people") is manages
    assert may("GET", "/api/v1/audit") is audits
    assert not may("POST", "/api/v1/incidents", json={}), "nobody is a camera's worker"


def test_a_handling_unit_sees_its_own_cases_and_no_others(watched_city: City) -> None:
    city = watched_city
    for number, unit in ((1, "三中队"), (2, "四中队")):
        city.report(incident_id=f"i{number}", category=("street_stall", "exposed_garbage")[number - 1])
        with writing(city.engine) as connection:
            newest = case_table.c.opened_seq == number
            connection.execute(case_table.update().where(newest).values(unit=unit))
    third = signed_in(city, "li.min", Role.HANDLING_UNIT, unit="三中队")
    (mine,) = third.get("/api/v1/cases").json()["cases"]
    assert mine["unit"] == "三中队"
    everything = city.client(Scope.READ).get("/api/v1/cases").json()["cases"]
    (theirs,) = [case["id"] for case in everything if case["id"] != mine["id"]]
    assert third.get(f"/api/v1/cases/{mine['id']}").status_code == 200
    assert slug(third.get(f"/api/v1/cases/{theirs}")) == "case-not-found"
    assert third.get(f"/cases/{theirs}").status_code == 404
    page = third.get("/").text
    assert mine["number"] in page
    assert not any(case["number"] in page for case in everything if case["id"] == theirs)


def test_what_an_admin_does_stands_in_the_audit_log_and_the_log_holds(city: City) -> None:
    admin = signed_in(city, "boss", Role.ADMIN)
    admin.post("/api/v1/people", json=NEW)
    admin.post("/api/v1/keys", json={"name": "dash", "scopes": ["read"]})
    found = admin.get("/api/v1/audit", params={"actor": "person:boss", "limit": 2}).json()
    assert [(entry["action"], entry["subject"]) for entry in found["entries"]] == [
        ("key.create", "key:dash"),
        ("person.add", "person:zhang"),
    ]
    older = admin.get("/api/v1/audit", params={"actor": "person:boss", "before": found["next_before"]}).json()
    assert [entry["action"] for entry in older["entries"]] == ["session.open", "person.password"]
    assert older["next_before"] is None
    since = admin.get("/api/v1/audit", params={"since": "2027-01-01T00:00:00Z"}).json()
    assert since["entries"] == []
    assert all(report.is_sound for report in verify(city.engine))
