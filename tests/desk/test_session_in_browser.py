"""A session that ends under an open page: it says so in the operator's words, keeps what was typed, and goes on."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from cases.roles import Role
from tests.api.people import GOOD
from tests.desk.browser import Desk, refused
from tests.desk.review_street import candidates, stage_of
from tests.desk.seats import wait_until_awake

pytestmark = pytest.mark.browser
WRITTEN = "两袋厨余垃圾，已通知环卫"


def case_page(desk: Desk, language: str = "zh") -> Page:
    """An acceptor before a case, with a comment written."""
    page = desk.window()
    desk.sign_in_as(page, "li.min", Role.ACCEPTOR)
    case_id = desk.report()["case_id"]
    page.goto(f"{desk.url}/cases/{case_id}?lang={language}")
    wait_until_awake(page)
    page.locator("#comment-note").fill(WRITTEN)
    return page


def sign_in_again(context: BrowserContext, page: Page, login: str = "li.min") -> Page:
    """By the link on the page, in the tab that it opens; that tab."""
    with context.expect_page() as opened:
        page.locator("#signed-out a").click()
    tab = opened.value
    tab.locator("input[name=login]").fill(login)
    tab.locator("input[name=password]").fill(GOOD)
    tab.locator("form:has(input[name=password]) button[type=submit]").click()
    tab.wait_for_url(lambda url: "/login" not in url)
    return tab


def test_a_comment_that_was_written_as_the_session_ended_is_kept_and_sent_after_signing_in_again(desk: Desk) -> None:
    page = case_page(desk)
    desk.context.clear_cookies()
    with refused(desk, 401):
        page.locator("#comment-note").press("Control+Enter")
        expect(page.locator("#signed-out")).to_contain_text("登录已失效，操作尚未送出。")
    expect(page.locator("#signed-out")).not_to_contain_text("Bearer")
    expect(page.locator("#step-answer")).to_be_hidden()
    expect(page.locator("#link")).to_have_attribute("data-state", "signed-out")
    desk.check_accessibility(page)

    tab = sign_in_again(desk.context, page)
    assert tab.url == page.url  # where the address led
    page.bring_to_front()
    page.evaluate("window.dispatchEvent(new Event('focus'))")  # headless windows are never told
    expect(page.locator("#signed-out")).to_be_hidden()
    expect(page.locator("#comment-note")).to_have_value(WRITTEN)
    page.locator("#comment-note").press("Control+Enter")
    expect(page.locator("#comments")).to_contain_text(WRITTEN)


def test_a_page_whose_session_was_replaced_in_another_tab_takes_the_new_token_by_itself(desk: Desk) -> None:
    page = case_page(desk)
    other = desk.window()
    other.goto(f"{desk.url}/")
    other.locator(".leave button").click()
    desk.sign_in_as(other, "li.min")
    with refused(desk, 403):
        page.locator("#comment-note").press("Control+Enter")
        expect(page.locator("#comments")).to_contain_text(WRITTEN)
    expect(page.locator("#signed-out")).to_be_hidden()


def test_nothing_is_sent_under_the_name_of_a_colleague_who_has_signed_in_meanwhile(desk: Desk) -> None:
    page = case_page(desk)
    other = desk.window()
    other.goto(f"{desk.url}/")
    other.locator(".leave button").click()
    desk.sign_in_as(other, "zhao.lei", Role.ACCEPTOR)
    with refused(desk, 403):
        page.locator("#comment-note").press("Control+Enter")
        expect(page.locator(".who")).to_have_text("zhao.lei 某")
    expect(page.locator("#comments")).not_to_contain_text(WRITTEN)


def test_a_decision_of_the_review_waits_for_the_sign_in_and_is_sent_then(desk: Desk) -> None:
    case_id, *_ = candidates(desk, 2)
    page = desk.window()
    desk.sign_in_as(page, "li.min", Role.ACCEPTOR)
    page.goto(f"{desk.url}/review?lang=zh")
    expect(page.locator(".claim-mark[data-state=own]")).to_be_visible()
    desk.context.clear_cookies()
    page.keyboard.press("a")
    expect(page.locator("#signed-out")).to_be_visible()
    sign_in_again(desk.context, page).close()
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator("#signed-out")).to_be_hidden()
    expect(page.locator("#outbox")).to_be_hidden()
    assert stage_of(desk, case_id).value == "registered"
    refusals = [
        fault for fault in desk.faults if "401" in fault or "403" in fault
    ]  # without a session; with the old token
    assert refusals == desk.faults
    desk.faults.clear()


def test_the_lamp_says_when_the_line_is_cut_and_when_it_is_back(desk: Desk) -> None:
    page = desk.window()
    desk.sign_in_as(page, "li.min", Role.ACCEPTOR)
    page.goto(f"{desk.url}/?lang=zh")
    expect(page.locator("#link")).to_have_attribute("data-state", "live")
    desk.context.set_offline(True)
    expect(page.locator("#link")).to_have_text("连接中断，正在重连")
    desk.report()
    desk.context.set_offline(False)
    expect(page.locator("#link")).to_have_attribute("data-state", "live")
    expect(page.locator("[data-rows] > *")).to_have_count(1)
