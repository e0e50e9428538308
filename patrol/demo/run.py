"""Runs the demo from start to score."""

import json
import logging
import secrets
import signal
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from types import FrameType

from cases.keys import ApiKeyStore, Scope
from core.clock import SystemClock
from core.ids import CategoryId, CellId
from grid.cells import Zone
from patrol.api_client import ApiClient
from patrol.demo.score import FiledCase, score
from patrol.demo.site import ASSETS
from patrol.demo.truth import load_truth
from patrol.desk_login import login_address
from patrol.outbox import Outbox
from patrol.settings import Settings, load_settings
from patrol.supervisor import Supervisor
from patrol.wiring import ensure_worker_key, open_case_room

log = logging.getLogger(__name__)

Say = Callable[[str], None]


def run_demo(config: Path, seconds: float | None, say: Say) -> Mapping[str, object]:
    """Patrol the demo's streets until the time is up or Ctrl-C, then hold the cases against the truth."""
    settings = load_settings(config)
    clock = SystemClock()
    room = open_case_room(settings)
    ensure_worker_key(settings, room.keys, clock)
    reader = f"demo-{secrets.token_hex(4)}"
    reader_key = room.keys.create(reader, {Scope.READ}, clock.now())
    supervisor = Supervisor(config, settings.api_url)
    previous = on_interrupt(supervisor.stop_soon)
    try:
        supervisor.start()
        greet(settings, room.keys, say, seconds)
        supervisor.run(seconds)
        say("正在停止 / stopping …")
        supervisor.stop_worker()
        summary = summarise(settings, reader_key)
    finally:
        supervisor.stop_worker()
        supervisor.stop_api()
        room.keys.revoke(reader, clock.now())
        room.engine.dispose()
        for number, handler in previous.items():
            signal.signal(number, handler)
    return summary


def on_interrupt(
    stop: Callable[[], None],
) -> dict[int, signal.Handlers | Callable[[int, FrameType | None], object] | int | None]:
    """Let Ctrl-C and SIGTERM stop the run; returns what handled them before."""

    def handle(_number: int, _frame: FrameType | None) -> None:
        stop()

    return {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}


def greet(settings: Settings, keys: ApiKeyStore, say: Say, seconds: float | None) -> None:
    say(f"值守台 / desk      {settings.api_url}/")
    say(f"一次性登录 / one-time login\n  {login_address(settings, keys, SystemClock().now())}")
    say(f"演示摄像机 / demo cameras: {', '.join(camera.id for camera in settings.cameras)}")
    say(f"运行 {seconds:.0f} 秒 / runs {seconds:.0f} s" if seconds else "按 Ctrl-C 停止 / Ctrl-C stops")


def summarise(settings: Settings, reader_key: str) -> Mapping[str, object]:
    """The demo's result, read back over the API."""
    with ApiClient(settings.api_url, reader_key) as client:
        cases = all_cases(client)
        cameras = rows(client.get("/api/v1/cameras"), "cameras")
    outbox = Outbox(settings.outbox_path)
    try:
        progress = outbox.progress()
    finally:
        outbox.close()
    truth = load_truth(ASSETS / "truth.json", settings.cameras[0].started_at)
    filed = [
        FiledCase(
            CellId(str(case["cell_id"])),
            CategoryId(str(case["category"])),
            datetime.fromisoformat(str(case["first_seen_at"])),
            datetime.fromisoformat(str(case["last_seen_at"])),
        )
        for case in cases
    ]
    rules = settings.confirmation
    dwell = {category: timedelta(seconds=rules.dwell_in(category, Zone.CONTROLLED)) for category in rules.dwell_s}
    until = progress.watched_until
    views = {camera.id: until[camera.view_id] for camera in settings.cameras if camera.view_id in until}
    result = score(truth, filed, views, dwell, rules.window)
    return {
        "cameras": len(cameras),
        "frames_decoded": sum(int(str(camera["frames_decoded"])) for camera in cameras),
        "frames_analysed": sum(progress.looks.values()),
        "incidents": progress.incidents,
        "cases": len(cases),
        "cases_by_category": dict(sorted(Counter(str(case["category"]) for case in cases).items())),
        "duplicates": result.duplicates,
        "missed": result.missed,
        "wrong": result.wrong,
    }


def all_cases(client: ApiClient) -> list[Mapping[str, object]]:
    """Every case, page by page."""
    found: list[Mapping[str, object]] = []
    params: dict[str, str] = {"limit": "100"}
    while True:
        page = client.get("/api/v1/cases", params)
        found += rows(page, "cases")
        cursor = page.get("next_cursor")
        if not cursor:
            return found
        params["cursor"] = str(cursor)


def rows(body: Mapping[str, object], name: str) -> Sequence[Mapping[str, object]]:
    value = body[name]
    return value if isinstance(value, list) else []


def last_line(summary: Mapping[str, object]) -> str:
    """The machine-readable last line of the demo."""
    return json.dumps(summary, ensure_ascii=False)
