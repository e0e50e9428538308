"""The desk as an operator has it: the real app over HTTP, in Chromium; any console error fails the test."""

import re

import pytest
from playwright.sync_api import Browser, expect

from cases.access.audit_log import AuditQuery
from cases.access.people import PersonDraft
from cases.keys import Scope
from cases.roles import Role
from tests.desk.browser import LONG_NAME, Desk

pytestmark = pytest.mark.browser


def test_an_operator_signs_in_sees_a_case_arrive_looks_at_it_and_closes_it(desk: Desk) -> None:
    page = desk.window()
    desk.sign_in(page)
    expect(page).to_have_url(f"{desk.url}/")
    expect(page.get_by_text("还没有案件")).to_be_visible()
    expect(page.locator("#link")).to_have_attribute("data-state", "live")

    receipt = desk.report()
    row = page.locator(f"#case-{receipt['case_id']}")
    expect(row).to_be_visible()
    expect(row).to_contain_text("暴露垃圾")
    expect(row).to_contain_text(receipt["case_number"])
    expect(row).to_contain_text("11:49:00")
    expect(page.locator("#state-open b")).to_have_text("1")
    expect(page.get_by_text("还没有案件")).to_have_count(0)
    assert page.locator(f"#case-{receipt['case_id']} img").evaluate("image => image.decode().then(() => true)")

    page.keyboard.press("j")
    expect(row).to_have_class(re.compile("selected"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{desk.url}/cases/{receipt['case_id']}")
    expect(page.locator("svg.map polygon.map-cell")).to_be_visible()
    expect(page.locator("#link")).to_have_attribute("data-state", "live")
    page.keyboard.press("ArrowRight")
    expect(page.locator("figure.original")).to_contain_text("原始图片已封存")
    page.keyboard.press("ArrowRight")
    expect(page.locator("figure.crop")).to_be_visible()
    page.keyboard.press("f")
    expect(page.locator("#enlarged")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#enlarged")).to_be_hidden()

    page.locator("#close summary").click()
    page.locator("#close").get_by_text("已整改").click()
    page.locator("#close").get_by_label("说明").fill("已清运 <b>removed</b>")
    page.get_by_role("button", name="确认结案").click()
    expect(page.locator("#head .state-closed")).to_be_visible()
    expect(page.locator("#history")).to_contain_text("已清运 <b>removed</b>")
    expect(page.locator("form.close")).to_have_count(0)
    page.locator("#back").click()
    expect(page.locator("#state-closed b")).to_have_text("1")
    expect(page.get_by_text("没有在办案件")).to_be_visible()


def test_a_later_sighting_changes_its_row_and_the_open_page_without_a_reload(desk: Desk) -> None:
    receipt = desk.report()
    listing, detail = desk.window(), desk.window()
    desk.sign_in(listing)
    detail.goto(f"{desk.url}/cases/{receipt['case_id']}")
    row = listing.locator(f"#case-{receipt['case_id']}")
    expect(row.locator(".c-count b")).to_have_text("1")
    expect(listing.locator("#link")).to_have_attribute("data-state", "live")
    expect(detail.locator("#link")).to_have_attribute("data-state", "live")
    detail.locator("#close summary").click()
    detail.locator("#close").get_by_label("说明").fill("写到一半")
    listing.evaluate("window.stayed = true")
    detail.evaluate("window.stayed = true")

    desk.report(incident_id="incident-2", camera_id="CAM-02", view_id="CAM-02")
    expect(row.locator(".c-count b")).to_have_text("2")
    expect(row).to_contain_text("CAM-02")
    expect(detail.locator("#history")).to_contain_text("其他摄像机并入")
    expect(detail.locator("#version")).to_have_attribute("value", "2")
    expect(detail.locator("#close").get_by_label("说明")).to_have_value("写到一半")
    assert listing.evaluate("window.stayed")
    assert detail.evaluate("window.stayed")


def test_the_cameras_page_follows_a_camera_that_goes_down(desk: Desk) -> None:
    page = desk.window()
    desk.sign_in(page, Scope.READ)
    page.goto(f"{desk.url}/cameras?lang=en")
    expect(page.locator(".camera .cam-live")).to_have_count(3)
    down = {
        "camera_id": "CAM-02",
        "address": "rtsp://10.0.0.8/main",
        "state": "down",
        "since": "2026-03-02T03:59:00Z",
        "error_kind": "auth",
        "error": "CAM-02: password refused",
    }
    desk.send("PUT", "/api/v1/cameras", json={"worker_id": "worker-1", "cameras": [down]})
    expect(page.locator(".camera").first).to_contain_text("Password refused")
    expect(page.locator(".camera .cam-down")).to_have_count(1)
    page.goto(f"{desk.url}/")
    expect(page.get_by_role("heading", name="No case yet")).to_be_visible()


def test_the_desk_works_without_scripts(desk: Desk, chromium: Browser) -> None:
    receipt = desk.report()
    desk.context = chromium.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = desk.window()
    desk.sign_in(page)
    page.locator(f"#case-{receipt['case_id']} a.number").click()
    page.locator("label", has_text="局部图").click()
    expect(page.locator("figure.crop")).to_be_visible()
    page.locator("#close summary").click()
    page.locator("#close").get_by_text("误报").click()
    page.get_by_role("button", name="确认结案").click()
    expect(page.locator("#head .state-closed")).to_be_visible()
    desk.context.close()


@pytest.mark.parametrize("width", [390, 1280, 2560])
def test_no_page_is_wider_than_its_window(desk: Desk, width: int) -> None:
    receipt = desk.report(cell_id="510104001001999", camera_id=LONG_NAME, view_id=LONG_NAME)
    page = desk.window()
    page.set_viewport_size({"width": width, "height": 844})
    desk.sign_in(page)
    wider = []
    for path in ("/", "/cameras", f"/cases/{receipt['case_id']}"):
        for language in ("both", "zh", "en"):
            page.goto(f"{desk.url}{path}?lang={language}")
            if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                wider.append(f"{path} in {language}")
    assert wider == []


def test_a_signed_out_window_says_so(desk: Desk) -> None:
    page = desk.window()
    desk.sign_in(page)
    expect(page.locator("#link")).to_have_attribute("data-state", "live")
    desk.city.keys.end_session(next(c["value"] for c in desk.context.cookies() if c["name"] == "gridpatrol_session"))
    expect(page.locator("#link")).to_have_attribute("data-state", "signed-out")
    page.goto(f"{desk.url}/cameras")
    expect(page).to_have_url(f"{desk.url}/login?next=/cameras")
    desk.faults = [fault for fault in desk.faults if "401" not in fault]


def test_a_person_signs_in_changes_the_initial_password_and_looks_at_an_original_with_a_reason(desk: Desk) -> None:
    receipt = desk.report()
    access = desk.city.app.state.rooms.house.access
    draft = PersonDraft("li.min", "李敏", frozenset({Role.ACCEPTOR}))
    _, initial = access.people.add(draft, "test", desk.city.clock.now())
    page = desk.window()
    page.goto(f"{desk.url}/login")
    page.get_by_label("登录名").fill("li.min")
    page.get_by_label("密码").fill(initial)
    page.get_by_role("button", name="登录").first.click()
    expect(page.get_by_text("请先修改初始密码")).to_be_visible()
    page.get_by_label("当前密码").fill(initial)
    page.get_by_label("新密码").fill("correct horse battery")
    page.get_by_role("button", name="修改密码").click()
    expect(page.locator("#done")).to_contain_text("密码已修改")

    page.goto(f"{desk.url}/cases/{receipt['case_id']}")
    expect(page.locator("a.who")).to_have_text("李敏")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("原始图片已封存")).to_be_visible()
    page.get_by_label("查看理由").fill("核对车牌")
    with page.expect_popup() as opened:
        page.get_by_role("button", name="查看原图").click()
    opened.value.wait_for_load_state()
    expect(opened.value.locator("img")).to_be_visible()
    (entry,) = access.log.page(AuditQuery(action="original.view"))
    assert (entry.actor, entry.data["reason"]) == ("person:li.min", "核对车牌")
