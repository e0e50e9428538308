"""Webhooks on the administration's pages, told to a receiver that really listens: added, tried, sent again."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from api.app import create_app
from api.cell_directory import ScriptedCells
from api.outbound_desk import OutboundDesk
from api.server import BackgroundApi
from cases.outbound.calls import HttpCaller
from cases.outbound.runner import OutboundRunner
from cases.outbound.settings import OutboundSettings
from cases.roles import Role
from gridpatrol_client import verify
from streams.sealing import Sealer
from tests.api.city import City
from tests.cases.outbound.receiver import Got, Receiver, Say, listening
from tests.desk.browser import Desk

pytestmark = pytest.mark.browser
SOON_S = 20.0


@dataclass(frozen=True)
class Told:
    """A desk that tells others, and the one that it tells."""

    desk: Desk
    receiver: Receiver
    page: Page

    def checked(self, got: Got, secret: str) -> str:
        """A message whose signature fits the secret; its type."""
        return str(verify(got.body, got.headers, secret, self.desk.city.clock.now())["type"])


@pytest.fixture
def told(tmp_path: Path, chromium: Browser) -> Iterator[Told]:
    city = City(tmp_path)
    rules = OutboundSettings(allow_networks=("127.0.0.0/8",), poll_s=0.02, timeout_s=5.0, lease_s=20.0, refused_tries=1)
    sealer = Sealer(city.folder / "secret.key", {})
    caller = HttpCaller(rules.allow_networks, rules.timeout_s, rules.answer_bytes)
    runner = OutboundRunner(city.engine, rules, sealer, caller, city.clock)
    out = OutboundDesk(rules, sealer, caller, runner)
    city.app = create_app(
        city.settings, city.store, city.evidence, city.keys, ScriptedCells(city.features), city.clock, outbound=out
    )
    with listening() as receiver, BackgroundApi(city.app, city.settings) as api:
        context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
        desk = Desk(city, api.url, context)
        cameras = [
            {"camera_id": name, "address": "clip.mp4", "state": "live", "since": "2026-03-02T03:00:00Z"}
            for name in ("CAM-01", "CAM-02")
        ]
        desk.send("PUT", "/api/v1/cameras", json={"worker_id": "worker-1", "cameras": cameras})
        page = desk.window()
        desk.sign_in_as(page, "boss", Role.ADMIN)
        yield Told(desk, receiver, page)
        context.close()
    city.close()
    assert desk.faults == []


def add_endpoint(told: Told) -> str:
    """By the form; its secret, which is shown once."""
    page = told.page
    page.goto(f"{told.desk.url}/admin/webhooks")
    form = page.locator("#add-webhook")
    form.locator("[name=name]").fill("city-platform")
    form.locator("[name=url]").fill(f"{told.receiver.url}/hook")
    form.locator("button[type=submit]").click()
    secret = noted(page)
    page.locator("#endpoints a", has_text="city-platform").click()
    expect(page.locator("#line-title")).to_have_text("city-platform")
    return secret


def noted(page: Page) -> str:
    """The secret that the dialog shows; once it is put away no page holds it."""
    dialog = page.locator("dialog#secret")
    expect(dialog).to_be_visible()
    secret = dialog.locator("[data-secret-text]").inner_text()
    with page.expect_navigation():
        dialog.locator("button[value=ok]").click()
    page.reload()
    assert secret not in page.content()
    return secret


def agree(page: Page) -> None:
    expect(page.locator("dialog#ask")).to_be_visible()
    with page.expect_navigation():
        page.locator("dialog#ask button[value=yes]").click()


def press(page: Page, ending: str, within: Locator | None = None) -> None:
    """A button that changes something: the page comes again."""
    with page.expect_navigation():
        (within or page.locator("body")).locator(f"form[data-path$='{ending}'] button").click()


def until(page: Page, wanted: Locator, count: int = 1) -> None:
    """The page, asked for again until it shows so many."""
    ends_s = time.monotonic() + SOON_S
    while wanted.count() != count:
        assert time.monotonic() < ends_s, f"{wanted}: {wanted.count()}, not {count}"
        page.reload()


def test_an_endpoint_is_added_its_secret_shown_once_and_a_test_delivered(told: Told) -> None:
    secret = add_endpoint(told)
    page = told.page
    assert secret.startswith("whsec_")
    page.locator("form[data-path$='/test'] button").click()
    expect(page.locator("#tested")).to_contain_text("200")
    (got,) = told.receiver.wait_for(1)
    assert (got.path, told.checked(got, secret)) == ("/hook", "test")

    told.receiver.behave = lambda _got: Say(503, b"closed for lunch")
    page.locator("form[data-path$='/test'] button").click()
    expect(page.locator("#tested")).to_contain_text("closed for lunch")
    told.desk.check_accessibility(page)
    told.receiver.behave = lambda _got: Say()

    receipt = told.desk.report()
    event = told.receiver.wait_for(3)[-1]
    assert told.checked(event, secret) == "case.opened"
    assert event.json["data"]["case"]["number"] == receipt["case_number"]
    page.goto(f"{told.desk.url}/admin/webhooks")
    until(page, page.locator("#endpoints td.num", has_text=re.compile("^1$")))


def test_a_given_up_event_is_sent_again_or_dropped(told: Told) -> None:
    secret = add_endpoint(told)
    page, letters = told.page, told.page.locator("#letters form[data-path$='/replay']")
    told.receiver.behave = lambda _got: Say(422, b"no such district")
    told.desk.report()
    told.desk.report(incident_id="incident-2", category="street_stall", camera_id="CAM-02")
    until(page, letters, 2)
    expect(page.locator("#letters")).to_contain_text("no such district")
    expect(page.locator("#dead-title")).to_contain_text("2")
    told.desk.check_accessibility(page)

    told.receiver.behave = lambda _got: Say()
    before = len(told.receiver.got)
    press(page, "/replay", page.locator("#letters tr").first)
    again = told.receiver.wait_for(before + 1)[-1]
    assert told.checked(again, secret) == "case.opened"
    until(page, letters)
    page.locator("#letters button.danger").click()
    agree(page)
    expect(letters).to_have_count(0)
    assert len(told.receiver.got) == before + 1

    told.receiver.behave = lambda _got: Say(422)
    told.desk.report(incident_id="incident-3", category="roadside_clutter")
    until(page, letters)
    told.receiver.behave = lambda _got: Say()
    press(page, "/dead-letters/replay")
    until(page, letters, 0)


def test_a_line_waits_while_paused_and_another_secret_signs_beside_the_old_one(told: Told) -> None:
    old, page = add_endpoint(told), told.page
    page.locator("form[data-path$='/pause'] button").click()
    agree(page)
    expect(page.locator(".badge.bad")).to_be_visible()
    told.desk.report()
    until(page, page.locator("dd", has_text=re.compile(r"^1 2026-")))
    assert told.receiver.got == []
    page.locator("form[data-path$='/secret'] button").click()
    page.locator("dialog#ask button[value=yes]").click()
    new = noted(page)
    press(page, "/resume")
    (got,) = told.receiver.wait_for(1)
    assert new != old
    assert [told.checked(got, secret) for secret in (old, new)] == ["case.opened", "case.opened"]
    page.locator("form[data-method=DELETE] button").last.click()
    page.locator("dialog#ask button[value=yes]").click()
    page.wait_for_url(re.compile("/admin/webhooks$"))
    expect(page.locator("#endpoints a")).to_have_count(0)
