"""From an empty folder to the first confirmed case: `gridpatrol up`, and then nothing but the pages of the desk."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect, sync_playwright

from patrol.demo.site import ASSETS, free_port
from tests.desk.browser import ARGUMENTS, AXE, AXE_TAGS, chromium_path

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

SOON_MS = 45_000
"""Two processes with a network to load begin on two slow cores."""
CANDIDATE_MS = 120_000
PASSWORD = "four good words, then some"


class Up:
    """`gridpatrol up` in an empty folder."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "patrol.cli", "up", "--port", str(free_port(18900))]
        self.said: list[str] = []
        self.process = subprocess.Popen(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1
        )

    def login_link(self) -> str:
        """What it prints for whoever started it."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)
            found = re.search(r"http://\S+/login\?token=\S+", line)
            if found:
                return found.group()
        raise AssertionError("".join(self.said))

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    folder = tmp_path / "new"
    folder.mkdir()
    started = Up(folder)
    yield started
    started.stop()


@pytest.fixture
def page() -> Iterator[Page]:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium_path(), args=list(ARGUMENTS))
        context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
        window = context.new_page()
        window.set_default_timeout(SOON_MS)
        expect.set_options(timeout=SOON_MS)
        yield window
        browser.close()


def test_an_empty_folder_comes_to_its_first_confirmed_case_on_the_desk_alone(up: Up, page: Page) -> None:
    faults: list[str] = []
    refused_on_purpose = {"/start/me"}
    page.on("pageerror", lambda error: faults.append(f"script: {error}"))
    page.on(
        "response",
        lambda got: (
            faults.append(f"{got.status} {got.url}")
            if got.status >= 400 and not any(got.url.endswith(path) for path in refused_on_purpose)
            else None
        ),
    )
    page.goto(up.login_link())
    assert page.url.endswith("/start")
    make_oneself(page)
    lay_out_squares(page)
    add_own_video(page)
    heed_what_the_page_says_of_a_short_film(page)
    review_the_first_candidate(page)
    page.goto(page.url.split("/cases/")[0] + "/start")
    expect(page.locator("#step-review")).to_have_class(re.compile("step-done"))
    check_accessibility(page)
    assert faults == []


def make_oneself(page: Page) -> None:
    """A refusal first: two passwords that differ; then a person with a password, signed in at once."""
    expect(page.locator("#step-me")).to_have_class(re.compile("step-now"))
    check_accessibility(page)
    form = page.locator("#step-me form")
    form.locator("[name=login]").fill("wang.qiang")
    form.locator("[name=display_name]").fill("王强")
    form.locator("[name=password]").fill(PASSWORD)
    form.locator("[name=again]").fill("something else")
    form.locator("button").click()
    expect(page.locator("#step-me .fault")).to_be_visible()
    assert form.locator("[name=login]").input_value() == "wang.qiang"
    form.locator("[name=password]").fill(PASSWORD)
    form.locator("[name=again]").fill(PASSWORD)
    form.locator("button").click()
    expect(page.locator("#step-me")).to_have_class(re.compile("step-done"))
    expect(page.locator(".who")).to_have_text("王强")


def lay_out_squares(page: Page) -> None:
    """Nothing typed, then the coordinates the wrong way round: each is said beside its field, in the page's words."""
    form = page.locator("#squares")
    form.locator("button").click()
    expect(form.locator(".fault")).to_have_count(3)
    expect(form.locator("[name=name]")).to_be_focused()
    expect(form.locator(".fault").first).to_have_text("请填写这一项 Fill this in")
    form.locator("[name=name]").fill("春熙路")
    form.locator("[name=lon]").fill("30.657")
    form.locator("[name=lat]").fill("104.081")
    form.locator("button").click()
    expect(form.locator(".fault")).to_have_text("请填写 -90 到 90 之间的数 Give a number from -90 to 90")
    form.locator("[name=lon]").fill("104.081")
    form.locator("[name=lat]").fill("30.657")
    form.locator("button").click()
    expect(page.locator("#step-grid")).to_have_class(re.compile("step-done"))
    expect(page.locator("#step-camera")).to_have_class(re.compile("step-now"))


def add_own_video(page: Page) -> None:
    """A demo clip as one's own file, with nothing said of it: half a minute, too short for anything to stand in it."""
    page.locator("#step-camera a.button").click()
    form = page.locator("#camera-form")
    form.locator("input[name=source][value=upload]").check()
    form.locator("button[type=submit]").click()
    form.locator("input[name=file]").set_input_files(ASSETS / "CAM-01.mp4")
    expect(form.locator("input[name=clip]")).to_be_checked()
    expect(page.locator("#map [data-code]")).to_have_count(9)
    for cell in page.locator("#map [data-code]").all():
        assert is_whole_within(cell, page.locator("#map"))
    page.locator('#map [data-code="990000001001001"]').click()
    form.locator("button[type=submit]").click()
    page.wait_for_url("**/start")


def is_whole_within(part: Locator, frame: Locator) -> bool:
    inner, outer = part.bounding_box(), frame.bounding_box()
    assert inner is not None
    assert outer is not None
    return (
        inner["x"] >= outer["x"] - 1
        and inner["y"] >= outer["y"] - 1
        and inner["x"] + inner["width"] <= outer["x"] + outer["width"] + 1
        and inner["y"] + inner["height"] <= outer["y"] + outer["height"] + 1
    )


def heed_what_the_page_says_of_a_short_film(page: Page) -> None:
    """It says which time scale is enough; the film's own is 90, and nobody says when it was taken."""
    step = page.locator("#step-wait")
    expect(step.locator("p.warn")).to_contain_text("a time scale of 30 or more")
    check_accessibility(page)
    step.locator("a.button").click()
    form = page.locator("#camera-form")
    form.locator("[name=time_scale]").fill("90")
    form.locator("[name=interval_s]").fill("0.5")
    form.locator("button[type=submit]").click()
    page.wait_for_url("**/start")


def review_the_first_candidate(page: Page) -> None:
    expect(page.locator("#step-view")).to_have_class(re.compile("step-done"))
    expect(page.locator("#step-review a.button")).to_be_visible(timeout=CANDIDATE_MS)
    page.locator("#step-review a.button").click()
    page.wait_for_url("**/cases/**")
    accept = page.locator("#step-accept")
    if accept.get_attribute("open") is None:
        accept.locator("summary").click()
    accept.locator("form button[type=submit]").click()
    expect(page.locator("#step-accept")).to_have_count(0)


def check_accessibility(page: Page) -> None:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        """async (tags) => (await axe.run(document, {runOnly: {type: "tag", values: tags}})).violations
            .map((each) => each.id + ": " + each.nodes.map((node) => node.html).slice(0, 2).join(" | "))""",
        list(AXE_TAGS),
    )
    assert found == []
