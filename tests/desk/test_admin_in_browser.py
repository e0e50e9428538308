"""Administration in a real browser: each page's main act, one refusal in words, both languages and themes, axe."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from cases.keeping.rules import KeepingRules
from cases.outbound.endpoints import EndpointDraft
from cases.roles import Role
from tests.desk.browser import Desk, refused

pytestmark = pytest.mark.browser

SECTIONS = (
    "people",
    "roles",
    "keys",
    "places",
    "catalogue",
    "calendars",
    "permits",
    "suppressions",
    "auto-filing",
    "webhooks",
    "keeping",
    "audit",
    "system",
)
FOR_AUDITORS = frozenset(SECTIONS) - {"people", "keys", "webhooks", "system"}
SQUARE = "104.0800, 30.6500\n104.0810, 30.6500\n104.0810, 30.6510\n104.0800, 30.6510"


@pytest.fixture
def admin(desk: Desk) -> Page:
    page = desk.window()
    desk.sign_in_as(page, "boss", Role.ADMIN)
    return page


def visit(desk: Desk, page: Page, section: str, **query: str) -> None:
    ending = "&".join(f"{name}={value}" for name, value in query.items())
    page.goto(f"{desk.url}/admin/{section}?{ending}")


def note_secret(page: Page) -> str:
    """What is shown once; it is put away, and the page that comes after does not hold it."""
    dialog = page.locator("dialog#secret")
    expect(dialog).to_be_visible()
    secret = dialog.locator("[data-secret-text]").inner_text()
    with page.expect_navigation():
        dialog.locator("button[value=ok]").click()
    assert secret not in page.content()
    return secret


def agree(page: Page) -> None:
    dialog = page.locator("dialog#ask")
    expect(dialog).to_be_visible()
    dialog.locator("button[value=yes]").click()


@pytest.mark.parametrize(("language", "theme"), [("both", "light"), ("en", "dark"), ("zh", "dark")])
def test_every_page_stands_in_each_language_and_theme(desk: Desk, admin: Page, language: str, theme: str) -> None:
    for section in SECTIONS:
        visit(desk, admin, section, lang=language, theme=theme)
        expect(admin.locator(".admin-nav [aria-current=page]")).to_have_attribute("href", f"/admin/{section}")
        expect(admin.locator("html")).to_have_attribute("data-theme", theme)
        heads = " ".join(admin.locator(".admin-head, .admin-nav, thead, .side h2").all_inner_texts())
        assert language != "en" or not re.search(r"[\u4e00-\u9fff]", heads), section
        is_wider = admin.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        assert not is_wider, section
        desk.check_accessibility(admin)


def test_an_auditor_reads_and_finds_no_form(desk: Desk) -> None:
    page = desk.window()
    desk.sign_in_as(page, "reader", Role.AUDITOR)
    for section in sorted(FOR_AUDITORS):
        visit(desk, page, section)
        expect(page.locator(".admin-main h1")).to_be_visible()
        sent = page.locator("form[data-path]").evaluate_all("(all) => all.map((each) => each.dataset.method ?? 'POST')")
        assert set(sent) <= {"GET"}, section
    links = page.locator(".admin-nav a").evaluate_all("(all) => all.map((each) => each.getAttribute('href'))")
    assert {f"/admin/{section}" for section in FOR_AUDITORS} == set(links)
    with refused(desk, 403):
        visit(desk, page, "people")


def test_somebody_is_let_in_changed_reset_and_switched_off(desk: Desk, admin: Page) -> None:
    visit(desk, admin, "people")
    form = admin.locator("#add-person")
    form.locator("[name=login]").fill("li.min")
    form.locator("[name=display_name]").fill("李敏")
    with refused(desk, 422):
        form.locator("button[type=submit]").click()
        expect(form.locator("fieldset .fault")).to_be_visible()  # no role
    form.locator("[name=roles][value=acceptor]").check()
    form.locator("button[type=submit]").click()
    assert len(note_secret(admin)) >= 10
    expect(admin.locator("#people")).to_contain_text("李敏")
    form = admin.locator("#add-person")
    form.locator("[name=login]").fill("li.min")
    form.locator("[name=display_name]").fill("另一个")
    form.locator("[name=roles][value=acceptor]").check()
    with refused(desk, 409):
        form.locator("button[type=submit]").click()
        expect(form.locator("label:has([name=login]) .fault")).to_contain_text("li.min")
    desk.check_accessibility(admin)
    admin.locator("#people a", has_text="li.min").click()
    change = admin.locator("#change-person")
    change.locator("[name=roles][value=dispatcher]").check()
    with admin.expect_navigation():
        change.locator("button[type=submit]").click()
    expect(admin.locator("#change-person [name=roles][value=dispatcher]")).to_be_checked()
    admin.locator("form[data-path$='/reset-password'] button").click()
    agree(admin)
    assert len(note_secret(admin)) >= 10
    admin.locator("#change-person [name=is_active]").uncheck()
    with admin.expect_navigation():
        admin.locator("#change-person button[type=submit]").click()
    expect(admin.locator(".badge.bad").first).to_be_visible()


def test_the_last_admin_stays_one(desk: Desk, admin: Page) -> None:
    admin.goto(f"{desk.url}/admin/people/boss")
    admin.locator("#change-person [name=is_active]").uncheck()
    with refused(desk, 409):
        admin.locator("#change-person button[type=submit]").click()
        expect(admin.locator("#change-person .fault")).to_contain_text("last admin")


def test_a_key_is_shown_once_and_withdrawn_after_a_question(desk: Desk, admin: Page) -> None:
    visit(desk, admin, "keys")
    form = admin.locator("#add-key")
    form.locator("[name=name]").fill("dashboard")
    with refused(desk, 422):
        form.locator("button[type=submit]").click()
        expect(form.locator("fieldset .fault")).to_be_visible()
    form.locator("[name=scopes][value=read]").check()
    form.locator("button[type=submit]").click()
    assert note_secret(admin).startswith("gp_")
    row = admin.locator("#keys tr", has_text="dashboard")
    row.locator("button").click()
    admin.locator("dialog#ask button[value=no]").click()
    expect(row).not_to_have_class(re.compile("off"))
    row.locator("button").click()
    with admin.expect_navigation():
        agree(admin)
    expect(admin.locator("#keys tr", has_text="dashboard")).to_have_class(re.compile("off"))


def test_units_are_imported_after_a_look_at_what_changes(desk: Desk, admin: Page, tmp_path: Path) -> None:
    wrong, right = tmp_path / "wrong.csv", tmp_path / "right.csv"
    head = "编码,类别,责任单位,生效日期\n"
    wrong.write_text(head + "510104001001001,暴露垃圾,环卫一所,2026-05-01\n5101,没有这类,环卫一所,\n", encoding="utf-8")
    layer = tmp_path / "grid.geojson"
    ring = [[104.08, 30.657], [104.081, 30.657], [104.081, 30.658], [104.08, 30.658], [104.08, 30.657]]
    feature = {
        "type": "Feature",
        "properties": {"code": "510104001001001", "name": "春熙路一", "zone": "strict"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    layer.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    right.write_text(head + "510104001001001,暴露垃圾,环卫一所,2026-03-01\n", encoding="utf-8")
    visit(desk, admin, "places")
    form = admin.locator("form[data-path='/api/v1/places.geojson']")
    file, look, take = form.locator("[name=file]"), form.locator("[data-dry]"), form.locator("[data-apply]")
    file.set_input_files(layer)
    expect(take).to_be_disabled()
    look.click()
    expect(form.locator(".plan li")).to_have_count(2)
    take.click()
    expect(form.locator(".plan")).to_contain_text("已导入")
    file.set_input_files(wrong)
    expect(take).to_be_disabled()
    with refused(desk, 422):
        look.click()
        expect(form.locator(".fault")).to_contain_text("line 3")
    desk.check_accessibility(admin)
    file.set_input_files(right)
    look.click()
    expect(form.locator(".plan")).to_contain_text("环卫一所")
    take.click()
    expect(form.locator(".plan")).to_contain_text("已导入")
    visit(desk, admin, "places")
    expect(admin.locator("#places")).to_contain_text("环卫一所")
    admin.locator("#places a").first.click()
    expect(admin.locator(".admin-main")).to_contain_text("环卫一所")
    desk.check_accessibility(admin)


def test_a_catalogue_is_compared_and_put_in_force(desk: Desk, admin: Page, tmp_path: Path) -> None:
    visit(desk, admin, "catalogue")
    with admin.expect_download() as got:
        admin.locator("a[download]").first.click()
    text = Path(got.value.path()).read_text(encoding="utf-8")
    wrong, right = tmp_path / "wrong.toml", tmp_path / "right.toml"
    wrong.write_text(text.replace("zh = ", "cn = ", 1), encoding="utf-8")
    right.write_text(text.replace("hours = 4", "hours = 3", 1), encoding="utf-8")
    form = admin.locator("form[data-path='/api/v1/catalogue/versions']")
    form.locator("[name=file]").set_input_files(wrong)
    with refused(desk, 422):
        form.locator("[data-dry]").click()
        expect(form.locator(".fault")).to_contain_text("line")
    form.locator("[name=file]").set_input_files(right)
    form.locator("[data-dry]").click()
    expect(form.locator(".plan li").first).to_contain_text("4 → 3")
    form.locator("[data-apply]").click()
    expect(form.locator(".plan")).to_contain_text("已导入")
    visit(desk, admin, "catalogue")
    expect(admin.locator("#shown-title")).to_contain_text("2")
    expect(admin.locator(".change").first).to_contain_text("deadline")


def test_holidays_are_put_into_the_year(desk: Desk, admin: Page, tmp_path: Path) -> None:
    visit(desk, admin, "calendars", year="2026")
    expect(admin.locator(".day-holiday[title]")).to_have_count(0)
    days = tmp_path / "2026.csv"
    days.write_text("日期,名称,类型\n2026-10-01,国庆节,休\n2026-10-10,国庆节,班\n", encoding="utf-8")
    form = admin.locator("#days")
    form.locator("[name=file]").set_input_files(days)
    with admin.expect_navigation():
        form.locator("button[type=submit]").click()
    expect(admin.locator("li.day-holiday[title]")).to_have_count(1)
    expect(admin.locator("li.day-makeup")).to_have_count(1)


def test_a_permit_is_added_extended_and_taken_back(desk: Desk, admin: Page) -> None:
    visit(desk, admin, "permits")
    form = admin.locator("#permit")
    form.locator("[name=number]").fill("临占2026-017")
    form.locator("[name=name]").fill("春熙路夜市")
    with refused(desk, 422):
        form.locator("button[type=submit]").click()
        expect(form.locator("label:has([name=polygon]) .fault")).to_be_visible()
    form.locator("[name=polygon]").fill(SQUARE)
    with admin.expect_navigation():
        form.locator("button[type=submit]").click()
    expect(admin.locator(".area-map .area")).to_have_count(1)
    admin.locator("#permits a.button").click()
    form = admin.locator("#permit")
    form.locator("[name=valid_until]").fill("2027-03-31")
    with admin.expect_navigation():
        form.locator("button[type=submit]").click()
    expect(admin.locator("#permits")).to_contain_text("2027-03-31")
    desk.check_accessibility(admin)
    admin.locator("#permits button.danger").click()
    with admin.expect_navigation():
        agree(admin)
    expect(admin.locator("#permits a.button")).to_have_count(0)


def test_a_suppression_is_made_extended_and_ended(desk: Desk, admin: Page) -> None:
    visit(desk, admin, "suppressions")
    form = admin.locator("#suppression")
    form.locator("[name=reason]").fill("石狮子")
    with refused(desk, 422):
        form.locator("button[type=submit]").click()
        expect(form.locator(".fault")).to_contain_text("names no place")
    form.locator("[name=cells]").fill("510104001001001")
    with admin.expect_navigation():
        form.locator("button[type=submit]").click()
    row = admin.locator("#suppressions tr", has_text="石狮子")
    row.locator("[name=expires_at]").fill("2025-01-01")
    with refused(desk, 422):
        row.get_by_role("button").first.click()
        expect(row.locator(".fault")).to_contain_text("past")
    row.locator("[name=expires_at]").fill("2026-09-30")
    with admin.expect_navigation():
        row.get_by_role("button").first.click()
    expect(admin.locator("#suppressions")).to_contain_text("2026-09-30")
    desk.check_accessibility(admin)
    admin.locator("#suppressions button.danger").click()
    with admin.expect_navigation():
        agree(admin)
    expect(admin.locator("#suppressions tr", has_text="石狮子")).to_have_count(0)


def test_a_switch_is_turned_after_a_question(desk: Desk, admin: Page) -> None:
    visit(desk, admin, "auto-filing")
    form = admin.locator("#switch")
    form.locator("[name=mode][value=measured]").check()
    form.locator("button[type=submit]").click()
    with admin.expect_navigation():
        agree(admin)
    expect(admin.locator("#switches li")).to_have_count(1)
    expect(admin.locator("#switches")).to_contain_text("达标才自动")
    form = admin.locator("#switch")
    form.locator("[name=camera_id]").fill("")
    form.locator("[name=mode][value=auto]").check()
    form.locator("button[type=submit]").click()
    with admin.expect_navigation():
        agree(admin)


def test_a_line_is_paused_resumed_and_removed(desk: Desk, admin: Page) -> None:
    store, now = desk.city.app.state.rooms.house.outbound.endpoints, desk.city.clock.now()
    draft = EndpointDraft("city-platform", "https://platform.example/hooks", (), ())
    store.add("wh_3f9a1c2b4d5e6f70", draft, "sealed", "test", now, after=None, most=5)
    visit(desk, admin, "webhooks")
    form = admin.locator("#add-webhook")
    form.locator("[name=name]").fill("second")
    form.locator("[name=url]").fill("ftp://platform.example")
    with refused(desk, 422):
        form.locator("button[type=submit]").click()
        expect(form.locator("label:has([name=url]) .fault")).to_be_visible()
    admin.locator("#endpoints a").click()
    desk.check_accessibility(admin)
    admin.locator("form[data-path$='/pause'] button").click()
    with admin.expect_navigation():
        agree(admin)
    expect(admin.locator(".badge.bad")).to_be_visible()
    with admin.expect_navigation():
        admin.locator("form[data-path$='/resume'] button").click()
    expect(admin.locator(".badge.bad")).to_have_count(0)


def test_what_a_purge_would_remove_is_reckoned_and_what_went_is_told(desk: Desk) -> None:
    desk.report()
    lost = desk.put_picture(200)
    desk.city.clock.advance(2 * 86_400)
    page = desk.window()
    desk.sign_in_as(page, "boss", Role.ADMIN)
    visit(desk, page, "keeping")
    expect(page.locator(".facts")).to_contain_text("90")
    page.locator("form[data-path='/api/v1/keeping/preview'] button").click()
    expect(page.locator("#previewed")).to_contain_text("将删除 1 张（到期 0，无引用 1）")
    assert desk.city.evidence.path(lost).exists()
    visit(desk, page, "keeping")
    expect(page.locator("tbody td.hint")).to_be_visible()

    keeping = desk.city.app.state.rooms.house.keeping
    assert keeping.purge(desk.city.evidence, KeepingRules(), desk.city.clock).total == 1
    visit(desk, page, "keeping", lang="en")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody tr")).to_contain_text(lost[:12])
    expect(page.locator("tbody tr")).to_contain_text("No case named it")
    page.locator("form[data-path='/api/v1/keeping/preview'] button").click()
    expect(page.locator("#previewed")).to_contain_text("0 pictures would go")
    desk.check_accessibility(page)


def test_the_log_is_filtered_and_its_chains_verified_in_words(desk: Desk, admin: Page) -> None:
    desk.report()
    visit(desk, admin, "audit", action="session.")
    kinds = admin.locator("#entries .code").all_inner_texts()
    assert kinds
    assert all(kind.startswith("session.") for kind in kinds)
    row = admin.locator("#entries tr").filter(has_text="session.open").first
    expect(row.locator("td:nth-child(3) b")).to_have_text("boss 某")  # by name, and not by person:boss alone
    expect(row.locator("td:nth-child(4) b")).to_have_text("登录 Signed in")
    admin.locator("button[hx-post]").click()
    expect(admin.locator(".verdict")).to_have_count(2)
    expect(admin.locator(".verdict.broken")).to_have_count(0)
    expect(admin.locator(".verdict").first).to_contain_text(re.compile("完整：[0-9]+ 条逐条核对无误"))
    desk.check_accessibility(admin)
    with admin.expect_download() as got:
        admin.locator("a[href^='/api/v1/audit/export']").click()
    lines = Path(got.value.path()).read_text(encoding="utf-8").splitlines()
    assert {json.loads(line)["action"] for line in lines} <= set(kinds)
    with desk.city.engine.begin() as connection:  # somebody with the database's own password
        connection.exec_driver_sql("DROP TRIGGER audit_entry_update")
        connection.exec_driver_sql("UPDATE audit_entry SET actor = 'nobody' WHERE seq = 2")
    admin.locator("button[hx-post]").click()
    expect(admin.locator(".verdict.broken")).to_have_count(1)
    expect(admin.locator(".verdict.broken")).to_contain_text("第 2 条有误，之后不可信")


def test_the_system_tells_its_version_database_and_workers(desk: Desk, admin: Page) -> None:
    visit(desk, admin, "system")
    expect(admin.locator(".figures")).to_contain_text("sqlite")
    expect(admin.locator("#workers")).to_contain_text("worker-1")
