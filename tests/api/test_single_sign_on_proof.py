"""In by the city's single sign-on: what a provider's proof must hold, and everything that proves nothing."""

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from joserfc.jwk import RSAKey

from core.clock import ManualClock
from tests.api.city import NOON, City
from tests.api.oidc_provider import CLIENT, Claims, TestProvider, running
from tests.api.sign_on import BACK, GROUPS, come, go, me, settings_for


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


def later(seconds: int) -> Callable[[Claims], Claims]:
    return lambda claims: claims | {"iat": claims["iat"] + seconds, "exp": claims["exp"] + seconds}


def without(name: str) -> Callable[[Claims], Claims]:
    return lambda claims: {each: value for each, value in claims.items() if each != name}


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda claims: claims | {"nonce": "another's"}, "nonce"),
        (without("nonce"), "nonce"),
        (lambda claims: claims | {"iss": "https://elsewhere.example"}, "iss"),
        (without("iss"), "iss"),
        (lambda claims: claims | {"aud": "another client"}, "aud"),
        (lambda claims: claims | {"aud": [CLIENT, "another"]}, "azp"),
        (lambda claims: claims | {"aud": [CLIENT, "another"], "azp": "another"}, "azp"),
        (lambda claims: claims | {"azp": "another"}, "azp"),
        (later(-600), "expired"),
        (later(600), "iat"),
        (without("exp"), "exp"),
        (without("auth_time"), "auth_time"),
        (lambda claims: claims | {"auth_time": claims["iat"] - 61}, "auth_time"),
        (lambda claims: claims | {"auth_time": str(claims["iat"])}, "auth_time"),
        (without("sub"), "sub"),
        (lambda claims: claims | {"sub": ""}, "sub"),
        (lambda claims: claims | {"sub": "x" * 300}, "subject"),
        (lambda claims: claims | {"sub": "a\x00b"}, "subject"),
        (without("preferred_username"), "login"),
        (lambda claims: claims | {"preferred_username": "bo\u017fs"}, "login"),
        (lambda claims: claims | {"preferred_username": "bo\x00ss"}, "login"),
        (lambda claims: claims | {"preferred_username": ["boss"]}, "login"),
        (lambda claims: claims | {"preferred_username": "b" * 65}, "login"),
    ],
)
def test_a_token_that_proves_nothing_here_lets_nobody_in(
    town: City, provider: TestProvider, caplog: pytest.LogCaptureFixture, spoil: Callable[[Claims], Claims], why: str
) -> None:
    provider.spoil = spoil
    if why == "login":
        provider.document["userinfo_endpoint"] = None
    client = town.client()
    with caplog.at_level(logging.WARNING):
        answer = come(town, client)
    assert answer.status_code == 401
    assert "统一身份认证未通过" in answer.text
    assert why in caplog.text
    assert me(client) == {}
    assert town.app.state.rooms.house.access.people.list() == ()


def test_the_provider_need_not_ask_anew_where_nobody_shares_a_seat(
    tmp_path: Path, migrated_file: Path, provider: TestProvider
) -> None:
    city = City(tmp_path, settings_for(provider, roles=GROUPS, ask_again=False), template=migrated_file)
    provider.spoil = lambda claims: claims | {"auth_time": claims["iat"] - 9 * 3600}
    client = city.client()
    assert "max_age" not in client.get("/login/oidc").headers["location"]
    assert come(city, client).status_code == 303
    city.close()


@pytest.mark.parametrize("forge", ["not_signed", "signed_with_the_public_key_as_a_secret", "with_a_strangers_key"])
def test_a_forged_token_lets_nobody_in(town: City, provider: TestProvider, forge: str) -> None:
    if forge == "with_a_strangers_key":
        with running(provider.clock, BACK) as stranger:
            stranger.renew_keys()
            stranger.keys[0] = RSAKey.import_key(stranger.keys[0].as_dict(private=True) | {"kid": "first"})
            provider.sign = stranger.signed
            answer = come(town)
    else:
        provider.sign = getattr(provider, forge)
        answer = come(town)
    assert answer.status_code == 401
    assert town.app.state.rooms.house.access.people.list() == ()


def test_an_answer_for_another_browser_or_twice_leads_nowhere(town: City, provider: TestProvider) -> None:
    mine, thiefs = town.client(), town.client()
    back = go(mine)
    go(thiefs)
    assert thiefs.get(back).status_code == 403
    assert town.client().get(back).status_code == 403
    assert mine.get(back).status_code == 303
    again = mine.get(back)
    assert again.status_code == 403
    assert "登录过程已失效" in again.text


def test_a_way_that_took_too_long_or_was_tampered_with_leads_nowhere(town: City, provider: TestProvider) -> None:
    slow = town.client()
    back = go(slow)
    town.clock.advance(601)
    assert slow.get(back).status_code == 403
    forger = town.client()
    back = go(forger)
    kept = forger.cookies["gridpatrol_journey"]
    forger.cookies.clear()
    forger.cookies.set("gridpatrol_journey", kept[:-4] + "AAAA", domain="gridpatrol.test", path="/login/oidc")
    assert forger.get(back).status_code == 403


def test_the_providers_no_is_told_without_its_words(
    town: City, provider: TestProvider, caplog: pytest.LogCaptureFixture
) -> None:
    client = town.client()
    state = httpx.URL(client.get("/login/oidc").headers["location"]).params["state"]
    with caplog.at_level(logging.WARNING):
        answer = client.get("/login/oidc/back", params={"state": state, "error": "access_denied\nforged line"})
    assert answer.status_code == 401
    assert "forged line" not in caplog.text
    state = httpx.URL(client.get("/login/oidc").headers["location"]).params["state"]
    guessed = client.get("/login/oidc/back", params={"state": state, "code": "guessed-code"})
    assert guessed.status_code == 401
    assert "invalid_grant" in caplog.text
    assert "guessed-code" not in caplog.text
    assert "hush" not in caplog.text + guessed.text


def test_another_providers_answer_mixed_in_is_refused(town: City, provider: TestProvider) -> None:
    client = town.client()
    assert client.get(go(client) + "&iss=https://evil.example").status_code == 401
    assert client.get(go(client) + f"&iss={provider.url}").status_code == 303
    provider.document["authorization_response_iss_parameter_supported"] = True
    town.clock.advance(3601)
    assert client.get(go(client)).status_code == 401


def test_new_keys_of_the_provider_are_fetched_and_a_flood_of_unknown_ones_is_not(
    town: City, provider: TestProvider
) -> None:
    assert come(town).status_code == 303
    for _ in range(3):
        provider.renew_keys()
        assert come(town).status_code == 401
    assert provider.asked.count("/keys") == 1
    town.clock.advance(61)
    assert come(town).status_code == 303
    assert provider.asked.count("/keys") == 2


@pytest.mark.parametrize(
    ("path", "answer", "status"),
    [
        ("/.well-known/openid-configuration", (500, b"{}"), 503),
        ("/.well-known/openid-configuration", (200, b"<html>"), 503),
        ("/.well-known/openid-configuration", (200, b"x" * 600_000), 503),
        ("/.well-known/openid-configuration", (200, b'{"issuer": "https://elsewhere.example"}'), 503),
        ("/token", (200, b"[]"), 503),
        ("/token", (200, b"[" * 100_000), 503),
        ("/token", (200, b'{"access_token": "x"}'), 401),
        ("/token", (302, b"{}"), 401),
        ("/keys", (200, b'{"keys": "none"}'), 503),
        ("/keys", (404, b"{}"), 503),
        ("/userinfo", (200, b'{"sub": "somebody else"}'), 401),
        ("/userinfo", (403, b"{}"), 401),
    ],
)
def test_a_provider_that_does_not_keep_the_standard_is_named_and_nobody_comes_in(
    town: City, provider: TestProvider, path: str, answer: tuple[int, bytes], status: int
) -> None:
    provider.broken[path] = answer
    provider.in_userinfo = {"groups"}
    client = town.client()
    there = client.get("/login/oidc")
    if there.status_code == 303:
        there = client.get(httpx.get(there.headers["location"]).headers["location"])
    assert there.status_code == status
    assert town.app.state.rooms.house.access.people.list() == ()
    provider.broken.clear()
    assert come(town).status_code == 303


def test_keys_that_we_do_not_understand_stand_beside_one_that_we_do(town: City, provider: TestProvider) -> None:
    strange = [{"kty": "EC", "crv": "SM2", "x": "AA", "y": "AA"}, {"kty": "AKP", "pub": "AA"}, {"kty": "RSA"}, 5]
    ours = provider.keys[0].as_dict(private=False)
    provider.broken["/keys"] = (200, json.dumps({"keys": [*strange, ours]}).encode())
    assert come(town).status_code == 303
