"""A desk that keeps cameras by an installation's own rules, and a camera that plays a street's clip."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect

from api.cell_routes import EXAMPLE_FEATURE
from api.server import BackgroundApi
from cases.roles import Role
from grid.cells import load_geojson
from patrol.camera_rules import SiteRules
from patrol.settings import Settings
from tests.api.city import CELL, City
from tests.desk.browser import Desk
from tests.desk.calibration_street import PLANE, write_clip

LAYER = json.dumps({"type": "FeatureCollection", "features": [EXAMPLE_FEATURE]}, ensure_ascii=False)


@contextmanager
def camera_desk(tmp_path: Path, chromium: Browser) -> Iterator[Desk]:
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


def admin_at(desk: Desk) -> Page:
    """An admin's window."""
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


def tab(page: Page, mode: str) -> Locator:
    return page.locator(f"#mode-{mode}")
