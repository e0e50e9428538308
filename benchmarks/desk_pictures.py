"""The pictures of docs/desk: the desk over the demo's rendered streets, in both languages, light and dark.

    python -m benchmarks.desk_pictures [--out docs/desk] [--seconds 150]

Starts ``gridpatrol demo``, lets its cases come, leads some of them through their stages over the API, and takes each
page in Chromium. Nothing in the pictures is drawn by hand: take them again when the desk changes. Only the folders of
the machine that takes them are left out of the paths that pages show.
"""

import contextlib
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from playwright.sync_api import APIResponse, Page, ViewportSize, sync_playwright

from core.errors import PatrolError
from patrol.demo.site import ASSETS, free_port
from tests.desk.browser import ARGUMENTS, chromium_path

SIZE: ViewportSize = {"width": 1600, "height": 900}
QUALITY = 82
LOOK_MS = 5000
"""Until a camera that is watched has been looked at again."""
LINK = re.compile(r"http://\S+/login\?token=\S+")
CASES = 4
WITHOUT_FOLDERS = """(folders) => {
  const short = (text) => folders.reduce((told, folder) => told.replaceAll(folder, ""), text);
  const all = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  for (let node = all.nextNode(); node; node = all.nextNode()) {
    if (node instanceof HTMLInputElement && node.value) node.value = short(node.value);
    else if (node.nodeType === Node.TEXT_NODE && node.data !== short(node.data)) node.data = short(node.data);
  }
}"""
"""Paths as they are told from the installation's own folder."""


class PicturesFailed(PatrolError):
    """The demo or the desk did not do what the pictures need."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture."""

    name: str
    path: str
    """May hold ``{done}``, ``{late}``, ``{new}``: ids of cases."""
    lang: str
    theme: str = "light"
    act: Callable[[Page], object] | None = None
    """What is done on the page before."""


def live_view(page: Page) -> None:
    """The first camera of the wall, as it happens."""
    page.wait_for_timeout(LOOK_MS)
    page.keyboard.press("Enter")
    page.wait_for_timeout(LOOK_MS)


PEOPLE = (
    ("li.min", "李敏", ["acceptor"], None),
    ("zhang.wei", "张伟", ["shift_leader", "dispatcher"], None),
    ("chen.jie", "陈洁", ["inspector"], None),
    ("wang.qiang", "王强", ["handling_unit"], "环卫一所"),
)
SHOTS = (
    Shot("01_review_zh", "/review", "zh"),
    Shot("02_review_en_dark", "/review", "en", "dark"),
    Shot("03_review_keys_both", "/review", "both", act=lambda page: page.keyboard.press("?")),
    Shot("04_cases_zh", "/", "zh"),
    Shot("05_cases_en_dark", "/", "en", "dark"),
    Shot("06_case_zh", "/cases/{done}", "zh"),
    Shot("07_case_en_dark", "/cases/{late}", "en", "dark"),
    Shot("08_case_file_zh", "/cases/{done}/file", "zh"),
    Shot("09_map_open_zh", "/map", "zh"),
    Shot("10_map_coverage_en_dark", "/map", "en", "dark", lambda page: page.get_by_text("Camera coverage").click()),
    Shot("11_wall_zh_dark", "/wall?size=4", "zh", "dark", lambda page: page.wait_for_timeout(LOOK_MS)),
    Shot("12_wall_live_en", "/wall?size=4", "en", act=lambda page: live_view(page)),
    Shot("13_cameras_zh", "/cameras", "zh"),
    Shot("14_camera_en", "/cameras/CAM-01", "en"),
    Shot("15_calibrate_zh", "/cameras/CAM-01/calibrate", "zh"),
    Shot("16_overview_zh", "/overview?from=2026-05-12&to=2026-05-15", "zh"),
    Shot("17_overview_en_dark", "/overview?span=month&on=2026-05-14", "en", "dark"),
    Shot("18_people_zh", "/admin/people", "zh"),
    Shot("19_audit_en", "/admin/audit", "en"),
    Shot("20_catalogue_zh_dark", "/admin/catalogue", "zh", "dark"),
)


def main(
    out: Annotated[Path, typer.Option(help="Folder for the pictures.")] = Path("docs/desk"),
    seconds: Annotated[float, typer.Option(min=10, help="Most seconds to wait for the demo's cases.")] = 150.0,
    only: Annotated[str, typer.Option(help="Only pictures whose name holds this.")] = "",
) -> None:
    """Take every picture."""
    out.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gridpatrol-pictures-")))
        link = stack.enter_context(demo(folder))
        driver = stack.enter_context(sync_playwright())
        browser = driver.chromium.launch(executable_path=chromium_path(), args=list(ARGUMENTS))
        stack.callback(browser.close)
        page = browser.new_context(viewport=SIZE, locale="zh-CN").new_page()
        page.goto(link)
        base = link.partition("/login")[0]
        cases = led(page, base, wait_for_cases(page, base, seconds))
        folders = [f"{each}/" for each in (folder / "demo", folder, ASSETS.parents[2])]
        for shot in (shot for shot in SHOTS if only in shot.name):
            take(page, base, shot, cases, out, folders)
            typer.echo(shot.name)


@contextlib.contextmanager
def demo(folder: Path) -> Iterator[str]:
    """The demo running; its login link."""
    command = [sys.executable, "-m", "patrol.cli", "demo", "--data-dir", str(folder / "demo")]
    running = subprocess.Popen(
        [*command, "--port", str(free_port(8670))], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert running.stdout is not None
    try:
        for line in running.stdout:
            found = LINK.search(line)
            if found:
                yield found.group(0)
                break
        else:
            raise PicturesFailed("the demo ended without a login link; mend: run `gridpatrol demo` and read its words")
    finally:
        running.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.communicate(timeout=30)
        running.kill()


def wait_for_cases(page: Page, base: str, seconds: float) -> list[dict[str, Any]]:
    """The demo's cases, oldest first."""
    until_s = time.monotonic() + seconds
    while True:
        found: list[dict[str, Any]] = answered(page.request.get(f"{base}/api/v1/cases"))["cases"]
        if len(found) >= CASES or time.monotonic() > until_s:
            break
        page.wait_for_timeout(1000)
    if len(found) < 3:
        raise PicturesFailed(f"only {len(found)} cases after {seconds:g} s; mend: a longer --seconds")
    return found[::-1]


def led(page: Page, base: str, cases: list[dict[str, Any]]) -> dict[str, str]:
    """Some cases further along their stages; ids by what they show."""
    csrf = answered(page.request.get(f"{base}/api/v1/me"))["csrf_token"]

    def give(case: dict[str, Any], command: str, **fields: str) -> None:
        url = f"{base}/api/v1/cases/{case['id']}/commands"
        headers = {"x-csrf-token": csrf}
        answered(page.request.post(url, data={"command": command, **fields}, headers=headers))

    for login, name, roles, unit in PEOPLE:
        person = {"login": login, "display_name": name, "roles": roles, "unit": unit}
        answered(page.request.post(f"{base}/api/v1/people", data=person, headers={"x-csrf-token": csrf}))
    done, late, new = cases[0], cases[1], cases[2]
    give(done, "accept")
    give(done, "comment", note="现场为厨余袋装垃圾，约两袋 / two bags of kitchen waste")
    give(done, "dispatch", unit="环卫一所")
    give(done, "take")
    give(done, "report", note="已清运 / taken away")
    give(late, "accept")
    give(late, "dispatch", unit="街道城管中队")
    return {"done": done["id"], "late": late["id"], "new": new["id"]}


def take(page: Page, base: str, shot: Shot, cases: dict[str, str], out: Path, folders: list[str]) -> None:
    """One picture, once the page stands still.

    Args:
        folders: of this machine; left out of what is shown.
    """
    path = shot.path.format(**cases)
    mark = "&" if "?" in path else "?"
    page.goto(f"{base}{path}{mark}lang={shot.lang}&theme={shot.theme}", wait_until="load")
    page.wait_for_timeout(2500)
    if shot.act is not None:
        shot.act(page)
        page.wait_for_timeout(500)
    page.evaluate(WITHOUT_FOLDERS, folders)
    page.screenshot(path=out / f"{shot.name}.jpg", type="jpeg", quality=QUALITY)


def answered(answer: APIResponse) -> Any:
    if not answer.ok:
        raise PicturesFailed(f"{answer.url}: {answer.status} {answer.text()[:300]}; mend: see the API's words")
    return answer.json()


if __name__ == "__main__":
    typer.run(main)
