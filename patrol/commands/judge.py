"""``gridpatrol models judge-lapses``: a model judged by the cases it files."""

import json
import logging
import os
import signal
import threading
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from core.clock import SystemClock
from detector.gate import GateSettings
from models.registry import DEFAULT_MODEL
from patrol.demo.run import on_interrupt
from patrol.lapses.report import LapseReport, fault_lines, gate_line, report_on, score_table
from patrol.lapses.run import PatrolOutcome, patrol_lapses
from patrol.lapses.site import PRODUCT_GATE, lay_out
from patrol.lapses.truth import Lapse, LapseError, lapses_in
from patrol.model_watch import Watchman
from patrol.settings import Settings, load_settings
from patrol.wiring import open_watchman, refuse_unpatrollable

DESK_PORT = 8650
"""Where the desk answers when a person later opens the judge's cases on it."""
_TABLE_COLUMNS = 150
GATE_BY_DEFAULT: Literal["on", "off"] = "on" if PRODUCT_GATE.enabled else "off"


def judge_lapses(
    folder: Annotated[Path, typer.Argument(help="Folder of lapse_*/{clip.mp4, truth.json}.")],
    model: Annotated[str, typer.Option(help="Package name, or a package folder.")] = DEFAULT_MODEL,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the report here, too.")] = None,
    data_dir: Annotated[
        Path, typer.Option(help="Database, evidence and pictures of what was missed; emptied first.")
    ] = Path("var/lapses"),
    least_precision: Annotated[float, typer.Option(min=0, max=1, help="Below it the exit status is 1.")] = 0.0,
    least_recall: Annotated[float, typer.Option(min=0, max=1, help="Below it the exit status is 1.")] = 0.0,
    gate: Annotated[Literal["on", "off"], typer.Option(help="The change gate.")] = GATE_BY_DEFAULT,
    force_after: Annotated[
        float, typer.Option(min=1, max=3600, help="City seconds after which the gate has to let one through.")
    ] = PRODUCT_GATE.force_after_s,
) -> None:
    """Judge a model by the cases it files on rendered time lapses, through the whole pipeline."""
    lapses = lapses_in(folder)
    gated = GateSettings(enabled=gate == "on", force_after_s=force_after)
    config = lay_out(lapses, data_dir.resolve(), DESK_PORT, model, SystemClock().now(), gated)
    settings = load_settings(config)
    refuse_unpatrollable(settings)
    watchman = open_watchman(settings)
    outcome = _patrol(settings, lapses, watchman)
    if outcome is None:
        typer.echo("已中断，未评分 / interrupted; nothing was scored", err=True)
        raise typer.Exit(130)
    report = report_on(settings, lapses, outcome, watchman.detectors[0])
    Console(width=_TABLE_COLUMNS).print(score_table(report))
    typer.echo(gate_line(report))
    for line in fault_lines(report):
        typer.echo(line)
    typer.echo(f"在值守台查看 / on the desk: gridpatrol api --config {config}; gridpatrol login-link --config {config}")
    if json_file is not None:
        write_report(json_file, report)
    if _falls_short(report, least_precision, least_recall):
        raise typer.Exit(1)


def _patrol(settings: Settings, lapses: tuple[Lapse, ...], watchman: Watchman) -> PatrolOutcome | None:
    for talkative in ("patrol.worker", "patrol.delivery", "streams", "gridpatrol.api", "uvicorn"):
        logging.getLogger(talkative).setLevel(logging.WARNING)  # a line for each incident would bury the progress
    stop = threading.Event()
    previous = on_interrupt(stop.set)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    try:
        with Progress(*columns, console=Console(stderr=True)) as progress:
            bar = progress.add_task(f"{watchman.model.name}", total=sum(lapse.frames for lapse in lapses))
            return patrol_lapses(settings, lapses, watchman, stop, lambda done: progress.update(bar, completed=done))
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def write_report(path: Path, report: LapseReport) -> None:
    """The report as JSON, whole or not at all.

    Raises:
        LapseError: it cannot be written.
    """
    beside = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(json.dumps(report.as_json(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        os.replace(beside, path)
    except OSError as error:
        raise LapseError(f"{path}: cannot be written ({error.strerror}); mend: another --json file") from error


def _falls_short(report: LapseReport, least_precision: float, least_recall: float) -> bool:
    overall = report.figures.overall
    precision = 1.0 if overall.precision is None else overall.precision
    recall = 1.0 if overall.recall is None else overall.recall
    return precision < least_precision or recall < least_recall
