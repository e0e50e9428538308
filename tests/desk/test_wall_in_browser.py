"""The wall as an operator has it: a real worker's pictures with boxes and age, tours that turn, one live view."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from api.app import create_app
from api.cell_directory import ScriptedCells
from api.server import BackgroundApi
from api.settings import ApiSettings
from cases.evidence import EvidenceStore
from cases.keys import Scope
from cases.roles import Role
from core.clock import SystemClock
from core.detections import Detection
from core.geometry import Box
from streams.frames import Image
from tests.api.city import City
from tests.desk.browser import SOON_MS, Desk
from tests.patrol.conftest import OutageApi
from tests.patrol.street import GARBAGE, camera, worker
from tests.streams.clips import make_clip

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

SIZE = (640, 480)
RED = (230, 50, 50)
"""Of garbage's boxes, as the browser has it."""


class LiveCity(City):
    """The small city on the machine's own clock, as a worker needs it."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.app = create_app(
            self.settings,
            self.store,
            EvidenceStore(self.folder / "evidence"),
            self.keys,
            ScriptedCells(self.features),
            SystemClock(),
        )


@contextmanager
def patrolled_desk(folder: Path, chromium: Browser) -> Iterator[Desk]:
    """A desk before a worker that patrols three clips; the third camera cannot be reached."""
    clip = make_clip(folder / "street.mp4", pictures=40, gop=1, size=SIZE)
    cameras = [
        camera("CAM-01", clip, size=SIZE, interval_s=0.5, loop=True, name="东大街口"),
        camera("CAM-02", clip, size=SIZE, interval_s=120.0, loop=True),
        camera("CAM-03", "rtsp://127.0.0.1:9/none", size=SIZE, timeout_s=1.0),
    ]

    def look(image: Image) -> tuple[Detection, ...]:
        return (Detection(GARBAGE, 0.8, Box(100, 120, 300, 360)),)

    city = LiveCity(folder, ApiSettings(port=0, poll_s=0.05, heartbeat_s=0.2))
    with BackgroundApi(city.app, city.settings) as api:
        away = OutageApi.__new__(OutageApi)  # the street's worker asks it for an address and a key, and nothing else
        away.port, away.keys = int(api.url.rpartition(":")[2]), city.keys
        patrol = worker(folder, cameras, away, look)
        patrol.start()
        context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
        desk = Desk(city, api.url, context)
        try:
            yield desk
        finally:
            context.close()
            patrol.stop(drain_s=1)
    city.close()
    assert desk.faults == []


@pytest.fixture
def desk(tmp_path: Path, chromium: Browser) -> Iterator[Desk]:
    with patrolled_desk(tmp_path, chromium) as made:
        yield made


def sign_in(desk: Desk, page: Page) -> None:
    token = desk.city.keys.create_login("李敏", (Scope.OPERATOR,), SystemClock().now())
    page.goto(f"{desk.url}/login?token={token}")


def tile(page: Page, name: str) -> Locator:
    return page.locator(f".tile[data-camera='{name}']")


def until_told(desk: Desk, page: Page) -> None:
    """The worker has said what cameras it has."""
    soon = time.monotonic() + SOON_MS / 1000
    while len(desk.city.store.cameras()) < 3 or desk.city.store.cameras()[2].state != "down":
        assert time.monotonic() < soon, desk.city.store.cameras()
        page.evaluate("new Promise((done) => setTimeout(done, 50))")


def pixel_of(picture: Locator, x: float, y: float) -> tuple[int, ...]:
    """One pixel of what the picture's place shows, by share of its width and height; RGB."""
    shot: Any = cv2.imdecode(np.frombuffer(picture.screenshot(), np.uint8), cv2.IMREAD_COLOR)
    height, width = shot.shape[:2]
    # The picture is 4:3 in the middle of a 16:9 place.
    across = min(width, height * SIZE[0] / SIZE[1])
    return tuple(int(part) for part in shot[round(y * height), round((width - across) / 2 + x * across)][::-1])


def is_red(pixel: tuple[int, ...]) -> bool:
    return max(abs(one - other) for one, other in zip(pixel, RED, strict=True)) < 80


def test_the_wall_shows_the_workers_pictures_with_boxes_and_age_and_says_what_is_wrong_without(desk: Desk) -> None:
    page = desk.window()
    until_told(desk, page)
    sign_in(desk, page)
    page.goto(f"{desk.url}/wall?lang=zh&size=4")
    first, away = tile(page, "CAM-01"), tile(page, "CAM-03")
    expect(first.locator("img")).to_be_visible()
    expect(first.locator(".tile-age")).to_have_text(re.compile(r"^\d+(\.\d)? 秒前$"))
    expect(first).to_contain_text("东大街口")
    expect(first).to_contain_text("在线")
    expect(away.locator(".tile-none")).to_be_visible()
    expect(away.locator(".tile-none")).to_contain_text("离线")
    expect(away.locator(".tile-none")).to_contain_text("无法连接")
    picture = first.locator("img")
    assert is_red(pixel_of(picture, 100 / SIZE[0], 240 / SIZE[1])), "the box's left edge"
    assert not is_red(pixel_of(picture, 0.9, 0.3))
    before = first.get_attribute("data-tag")
    expect(first).not_to_have_attribute("data-tag", before or "")
    desk.check_accessibility(page)
    for width, height in ((768, 1024), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        expect(first.locator(".tile-age")).to_be_visible()
        expect(first.locator(".tile-name")).to_be_visible()
        desk.check_accessibility(page)


def test_a_live_view_moves_faster_than_the_looks_and_ends_when_it_is_shut(desk: Desk) -> None:
    page = desk.window()
    until_told(desk, page)
    sign_in(desk, page)
    page.goto(f"{desk.url}/wall?lang=en&size=4")
    tile(page, "CAM-02").get_by_role("button").click()
    dialog = page.locator("#live")
    expect(dialog).to_be_visible()
    expect(dialog.locator("#live-camera")).to_have_text("CAM-02")
    expect(dialog.locator("#live-shut")).to_be_focused()
    expect(dialog.locator("#live-wait")).to_be_hidden()
    expect(dialog.locator("#live-age")).to_have_text(re.compile(r"^\d+(\.\d)? s ago$"))
    seen: set[tuple[int, ...]] = set()
    soon = time.monotonic() + 2 * SOON_MS / 1000
    while len(seen) < 3:
        assert time.monotonic() < soon, "its camera is looked at every two minutes, its key frames come all the time"
        seen.add(pixel_of(dialog.locator("#live-picture"), 0.85, 0.3))
    desk.check_accessibility(page)
    wall = desk.city.app.state.rooms.wall
    assert wall.live_clients == 1
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    while wall.live_clients:
        assert time.monotonic() < soon, "nobody watches: the stream ends"
        page.evaluate("new Promise((done) => setTimeout(done, 50))")
    expect(tile(page, "CAM-02").get_by_role("button")).to_be_focused()


def test_a_tour_is_made_turns_by_itself_and_stands_still_on_space(desk: Desk) -> None:
    page = desk.window()
    until_told(desk, page)
    desk.sign_in_as(page, "li.min", Role.ACCEPTOR)
    page.goto(f"{desk.url}/wall?lang=zh")
    page.get_by_role("button", name="编辑巡视").click()
    expect(page.locator("#tour-pick")).to_be_focused()
    expect(page.locator("#tour-remove")).to_be_hidden()
    page.get_by_label("巡视名称").fill("夜市")
    page.locator("#tour-size").select_option("1")
    page.get_by_label("每页停留（秒）").fill("5")
    page.get_by_label("按编号或名称筛选").fill("cam-0")
    for name in ("CAM-01", "CAM-02"):
        page.locator(f"input[value='{name}']").check()
    desk.check_accessibility(page)
    page.get_by_role("button", name="保存").click()
    expect(page).to_have_url(re.compile("tour="))
    expect(tile(page, "CAM-01")).to_be_visible()
    expect(page.locator("#tour-state")).to_have_text(re.compile(r"\d 秒后翻页"))
    expect(tile(page, "CAM-02")).to_be_visible()
    expect(tile(page, "CAM-01")).to_have_count(0)
    page.locator("body").press(" ")
    expect(page.locator("#tour-state")).to_have_text("巡视已暂停")
    expect(page.locator("#pause")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("ArrowRight")
    expect(tile(page, "CAM-01")).to_be_visible()
    expect(page.locator(".wall-pages")).to_have_text("第 1 / 2 页")
    page.reload()
    page.get_by_role("button", name="编辑巡视").click()
    expect(page.locator("input[value='CAM-02']")).to_be_checked()
    page.get_by_role("button", name="删除").click()
    expect(page.get_by_role("link", name="夜市")).to_have_count(0)


def test_keys_choose_how_many_are_shown(desk: Desk) -> None:
    page = desk.window()
    until_told(desk, page)
    sign_in(desk, page)
    page.goto(f"{desk.url}/wall?lang=zh&theme=dark")
    expect(page.locator(".tile")).to_have_count(3)
    expect(page.locator("#size-4")).to_have_attribute("aria-current", "true")
    page.keyboard.press("1")
    expect(page.locator("#size-1")).to_have_attribute("aria-current", "true")
    expect(page.locator("#link")).to_have_attribute("data-state", "live")
    expect(page.locator(".tile")).to_have_count(1)
    page.keyboard.press("ArrowRight")
    expect(tile(page, "CAM-02")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(tile(page, "CAM-03")).to_be_visible()
    page.keyboard.press("4")
    expect(page.locator("#size-16")).to_have_attribute("aria-current", "true")
    for width in (390, 1280, 2560):
        page.set_viewport_size({"width": width, "height": 844})
        assert not page.evaluate("((main) => main.scrollWidth > main.clientWidth)(document.querySelector(`main`))"), (
            width
        )
    desk.check_accessibility(page)
