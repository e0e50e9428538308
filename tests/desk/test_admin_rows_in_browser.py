"""Hours, seasons and calendars typed into rows instead of JSON, by mouse and by keyboard alone."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from cases.roles import Role
from cases.worktime.documents import CalendarDocument
from desk.admin_calendar_rows import HolidayRow, ShiftRow, calendar_rows
from tests.desk.browser import Desk, refused

WEEK = {"mon": ["09:00-12:00", "13:30-17:30"], "tue": ["09:00-12:00"], "sat": ["10:00-12:00"]}
SQUARE = "104.0800, 30.6500\n104.0810, 30.6500\n104.0810, 30.6510\n104.0800, 30.6510"
HOLE = "104.0803, 30.6503\n104.0806, 30.6503\n104.0806, 30.6506\n104.0803, 30.6503"


def test_a_calendar_is_rows_of_shifts_and_of_days_that_follow_each_other() -> None:
    named = [(f"2026-10-0{day}", "国庆节") for day in (2, 1, 3)] + [("2026-10-04", "中秋节"), ("2027-01-01", "元旦")]
    holidays = [{"date": day, "name": name} for day, name in named]
    made_up = [{"date": "2026-10-10", "like": "tue"}, {"date": "2025-10-11", "shifts": ["09:00-10:00"]}]
    document = CalendarDocument.model_validate({"week": WEEK, "holidays": holidays, "workdays": made_up})
    rows = calendar_rows(document, 2026)
    assert rows.shifts == (
        ShiftRow(("mon", "tue"), "09:00", "12:00"),
        ShiftRow(("sat",), "10:00", "12:00"),
        ShiftRow(("mon",), "13:30", "17:30"),
    )
    told = [(f"{row.first:%m-%d}", f"{row.last:%m-%d}", row.name) for row in rows.holidays]
    assert told == [("10-01", "10-03", "国庆节"), ("10-04", "10-04", "中秋节")]
    assert [type(row) for row in rows.other_holidays] == [HolidayRow]
    assert [row.date.year for row in (*rows.workdays, *rows.other_workdays)] == [2026, 2025]


@pytest.fixture
def admin(desk: Desk) -> Page:
    page = desk.window()
    desk.sign_in_as(page, "boss", Role.ADMIN)
    return page


def api(desk: Desk, page: Page, path: str) -> Any:
    answer = page.request.get(f"{desk.url}/api/v1{path}")
    assert answer.ok
    return answer.json()


def add_row(rows: Locator) -> Locator:
    rows.locator("[data-add]").click()
    return rows.locator("ol > li.row").last


def part(row: Locator, name: str) -> Locator:
    return row.locator(f"[data-part='{name}']")


def save(page: Page, form: Locator, asks: bool = False) -> None:
    form.locator("button[type=submit]").click()
    with page.expect_navigation():
        if asks:
            page.locator("dialog#ask button[value=yes]").click()


@pytest.mark.browser
def test_a_permits_hours_season_and_days_are_typed_into_fields(desk: Desk, admin: Page) -> None:
    admin.goto(f"{desk.url}/admin/permits")
    form = admin.locator("#permit")
    form.locator("[name=number]").fill("临占2026-017")
    form.locator("[name=name]").fill("春熙路夜市")
    form.locator("[name=polygon]").fill(f"{SQUARE}\n\n{HOLE}")
    hours = form.locator("[name=hours]")
    first = add_row(hours)
    for day in ("mon", "tue", "wed", "thu"):
        first.locator(f"input[value={day}]").uncheck()
    part(first, "from").fill("1830")
    part(first, "until").fill("1：00")
    part(first, "until").blur()
    expect(part(first, "from")).to_have_value("18:30")
    expect(part(first, "until")).to_have_value("01:00")
    expect(first.locator("[data-next-day]")).to_be_visible()
    second = add_row(hours)
    part(second, "from").fill("6")
    form.locator("button[type=submit]").click()
    expect(hours.locator(".fault")).to_contain_text("18:00")
    expect(part(second, "until")).to_be_focused()
    desk.check_accessibility(admin)
    part(second, "until").fill("9:00")
    add_row(hours).locator("[data-remove]").click()
    season = form.locator("[name=season]")
    part(season, "from-month").select_option("04")
    form.locator("button[type=submit]").click()
    expect(season.locator(".fault")).to_be_visible()
    for name, value in (("from-day", "15"), ("until-month", "10"), ("until-day", "31")):
        part(season, name).select_option(value)
    form.locator("[name=valid_until]").fill("2027-03-31")
    with admin.expect_navigation():
        form.locator("button[type=submit]").click()

    (kept,) = api(desk, admin, "/policy/permits")["permits"]
    assert kept["hours"] == [
        {"days": ["fri", "sat", "sun"], "from": "18:30", "until": "01:00"},
        {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "from": "06:00", "until": "09:00"},
    ]
    assert kept["season"] == {"from": "04-15", "until": "10-31"}
    assert (len(kept["polygon"]), kept["valid_until"]) == (2, "2027-03-31")

    admin.locator("#permits a.button").click()
    form = admin.locator("#permit")
    expect(form.locator("[name=hours] li.row")).to_have_count(2)
    expect(part(form.locator("[name=season]"), "until-day")).to_have_value("31")
    save(admin, form)
    (same,) = api(desk, admin, "/policy/permits")["permits"]
    told = ("hours", "season", "polygon", "valid_from", "valid_until", "number", "name", "categories", "note")
    assert {name: same[name] for name in told} == {name: kept[name] for name in told}
    admin.locator("#permits a.button").click()
    while form.locator("[name=hours] li.row").count():
        form.locator("[name=hours] [data-remove]").first.click()
    for select in form.locator("[name=season] select").all():
        select.select_option("")
    save(admin, form)
    (always,) = api(desk, admin, "/policy/permits")["permits"]
    assert (always["hours"], always["season"]) == ([], None)


@pytest.mark.browser
def test_hours_are_added_by_keyboard_alone(desk: Desk, admin: Page) -> None:
    admin.goto(f"{desk.url}/admin/permits?lang=en")
    keys = admin.keyboard
    admin.locator("#permit [name=number]").focus()
    keys.type("T-1")
    keys.press("Tab")
    keys.type("Night market")
    tab_to(admin, "[name=cells]")
    keys.type("510104001001001")
    tab_to(admin, "[data-add]")
    keys.press("Enter")
    expect(admin.locator("[data-part=from]")).to_be_focused()
    keys.type("20")
    keys.press("Tab")
    keys.type("23")
    for _ in range(3):  # to the row's Sunday
        keys.press("Shift+Tab")
        if admin.evaluate("document.activeElement.value === 'sun'"):
            break
    keys.press("Space")
    expect(admin.locator("[data-part=days][value=sun]")).not_to_be_checked()
    tab_to(admin, "#permit button.main")
    with admin.expect_navigation():
        keys.press("Enter")
    (kept,) = api(desk, admin, "/policy/permits")["permits"]
    assert kept["hours"] == [{"days": ["mon", "tue", "wed", "thu", "fri", "sat"], "from": "20:00", "until": "23:00"}]


def tab_to(page: Page, wanted: str) -> None:
    """Go on with the tab key until a control has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", wanted):
            return
    raise AssertionError(f"{wanted} cannot be reached by keyboard")


@pytest.mark.browser
def test_a_calendars_week_holidays_and_make_up_days_are_typed_into_fields(desk: Desk, admin: Page) -> None:
    admin.goto(f"{desk.url}/admin/calendars?year=2026")
    form = admin.locator("#calendar")
    week = form.locator("[name=week]")
    expect(week.locator("ol > li.row")).to_have_count(2)
    saturday = add_row(week)
    for day in ("mon", "tue", "wed", "thu", "fri"):
        saturday.locator(f"input[value={day}]").uncheck()
    saturday.locator("input[value=sat]").check()
    part(saturday, "from").fill("9")
    part(saturday, "until").fill("8")
    with refused(desk, 422):
        form.locator("button[type=submit]").click()
        admin.locator("dialog#ask button[value=yes]").click()
        expect(week.locator(".fault")).to_contain_text("09:00-08:00")
    part(saturday, "until").fill("12")
    golden = add_row(form.locator("[name=holidays]"))
    part(golden, "first").fill("2026-10-01")
    part(golden, "last").fill("2025-10-07")
    part(golden, "name").fill("国庆节")
    form.locator("button[type=submit]").click()
    expect(form.locator("[name=holidays] .fault")).to_be_visible()
    part(golden, "last").fill("2026-10-07")
    made_up = add_row(form.locator("[name=workdays]"))
    part(made_up, "date").fill("2026-10-10")
    part(made_up, "name").fill("国庆节调休")
    part(made_up, "like").select_option("wed")
    own = add_row(form.locator("[name=workdays]"))
    part(own, "date").fill("2026-09-27")
    part(own, "shifts").fill("9:00-12:00 14-17")
    assert not admin.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    desk.check_accessibility(admin)
    save(admin, form, asks=True)

    expect(admin.locator("li.day-holiday[title*='国庆节']")).to_have_count(7)
    expect(admin.locator("li.day-makeup")).to_have_count(2)
    kept = api(desk, admin, "/calendars/default")["calendar"]
    assert kept["week"]["sat"] == ["09:00-12:00"]
    assert kept["week"]["mon"] == ["09:00-12:00", "13:30-17:30"]
    assert [day["date"] for day in kept["holidays"]] == [f"2026-10-0{day}" for day in range(1, 8)]
    assert [(day["date"], day["like"], day["shifts"]) for day in kept["workdays"]] == [
        ("2026-09-27", None, ["09:00-12:00", "14:00-17:00"]),
        ("2026-10-10", "wed", None),
    ]
    admin.goto(f"{desk.url}/admin/calendars?year=2027")
    form = admin.locator("#calendar")
    expect(form.locator("[name=holidays] summary")).to_contain_text("1")
    form.locator("[name=name]").fill("市城管局")
    save(admin, form, asks=True)
    assert api(desk, admin, "/calendars/default")["calendar"] == kept | {"name": "市城管局"}
