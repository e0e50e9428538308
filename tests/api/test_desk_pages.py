"""The desk's pages behind the session: mounted, and safe to post to."""

import re

import pytest

from cases.keys import Scope
from tests.api.city import City, slug

HTML = {"accept": "text/html"}


def test_the_list_the_case_and_the_cameras_are_pages(watched_city: City) -> None:
    receipt = watched_city.report().json()
    browser = watched_city.browser(Scope.OPERATOR)
    for path in ("/", f"/cases/{receipt['case_id']}"):
        answer = browser.get(path)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert receipt["case_number"] in answer.text
    assert "CAM-02" in browser.get("/cameras").text


def test_the_close_form_closes_the_case_and_leads_back_to_it(watched_city: City) -> None:
    case_id = watched_city.report().json()["case_id"]
    browser = watched_city.browser(Scope.OPERATOR)
    fields = {"csrf_token": watched_city.csrf(browser), "reason": "handled", "note": "已清运", "expected_version": "1"}
    assert fields["csrf_token"] in browser.get(f"/cases/{case_id}").text
    answer = browser.post(f"/cases/{case_id}/close", data=fields)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/cases/{case_id}")
    (_, closed) = browser.get(f"/api/v1/cases/{case_id}").json()["events"]
    assert (closed["actor"], closed["data"]["note"]) == ("李敏", "已清运")


def test_the_close_form_without_its_token_closes_nothing(watched_city: City) -> None:
    case_id = watched_city.report().json()["case_id"]
    browser = watched_city.browser(Scope.OPERATOR)
    assert slug(browser.post(f"/cases/{case_id}/close", data={"reason": "handled"})) == "csrf-refused"
    assert browser.get(f"/api/v1/cases/{case_id}").json()["case"]["state"] == "open"


def test_a_reader_sees_the_case_but_cannot_close_it(watched_city: City) -> None:
    case_id = watched_city.report().json()["case_id"]
    browser = watched_city.browser(Scope.READ)
    fields = {"csrf_token": watched_city.csrf(browser), "reason": "handled"}
    assert slug(browser.post(f"/cases/{case_id}/close", data=fields)) == "scope-missing"
    assert f'action="/cases/{case_id}/close"' not in browser.get(f"/cases/{case_id}").text


@pytest.mark.parametrize("fields", [{}, {"reason": "bored"}, {"reason": "handled", "expected_version": "one"}], ids=str)
def test_a_form_that_is_not_right_is_refused(watched_city: City, fields: dict[str, str]) -> None:
    case_id = watched_city.report().json()["case_id"]
    browser = watched_city.browser(Scope.OPERATOR)
    answer = browser.post(f"/cases/{case_id}/close", data=fields | {"csrf_token": watched_city.csrf(browser)})
    assert slug(answer) == "invalid-request"


def test_a_form_of_too_many_fields_is_refused(watched_city: City) -> None:
    browser = watched_city.browser(Scope.OPERATOR)
    fields = {f"field{n}": "x" for n in range(60)}
    assert slug(browser.post("/cases/none/close", data=fields)) == "media-type-refused"


def test_a_person_gets_a_page_and_a_program_a_document_for_the_same_refusal(city: City) -> None:
    browser = city.browser(Scope.READ)
    page = browser.get("/cases/none", headers=HTML)
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert slug(browser.get("/cases/none")) == "case-not-found"
    assert slug(browser.get("/api/v1/cases/none", headers=HTML)) == "case-not-found"


def test_the_choice_of_language_is_kept(city: City) -> None:
    browser = city.browser(Scope.READ)
    assert browser.get("/", params={"lang": "en"}).headers["set-cookie"].startswith("gridpatrol_lang=en")
    assert 'lang="en"' in browser.get("/").text
    assert "gridpatrol_lang=en" in browser.get("/", params={"lang": "<script>"}).headers["set-cookie"]


def test_the_pages_files_are_open_and_nothing_beside_them(city: City) -> None:
    anyone = city.client()
    assert anyone.get("/static/desk.js").headers["cache-control"] == "no-cache"
    versioned = re.findall(r'"(/static/\w{12}/[\w./-]+)"', anyone.get("/login").text)
    assert any(each.endswith("/desk.css") for each in versioned)
    for address in versioned:
        found = anyone.get(address)
        assert (found.status_code, "immutable" in found.headers["cache-control"]) == (200, True)
    assert anyone.get("/static/0123456789ab/desk.css").status_code == 404
    assert slug(anyone.get("/static/../pages.py")) == "not-found"
    assert slug(anyone.get("/static/%2e%2e/pages.py")) == "not-found"


def test_a_spent_link_shows_the_sign_in_page_again(city: City) -> None:
    answer = city.client().get("/login", params={"token": "spent"}, headers=HTML)
    assert (answer.status_code, answer.headers["content-type"]) == (401, "text/html; charset=utf-8")
