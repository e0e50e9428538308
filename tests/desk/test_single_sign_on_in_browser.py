"""Single sign-on in a real browser, by an OpenID provider that others wrote, running as a process of its own."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from api.server import BackgroundApi
from api.settings import ApiSettings
from cases.access.people import PersonDraft
from cases.roles import Role
from core.clock import ManualClock
from tests.api.city import OIDC_SECRET_ENV, City
from tests.desk.browser import Desk, refused

pytestmark = pytest.mark.browser
START_S = 60.0


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a provider that knows two accounts; it asks for a nonce."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    said = (tmp_path_factory.mktemp("provider") / "log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce"], stdout=said, stderr=said
    )
    try:
        ends = time.monotonic() + START_S
        while True:
            try:
                if httpx.get(f"{url}/.well-known/openid-configuration").status_code == 200:
                    break
            except httpx.TransportError:
                pass
            assert process.poll() is None, Path(said.name).read_text()
            assert time.monotonic() < ends, "the provider did not start"
        for subject, login, group in (("4711", "li.min", "seats"), ("4712", "zhao.lei", "gardeners")):
            account = {"preferred_username": login, "name": "李敏", "groups": [group]}
            assert httpx.put(f"{url}/users/{subject}", json=account).status_code == 204
        yield url
    finally:
        process.terminate()
        process.wait(10)
        said.close()


@pytest.fixture
def desk(tmp_path: Path, chromium: Browser, provider: str) -> Iterator[Desk]:
    port = free_port()
    oidc = {
        "issuer": provider,
        "client_id": "gridpatrol",
        "client_secret_env": OIDC_SECRET_ENV,
        "roles": {"seats": ["acceptor"]},
        "title_zh": "市政通行证",
        "ask_again": False,  # this provider does not tell when it asked (auth_time)
    }
    settings = ApiSettings.model_validate({"port": port, "public_url": f"http://127.0.0.1:{port}", "oidc": oidc})
    city = City(tmp_path, settings, clock=ManualClock(datetime.now(UTC)))
    with BackgroundApi(city.app, city.settings) as api:
        context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
        # The provider's own page is dressed by a style sheet from the network, which tests do without.
        context.route(
            lambda url: not url.startswith("http://127.0.0.1"),
            lambda route: route.fulfill(status=200, content_type="text/css", body=""),
        )
        made = Desk(city, api.url, context)
        yield made
        context.close()
    city.close()
    assert made.faults == []


def by_the_provider(desk: Desk, page: Page, subject: str) -> None:
    page.goto(f"{desk.url}/login")
    page.locator("#single-sign-on").click()
    page.get_by_placeholder("sub").fill(subject)
    page.get_by_role("button", name="Authorize", exact=True).click()


def test_an_operator_comes_in_by_the_citys_account(desk: Desk) -> None:
    page = desk.window()
    page.goto(f"{desk.url}/login")
    expect(page.locator("#single-sign-on")).to_contain_text("市政通行证")
    desk.check_accessibility(page)
    by_the_provider(desk, page, "4711")
    page.wait_for_url(f"{desk.url}/")
    expect(page.locator("body")).to_contain_text("李敏")
    page.goto(f"{desk.url}/account")
    expect(page.locator("#sign-on")).to_contain_text("统一身份认证")
    desk.check_accessibility(page)


def test_somebody_without_a_role_is_told_what_to_do(desk: Desk) -> None:
    page = desk.window()
    with refused(desk, 403):
        by_the_provider(desk, page, "4712")
        expect(page.locator("[role=alert]")).to_be_visible()
    expect(page.locator("[role=alert]")).to_contain_text("账号")
    desk.check_accessibility(page)


def test_an_admin_lets_somebody_in_by_single_sign_on(desk: Desk) -> None:
    page = desk.window()
    desk.sign_in_as(page, "boss", Role.ADMIN)
    page.goto(f"{desk.url}/admin/people")
    form = page.locator("#add-person")
    form.locator("input[name=login]").fill("wang.fang")
    form.locator("input[name=display_name]").fill("王芳")
    form.locator("input[name=roles][value=inspector]").check()
    form.locator("input[name=single_sign_on]").check()
    form.locator("button[type=submit]").click()
    row = page.locator("#people tr", has_text="wang.fang")
    expect(row).to_contain_text("统一认证：待首次登录")
    desk.check_accessibility(page)
    person = desk.city.app.state.rooms.house.access.people.get("wang.fang")
    assert person.draft == PersonDraft("wang.fang", "王芳", frozenset({Role.INSPECTOR}), single_sign_on=True)
    row.get_by_role("link").click()
    expect(page.locator("input[name=single_sign_on]")).to_be_checked()
    expect(page.get_by_role("button", name="重置密码")).to_have_count(0)
    desk.check_accessibility(page)
