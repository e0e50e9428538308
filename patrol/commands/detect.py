"""``gridpatrol detect``: look at pictures, folders and videos."""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Annotated, Literal, TextIO

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from core.errors import ConfigError
from detector.evidence import annotate, as_jpeg
from detector.load import faster_backend, load_detector
from models.manifest import load_package
from models.registry import DEFAULT_MODEL
from patrol.commands.options import SizeOption, input_size_of
from patrol.survey import Found, Look, PictureUnreadable, Survey, files_in, looks_in

Paths = Annotated[
    list[Path], typer.Argument(help="图片、目录或视频 / pictures, folders or videos.", show_default=False)
]


def detect(
    paths: Paths,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write one JSON line a picture here; - for standard output.")
    ] = None,
    save: Annotated[Path | None, typer.Option(help="Write annotated pictures into this folder.")] = None,
    conf: Annotated[
        float | None, typer.Option(help="Least confidence for every category; default: the model's own.", min=0, max=1)
    ] = None,
    model: Annotated[str, typer.Option(help="A shipped model's name, or a folder with manifest.json.")] = DEFAULT_MODEL,
    backend: Annotated[Literal["auto", "onnxruntime", "openvino"], typer.Option()] = "auto",
    size: SizeOption = None,
    workers: Annotated[int, typer.Option(help="Detectors at work; 0: one a core.", min=0)] = 0,
    every_frame: Annotated[bool, typer.Option(help="Videos: every frame, not key frames only.")] = False,
) -> None:
    """在图片、目录或视频里找违规。 / Find violations in pictures, folders and videos."""
    package = load_package(model)
    input_size = package.manifest.size_or_default(None if size is None else input_size_of(size))
    chosen = faster_backend(package, threads=1, input_size=input_size) if backend == "auto" else backend
    make = partial(load_detector, package, chosen, threads=1, confidence=conf, input_size=input_size)
    make()  # a bad model is told before the first picture
    files = files_in(paths)
    if save is not None:
        make_folder(save, "--save")
    saved: Counter[str] = Counter()
    console = Console(stderr=True)
    survey = Survey(make, workers)
    unreadable: list[PictureUnreadable] = []
    seen: Counter[str] = Counter()
    looked = 0
    out = open_output(json_file)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    try:
        with Progress(*columns, console=console) as progress:
            bar = progress.add_task(f"{package.manifest.name} · {chosen}", total=len(files))

            def looks() -> Iterator[Look]:
                for file in files:
                    try:
                        yield from looks_in(file, every_frame)
                    except PictureUnreadable as error:
                        unreadable.append(error)
                    progress.advance(bar)

            for result in survey.run(looks()):
                if isinstance(result, PictureUnreadable):
                    unreadable.append(result)
                    continue
                looked += 1
                seen.update(detection.category for detection in result.detections)
                if out is not None:
                    out.write(json.dumps(result.as_json(), ensure_ascii=False) + "\n")
                if save is not None:
                    save_annotated(result, save, saved)
    except KeyboardInterrupt:
        console.print("已中断，已完成的结果保留 / interrupted; finished lines are kept")
        raise typer.Exit(130) from None
    finally:
        if out is not None and out is not sys.stdout:
            out.close()
    console.print(summary(looked, seen))
    for error in unreadable:
        console.print(f"[yellow]跳过 / skipped[/]  {error}", highlight=False)
    if unreadable:
        raise typer.Exit(1)


def open_output(path: Path | None) -> TextIO | None:
    if path is None:
        return None
    if str(path) == "-":
        return sys.stdout
    make_folder(path.parent, "--json")
    try:
        return path.open("w", encoding="utf-8", buffering=1)
    except OSError as error:
        raise ConfigError(f"--json {path}: {error.strerror}; name a file that can be written") from error


def make_folder(folder: Path, option: str) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"{option} {folder}: {error.strerror}; name a folder that can be written") from error


def save_annotated(found: Found, folder: Path, saved: Counter[str]) -> None:
    """Write the picture with its boxes; a video's frames carry their number.

    Args:
        saved: the names written so far; pictures of one name from several folders are told apart by a count.
    """
    number = "" if found.look.frame is None else f"_{found.look.frame:06d}"
    name = f"{found.look.source.stem}{number}"
    saved[name] += 1
    again = f"({saved[name]})" if saved[name] > 1 else ""
    (folder / f"{name}{again}.jpg").write_bytes(as_jpeg(annotate(found.image, found.detections)))


def summary(looked: int, seen: Counter[str]) -> Table:
    table = Table("类别 / category", "个数 / found", title=f"{looked} 张 / pictures")
    for category, count in seen.most_common():
        table.add_row(category, str(count))
    return table
