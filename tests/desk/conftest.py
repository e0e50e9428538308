"""A browser, and a desk in front of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from api.server import BackgroundApi
from tests.api.city import City
from tests.desk.browser import ARGUMENTS, LONG_NAME, SOON_MS, Desk, chromium_path


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = chromium_path()
    expect.set_options(timeout=SOON_MS)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def desk(tmp_path: Path, chromium: Browser) -> Iterator[Desk]:
    city = City(tmp_path)
    with BackgroundApi(city.app, city.settings) as api:
        context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
        made = Desk(city, api.url, context)
        cameras = [
            {"camera_id": name, "address": "clip.mp4", "state": "live", "since": "2026-03-02T03:00:00Z"}
            for name in ("CAM-01", "CAM-02", LONG_NAME)
        ]
        made.send("PUT", "/api/v1/cameras", json={"worker_id": "worker-1", "cameras": cameras})
        yield made
        context.close()
    city.close()
    assert made.faults == []
