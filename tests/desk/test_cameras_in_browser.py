"""The camera pages in a real browser: a camera's life from adding to removing, its view calibrated, areas drawn."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from api.cell_routes import EXAMPLE_FEATURE
from api.server import BackgroundApi
from cases.roles import Role
from grid.cells import load_geojson
from patrol.camera_rules import SiteRules
from patrol.settings import Settings
from tests.api.city import CELL, City
from tests.desk.browser import LONG_NAME, Desk
from tests.desk.calibration_street import MARKS, PLANE, SIZE, write_clip
from tests.desk.touch import pinch, tablet
from tests.support.rtsp_server import RtspServer, require_rtsp_server

pytestmark = pytest.mark.browser
LAYER = json.dumps({"type": "FeatureCollection", "features": [EXAMPLE_FEATURE]}, ensure_ascii=False)
PASSWORD = "s3cret-w0rd"


@pytest.fixture
def desk(tmp_path: Path, chromium: Browser) -> Iterator[Desk]:
    """A desk whose API keeps cameras by an installation's own rules."""
    settings = Settings.model_validate({"grid": {"file": "grids.geojson"}, "site": {"data_dir": tmp_path}})
    city = City(tmp_path, rules=SiteRules(settings, load_geojson(LAYER)))
    with BackgroundApi(city.app, city.settings) as api:
        context = chromium.new_context(viewport={"width": 1920, "height": 1080}, locale="zh-CN")
        made = Desk(city, api.url, context)
        yield made
        context.close()
    city.close()
    assert made.faults == []


@pytest.fixture
def admin(desk: Desk) -> Page:
    page = desk.window()
    page.on("dialog", lambda dialog: dialog.accept())
    desk.sign_in_as(page, "boss", Role.ADMIN)
    return page


def clip_in(desk: Desk) -> Path:
    path = desk.city.folder / "street.mp4"
    return path if path.exists() else write_clip(path)


def add_street(desk: Desk, page: Page, camera_id: str = "CAM-07") -> str:
    """A camera that plays the street's clip, added in the page; its own page's address."""
    page.goto(f"{desk.url}/add-camera?lang=en")
    page.get_by_label("File on the server").check()
    page.locator("input[name=path]").fill(str(clip_in(desk)))
    page.locator("input[name=id]").fill(camera_id)
    expect(page.locator("#cell-said")).to_contain_text(CELL)
    page.get_by_role("button", name="Add", exact=True).click()
    page.wait_for_url(f"**/cameras/{camera_id}")
    return f"{desk.url}/cameras/{camera_id}"


def config_of(desk: Desk, camera_id: str = "CAM-07") -> dict[str, Any]:
    return dict(desk.city.cameras.get(camera_id).section)  # type: ignore[arg-type]  # an id is text here


def click_spot(page: Page, pane: str, x: float, y: float) -> None:
    """Click a place of a pane, given in its own units."""
    at = page.evaluate(
        """([pane, x, y]) => { const root = document.querySelector(pane);
            const at = new DOMPoint(x, y).matrixTransform(root.getScreenCTM()); return [at.x, at.y]; }""",
        [pane, x, y],
    )
    page.mouse.click(at[0], at[1])


def on_map(page: Page, lonlat: tuple[float, float]) -> tuple[float, float]:
    """A place in the map's metres; its middle is the middle of the city's cell."""
    flat = PLANE.to_metres(type(PLANE.origin)(*lonlat))
    return flat.x, -flat.y


def rms(page: Page) -> float:
    return float(page.locator("#rms").get_attribute("data-metres") or "nan")


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


def tab(page: Page, mode: str) -> Locator:
    return page.locator(f"#mode-{mode}")


@pytest.mark.rtsp
def test_a_camera_is_added_probed_edited_disabled_and_removed_in_the_page(desk: Desk, admin: Page) -> None:
    require_rtsp_server()
    page = admin
    with RtspServer({"one": clip_in(desk)}, username="patrol", password=PASSWORD) as server:
        page.goto(f"{desk.url}/add-camera?lang=en")
        desk.check_accessibility(page)
        page.locator("input[name=url]").fill(server.url("one"))
        page.get_by_role("button", name="Probe the address").click()
        expect(page.locator("#probe-said.fails")).to_contain_text("User name or password was refused")
        page.locator("input[name=username]").fill("patrol")
        page.locator("input[name=password]").fill(PASSWORD)
        page.get_by_role("button", name="Probe the address").click()
        expect(page.locator("#probe-said.answers")).to_contain_text(re.compile(r"H264 1280×720.*Key frame every", re.S))
        expect(page.locator("#seen-picture")).to_be_visible()
        desk.check_accessibility(page)
        page.locator("input[name=id]").fill("CAM-07")
        page.locator("input[name=name]").fill("东大街口")
        page.get_by_role("button", name="Add", exact=True).click()
        page.wait_for_url("**/cameras/CAM-07")
        expect(page.locator("#shown-address")).to_have_text(f"rtsp://patrol:***@127.0.0.1:{server.port}/one")
        assert PASSWORD not in page.content()
        desk.check_accessibility(page)

        page.get_by_role("button", name="Probe").click()  # with the password that is kept sealed
        expect(page.locator("#probe-said.answers")).to_contain_text("H264")

        page.get_by_role("link", name="Change").click()
        assert page.locator("input[name=password]").input_value() == ""
        page.locator("input[name=name]").fill("春熙路北口")
        page.locator("input[name=interval_s]").fill("5")
        desk.check_accessibility(page)
        page.get_by_role("button", name="Save").click()
        page.wait_for_url("**/cameras/CAM-07")
        expect(page.locator("h1")).to_contain_text("春熙路北口")
    section = config_of(desk)
    assert (section["interval_s"], section["name"], section["username"]) == (5.0, "春熙路北口", "patrol")
    assert PASSWORD not in str(section)

    page.get_by_role("button", name="Disable").click()
    expect(page.get_by_role("button", name="Enable")).to_be_visible()
    assert not desk.city.cameras.get("CAM-07").enabled  # type: ignore[arg-type]
    page.get_by_role("button", name="Enable").click()
    expect(page.get_by_role("button", name="Disable")).to_be_visible()
    page.get_by_role("button", name="Remove").click()
    page.wait_for_url("**/cameras")
    expect(page.locator(".empty")).to_contain_text("No camera yet")
    desk.check_accessibility(page)


def test_an_own_video_is_uploaded_and_becomes_a_camera_that_is_waiting_for_its_worker(
    desk: Desk, admin: Page, tmp_path: Path
) -> None:
    page = admin
    mine = write_clip(tmp_path / "夜市 1.mp4")
    page.goto(f"{desk.url}/add-camera?lang=en")
    page.get_by_label("Upload a video").check()
    page.locator("input[name=file]").set_input_files(mine)
    expect(page.locator(".upload-said")).to_contain_text("Uploaded: 夜市 1.mp4")
    expect(page.locator(".clips li")).to_contain_text("1280×720")
    assert page.locator("input[name=id]").input_value() == "夜市-1"
    desk.check_accessibility(page)
    page.get_by_label("Play it again and again").check()
    page.locator("input[name=time_scale]").fill("60")
    page.get_by_role("button", name="Add", exact=True).click()
    page.wait_for_url("**/cameras/**")
    section = config_of(desk, "夜市-1")
    assert (section["loop"], section["time_scale"]) == (True, 60.0)
    assert Path(section["url"]).read_bytes() == mine.read_bytes()
    page.goto(f"{desk.url}/cameras?lang=en")
    expect(page.locator(".camera .cam-waiting")).to_contain_text("Waiting for its worker")


def test_what_is_missing_or_refused_is_said_beside_the_form(desk: Desk, admin: Page) -> None:
    page = admin
    page.goto(f"{desk.url}/add-camera?lang=en")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("#form-said")).to_have_text("Give it an id")
    page.locator("input[name=id]").fill("a/b")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("#form-said")).to_contain_text("none of / ? #")
    page.locator("input[name=id]").fill("CAM-07")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("#form-said")).to_contain_text("Give an address")
    expect(page.locator("input[name=url]")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Upload a video").check()
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("#form-said")).to_have_text("Choose a video file")
    page.get_by_label("Network camera").check()
    desk.check_accessibility(page)


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


def told(desk: Desk, *cameras: dict[str, Any]) -> None:
    desk.send("PUT", "/api/v1/cameras", json={"worker_id": "worker-1", "cameras": list(cameras)})


def test_five_hundred_cameras_are_paged_searched_sorted_and_filtered(desk: Desk, admin: Page) -> None:
    page = admin
    many = [
        {
            "camera_id": f"CAM-{number:03}",
            "name": f"路口 {number}",
            "address": f"rtsp://10.0.{number // 250}.{number % 250}:554/one",
            "state": "down" if number % 100 == 7 else "live",
            "since": "2026-03-02T03:00:00Z",
            "error_kind": "auth" if number % 100 == 7 else None,
            "error": "password refused; set password_env" if number % 100 == 7 else None,
            "last_frame_at": "2026-03-02T03:59:50Z",
            "gop_s": float(number % 9),
            "codec": "h264",
            "width_px": 1920,
            "height_px": 1080,
            "looks": {"interval_p50_s": 2.0, "interval_p99_s": 2.0 + number / 100, "late": number % 5},
        }
        for number in range(500)
    ]
    told(desk, *many)
    page.goto(f"{desk.url}/cameras?lang=en")
    expect(page.locator("#cameras .camera")).to_have_count(60)
    expect(page.locator(".camera").first).to_contain_text("User name or password was refused")
    expect(page.locator("#camera-pages")).to_contain_text("Page 1 of 9")
    desk.check_accessibility(page)
    page.get_by_role("link", name="Next page").click()
    expect(page.locator("#camera-pages")).to_contain_text("Page 2 of 9")
    page.locator("input[name=q]").fill("路口 41")
    page.locator("select[name=sort]").select_option("interval")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#camera-total")).to_contain_text("11 of 500")
    expect(page.locator(".camera .mono").first).to_have_text("CAM-419")
    page.goto(f"{desk.url}/cameras?lang=en&state=trouble")
    expect(page.locator("#cameras .camera")).to_have_count(5)
    told(desk, *[each | {"state": "live", "error": None, "error_kind": None} for each in many])  # it is live
    expect(page.locator(".empty")).to_contain_text("No camera fits")


def test_on_a_tablet_the_list_needs_no_sideways_scrolling_and_cuts_nothing_off(desk: Desk, admin: Page) -> None:
    page = admin
    base = {"state": "live", "since": "2026-03-02T03:00:00Z", "last_frame_at": "2026-03-02T03:59:50Z", "gop_s": 12.0}
    base |= {"codec": "h264", "width_px": 1920, "height_px": 1080, "address": "rtsp://10.0.0.1:554/Streaming/101"}
    base |= {"looks": {"interval_p50_s": 2.0, "interval_p99_s": 2.4, "late": 3}}
    told(
        desk,
        base | {"camera_id": LONG_NAME, "name": "人民南路四段与科华北路交叉口东北角球机"},
        base
        | {"camera_id": "CAM-2", "state": "down", "error_kind": "auth", "error": "401 at rtsp://10.0.0.1: refused"},
    )
    for width, height in ((1024, 768), (768, 1024), (1366, 768)):
        page.set_viewport_size({"width": width, "height": height})
        for language in ("zh", "both"):
            page.goto(f"{desk.url}/cameras?lang={language}")
            row = page.locator(".camera").filter(has_text="CAM-春熙路南口")
            for said in ("人民南路四段与科华北路交叉口东北角球机", "1920×1080", "12.0 s", "2.0 / 2.4 s", "10 秒"):
                expect(row.get_by_text(said).first).to_be_in_viewport(ratio=1)
            cut = page.evaluate(CUT_OFF)
            assert cut == [], (width, language, cut)
            desk.check_accessibility(page)


CUT_OFF = """() => [document.querySelector(".list-wrap"), ...document.querySelectorAll("table.cameras *")]
    .filter((each) => each.offsetParent && !each.closest("thead") && getComputedStyle(each).overflowX !== "visible"
        && each.scrollWidth > each.clientWidth + 1)
    .map((each) => `${each.tagName} ${each.className}: ${each.scrollWidth} px in ${each.clientWidth}`)"""
"""Elements of the list that hide some of what they say."""


def test_an_operator_sees_everything_and_may_change_nothing(desk: Desk, admin: Page) -> None:
    add_street(desk, admin)
    desk.context.clear_cookies()
    page = desk.window()
    desk.sign_in_as(page, "li.min", Role.DISPATCHER)
    page.goto(f"{desk.url}/cameras/CAM-07?lang=zh")
    expect(page.get_by_role("button", name="删除")).to_have_count(0)
    page.goto(f"{desk.url}/cameras/CAM-07/calibrate?lang=zh")
    expect(page.locator("#calibrate[data-ready=true]")).to_be_visible()
    expect(page.locator("#save")).to_have_count(0)
    tab(page, "permits").click()
    expect(page.locator("#permit-form")).to_have_count(0)
    desk.check_accessibility(page)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["zh", "both"])
def test_every_camera_page_is_accessible_in_each_theme_and_language(
    desk: Desk, admin: Page, theme: str, language: str
) -> None:
    page = admin
    add_street(desk, page)
    for path in ("/cameras", "/add-camera", "/cameras/CAM-07", "/cameras/CAM-07/edit", "/cameras/CAM-07/calibrate"):
        page.goto(f"{desk.url}{path}?lang={language}&theme={theme}")
        page.wait_for_load_state("networkidle")
        desk.check_accessibility(page)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{path} is {wide} px too wide"
    assert page.evaluate(NO_PICTURE_FITS), "what there is instead of a picture is told whole"


NO_PICTURE_FITS = """() => {
    const [said, pane] = [".backdrop text", "#picture"].map((each) =>
        document.querySelector(each).getBoundingClientRect());
    return said.left >= pane.left && said.right <= pane.right;
}"""
