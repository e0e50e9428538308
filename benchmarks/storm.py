"""``gridpatrol bench storm``: cameras die, freeze, fall silent, send rubbish; the others must not notice.

    gridpatrol bench storm [--cameras 40] [--interval 2] [--phase-seconds 30] [--json FILE]

Real RTSP servers and doors of ours in front of some cameras; API and worker as a site runs them. One fault after the
other begins, is held for a phase and is cured; then every server is restarted, twice. What is judged is what the
patrol itself says: the cameras of the API, the desk's cameras page, the metrics, and the worker's process.
"""

import contextlib
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.machine import machine_facts
from benchmarks.result import finish
from benchmarks.storm_clips import storm_clips
from benchmarks.storm_site import patrolled
from benchmarks.storm_street import StormStreet
from benchmarks.storm_verdict import StormQuestion, verdict
from benchmarks.storm_weather import Weather


def main(
    cameras: Annotated[int, typer.Option(min=8, help="How many; the faults are shared out among them.")] = 40,
    interval: Annotated[float, typer.Option(min=1.0, help="Seconds between two looks at a camera.")] = 2.0,
    phase_seconds: Annotated[float, typer.Option(min=5.0, help="How long each fault is held.")] = 30.0,
    timeout: Annotated[float, typer.Option(min=1.0, help="The cameras' timeout_s.")] = 5.0,
    height: Annotated[int, typer.Option(min=90, help="Of the cameras' pictures, pixels; 16:9.")] = 360,
    restarts: Annotated[int, typer.Option(min=1, help="Of every server, at the end.")] = 2,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the result here, too.")] = None,
) -> None:
    """A storm over many RTSP cameras: what fails, what must not, and how soon all is well again."""
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(1))  # in order, as after Ctrl-C
    asked = StormQuestion(cameras, interval, phase_seconds, timeout, height, restarts=restarts)
    result = storm(asked, typer.echo)
    Console().print(storm_table(result))
    typer.echo(promise_lines(result))
    finish(result, json_file)
    if not result["passed"]:
        raise typer.Exit(1)


def storm(asked: StormQuestion, say: Callable[[str], None]) -> dict[str, Any]:
    """The whole storm; everything it started is gone afterwards, also after Ctrl-C."""
    began_s = time.monotonic()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gridpatrol-storm-")))
        clips = storm_clips(folder, asked.height_px)
        street = stack.enter_context(StormStreet(asked.cameras, clips))
        site = stack.enter_context(patrolled(folder, street, asked))
        say(f"{len(street.camera_ids)} cameras; waiting for all of them")
        weather = Weather(asked, street, site, say)
        phases = weather.blow()
        failures = site.observer.failures
    return verdict(asked, weather.all_live_s, weather.calm, phases, weather.pids, failures) | {
        "seconds": round(time.monotonic() - began_s),
        "machine": machine_facts(),
    }


def storm_table(result: Mapping[str, Any]) -> Table:
    title = f"{result['cameras']} cameras, a look each {result['interval_s']:g} s"
    table = Table("phase", "cameras", "noticed s", "recovered s", "worst gap", "threads", "fds", "MB", title=title)
    for phase in result["phases"]:
        process = phase["sample"] or {}
        table.add_row(
            phase["name"],
            str(phase["affected"]),
            str(phase["noticed_s"]),
            str(phase["recovered_s"]),
            f"{phase['worst_gap']} ×",
            str(process.get("threads")),
            str(process.get("descriptors")),
            str(round(process.get("memory_mb", 0))),
        )
    return table


def promise_lines(result: Mapping[str, Any]) -> str:
    return "\n".join(("✓ " if is_kept else "✗ ") + promise for promise, is_kept in result["promises"].items())
