"""The camera pages in a real browser: a camera's life from adding to removing, the list of many, who may do what."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from cases.roles import Role
from tests.desk.browser import LONG_NAME, Desk
from tests.desk.calibration_street import write_clip
from tests.desk.camera_desk import add_street, admin_at, camera_desk, clip_in, config_of, tab
from tests.support.rtsp_server import RtspServer, require_rtsp_server

pytestmark = pytest.mark.browser
PASSWORD = "s3cret-w0rd"
CUT_OFF = """() => [document.querySelector(".list-wrap"), ...document.querySelectorAll("table.cameras *")]
    .filter((each) => each.offsetParent && !each.closest("thead") && getComputedStyle(each).overflowX !== "visible"
        && each.scrollWidth > each.clientWidth + 1)
    .map((each) => `${each.tagName} ${each.className}: ${each.scrollWidth} px in ${each.clientWidth}`)"""
"""Elements of the list that hide some of what they say."""
NO_PICTURE_FITS = """() => {
    const [said, pane] = [".backdrop text", "#picture"].map((each) =>
        document.querySelector(each).getBoundingClientRect());
    return said.left >= pane.left && said.right <= pane.right;
}"""


@pytest.fixture
def desk(tmp_path: Path, chromium: Browser) -> Iterator[Desk]:
    with camera_desk(tmp_path, chromium) as made:
        yield made


@pytest.fixture
def admin(desk: Desk) -> Page:
    return admin_at(desk)


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
