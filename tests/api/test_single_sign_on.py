"""In by the city's single sign-on: who comes in and as what, and everything that must not lead in."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from api.oidc.way import open_way
from api.server import BackgroundApi
from api.settings import ApiSettings
from cases.roles import Role
from core.clock import ManualClock
from core.errors import ConfigError
from streams.sealing import Sealer
from tests.api.city import NOON, OIDC_SECRET, OIDC_SECRET_ENV, City, slug
from tests.api.oidc_provider import CLIENT, TestProvider, running
from tests.api.people import GOOD, sign_in, with_person
from tests.api.sign_on import BACK, GROUPS, HOME, add, come, logged, me, settings_for


@pytest.fixture
def provider() -> Iterator[TestProvider]:
    with running(ManualClock(NOON), BACK) as made:
        yield made


@pytest.fixture
def town(tmp_path: Path, migrated_file: Path, provider: TestProvider) -> Iterator[City]:
    """The provider's groups say who is what."""
    made = City(tmp_path, settings_for(provider, roles=GROUPS, unit_claim="unit"), template=migrated_file)
    provider.clock = made.clock
    yield made
    made.close()


@pytest.fixture
def village(tmp_path: Path, migrated_file: Path, provider: TestProvider) -> Iterator[City]:
    """An admin says who is what."""
    made = City(tmp_path, settings_for(provider), template=migrated_file)
    yield made
    made.close()


def test_the_groups_make_a_person_who_is_in_at_once(town: City, provider: TestProvider) -> None:
    client = town.client()
    answer = come(town, client)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    (cookie,) = [each for each in answer.headers.get_list("set-cookie") if each.startswith("gridpatrol_session=")]
    assert "HttpOnly" in cookie
    mine = me(client)
    assert (mine["name"], mine["display_name"], mine["roles"]) == ("li.min", "李敏", ["acceptor"])
    assert client.get("/").status_code == 200
    assert ("person.add", "person:li.min", "") in logged(town)
    assert ("session.open", "person:li.min", "") in logged(town)


def test_the_way_leads_back_to_the_page_that_was_asked_for_and_to_no_other_site(
    town: City, provider: TestProvider
) -> None:
    for asked, there in (("/cases/7?lang=zh", "/cases/7?lang=zh"), ("//elsewhere.example/", "/")):
        client = town.client()
        sent = client.get("/login/oidc", params={"next": asked})
        back = httpx.get(sent.headers["location"]).headers["location"]
        assert client.get(back).headers["location"] == there


def test_the_way_there_asks_for_a_proof_of_this_browser_alone(town: City, provider: TestProvider) -> None:
    asked = [httpx.URL(town.client().get("/login/oidc").headers["location"]) for _ in range(2)]
    for name in ("state", "nonce", "code_challenge"):
        one, other = (each.params[name] for each in asked)
        assert len(one) >= 43
        assert one != other
    assert asked[0].params["prompt"] == "login"
    assert asked[0].params["max_age"] == "60"
    assert asked[0].params["scope"] == "openid profile"
    (cookie,) = town.client().get("/login/oidc").headers.get_list("set-cookie")
    assert "HttpOnly" in cookie
    assert "Path=/login/oidc" in cookie
    assert asked[0].params["state"] not in cookie


def test_roles_and_unit_follow_the_groups_at_every_coming(town: City, provider: TestProvider) -> None:
    come(town)
    provider.user |= {"groups": ["units", "unheard of"], "unit": "城管三中队", "preferred_username": "another.name"}
    client = town.client()
    come(town, client)
    mine = me(client)
    assert (mine["name"], mine["roles"], mine["unit"]) == ("li.min", ["handling_unit"], "城管三中队")
    assert ("person.change", "person:li.min", "") in logged(town)


def test_the_account_is_who_the_provider_numbers_not_who_it_names(town: City, provider: TestProvider) -> None:
    come(town)
    provider.user = provider.user | {"sub": "somebody else", "groups": ["chiefs"]}
    answer = come(town)
    assert answer.status_code == 403
    assert "登录名已被占用" in answer.text


def test_without_a_group_of_ours_nobody_comes_in(town: City, provider: TestProvider) -> None:
    provider.user |= {"groups": ["gardeners"]}
    answer = come(town)
    assert answer.status_code == 403
    assert "您的账号没有本系统的角色" in answer.text
    assert "Your account has no role here" in answer.text
    assert town.app.state.rooms.house.access.people.list() == ()
    assert ("sign_in.refused", "person:?", "no-role") in logged(town)


def test_who_lost_the_last_group_is_out_where_they_were_in(town: City, provider: TestProvider) -> None:
    elsewhere = town.client()
    come(town, elsewhere)
    assert me(elsewhere)["name"] == "li.min"
    provider.user |= {"groups": ["gardeners"]}
    assert come(town).status_code == 403
    assert me(elsewhere) == {}


def test_groups_deep_in_a_token_and_in_the_user_information_are_found(
    tmp_path: Path, migrated_file: Path, provider: TestProvider
) -> None:
    city = City(tmp_path, settings_for(provider, roles=GROUPS, roles_claim="realm.roles"), template=migrated_file)
    provider.user = provider.user | {"groups": [], "realm": {"roles": ["chiefs"]}}
    provider.in_userinfo = {"realm", "name"}
    client = city.client()
    come(city, client)
    assert me(client)["roles"] == ["admin", "shift_leader"]
    city.close()


def test_an_email_is_a_login_only_where_the_provider_has_verified_it(
    tmp_path: Path, migrated_file: Path, provider: TestProvider
) -> None:
    settings = settings_for(provider, roles=GROUPS, login_claim="email", scopes=["openid", "profile", "email"])
    city = City(tmp_path, settings, template=migrated_file)
    provider.user |= {"email": "boss@city.example"}
    assert come(city).status_code == 401
    provider.user |= {"email_verified": "true"}
    assert come(city).status_code == 401
    provider.user |= {"email_verified": True}
    assert come(city).status_code == 303
    city.close()


def test_an_admin_says_who_may_come_and_the_first_coming_ties_them(village: City, provider: TestProvider) -> None:
    refused = come(village)
    assert refused.status_code == 403
    assert "尚未登记" in refused.text
    add(village, "li.min", Role.INSPECTOR)
    client = village.client()
    come(village, client)
    assert me(client)["roles"] == ["inspector"]
    assert "统一身份认证登录" in client.get("/account").text
    provider.user |= {"preferred_username": "li.min2"}
    assert come(village).status_code == 303
    person = village.app.state.rooms.house.access.people.get("li.min")
    assert (person.sign_on, person.has_password) == ("linked", False)


def test_a_password_account_is_not_taken_over_by_its_name(village: City, provider: TestProvider) -> None:
    with_person(village, "li.min", Role.ADMIN)
    assert come(village).status_code == 403
    assert sign_in(village, "li.min", GOOD).status_code == 303


def test_once_tied_the_password_and_the_code_open_nothing(village: City, provider: TestProvider) -> None:
    with_person(village, "boss", Role.ADMIN)
    password = with_person(village, "li.min", Role.ACCEPTOR)
    admin = village.client()
    sign_in(village, "boss", GOOD, client=admin)
    admin.headers["x-csrf-token"] = me(admin)["csrf_token"]
    version = admin.get("/api/v1/people/li.min").headers["etag"]
    changed = admin.patch("/api/v1/people/li.min", json={"single_sign_on": True}, headers={"if-match": version})
    assert changed.json()["single_sign_on"] == "awaited"
    before = village.client()
    assert sign_in(village, "li.min", password, client=before).status_code == 303
    assert me(before)["name"] == "li.min"
    assert come(village).status_code == 303
    assert me(before) == {}
    assert sign_in(village, "li.min", password).status_code == 401
    assert slug(admin.post("/api/v1/people/li.min/reset-password")) == "person-refused"
    told = admin.get("/api/v1/people/li.min")
    assert told.json()["single_sign_on"] == "linked"
    admin.patch("/api/v1/people/li.min", json={"single_sign_on": False}, headers={"if-match": told.headers["etag"]})
    assert come(village).status_code == 403
    initial = admin.post("/api/v1/people/li.min/reset-password").json()["initial_password"]
    assert sign_in(village, "li.min", initial).headers["location"] == "/account"


def test_who_is_switched_off_here_stays_out(town: City, provider: TestProvider) -> None:
    client = town.client()
    come(town, client)
    people = town.app.state.rooms.house.access.people
    draft = people.get("li.min").draft
    people.change(replace(draft, is_active=False), None, "test", NOON)
    assert me(client) == {}
    answer = come(town)
    assert answer.status_code == 403
    assert "您在本系统已被停用" in answer.text


def test_the_groups_do_not_take_the_last_admin_away(town: City, provider: TestProvider) -> None:
    provider.user |= {"groups": ["chiefs"]}
    assert come(town).status_code == 303
    provider.user |= {"groups": ["seats"]}
    answer = come(town)
    assert answer.status_code == 403
    assert "最后一名管理员" in answer.text
    assert Role.ADMIN in town.app.state.rooms.house.access.people.get("li.min").roles


def test_a_hanging_provider_holds_a_few_threads_and_the_desk_goes_on(
    tmp_path: Path, migrated_file: Path, provider: TestProvider
) -> None:
    hangs = threading.Event()
    provider.delay = hangs
    city = City(tmp_path, settings_for(provider, timeout_s=20), template=migrated_file)
    with BackgroundApi(city.app, city.settings) as api, ThreadPoolExecutor(60) as browsers:
        waiting = [browsers.submit(httpx.get, f"{api.url}/login/oidc", timeout=30) for _ in range(60)]
        until(lambda: len(provider.asked) >= 8)
        for _ in range(5):
            assert httpx.get(f"{api.url}/login", timeout=5).status_code == 200
        assert len(provider.asked) == 8, "eight ask, the others wait without a thread"
        hangs.set()
        assert {each.result().status_code for each in waiting} <= {303, 503}
    city.close()


def test_exchanges_that_hang_keep_nobody_from_setting_out(
    tmp_path: Path, migrated_file: Path, provider: TestProvider
) -> None:
    city = City(tmp_path, settings_for(provider, timeout_s=20), template=migrated_file)
    hangs = threading.Event()
    with BackgroundApi(city.app, city.settings) as api, ThreadPoolExecutor(12) as browsers:

        def bring_a_code(_: int) -> int:
            with httpx.Client(base_url=api.url, timeout=30) as browser:
                state = httpx.URL(browser.get("/login/oidc").headers["location"]).params["state"]
                return browser.get("/login/oidc/back", params={"state": state, "code": "guessed"}).status_code

        assert httpx.get(f"{api.url}/login/oidc").status_code == 303
        provider.delay = hangs
        waiting = [browsers.submit(bring_a_code, each) for each in range(12)]
        until(lambda: provider.asked.count("/token") == 8)
        assert httpx.get(f"{api.url}/login/oidc", timeout=30).status_code == 303
        hangs.set()
        assert {each.result() for each in waiting} <= {401, 503}
    city.close()


def test_whoever_tries_codes_is_shut_out_before_the_provider_is_asked_again(
    village: City, provider: TestProvider, caplog: pytest.LogCaptureFixture
) -> None:
    def bring(code: str) -> httpx.Response:
        client = village.client()
        state = httpx.URL(client.get("/login/oidc").headers["location"]).params["state"]
        return client.get("/login/oidc/back", params={"state": state, "code": code})

    for each in range(20):
        assert bring(f"guess-{each}").status_code == 401
    shut = bring("guess")
    assert (shut.status_code, shut.headers["retry-after"]) == (429, "30")
    assert provider.asked.count("/token") == 20
    assert "失败次数过多" in shut.text
    assert "too many codes" in caplog.text
    assert sign_in(village, "li.min", with_person(village, "li.min", Role.ACCEPTOR)).status_code == 303
    add(village, "wang.fang", Role.INSPECTOR)
    provider.user |= {"preferred_username": "wang.fang"}
    village.clock.advance(31)
    provider.clock = village.clock
    assert come(village).status_code == 303
    assert bring("guess").status_code == 401
    assert bring("guess").headers["retry-after"] == "60"
    assert provider.asked.count("/token") == 22


def test_a_wrong_client_secret_shuts_nobody_out(village: City, provider: TestProvider) -> None:
    provider.secret = "another"
    for _ in range(21):
        assert come(village).status_code == 401
    provider.secret = OIDC_SECRET
    add(village, "li.min", Role.INSPECTOR)
    assert come(village).status_code == 303


def test_an_answer_that_dribbles_in_ends_at_the_deadline(
    tmp_path: Path, migrated_file: Path, provider: TestProvider
) -> None:
    provider.dribble_s = 0.05
    city = City(tmp_path, settings_for(provider, timeout_s=0.5), template=migrated_file)
    assert city.client().get("/login/oidc").status_code == 503
    city.close()


def until(holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.01)


def test_a_provider_that_is_away_leaves_the_password_door_open(
    tmp_path: Path, migrated_file: Path, provider: TestProvider
) -> None:
    settings = settings_for(provider, issuer="http://127.0.0.1:9")
    city = City(tmp_path, settings, template=migrated_file)
    answer = city.client().get("/login/oidc")
    assert answer.status_code == 503
    assert "统一身份认证暂时不可用" in answer.text
    assert sign_in(city, "li.min", with_person(city, "li.min", Role.ACCEPTOR)).status_code == 303
    city.close()


def test_a_public_client_and_one_whose_secret_goes_in_the_form_come_in_too(
    tmp_path: Path, migrated_file: Path, provider: TestProvider
) -> None:
    provider.document["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    for folder, secret, more in (("form", OIDC_SECRET, {}), ("public", None, {"client_secret_env": None})):
        provider.secret = secret
        (tmp_path / folder).mkdir()
        city = City(tmp_path / folder, settings_for(provider, roles=GROUPS, **more), template=migrated_file)
        assert come(city).status_code == 303, folder
        city.close()


def test_the_sign_in_page_offers_it_only_where_it_is_set_up(town: City, city_without: City) -> None:
    assert 'href="/login/oidc"' in town.client().get("/login").text
    assert 'href="/login/oidc"' not in city_without.client().get("/login").text
    assert city_without.client().get("/login/oidc").headers["location"] == "/login"
    assert city_without.client().get("/login/oidc/back?state=x&code=y").status_code == 403


@pytest.fixture
def city_without(tmp_path: Path, migrated_file: Path) -> Iterator[City]:
    (tmp_path / "without").mkdir()
    made = City(tmp_path / "without", template=migrated_file)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"issuer": "http://sso.city.example"}, "https://"),
        ({"issuer": "https://user:secret@sso.city.example"}, "password"),
        ({"scopes": ["profile"]}, "openid"),
        ({"roles": {"seats": ["king"]}}, "acceptor"),
        ({"roles": {"seats": []}}, "role"),
        ({"isuer": "x"}, "isuer"),
    ],
)
def test_settings_that_cannot_be_are_refused(wrong: dict[str, Any], says: str) -> None:
    oidc = {"issuer": "https://sso.city.example", "client_id": CLIENT} | wrong
    with pytest.raises(ValidationError, match=says) as refused:
        ApiSettings.model_validate({"public_url": HOME, "oidc": oidc})
    assert "secret@" not in str(refused.value.errors(include_input=False))


def test_without_a_public_address_or_the_secret_it_does_not_start(tmp_path: Path) -> None:
    oidc = {"issuer": "https://sso.city.example", "client_id": CLIENT, "client_secret_env": OIDC_SECRET_ENV}
    with pytest.raises(ValidationError, match="public_url"):
        ApiSettings.model_validate({"oidc": oidc})
    settings = ApiSettings.model_validate({"public_url": HOME, "oidc": oidc})
    with pytest.raises(ConfigError, match=OIDC_SECRET_ENV):
        open_way(settings, Sealer(tmp_path / "secret.key", {}), {})
