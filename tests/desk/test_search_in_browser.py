"""A case is found by what a caller says of it: its number, the place's name, the camera's, also once it is closed."""

import pytest
from playwright.sync_api import Page, expect

from cases.roles import Role
from tests.desk.browser import Desk
from tests.desk.seats import wait_until_awake

pytestmark = pytest.mark.browser


def search(page: Page, text: str) -> None:
    page.locator("#search").fill(text)
    page.locator("#search").press("Enter")
    page.wait_for_url(lambda url: "text=" in url)


@pytest.mark.parametrize("text", ["春熙路", "东大街口", "cam-02", "510104001001001"])
def test_the_name_of_a_place_or_of_a_camera_finds_its_cases(desk: Desk, text: str) -> None:
    camera = {"camera_id": "CAM-02", "name": "东大街口", "address": "clip.mp4", "state": "live"}
    told = [camera | {"since": "2026-03-02T03:00:00Z"}]
    desk.send("PUT", "/api/v1/cameras", json={"worker_id": "worker-1", "cameras": told})
    wanted = desk.report(camera_id="CAM-02", view_id="CAM-02")["case_number"]
    desk.report(incident_id="other", camera_id="CAM-01", cell_id="510104009009009", category="street_stall")
    page = desk.window()
    desk.sign_in_as(page, "li.min", Role.ACCEPTOR)
    page.goto(f"{desk.url}/?lang=zh")
    expect(page.locator("[data-rows] > *")).to_have_count(2)
    search(page, text)
    expect(page.locator("[data-rows] > *")).to_have_count(1)
    expect(page.locator("[data-rows]")).to_contain_text(str(wanted))


def test_a_number_that_only_a_closed_case_has_is_one_click_away(desk: Desk) -> None:
    receipt = desk.report()
    page = desk.window()
    desk.sign_in_as(page, "sun.jie", Role.SHIFT_LEADER)
    page.goto(f"{desk.url}/cases/{receipt['case_id']}?lang=zh")
    wait_until_awake(page)
    page.keyboard.press("n")
    page.locator("#step-reject [name=reason][value=false_alarm]").check()
    page.locator("#step-reject button[type=submit]").click()
    expect(page.locator("#stage")).to_contain_text("作废")
    page.goto(f"{desk.url}/")
    search(page, str(receipt["case_number"]))
    page.locator("#search-all").click()
    expect(page.locator("[data-rows] > *")).to_have_count(1)
    desk.check_accessibility(page)
