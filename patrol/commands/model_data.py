"""``gridpatrol models dataset build`` and ``models label``: the city's own pictures for the next model."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from core.errors import ConfigError, ModelError
from detector.load import faster_backend, load_detector
from models.collected import LICENCE, CameraSplit, NamedBox, Pixels, WritingRules, write_collected
from models.datasets import count_boxes, fingerprint, read_spec
from models.interchange import Format, marked_pictures, write_interchange
from models.manifest import ModelPackage, load_package
from models.registry import DEFAULT_MODEL
from patrol.api_client import ApiClient
from patrol.casebook import ApiCasebook, Casebook, StoreCasebook
from patrol.commands.judging import BackendOption
from patrol.prelabels import PreLabelFolder
from patrol.settings import load_settings
from patrol.survey import Look, PictureUnreadable, Survey, files_in, looks_in
from patrol.verdicts import Labelling, label_pictures
from patrol.wiring import open_case_room, open_shelf
from streams.frames import ImagePicture

dataset_app = typer.Typer(no_args_is_help=True, help="Data sets from a city's own cases.")

KEY_ENV = "GRIDPATROL_KEY"
FormatOption = Annotated[
    Format, typer.Option("--format", help="coco and label-studio are written beside the YOLO layout.")
]
_TABLE_COLUMNS = 130


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where cases come from, and the model of that site."""

    book: Casebook
    package: ModelPackage


@dataset_app.command("build")
def build_command(
    out: Annotated[Path, typer.Option(help="New folder for the data set.")],
    from_cases: Annotated[bool, typer.Option("--from-cases", help="From the desk's decided cases.")] = False,
    config: Annotated[
        Path, typer.Option("--config", "-c", envvar="GRIDPATROL_CONFIG", help="Whose database and evidence to read.")
    ] = Path("gridpatrol.toml"),
    api: Annotated[str | None, typer.Option(help="Read over this API (http://host:port) instead.")] = None,
    key: Annotated[
        str | None,
        typer.Option(envvar=KEY_ENV, help=f"API key that may read; better set {KEY_ENV}.", show_default=False),
    ] = None,
    to: FormatOption = "yolo",
    since: Annotated[datetime | None, typer.Option(help="Pictures taken since then (UTC).")] = None,
    hold_out: Annotated[float, typer.Option(min=0, max=1, help="Share of cameras that go to val.")] = 0.2,
    seed: Annotated[int, typer.Option(help="Another one holds out other cameras.")] = 0,
    most_per_case: Annotated[int, typer.Option(min=1, help="Pictures of one case at most.")] = 6,
    model: Annotated[
        str | None, typer.Option(help="Whose categories, and who marks bins; default: the site's active model.")
    ] = None,
    context: Annotated[
        bool, typer.Option(help="Let the model mark what no case is about (bins), so that it is not unlearned.")
    ] = True,
    site: Annotated[str, typer.Option(help="The city's name in provenance.csv.")] = "city",
    licence: Annotated[str, typer.Option(help="What provenance.csv says of every picture.")] = LICENCE,
) -> None:
    """已办结案件变为训练数据。 / Turn confirmed and rejected cases into a data set, split by camera."""
    if not from_cases:
        raise ModelError("a data set is built from cases; mend: add --from-cases (photographs: `models compose`)")
    begin = None if since is None else since.replace(tzinfo=since.tzinfo or UTC)
    with _desk(config, api, key, model) as desk:
        manifest = desk.package.manifest
        found = label_pictures(desk.book.case_files(begin), manifest.categories, most_per_case, begin)
        rules = WritingRules(manifest.categories, CameraSplit(hold_out, seed), site, licence)
        mark = _context_marker(desk.package) if context else (lambda image: ())
        with progress_bar("数据集 / data set", len(found.pictures)) as step:
            data = write_collected(found.pictures, desk.book.original, mark, rules, out, lambda done: step())
    spec = read_spec(data)
    if to != "yolo":
        parts = {part: marked_pictures(spec, part) for part in ("train", "val")}
        write_interchange(out, parts, spec.names, to, licence=licence)
    _tell(found, data, manifest.violations)


@contextmanager
def _desk(config: Path, api: str | None, key: str | None, model: str | None) -> Iterator[_Desk]:
    if api is not None:
        if not key:
            raise ConfigError(f"--api needs a key that may read; mend: set {KEY_ENV} (gridpatrol keys create NAME)")
        with ApiClient(api.rstrip("/"), key, timeout_s=60) as client:
            yield _Desk(ApiCasebook(client), load_package(model or DEFAULT_MODEL))
        return
    settings = load_settings(config)
    room = open_case_room(settings)
    try:
        package = open_shelf(settings).active() if model is None else load_package(model)
        yield _Desk(StoreCasebook(room.store, room.evidence), package)
    finally:
        room.engine.dispose()


def _context_marker(package: ModelPackage) -> Callable[[Pixels], Sequence[NamedBox]]:
    """The model's context categories at its own thresholds: nobody at the desk decides on them."""
    context = set(package.manifest.categories) - set(package.manifest.violations)
    if not context:
        return lambda image: ()
    detector = load_detector(package)

    def mark(image: Pixels) -> Sequence[NamedBox]:
        return [
            NamedBox(found.category, found.box)
            for found in detector.detect(ImagePicture(image))
            if found.category in context
        ]

    return mark


def _tell(found: Labelling, data: Path, violations: Sequence[str]) -> None:
    spec = read_spec(data)
    table = Table("part", "cameras", "pictures", "without violation", *spec.names)
    cameras = {part: set[str]() for part in spec.parts}
    held = {picture.sha256[:12]: picture for picture in found.pictures}
    for part, folder in spec.parts.items():
        mine = [held[path.stem.rpartition("_")[2]] for path in folder.iterdir()]
        cameras[part] = {picture.camera for picture in mine}
        pictures, boxes = count_boxes(spec, part)
        clean = sum(not any(box.category in violations for box in picture.boxes) for picture in mine)
        counts = (str(boxes[number]) for number in range(len(spec.names)))
        table.add_row(part, str(len(cameras[part])), str(pictures), str(clean), *counts)
    console = Console(width=_TABLE_COLUMNS)
    console.print(table)
    for reason, count in sorted(found.left_out.items()):
        typer.echo(f"未采用 / left out: {count} ({reason.value})")
    if not cameras["val"]:
        typer.echo(
            "只有一路摄像机，没有验证集 / one camera only, so nothing is held out: judge on other pictures, "
            "or wait for cases of a second camera"
        )
    typer.echo(f"指纹 / fingerprint: {fingerprint(spec)}")
    typer.echo(f"已写入 / wrote: {data}")


def label_command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Pictures and clips to label; searched whole.")],
    model: Annotated[str, typer.Option(help="Package name, or a package folder.")] = DEFAULT_MODEL,
    out: Annotated[Path | None, typer.Option(help="Where labels go; default DIR-labels, beside DIR.")] = None,
    to: FormatOption = "yolo",
    conf: Annotated[
        float, typer.Option(min=0, max=1, help="Least confidence: a person deletes faster than draws.")
    ] = 0.1,
    every_frame: Annotated[bool, typer.Option(help="Clips: every frame, not key frames only.")] = False,
    backend: BackendOption = "auto",
    workers: Annotated[int, typer.Option(help="Detectors at work; 0: one a core.", min=0)] = 0,
) -> None:
    """预标注新画面，供人工核对。 / Pre-label new footage for a person to check; goes on where it stopped."""
    folder = folder.resolve()
    target = (out or folder.with_name(f"{folder.name}-labels")).resolve()
    if target == folder or folder in target.parents:
        raise ConfigError(f"--out {target} lies in the folder that is labelled; name one outside it")
    package = load_package(model)
    chosen = faster_backend(package, threads=1) if backend == "auto" else backend
    if not folder.is_dir():
        raise ConfigError(f"{folder}: no such folder; name one that holds pictures or clips")
    files = files_in([folder])
    kept = PreLabelFolder(target, folder, package.manifest.categories, package.ref)
    survey = Survey(lambda: load_detector(package, chosen, threads=1, confidence=conf), workers)
    unreadable: list[PictureUnreadable] = []
    try:
        with progress_bar(f"{package.manifest.name} · {chosen}", len(files)) as step:

            def looks() -> Iterator[Look]:
                for file in files:
                    try:
                        yield from kept.undone(looks_in(file, every_frame))
                    except PictureUnreadable as error:
                        unreadable.append(error)
                    step()

            for found in survey.run(looks()):
                if isinstance(found, PictureUnreadable):
                    unreadable.append(found)
                else:
                    kept.keep(found)
    except KeyboardInterrupt:
        typer.echo("已中断，再次运行即续做 / interrupted; run it again to go on", err=True)
        raise typer.Exit(130) from None
    kept.write(to)
    _tell_labels(kept.counts, target, unreadable)


def _tell_labels(counts: Counter[str], target: Path, unreadable: Sequence[PictureUnreadable]) -> None:
    said = ", ".join(f"{count} {what}" for what, count in counts.items()) or "nothing to do"
    typer.echo(f"预标注 / pre-labels: {said}")
    typer.echo(f"已写入 / wrote: {target}")
    for error in unreadable:
        typer.echo(f"跳过 / skipped: {error}", err=True)
    if unreadable:
        raise typer.Exit(1)


@contextmanager
def progress_bar(title: str, total: int) -> Iterator[Callable[[], None]]:
    """A bar on standard error; call what it gives once for each step."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(title, total=total)
        yield lambda: progress.advance(task)
