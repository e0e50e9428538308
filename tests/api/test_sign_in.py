"""Signing in with a name: the page, the cookie, the forced change, the lock-out, one's own account."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from api.server import BackgroundApi
from api.settings import ApiSettings
from cases.access import passwords
from cases.access.people import PersonDraft
from cases.access.second_factor import code_at
from cases.keys import Scope
from cases.roles import Role
from tests.api.city import NOON, City, slug
from tests.api.people import GOOD, sign_in, signed_in, with_person


def test_a_person_signs_in_and_the_cookie_is_guarded(city: City) -> None:
    client = city.client()
    answer = sign_in(city, "li.min", with_person(city, "li.min", Role.ACCEPTOR), client=client)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    (cookie,) = [each for each in answer.headers.get_list("set-cookie") if each.startswith("gridpatrol_session=")]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    me = client.get("/api/v1/me").json()
    assert (me["name"], me["is_person"], me["roles"], me["scopes"]) == (
        "li.min",
        True,
        ["acceptor"],
        ["operator", "read"],
    )
    assert "li.min 某" in client.get("/").text


def test_the_cookie_is_secure_behind_https(city: City) -> None:
    proxied = City(city.folder / "proxied", ApiSettings.model_validate({"public_url": "https://desk.city.example"}))
    page = proxied.client().get("/login")
    proxied.close()
    assert "Secure" in page.headers["set-cookie"]
    assert "SameSite=strict" in page.headers["set-cookie"]


def test_a_form_from_another_site_signs_nobody_in(city: City) -> None:
    form = {"login": "li.min", "password": with_person(city, "li.min", Role.ACCEPTOR), "csrf_token": "x"}
    client = city.client()
    assert client.post("/login", data=form).status_code == 403
    client.get("/login")
    assert client.post("/login", data=form).status_code == 403
    assert "gridpatrol_session" not in client.cookies


def test_passwords_that_wait_to_be_hashed_hold_nobody_else_up(tmp_path: Path) -> None:
    city = City(tmp_path, ApiSettings(port=0, sign_in_failures_per_address=1000))
    cookie = {"cookie": "gridpatrol_door=x"}
    for _ in range(passwords.AT_ONCE):
        assert passwords._places.acquire(blocking=False)
    with BackgroundApi(city.app, city.settings) as api, ThreadPoolExecutor(60) as strangers:

        def knock(each: int) -> int:
            form = {"login": f"nobody-{each}", "password": "wrong wrong", "csrf_token": "x"}
            return httpx.post(f"{api.url}/login", data=form, headers=cookie, timeout=60).status_code

        try:
            knocking = [strangers.submit(knock, each) for each in range(60)]
            for _ in range(100):
                assert httpx.get(f"{api.url}/login", timeout=5).status_code == 200
        finally:
            for _ in range(passwords.AT_ONCE):
                passwords._places.release()
        assert {each.result() for each in knocking} <= {401, 503}
    city.close()


def test_a_refusal_is_the_same_page_whoever_is_unknown(city: City) -> None:
    with_person(city, "li.min", Role.ACCEPTOR)
    one, other = sign_in(city, "li.min", "wrong wrong"), sign_in(city, "nobody", "wrong wrong")

    def plain(text: str) -> str:
        """Without the form's token and the name, which is what each of them typed."""
        return re.sub(r'name="csrf_token" value="[^"]*"', "", text).replace('value="li.min"', 'value="nobody"')

    assert one.status_code == other.status_code == 401
    assert plain(one.text) == plain(other.text)
    assert "登录名、密码或动态码不正确" in one.text
    assert "wrong wrong" not in one.text


def test_too_many_failures_shut_the_door_and_say_for_how_long(city: City) -> None:
    password = with_person(city, "li.min", Role.ACCEPTOR)
    for _ in range(5):
        assert sign_in(city, "li.min", "wrong wrong").status_code == 401
    shut = sign_in(city, "li.min", password)
    assert (shut.status_code, shut.headers["retry-after"]) == (429, "30")
    assert "30 秒" in shut.text
    city.clock.advance(31)
    assert sign_in(city, "li.min", password).status_code == 303


def test_an_initial_password_opens_nothing_but_its_own_change(city: City) -> None:
    access = city.app.state.rooms.house.access
    _, initial = access.people.add(PersonDraft("li.min", "李敏", frozenset({Role.ADMIN})), "test", NOON)
    client = city.client()
    assert sign_in(city, "li.min", initial, client=client).headers["location"] == "/account"
    assert slug(client.get("/api/v1/cases")) == "password-change-needed"
    assert slug(client.get("/api/v1/people")) == "password-change-needed"
    led = client.get("/", headers={"accept": "text/html"})
    assert (led.status_code, led.headers["location"]) == (303, "/account")
    assert "请先修改初始密码" in client.get("/account").text
    form = {"csrf_token": city.csrf(client), "old": initial}
    refused = client.post("/account/password", data=form | {"new": "password123"})
    assert refused.status_code == 422
    assert "guessed" in refused.text
    assert client.post("/account/password", data=form | {"new": GOOD}).headers["location"] == "/account?done=password"
    assert client.get("/api/v1/people").status_code == 200


def test_an_unused_session_ends(city: City) -> None:
    browser = signed_in(city, "li.min", Role.ACCEPTOR)
    city.clock.advance(city.settings.session_idle_minutes * 60)
    assert slug(browser.get("/api/v1/cases")) == "key-refused"


def test_signing_in_again_ends_the_session_before(city: City) -> None:
    client = signed_in(city, "li.min", Role.ACCEPTOR)
    before = client.cookies["gridpatrol_session"]
    sign_in(city, "li.min", GOOD, client=client)
    assert client.cookies["gridpatrol_session"] != before
    assert city.keys.session(before, NOON) is None


def test_a_second_factor_is_set_up_on_the_account_page_and_then_asked_for(city: City) -> None:
    browser = signed_in(city, "li.min", Role.ACCEPTOR)
    token = {"csrf_token": city.csrf(browser)}
    page = browser.post("/account/second-factor", data=token).text
    secret = re.search(r'id="secret">([A-Z2-7]+)<', page)
    assert secret is not None
    confirmed = browser.post("/account/second-factor/confirm", data=token | {"code": code_at(secret[1], NOON)})
    codes = re.findall(r"<li>([a-z2-9]{5}-[a-z2-9]{5})</li>", confirmed.text)
    assert len(codes) == 10
    assert sign_in(city, "li.min", GOOD).status_code == 401
    city.clock.advance(60)
    assert sign_in(city, "li.min", GOOD, code_at(secret[1], city.clock.now())).status_code == 303
    assert sign_in(city, "li.min", GOOD, codes[0]).status_code == 303
    assert "剩余恢复码 9 个" in browser.get("/account").text
    assert browser.post("/account/second-factor/drop", data=token | {"password": "wrong wrong"}).status_code == 422
    assert browser.post("/account/second-factor/drop", data=token | {"password": GOOD}).status_code == 303
    assert sign_in(city, "li.min", GOOD).status_code == 303


def test_one_ends_ones_other_sessions(city: City) -> None:
    mine, other = signed_in(city, "li.min", Role.ACCEPTOR), city.client()
    sign_in(city, "li.min", GOOD, client=other)
    assert "本次登录" in mine.get("/account").text
    mine.post("/account/sessions/end", data={"csrf_token": city.csrf(mine)})
    assert mine.get("/api/v1/cases").status_code == 200
    assert other.get("/api/v1/cases").status_code == 401


def test_who_came_by_a_link_has_no_password_to_change(city: City) -> None:
    browser = city.browser(Scope.OPERATOR)
    page = browser.get("/account")
    assert page.status_code == 200
    assert "/account/password" not in page.text
    form = {"csrf_token": city.csrf(browser), "old": "x", "new": GOOD}
    assert slug(browser.post("/account/password", data=form)) == "person-refused"


@pytest.mark.parametrize("path", ["/account/password", "/account/second-factor", "/account/sessions/end"])
def test_the_accounts_forms_need_the_sessions_token(city: City, path: str) -> None:
    browser = signed_in(city, "li.min", Role.ACCEPTOR)
    assert slug(browser.post(path, data={"csrf_token": "wrong"})) == "csrf-refused"
