"""What administration's pages ask of the API beyond what was there: squares, another end, a look before a purge."""

import json
from itertools import pairwise

import pytest

from cases.keys import Scope
from cases.roles import Role
from tests.api.city import City, slug
from tests.api.people import signed_in

SQUARES = {"name": "春熙路", "lon": 104.081, "lat": 30.657, "cells_a_side": 2, "cell_m": 100.0}


def test_squares_take_the_next_free_community(city: City) -> None:
    admin = city.client(Scope.ADMIN)
    assert admin.post("/api/v1/places/squares", json=SQUARES).status_code == 201
    assert slug(admin.post("/api/v1/places/squares", json=SQUARES)) == "grid-error"  # they lie over one another
    assert admin.post("/api/v1/places/squares", json=SQUARES | {"lon": 104.1}).status_code == 201
    codes = [each["code"] for each in admin.get("/api/v1/places?limit=20").json()["places"]]
    assert [code[:12] for code in codes] == ["990000001001"] * 4 + ["990000001002"] * 4


def test_a_suppression_ends_at_another_moment_and_that_is_written_down(city: City) -> None:
    admin = city.client(Scope.ADMIN)
    body = {"reason": "石狮子", "cells": ["510104001001001"], "expires_at": "2026-04-01T00:00:00Z"}
    number = admin.post("/api/v1/policy/suppressions", json=body).json()["id"]
    path = f"/api/v1/policy/suppressions/{number}"
    longer = admin.patch(path, json={"expires_at": "2026-05-01T00:00:00Z"})
    assert longer.json()["expires_at"] == "2026-05-01T00:00:00Z"
    assert slug(admin.patch(path, json={"expires_at": "2020-01-01T00:00:00Z"})) == "rule-refused"
    entry = admin.get("/api/v1/audit", params={"action": "suppression.extend"}).json()["entries"][0]
    assert entry["data"]["expired_before"] == "2026-04-01T00:00:00Z"
    assert admin.delete(path).status_code == 204
    assert slug(admin.patch(path, json={"expires_at": "2026-05-01T00:00:00Z"})) == "rule-not-found"


def test_an_operator_suppresses_no_longer_than_a_year(city: City) -> None:
    admin, leader = city.client(Scope.ADMIN), signed_in(city, "leader", Role.SHIFT_LEADER)
    body = {"reason": "树影", "cells": ["510104001001001"]}
    number = admin.post("/api/v1/policy/suppressions", json=body).json()["id"]
    answer = leader.patch(f"/api/v1/policy/suppressions/{number}", json={"expires_at": "2030-01-01T00:00:00Z"})
    assert slug(answer) == "rule-refused"


def test_the_log_is_taken_away_oldest_first_with_its_hashes(city: City) -> None:
    auditor = signed_in(city, "reader", Role.AUDITOR)
    lines = [json.loads(line) for line in auditor.get("/api/v1/audit/export").text.splitlines()]
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    assert all(after["previous_hash"] == before["hash"] for before, after in pairwise(lines))


def test_a_look_before_a_purge_removes_nothing(city: City) -> None:
    admin = city.client(Scope.ADMIN)
    assert admin.post("/api/v1/keeping/preview").json()["total"] == 0
    assert admin.get("/api/v1/keeping/removed").json()["removed"] == []


@pytest.mark.parametrize("path", ["/admin/people", "/admin/keys", "/admin/webhooks", "/admin/system", "/start"])
def test_an_auditor_is_kept_out_of_what_is_an_admins(city: City, path: str) -> None:
    assert signed_in(city, "reader", Role.AUDITOR).get(path).status_code == 403


def test_a_second_first_admin_is_refused(city: City) -> None:
    admin = signed_in(city, "boss", Role.ADMIN)
    csrf = admin.get("/api/v1/me").json()["csrf_token"]
    fields = {"login": "other", "display_name": "另一个", "password": "four good words", "again": "four good words"}
    answer = admin.post("/start/me", data=fields | {"csrf_token": csrf})
    assert answer.status_code == 422
    assert [each["login"] for each in admin.get("/api/v1/people").json()["people"]] == ["boss"]
