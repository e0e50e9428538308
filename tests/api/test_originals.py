"""Originals are sealed: a reason first, and the audit log keeps who, when, what and why."""

from typing import Any
from urllib.parse import quote

import pytest

from cases.keys import Scope
from cases.roles import Role
from tests.api.city import NOON, City, sha256_of, slug
from tests.api.people import signed_in

PICTURES = {name: b"\xff\xd8\xff\xe0 " + name.encode() + b" \xff\xd9" for name in ("original", "annotated", "crop")}
SHA = {name: sha256_of(picture) for name, picture in PICTURES.items()}
ORIGINAL = f"/api/v1/evidence/{SHA['original']}"


@pytest.fixture
def seen_city(watched_city: City) -> City:
    """A case with its three pictures."""
    worker = watched_city.client(Scope.WORKER)
    for name, picture in PICTURES.items():
        worker.put(f"/api/v1/evidence/{SHA[name]}", content=picture, headers={"content-type": "image/jpeg"})
    assert watched_city.report(evidence=SHA).status_code == 201
    return watched_city


def viewings(city: City) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (
        city.client(Scope.ADMIN).get("/api/v1/audit", params={"action": "original.view"}).json()["entries"]
    )
    return found


@pytest.mark.parametrize("kind", ["annotated", "crop"])
def test_what_is_blurred_is_shown_freely(seen_city: City, kind: str) -> None:
    assert seen_city.client(Scope.READ).get(f"/api/v1/evidence/{SHA[kind]}").content == PICTURES[kind]
    assert viewings(seen_city) == []


@pytest.mark.parametrize("reason", [None, "", "   ", "x", "%20%20", "r" * 301, "a%00b"])
def test_an_original_is_not_handed_over_without_a_usable_reason(seen_city: City, reason: str | None) -> None:
    headers = {} if reason is None else {"x-reason": reason}
    for client in (
        seen_city.client(Scope.READ),
        seen_city.client(Scope.ADMIN),
        signed_in(seen_city, "li.min", Role.ACCEPTOR),
    ):
        answer = client.get(ORIGINAL, headers=headers)
        assert (answer.status_code, slug(answer)) == (403, "reason-missing")
        assert client.get(ORIGINAL, headers=headers | {"if-none-match": f'"{SHA["original"]}"'}).status_code == 403
    assert viewings(seen_city) == []


@pytest.mark.parametrize("sent", [quote("核对车牌"), "核对车牌".encode()], ids=["percent", "utf-8"])
def test_each_viewing_is_logged_with_who_unit_what_and_why(seen_city: City, sent: str | bytes) -> None:
    browser = signed_in(seen_city, "li.min", Role.HANDLING_UNIT, unit="三中队")
    for _ in range(2):
        answer = browser.get(ORIGINAL, headers=[(b"x-reason", sent.encode() if isinstance(sent, str) else sent)])
        assert answer.content == PICTURES["original"]
        assert answer.headers["cache-control"] == "no-store", "a browser's copy would be looked at unseen"
    first, second = viewings(seen_city)
    assert first["seq"] > second["seq"]
    assert (first["actor"], first["subject"], first["at"]) == (
        "person:li.min",
        f"picture:{SHA['original']}",
        "2026-03-02T04:00:00Z",
    )
    assert first["data"] == {"reason": "核对车牌", "unit": "三中队"}


def test_a_program_says_why_too_but_not_the_worker_that_made_the_picture(seen_city: City) -> None:
    assert seen_city.client(Scope.READ).get(ORIGINAL, headers={"x-reason": "model training"}).status_code == 200
    assert [entry["actor"] for entry in viewings(seen_city)] == ["read-key"]
    both = seen_city.keys.create("worker-2", [Scope.WORKER, Scope.READ], NOON)
    assert seen_city.client().get(ORIGINAL, headers={"authorization": f"Bearer {both}"}).status_code == 200
    assert len(viewings(seen_city)) == 1


def test_the_desk_asks_for_the_reason_and_shows_the_picture(seen_city: City) -> None:
    browser = seen_city.browser(Scope.OPERATOR)
    (case,) = seen_city.client(Scope.READ).get("/api/v1/cases").json()["cases"]
    page = browser.get(f"/cases/{case['id']}").text
    assert f'action="/originals/{SHA["original"]}"' in page
    assert f'src="{ORIGINAL}"' not in page
    address, form = f"/originals/{SHA['original']}", {"case": case["id"]}
    assert slug(browser.post(address, data=form | {"reason": "核对车牌"})) == "csrf-refused"
    form["csrf_token"] = seen_city.csrf(browser)
    assert slug(browser.post(address, data=form | {"reason": ""})) == "reason-missing"
    answer = browser.post(address, data=form | {"reason": "核对车牌"})
    assert (answer.content, answer.headers["content-type"]) == (PICTURES["original"], "image/jpeg")
    (viewing,) = viewings(seen_city)
    assert viewing["data"] == {"reason": "核对车牌", "unit": None, "case": case["id"]}


def test_a_picture_that_is_an_original_to_any_event_stays_sealed(seen_city: City) -> None:
    again = {"original": SHA["crop"], "annotated": SHA["original"], "crop": SHA["crop"]}
    assert seen_city.report(incident_id="incident-2", sequence=0, evidence=again).status_code in (200, 201)
    reader = seen_city.client(Scope.READ)
    for sha in (SHA["original"], SHA["crop"]):
        assert slug(reader.get(f"/api/v1/evidence/{sha}")) == "reason-missing"
    assert reader.get(f"/api/v1/evidence/{SHA['annotated']}").status_code == 200


def test_a_picture_that_no_event_names_is_nobodys_secret(city: City) -> None:
    worker = city.client(Scope.WORKER)
    worker.put(ORIGINAL, content=PICTURES["original"], headers={"content-type": "image/jpeg"})
    assert city.client(Scope.READ).get(ORIGINAL).status_code == 200


def test_where_the_log_cannot_be_written_nobody_looks(seen_city: City) -> None:
    with seen_city.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=ON")
    answer = seen_city.client(Scope.READ).get(ORIGINAL, headers={"x-reason": "why not"})
    with seen_city.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=OFF")
    assert answer.status_code == 503
    assert PICTURES["original"] not in answer.content
