"""Steps, claims and chains as programs and people take them."""

import re
from datetime import datetime
from typing import Any

import httpx
import pytest

from cases.keys import Scope
from cases.roles import Role
from tests.api.city import CELL, City, problem, slug
from tests.api.people import signed_in

UNIT = "环卫一所"
OTHER_CELL = "510104001001002"


@pytest.fixture
def case_id(watched_city: City) -> str:
    return opened(watched_city)


@pytest.fixture
def desk(watched_city: City) -> httpx.Client:
    return watched_city.client(Scope.OPERATOR)


def opened(city: City, **changed: Any) -> str:
    answer = city.report(**changed)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["case_id"])


def give(client: httpx.Client, case_id: str, command: str, **fields: Any) -> httpx.Response:
    return client.post(f"/api/v1/cases/{case_id}/commands", json={"command": command, **fields})


def done(client: httpx.Client, case_id: str, command: str, **fields: Any) -> dict[str, Any]:
    answer = give(client, case_id, command, **fields)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_case_is_taken_through_its_stages(desk: httpx.Client, case_id: str) -> None:
    assert done(desk, case_id, "accept")["stage"] == "registered"
    assert done(desk, case_id, "dispatch", unit=UNIT, handler="王强")["handler"] == "王强"
    for command, stage in (("take", "handling"), ("report", "reported"), ("verify", "verified"), ("close", "closed")):
        case = done(desk, case_id, command, note="王强 went there" if command == "verify" else "")
        assert case["stage"] == stage
    assert (case["state"], case["close_reason"], case["unit"]) == ("closed", "handled", UNIT)
    assert case["due_at"] is not None


def test_what_is_possible_now_is_told_with_what_it_needs(desk: httpx.Client, case_id: str) -> None:
    told = desk.get(f"/api/v1/cases/{case_id}/commands").json()
    assert told["version"] == 1
    assert {each["command"]: each["needs"] for each in told["commands"]} == {
        "accept": [],
        "reject": ["reason"],
        "comment": ["note"],
    }


def test_a_key_that_only_reads_may_do_nothing(watched_city: City, case_id: str) -> None:
    reader = watched_city.client(Scope.READ)
    assert reader.get(f"/api/v1/cases/{case_id}/commands").json()["commands"] == []
    answer = give(reader, case_id, "accept")
    assert (answer.status_code, problem(answer)["status"]) == (403, 403)


def test_a_step_out_of_place_or_of_an_old_version_is_a_conflict(desk: httpx.Client, case_id: str) -> None:
    answer = give(desk, case_id, "verify")
    assert (answer.status_code, "collected" in problem(answer)["detail"]) == (409, True)
    done(desk, case_id, "accept", expected_version=1)
    assert give(desk, case_id, "dispatch", unit=UNIT, expected_version=1).status_code == 409


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"command": "reject"}, "reason"),
        ({"command": "comment"}, "note"),
        ({"command": "comment", "note": " "}, "note"),
    ],
    ids=["no reason", "no note", "blank note"],
)
def test_a_step_that_lacks_something_says_what(
    desk: httpx.Client, case_id: str, fields: dict[str, Any], said: str
) -> None:
    answer = desk.post(f"/api/v1/cases/{case_id}/commands", json=fields)
    assert (answer.status_code, slug(answer)) == (422, "command-incomplete")
    assert said in problem(answer)["detail"]


def test_a_command_posted_again_under_its_key_is_done_once(desk: httpx.Client, case_id: str) -> None:
    desk.headers["Idempotency-Key"] = "7f"
    assert done(desk, case_id, "accept") == done(desk, case_id, "accept")
    assert give(desk, case_id, "dispatch", unit=UNIT).status_code == 409


def test_an_unknown_case_is_not_found(desk: httpx.Client) -> None:
    assert give(desk, "nobody", "accept").status_code == 404
    assert desk.get("/api/v1/cases/nobody/commands").status_code == 404
    assert desk.put("/api/v1/cases/nobody/claim").status_code == 404
    assert desk.get("/api/v1/cases/nobody/chain").status_code == 404


def test_several_cases_are_commanded_each_by_itself(watched_city: City, desk: httpx.Client, case_id: str) -> None:
    other = opened(watched_city, incident_id="i2", cell_id=OTHER_CELL)
    done(desk, case_id, "accept")
    body = {"command": "accept", "cases": [case_id, other, "nobody"]}
    answer = desk.post("/api/v1/case-commands", json=body)
    assert answer.status_code == 200
    told = answer.json()
    assert told["done"] == 1
    refused, accepted, unknown = told["results"]
    assert (refused["case"], refused["problem"]["status"]) == (None, 409)
    assert (accepted["case"]["stage"], accepted["problem"]) == ("registered", None)
    assert (unknown["case_id"], unknown["problem"]["status"]) == ("nobody", 404)
    assert desk.post("/api/v1/case-commands", json={**body, "cases": []}).status_code == 422


def test_a_claim_keeps_other_seats_away_until_it_is_let_go(watched_city: City, case_id: str) -> None:
    one = signed_in(watched_city, "limin", Role.ACCEPTOR)
    two = signed_in(watched_city, "wangq", Role.SHIFT_LEADER)
    claim = one.put(f"/api/v1/cases/{case_id}/claim")
    assert (claim.status_code, claim.json()["holder"]) == (200, "person:limin")
    assert slug(two.put(f"/api/v1/cases/{case_id}/claim")) == "claimed"
    assert slug(give(two, case_id, "accept")) == "claimed"
    closing = two.post(f"/api/v1/cases/{case_id}/close", json={"reason": "handled"})
    assert (closing.status_code, slug(closing)) == (409, "claimed")
    assert [each["case_id"] for each in two.get("/api/v1/claims").json()["claims"]] == [case_id]
    assert two.delete(f"/api/v1/cases/{case_id}/claim").status_code == 204
    assert slug(give(two, case_id, "accept")) == "claimed", "only one's own is let go"
    assert one.delete(f"/api/v1/cases/{case_id}/claim").status_code == 204
    done(two, case_id, "accept")


def test_a_claim_ends_by_itself(watched_city: City, desk: httpx.Client, case_id: str) -> None:
    signed_in(watched_city, "limin", Role.ACCEPTOR).put(f"/api/v1/cases/{case_id}/claim")
    assert give(desk, case_id, "accept").status_code == 409
    watched_city.clock.advance(121)
    assert give(desk, case_id, "accept").status_code == 200


def test_a_units_person_sees_and_commands_its_own_cases_only(
    watched_city: City, desk: httpx.Client, case_id: str
) -> None:
    other = opened(watched_city, incident_id="i2", cell_id=OTHER_CELL)
    for each, unit in ((case_id, UNIT), (other, "城管二中队")):
        done(desk, each, "accept")
        done(desk, each, "dispatch", unit=unit)
    person = signed_in(watched_city, "zhang", Role.HANDLING_UNIT, unit=UNIT)
    assert [each["id"] for each in person.get("/api/v1/cases").json()["cases"]] == [case_id]
    assert give(person, other, "take").status_code == 404
    assert person.get(f"/api/v1/cases/{other}/commands").status_code == 404
    assert person.put(f"/api/v1/cases/{other}/claim").status_code == 404
    bulk = person.post("/api/v1/case-commands", json={"command": "take", "cases": [case_id, other]}).json()
    assert [result["problem"] and result["problem"]["status"] for result in bulk["results"]] == [None, 404]
    answer = give(person, case_id, "verify")
    assert (answer.status_code, slug(answer)) == (403, "command-not-yours")
    assert done(person, case_id, "report")["stage"] == "reported"


def test_a_bulk_step_given_again_by_its_name_is_taken_with_those_only_that_it_was_not_taken_with(
    watched_city: City, desk: httpx.Client, case_id: str
) -> None:
    other = opened(watched_city, incident_id="i2", cell_id=OTHER_CELL)
    headers = {"Idempotency-Key": "seat-7:night"}

    def give_all(*cases: str, **fields: Any) -> dict[str, Any]:
        body = {"command": "comment", "note": "夜间巡查", "cases": cases, **fields}
        answer = desk.post("/api/v1/case-commands", json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def comments(each: str) -> int:
        events = desk.get(f"/api/v1/cases/{each}").json()["events"]
        return sum(event["kind"] == "commented" for event in events)

    assert give_all(case_id)["done"] == 1
    assert give_all(case_id, other)["done"] == 2
    assert give_all(other, case_id)["done"] == 2
    assert (comments(case_id), comments(other)) == (1, 1)
    (differing,) = give_all(other, note="别的")["results"]
    assert differing["problem"]["type"].endswith("/conflict"), "the name stands for another step"


def test_nobody_but_the_leader_closes_past_the_stages(watched_city: City, case_id: str) -> None:
    inspector = signed_in(watched_city, "jian", Role.INSPECTOR)
    assert inspector.post(f"/api/v1/cases/{case_id}/close", json={"reason": "handled"}).status_code == 403
    leader = signed_in(watched_city, "wangq", Role.SHIFT_LEADER)
    assert leader.post(f"/api/v1/cases/{case_id}/close", json={"reason": "handled"}).json()["stage"] == "closed"


def test_the_chain_and_the_spots_of_what_came_back(watched_city: City, desk: httpx.Client, case_id: str) -> None:
    desk.post(f"/api/v1/cases/{case_id}/close", json={"reason": "handled"})
    watched_city.clock.advance(3600)
    moment = "2026-03-02T04:50:00Z"
    again = opened(watched_city, incident_id="i2", at=moment, first_seen_at=moment, last_seen_at=moment)
    for each in (case_id, again):
        assert [case["id"] for case in desk.get(f"/api/v1/cases/{each}/chain").json()["cases"]] == [case_id, again]
    answer = desk.get("/api/v1/recurrence")
    assert answer.headers["content-type"] == "application/geo+json"
    (spot,) = answer.json()["features"]
    assert (answer.json()["type"], spot["type"]) == ("FeatureCollection", "Feature")
    assert (spot["properties"]["cell_id"], spot["properties"]["cases"]) == (CELL, 2)
    assert spot["geometry"]["type"] == "Polygon"
    assert desk.get("/api/v1/recurrence", params={"least": 3}).json()["features"] == []
    assert [each["id"] for each in listed(desk, recurring="true")] == [again]
    assert [each["id"] for each in listed(desk, recurring="false")] == [case_id]


def listed(client: httpx.Client, **asked: str) -> list[dict[str, Any]]:
    answer = client.get("/api/v1/cases", params=asked)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["cases"]
    return found


def test_the_list_is_narrowed_by_stage_unit_source_and_deadline(
    watched_city: City, desk: httpx.Client, case_id: str
) -> None:
    other = opened(watched_city, incident_id="i2", cell_id=OTHER_CELL)
    done(desk, case_id, "accept")
    due = done(desk, case_id, "dispatch", unit="特勤队")
    assert [each["id"] for each in listed(desk, stage="dispatched")] == [case_id]
    assert [each["id"] for each in listed(desk, stage="collected")] == [other]
    assert [each["id"] for each in listed(desk, unit="特勤队")] == [case_id]
    assert listed(desk, unit="特勤") == []
    assert (len(listed(desk, source="video_ai")), listed(desk, source="citizen")) == (2, [])
    assert listed(desk, overdue="true") == listed(desk, near_due="true") == []
    clock = watched_city.clock
    clock.advance(seconds_until(clock.now(), due["near_due_at"]))
    assert [each["id"] for each in listed(desk, near_due="true")] == [case_id]
    clock.advance(seconds_until(clock.now(), due["due_at"]))
    assert listed(desk, overdue="true") == [], "exactly then is in time"
    clock.advance(1)
    assert [each["id"] for each in listed(desk, overdue="true")] == [case_id]
    assert listed(desk, near_due="true") == []
    desk.post(f"/api/v1/cases/{case_id}/close", json={"reason": "handled"})
    assert listed(desk, overdue="true") == [], "what is closed is late no more"
    assert desk.get("/api/v1/cases", params={"stage": "nowhere"}).status_code == 422


def seconds_until(now: datetime, text: str) -> float:
    return float((datetime.fromisoformat(text) - now).total_seconds())


def test_the_desks_page_offers_the_steps_and_takes_them(watched_city: City, case_id: str) -> None:
    browser = watched_city.browser(Scope.OPERATOR)
    token = watched_city.csrf(browser)
    page = browser.get(f"/cases/{case_id}").text
    assert re.findall(r'name="command" value="(\w+)"', page) == ["claim", "accept", "reject", "comment"]
    posted = browser.post(f"/cases/{case_id}/steps", data={"csrf_token": token, "command": "claim"})
    assert (posted.status_code, posted.headers["location"]) == (303, f"/cases/{case_id}")
    assert 'id="claimed-by"' in browser.get(f"/cases/{case_id}").text
    posted = browser.post(f"/cases/{case_id}/steps", data={"csrf_token": token, "command": "accept", "note": ""})
    assert posted.status_code == 303
    page = browser.get(f"/cases/{case_id}").text
    assert "待派遣" in page
    assert "Dispatch" in page
    assert "step-dispatch" in page
    assert "step-accept" not in page


def test_the_desks_form_needs_its_token_and_says_what_it_cannot_read(watched_city: City, case_id: str) -> None:
    browser = watched_city.browser(Scope.OPERATOR)
    assert browser.post(f"/cases/{case_id}/steps", data={"command": "accept"}).status_code == 403
    form = {"csrf_token": watched_city.csrf(browser), "command": "explode"}
    assert browser.post(f"/cases/{case_id}/steps", data=form).status_code == 422
    assert watched_city.client(Scope.READ).get(f"/api/v1/cases/{case_id}").json()["case"]["version"] == 1


def test_the_desks_list_is_narrowed_by_stage_and_lateness(watched_city: City, desk: httpx.Client, case_id: str) -> None:
    browser = watched_city.browser(Scope.OPERATOR)
    number = done(desk, case_id, "accept")["number"]
    assert number in browser.get("/", params={"stage": "registered"}).text
    assert number not in browser.get("/", params={"stage": "reported"}).text
    assert number not in browser.get("/", params={"overdue": "1"}).text
    watched_city.clock.advance(30 * 24 * 3600)
    browser = watched_city.browser(Scope.OPERATOR)
    assert number in browser.get("/", params={"overdue": "1"}).text
