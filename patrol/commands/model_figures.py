"""``gridpatrol models eval`` and ``compare``: how well a package sees, and which of two sees better."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from core.errors import ModelError
from models.breakdown import break_down
from models.calibration import calibration_report
from models.comparison import ComparisonReport, compare
from models.curves import precision_recall_svg
from models.datasets import read_spec
from models.evaluation import CategoryReport, EvaluationReport, evaluate
from models.hard_negatives import HardNegativeReport, judge_hard_negatives
from models.manifest import load_package
from models.matching import match
from models.registry import DEFAULT_MODEL
from models.reliability_diagram import reliability_svg
from models.sheets import worst_mistakes, write_sheet
from patrol.commands.judging import (
    BackendOption,
    DataOption,
    JsonOption,
    Looking,
    PartOption,
    PrecisionOption,
    ThreadsOption,
    judge_part,
)
from patrol.commands.options import SizeOption, input_size_of

_TABLE_COLUMNS = 140
"""Fixed, so that a report in a file reads as on a screen."""


def eval_command(
    data: DataOption,
    model: Annotated[str, typer.Option(help="Package name, or a package folder.")] = DEFAULT_MODEL,
    part: PartOption = "val",
    json_file: JsonOption = None,
    scenes: Annotated[
        Path | None, typer.Option(help="Folder of the renders' scene records: counts false alarms on hard negatives.")
    ] = None,
    report_folder: Annotated[
        Path | None, typer.Option("--report", help="Write curves (SVG) and the worst mistakes (PNG) into this folder.")
    ] = None,
    backend: BackendOption = "auto",
    threads: ThreadsOption = 0,
    precision: PrecisionOption = "f32",
    size: SizeOption = None,
) -> None:
    """Judge a package on labelled pictures, with the very detector that patrols use."""
    package = load_package(model)
    thresholds = package.manifest.thresholds
    how = Looking(backend, threads, precision, None if size is None else input_size_of(size))
    judged = judge_part(package, data, part, how, scenes)
    report = evaluate(judged, thresholds)
    title = f"{package.manifest.name} on {part}"
    print_report(report, title)
    facts: dict[str, Any] = {"model": package.manifest.name, "sha256": package.manifest.sha256, "part": part}
    facts["input_size"] = package.manifest.size_or_default(how.input_size)
    facts["precision"] = precision
    facts |= report.as_json() | break_down(judged, list(thresholds)).as_json()
    matches = {category: match(judged, category, 0.5) for category in thresholds}
    calibration = {
        category: calibration_report(found, package.manifest.probability.get(category))
        for category, found in matches.items()
    }
    facts["calibration"] = {category: found.as_json() for category, found in calibration.items()}
    if scenes is not None:
        violations = {category: thresholds[category] for category in package.manifest.violations}
        hard = judge_hard_negatives(judged, scenes, violations)
        _print_hard_negatives(hard)
        facts["hard_negatives"] = hard.as_json()
    if json_file is not None:
        json_file.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    if report_folder is not None:
        drawings = {
            "precision_recall.svg": precision_recall_svg(matches, thresholds, f"{title}, IoU 0.5"),
            "reliability.svg": reliability_svg(calibration, title),
        }
        _write_drawings(report_folder, drawings)
        alarms, misses = worst_mistakes(judged, thresholds)
        write_sheet(alarms, report_folder / "false_alarms.png")
        write_sheet(misses, report_folder / "missed.png")
        typer.echo(f"wrote {report_folder}")


def compare_command(
    model_a: Annotated[str, typer.Argument(metavar="A", help="Package name or folder: the standing model.")],
    model_b: Annotated[str, typer.Argument(metavar="B", help="Package name or folder: the newcomer.")],
    data: DataOption,
    part: PartOption = "val",
    json_file: JsonOption = None,
    fail_if_worse: Annotated[bool, typer.Option(help="Exit with 1 when B is worse in some category.")] = False,
    resamples: Annotated[int, typer.Option(min=100, help="Draws of the bootstrap.")] = 1000,
    seed: int = 0,
    backend: BackendOption = "auto",
    threads: ThreadsOption = 0,
    precision: PrecisionOption = "f32",
    size: SizeOption = None,
) -> None:
    """Is B better than A? Both judge the same pictures; a paired bootstrap says which differences are no accident."""
    packages = [load_package(model) for model in (model_a, model_b)]
    how = Looking(backend, threads, precision, None if size is None else input_size_of(size))
    judged = [judge_part(package, data, part, how) for package in packages]
    names = read_spec(data).names
    report = compare(judged[0], judged[1], names, resamples, seed)
    print_comparison(report, *(f"{package.manifest.name} {package.manifest.version}" for package in packages))
    if json_file is not None:
        sides = {
            side: {"model": package.manifest.name, "sha256": package.manifest.sha256}
            for side, package in zip("ab", packages, strict=True)
        }
        json_file.write_text(json.dumps(sides | {"part": part} | report.as_json(), indent=1) + "\n", encoding="utf-8")
    if fail_if_worse and report.is_worse:
        raise typer.Exit(1)


def _write_drawings(folder: Path, drawings: Mapping[str, str]) -> None:
    """File name -> SVG."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, drawing in drawings.items():
            (folder / name).write_text(drawing, encoding="utf-8")
    except OSError as error:
        raise ModelError(f"report {folder} cannot be written: {error.strerror}; mend: name another folder") from error


def print_report(report: EvaluationReport, title: str) -> None:
    """One row per category."""
    columns = (
        "category",
        "boxes",
        "AP50",
        "95 % interval",
        "AP50-95",
        "threshold",
        "precision",
        "recall",
        "F1",
        "best F1 (at)",
        "FA/100",
    )
    table = Table(*columns, title=f"{title}: {report.pictures} pictures, {report.negatives} negative")
    for row in report.categories:
        table.add_row(*_cells(row))
    Console(width=_TABLE_COLUMNS).print(table)
    typer.echo(f"mean AP50 {_number(report.map50)}, mean AP50-95 {_number(report.map50_95)}")


def _print_hard_negatives(report: HardNegativeReport) -> None:
    table = Table("hard negative", "objects", "false alarms", "per 100", title=f"{report.pictures} scenes")
    for row in report.kinds:
        table.add_row(row.kind, str(row.objects), str(row.false_alarms), f"{row.per_100_objects:.1f}")
    Console(width=_TABLE_COLUMNS).print(table)
    typer.echo(f"false alarms elsewhere in these scenes: {report.elsewhere}")


def print_comparison(report: ComparisonReport, name_a: str, name_b: str) -> None:
    """One row per category; the interval is of B's AP50 less A's."""
    columns = ("category", "pictures", "boxes", "AP50 A", "AP50 B", "B - A", "95 % interval", "B is")
    table = Table(*columns, title=f"A: {name_a}, B: {name_b}; {report.pictures} pictures")
    for row in report.categories:
        table.add_row(
            row.category,
            str(row.pictures),
            str(row.boxes),
            _number(row.ap50_a),
            _number(row.ap50_b),
            _number(row.difference),
            "-" if row.low is None or row.high is None else f"{row.low:+.3f} to {row.high:+.3f}",
            row.verdict,
        )
    Console(width=_TABLE_COLUMNS).print(table)
    typer.echo(f"paired bootstrap: {report.resamples} draws of the pictures, seed {report.seed}")


def _cells(row: CategoryReport) -> tuple[str, ...]:
    point, best = row.at_threshold, row.best_f1
    return (
        row.category,
        str(row.boxes),
        _number(row.ap50),
        "-" if row.ap50_interval is None else "{:.2f} to {:.2f}".format(*row.ap50_interval),
        _number(row.ap50_95),
        _number(point.threshold),
        _number(point.precision),
        _number(point.recall),
        _number(point.f1),
        f"{best.f1:.2f} ({best.threshold:.2f})",
        _number(row.false_alarms_per_100_negatives),
    )


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def register(app: typer.Typer) -> None:
    """Attach these commands to ``gridpatrol models``."""
    app.command("eval")(eval_command)
    app.command("compare")(compare_command)
