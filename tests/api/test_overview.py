"""The overview for programs, and the page over HTTP."""

from datetime import timedelta

import pytest

from api.overview_wire import EXAMPLE_OVERVIEW, OverviewWire
from cases.keys import Scope
from cases.roles import Role
from tests.api.city import City, slug
from tests.api.people import signed_in


@pytest.fixture
def watched(city: City) -> City:
    city.register_cameras("CAM-01")
    assert city.report().status_code in (200, 201)
    return city


def test_todays_figures_agree_with_the_list(watched: City) -> None:
    client = watched.client(Scope.READ)
    told = client.get("/api/v1/overview").json()
    assert (told["since"], told["until"]) == ("2026-03-01T16:00:00Z", "2026-03-02T16:00:00Z")
    assert told["total"]["opened"] == told["standing"]["open"] == 1
    assert told["hours"] == [{"hour": "2026-03-02T03:00:00Z", "counts": told["total"]}]
    assert len(client.get("/api/v1/cases?stage=collected").json()["cases"]) == told["standing"]["waiting"] == 1


def test_a_closing_moves_a_case_from_waiting_to_closed(watched: City) -> None:
    case_id = watched.client(Scope.READ).get("/api/v1/cases").json()["cases"][0]["id"]
    watched.clock.advance(600)
    answer = watched.client(Scope.OPERATOR).post(f"/api/v1/cases/{case_id}/close", json={"reason": "handled"})
    assert answer.status_code == 200, answer.text
    told = watched.client(Scope.READ).get("/api/v1/overview?from=2026-03-02&to=2026-03-02").json()
    assert (told["total"]["waiting"], told["total"]["confirmed"], told["total"]["closed"]) == (0, 1, 1)
    assert told["standing"]["open"] == 0
    assert told["closing_median_s"] == pytest.approx(660, rel=0.2)


def test_other_days_hold_nothing_of_it(watched: City) -> None:
    told = watched.client(Scope.READ).get("/api/v1/overview?from=2026-02-01&to=2026-03-01").json()
    assert told["total"]["opened"] == 0
    assert told["standing"]["open"] == 1  # what stands open now, whenever it was opened


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("from=2026-03-02&to=2026-03-01", "span-refused"),
        ("from=2020-01-01&to=2026-03-01", "span-refused"),
        ("from=yesterday", "invalid-request"),
        ("from=0001-01-01", "invalid-request"),
        ("since=2026-03-02", "invalid-request"),
    ],
)
def test_days_that_cannot_be_are_refused(watched: City, query: str, kind: str) -> None:
    answer = watched.client(Scope.READ).get(f"/api/v1/overview?{query}")
    assert (answer.status_code, slug(answer)) == (422, kind)


def test_the_example_is_a_sound_answer() -> None:
    assert OverviewWire.model_validate(EXAMPLE_OVERVIEW).total.opened == 120


def test_nobody_of_a_handling_unit_sees_the_citys_figures(watched: City) -> None:
    person = signed_in(watched, "wu", Role.HANDLING_UNIT, unit="环卫一所")
    assert person.get("/api/v1/overview").status_code == 403
    assert person.get("/overview").status_code == 403
    assert 'href="/overview"' not in person.get("/").text
    assert watched.client().get("/api/v1/overview").status_code == 401


def test_the_page_offers_files_only_to_who_may_take_them(watched: City) -> None:
    leader = signed_in(watched, "zhao", Role.SHIFT_LEADER)
    acceptor = signed_in(watched, "qian", Role.ACCEPTOR)
    assert "/api/v1/exports/cases.xlsx" in leader.get("/overview").text
    assert acceptor.get("/overview").status_code == 200
    assert "/api/v1/exports" not in acceptor.get("/overview").text


@pytest.mark.parametrize(
    "query", ["", "?span=week", "?span=month&on=2026-02-28", "?span=own&from=2026-01-01&to=x", "?on=no"]
)
def test_any_way_of_asking_for_days_has_a_page(watched: City, query: str) -> None:
    watched.clock.advance(timedelta(days=1).total_seconds())
    assert watched.client(Scope.READ).get(f"/overview{query}").status_code == 200
