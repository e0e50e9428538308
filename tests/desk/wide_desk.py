"""A desk over a city of many grids, with cameras that lie on it: what the map's and the wall's tests share."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from api.map_settings import MapSettings
from api.server import BackgroundApi
from api.settings import ApiSettings
from cases.camera_configs import CameraDraft
from core.geometry import Point
from core.ids import CameraId, CellId
from tests.api.city import City
from tests.desk.browser import Desk
from tests.grid.wide_city import SIDE, corner, features, view_from

STATES = ("live", "live", "live", "connecting", "stalled", "down", "disabled", "live")


@contextmanager
def wide_desk(
    folder: Path, chromium: Browser, grids: int, cameras: int, map_settings: Mapping[str, Any] | None = None
) -> Iterator[Desk]:
    """The desk up and a browser before it; the cameras stand in every ``grids / cameras``-th grid."""
    settings = ApiSettings(
        port=0, poll_s=0.05, heartbeat_s=0.2, map=MapSettings.model_validate(dict(map_settings or {}))
    )
    city = City(folder, settings, features=features(grids))
    with BackgroundApi(city.app, city.settings) as api:
        context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
        desk = Desk(city, api.url, context)
        set_up_cameras(desk, grids, cameras)
        yield desk
        context.close()
    city.close()
    assert desk.faults == []


def set_up_cameras(desk: Desk, grids: int, cameras: int) -> None:
    """Kept by the API, as a field team adds them; told of by a worker."""
    every = max(1, grids // cameras)
    drafts = [
        CameraDraft(
            CameraId(camera_id(number)),
            "worker-1",
            {
                "id": camera_id(number),
                "name": f"路口 {number + 1}",
                "url": f"rtsp://192.0.2.1/{number}",
                "view": view_from(middle(number * every, grids), 40.0 * number % 360),
            },
        )
        for number in range(cameras)
    ]
    for start in range(0, len(drafts), 200):
        desk.city.cameras.add(drafts[start : start + 200], "field-team", desk.city.clock.now())
    tell(desk, {camera_id(number): STATES[number % len(STATES)] for number in range(cameras)})


def tell(desk: Desk, states: Mapping[str, str]) -> None:
    """A worker's word on its cameras."""
    rows = [
        {
            "camera_id": name,
            "name": f"路口 {place + 1}",
            "address": "rtsp://192.0.2.1/1",
            "state": state,
            "since": "2026-03-02T03:00:00Z",
            "last_frame_at": "2026-03-02T03:59:58Z",
            **({"error_kind": "unreachable", "error": "no answer"} if state == "down" else {}),
        }
        for place, (name, state) in enumerate(states.items())
    ]
    desk.send("PUT", "/api/v1/cameras", json={"worker_id": "worker-1", "cameras": rows})


def camera_id(number: int) -> str:
    return f"CAM-{number + 1:03d}"


def middle(number: int, grids: int) -> Point:
    """Of a grid, lon/lat."""
    at = corner(number, grids)
    return Point(at.x + SIDE / 2, at.y + SIDE / 2)


def codes_of(grids: int) -> list[CellId]:
    return list(features(grids))
