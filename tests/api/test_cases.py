"""Cases, cameras and cells for programs."""

from typing import Any

import httpx
import pytest

from api.cell_routes import EXAMPLE_FEATURE
from cases.keys import Scope
from tests.api.city import CELL, City, problem, slug


def open_cases(city: City, count: int) -> list[str]:
    return [
        city.report(incident_id=f"incident-{n}", cell_id=f"5101040010010{n:02d}").json()["case_id"]
        for n in range(10, 10 + count)
    ]


def test_pages_follow_each_other_newest_first_without_gap_or_repeat(watched_city: City) -> None:
    opened = open_cases(watched_city, 7)
    reader = watched_city.client(Scope.READ)
    seen: list[str] = []
    params: dict[str, Any] = {"limit": 3}
    sizes: list[int] = []
    while True:
        page = reader.get("/api/v1/cases", params=params).json()
        sizes.append(len(page["cases"]))
        seen += [case["id"] for case in page["cases"]]
        if len(sizes) == 1:  # a case that is opened meanwhile shifts nothing
            watched_city.report(incident_id="meanwhile", cell_id="510104001001099")
        if page["next_cursor"] is None:
            break
        params["cursor"] = page["next_cursor"]
    assert seen == opened[::-1]
    assert sizes == [3, 3, 1]


def test_filters_narrow_the_list(watched_city: City) -> None:
    open_cases(watched_city, 2)
    watched_city.report(incident_id="stall", category="street_stall", camera_id="CAM-02")
    reader = watched_city.client(Scope.READ)

    def count(**params: str) -> int:
        return len(reader.get("/api/v1/cases", params=params).json()["cases"])

    assert count(category="street_stall") == 1
    assert count(camera_id="CAM-01") == 2
    assert count(cell_id="510104001001010") == 1
    assert count(state="closed") == 0
    assert count(since="2026-03-02T03:00:00Z", until="2026-03-02T12:00:00+08:00") == 3
    assert count(since="2026-03-02T04:00:00Z") == 0
    assert count(text="001011") == 1


@pytest.mark.parametrize(
    "params",
    [
        {"limit": "0"},
        {"limit": "201"},
        {"state": "sleeping"},
        {"since": "2026-03-02T03:00:00"},
        {"statee": "open"},
        {"text": "a\0b"},
        {"cursor": "nonsense"},
        {"cursor": "djE6LTE"},
    ],
    ids=str,
)
def test_a_filter_that_is_not_right_is_refused(city: City, params: dict[str, str]) -> None:
    answer = city.client(Scope.READ).get("/api/v1/cases", params=params)
    assert (answer.status_code, slug(answer)) in [(422, "invalid-request"), (422, "cursor-invalid")]


def test_a_case_is_read_with_its_history_and_an_unchanged_one_is_not_sent_again(watched_city: City) -> None:
    case_id = watched_city.report().json()["case_id"]
    reader = watched_city.client(Scope.READ)
    answer = reader.get(f"/api/v1/cases/{case_id}")
    assert [event["kind"] for event in answer.json()["events"]] == ["opened"]
    assert answer.json()["case"]["opened_at"] == "2026-03-02T03:59:00Z"
    tag = {"if-none-match": answer.headers["etag"]}
    assert reader.get(f"/api/v1/cases/{case_id}", headers=tag).status_code == 304
    watched_city.report(incident_id="incident-2", camera_id="CAM-02")
    assert reader.get(f"/api/v1/cases/{case_id}", headers=tag).status_code == 200


@pytest.mark.parametrize("name", ["none", "%00", "x" * 65, "7b9c6b1e-27a7-4a0a-9d0e-7f2a5a1d9c55"])
def test_a_case_that_does_not_exist_says_so(city: City, name: str) -> None:
    answer = city.client(Scope.READ).get(f"/api/v1/cases/{name}")
    assert slug(answer) in ("case-not-found", "invalid-request")


def close(city: City, case_id: str, **body: Any) -> httpx.Response:
    return city.client(Scope.OPERATOR).post(f"/api/v1/cases/{case_id}/close", json=body)


def test_an_operator_closes_a_case_once(watched_city: City) -> None:
    case_id = watched_city.report().json()["case_id"]
    answer = close(watched_city, case_id, reason="handled", note="已清运", expected_version=1)
    assert answer.status_code == 200
    assert answer.json()["state"] == "closed"
    assert answer.json()["closed_by"] == "operator-key"
    again = close(watched_city, case_id, reason="handled")
    assert (again.status_code, slug(again)) == (409, "conflict")


def test_a_case_that_moved_on_since_it_was_read_is_not_closed(watched_city: City) -> None:
    case_id = watched_city.report().json()["case_id"]
    watched_city.report(incident_id="incident-2", camera_id="CAM-02")
    assert slug(close(watched_city, case_id, reason="handled", expected_version=1)) == "conflict"


@pytest.mark.parametrize(
    "body", [{}, {"reason": "bored"}, {"reason": "handled", "note": "n" * 2001}, {"reason": "handled", "x": 1}]
)
def test_a_closing_that_is_not_right_is_refused(watched_city: City, body: dict[str, Any]) -> None:
    case_id = watched_city.report().json()["case_id"]
    assert slug(close(watched_city, case_id, **body)) == "invalid-request"


def test_cameras_are_told_by_workers_and_read_by_people(city: City) -> None:
    status = {
        "camera_id": "CAM-07",
        "name": "春熙路北口",
        "address": "rtsp://10.1.2.3:554/ch1",
        "state": "stalled",
        "since": "2026-03-02T11:00:00+08:00",
        "error_kind": "stalled",
        "error": "CAM-07: no picture for 12.0 s",
        "transitions": {"live": 2, "stalled": 1},
        "gop_s": 2.0,
    }
    worker = city.client(Scope.WORKER)
    assert worker.put("/api/v1/cameras", json={"worker_id": "w", "cameras": [status]}).status_code == 204
    (camera,) = city.client(Scope.READ).get("/api/v1/cameras").json()["cameras"]
    assert camera["since"] == "2026-03-02T03:00:00Z"
    assert camera["transitions"] == {"live": 2, "stalled": 1}
    assert (camera["worker_id"], camera["updated_at"]) == ("w", "2026-03-02T04:00:00Z")


def test_an_address_with_a_password_is_refused_and_not_repeated(city: City) -> None:
    camera = {"camera_id": "C", "address": "rtsp://u:hunter2@h/1", "state": "live", "since": "2026-03-02T03:00:00Z"}
    answer = city.client(Scope.WORKER).put("/api/v1/cameras", json={"worker_id": "w", "cameras": [camera]})
    assert slug(answer) == "invalid-request"
    assert "hunter2" not in answer.text


def test_a_camera_named_twice_is_refused(city: City) -> None:
    camera = {"camera_id": "C", "address": "clip.mp4", "state": "live", "since": "2026-03-02T03:00:00Z"}
    answer = city.client(Scope.WORKER).put("/api/v1/cameras", json={"worker_id": "w", "cameras": [camera] * 2})
    assert "named twice" in problem(answer)["detail"]


def test_a_cell_is_a_geojson_feature_and_an_unknown_one_says_so(city: City) -> None:
    reader = city.client(Scope.READ)
    answer = reader.get(f"/api/v1/cells/{CELL}")
    assert (answer.json(), answer.headers["content-type"]) == (EXAMPLE_FEATURE, "application/geo+json")
    assert slug(reader.get("/api/v1/cells/510104009009009")) == "cell-not-found"
