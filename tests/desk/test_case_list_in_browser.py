"""The list of cases in Chromium: narrowed, sorted, ticked and commanded together; any console error fails the test."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from cases.life import Stage
from cases.roles import Role
from cases.workflow.commands import Command
from cases.workflow.orders import Order, Seat
from core.ids import CaseId
from tests.desk.browser import Desk
from tests.desk.seats import UNIT, Seats, seats_of

pytestmark = pytest.mark.browser

BOSS = Seat("person:sun.jie", frozenset(Role) - {Role.HANDLING_UNIT})
CATEGORIES = ("exposed_garbage", "street_stall", "roadside_clutter")


@pytest.fixture
def seats(desk: Desk, chromium: Browser) -> Iterator[Seats]:
    with seats_of(desk, chromium) as made:
        yield made


@pytest.fixture
def three(desk: Desk) -> list[str]:
    """A case of each category in the one cell, the oldest first."""
    return [
        str(desk.report(incident_id=f"incident-{category}", category=category)["case_id"]) for category in CATEGORIES
    ]


def give(desk: Desk, case_id: str, command: Command, unit: str | None = None) -> None:
    workflow = desk.city.app.state.rooms.house.workflow
    workflow.give(CaseId(case_id), Order(command, unit=unit), BOSS, desk.city.clock.now())


def shown(page: Page) -> list[str]:
    """Which cases stand in the list, in their order."""
    found: list[str] = page.locator("[data-rows] > tr").evaluate_all("rows => rows.map(row => row.dataset.id)")
    return found


def stage_of(desk: Desk, case_id: str) -> Stage:
    return desk.city.store.get_case(CaseId(case_id)).life.stage


def test_chips_and_fields_narrow_the_list_and_the_address_keeps_the_view(
    desk: Desk, seats: Seats, three: list[str]
) -> None:
    give(desk, three[0], Command.ACCEPT)
    page = seats.dispatcher()
    assert shown(page) == three[::-1]
    expect(page.locator("#stage-registered b")).to_have_text("1")
    expect(page.locator("#stage-collected b")).to_have_text("2")
    page.locator("#stage-registered").click()
    assert shown(page) == [three[0]]
    expect(page).to_have_url(f"{desk.url}/?stage=registered")
    page.locator("#filters select[name=zone]").select_option("strict")
    page.get_by_role("button", name="查询").click()
    expect(page.locator("#empty")).to_contain_text("没有符合条件的案件")
    expect(page).to_have_url(re.compile("stage=registered.*zone=strict"))
    page.get_by_role("link", name="清除筛选").first.click()
    page.locator("#category-street_stall").click()
    assert shown(page) == [three[1]]
    desk.check_accessibility(page)


def test_what_is_late_is_found_by_its_chip_and_said_by_shape_word_and_time(
    desk: Desk, seats: Seats, three: list[str]
) -> None:
    give(desk, three[0], Command.ACCEPT)
    due = desk.city.store.get_case(CaseId(three[0])).life.deadline
    assert due is not None
    desk.city.clock.advance((due.due_at - desk.city.clock.now()).total_seconds() + 90)
    page = seats.dispatcher()
    expect(page.locator("#late-overdue b")).to_have_text("1")
    expect(page.locator("#late-near_due b")).to_have_text("0")
    page.locator("#late-overdue").click()
    assert shown(page) == [three[0]]
    cell = page.locator(f"#case-{three[0]} .c-due")
    expect(cell.locator(".due-overdue .due-mark")).to_be_visible()
    expect(cell).to_contain_text("超期")
    expect(cell).to_contain_text("1 分")
    expect(page.locator("#filters select[name=sort]")).to_have_value("due")
    desk.check_accessibility(page)


def test_a_deadline_counts_on_in_both_languages(desk: Desk, seats: Seats, three: list[str]) -> None:
    give(desk, three[0], Command.ACCEPT)
    due = desk.city.store.get_case(CaseId(three[0])).life.deadline
    assert due is not None
    desk.city.clock.advance((due.due_at - desk.city.clock.now()).total_seconds() - 3_599)
    page = seats.dispatcher()
    page.clock.install()
    for address, place in (("/?lang=both", f"#case-{three[0]} .due-left"), (f"/cases/{three[0]}", ".clock-left")):
        page.goto(f"{desk.url}{address}")
        expect(page.locator(place)).to_have_text(re.compile(r"^59 分 (\d\d) 秒 59 min \1 s$"))
        page.clock.fast_forward(600_000)
        expect(page.locator(place)).to_have_text(re.compile(r"^49 分 (\d\d) 秒 49 min \1 s$"))
        desk.check_accessibility(page)


def test_several_cases_are_ticked_by_keys_and_accepted_in_one_go(desk: Desk, seats: Seats, three: list[str]) -> None:
    page = seats.acceptor()
    for _ in range(2):
        page.keyboard.press("j")
        page.keyboard.press("x")
    expect(page.locator(".bulk-count")).to_contain_text("已选 2 件")
    page.keyboard.press("b")
    expect(page.locator("#bulk-command")).to_be_focused()
    desk.check_accessibility(page)
    page.keyboard.press("Tab")
    page.get_by_role("button", name="执行").click()
    expect(page.locator("#notices")).to_contain_text("已完成 2 件")
    expect(page.locator(f"#case-{three[2]} .stage")).to_contain_text("待派遣")
    expect(page.locator("#bulk")).to_be_hidden()
    assert [stage_of(desk, each) for each in three] == [Stage.COLLECTED, Stage.REGISTERED, Stage.REGISTERED]


def test_a_bulk_reject_takes_a_reason_and_each_refusal_is_told_by_its_case(
    desk: Desk, seats: Seats, three: list[str]
) -> None:
    give(desk, three[0], Command.ACCEPT)
    page = seats.acceptor()
    page.keyboard.press("X")
    expect(page.locator(".bulk-count")).to_contain_text("已选 3 件")
    page.locator("#bulk-command").select_option("reject")
    page.get_by_role("button", name="执行").click()
    assert page.locator(".bulk-fields[data-command=reject] input[value=false_alarm]").evaluate(
        "field => field.validity.valueMissing"
    )
    page.locator(".bulk-fields[data-command=reject] label.reason").first.click()
    page.get_by_role("button", name="执行").click()
    result = page.locator("#bulk-result")
    expect(result).to_contain_text("未执行 1 件")
    expect(result).to_contain_text(desk.city.store.get_case(CaseId(three[0])).number)
    expect(page.locator(f"#case-{three[0]} input.pick-case")).to_be_checked()
    expect(page.locator("[data-rows] > tr")).to_have_count(1)
    assert [stage_of(desk, each) for each in three] == [Stage.REGISTERED, Stage.VOID, Stage.VOID]


def test_a_tick_outlives_what_happens_to_its_row(desk: Desk, seats: Seats, three: list[str]) -> None:
    page = seats.acceptor()
    expect(page.locator("#link")).to_have_attribute("data-state", "live")
    page.locator(f"#case-{three[0]} input.pick-case").check()
    expect(page).to_have_url(f"{desk.url}/")
    give(desk, three[0], Command.ACCEPT)
    desk.report(incident_id="incident-new", cell_id="510104001001002")
    expect(page.locator("[data-rows] > tr")).to_have_count(4)
    expect(page.locator(f"#case-{three[0]} .stage")).to_contain_text("待派遣")
    expect(page.locator(f"#case-{three[0]} input.pick-case")).to_be_checked()


def test_a_view_is_kept_under_a_name_and_found_again(desk: Desk, seats: Seats, three: list[str]) -> None:
    page = seats.dispatcher()
    page.locator("#category-street_stall").click()
    page.get_by_role("button", name="保存当前视图").click()
    page.get_by_label("视图名称").fill("我的摊贩")
    page.keyboard.press("Enter")
    expect(page.locator("#views a", has_text="我的摊贩")).to_have_attribute("aria-current", "true")
    page.goto(desk.url)
    page.locator("#views a", has_text="我的摊贩").click()
    assert shown(page) == [three[1]]
    desk.check_accessibility(page)
    page.get_by_role("button", name="删除视图").click()
    expect(page.locator("#views a")).to_have_count(0)


def test_the_list_goes_on_by_keys_in_every_order(desk: Desk, seats: Seats, three: list[str]) -> None:
    for case_id in three:
        give(desk, case_id, Command.ACCEPT)
    page = seats.dispatcher()
    page.goto(f"{desk.url}/cases?sort=oldest")
    assert shown(page) == three
    page.goto(f"{desk.url}/?sort=due")
    due = {each: desk.city.store.get_case(CaseId(each)).life.deadline for each in three}
    assert shown(page) == sorted(three, key=lambda each: (due[each].due_at, three.index(each)))  # type: ignore[union-attr]  # all are registered


def test_people_of_a_unit_see_their_own_cases_and_counts_and_may_report_them_together(
    desk: Desk, seats: Seats, three: list[str]
) -> None:
    give(desk, three[0], Command.ACCEPT)
    give(desk, three[0], Command.DISPATCH, UNIT)
    give(desk, three[1], Command.ACCEPT)
    give(desk, three[1], Command.DISPATCH, "街道城管中队")
    page = seats.handler()
    assert shown(page) == [three[0]]
    expect(page.locator("#stage-dispatched b")).to_have_text("1")
    expect(page.locator("#state-open b")).to_have_count(0)
    assert page.locator("#bulk-command option").evaluate_all("all => all.map(o => o.value)") == [
        "take",
        "report",
        "comment",
    ]
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.locator("#bulk-command").select_option("report")
    page.get_by_role("button", name="执行").click()
    expect(page.locator(f"#case-{three[0]} .stage")).to_contain_text("待核查")
    desk.check_accessibility(page)


def test_who_only_looks_has_no_boxes_to_tick(desk: Desk, seats: Seats, three: list[str]) -> None:
    page = seats.sit("audit.one", Role.AUDITOR)
    assert shown(page) == three[::-1]
    expect(page.locator("input.pick-case")).to_have_count(0)
    expect(page.locator("#bulk")).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["both", "zh", "en"])
def test_the_list_is_whole_and_accessible_in_every_language_and_theme(
    desk: Desk, seats: Seats, three: list[str], language: str, theme: str
) -> None:
    give(desk, three[0], Command.ACCEPT)
    page = seats.leader()
    for width, height in ((1920, 1080), (1280, 800), (820, 1180)):
        page.set_viewport_size({"width": width, "height": height})
        page.goto(f"{desk.url}/?lang={language}&theme={theme}")
        desk.check_accessibility(page)
        assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth"), width
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    desk.check_accessibility(page)
