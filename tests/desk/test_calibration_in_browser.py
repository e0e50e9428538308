"""Calibration in a real browser: a view is tied to the ground, parts of it and of the city are drawn."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from cases.roles import Role
from tests.api.city import CELL
from tests.desk.browser import Desk
from tests.desk.calibration_street import MARKS, PLANE, SIZE
from tests.desk.camera_desk import add_street, admin_at, camera_desk, click_spot, config_of, on_map, rms, tab
from tests.desk.touch import pinch, tablet

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(tmp_path: Path, chromium: Browser) -> Iterator[Desk]:
    with camera_desk(tmp_path, chromium) as made:
        yield made


@pytest.fixture
def admin(desk: Desk) -> Page:
    return admin_at(desk)


def cell_shape(page: Page) -> str:
    return page.locator(".seen-cells polygon").first.get_attribute("points") or ""


def open_calibration(desk: Desk, page: Page) -> None:
    page.goto(f"{desk.url}/cameras/CAM-07/calibrate?lang=en")
    expect(page.locator("#calibrate[data-ready=true]")).to_be_visible()


def draw(page: Page, pane: str, corners: list[tuple[float, float]]) -> None:
    """Draw a closed polygon by clicks, the last on the first corner."""
    page.locator("#draw").click()
    for corner in [*corners, corners[0]]:
        click_spot(page, pane, *corner)


def test_a_view_is_calibrated_by_clicks_and_the_cells_move_while_the_error_falls(desk: Desk, admin: Page) -> None:
    page = admin
    add_street(desk, page)
    open_calibration(desk, page)
    expect(page.locator("#faults")).to_contain_text("4 more points are needed")
    page.get_by_role("button", name="Take a picture").click()
    expect(page.locator("#picture image")).to_have_count(1)
    open_calibration(desk, page)
    desk.check_accessibility(page)
    assert page.locator("#goto").bounding_box()["width"] > 120  # type: ignore[index]
    stood = [page.locator(each).bounding_box() for each in ("#picture", "#map")]
    for number, (pixel, lonlat) in enumerate(MARKS):
        click_spot(page, "#picture", *pixel)
        east, south = on_map(page, lonlat)
        click_spot(page, "#map", east + (4.0 if number == 4 else 0.0), south)  # the last one is a slip of the hand
    expect(page.locator("#faults .refuses")).to_contain_text("is off by")
    expect(page.locator("#save")).to_be_disabled()
    expect(page.locator(".seen-cells polygon")).to_have_count(1)
    now = [page.locator(each).bounding_box() for each in ("#picture", "#map")]
    assert [each["height"] for each in now if each] == [each["height"] for each in stood if each]  # under the pointer
    wrong, before = rms(page), cell_shape(page)
    desk.check_accessibility(page)

    slipped = page.locator("#map .mark[data-index='4']")
    slipped.focus()
    lon = page.get_by_label("Control point 5: Longitude, degrees")
    lon.fill(str(MARKS[4][1][0]))
    lon.press("Tab")
    page.get_by_label("Control point 5: Latitude, degrees").fill(str(MARKS[4][1][1]))
    page.get_by_label("Control point 5: Latitude, degrees").press("Tab")
    expect(page.locator("#faults .refuses")).to_have_count(0)
    assert rms(page) < 0.5 < wrong
    assert cell_shape(page) != before
    fits = int(page.locator("#calibrate").get_attribute("data-fit") or 0)
    page.locator("#picture .mark[data-index='0']").focus()
    page.keyboard.press("Shift+ArrowUp")  # by keys: a nudge moves the grid, undo takes it back
    page.wait_for_function("(fits) => Number(document.getElementById('calibrate').dataset.fit) > fits", arg=fits)
    moved = rms(page)
    assert moved > 0.05
    page.locator("#undo").click()
    page.wait_for_function("(fits) => Number(document.getElementById('calibrate').dataset.fit) > fits + 1", arg=fits)
    assert rms(page) < moved

    page.get_by_role("button", name="Save the calibration").click()
    expect(page.locator(".notice-good")).to_be_visible()
    view = config_of(desk)["view"]
    assert (len(view["control_points"]), view["frame_size"], "regions" in view) == (5, list(SIZE), False)
    open_calibration(desk, page)
    expect(page.locator("#points tr")).to_have_count(5)
    page.get_by_role("button", name="Restore the one before").click()
    page.wait_for_load_state()
    expect(page.locator("#points tr")).to_have_count(0)
    assert [region["cell"] for region in config_of(desk)["view"]["regions"]] == [CELL]


def test_a_view_is_calibrated_with_a_finger_and_two_fingers_zoom_without_setting_a_point(
    desk: Desk, admin: Page, chromium: Browser
) -> None:
    add_street(desk, admin)
    with tablet(desk, chromium, 1024, 768) as page:
        desk.sign_in_as(page, "boss", Role.ADMIN)
        open_calibration(desk, page)
        for pane in ("#picture", "#map"):
            box = page.locator(pane).bounding_box()
            assert box is not None
            shown = page.locator(pane).get_attribute("viewBox") or ""
            pinch(page, box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
            wide = "(pane) => Number(document.querySelector(pane).getAttribute('viewBox').split(' ')[2])"
            assert page.evaluate(wide, pane) < 0.5 * float(shown.split(" ")[2])
            page.locator(f"{pane}-fit").click()
            expect(page.locator(pane)).to_have_attribute("viewBox", shown)
        expect(page.locator("#points tr")).to_have_count(0)
        for _ in range(2):
            page.locator("#map-in").tap()  # a finger is thick: marks need room between them
        for pixel, lonlat in MARKS:
            tap_spot(page, "#picture", *pixel)
            tap_spot(page, "#map", *on_map(page, lonlat))
        expect(page.locator("#points tr")).to_have_count(5)
        expect(page.locator("#faults .good")).to_be_visible()
        assert rms(page) < 1.0


def tap_spot(page: Page, pane: str, x: float, y: float) -> None:
    """Tap a place of a pane, given in its own units."""
    at = page.evaluate(
        """([pane, x, y]) => { const root = document.querySelector(pane);
            const at = new DOMPoint(x, y).matrixTransform(root.getScreenCTM()); return [at.x, at.y]; }""",
        [pane, x, y],
    )
    page.touchscreen.tap(at[0], at[1])


def test_points_on_one_line_are_told_in_words_in_both_languages(desk: Desk, admin: Page) -> None:
    page = admin
    add_street(desk, page)
    for language, said in (("en", "lie on one line"), ("zh", "都在一条直线上")):
        page.goto(f"{desk.url}/cameras/CAM-07/calibrate?lang={language}")
        expect(page.locator("#calibrate[data-ready=true]")).to_be_visible()
        for step in range(4):
            click_spot(page, "#picture", 200 + 150 * step, 500)
            click_spot(page, "#map", -30 + 20 * step, 10)
        expect(page.locator("#faults")).to_contain_text(said)
        expect(page.locator("#save")).to_be_disabled()


def test_masks_and_regions_are_drawn_changed_by_keys_and_saved(desk: Desk, admin: Page) -> None:
    page = admin
    add_street(desk, page)
    open_calibration(desk, page)
    tab(page, "masks").click()
    draw(page, "#picture", [(100, 100), (500, 120), (480, 400)])
    expect(page.locator("#areas-masks .verdict")).to_have_text("The area is sound")
    page.locator(".corner[data-corner='0-0']").focus()
    page.keyboard.press("Insert")
    expect(page.locator("#areas-masks li")).to_contain_text("4 corners")
    for _ in range(45):
        page.keyboard.press("Shift+ArrowDown")
    expect(page.locator("#areas-masks .verdict")).to_contain_text("crosses itself")
    expect(page.locator("#save")).to_be_disabled()
    desk.check_accessibility(page)
    page.keyboard.press("Delete")
    expect(page.locator("#areas-masks li")).to_contain_text("3 corners")
    expect(page.locator("#areas-masks .verdict")).to_have_text("The area is sound")
    page.keyboard.press("Control+z")
    expect(page.locator("#areas-masks li")).to_contain_text("4 corners")
    page.keyboard.press("Control+y")
    page.get_by_role("button", name="Save the calibration").click()
    expect(page.locator(".notice-good")).to_be_visible()
    assert len(config_of(desk)["view"]["masks"]) == 1
    assert len(config_of(desk)["view"]["masks"][0]) == 3

    tab(page, "regions").click()
    page.locator("#areas-regions li").get_by_role("button", name="Remove").click()
    page.locator("#draw").focus()
    page.keyboard.press("Enter")  # by keys alone: a square in the middle, its corners moved by arrows
    page.keyboard.press("ArrowLeft")
    page.get_by_label("Area 1: Cell").fill(CELL)
    page.get_by_label("Area 1: Cell").press("Tab")
    desk.check_accessibility(page)
    page.get_by_role("button", name="Save the calibration").click()
    expect(page.locator("#save")).to_be_disabled()
    view = config_of(desk)["view"]
    assert [region["cell"] for region in view["regions"]] == [CELL]
    assert len(view["masks"]) == 1


def report_at(desk: Desk, name: str, east_m: float, north_m: float) -> dict[str, Any]:
    place = PLANE.to_lonlat(type(PLANE.origin)(east_m, north_m))
    return desk.report(
        incident_id=name,
        camera_id="CAM-07",
        view_id="CAM-07",
        category="street_stall",
        boxes=[[600.0, 300.0, 680.0, 380.0]],
        places=[[place.x, place.y]],
    )


def test_a_permitted_area_that_is_drawn_suppresses_a_stall_inside_and_none_outside(desk: Desk, admin: Page) -> None:
    page = admin
    add_street(desk, page)
    open_calibration(desk, page)
    tab(page, "permits").click()
    draw(page, "#map", [(-30, -30), (0, -30), (0, 0), (-30, 0)])  # the north-west: y counts southwards
    expect(page.locator("#areas-permits .verdict")).to_have_text("The area is sound")
    page.locator("#permit-form input[name=number]").fill("临占2026-017")
    page.locator("#permit-form input[name=name]").fill("春熙路夜市")
    desk.check_accessibility(page)
    page.locator("#permit-form button[type=submit]").click()
    expect(page.locator("#standing-permits")).to_contain_text("临占2026-017")
    expect(page.locator(".permits polygon")).to_have_count(1)
    inside = report_at(desk, "stall-inside", -15, 15)
    assert (inside["outcome"], inside["case_id"], inside["rule"]) == ("suppressed", None, "permit:1")
    outside = report_at(desk, "stall-outside", 15, -15)
    assert (outside["outcome"], outside["rule"]) == ("opened", None)


def test_a_suppressed_part_of_the_picture_turns_reports_away_until_it_is_ended(desk: Desk, admin: Page) -> None:
    page = admin
    add_street(desk, page)
    open_calibration(desk, page)
    tab(page, "suppressions").click()
    draw(page, "#picture", [(560, 260), (720, 260), (720, 420), (560, 420)])
    page.locator("#suppress-form input[name=reason]").fill("石狮子 a stone lion")
    page.locator("#suppress-form button[type=submit]").click()
    expect(page.locator("#standing-suppressions")).to_contain_text("a stone lion")
    desk.check_accessibility(page)
    assert report_at(desk, "lion-1", 5, 5)["outcome"] == "suppressed"
    page.get_by_role("button", name="End it now").click()
    expect(page.locator("#standing-suppressions")).to_have_text("None")
    assert report_at(desk, "lion-2", 5, 5)["outcome"] == "opened"
