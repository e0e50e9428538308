"""Policy over HTTP: rules kept, reports turned away with a reason, explanations, auto-filing."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from api.cell_routes import EXAMPLE_FEATURE
from api.policy_rule_wire import (
    EXAMPLE_PERMIT,
    EXAMPLE_PROFILE,
    PermitDraftWire,
    PermitWire,
    ProfileDraftWire,
    ProfileWire,
)
from api.policy_wire import AutoSwitchWire, DecisionWire, TrialWire
from api.suppression_wire import EXAMPLE_SUPPRESSION, CaseSuppressionWire, SuppressionDraftWire
from cases.keys import Scope
from tests.api.city import CELL, City, problem, slug

PERMITS, SUPPRESSIONS = "/api/v1/policy/permits", "/api/v1/policy/suppressions"
PROFILES, EXPLAIN = "/api/v1/policy/profiles", "/api/v1/policy/explain"
SWITCHES, AUTO = "/api/v1/policy/auto-filing/switches", "/api/v1/policy/auto-filing"
NOON_HOURS = {"days": ["mon"], "from": "11:30", "until": "13:00"}
MARKET: dict[str, Any] = {
    "number": "临占-1",
    "name": "午市",
    "categories": ["street_stall"],
    "polygon": EXAMPLE_FEATURE["geometry"]["coordinates"],  # type: ignore[index]  # an example of plain JSON
    "hours": [NOON_HOURS],
}


WITH_EXAMPLES: tuple[type[BaseModel], ...] = (
    PermitDraftWire,
    PermitWire,
    ProfileDraftWire,
    ProfileWire,
    SuppressionDraftWire,
    CaseSuppressionWire,
    DecisionWire,
    TrialWire,
    AutoSwitchWire,
)


@pytest.mark.parametrize("model", WITH_EXAMPLES, ids=lambda model: model.__name__)
def test_every_example_is_a_sound_message(city: City, model: type[BaseModel]) -> None:
    schemas = city.client(Scope.READ).get("/openapi.json").json()["components"]["schemas"]
    (example,) = schemas[model.__name__]["examples"]
    assert model.model_validate(example).model_dump(mode="json", exclude_unset=True, by_alias=True) == example


def stall(city: City, at: str = "2026-03-02T03:59:00Z", **changes: Any) -> dict[str, Any]:
    """Report a stall, and the receipt."""
    times = {"at": at, "first_seen_at": "2026-03-02T03:49:00Z", "last_seen_at": at}
    answer = city.report(category="street_stall", **times, **changes)
    assert answer.status_code in (200, 201), answer.text
    receipt: dict[str, Any] = answer.json()
    return receipt


def test_a_permitted_stall_makes_no_case_in_its_hours_and_one_after_and_both_are_explained(
    watched_city: City,
) -> None:
    admin, reader = watched_city.client(Scope.ADMIN), watched_city.client(Scope.READ)
    assert admin.post(PERMITS, json=MARKET).status_code == 201
    receipt = stall(watched_city)
    assert receipt == {
        "case_id": None,
        "case_number": None,
        "outcome": "suppressed",
        "event_seq": None,
        "rule": "permit:1",
        "decision": 1,
    }
    assert reader.get("/api/v1/cases").json()["cases"] == []
    why = reader.get(EXPLAIN, params={"incident_id": "incident-1"}).json()
    assert "临占-1" in why["zh"]
    assert "mon 11:30-13:00" in why["en"]
    assert (why["case_id"], why["decisions"][0]["rule"]) == (None, "permit:1")
    watched_city.clock.advance(3600 * 2)
    after = stall(watched_city, at="2026-03-02T05:00:00Z", sequence=1, kind="seen")
    assert after["outcome"] == "opened"
    why = reader.get(EXPLAIN, params={"case_id": after["case_id"]}).json()
    assert why["case_number"] == after["case_number"]
    assert "outside its hours" in why["decisions"][0]["trials"][0]["en"]
    assert [each["verdict"] for each in why["decisions"]] == ["queue", "suppress"]
    listed = reader.get("/api/v1/policy/decisions", params={"rule": "permit:1"}).json()["decisions"]
    assert [each["incident_id"] for each in listed] == ["incident-1"]
    assert 'outcome="suppressed"} 1.0' in reader.get("/metrics").text


def test_a_question_is_answered_without_writing_anything(watched_city: City) -> None:
    watched_city.client(Scope.ADMIN).post(PERMITS, json=MARKET)
    reader = watched_city.client(Scope.READ)
    asked = {"camera_id": "CAM-01", "category": "street_stall", "cell_id": CELL, "at": "2026-03-02T04:30:00Z"}
    assert reader.get(EXPLAIN, params=asked).json()["answer"]["verdict"] == "suppress"
    assert reader.get(EXPLAIN, params=asked | {"at": "2026-03-02T05:00:00Z"}).json()["answer"]["verdict"] == "queue"
    assert reader.get("/api/v1/policy/decisions").json()["decisions"] == []
    assert slug(reader.get(EXPLAIN, params={"camera_id": "CAM-01"})) == "invalid-request"


def test_an_unknown_incident_is_said_to_be_unknown(city: City) -> None:
    why = city.client(Scope.READ).get(EXPLAIN, params={"incident_id": "none"}).json()
    assert (why["en"], why["decisions"]) == ("nothing is known of it", [])


def test_a_permit_is_read_changed_by_its_version_and_taken_back(city: City) -> None:
    admin = city.client(Scope.ADMIN)
    made = admin.post(PERMITS, json=EXAMPLE_PERMIT)
    place = f"{PERMITS}/{made.json()['id']}"
    assert {name: made.json()[name] for name in EXAMPLE_PERMIT} == EXAMPLE_PERMIT
    assert admin.get(place).json() == made.json()
    assert admin.put(place, json=EXAMPLE_PERMIT).status_code == 428
    changed = admin.put(place, json=EXAMPLE_PERMIT | {"name": "夜市二期"}, headers={"If-Match": made.headers["etag"]})
    assert (changed.status_code, changed.json()["name"]) == (200, "夜市二期")
    stale = admin.put(place, json=EXAMPLE_PERMIT, headers={"If-Match": made.headers["etag"]})
    assert (stale.status_code, slug(stale)) == (412, "rule-changed")
    assert admin.delete(place, headers={"If-Match": made.headers["etag"]}).status_code == 412
    assert admin.delete(place).status_code == 204
    assert (admin.get(place).status_code, slug(admin.get(place))) == (404, "rule-not-found")
    assert admin.post(PERMITS, json=EXAMPLE_PERMIT).status_code == 201, "the number is free again"


def test_a_permit_number_in_use_is_a_conflict(city: City) -> None:
    admin = city.client(Scope.ADMIN)
    admin.post(PERMITS, json=EXAMPLE_PERMIT)
    again = admin.post(PERMITS, json=EXAMPLE_PERMIT)
    assert (again.status_code, slug(again)) == (409, "rule-taken")


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"polygon": [], "cells": []}, "polygon"),
        ({"polygon": [[[30.65, 104.08], [30.66, 104.08], [30.66, 104.09]]]}, "swapped"),
        ({"polygon": [[[0, 0], [1, 1], [1, 0], [0, 1]]]}, "crosses itself"),
        ({"polygon": [[[100, 30], [101, 30], [101, 31]]]}, "km"),
        ({"hours": [{"from": "18:00", "until": "18:00"}]}, "whole day"),
        ({"season": {"from": "02-30", "until": "03-01"}}, "02-30"),
        ({"valid_from": "2027-01-01", "valid_until": "2026-01-01"}, "before it begins"),
    ],
    ids=["no place", "swapped", "crossing", "too large", "no length", "no such day", "backwards"],
)
def test_a_permit_that_cannot_be_is_refused_with_the_mend(city: City, changes: dict[str, Any], named: str) -> None:
    answer = city.client(Scope.ADMIN).post(PERMITS, json=EXAMPLE_PERMIT | changes)
    assert answer.status_code == 422
    assert named in problem(answer)["detail"]


def test_permits_leave_and_come_back_as_geojson(city: City) -> None:
    admin = city.client(Scope.ADMIN)
    admin.post(PERMITS, json=EXAMPLE_PERMIT)
    admin.post(PERMITS, json={"number": "2", "name": "单元格", "cells": [CELL]})
    exported = admin.get(PERMITS + ".geojson")
    assert exported.headers["content-type"] == "application/geo+json"
    layer = exported.json()
    assert [feature["geometry"] is None for feature in layer["features"]] == [False, True]
    headers = {"content-type": "application/geo+json"}
    same = admin.post(PERMITS + ".geojson", content=exported.content, headers=headers)
    assert same.json() == {"added": 0, "changed": 0, "unchanged": 2}
    layer["features"][0]["properties"]["name"] = "改名"
    layer["features"].append(
        {"type": "Feature", "properties": {"number": "3", "OBJECTID": 7}, "geometry": layer["features"][0]["geometry"]}
    )
    assert admin.post(PERMITS + ".geojson", json=layer).json() == {"added": 1, "changed": 1, "unchanged": 1}
    assert [each["name"] for each in admin.get(PERMITS).json()["permits"]] == ["改名", "单元格", "3"]


def test_a_layer_with_one_bad_feature_changes_nothing(city: City) -> None:
    admin = city.client(Scope.ADMIN)
    good = {"type": "Feature", "properties": {"number": "1", "cells": [CELL]}, "geometry": None}
    bad = {"type": "Feature", "properties": {"number": "2"}, "geometry": {"type": "Point", "coordinates": [104, 30]}}
    answer = admin.post(PERMITS + ".geojson", json={"type": "FeatureCollection", "features": [good, bad]})
    assert (answer.status_code, slug(answer)) == (422, "rule-refused")
    assert "feature 2" in problem(answer)["detail"]
    assert admin.get(PERMITS).json()["permits"] == []


def test_pages_of_permits_go_through_all(city: City) -> None:
    admin = city.client(Scope.ADMIN)
    for number in range(5):
        admin.post(PERMITS, json={"number": str(number), "name": "n", "cells": [CELL]})
    found, cursor = [], None
    for _ in range(3):
        page = admin.get(PERMITS, params={"limit": 2} | ({} if cursor is None else {"cursor": cursor})).json()
        found += [each["number"] for each in page["permits"]]
        cursor = page["next_cursor"]
    assert (found, cursor) == (["0", "1", "2", "3", "4"], None)
    assert slug(admin.get(PERMITS, params={"cursor": "nonsense"})) == "cursor-invalid"


def test_who_may_change_what(city: City) -> None:
    for scope, status in ((Scope.READ, 403), (Scope.WORKER, 403), (Scope.OPERATOR, 403), (Scope.ADMIN, 201)):
        assert city.client(scope).post(PERMITS, json=EXAMPLE_PERMIT).status_code == status, scope
    for scope, status in ((Scope.READ, 403), (Scope.WORKER, 403), (Scope.OPERATOR, 201), (Scope.ADMIN, 201)):
        assert city.client(scope).post(SUPPRESSIONS, json=EXAMPLE_SUPPRESSION).status_code == status, scope
    switch = {"category": "*", "mode": "measured"}
    for scope, status in ((Scope.READ, 403), (Scope.OPERATOR, 403), (Scope.ADMIN, 200)):
        assert city.client(scope).put(SWITCHES, json=switch).status_code == status, scope
        assert city.client(scope).post(PROFILES, json=EXAMPLE_PROFILE).status_code in (status, 201), scope


def test_a_suppression_needs_a_place_a_reason_and_an_end_that_is_not_far(city: City) -> None:
    seat, admin = city.client(Scope.OPERATOR), city.client(Scope.ADMIN)
    year = (city.clock.now() + timedelta(days=400)).isoformat()
    wrong: list[dict[str, Any]] = [
        {"region": []},
        {"camera_id": None},
        {"expires_at": "2026-03-01T00:00:00Z"},
        {"expires_at": year},
    ]
    for changes in wrong:
        answer = seat.post(SUPPRESSIONS, json=EXAMPLE_SUPPRESSION | changes)
        assert (answer.status_code, slug(answer)) == (422, "rule-refused"), changes
    assert seat.post(SUPPRESSIONS, json=EXAMPLE_SUPPRESSION | {"reason": " "}).status_code == 422
    assert admin.post(SUPPRESSIONS, json=EXAMPLE_SUPPRESSION | {"expires_at": year}).status_code == 201
    plain = seat.post(SUPPRESSIONS, json={"reason": "临时", "cells": [CELL]}).json()
    assert plain["expires_at"] == "2026-04-01T04:00:00Z", "thirty days"


def test_what_a_rejected_case_was_made_of_is_suppressed_by_its_boxes(watched_city: City) -> None:
    seat = watched_city.client(Scope.OPERATOR)
    case_id = stall(watched_city)["case_id"]
    place = f"/api/v1/cases/{case_id}/suppression"
    early = seat.post(place, json={"reason": "石狮子"})
    assert (early.status_code, slug(early)) == (409, "conflict")
    assert seat.post(f"/api/v1/cases/{case_id}/close", json={"reason": "false_alarm"}).status_code == 200
    made = seat.post(place, json={"reason": "石狮子"})
    assert made.status_code == 201, made.text
    rule = made.json()
    assert (rule["camera_id"], rule["category"], rule["case_id"]) == ("CAM-01", "street_stall", case_id)
    assert rule["region"][0][0] == [10.0 - 20.5 / 4, 20.0 - 5.0]
    watched_city.clock.advance(3600)
    assert stall(watched_city, at="2026-03-02T04:30:00Z", sequence=1)["rule"] == rule["rule"]
    moved = stall(watched_city, at="2026-03-02T04:30:00Z", incident_id="other", boxes=[[300, 20, 330, 40]])
    assert moved["outcome"] == "opened"
    assert seat.delete(f"{SUPPRESSIONS}/{rule['id']}").status_code == 204
    assert seat.delete(f"{SUPPRESSIONS}/{rule['id']}").status_code == 404
    assert seat.get(SUPPRESSIONS).json()["suppressions"] == []
    (ended,) = seat.get(SUPPRESSIONS, params={"standing": False}).json()["suppressions"]
    assert (ended["stands"], ended["removed_by"]) == (False, "operator-key")


def test_profiles_are_kept_and_only_one_is_general(city: City) -> None:
    admin = city.client(Scope.ADMIN)
    made = admin.post(PROFILES, json=EXAMPLE_PROFILE)
    assert {name: made.json()[name] for name in EXAMPLE_PROFILE} == EXAMPLE_PROFILE
    general = {"kind": "general", "name": "一般", "bars": {"*": {"confidence": 0.4, "below": "suppress"}}}
    assert admin.post(PROFILES, json=general).status_code == 201
    assert slug(admin.post(PROFILES, json=general)) == "rule-taken"
    assert slug(admin.post(PROFILES, json=EXAMPLE_PROFILE | {"hours": []})) == "rule-refused"
    place = f"{PROFILES}/{made.json()['id']}"
    assert admin.put(place, json=EXAMPLE_PROFILE | {"rank": 5}, headers={"If-Match": "*"}).json()["rank"] == 5
    assert admin.delete(place).status_code == 204
    assert [each["kind"] for each in admin.get(PROFILES).json()["profiles"]] == ["general"]


def test_under_the_general_bar_there_is_no_case(watched_city: City) -> None:
    bars = {"street_stall": {"confidence": 0.9, "below": "suppress"}}
    watched_city.client(Scope.ADMIN).post(PROFILES, json={"kind": "general", "name": "一般", "bars": bars})
    assert stall(watched_city)["rule"] == "profile:1"
    assert stall(watched_city, incident_id="sure", confidence=0.95)["outcome"] == "opened"


def test_auto_filing_shows_counts_precision_bound_and_the_switches(watched_city: City) -> None:
    admin = watched_city.client(Scope.ADMIN)
    for number, reason in enumerate(("handled", "handled", "false_alarm", "other")):
        cell = f"51010400100110{number}"
        case_id = stall(watched_city, incident_id=f"i{number}", cell_id=cell)["case_id"]
        admin.post(f"/api/v1/cases/{case_id}/close", json={"reason": reason})
    turned = admin.put(SWITCHES, json={"category": "street_stall", "camera_id": "CAM-01", "mode": "measured"}).json()
    assert (turned["rule"], turned["changed_by"]) == ("switch:1", "admin-key")
    shown = watched_city.client(Scope.READ).get(AUTO).json()
    assert (shown["bar"], shown["least"], shown["last"], shown["z"]) == (0.95, 30, 100, 1.645)
    assert [each["mode"] for each in shown["switches"]] == ["measured"]
    (place,) = shown["places"]
    assert (place["camera_id"], place["period"], place["reviewed"], place["right"]) == ("CAM-01", "day", 4, 2)
    assert place["precision"] == pytest.approx(2 / 4)
    assert 0.1 < place["lower_bound"] < place["precision"]
    assert (place["mode"], place["verdict"]) == ("measured", "queue")
    assert "4/30" in place["en"]
