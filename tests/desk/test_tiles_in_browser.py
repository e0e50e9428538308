"""Tiles of a real small map server: they lie under the grids, and points of a calibration are set by what they show."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from api.map_settings import MapSettings
from api.server import BackgroundApi
from api.settings import ApiSettings
from cases.roles import Role
from core.geometry import Point
from grid.cells import load_geojson
from grid.datum import Datum
from patrol.camera_rules import SiteRules
from patrol.settings import Settings
from tests.api.city import City
from tests.desk.browser import SOON_MS, Desk
from tests.desk.calibration_street import MARKS, PLANE
from tests.desk.camera_desk import LAYER, add_street, click_spot, config_of, on_map, rms
from tests.desk.test_map_in_browser import on_screen, open_map, picture_of, stand_still
from tests.desk.tile_server import TileServer, tile_server
from tests.desk.wide_desk import middle, wide_desk

pytestmark = pytest.mark.browser
GRIDS = 100
MARKED = (33, 44, 66)
"""Grids in whose middle the map server draws a disc; no camera stands in them."""


def settings_for(tiles: TileServer, datum: Datum) -> dict[str, Any]:
    return {"tiles": tiles.template, "attribution": "© 测试地图", "datum": datum, "max_zoom": 19}


def is_green(pixel: Any) -> bool:
    """A disc, also under the thin colour of an empty grid."""
    blue, green, red = (int(part) for part in pixel)
    return green > 120 and green > red + 60 and green > blue + 60


def greens_at(page: Page, places: list[Point], datum: Datum) -> list[bool]:
    spots = [on_screen(page, place, datum) for place in places]
    picture = picture_of(page)
    return [is_green(picture[round(y), round(x)]) for x, y in spots]


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.WGS84, Datum.BD09])
def test_the_grids_lie_where_the_map_servers_datum_shows_them(tmp_path: Path, chromium: Browser, datum: Datum) -> None:
    marked = [middle(at, GRIDS) for at in MARKED]
    beside = [Point(place.x + 0.0004, place.y + 0.0004) for place in marked]
    with (
        tile_server(datum, marked, 20.0) as tiles,
        wide_desk(tmp_path, chromium, GRIDS, 5, settings_for(tiles, datum)) as desk,
    ):
        page = desk.window()
        desk.sign_in(page)
        open_map(desk, page)
        expect(page.get_by_text("© 测试地图")).to_be_visible()
        stand_still(page)
        soon = time.monotonic() + SOON_MS / 1000
        while not all(greens_at(page, marked, datum)):
            assert time.monotonic() < soon, "each disc lies in the middle of its grid"
        assert not any(greens_at(page, beside, datum))
        asked = len(tiles.asked)
        page.locator("#map-canvas").focus()
        for _ in range(4):
            page.keyboard.press("+")
        before = max(int(path.split("/")[2]) for path in tiles.asked[:asked])
        while max(int(path.split("/")[2]) for path in tiles.asked) <= before:
            assert time.monotonic() < soon, "closer in, finer tiles are asked for"
            page.evaluate("new Promise(requestAnimationFrame)")


def test_closer_in_the_coarser_tiles_stand_until_the_finer_ones_come(tmp_path: Path, chromium: Browser) -> None:
    marked = [middle(24, GRIDS)]  # beside the city's middle
    with (
        tile_server(Datum.GCJ02, marked, 20.0) as tiles,
        wide_desk(tmp_path, chromium, GRIDS, 5, settings_for(tiles, Datum.GCJ02)) as desk,
    ):
        page = desk.window()
        desk.sign_in(page)
        open_map(desk, page)
        stand_still(page)
        soon = time.monotonic() + SOON_MS / 1000
        while not all(greens_at(page, marked, Datum.GCJ02)):
            assert time.monotonic() < soon, "the disc is shown"
        tiles.is_broken = True  # nothing finer will come
        page.locator("#map-canvas").focus()
        for _ in range(3):
            page.keyboard.press("+")
        page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        assert all(greens_at(page, marked, Datum.GCJ02))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_in_the_dark_the_map_servers_bright_pictures_are_dimmed(tmp_path: Path, chromium: Browser, theme: str) -> None:
    with (
        tile_server(Datum.GCJ02, (), 20.0) as tiles,
        wide_desk(tmp_path, chromium, GRIDS, 5, settings_for(tiles, Datum.GCJ02)) as desk,
    ):
        page = desk.window()
        desk.sign_in(page)
        open_map(desk, page, f"lang=zh&theme={theme}")
        stand_still(page)
        soon = time.monotonic() + SOON_MS / 1000
        ground: tuple[int, ...] = (0, 0, 0)
        while not (max(ground) > 210 if theme == "light" else 90 < max(ground) < 150):
            assert time.monotonic() < soon, ground
            ground = tuple(int(part) for part in picture_of(page)[300, 30])
        desk.check_accessibility(page)


def test_a_datum_that_is_set_wrong_shows_the_grids_hundreds_of_metres_off(tmp_path: Path, chromium: Browser) -> None:
    marked = [middle(at, GRIDS) for at in MARKED]
    with (
        tile_server(Datum.GCJ02, marked, 20.0) as tiles,
        wide_desk(tmp_path, chromium, GRIDS, 5, settings_for(tiles, Datum.WGS84)) as desk,
    ):
        page = desk.window()
        desk.sign_in(page)
        open_map(desk, page)
        stand_still(page)
        soon = time.monotonic() + SOON_MS / 1000
        while not is_green_anywhere(page):
            assert time.monotonic() < soon, "the discs are shown somewhere"
        assert not any(greens_at(page, marked, Datum.WGS84))


def is_green_anywhere(page: Page) -> bool:
    return bool(green_of(picture_of(page)).any())


def green_of(picture: Any) -> Any:
    """Where a disc is, (height, width) of truths."""
    blue, green, red = (picture[:, :, part].astype(int) for part in range(3))
    return (green > 120) & (green > red + 60) & (green > blue + 60)


def test_a_map_server_that_is_away_leaves_the_grids_as_they_are(tmp_path: Path, chromium: Browser) -> None:
    with (
        tile_server(Datum.GCJ02, (), 20.0) as tiles,
        wide_desk(tmp_path, chromium, GRIDS, 5, settings_for(tiles, Datum.GCJ02)) as desk,
    ):
        tiles.is_broken = True
        page = desk.window()
        desk.sign_in(page)
        open_map(desk, page)
        soon = time.monotonic() + SOON_MS / 1000
        while not tiles.asked:
            assert time.monotonic() < soon, "its tiles are asked for"
            page.evaluate("new Promise(requestAnimationFrame)")
        page.locator("#map-find-text").fill("第31格")
        page.keyboard.press("Enter")
        expect(page.locator("#map-card")).to_contain_text("第31格")
        assert len(tiles.asked) == len(set(tiles.asked)), "none is asked for again and again"


@contextmanager
def street_desk(folder: Path, chromium: Browser, tiles: TileServer, datum: Datum) -> Iterator[Desk]:
    """Where cameras are added and calibrated, with tiles under the map."""
    settings = Settings.model_validate({"grid": {"file": "grids.geojson"}, "site": {"data_dir": folder}})
    api_settings = ApiSettings(
        port=0, poll_s=0.05, heartbeat_s=0.2, map=MapSettings.model_validate(settings_for(tiles, datum))
    )
    city = City(folder, api_settings, rules=SiteRules(settings, load_geojson(LAYER)))
    with BackgroundApi(city.app, city.settings) as api:
        context = chromium.new_context(viewport={"width": 1920, "height": 1080}, locale="zh-CN")
        desk = Desk(city, api.url, context)
        yield desk
        context.close()
    city.close()
    assert desk.faults == []


def discs_on_map(page: Page) -> list[Point]:
    """Middles of the discs that the calibration page's map shows, in pixels of the window."""
    pane = page.locator("#map")
    box = pane.bounding_box()
    assert box is not None
    shot: Any = cv2.imdecode(np.frombuffer(pane.screenshot(), np.uint8), cv2.IMREAD_COLOR)
    count, _, _, middles = cv2.connectedComponentsWithStats(green_of(shot).astype(np.uint8))
    return [Point(box["x"] + middles[at][0], box["y"] + middles[at][1]) for at in range(1, count)]


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.WGS84])
def test_a_view_is_calibrated_by_what_the_tiles_show_and_the_points_are_true(
    tmp_path: Path, chromium: Browser, datum: Datum
) -> None:
    places = [Point(*lonlat) for _, lonlat in MARKS]
    with (
        tile_server(datum, places, 1.5) as tiles,
        street_desk(tmp_path, chromium, tiles, datum) as desk,
    ):
        page = desk.window()
        desk.sign_in_as(page, "boss", Role.ADMIN)
        add_street(desk, page)
        answer = page.goto(f"{desk.url}/cameras/CAM-07/calibrate?lang=zh&theme=light")
        assert answer is not None
        assert f"img-src 'self' data: http://127.0.0.1:{tiles.port};" in answer.headers["content-security-policy"]
        expect(page.locator("#calibrate[data-ready=true]")).to_be_visible()
        expect(page.locator("#map-credit")).to_have_text("© 测试地图")
        soon = time.monotonic() + SOON_MS / 1000
        while len(found := discs_on_map(page)) < len(MARKS):
            assert time.monotonic() < soon, f"the tiles' discs lie under the map: {found}"
        desk.check_accessibility(page)
        for pixel, lonlat in MARKS:
            page.evaluate("window.scrollTo(0, 0)")
            east, south = on_map(page, lonlat)
            at = page.evaluate(
                """([x, y]) => { const at = new DOMPoint(x, y).matrixTransform(
                    document.querySelector("#map").getScreenCTM()); return [at.x, at.y]; }""",
                [east, south],
            )
            shown = min(found, key=lambda disc: (disc.x - at[0]) ** 2 + (disc.y - at[1]) ** 2)
            click_spot(page, "#picture", *pixel)
            page.mouse.click(shown.x, shown.y)  # what an operator sees, not what the test knows
        expect(page.locator("#faults .good")).to_be_visible()
        assert rms(page) < 0.6
        page.locator("#save").click()
        expect(page.locator(".notice-good")).to_be_visible()
        kept = config_of(desk)["view"]["control_points"]
        for point, (_, lonlat) in zip(kept, MARKS, strict=True):
            off = PLANE.to_metres(Point(*point["lonlat"]))
            true = PLANE.to_metres(Point(*lonlat))
            assert max(abs(off.x - true.x), abs(off.y - true.y)) < 0.6, "WGS-84, whatever the tiles' datum"
        asked = len(tiles.asked)
        for _ in range(4):
            page.locator("#map-out").click()
        while len(tiles.asked) == asked:
            assert time.monotonic() < soon + SOON_MS / 1000, "farther out, coarser tiles are asked for"
            page.evaluate("new Promise(requestAnimationFrame)")
        assert all(re.fullmatch(r"/tiles/\d+/\d+/\d+\.png", path) for path in tiles.asked)
        elsewhere = page.goto(f"{desk.url}/cameras/CAM-07")
        assert elsewhere is not None
        assert str(tiles.port) not in elsewhere.headers["content-security-policy"]
