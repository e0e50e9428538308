"""Every page that can be reached from the bar: nothing untranslated, the zone told, no wider than its window, axe."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Page, expect

import cases.catalogue
from api.cell_routes import EXAMPLE_FEATURE
from cases.keys import Scope
from cases.outbound.endpoints import EndpointDraft
from cases.roles import Role
from desk import STATIC_FOLDER
from desk.words import CATEGORY_WORDS, PHRASES
from tests.desk.browser import LONG_NAME, Desk

MUST = {
    "/",
    "/account",
    "/add-camera",
    "/admin/audit",
    "/admin/auto-filing",
    "/admin/calendars",
    "/admin/catalogue",
    "/admin/keeping",
    "/admin/keys",
    "/admin/people",
    "/admin/people/*",
    "/admin/permits",
    "/admin/places",
    "/admin/roles",
    "/admin/suppressions",
    "/admin/system",
    "/admin/webhooks",
    "/admin/webhooks/*",
    "/cameras",
    "/cameras/*",
    "/cameras/*/calibrate",
    "/cases/*",
    "/cases/*/file",
    "/map",
    "/overview",
    "/review",
    "/start",
    "/wall",
}
"""Where the walk must have come; the pages before signing in are looked at beside it."""
NOT_PAGES = re.compile(r"^/(api|static|logout|health|metrics|docs|openapi)|\.(csv|xlsx|geojson|toml|json)$")
HAN = re.compile(r"[\u4e00-\u9fff]+")
DATA = {"中文", "中", "某", *HAN.findall(LONG_NAME + json.dumps(EXAMPLE_FEATURE, ensure_ascii=False))}
"""Not the page's own words: the names of the languages, of people, of the grid's cell, of a camera."""
CATALOGUE = {
    *HAN.findall((Path(cases.catalogue.__file__).parent / "default.toml").read_text(encoding="utf-8")),
    *(words.en for words in CATEGORY_WORDS.values()),
}
"""The catalogue's own names in both languages; only its own page shows both."""
TEXTS = """() => {
  const SKIP = "script, style, pre, code, .mono, [data-mono], nav.tongues, .who, option[data-name]";
  const NAMES = ["title", "aria-label", "placeholder", "alt", "aria-description", "label"];
  const found = [];
  const walk = (node) => {
    if (node.nodeType === Node.TEXT_NODE) {
      const text = node.textContent.replace(/\\s+/g, " ").trim();
      if (text) found.push(text);
      return;
    }
    if (node instanceof Element) {
      if (node.matches(SKIP)) return;
      for (const each of node.attributes) {
        const isSaid = NAMES.includes(each.name) || /^data-(say|ask|words?|label|names?)/.test(each.name);
        if (isSaid) found.push(each.value.trim());
      }
      if (node instanceof HTMLTemplateElement) walk(node.content);
    }
    for (const child of node.childNodes) walk(child);
  };
  walk(document.documentElement);
  return found.filter(Boolean);
}"""
WIDER = """() => [...document.querySelectorAll("body *")].filter(
  (each) => each.getBoundingClientRect().right > innerWidth && !each.closest(".list-wrap, .places"),
).slice(0, 3).map((each) => `${each.tagName}.${each.className} ${each.getBoundingClientRect().right}`)"""
"""What sticks out."""
OUT_OF_COLUMN = """() => [...document.querySelectorAll(".card")].filter((each) => {
  let around = each.parentElement;
  while (getComputedStyle(around).display === "contents") around = around.parentElement;
  return each.offsetParent && each.getBoundingClientRect().right > around.getBoundingClientRect().right + 1;
}).map((each) => each.className)"""
GROUND = "getComputedStyle(document.body).backgroundColor.match(/[0-9.]+/g).slice(0, 3).map(Number)"
THREE_WORDS = re.compile(r"(?:\b[A-Za-z][a-z']+[ ,;:]+){2,}[a-z]{2,}\b")
ENGLISH = {words.en for words in (*PHRASES.values(), *CATEGORY_WORDS.values()) if words.en != words.zh}


@dataclass(frozen=True)
class Lived:
    """A desk that has seen some work, and who may see all of it."""

    desk: Desk
    page: Page


@pytest.fixture
def lived(desk: Desk) -> Lived:
    with httpx.Client(
        base_url=desk.url, headers={"authorization": f"Bearer {desk.city.key[Scope.ADMIN]}"}
    ) as programme:

        def send(method: str, path: str, body: Any) -> Any:
            answer = programme.request(method, f"/api/v1{path}", json=body)
            assert answer.is_success, answer.text
            return answer.json()

        first = desk.report()["case_id"]
        for number in range(12):  # a strip that is longer than its column
            desk.report(incident_id=f"again-{number}", at=f"2026-03-02T03:59:{number:02d}Z")
        for command in ({"command": "accept"}, {"command": "dispatch", "unit": "Unit-1"}, {"command": "take"}):
            send("POST", f"/cases/{first}/commands", command)
        send("POST", f"/cases/{first}/commands", {"command": "report", "note": "N-42"})
        other = desk.report(incident_id="i-2", category="street_stall", camera_id="CAM-02")["case_id"]
        send("POST", f"/cases/{other}/commands", {"command": "reject", "reason": "false_alarm"})
        desk.report(incident_id="i-3", category="roadside_clutter")
        hours = [{"days": ["fri", "sat"], "from": "18:00", "until": "01:00"}]
        season = {"from": "04-15", "until": "10-31"}
        cell = "510104001001001"
        permit = {"number": "T-1", "name": "Night market", "cells": [cell], "hours": hours, "season": season}
        send("POST", "/policy/permits", permit)
        send("POST", "/policy/suppressions", {"reason": "statue", "cells": [cell]})
    draft = EndpointDraft("city-platform", "https://platform.example/hooks", (), ())
    desk.city.app.state.rooms.house.outbound.endpoints.add(
        "wh_3f9a1c2b4d5e6f70", draft, "sealed", "test", desk.city.clock.now(), after=None, most=5
    )
    page = desk.window()
    desk.sign_in_as(page, "boss", *(set(Role) - {Role.HANDLING_UNIT, Role.AUDITOR}))
    return Lived(desk, page)


def kind_of(path: str) -> str:
    """The page that an address shows, whichever case, camera or person it is about."""
    return re.sub(r"^(/cases|/cameras|/admin/people|/admin/webhooks|/admin/places)/[^/]+", r"\1/*", path)


def walk(lived: Lived, language: str, theme: str = "light") -> Iterator[str]:
    """Each kind of page once, as links lead to it; the window stands before it."""
    desk, page = lived.desk, lived.page
    page.goto(f"{desk.url}/?lang={language}&theme={theme}")
    waiting, seen = ["/", *("/start", "/account")], set[str]()
    while waiting:
        path = waiting.pop(0)
        if kind_of(path) in seen:
            continue
        seen.add(kind_of(path))
        page.goto(desk.url + path)
        expect(page.locator("main h1, main h2").first).to_be_attached()
        hrefs = page.locator("a[href]").evaluate_all("(all) => all.map((each) => each.getAttribute('href'))")
        found = {urlsplit(href).path for href in hrefs if href.startswith("/")}
        waiting += sorted(each for each in found if each and not NOT_PAGES.search(each) and kind_of(each) not in seen)
        yield kind_of(path)
    assert seen >= MUST, f"no link leads to {sorted(MUST - seen)}"


def untranslated(texts: list[str], language: str, data: set[str] = DATA) -> list[str]:
    """What of a page's own words stands in the other language."""
    if language == "en":
        return sorted({text for text in texts if any(run not in data for run in HAN.findall(text))})
    alone = (text for text in texts if not HAN.search(text))
    return sorted({text for text in alone if (text in ENGLISH and text not in data) or THREE_WORDS.search(text)})


@pytest.mark.browser
@pytest.mark.timeout(240)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_page_speaks_the_other_language_and_each_tells_its_zone(lived: Lived, language: str) -> None:
    page, found = lived.page, dict[str, list[str]]()
    zone = {"zh": "北京时间（UTC+8）", "en": "Beijing time (UTC+8)"}[language]
    for kind in walk(lived, language):
        data = DATA | CATALOGUE if kind == "/admin/catalogue" else DATA
        if other := untranslated(page.evaluate(TEXTS), language, data):
            found[kind] = other
        expect(page.locator("html")).to_have_attribute("lang", "en" if language == "en" else "zh-CN")
        if kind != "/cases/*/file":
            expect(page.locator("footer.foot")).to_contain_text(zone)
    lived.desk.context.clear_cookies()
    page.goto(f"{lived.desk.url}/login?lang={language}")
    if other := untranslated(page.evaluate(TEXTS), language):
        found["/login"] = other
    assert not found, json.dumps(found, ensure_ascii=False, indent=1)


@pytest.mark.browser
@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("width", "height", "theme"),
    [(768, 1024, "dark"), (1024, 768, "light"), (1920, 1080, "dark"), (3840, 2160, "light")],
)
def test_every_page_fits_its_window_and_is_accessible(lived: Lived, width: int, height: int, theme: str) -> None:
    page, wider = lived.page, list[str]()
    page.set_viewport_size({"width": width, "height": height})
    for kind in walk(lived, "both", theme):
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            wider.append(f"{kind}: {page.evaluate(WIDER)}")
        lived.desk.check_accessibility(page)
        light = page.evaluate(
            "getComputedStyle(document.body).backgroundColor.match(/[0-9.]+/g).slice(0, 3).map(Number)"
        )
        assert (sum(light) < 3 * 128) is (theme == "dark"), f"{kind}: {light}"
        if out := page.evaluate(OUT_OF_COLUMN):
            wider.append(f"{kind}: {out} out of their columns")
    assert not wider, json.dumps(wider, indent=1)


def test_scripts_hold_no_words_of_their_own() -> None:
    for file in STATIC_FOLDER.glob("*.js"):
        code = re.sub(r"/\*.*?\*/|^\s*//.*$|\s//\s.*$", "", file.read_text(encoding="utf-8"), flags=re.S | re.M)
        assert HAN.findall(code) == [], file.name
