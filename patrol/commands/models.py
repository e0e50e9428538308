"""``gridpatrol models``: look at, verify, judge, train and export weights."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from core.errors import ModelError, PatrolError
from detector.letterbox import as_input, letterbox
from models.averaging import average_weights
from models.composing import compose
from models.datasets import pictures_of, read_spec
from models.evaluation import evaluate
from models.export import ExportRequest, Measured, export, record_figures
from models.manifest import ModelPackage, load_package, read_manifest
from models.matching import JudgedPicture, match
from models.probability import ConfidenceMap
from models.promotion import ancestry
from models.registry import DEFAULT_MODEL, MANIFEST_NAME, WEIGHTS_FOLDER, package_folder, package_names
from models.restoring import restore_weights
from models.sources import read_recipe
from models.thresholds import LEAST_PRECISION, by_hand, choose_threshold
from models.training import TrainingSettings, resume, train
from patrol.commands import model_card, model_figures
from patrol.commands.judging import DataOption, Looking, judge_part
from patrol.commands.model_figures import print_report
from patrol.commands.options import input_size_of
from streams.frames import ImagePicture

app = typer.Typer(no_args_is_help=True, help="Weights: list, show, verify, eval, compose, train, export.")

_VAL = ["val"]
_TABLE_COLUMNS = 140
_BY_RULE: list[str] = []
_DEFAULTS = TrainingSettings(Path(), Path(), Path("runs"), DEFAULT_MODEL)
_STATISTICS_PICTURES = 64
_DEFAULT_SIZE = [str(_DEFAULTS.size_px)]

ModelArgument = Annotated[str, typer.Argument(help="Package name, or a package folder.")]


@app.command("list")
def list_command() -> None:
    """Packages that came with Gridpatrol."""
    table = Table("name", "version", "input", "licence", "categories")
    for name in package_names():
        manifest = read_manifest(package_folder(name) / MANIFEST_NAME)
        sizes = ", ".join(f"{height}x{width}" for height, width in manifest.input_sizes)
        table.add_row(name, manifest.version, sizes, manifest.licence, ", ".join(manifest.categories))
    Console().print(table)


@app.command("show")
def show_command(model: ModelArgument = DEFAULT_MODEL) -> None:
    """A package's manifest, what it was tuned from, then its card."""
    package = load_package(model)
    typer.echo(package.manifest.model_dump_json(indent=2))
    _show_ancestry(package)
    if package.card_path.is_file():
        typer.echo(package.card_path.read_text(encoding="utf-8"))


@app.command("verify")
def verify_command(model: ModelArgument = DEFAULT_MODEL) -> None:
    """Check the weights against the manifest's SHA-256."""
    package = load_package(model)
    typer.echo(
        f"{package.manifest.name} {package.manifest.version}: {package.weights_path.name} is as its manifest says"
    )


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
    start_from: Annotated[
        str,
        typer.Option("--from", help="Start weights: a .pt file, or a package's name or folder."),
    ],
    runs: Annotated[Path, typer.Option(help="Where run folders go.")] = _DEFAULTS.runs,
    name: Annotated[str, typer.Option(help="Run folder's name.")] = _DEFAULTS.name,
    size: Annotated[int, typer.Option(help="Picture side, px; train at the size you run.")] = _DEFAULTS.size_px,
    epochs: Annotated[int, typer.Option(min=1)] = _DEFAULTS.epochs,
    batch: Annotated[int, typer.Option(min=1)] = _DEFAULTS.batch,
    device: Annotated[str, typer.Option(help="cpu, or a CUDA device number.")] = _DEFAULTS.device,
    seed: int = _DEFAULTS.seed,
    learning_rate: Annotated[float, typer.Option(min=0, help="At the top of the cosine.")] = _DEFAULTS.learning_rate,
    time_budget_min: Annotated[float | None, typer.Option(help="Train for so many minutes, not epochs.")] = None,
    pictures: Annotated[int | None, typer.Option(min=1, help="Train until so many were shown, not epochs.")] = None,
    keep_every: Annotated[int, typer.Option(min=0, help="Keep the weights of every so many epochs.")] = 0,
    go_on: Annotated[bool, typer.Option("--resume", help="Go on with the killed run of this name.")] = False,
) -> None:
    """Fine-tune a detector (needs the train extra)."""
    start = Path(start_from)
    if start.suffix != ".pt":
        start = runs / f"{name}.start.pt"
        if not go_on:
            _restore(start_from, data, (size, size), start)
    settings = TrainingSettings(
        data=data,
        start_from=start,
        runs=runs,
        name=name,
        size_px=size,
        epochs=epochs,
        batch=batch,
        device=device,
        seed=seed,
        learning_rate=learning_rate,
        time_budget_min=time_budget_min,
        picture_budget=pictures,
        keep_every=keep_every,
    )
    run = resume(settings.folder, typer.echo) if go_on else train(settings, typer.echo)
    typer.echo(f"best weights: {run.best} after {run.minutes:.1f} min")


@app.command("restore")
def restore_command(
    data: DataOption,
    out: Annotated[Path, typer.Option(help="The .pt file to write; a .json beside it names the package.")],
    model: ModelArgument = DEFAULT_MODEL,
    size: Annotated[int, typer.Option(help="Picture side, px, at which training will run.")] = _DEFAULTS.size_px,
) -> None:
    """Make a package's weights trainable again; `train --from PACKAGE` does it by itself (needs the train extra)."""
    _restore(model, data, (size, size), out)


@app.command("average")
def average_command(
    weights: Annotated[list[Path], typer.Argument(help="Weight files (.pt) of one training line.")],
    out: Annotated[Path, typer.Option(help="The .pt file to write; a .json beside it names its sources.")],
) -> None:
    """Average the weights of several runs or epochs of one line into one model (needs the train extra)."""
    typer.echo(f"average of {len(weights)}: {average_weights(weights, out)}")


@app.command("export")
def export_command(
    source: Annotated[Path, typer.Argument(help="A run folder, or a .pt file.")],
    data: Annotated[Path, typer.Option("--data", help="data.yaml with the parts that choose the thresholds.")],
    choose_on: Annotated[list[str], typer.Option(help="Part for choosing thresholds; may be given again.")] = _VAL,
    name: Annotated[str, typer.Option(help="The package's name.")] = DEFAULT_MODEL,
    version: Annotated[str, typer.Option(help="The package's version.")] = "1",
    size: Annotated[
        list[str], typer.Option(help="Network input, px: one side, or HEIGHTxWIDTH; again for a further size.")
    ] = _DEFAULT_SIZE,
    out: Annotated[Path | None, typer.Option(help="Package folder; default models/weights/NAME.")] = None,
    least_precision: Annotated[float, typer.Option(min=0, max=1, help="Wanted at each threshold.")] = LEAST_PRECISION,
    threshold: Annotated[list[str], typer.Option(help="Set one by hand: CATEGORY=VALUE.")] = _BY_RULE,
) -> None:
    """Write a model package: ONNX, manifest, thresholds and figures (needs the train extra)."""
    folder = out or WEIGHTS_FOLDER / name
    set_by_hand = _set_by_hand(threshold)
    pictures = pictures_of(read_spec(data), "val")
    request = ExportRequest(source, name, version, tuple(input_size_of(one) for one in size), folder)
    some = [picture.path for picture in pictures[:: max(1, len(pictures) // 8)]]
    _, agreements = export(request, some, _prepared)
    for agreed in agreements:
        at = "x".join(str(side) for side in agreed.input_size)
        typer.echo(f"ONNX agrees with torch at {at}: {agreed.box_px:.3f} px, {agreed.score:.5f} over {agreed.pictures}")
    package = load_package(folder)
    parts = {part: judge_part(package, data, part, Looking("onnxruntime")) for part in choose_on}
    measured = _measured(
        [picture for judged in parts.values() for picture in judged], package, set_by_hand, least_precision, choose_on
    )
    figures = {part: evaluate(judged, measured.thresholds) for part, judged in parts.items()}
    record_figures(folder, measured, figures)
    _print_choices(measured)
    for part, report in figures.items():
        print_report(report, f"{name} on {part}")
    typer.echo(f"wrote {folder}")


def _restore(model: str, data: Path, input_size: tuple[int, int], out: Path) -> None:
    """Start weights out of a package, with the statistics of the training pictures."""
    package = load_package(model)
    pictures = pictures_of(read_spec(data), "train")
    some = [picture.path for picture in pictures[:: max(1, len(pictures) // _STATISTICS_PICTURES)]]
    agreed = restore_weights(package, some[:_STATISTICS_PICTURES], _prepared, input_size, out)
    typer.echo(
        f"restored {package.manifest.name} {package.manifest.version} as {out}: "
        f"agrees to {agreed.box_px:.3f} px, {agreed.score:.5f} over {agreed.pictures} pictures"
    )


def _set_by_hand(settings: Sequence[str]) -> dict[str, float]:
    values: dict[str, float] = {}
    for setting in settings:
        category, _, value = setting.partition("=")
        try:
            values[category] = float(value)
        except ValueError as error:
            raise ModelError(f"--threshold {setting}: expected CATEGORY=VALUE, e.g. exposed_garbage=0.4") from error
    return values


def _measured(
    judged: Sequence[JudgedPicture],
    package: ModelPackage,
    set_by_hand: Mapping[str, float],
    wanted: float,
    parts: Sequence[str],
) -> Measured:
    """Thresholds by the rule or by hand, and what confidences mean, from pictures of these parts."""
    matches = {category: match(judged, category, 0.5) for category in package.manifest.categories}
    chosen = {
        category: by_hand(found, set_by_hand[category]) if category in set_by_hand else choose_threshold(found, wanted)
        for category, found in matches.items()
    }
    return Measured(
        thresholds={category: one.point.threshold for category, one in chosen.items()},
        choices={category: one.record(matches[category], parts, wanted) for category, one in chosen.items()},
        probability={category: ConfidenceMap.fitted(found) for category, found in matches.items()},
    )


def _print_choices(measured: Measured) -> None:
    table = Table("category", "threshold", "by", "boxes", "precision", "recall", "probability of a confidence of 0.5")
    for category, choice in measured.choices.items():
        shares = (measured.thresholds[category], choice.precision, choice.recall)
        threshold, precision, recall = (f"{share:.2f}" for share in shares)
        half = f"{measured.probability[category].probability_of(0.5):.2f}"
        table.add_row(category, threshold, choice.rule, str(choice.boxes), precision, recall, half)
    Console(width=_TABLE_COLUMNS).print(table)


def _prepared(path: Path, input_size: tuple[int, int]) -> NDArray[np.float32]:
    """A picture file as the network sees it on patrol."""
    picture = cv2.imread(str(path))
    if picture is None:
        raise ModelError(f"picture {path} cannot be read; mend: replace it")
    boxed, _ = letterbox(ImagePicture(np.asarray(picture, dtype=np.uint8)), input_size)
    return as_input(boxed, 1 / 255)


def _show_ancestry(package: ModelPackage) -> None:
    """The chain of models behind a package, by what is shipped and what lies beside it."""
    folders = [*WEIGHTS_FOLDER.iterdir(), *package.weights_path.parent.parent.iterdir()]
    known = [read_manifest(folder / MANIFEST_NAME) for folder in folders if (folder / MANIFEST_NAME).is_file()]
    for generation, line in enumerate(ancestry(package.manifest, known)):
        typer.echo(f"{'来历 / ancestry: ' if generation == 0 else '  <- '}{line}")


model_figures.register(app)
model_card.register(app)
# The loop's commands need the site (cases, API): patrol.cli attaches them, so that this group alone, with which one
# trains and exports, runs in an environment that has the train extra only.


def main() -> None:
    """Run this command group alone (``python -m patrol.commands.models``)."""
    try:
        app()
    except PatrolError as error:
        typer.echo(f"error: {error}", err=True)
        raise SystemExit(2) from error


if __name__ == "__main__":
    main()
