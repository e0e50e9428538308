"""A patrol as a site runs it, API and worker, over the storm's cameras; and ways to see how it does."""

import contextlib
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.storm_street import StormStreet, lay_out
from benchmarks.storm_verdict import StormQuestion
from benchmarks.storm_watch import Observer
from cases.keys import Scope
from core.clock import SystemClock
from core.errors import PatrolError
from patrol.api_client import ApiClient
from patrol.demo.site import free_port
from patrol.desk_login import login_address
from patrol.settings import Settings, load_settings
from patrol.wiring import open_case_room

PATIENCE_S = 30.0
"""For one answer of the API."""


@dataclass(frozen=True, slots=True)
class StormSite:
    """A patrol that runs, and ways to see how it does."""

    patrol: "subprocess.Popen[bytes]"
    observer: Observer
    api: httpx.Client
    """Reads the metrics."""
    desk: httpx.Client
    """A person's, signed in."""
    log: Path

    def last_words(self) -> str:
        """What API and worker wrote last."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-2000:]


@contextlib.contextmanager
def patrolled(folder: Path, street: StormStreet, asked: StormQuestion) -> Iterator[StormSite]:
    config = lay_out(
        folder, street.urls, free_port(18950), asked.interval_s, asked.timeout_s, frozen_s=3 * asked.interval_s
    )
    settings = load_settings(config)
    key, login = way_in(settings)
    command = [sys.executable, "-m", "patrol.cli", "up", "--config", str(config)]
    with (folder / "patrol.log").open("wb") as log:
        # A group of its own: this terminal's Ctrl-C comes to us alone, and we end the patrol in order.
        patrol = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, process_group=0)
        try:
            ready(settings.api_url, patrol, folder / "patrol.log")
            headers = {"Authorization": f"Bearer {key}"}
            with (
                ApiClient(settings.api_url, key) as client,
                httpx.Client(base_url=settings.api_url, headers=headers, timeout=PATIENCE_S, trust_env=False) as api,
                httpx.Client(
                    base_url=settings.api_url, follow_redirects=True, timeout=PATIENCE_S, trust_env=False
                ) as desk,
                Observer(client) as observer,
            ):
                desk.get(login)
                yield StormSite(patrol, observer, api, desk, folder / "patrol.log")
        finally:
            stop(patrol)


def way_in(settings: Settings) -> tuple[str, str]:
    """A key that reads, and a one-time address of the desk."""
    room = open_case_room(settings)
    now = SystemClock().now()
    key, login = room.keys.create("storm", [Scope.READ], now), login_address(settings, room.keys, now)
    room.engine.dispose()
    return key, login


def ready(url: str, patrol: "subprocess.Popen[bytes]", log: Path, timeout_s: float = 90.0) -> None:
    """
    Raises:
        PatrolError: it ended, or did not answer in time.
    """
    ends_at_s = time.monotonic() + timeout_s
    while time.monotonic() < ends_at_s and patrol.poll() is None:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{url}/readyz", timeout=2, trust_env=False).status_code == httpx.codes.OK:
                return
        time.sleep(0.2)
    raise PatrolError(f"the patrol did not start; its last words:\n{log.read_text(errors='replace')[-2000:]}")


def stop(patrol: "subprocess.Popen[bytes]") -> None:
    """In order; at once when that takes too long."""
    patrol.send_signal(signal.SIGINT)
    try:
        patrol.wait(timeout=90)
    except subprocess.TimeoutExpired:
        patrol.kill()
        patrol.wait(timeout=10)


def pause(seconds: float) -> None:
    """Wait; Ctrl-C ends it."""
    threading.Event().wait(max(0.0, seconds))
