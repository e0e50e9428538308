"""Signing in leads back to the page that was asked for, and to no other site."""

import pytest

from api.way_back import way_back
from cases.roles import Role
from tests.api.city import City
from tests.api.people import GOOD, with_person

HTML = {"accept": "text/html"}


def test_who_asks_for_a_page_without_a_session_comes_to_it_after_signing_in(city: City) -> None:
    with_person(city, "li.min", Role.ACCEPTOR)
    browser = city.client()
    sent = browser.get("/?stage=collected&unit=%E7%8E%AF%E5%8D%AB", headers=HTML)
    assert sent.headers["location"] == "/login?next=/%3Fstage%3Dcollected%26unit%3D%25E7%258E%25AF%25E5%258D%25AB"
    page = browser.get(sent.headers["location"], headers=HTML)
    assert 'name="next" value="/?stage=collected&amp;unit=%E7%8E%AF%E5%8D%AB"' in page.text
    token = browser.cookies["gridpatrol_door"]
    form = {
        "login": "li.min",
        "password": GOOD,
        "csrf_token": token,
        "next": "/?stage=collected&unit=%E7%8E%AF%E5%8D%AB",
    }
    answer = browser.post("/login", data=form)
    assert answer.headers["location"] == "/?stage=collected&unit=%E7%8E%AF%E5%8D%AB"


def test_a_wrong_password_keeps_the_name_and_the_way_but_no_password(city: City) -> None:
    with_person(city, "li.min", Role.ACCEPTOR)
    browser = city.client()
    browser.get("/login")
    form = {"login": "li.min", "password": "not this one", "csrf_token": browser.cookies["gridpatrol_door"]}
    page = browser.post("/login", data=form | {"next": "/review"})
    assert page.status_code == 401
    assert 'value="li.min"' in page.text
    assert 'name="next" value="/review"' in page.text
    assert "not this one" not in page.text


def test_a_form_that_was_sent_without_a_session_is_no_page_to_come_back_to(city: City) -> None:
    answer = city.client().post("/account/password", data={"old": "a"}, headers=HTML)
    assert answer.headers["location"] == "/login"


@pytest.mark.parametrize(
    "asked",
    [
        "//elsewhere.example/",
        "/\\elsewhere.example",
        "https://elsewhere.example/",
        "javascript:alert(1)",
        "/\t/elsewhere.example",
        "/review\r\nset-cookie: a=b",
        "/login?token=x",
        "/logout",
        "/api/v1/me",
        "/" + "a" * 1000,
        "",
        "/",
    ],
)
def test_no_other_site_and_no_address_that_is_no_page_is_led_to(asked: str) -> None:
    assert way_back(asked) == ""
