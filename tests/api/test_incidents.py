"""Reports coming in over HTTP: once each, and refused with a reason."""

from typing import Any

import pytest

from cases.keys import Scope
from tests.api.city import JPEG, City, incident, problem, sha256_of, slug


def test_the_first_report_opens_a_case(watched_city: City) -> None:
    answer = watched_city.report()
    assert answer.status_code == 201, answer.text
    receipt = answer.json()
    assert receipt["outcome"] == "opened"
    assert receipt["case_number"].startswith("51010420260302")
    case = watched_city.client(Scope.READ).get(f"/api/v1/cases/{receipt['case_id']}").json()["case"]
    assert (case["zone"], case["unit"]) == ("controlled", "环卫一所")


def test_the_same_report_twice_answers_the_first_receipt(watched_city: City) -> None:
    first, second = watched_city.report(), watched_city.report()
    assert second.status_code == 200
    assert second.json() == first.json() | {"outcome": "duplicate"}


def test_the_same_instant_written_in_another_zone_is_the_same_report(watched_city: City) -> None:
    watched_city.report()
    assert watched_city.report(at="2026-03-02T11:59:00+08:00").json()["outcome"] == "duplicate"


def test_the_same_key_with_another_body_is_a_conflict(watched_city: City) -> None:
    watched_city.report()
    answer = watched_city.report(object_count=7)
    assert (answer.status_code, slug(answer)) == (409, "conflict")


def test_a_second_camera_joins_the_open_case(watched_city: City) -> None:
    first = watched_city.report().json()
    answer = watched_city.report(incident_id="incident-2", camera_id="CAM-02", view_id="CAM-02")
    assert answer.status_code == 200
    assert answer.json()["outcome"] == "joined"
    assert answer.json()["case_id"] == first["case_id"]


def test_a_vehicles_report_is_counted_apart(watched_city: City) -> None:
    first = watched_city.report().json()
    watched_city.report(incident_id="incident-2", camera_id="CAM-02", view_id="CAM-02", source="mobile_video")
    told = watched_city.client(Scope.READ).get(f"/api/v1/cases/{first['case_id']}").json()["case"]
    assert (told["source"], told["reports"]) == ("video_ai", {"video_ai": 1, "mobile_video": 1})
    for source in ("citizen", "hotline"):  # nobody who watches pictures speaks for a citizen
        assert watched_city.report(incident_id="incident-3", source=source).status_code == 422


def test_a_time_in_the_future_is_refused(watched_city: City) -> None:
    answer = watched_city.report(at="2026-03-02T05:00:00Z", last_seen_at="2026-03-02T05:00:00Z")
    assert (answer.status_code, slug(answer)) == (422, "incident-refused")
    assert "CAM-01" in problem(answer)["detail"]


def test_an_unknown_camera_is_refused_by_name(watched_city: City) -> None:
    answer = watched_city.report(camera_id="CAM-99")
    assert (answer.status_code, slug(answer)) == (422, "incident-refused")
    assert "CAM-99" in problem(answer)["detail"]


def test_pictures_that_were_never_put_are_refused(watched_city: City) -> None:
    sha = "ab" * 32
    answer = watched_city.report(evidence={"original": sha, "annotated": sha, "crop": sha})
    assert (answer.status_code, slug(answer)) == (422, "incident-refused")


def test_pictures_that_were_put_come_with_the_case(watched_city: City) -> None:
    sha = sha256_of(JPEG)
    put = watched_city.client(Scope.WORKER).put(
        f"/api/v1/evidence/{sha}", content=JPEG, headers={"content-type": "image/jpeg"}
    )
    assert put.status_code == 201
    receipt = watched_city.report(evidence={"original": sha, "annotated": sha, "crop": sha}).json()
    reader = watched_city.client(Scope.READ)
    detail = reader.get(f"/api/v1/cases/{receipt['case_id']}").json()
    assert [picture["kind"] for picture in detail["evidence"]] == ["original", "annotated", "crop"]
    assert reader.get(detail["evidence"][0]["url"], headers={"x-reason": "a test of the way"}).content == JPEG


BAD_FIELDS: list[tuple[str, Any]] = [
    ("at", "2026-03-02T03:59:00"),
    ("at", "yesterday"),
    ("at", "0001-01-01T00:00:00+14:00"),
    ("confidence", 1.5),
    ("confidence", "NaN"),
    ("probability", 1.5),
    ("probability", "NaN"),
    ("object_count", -1),
    ("object_count", 2**40),
    ("sequence", -1),
    ("kind", "vanished"),
    ("category", "Exposed Garbage"),
    ("camera_id", ""),
    ("camera_id", "CAM\u0000"),
    ("camera_id", "C" * 300),
    ("boxes", [[1, 2, 3]]),
    ("boxes", [[1, 2, 3, 1e300]]),
    ("boxes", [[0, 0, 1, 1]] * 1001),
    ("model", {"name": "m", "sha256": "short"}),
    ("evidence", {"original": "ab" * 32}),
    ("colour", "red"),
]


@pytest.mark.parametrize(("name", "value"), BAD_FIELDS, ids=[f"{n}={str(v)[:20]!a}" for n, v in BAD_FIELDS])
def test_a_field_that_is_not_right_is_named(watched_city: City, name: str, value: Any) -> None:
    answer = watched_city.report(**{name: value})
    assert (answer.status_code, slug(answer)) in [(422, "invalid-request"), (422, "incident-refused")]
    if slug(answer) == "invalid-request":
        assert any(each["field"].startswith(f"body.{name}") for each in answer.json()["errors"])


@pytest.mark.parametrize(
    "content",
    [b"{", b'{"at": NaN}', b"[]", b"null", b"\xff\xfe", b'"\\ud800"', b"[" * 100_000],
    ids=lambda c: repr(c[:9]),
)
def test_a_body_that_is_no_incident_is_refused(watched_city: City, content: bytes) -> None:
    answer = watched_city.client(Scope.WORKER).post(
        "/api/v1/incidents", content=content, headers={"Idempotency-Key": "k", "content-type": "application/json"}
    )
    assert answer.status_code in (400, 422)
    problem(answer)


@pytest.mark.parametrize("key", [None, "", "k" * 201])
def test_a_report_needs_a_usable_idempotency_key(watched_city: City, key: str | None) -> None:
    headers = {} if key is None else {"Idempotency-Key": key}
    answer = watched_city.client(Scope.WORKER).post("/api/v1/incidents", json=incident(), headers=headers)
    assert (answer.status_code, slug(answer)) == (422, "invalid-request")
    assert answer.json()["errors"][0]["field"] == "header.Idempotency-Key"


def test_a_refused_value_is_not_repeated(watched_city: City) -> None:
    answer = watched_city.report(model={"name": "m", "sha256": "gp_pasted_into_the_wrong_field"})
    assert "gp_pasted" not in answer.text


def test_a_body_over_a_mebibyte_is_refused(watched_city: City) -> None:
    answer = watched_city.report(worker_id="w" * (1024 * 1024))
    assert (answer.status_code, slug(answer)) == (413, "body-too-large")
    assert answer.headers["connection"] == "close"


def test_the_intake_is_counted_by_outcome(watched_city: City) -> None:
    watched_city.report()
    watched_city.report()
    watched_city.report(object_count=9)
    watched_city.report(camera_id="CAM-99", incident_id="incident-9")
    text = watched_city.client(Scope.READ).get("/metrics").text
    for outcome, count in (("opened", 1), ("duplicate", 1), ("conflict", 1), ("refused", 1), ("joined", 0)):
        assert f'gridpatrol_incident_reports_total{{outcome="{outcome}"}} {count}.0' in text
    assert 'gridpatrol_cases{category="exposed_garbage",state="open"} 1.0' in text
    assert 'gridpatrol_cameras{state="live"} 2.0' in text
    assert 'route="/api/v1/incidents",status="201"' in text
