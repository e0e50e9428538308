"""``gridpatrol bench desk``: how soon the desk's pages are usable in a real browser, with a full database behind them.

    gridpatrol bench desk [--engine sqlite|postgresql] [--cases 100000] [--cameras 500] [--cells 2000] [--json FILE]

The API runs as a process of its own (`gridpatrol api`) over a data folder that is filled in bulk; Chromium (headless,
by Playwright, from the dev extra) opens each page as a shift leader. *Usable* is counted from the start of the
navigation to the moment when the last part that the page draws stands: its own mark (rows, tiles, the map's first
drawing), the load event, and every picture in the first screen decoded. Browser, server and database share the cores.
"""

import json
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import httpx
import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import insert, text

from benchmarks.api_load_postgres import own_postgres
from benchmarks.desk_load_history import DeskHistory
from benchmarks.desk_load_town import made_town, write_site
from benchmarks.machine import machine_facts
from benchmarks.result import finish
from cases import tables
from cases.database import migrate, open_database
from cases.evidence import EvidenceStore
from cases.keys import ApiKeyStore, Scope
from cases.store import CaseStore
from core.errors import ConfigError, PatrolError

TIMES = 5
START_S = 60.0
PAGE_MS = 60_000
SCREEN = (1920, 1080)
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage")


@dataclass(frozen=True, slots=True)
class MeasuredPage:
    """One page, and what stands there when it is usable."""

    name: str
    path: str
    mark: str
    """A JavaScript expression that is true once the page's last part is drawn."""


PAGES = (
    MeasuredPage("review", "/review", "document.querySelector('main img') !== null"),
    MeasuredPage("list", "/", "document.querySelectorAll('[data-rows] > *').length > 0"),
    MeasuredPage("map", "/map", "document.querySelector('#citymap')?.dataset.ready"),
    MeasuredPage("overview", "/overview", "document.querySelectorAll('#tiles .tile').length > 5"),
    MeasuredPage("overview_month", "/overview?span=month", "document.querySelectorAll('#days svg rect').length > 5"),
    MeasuredPage("wall", "/wall", "document.querySelectorAll('#wall .tile').length > 0"),
    MeasuredPage("cameras", "/cameras", "document.querySelectorAll('table.cameras tbody tr').length > 0"),
)
USABLE = """async (limit) => {
  const shown = () => [...document.images].filter((image) => {
    const box = image.getBoundingClientRect();
    return box.width > 0 && box.bottom > 0 && box.top < innerHeight && image.getAttribute("src");
  });
  const stands = () => Boolean(MARK);
  for (;;) {
    await new Promise((done) => requestAnimationFrame(done));
    if (performance.now() > limit) return null;
    if (document.readyState !== "complete" || !stands()) continue;
    if (shown().every((image) => image.complete)) break;
  }
  const at = performance.now();
  const [page] = performance.getEntriesByType("navigation");
  const parts = performance.getEntriesByType("resource")
    .map((each) => ({ path: new URL(each.name).pathname, ms: each.responseEnd - each.requestStart }))
    .filter((each) => Number.isFinite(each.ms)).sort((one, other) => other.ms - one.ms);
  const server = page.responseStart - page.requestStart;
  return { usable: at, server, bytes: page.decodedBodySize, slowest: parts[0] ?? null };
}"""


def main(
    engine: Annotated[Literal["sqlite", "postgresql"], typer.Option(help="Which database.")] = "sqlite",
    cases: Annotated[int, typer.Option(min=1, help="Stored cases.")] = 100_000,
    cameras: Annotated[int, typer.Option(min=1, help="Cameras with a state.")] = 500,
    cells: Annotated[int, typer.Option(min=100, help="Grid cells.")] = 2_000,
    pages: Annotated[list[str], typer.Option("--page", help="Only these; none: all.")] = [],  # noqa: B006 - typer's way
    folder: Annotated[
        Path | None, typer.Option(help="Keep the filled data folder here; one that is filled is used again.")
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the result here, too.")] = None,
) -> None:
    """How soon the desk's pages are usable in a browser with many cases stored."""
    with ExitStack() as stack:
        place = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gridpatrol-bench-desk-")))
        if engine == "postgresql" and folder is not None:
            raise ConfigError("--folder keeps SQLite data only; leave it out, or use --engine sqlite")
        database = stack.enter_context(own_postgres()) if engine == "postgresql" else None
        town = TownSize(cases, cameras, cells)
        wanted = tuple(page for page in PAGES if not pages or page.name in pages)
        result = {"engine": engine, **measure(place, town, database, wanted, typer.echo), "machine": machine_facts()}
    Console().print(_table(result["pages"]))
    finish(result, json_file)


@dataclass(frozen=True, slots=True)
class TownSize:
    """How much is stored."""

    cases: int
    cameras: int
    cells: int


def measure(
    folder: Path, size: TownSize, database: str | None, pages: tuple[MeasuredPage, ...], say: Callable[[str], None]
) -> dict[str, Any]:
    """Fill the folder unless it is, start the API, open the pages.

    Raises:
        ConfigError: this machine has no Chromium.
        PatrolError: the API did not start.
    """
    chromium = chromium_path()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = int(listener.getsockname()[1])
    began = time.perf_counter()
    login = _filled(folder, size, database, port, say)
    filled_s = time.perf_counter() - began
    url = f"http://127.0.0.1:{port}"
    with _serving(folder, url):
        measured = _opened(chromium, f"{url}/login?token={login}", url, pages, say)
    return {
        "cases": size.cases,
        "cameras": size.cameras,
        "cells": size.cells,
        "filled_s": round(filled_s, 1),
        "times": TIMES,
        "pages": measured,
    }


def _filled(folder: Path, size: TownSize, database: str | None, port: int, say: Callable[[str], None]) -> str:
    """A one-time login of a shift leader."""
    folder.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    data = folder / "var"
    evidence = EvidenceStore(data / "evidence")
    made = made_town(size.cells, size.cameras, evidence, now)
    write_site(folder, made.grid, port, database)
    opened = open_database(database or f"sqlite:///{data / 'gridpatrol.db'}")
    try:
        migrate(opened)
        store = CaseStore(opened)
        store.put_camera_statuses("desk-bench", made.cameras, now)
        if store.latest_seq() == 0:
            kinds = ("original", "annotated", "crop")
            rows = [
                {
                    "sha256": file.sha256,
                    "size": file.size,
                    "media_type": file.media_type,
                    "received_at": now,
                    "kind": kinds[place % len(kinds)],
                }
                for place, file in enumerate(made.files)
            ]
            with opened.begin() as connection:
                connection.execute(insert(tables.evidence), rows)
            DeskHistory(made.town, now).fill(opened, size.cases, say)
            if opened.dialect.name == "postgresql":
                with opened.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                    connection.execute(text("ANALYZE"))  # what autovacuum does within minutes of such a load
        return ApiKeyStore(opened).create_login("desk-bench", [Scope.OPERATOR], now)
    finally:
        opened.dispose()


@contextmanager
def _serving(folder: Path, url: str) -> Iterator[None]:
    """The API as a process of its own; gone afterwards."""
    command = [sys.executable, "-m", "patrol.cli", "api", "--config", str(folder / "gridpatrol.toml")]
    with (folder / "api.log").open("a", encoding="utf-8") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + START_S
        while not _answers(url):
            if process.poll() is not None or time.monotonic() > deadline:
                raise PatrolError(f"the API did not start; see {folder / 'api.log'}")
            time.sleep(0.2)
        yield
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", timeout=2).status_code < 500
    except httpx.TransportError:
        return False


def _opened(
    chromium: str, login: str, url: str, pages: tuple[MeasuredPage, ...], say: Callable[[str], None]
) -> dict[str, Any]:
    from playwright.sync_api import sync_playwright  # of the dev extra

    found: dict[str, Any] = {}
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        context = browser.new_context(viewport={"width": SCREEN[0], "height": SCREEN[1]}, locale="zh-CN")
        page = context.new_page()
        page.set_default_timeout(PAGE_MS)
        page.goto(login)
        for each in pages:
            looks: list[Mapping[str, Any]] = []
            for _ in range(TIMES + 1):
                page.goto("about:blank")
                answer = page.goto(url + each.path, wait_until="commit")
                if answer is None or answer.status != 200:
                    found[each.name] = {"path": each.path, "fault": f"HTTP {answer.status if answer else 'none'}"}
                    break
                told = page.evaluate(USABLE.replace("MARK", each.mark), PAGE_MS)
                if told is None:
                    found[each.name] = {"path": each.path, "fault": f"not usable within {PAGE_MS / 1000:.0f} s"}
                    break
                looks.append(told)
            else:
                found[each.name] = _told(each, looks)
            say(f"{each.name}: {json.dumps(found[each.name], ensure_ascii=False)}")
        browser.close()
    return found


def _told(page: MeasuredPage, looks: list[Mapping[str, Any]]) -> dict[str, Any]:
    """The first look is told apart: it fills the browser's cache and the server's memory."""
    first, *others = looks
    middle = sorted(others, key=lambda look: float(look["usable"]))[len(others) // 2]
    slowest = middle["slowest"]
    return {
        "path": page.path,
        "usable_ms": round(statistics.median(look["usable"] for look in others), 1),
        "usable_max_ms": round(max(look["usable"] for look in others), 1),
        "first_ms": round(first["usable"], 1),
        "server_ms": round(statistics.median(look["server"] for look in others), 1),
        "html_kib": round(middle["bytes"] / 1024, 1),
        "slowest_part": None if slowest is None else {"path": slowest["path"], "ms": round(slowest["ms"], 1)},
    }


def chromium_path() -> str:
    """
    Raises:
        ConfigError: this machine has none.
    """
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    raise ConfigError("Chromium is not installed; apt-get install chromium fonts-noto-cjk")


def _table(pages: Mapping[str, Any]) -> Table:
    table = Table("page", "usable p50 ms", "first ms", "server ms", "HTML KiB", "slowest part")
    for name, told in pages.items():
        if "fault" in told:
            table.add_row(name, told["fault"])
            continue
        slowest = told["slowest_part"] or {"path": "", "ms": 0}
        table.add_row(
            name,
            f"{told['usable_ms']:.0f}",
            f"{told['first_ms']:.0f}",
            f"{told['server_ms']:.0f}",
            f"{told['html_kib']:.0f}",
            f"{slowest['path']} {slowest['ms']:.0f} ms",
        )
    return table
