"""The review's pictures in Chromium: flipped, zoomed, stepped through, there before they are asked for."""

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from cases.keys import Scope
from cases.roles import Role
from tests.desk.browser import Desk
from tests.desk.review_page import review, shows, until
from tests.desk.review_street import candidate, candidates, in_known_cell
from tests.desk.seats import Seats, seats_of
from tests.desk.touch import drag, pinch, tablet

pytestmark = pytest.mark.browser


@pytest.fixture
def seats(desk: Desk, chromium: Browser) -> Iterator[Seats]:
    with seats_of(desk, chromium) as made:
        yield made


def test_the_picture_is_flipped_zoomed_and_stepped_through_by_keys(desk: Desk, seats: Seats) -> None:
    case_id = in_known_cell(desk, 3)
    page = seats.acceptor()
    review(desk, page)
    shows(page, case_id)
    now, was = page.locator("img.now"), page.locator("img.was")
    expect(page.locator(".says-now")).to_be_visible()
    page.keyboard.press("b")
    expect(was).to_be_visible()
    expect(now).to_be_hidden()
    expect(page.locator(".says-was")).to_contain_text("上一次发现")
    page.keyboard.press("b")
    page.keyboard.down("Space")
    expect(was).to_be_visible()
    page.keyboard.up("Space")
    expect(was).to_be_hidden()
    page.keyboard.press("z")
    expect(page.locator(".frame")).to_have_class("frame zoomed")
    page.keyboard.press("-")
    page.keyboard.press("0")
    expect(page.locator(".frame")).to_have_class("frame")
    page.locator(".frame").hover()
    page.mouse.wheel(0, -400)
    expect(page.locator(".frame")).to_have_class("frame zoomed")
    first = now.get_attribute("src")
    page.keyboard.press("ArrowRight")
    expect(now).not_to_have_attribute("src", first or "")
    expect(page.locator(".sight[aria-pressed=true]")).to_have_count(1)
    expect(page.locator("svg.map")).to_be_visible()
    expect(page.locator(".near")).to_contain_text("无未结案")


def test_resting_on_a_row_plays_its_sightings_and_leaving_brings_the_picture_back(desk: Desk, seats: Seats) -> None:
    candidate(desk, 1)
    case_id = in_known_cell(desk, 3)
    page = seats.acceptor()
    review(desk, page)
    image = page.locator(f"#queue li[data-id='{case_id}'] img")
    first = image.get_attribute("src") or ""
    image.hover()
    expect(image).not_to_have_attribute("src", first)
    second = image.get_attribute("src") or ""
    assert "/api/v1/evidence/" in second
    expect(image).not_to_have_attribute("src", second)
    page.locator("#stage, .frame").first.hover()
    expect(image).to_have_attribute("src", re.compile(f"{re.escape(first)}$"))


def test_a_row_left_while_its_sightings_load_plays_once_and_stops(desk: Desk, seats: Seats) -> None:
    candidate(desk, 1)
    case_id = in_known_cell(desk, 3)
    page = seats.acceptor()
    held: list[Route] = []
    page.route(f"**/review/cases/{case_id}", lambda route: held.append(route))
    review(desk, page)
    image = page.locator(f"#queue li[data-id='{case_id}'] img")
    first = image.get_attribute("src") or ""
    for rests in (1, 2):
        image.hover()
        page.wait_for_timeout(300)  # long enough to be waiting for the panel
        if rests == 1:
            page.locator(".frame").hover()
    assert held
    for each in held:
        each.continue_()
    expect(image).not_to_have_attribute("src", re.compile(f"{re.escape(first)}$"))
    page.locator(".frame").hover()
    seen = page.evaluate(
        """async (picture) => { const seen = new Set();
             for (let at = 0; at < 20; at++) { seen.add(picture.src); await new Promise((go) => setTimeout(go, 50)); }
             return [...seen]; }""",
        image.element_handle(),
    )
    assert [each.removeprefix(desk.url) for each in seen] == [first], "it stands still when nobody rests on it"


def test_two_fingers_zoom_the_picture_and_one_moves_it(desk: Desk, seats: Seats, chromium: Browser) -> None:
    in_known_cell(desk, 3)
    with tablet(desk, chromium, 1024, 768) as page:
        desk.sign_in_as(page, "li.min", Role.ACCEPTOR)
        review(desk, page)
        frame = page.locator(".frame")
        box = frame.bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        pinch(page, x, y)
        expect(frame).to_have_class("frame zoomed")
        scale, left, _ = placed(page)
        assert scale == pytest.approx(4, abs=0.4)
        assert page.evaluate("visualViewport.scale") == 1, "the picture alone is zoomed, not the page"
        drag(page, (x, y), (x + 80, y))
        _, moved, _ = placed(page)
        assert moved - left == pytest.approx(80, abs=8), "as far as the finger, not further"
        page.locator("body").press("0")
        expect(frame).to_have_class("frame")


def placed(page: Page) -> tuple[float, float, float]:
    """(scale, x, y) of the big picture."""
    style = page.evaluate("getComputedStyle(document.querySelector('img.now')).transform")
    matrix = [float(number) for number in re.findall(r"-?[0-9.]+", style)]
    return matrix[0], matrix[4], matrix[5]


def test_the_next_pictures_are_there_before_they_are_asked_for(desk: Desk, seats: Seats) -> None:
    first, second = candidates(desk, 2)
    page = seats.acceptor()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    review(desk, page)
    shows(page, first)
    until(lambda: any(f"/review/cases/{second}" in url for url in asked), "the next panel was not asked for ahead")
    panel = httpx.get(
        f"{desk.url}/review/cases/{second}", headers={"authorization": f"Bearer {desk.city.key[Scope.ADMIN]}"}
    ).text
    picture = re.search(r'class="now"[^>]*src="([^"]+)"|src="([^"]+)"[^>]*class="now"', panel)
    assert picture is not None, panel[:2000]
    address = picture[1] or picture[2]
    until(lambda: any(url.endswith(address) for url in asked), "the next picture was not asked for ahead")
    before = len(asked)
    page.keyboard.press("j")
    shows(page, second)
    assert not any(url.endswith(address) or f"/review/cases/{second}" in url for url in asked[before:])


def test_the_picture_from_before_it_appeared_is_shown_where_one_is_kept_and_named_so(desk: Desk, seats: Seats) -> None:
    candidate(
        desk, 1, at="2026-03-02T03:20:00Z", first_seen_at="2026-03-02T03:10:00Z", last_seen_at="2026-03-02T03:20:00Z"
    )
    case_id = candidate(desk, 2)
    page = seats.acceptor()
    review(desk, page, f"?case={case_id}")
    shows(page, case_id)
    page.keyboard.press("b")
    expect(page.locator(".says-was")).to_contain_text("出现之前")
