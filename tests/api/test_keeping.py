"""A picture that is kept no more: 410 with the rule, and the list of what was removed."""

from datetime import timedelta

from cases.keeping.rules import KeepingRules
from cases.keys import Scope
from core.clock import ManualClock
from tests.api.city import JPEG, NOON, City, problem, sha256_of, slug

SHA = sha256_of(JPEG)
AS_JPEG = {"content-type": "image/jpeg"}


def remove_the_picture(city: City) -> None:
    assert city.client(Scope.WORKER).put(f"/api/v1/evidence/{SHA}", content=JPEG, headers=AS_JPEG).status_code == 201
    keeping = city.app.state.rooms.house.keeping
    assert keeping.purge(city.evidence, KeepingRules(), ManualClock(NOON + timedelta(days=2))).unreferenced == 1


def test_a_removed_picture_is_gone_and_says_since_when_and_by_which_rule(city: City) -> None:
    remove_the_picture(city)
    answer = city.client(Scope.READ).get(f"/api/v1/evidence/{SHA}")
    assert (answer.status_code, slug(answer)) == (410, "evidence-removed")
    assert "已按保存期限" in problem(answer)["detail"]
    assert "removed by retention on 2026-03-04T04:00:00Z" in problem(answer)["detail"]
    assert city.client(Scope.READ).get(f"/api/v1/evidence/{'ab' * 32}").status_code == 404


def test_a_removed_picture_that_is_sent_again_is_shown_again(city: City) -> None:
    remove_the_picture(city)
    assert city.client(Scope.WORKER).put(f"/api/v1/evidence/{SHA}", content=JPEG, headers=AS_JPEG).status_code == 201
    assert city.client(Scope.READ).get(f"/api/v1/evidence/{SHA}").content == JPEG


def test_what_was_removed_is_listed_newest_first_in_pages(city: City) -> None:
    remove_the_picture(city)
    reader = city.client(Scope.READ)
    page = reader.get("/api/v1/keeping/removed").json()
    (row,) = page["removed"]
    assert (row["sha256"], row["size"], row["why"], row["seq"]) == (SHA, len(JPEG), "unreferenced", 1)
    assert page["next_before"] is None
    assert reader.get("/api/v1/keeping/removed", params={"before": 1}).json()["removed"] == []


def test_without_a_key_nobody_learns_what_was_removed(city: City) -> None:
    assert city.client().get("/api/v1/keeping/removed").status_code == 401


def test_the_desk_says_that_a_picture_was_removed_instead_of_showing_a_broken_one(watched_city: City) -> None:
    city = watched_city
    marks = ("original", "annotated", "crop")
    jpegs = {mark: b"\xff\xd8\xff" + mark.encode() for mark in marks}
    look = {mark: sha256_of(jpeg) for mark, jpeg in jpegs.items()}
    for mark in marks:
        city.client(Scope.WORKER).put(f"/api/v1/evidence/{look[mark]}", content=jpegs[mark], headers=AS_JPEG)
    case_id = city.report(evidence=look).json()["case_id"]
    browser = city.browser(Scope.READ, Scope.OPERATOR)
    picture = f'src="/api/v1/evidence/{look["annotated"]}"'
    assert picture in browser.get(f"/cases/{case_id}").text
    closing = {"reason": "handled", "csrf_token": city.csrf(browser)}
    assert browser.post(f"/cases/{case_id}/close", data=closing).status_code == 303
    assert picture in browser.get("/?state=closed").text
    keeping = city.app.state.rooms.house.keeping
    assert keeping.purge(city.evidence, KeepingRules(), ManualClock(NOON + timedelta(days=91))).removed == 3
    page = browser.get(f"/cases/{case_id}").text
    assert picture not in page
    assert "已按保存期限删除" in page
    assert "Removed by retention" in page
    assert look["annotated"] in page, "its hash stays on record"
    assert picture not in browser.get("/?state=closed").text
