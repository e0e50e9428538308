"""``gridpatrol models``: look at, verify, judge, train and export weights."""

import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Literal

import cv2
import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from core.detections import Detection
from core.errors import ModelError, PatrolError
from detector.load import load_detector
from models.composing import compose
from models.datasets import LabelledPicture, pictures_of, read_spec
from models.evaluation import CategoryReport, EvaluationReport, JudgedPicture, choose_threshold, evaluate, judge, match
from models.export import ExportRequest, export, record_figures
from models.manifest import ModelPackage, load_package, read_manifest
from models.registry import DEFAULT_MODEL, MANIFEST_NAME, WEIGHTS_FOLDER, package_folder, package_names
from models.sources import read_recipe
from models.training import TrainingSettings, resume, train

app = typer.Typer(no_args_is_help=True, help="Weights: list, show, verify, eval, compose, train, export.")

_LOWEST_CONFIDENCE = 0.001
"""Average precision needs the faint detections, too."""

_VAL = ["val"]
_BY_RULE: list[str] = []
_DEFAULTS = TrainingSettings(Path(), Path(), Path("runs"), DEFAULT_MODEL)

_TABLE_COLUMNS = 130
"""Fixed, so that a report in a file reads as on a screen."""

ModelArgument = Annotated[str, typer.Argument(help="Package name, or a package folder.")]
DataOption = Annotated[Path, typer.Option("--data", help="data.yaml of a data set in YOLO layout.")]
Backend = Literal["auto", "onnxruntime", "openvino"]


@app.command("list")
def list_command() -> None:
    """Packages that came with Gridpatrol."""
    table = Table("name", "version", "input", "licence", "categories")
    for name in package_names():
        manifest = read_manifest(package_folder(name) / MANIFEST_NAME)
        size = "x".join(str(side) for side in manifest.input_size)
        table.add_row(name, manifest.version, size, manifest.licence, ", ".join(manifest.categories))
    Console().print(table)


@app.command("show")
def show_command(model: ModelArgument = DEFAULT_MODEL) -> None:
    """A package's manifest, then its card."""
    package = load_package(model)
    typer.echo(package.manifest.model_dump_json(indent=2))
    if package.card_path.is_file():
        typer.echo(package.card_path.read_text(encoding="utf-8"))


@app.command("verify")
def verify_command(model: ModelArgument = DEFAULT_MODEL) -> None:
    """Check the weights against the manifest's SHA-256."""
    package = load_package(model)
    typer.echo(
        f"{package.manifest.name} {package.manifest.version}: {package.weights_path.name} is as its manifest says"
    )


@app.command("eval")
def eval_command(
    data: DataOption,
    model: Annotated[str, typer.Option(help="Package name, or a package folder.")] = DEFAULT_MODEL,
    part: Annotated[str, typer.Option(help="Which part of the data set, e.g. val or render_val.")] = "val",
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures here, too.")] = None,
    backend: Annotated[Backend, typer.Option(help="What runs the network.")] = "auto",
    threads: Annotated[int, typer.Option(min=0, help="CPU threads; 0 lets the runtime choose.")] = 0,
) -> None:
    """Judge a package on labelled pictures, with the very detector that patrols use."""
    package = load_package(model)
    report = evaluate(_judge(package, data, part, backend, threads), package.manifest.thresholds)
    _print_report(report, f"{package.manifest.name} on {part}")
    if json_file is not None:
        facts = {"model": package.manifest.name, "sha256": package.manifest.sha256, "part": part} | report.as_json()
        json_file.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


@app.command("compose")
def compose_command(
    recipe: Annotated[Path, typer.Option(help="Data recipe (TOML), e.g. models/recipes/gridpatrol-n.toml.")],
    out: Annotated[Path, typer.Option(help="Folder to write; an earlier composed data set there is replaced.")],
) -> None:
    """Compose a training set from photographs and rendered scenes."""
    typer.echo(compose(read_recipe(recipe), out))


@app.command("train")
def train_command(
    data: DataOption,
    start_from: Annotated[Path, typer.Option("--from", help="Start weights (.pt).")],
    runs: Annotated[Path, typer.Option(help="Where run folders go.")] = _DEFAULTS.runs,
    name: Annotated[str, typer.Option(help="Run folder's name.")] = _DEFAULTS.name,
    size: Annotated[int, typer.Option(help="Picture side, px; train at the size you run.")] = _DEFAULTS.size_px,
    epochs: Annotated[int, typer.Option(min=1)] = _DEFAULTS.epochs,
    batch: Annotated[int, typer.Option(min=1)] = _DEFAULTS.batch,
    device: Annotated[str, typer.Option(help="cpu, or a CUDA device number.")] = _DEFAULTS.device,
    seed: int = _DEFAULTS.seed,
    learning_rate: Annotated[float, typer.Option(min=0, help="At the top of the cosine.")] = _DEFAULTS.learning_rate,
    time_budget_min: Annotated[float | None, typer.Option(help="Train for so many minutes, not epochs.")] = None,
    go_on: Annotated[bool, typer.Option("--resume", help="Go on with the killed run of this name.")] = False,
) -> None:
    """Fine-tune a detector (needs the train extra)."""
    settings = TrainingSettings(
        data=data,
        start_from=start_from,
        runs=runs,
        name=name,
        size_px=size,
        epochs=epochs,
        batch=batch,
        device=device,
        seed=seed,
        learning_rate=learning_rate,
        time_budget_min=time_budget_min,
    )
    run = resume(settings.folder, typer.echo) if go_on else train(settings, typer.echo)
    typer.echo(f"best weights: {run.best} after {run.minutes:.1f} min")


@app.command("export")
def export_command(
    source: Annotated[Path, typer.Argument(help="A run folder, or a .pt file.")],
    data: Annotated[Path, typer.Option("--data", help="data.yaml with the parts that choose the thresholds.")],
    choose_on: Annotated[list[str], typer.Option(help="Part for choosing thresholds; may be given again.")] = _VAL,
    name: Annotated[str, typer.Option(help="The package's name.")] = DEFAULT_MODEL,
    version: Annotated[str, typer.Option(help="The package's version.")] = "1",
    size: Annotated[int, typer.Option(help="Network input side, px.")] = _DEFAULTS.size_px,
    out: Annotated[Path | None, typer.Option(help="Package folder; default models/weights/NAME.")] = None,
    least_precision: Annotated[float, typer.Option(min=0, max=1, help="Wanted at each threshold.")] = 0.9,
    threshold: Annotated[list[str], typer.Option(help="Set one by hand: CATEGORY=VALUE.")] = _BY_RULE,
) -> None:
    """Write a model package: ONNX, manifest, thresholds and figures (needs the train extra)."""
    folder = out or WEIGHTS_FOLDER / name
    by_hand = _by_hand(threshold)
    pictures = pictures_of(read_spec(data), "val")
    request = ExportRequest(source, name, version, size, folder)
    manifest, agreement = export(request, [picture.path for picture in pictures[:: max(1, len(pictures) // 8)]])
    typer.echo(f"ONNX agrees with torch: {agreement.box_px:.3f} px, {agreement.score:.5f} over {agreement.pictures}")
    parts = {part: _judge(load_package(folder), data, part, "onnxruntime", 0) for part in choose_on}
    together = [picture for judged in parts.values() for picture in judged]
    chosen = {c: choose_threshold(match(together, c, 0.5), least_precision) for c in manifest.categories}
    thresholds = {category: math.floor(point.threshold * 100) / 100 for category, point in chosen.items()} | by_hand
    figures = {part: evaluate(judged, thresholds) for part, judged in parts.items()}
    record_figures(folder, thresholds, figures)
    for part, report in figures.items():
        _print_report(report, f"{name} on {part}")
    typer.echo(f"wrote {folder}")


def _by_hand(settings: Sequence[str]) -> dict[str, float]:
    values: dict[str, float] = {}
    for setting in settings:
        category, _, value = setting.partition("=")
        try:
            values[category] = float(value)
        except ValueError as error:
            raise ModelError(f"--threshold {setting}: expected CATEGORY=VALUE, e.g. exposed_garbage=0.4") from error
    return values


def _judge(package: ModelPackage, data: Path, part: str, backend: Backend, threads: int) -> list[JudgedPicture]:
    spec = read_spec(data)
    missing = sorted(set(spec.names) - set(package.manifest.categories))
    if missing:
        raise ModelError(f"{package.manifest.name} does not know {', '.join(missing)}; mend: another --model or --data")
    pictures = pictures_of(spec, part)
    detect = _detect_with(package, backend, threads)
    with typer.progressbar(length=len(pictures), label=f"{part}: {len(pictures)} pictures") as bar:
        return judge(pictures, spec.names, detect, lambda done: bar.update(1))


def _detect_with(
    package: ModelPackage, backend: Backend, threads: int
) -> Callable[[LabelledPicture], Sequence[Detection]]:
    detector = load_detector(package, backend, threads, _LOWEST_CONFIDENCE)

    def detect(picture: LabelledPicture) -> Sequence[Detection]:
        image = cv2.imread(str(picture.path))
        if image is None:
            raise ModelError(f"picture {picture.path} cannot be read; mend: replace it")
        return detector.detect(np.asarray(image, dtype=np.uint8))

    return detect


def _print_report(report: EvaluationReport, title: str) -> None:
    columns = (
        "category",
        "boxes",
        "AP50",
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


def _cells(row: CategoryReport) -> tuple[str, ...]:
    point, best = row.at_threshold, row.best_f1
    return (
        row.category,
        str(row.boxes),
        _number(row.ap50),
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


def main() -> None:
    """Run this command group alone (``python -m patrol.commands.models``)."""
    try:
        app()
    except PatrolError as error:
        typer.echo(f"error: {error}", err=True)
        raise SystemExit(2) from error


if __name__ == "__main__":
    main()
