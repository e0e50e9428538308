"""Calendars over HTTP: written, listed days put in, working time reckoned, open cases' deadlines moved."""

from typing import Any

from cases.keys import Scope
from cases.roles import Role
from cases.transactions import writing
from cases.workflow.commanding import give
from cases.workflow.commands import Command
from cases.workflow.orders import Order, Seat
from core.ids import CaseId
from tests.api.city import City, problem, slug

DEFAULT = "/api/v1/calendars/default"
MONDAY_OFF: dict[str, Any] = {"holidays": [{"date": "2026-03-02", "name": "放假"}]}
DUE = {"category": "exposed_garbage", "zone": "controlled", "start": "2026-03-02T01:00:00Z"}


def test_the_default_calendar_is_read_changed_and_changed_back(city: City) -> None:
    admin, reader = city.client(Scope.ADMIN), city.client(Scope.READ)
    first = reader.get(DEFAULT)
    assert (first.headers["etag"], first.json()["calendar"]["zone"]) == ('"0"', "Asia/Shanghai")
    assert slug(admin.put(DEFAULT, json=MONDAY_OFF)) == "if-match-missing"
    done = admin.put(DEFAULT, json=MONDAY_OFF, headers={"if-match": '"0"'}, params={"why": "通知"})
    assert (done.status_code, done.headers["etag"], done.json()["is_new"]) == (200, '"1"', True)
    assert slug(admin.put(DEFAULT, json={}, headers={"if-match": '"0"'})) == "calendar-changed"
    assert [each["why"] for each in reader.get(f"{DEFAULT}/versions").json()["versions"]] == ["通知"]
    assert reader.get(DEFAULT, params={"version": 0}).json()["calendar"]["holidays"] == []
    assert [each["id"] for each in reader.get("/api/v1/calendars").json()["calendars"]] == ["default"]
    assert slug(city.client(Scope.OPERATOR).put(DEFAULT, json={}, headers={"if-match": "*"})) == "role-missing"


def test_a_deadline_is_told_and_moves_with_the_calendar(city: City) -> None:
    admin = city.client(Scope.ADMIN)
    due = admin.get("/api/v1/deadlines", params=DUE).json()
    assert (due["due_at"], due["state"]) == ("2026-03-02T06:30:00Z", "in_time")
    city.clock.advance(3 * 3600)
    assert admin.get("/api/v1/deadlines", params=DUE).json()["state"] == "overdue"
    admin.put(DEFAULT, json=MONDAY_OFF, headers={"if-match": "*"})
    due = admin.get("/api/v1/deadlines", params=DUE).json()
    assert (due["due_at"], due["state"]) == ("2026-03-03T06:30:00Z", "in_time")
    assert due["rule"] == "catalogue:1 exposed_garbage/controlled 4h working near:80% calendar:default@1"
    unknown = admin.get("/api/v1/deadlines", params=DUE | {"category": "barbecue"})
    assert (unknown.status_code, slug(unknown)) == (404, "calendar-not-found")


def test_an_open_cases_deadline_follows_the_calendar_and_the_answer_says_so(watched_city: City) -> None:
    case_id = CaseId(watched_city.report().json()["case_id"])
    with writing(watched_city.engine) as connection:
        seat = Seat("李敏", frozenset({Role.ACCEPTOR}))
        give(connection, case_id, Order(Command.ACCEPT), seat, watched_city.clock.now())
    admin = watched_city.client(Scope.ADMIN)
    done = admin.put(DEFAULT, json=MONDAY_OFF, headers={"if-match": "*"}).json()
    assert done["deadlines"] == {"looked_at": 1, "changed": 1, "left_alone": 0, "next_after": None}
    again = admin.post(f"{DEFAULT}/recompute").json()
    assert (again["looked_at"], again["changed"]) == (1, 0)
    last = watched_city.store.events_of(case_id)[-1]
    assert last.data["why"] == "calendar default changed to version 1"
    assert last.actor == "admin-key"


def test_a_list_of_days_is_put_in(city: City) -> None:
    admin = city.client(Scope.ADMIN)
    sheet = "日期,名称,类型\n2026-03-02,测试,休\n2026-03-07,测试,班\n".encode("gbk")
    done = admin.post(f"{DEFAULT}/days", content=sheet, headers={"content-type": "text/csv"})
    assert done.status_code == 200, done.text
    assert done.json()["calendar"]["workdays"][0]["date"] == "2026-03-07"
    bad = admin.post(f"{DEFAULT}/days", content=b"x,y\n", headers={"content-type": "text/csv"})
    assert slug(bad) == "calendar-refused"
    assert "line 1" in problem(bad)["detail"]
    assert slug(admin.post(f"{DEFAULT}/days", content=b"x", headers={"content-type": "image/png"})) == (
        "media-type-refused"
    )


def test_working_time_is_reckoned_both_ways(city: City) -> None:
    reader = city.client(Scope.READ)
    start = {"start": "2026-03-02T01:00:00Z"}
    end = reader.get(f"{DEFAULT}/working-time", params=start | {"hours": 4}).json()["end"]
    assert end == "2026-03-02T06:30:00Z"
    assert reader.get(f"{DEFAULT}/working-time", params=start | {"end": end}).json()["hours"] == 4.0
    assert slug(reader.get(f"{DEFAULT}/working-time", params=start)) == "invalid-request"
    assert slug(reader.get("/api/v1/calendars/night")) == "calendar-not-found"
    assert slug(reader.get("/api/v1/calendars/night/versions")) == "calendar-not-found"


def test_a_calendar_that_cannot_be_names_its_field(city: City) -> None:
    answer = city.client(Scope.ADMIN).put(DEFAULT, json={"week": {"mon": ["9-12"]}}, headers={"if-match": "*"})
    assert slug(answer) == "invalid-request"
    assert "body.week.mon" in problem(answer)["errors"][0]["field"]
