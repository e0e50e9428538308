"""The main job on the embedded default, as separate processes, with a real model; also when they are killed."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from patrol.demo.site import free_port

pytestmark = pytest.mark.timeout(240)

ONE_PASS_S = 36
"""One pass of the demo clips takes 30 s; everything that stands long enough has its case by then."""


def demo_command(folder: Path, seconds: int, *more: str) -> list[str]:
    port = free_port(18750)
    command = [sys.executable, "-m", "patrol.cli", "demo", "--seconds", str(seconds)]
    return [*command, "--data-dir", str(folder), "--port", str(port), *more]


def finished(process: "subprocess.Popen[str]") -> dict[str, object]:
    output, _ = process.communicate(timeout=150)
    assert process.returncode == 0, output
    summary = json.loads(output.strip().splitlines()[-1])
    assert isinstance(summary, dict)
    return summary


def start(command: list[str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def children_of(pid: int) -> dict[str, int]:
    """Process ids of the demo's API and worker."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text()
            arguments = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if int(stat.rsplit(")", 1)[1].split()[1]) == pid:
            for name in ("api", "worker"):
                if name.encode() in arguments:
                    found[name] = int(entry.name)
    return found


def until(condition: Callable[[], bool], timeout_s: float) -> bool:
    """Poll what another process brings about."""
    ends_at_s = time.monotonic() + timeout_s
    while time.monotonic() < ends_at_s:
        if condition():
            return True
        time.sleep(0.1)
    return False


def row_count(folder: Path, table: str) -> int:
    try:
        with sqlite3.connect(f"file:{folder / 'gridpatrol.db'}?mode=ro", uri=True, timeout=5) as database:
            return int(database.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0])  # noqa: S608 (our own tables' names)
    except sqlite3.OperationalError:
        return 0


def open_cases(folder: Path) -> Counter[tuple[str, str]]:
    with sqlite3.connect(folder / "gridpatrol.db") as database:
        return Counter(database.execute("SELECT cell_id, category FROM \"case\" WHERE state = 'open'").fetchall())


def test_the_demo_files_every_violation_once_and_nothing_else(tmp_path: Path) -> None:
    summary = finished(start(demo_command(tmp_path / "demo", ONE_PASS_S)))
    assert summary["cameras"] == 4
    assert (summary["duplicates"], summary["missed"], summary["wrong"]) == (0, 0, 0)
    assert set(summary["cases_by_category"]) == {"street_stall", "exposed_garbage", "roadside_clutter"}  # type: ignore[call-overload]
    assert int(str(summary["frames_analysed"])) >= 4 * 25


@pytest.mark.skipif(
    not Path("/proc").is_dir(), reason="finds the child processes through /proc, which this system lacks"
)
@pytest.mark.parametrize("victim", ["worker", "api"])
def test_a_killed_process_comes_back_and_the_same_cases_stand_once_each(tmp_path: Path, victim: str) -> None:
    folder = tmp_path / "demo"
    demo = start(demo_command(folder, ONE_PASS_S + 20))
    try:
        assert until(lambda: row_count(folder, "case") >= 1, timeout_s=60)
        first = children_of(demo.pid)[victim]
        os.kill(first, signal.SIGKILL)
        assert until(lambda: children_of(demo.pid).get(victim, first) != first, timeout_s=20)
        summary = finished(demo)
    finally:
        demo.kill()
        demo.wait()
    assert (summary["duplicates"], summary["missed"], summary["wrong"]) == (0, 0, 0)
    assert set(open_cases(folder).values()) == {1}


def test_ctrl_c_stops_the_demo_cleanly(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    demo = start(demo_command(folder, 0))
    try:
        assert until(lambda: row_count(folder, "camera") == 4, timeout_s=60)  # the worker is up and has said so
        demo.send_signal(signal.SIGINT)
        summary = finished(demo)
    finally:
        demo.kill()
        demo.wait()
    assert summary["cameras"] == 4
    assert children_of(demo.pid) == {}


def test_a_folder_that_is_not_a_demos_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("mine", encoding="utf-8")
    demo = start(demo_command(tmp_path, 5))
    output, _ = demo.communicate(timeout=60)
    assert demo.returncode == 1
    assert "not a demo's" in output
    assert (tmp_path / "precious.txt").read_text(encoding="utf-8") == "mine"
