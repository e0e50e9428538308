"""The wall's tiles fit the window, whatever the window and however many cameras: nothing scrolls, no row is blank."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.desk.wide_desk import wide_desk

pytestmark = pytest.mark.browser

WINDOWS = ((1920, 1080), (1024, 768), (768, 1024), (3840, 2160))
STANDING = """() => {
    const places = [...document.querySelectorAll(".tile")].map((tile) => tile.getBoundingClientRect());
    const main = document.querySelector("main");
    const style = getComputedStyle(main);
    return {
        bottom: Math.max(...places.map((each) => each.bottom)) + scrollY,
        top: Math.min(...places.map((each) => each.top)) + scrollY,
        tilePx: places[0].width,
        rows: new Set(places.map((each) => Math.round(each.top))).size,
        columns: new Set(places.map((each) => Math.round(each.left))).size,
        wide: main.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight),
        scrolls: document.documentElement.scrollHeight - window.innerHeight,
        foot: document.querySelector(".wall-note").getBoundingClientRect().bottom - window.innerHeight,
    };
}"""
"""Where the tiles stand, in pixels of the page."""


def standing(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(STANDING)
    return found


@pytest.mark.parametrize(
    ("cameras", "tiles", "size"), [(1, 1, 1), (2, 2, 4), (4, 4, 4), (6, 6, 9), (16, 16, 16), (20, 9, 9)]
)
def test_every_window_shows_all_tiles_as_large_as_they_can_be(
    tmp_path: Path, chromium: Browser, cameras: int, tiles: int, size: int
) -> None:
    with wide_desk(tmp_path, chromium, 25, cameras) as desk:
        page = desk.window()
        desk.sign_in(page)
        page.goto(f"{desk.url}/wall?lang=zh")
        expect(page.locator(".tile")).to_have_count(tiles)
        expect(page.locator(f"#size-{size}")).to_have_attribute("aria-current", "true")
        for width, height in WINDOWS:
            page.set_viewport_size({"width": width, "height": height})
            page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
            found = standing(page)
            where = f"{cameras} cameras in {width} x {height}: {found}"
            assert found["scrolls"] <= 1, where
            assert found["rows"] == -(-tiles // found["columns"]), where
            room = found["bottom"] - found["top"]
            for columns in {found["columns"] - 1, found["columns"] + 1} - {0, tiles + 1}:
                other = min(
                    (found["wide"] - 6 * (columns - 1)) / columns,
                    (room - 6 * (-(-tiles // columns) - 1)) / -(-tiles // columns) * 16 / 9,
                )
                assert found["tilePx"] >= other - 2, where
            if width == 1920 and tiles == size:
                assert found["foot"] > -90, f"no band stays unused below: {where}"


def test_a_last_page_does_not_change_the_tiles_size_and_full_screen_gives_them_more(
    tmp_path: Path, chromium: Browser
) -> None:
    with wide_desk(tmp_path, chromium, 25, 6) as desk:
        page = desk.window()
        desk.sign_in(page)
        page.goto(f"{desk.url}/wall?lang=zh&size=4")
        expect(page.locator("#link")).to_have_attribute("data-state", "live")
        first = standing(page)["tilePx"]
        page.keyboard.press("ArrowRight")
        expect(page.locator(".tile")).to_have_count(2)
        assert standing(page)["tilePx"] == pytest.approx(first, abs=1)
        page.keyboard.press("f")
        page.wait_for_function("document.fullscreenElement !== null")
        expect(page.locator("#full")).to_have_text("退出全屏")
        page.wait_for_function(
            "(before) => document.querySelector('.tile').getBoundingClientRect().width > before + 20", arg=first
        )
        page.keyboard.press("f")
        page.wait_for_function("document.fullscreenElement === null")
        expect(page.locator("#full")).to_have_text("全屏")


def test_a_seat_finds_the_wall_again_with_as_many_pictures_as_it_chose(tmp_path: Path, chromium: Browser) -> None:
    with wide_desk(tmp_path, chromium, 25, 6) as desk:
        page = desk.window()
        desk.sign_in(page)
        page.goto(f"{desk.url}/wall?lang=zh")
        expect(page.locator(".tile")).to_have_count(6)
        expect(page.locator("#link")).to_have_attribute("data-state", "live")
        page.keyboard.press("2")
        expect(page.locator(".tile")).to_have_count(4)
        page.get_by_role("link", name="摄像机", exact=True).click()
        page.get_by_role("link", name="视频墙").click()
        expect(page.locator("#size-4")).to_have_attribute("aria-current", "true")
        expect(page.locator(".tile")).to_have_count(4)
        page.goto(f"{desk.url}/wall?size=9")
        expect(page.locator(".tile")).to_have_count(6)
