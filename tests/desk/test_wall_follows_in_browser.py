"""The open wall follows the city: a camera that is added, removed or renamed needs no reload."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.desk.browser import Desk
from tests.desk.wide_desk import wide_desk

pytestmark = pytest.mark.browser


def tell(desk: Desk, names: Mapping[str, str]) -> None:
    """A worker's word on all cameras that it has."""
    rows: list[dict[str, Any]] = [
        {
            "camera_id": camera_id,
            "name": name,
            "address": "rtsp://192.0.2.1/1",
            "state": "live",
            "since": "2026-03-02T03:00:00Z",
        }
        for camera_id, name in names.items()
    ]
    desk.send("PUT", "/api/v1/cameras", json={"worker_id": "worker-1", "cameras": rows})


def tile(page: Page, camera_id: str) -> Locator:
    return page.locator(f".tile[data-camera='{camera_id}']")


def wall_of(desk: Desk, query: str = "") -> Page:
    """The wall, on a clock that the test turns; signed in."""
    page = desk.window()
    page.clock.install()
    desk.sign_in(page)
    page.goto(f"{desk.url}/wall?lang=zh{query}")
    expect(page.locator("#link")).to_have_attribute("data-state", "live")
    return page


def test_a_camera_that_is_added_comes_to_the_wall_and_those_that_were_there_stand_on(
    tmp_path: Path, chromium: Browser
) -> None:
    with wide_desk(tmp_path, chromium, 25, 2) as desk:
        tell(desk, {"CAM-001": "北门", "CAM-002": "南门"})
        page = wall_of(desk)
        expect(page.locator(".tile")).to_have_count(2)
        tile(page, "CAM-002").evaluate("tile => { tile.wasHere = true; }")
        tile(page, "CAM-002").get_by_role("button").focus()
        tell(desk, {"CAM-001": "北门", "CAM-002": "南门", "CAM-003": "河边", "CAM-004": "桥头", "CAM-005": "市场"})
        page.clock.fast_forward(21_000)
        expect(page.locator(".tile")).to_have_count(5)
        expect(tile(page, "CAM-005")).to_contain_text("市场")
        expect(tile(page, "CAM-005")).to_contain_text("在线")
        assert tile(page, "CAM-002").evaluate("tile => tile.wasHere"), "its picture stands on"
        expect(tile(page, "CAM-002").get_by_role("button")).to_be_focused()
        expect(page.locator("#size-9")).to_have_attribute("aria-current", "true")
        page.get_by_role("button", name="编辑巡视").click()
        expect(page.locator("input[value='CAM-005']")).to_be_visible()
        desk.check_accessibility(page)


def test_a_camera_that_is_removed_or_renamed_is_so_on_the_wall_with_the_next_look(
    tmp_path: Path, chromium: Browser
) -> None:
    with wide_desk(tmp_path, chromium, 25, 3) as desk:
        tell(desk, {"CAM-001": "北门", "CAM-002": "南门", "CAM-003": "河边"})
        page = wall_of(desk)
        expect(tile(page, "CAM-002")).to_contain_text("南门")
        tell(desk, {"CAM-001": "北门", "CAM-002": "南大门"})
        page.clock.fast_forward(2_500)
        expect(tile(page, "CAM-003")).to_have_count(0)
        expect(tile(page, "CAM-002")).to_contain_text("南大门")
        expect(tile(page, "CAM-002")).to_contain_text("在线")


def test_pages_come_and_the_buttons_that_turn_them_when_one_page_no_longer_holds_the_cameras(
    tmp_path: Path, chromium: Browser
) -> None:
    with wide_desk(tmp_path, chromium, 25, 1) as desk:
        tell(desk, {"CAM-001": "北门"})
        page = wall_of(desk, "&size=1")
        expect(page.locator("#next")).to_have_count(0)
        tell(desk, {"CAM-001": "北门", "CAM-002": "南门"})
        page.clock.fast_forward(21_000)
        expect(page.locator(".wall-pages")).to_have_text("第 1 / 2 页")
        page.locator("#next").click()
        expect(tile(page, "CAM-002")).to_be_visible()
        expect(page.locator(".wall-pages")).to_have_text("第 2 / 2 页")
        expect(page.locator("#next")).to_be_focused()


def test_the_first_camera_comes_to_an_empty_wall(tmp_path: Path, chromium: Browser) -> None:
    with wide_desk(tmp_path, chromium, 25, 1) as desk:
        tell(desk, {})
        page = wall_of(desk)
        expect(page.locator("#wall .empty")).to_be_visible()
        tell(desk, {"CAM-001": "北门"})
        page.clock.fast_forward(21_000)
        expect(tile(page, "CAM-001")).to_be_visible()
        expect(page.locator("#wall .empty")).to_have_count(0)


def test_a_camera_whose_worker_has_fallen_silent_is_not_called_live(tmp_path: Path, chromium: Browser) -> None:
    with wide_desk(tmp_path, chromium, 25, 2) as desk:
        tell(desk, {"CAM-001": "北门"})
        desk.city.clock.advance(600)
        page = wall_of(desk)
        expect(tile(page, "CAM-001")).to_contain_text("工作节点无响应")
        expect(tile(page, "CAM-001")).not_to_contain_text("在线")
        page.goto(f"{desk.url}/cameras?lang=zh")
        expect(page.locator("#count-unknown")).to_have_text("未知 1")
        expect(page.locator("#count-live")).to_have_count(0)
        page.locator("#count-unknown").click()
        expect(page.locator("#cameras tr")).to_have_count(1)
        page.goto(f"{desk.url}/cameras/CAM-001?lang=zh")
        expect(page.locator(".page-head .cam-state")).to_have_text("未知")
