"""A case's page as four kinds of people work with it, in Chromium; any console error fails the test."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from cases.case import CloseReason
from cases.roles import Role
from cases.workflow.commands import Command
from cases.workflow.orders import Order, Seat
from core.clock import isoformat_z
from core.ids import CaseId
from tests.desk.browser import Desk
from tests.desk.seats import UNIT, Seats, seats_of, wait_until_awake

pytestmark = pytest.mark.browser

BOSS = Seat("person:sun.jie", frozenset(Role) - {Role.HANDLING_UNIT})


@pytest.fixture
def seats(desk: Desk, chromium: Browser) -> Iterator[Seats]:
    with seats_of(desk, chromium) as made:
        yield made


def give(desk: Desk, case_id: str, command: Command, **more: object) -> None:
    """A step that this test is not about."""
    workflow = desk.city.app.state.rooms.house.workflow
    workflow.give(CaseId(case_id), Order(command, **more), BOSS, desk.city.clock.now())  # type: ignore[arg-type]  # the test's own words


def open_case(page: Page, desk: Desk, case_id: str, language: str = "both") -> None:
    page.goto(f"{desk.url}/cases/{case_id}?lang={language}")
    expect(page.locator("#link")).to_have_attribute("data-state", "live")
    wait_until_awake(page)


def see_gone(desk: Desk, at_minutes: float = 10.0) -> None:
    """The camera that saw it finds the place clear, with a picture."""
    desk.city.clock.advance(at_minutes * 60)
    now = isoformat_z(desk.city.clock.now())
    desk.report(kind="cleared", sequence=1, at=now, last_seen_at="2026-03-02T03:59:00Z")


def decoded(pictures: Locator) -> int:
    """How many pictures a browser could show; fails on one that it cannot."""
    found: int = pictures.evaluate_all("all => Promise.all(all.map(each => each.decode())).then(() => all.length)")
    return found


def told(page: Page, stage: str) -> None:
    expect(page.locator("#stage")).to_contain_text(stage)


def test_four_people_walk_a_case_through_all_its_stages_on_its_page_alone(desk: Desk, seats: Seats) -> None:
    wang = seats.handler()
    expect(wang.locator("#empty")).to_be_visible()
    case_id = str(desk.report()["case_id"])

    li = seats.acceptor()
    open_case(li, desk, case_id)
    desk.check_accessibility(li)
    expect(li.locator(".line-step[aria-current=step]")).to_contain_text("立案")
    li.keyboard.press("a")
    expect(li.locator("#note-accept")).to_be_focused()
    li.get_by_role("button", name="受理立案").last.click()
    told(li, "待派遣")
    expect(li.locator("#clock .clock-left")).to_be_visible()
    expect(li.locator("#step-dispatch")).to_have_count(0)  # that is the dispatcher's to do

    zhao = seats.dispatcher()
    open_case(zhao, desk, case_id)
    zhao.locator("#unit-dispatch").select_option(UNIT)
    zhao.locator("#handler-dispatch").fill("王强")
    zhao.locator("#step-dispatch button").click()
    told(zhao, "已派遣")
    told(li, "已派遣")  # by itself: the page is live
    expect(li.locator("#line")).to_contain_text("环卫一所 · 王强")

    open_case(wang, desk, case_id)
    desk.check_accessibility(wang)
    wang.locator("#step-take button").click()
    told(wang, "处置中")
    wang.keyboard.press("e")
    wang.locator("#hours-ask_extension").fill("2")
    wang.locator("#note-ask_extension").fill("清运车晚到")
    wang.locator("#step-ask_extension button").click()
    expect(wang.locator("#extension")).to_contain_text("2 小时")

    sun = seats.leader()
    open_case(sun, desk, case_id)
    due = sun.locator("#due-at").inner_text()
    expect(sun.locator("#step-grant_extension")).to_have_attribute("open", "")
    sun.locator("#step-grant_extension button").click()
    expect(sun.locator("#due-at")).not_to_have_text(due)
    expect(sun.locator("#line")).to_contain_text("延期 1 次")

    wang.keyboard.press("r")
    wang.locator("#note-report").fill("已清运")
    wang.locator("#step-report button").click()
    told(wang, "待核查")
    expect(wang.locator("#clock")).to_contain_text("按时完成")

    see_gone(desk)
    chen = seats.inspector()
    open_case(chen, desk, case_id)
    expect(chen.locator("#proposal")).to_contain_text("建议核查通过")
    expect(chen.locator("[data-compare]")).to_be_visible()
    desk.check_accessibility(chen)
    chen.locator("#step-verify button").click()
    told(chen, "待结案")

    sun.locator("#step-close button").click()
    told(sun, "已结案")
    expect(sun.locator(".line-step.is-done")).to_have_count(7)
    expect(sun.locator("#line")).to_contain_text("chen.jing 某")
    desk.check_accessibility(sun)


def test_before_and_after_lie_under_a_slider_that_mouse_and_keys_move(desk: Desk, seats: Seats) -> None:
    case_id = str(desk.report()["case_id"])
    see_gone(desk)
    page = seats.inspector()
    open_case(page, desk, case_id)
    whole, slider = page.locator("[data-compare]"), page.locator("#compare-split")
    assert decoded(whole.locator("img")) == 2

    def split() -> str:
        found: str = whole.evaluate("part => part.style.getPropertyValue('--split')")
        return found

    assert split() == "50%"
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert split() == "51%"
    page.keyboard.press("Home")
    assert split() == "0%"
    box = whole.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()
    assert 70 <= int(split().rstrip("%")) <= 80
    page.keyboard.press("o")
    assert split() == "0%"
    page.keyboard.press("o")
    assert split() == "100%"


def test_a_comment_reaches_the_other_seat_which_keeps_what_it_is_writing(desk: Desk, seats: Seats) -> None:
    case_id = str(desk.report()["case_id"])
    li, zhao = seats.acceptor(), seats.dispatcher()
    open_case(li, desk, case_id)
    open_case(zhao, desk, case_id)
    zhao.keyboard.press("m")
    zhao.keyboard.type("我先去问")
    li.locator("#comment-note").fill("现场垃圾较多\n<b>请从东侧进入</b>")
    li.keyboard.press("Control+Enter")
    expect(li.locator("#comments .is-own")).to_contain_text("<b>请从东侧进入</b>")
    expect(li.locator("#comment-note")).to_have_value("")
    expect(zhao.locator("#comments")).to_contain_text("li.min 某")
    expect(zhao.locator("#comment-note")).to_have_value("我先去问")
    expect(zhao.locator("#comment-note")).to_be_focused()


def test_of_two_who_dispatch_at_once_the_second_is_told_what_happened_and_keeps_its_words(
    desk: Desk, seats: Seats
) -> None:
    case_id = str(desk.report()["case_id"])
    give(desk, case_id, Command.ACCEPT)
    first, second = seats.dispatcher(), seats.dispatcher("qian.yi")
    open_case(first, desk, case_id)
    open_case(second, desk, case_id)
    second.route("**/api/v1/events*", lambda route: route.abort())  # it has not heard of the first one's step
    second.reload()
    second.locator("#note-dispatch").fill("请尽快")
    first.locator("#other-dispatch").fill("街道城管中队")
    first.locator("#step-dispatch button").click()
    told(first, "已派遣")
    second.locator("#step-dispatch button").click()
    answer = second.locator("#step-answer")
    expect(answer).to_contain_text("未执行")
    expect(answer).to_contain_text("zhao.lei 某")
    expect(answer).to_contain_text("街道城管中队")
    expect(second.locator("#note-dispatch")).to_have_value("请尽快")
    told(second, "已派遣")
    desk.check_accessibility(second)
    expected = ("409", "api/v1/events", "ERR_FAILED")
    desk.faults = [fault for fault in desk.faults if not any(each in fault for each in expected)]


def test_who_works_on_a_case_is_said_and_nobody_else_is_offered_a_step(desk: Desk, seats: Seats) -> None:
    case_id = str(desk.report()["case_id"])
    li, sun = seats.acceptor(), seats.leader()
    open_case(li, desk, case_id)
    li.keyboard.press("l")
    expect(li.locator("#claimed-by")).to_contain_text("您正在处理")
    open_case(sun, desk, case_id)
    expect(sun.locator("#claimed-by")).to_contain_text("li.min 某 正在处理")
    expect(sun.locator("#steps details")).to_have_count(0)
    expect(sun.locator("#steps")).to_contain_text("其他坐席正在处理")
    expect(sun.locator("#comment-form")).to_be_visible()
    sun.goto(desk.url)
    expect(sun.locator(f"#case-{case_id} .claim")).to_contain_text("li.min 某")
    li.get_by_role("button", name="放开").click()
    expect(li.locator("#claimed-by")).to_have_count(0)


def test_rework_needs_a_reason_and_puts_the_case_before_the_unit_again(desk: Desk, seats: Seats) -> None:
    case_id = str(desk.report()["case_id"])
    give(desk, case_id, Command.ACCEPT)
    give(desk, case_id, Command.DISPATCH, unit=UNIT)
    give(desk, case_id, Command.REPORT)
    page = seats.inspector()
    open_case(page, desk, case_id)
    page.keyboard.press("w")
    expect(page.locator("#note-rework")).to_be_focused()
    page.locator("#step-rework button").click()
    assert page.locator("#note-rework").evaluate("field => field.validity.valueMissing")
    page.locator("#note-rework").fill("东侧还有两袋")
    page.locator("#step-rework button").click()
    told(page, "已派遣")
    expect(page.locator("#line")).to_contain_text("返工 1 次")
    expect(page.locator("#history .line-reworked")).to_contain_text("东侧还有两袋")


def test_a_void_case_says_why_and_shows_where_it_left_the_line(desk: Desk, seats: Seats) -> None:
    case_id = str(desk.report()["case_id"])
    give(desk, case_id, Command.ACCEPT)
    page = seats.leader()
    open_case(page, desk, case_id, "en")
    page.keyboard.press("x")
    page.locator("#step-void label.reason").filter(has_text="Permitted").click()
    page.locator("#step-void button").click()
    told(page, "Void")
    expect(page.locator(".line-step.is-exit")).to_contain_text("Void")
    expect(page.locator("#history .line-closed")).to_contain_text("Permitted here")
    desk.check_accessibility(page)


def test_a_suspended_case_waits_and_goes_on(desk: Desk, seats: Seats) -> None:
    case_id = str(desk.report()["case_id"])
    give(desk, case_id, Command.ACCEPT)
    page = seats.leader()
    open_case(page, desk, case_id)
    page.keyboard.press("s")
    page.locator("#note-suspend").fill("拆迁期间")
    page.locator("#step-suspend button").click()
    expect(page.locator("#clock")).to_contain_text("挂账中")
    expect(page.locator("#step-resume")).to_have_attribute("open", "")
    desk.check_accessibility(page)
    page.locator("#step-resume button").click()
    expect(page.locator("#clock")).to_contain_text("剩余时间")


def test_the_clock_counts_by_the_servers_time_and_turns_late_by_itself(desk: Desk, seats: Seats) -> None:
    case_id = str(desk.report()["case_id"])
    give(desk, case_id, Command.ACCEPT)
    page = seats.acceptor()
    open_case(page, desk, case_id)
    face = page.locator("#clock .clock-face")
    expect(face).to_have_class(re.compile("due-in_time"))
    page.locator("#clock-rule summary").click()
    expect(page.locator("#clock-rule")).to_contain_text("09:00-12:00, 13:30-17:30")
    expect(page.locator("#clock")).to_contain_text("UTC+8")
    expect(page.locator("#clock")).to_contain_text("恢复于")  # noon: outside the shifts
    left_s = float(face.get_attribute("data-due") or 0) - desk.city.clock.now().timestamp()
    desk.city.clock.advance(left_s - 3)
    desk.sign_in_as(page, "li.min")  # the session has been idle for hours
    page.goto(f"{desk.url}/cases/{case_id}")
    expect(face).to_have_class(re.compile("due-near_due"))
    expect(face).to_have_class(re.compile("due-overdue"))
    expect(page.locator("#clock .due-word")).to_contain_text("已超期")
    desk.check_accessibility(page)


def test_a_recurring_case_leads_to_the_ones_before_and_after(desk: Desk, seats: Seats) -> None:
    first = desk.report()
    give(desk, str(first["case_id"]), Command.REJECT, reason=CloseReason.FALSE_ALARM)
    desk.city.clock.advance(timedelta(hours=2).total_seconds())
    now = isoformat_z(desk.city.clock.now())
    second = desk.report(incident_id="incident-2", at=now, first_seen_at=now, last_seen_at=now)
    page = seats.acceptor()
    open_case(page, desk, str(second["case_id"]))
    expect(page.locator("#chain-title")).to_contain_text("共 2 次")
    expect(page.locator("#chain li[aria-current]")).to_contain_text(second["case_number"])
    expect(page.locator("#why")).to_contain_text("转人工复核")
    page.locator("#previous").click()
    expect(page.locator("#head")).to_contain_text(first["case_number"])
    expect(page.locator("#chain a")).to_contain_text(second["case_number"])


def test_who_looked_at_an_original_is_said_to_those_who_answer_for_it(desk: Desk, seats: Seats) -> None:
    case_id = str(desk.report()["case_id"])
    li, sun = seats.acceptor(), seats.leader()
    open_case(li, desk, case_id)
    expect(li.locator("#viewings")).to_have_count(0)
    li.locator("label.tab", has_text="原图").click()
    li.get_by_label("查看理由").fill("核对车牌")
    with li.expect_popup() as opened:
        li.get_by_role("button", name="查看原图").click()
    opened.value.wait_for_load_state()
    open_case(sun, desk, case_id)
    expect(sun.locator("#viewings")).to_contain_text("li.min 某")
    expect(sun.locator("#viewings")).to_contain_text("核对车牌")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_case_file_prints_as_a4_pages_with_pictures_and_history(desk: Desk, seats: Seats, language: str) -> None:
    receipt = desk.report()
    case_id = str(receipt["case_id"])
    give(desk, case_id, Command.ACCEPT)
    see_gone(desk)
    page = seats.leader()
    page.goto(f"{desk.url}/cases/{case_id}/file?lang={language}&theme=dark")
    expect(page.locator(".file-number")).to_contain_text(receipt["case_number"])
    expect(page.locator(".file-history tbody tr")).to_have_count(4)
    assert decoded(page.locator(".file-pair img")) == 2
    expect(page.locator("#print")).to_be_visible()
    desk.check_accessibility(page)
    page.emulate_media(media="print")
    expect(page.locator("header.bar")).to_be_hidden()
    expect(page.locator(".file-tools")).to_be_hidden()
    paper = page.pdf(prefer_css_page_size=True, print_background=True)
    assert paper.startswith(b"%PDF-")
    assert re.search(rb"/MediaBox \[0 0 59[45][.\d]* 84[12][.\d]*\]", paper)


def test_keys_are_listed_and_a_plain_page_opens_the_file(desk: Desk, seats: Seats) -> None:
    case_id = str(desk.report()["case_id"])
    page = seats.acceptor()
    open_case(page, desk, case_id)
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    expect(page.locator("#help")).to_contain_text("受理立案")
    desk.check_accessibility(page)
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()
    with page.expect_popup() as opened:
        page.keyboard.press("p")
    expect(opened.value).to_have_url(f"{desk.url}/cases/{case_id}/file")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["both", "zh", "en"])
def test_the_page_is_whole_and_accessible_in_every_language_and_theme(
    desk: Desk, seats: Seats, language: str, theme: str
) -> None:
    case_id = str(desk.report()["case_id"])
    give(desk, case_id, Command.ACCEPT)
    give(desk, case_id, Command.DISPATCH, unit=UNIT)
    give(desk, case_id, Command.ASK_EXTENSION, hours=2.0, note="晚到")
    see_gone(desk)
    page = seats.leader()
    for width, height in ((1920, 1080), (820, 1180)):
        page.set_viewport_size({"width": width, "height": height})
        for path in (f"/cases/{case_id}", f"/cases/{case_id}/file"):
            page.goto(f"{desk.url}{path}?lang={language}&theme={theme}")
            desk.check_accessibility(page)
            assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth"), f"{path} at {width}"
