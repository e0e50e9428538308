"""``gridpatrol models card``: what was measured of a package, and its known failures, into its card."""

from functools import cache
from pathlib import Path
from typing import Annotated

import typer

from core.errors import ModelError
from models.calibration import calibration_report
from models.card import write_card
from models.known_failures import find_failures, write_failures
from models.manifest import ModelPackage, load_package
from models.matching import JudgedPicture, match
from models.registry import CARD_NAME, DEFAULT_MODEL
from models.reliability import Reliability, parts_that_fitted, write_reliability
from patrol.commands.judging import BackendOption, Looking, ThreadsOption, judge_part

_THOSE_THAT_FITTED: list[str] = []


def card_command(
    model: Annotated[str, typer.Argument(help="Package name, or a package folder.")] = DEFAULT_MODEL,
    reliability: Annotated[
        Path | None,
        typer.Option(
            metavar="DATA.yaml",
            help="Measure how far confidences can be believed, and draw it: reliability.json and .svg beside the card.",
        ),
    ] = None,
    part: Annotated[
        list[str],
        typer.Option(help="Part to measure reliability on, again for another; default: those that fitted the maps."),
    ] = _THOSE_THAT_FITTED,
    failures: Annotated[
        Path | None,
        typer.Option(
            metavar="DATA.yaml",
            help="Draw the worst mistakes on rendered scenes: failures.json and .jpg beside the card.",
        ),
    ] = None,
    failures_part: Annotated[
        str, typer.Option(help="Part of rendered scenes; photographs are refused.")
    ] = "render_val",
    scenes: Annotated[
        Path | None, typer.Option(help="Folder of the renders and their scene records; --failures needs it.")
    ] = None,
    backend: BackendOption = "onnxruntime",
    threads: ThreadsOption = 0,
) -> None:
    """Write a package's measured figures into the marked places of its card; with a data set, measure first."""
    package = load_package(model)
    folder = package.card_path.parent

    @cache
    def judged(data: Path, name: str) -> list[JudgedPicture]:
        return judge_part(package, data, name, Looking(backend, threads), scenes)

    if failures is not None:
        if scenes is None:
            raise ModelError("--failures needs the renders as proof that no photograph is shown; mend: add --scenes")
        record, jpeg = find_failures(judged(failures, failures_part), package.manifest, failures_part, scenes)
        write_failures(record, jpeg, folder)
        typer.echo(f"failures: {len(record.shown)} of {record.pictures} scenes drawn, {len(jpeg) // 1000} kB")
    if reliability is not None:
        parts = tuple(part) or parts_that_fitted(package.manifest)
        if not parts:
            raise ModelError(f"{model} does not say what fitted its maps; mend: name the parts with --part")
        pictures = [picture for name in parts for picture in judged(reliability, name)]
        measured = measure_reliability(package, pictures, parts)
        write_reliability(measured, folder)
        typer.echo(f"reliability: measured on {len(pictures)} pictures of {', '.join(parts)}")
    is_changed = write_card(folder)
    typer.echo(f"{CARD_NAME} of {model}: {'brought up to date' if is_changed else 'says what was measured'}")


def measure_reliability(package: ModelPackage, pictures: list[JudgedPicture], parts: tuple[str, ...]) -> Reliability:
    """How far the package's confidences can be believed on these pictures."""
    manifest = package.manifest
    categories = {
        category: calibration_report(match(pictures, category, 0.5), manifest.probability.get(category))
        for category in manifest.categories
    }
    return Reliability.of(manifest, parts, len(pictures), categories)


def register(app: typer.Typer) -> None:
    """Attach this command to ``gridpatrol models``."""
    app.command("card")(card_command)
