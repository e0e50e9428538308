"""The shift leader's overview in Chromium: its figures, where they lead, the days, the files."""

import io
import re

import openpyxl
import pytest
from playwright.sync_api import expect

from cases.roles import Role
from tests.desk.browser import Desk

pytestmark = pytest.mark.browser


def figure(name: str) -> str:
    return f"#tile-{name} .tile-figure"


def test_a_leader_sees_the_day_live_and_goes_through_to_its_cases(desk: Desk) -> None:
    desk.report()
    page = desk.window()
    desk.sign_in_as(page, "zhao", Role.SHIFT_LEADER)
    page.locator(".places a[href='/overview']").click()
    expect(page.locator(figure("opened"))).to_have_text("1")
    expect(page.locator(figure("now_waiting"))).to_have_text("1")
    expect(page.locator("#link")).to_have_attribute("data-state", "live")
    page.evaluate("window.stayed = true")

    second = desk.report(incident_id="incident-2", camera_id="CAM-02", category="street_stall")
    expect(page.locator(figure("opened"))).to_have_text("2")
    expect(page.locator("#categories tr[data-value=street_stall] td.num").first).to_have_text("1")
    assert page.evaluate("window.stayed")
    desk.check_accessibility(page)

    page.locator("#hours-table summary").click()
    expect(page.locator("#hours-table tbody tr")).to_have_count(1)
    expect(page.locator("#hours-table tbody th")).to_have_text("11:00–12:00")
    page.locator("#categories tr[data-value=street_stall] a").first.click()
    expect(page.locator("[data-rows] > *")).to_have_count(1)
    expect(page.locator(f"#case-{second['case_id']}")).to_be_visible()


def test_other_days_are_chosen_by_links_and_by_two_dates(desk: Desk) -> None:
    desk.report()
    page = desk.window()
    desk.sign_in_as(page, "zhao", Role.SHIFT_LEADER)
    page.goto(f"{desk.url}/overview")
    expect(page.locator("#span-days")).to_have_text("2026-03-02")
    page.locator("#earlier").click()
    expect(page.locator("#span-days")).to_have_text("2026-03-01")
    expect(page.locator(figure("opened"))).to_have_text("0")
    page.locator("#span-month").click()
    expect(page.locator("#span-days")).to_have_text("2026-03-01 – 2026-03-31")
    expect(page.locator("#days svg.bars")).to_be_visible()
    expect(page.locator(figure("opened"))).to_have_text("1")
    page.locator("input[name=from]").fill("2026-02-20")
    page.locator("input[name=to]").fill("2026-02-28")
    page.locator(".own-span button").click()
    expect(page.locator("#span-days")).to_have_text("2026-02-20 – 2026-02-28")
    expect(page.locator(figure("opened"))).to_have_text("0")
    desk.check_accessibility(page)


def test_the_files_come_down_and_hold_what_the_page_says(desk: Desk) -> None:
    desk.report()
    page = desk.window()
    desk.sign_in_as(page, "zhao", Role.SHIFT_LEADER)
    page.goto(f"{desk.url}/overview")
    with page.expect_download() as cases:
        page.locator("#export-cases-xlsx").click()
    assert re.fullmatch(r"gridpatrol-cases-[0-9-]+\.xlsx", cases.value.suggested_filename)
    assert openpyxl.load_workbook(io.BytesIO(cases.value.path().read_bytes())).worksheets[0].max_row == 2
    with page.expect_download() as units:
        page.locator("#export-figures-unit-csv").click()
    assert units.value.path().read_bytes().startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("language", ["zh", "en", "both"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_each_language_and_theme_is_whole_and_accessible(desk: Desk, language: str, theme: str) -> None:
    desk.report()
    page = desk.window()
    desk.sign_in_as(page, "zhao", Role.SHIFT_LEADER)
    page.goto(f"{desk.url}/overview?span=week&lang={language}&theme={theme}")
    expect(page.locator("#days svg.bars")).to_be_visible()
    title = {"zh": "值班概览", "en": "Shift overview", "both": "值班概览"}[language]
    expect(page.locator("h1")).to_contain_text(title)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    desk.check_accessibility(page)


def test_an_acceptor_sees_the_figures_and_no_files(desk: Desk) -> None:
    page = desk.window()
    desk.sign_in_as(page, "qian", Role.ACCEPTOR)
    page.goto(f"{desk.url}/overview")
    expect(page.locator("#tiles .tile")).to_have_count(8)
    expect(page.locator("#exports-title")).to_have_count(0)
