"""The shift leader's overview in Chromium: its figures, where they lead, the days, the files."""

import csv
import io
import re
from collections.abc import Iterable
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

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


def test_the_files_hold_the_figures_that_the_page_shows(desk: Desk) -> None:
    page = desk.window()
    desk.sign_in_as(page, "zhao", Role.SHIFT_LEADER, Role.DISPATCHER)
    a_days_work(desk, page)
    page.goto(f"{desk.url}/overview?lang=zh")
    shown = {id: figures_on(page, id) for id in ("categories", "zones", "units", "precision")}
    assert [len(rows) for rows in shown.values()] == [4, 1, 2, 3]
    book = openpyxl.load_workbook(io.BytesIO(taken(page, "#export-figures-xlsx").read_bytes()))
    for id, name in (("categories", "类别"), ("zones", "区域"), ("units", "单位"), ("precision", "摄像机")):
        (title,) = (each for each in book.sheetnames if name in each)
        check_same(shown[id], rows_of(book[title].iter_rows(values_only=True)))
    for id, by in (("units", "unit"), ("categories", "category"), ("precision", "camera")):
        text = taken(page, f"#export-figures-{by}-csv").read_bytes().decode("utf-8-sig")
        check_same(shown[id], rows_of(csv.reader(text.splitlines())))


def test_the_files_hold_the_cases_that_the_list_shows_with_the_citys_times(desk: Desk) -> None:
    page = desk.window()
    desk.sign_in_as(page, "zhao", Role.SHIFT_LEADER, Role.DISPATCHER)
    a_days_work(desk, page)
    page.goto(f"{desk.url}/?state=all&lang=zh")
    listed = sorted(page.locator("[data-rows] a.number").all_inner_texts())
    assert len(listed) == 4
    page.goto(f"{desk.url}/overview?lang=zh")
    with page.expect_download() as got:
        page.locator("#export-cases-xlsx").click()
    assert re.fullmatch(r"gridpatrol-cases-[0-9-]+\.xlsx", got.value.suggested_filename)
    sheet = openpyxl.load_workbook(io.BytesIO(got.value.path().read_bytes())).worksheets[0]
    head, *rows = sheet.iter_rows(values_only=True)
    assert sorted(str(row[0]) for row in rows) == listed
    (opened,) = (place for place, name in enumerate(head) if "发现时间" in str(name))
    assert "UTC+8" in str(head[opened])
    assert {f"{row[opened]:%Y-%m-%d %H:%M}" for row in rows} == {"2026-03-02 11:59"}
    text = taken(page, "#export-cases-csv").read_bytes().decode("utf-8-sig")
    assert sorted(row[0] for row in list(csv.reader(text.splitlines()))[1:]) == listed


def a_days_work(desk: Desk, page: Page) -> None:
    """Two found right, one of them given to a unit; one found wrong; one that waits."""
    mark = page.locator("meta[name=csrf]").get_attribute("content") or ""

    def give(case_id: str, command: str, **fields: str) -> None:
        url = f"{desk.url}/api/v1/cases/{case_id}/commands"
        answer = page.request.post(url, data={"command": command, **fields}, headers={"x-csrf-token": mark})
        assert answer.ok, answer.text()

    garbage = desk.report()["case_id"]
    give(garbage, "accept")
    give(garbage, "dispatch", unit="环卫一所")
    stall = desk.report(incident_id="i-2", category="street_stall", camera_id="CAM-02")["case_id"]
    give(stall, "reject", reason="false_alarm")
    give(desk.report(incident_id="i-3", category="bin_overflow")["case_id"], "accept")
    desk.report(incident_id="i-4", category="roadside_clutter", camera_id="CAM-02")


def taken(page: Page, button: str) -> Path:
    """The file that a button gives."""
    with page.expect_download() as got:
        page.locator(button).click()
    return Path(got.value.path())


def figures_on(page: Page, id: str) -> dict[str, dict[str, str]]:
    """A table of the page: row name -> heading -> figure, as read."""
    head, *rows = page.locator(f"#{id} table tr").evaluate_all(
        "(rows) => rows.map((row) => [...row.cells].map((cell) => cell.innerText.trim()))"
    )
    return {row[0]: {name: text for name, text in zip(head, row, strict=True) if text} for row in rows}


def rows_of(rows: Iterable[Iterable[object]]) -> dict[str, dict[str, object]]:
    """The same of a file."""
    head, *found = (list(row) for row in rows)
    return {str(row[0]): {str(name): value for name, value in zip(head, row, strict=True)} for row in found}


def check_same(shown: dict[str, dict[str, str]], held: dict[str, dict[str, object]]) -> None:
    """Every figure under a heading that both have is the same; at least four headings are."""
    assert set(held) == set(shown) - {"全部摄像机"}
    for name, row in held.items():
        both = [heading for heading in shown[name] if heading in row][1:]
        assert len(both) >= 3, (shown[name], row)
        for heading in both:
            text, value = shown[name][heading], row[heading]
            if value is None or value == "":
                assert text == "—"
            elif text.endswith("%"):
                assert float(text.rstrip(" %")) == pytest.approx(100 * float(str(value)), abs=0.051), (name, heading)
            else:
                assert int(text) == int(str(value)), (name, heading)


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
