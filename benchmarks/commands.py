"""``gridpatrol bench``: what this machine carries, measured; each prints a table and, as its last line, JSON."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.table import Table

from benchmarks import api_load, case_life, desk_load, detect_rate, storm
from benchmarks.bars import bars_svg
from benchmarks.decode_limit import DecodeCost, decode_limits
from benchmarks.machine import machine_facts
from benchmarks.pipeline import PipelineQuestion, measure
from benchmarks.result import finish
from benchmarks.street_clips import Traffic, street_clips
from core.cores import usable_cores
from detector.runtimes import PrecisionChoice, settled
from models.manifest import load_package
from models.registry import DEFAULT_MODEL

app = typer.Typer(
    no_args_is_help=True, help="本机能带多少路摄像机 / How much this machine carries: decode, detect, pipeline, storm."
)

ClipsOption = Annotated[list[Path], typer.Option("--clips", help="Camera clips; none: 1080p clips made for it, kept.")]
ClipsFolder = Annotated[Path, typer.Option(help="Where clips made for the benchmark are kept.")]
TrafficOption = Annotated[Traffic, typer.Option(help="Of the clips made for it: busy, or still with noise only.")]
JsonOption = Annotated[Path | None, typer.Option("--json", help="Write the result here, too.")]
PlotOption = Annotated[Path | None, typer.Option("--plot", help="Write bars as SVG here.")]
_MADE: list[Path] = []
_FOLDER = Path(tempfile.gettempdir()) / "gridpatrol-bench"

app.command("detect")(detect_rate.main)
app.command("storm")(storm.main)
app.command("api")(api_load.main)
app.command("desk")(desk_load.main)
app.command("life")(case_life.main)


@app.command("decode")
def decode_command(
    clips: ClipsOption = _MADE,
    clips_folder: ClipsFolder = _FOLDER,
    traffic: TrafficOption = "busy",
    json_file: JsonOption = None,
) -> None:
    """Cameras a core when pictures are only decoded: key frames, packets alone, everything."""
    used = clips or street_clips(clips_folder, traffic)
    limits = decode_limits(used, usable_cores())
    ways: dict[str, DecodeCost] = {
        "key frames": limits.key_frames,
        "demultiplex only": limits.demux,
        "every picture": limits.everything,
    }
    table = Table("way", "CPU s per camera-minute", "cameras a core")
    for name, cost in ways.items():
        table.add_row(name, f"{60 * cost.cpu_per_video_s:.3f}", f"{cost.cameras_per_core:.1f}")
    Console().print(table)
    result = {
        name.replace(" ", "_"): {
            "cpu_s_per_camera_minute": round(60 * cost.cpu_per_video_s, 4),
            "cameras_per_core": round(cost.cameras_per_core, 2),
        }
        for name, cost in ways.items()
    }
    finish({**result, "clips": [clip.name for clip in used], "machine": machine_facts()}, json_file)


@app.command("pipeline")
def pipeline_command(
    clips: ClipsOption = _MADE,
    clips_folder: ClipsFolder = _FOLDER,
    traffic: TrafficOption = "busy",
    interval: Annotated[float, typer.Option(min=0.1, help="Seconds between two looks at a camera.")] = 2.0,
    cameras: Annotated[str, typer.Option(help="How many; auto: the most whose intervals are kept.")] = "auto",
    seconds: Annotated[float, typer.Option(min=5, help="Length of each trial.")] = 60.0,
    backend: Annotated[Literal["auto", "onnxruntime", "openvino"], typer.Option()] = "auto",
    precision: Annotated[PrecisionChoice, typer.Option(help="OpenVINO only.")] = "auto",
    against: Annotated[
        Path | None, typer.Option(help="Ultralytics weights (.pt): measure OpenCV + Ultralytics with them, too.")
    ] = None,
    against_python: Annotated[str | None, typer.Option(help="Interpreter that has the train extra.")] = None,
    over: Annotated[
        Literal["files", "rtsp"], typer.Option(help="How the clips come: rtsp from a real server on the same cores.")
    ] = "files",
    model: Annotated[str, typer.Option(help="Package name, or a package folder.")] = DEFAULT_MODEL,
    json_file: JsonOption = None,
    plot: PlotOption = None,
) -> None:
    """The most cameras that the whole patrol carries, beside a user's loop and the two limits."""
    question = PipelineQuestion(
        clips=tuple(clips or street_clips(clips_folder, traffic)),
        interval_s=interval,
        seconds=seconds,
        cameras=camera_count(cameras),
        backend=backend,
        precision=settled(precision),
        against=against,
        over=over,
        **({} if against_python is None else {"against_python": against_python}),
    )
    cores = usable_cores()
    result = measure(question, load_package(model), cores, typer.echo)
    Console().print(pipeline_table(result))
    if plot is not None:
        plot.write_text(pipeline_plot(result), encoding="utf-8")
    finish(result, json_file)


def camera_count(given: str) -> int | None:
    if given == "auto":
        return None
    if not given.isdigit() or int(given) < 1:
        raise typer.BadParameter(f"--cameras {given}: a number from 1 on, or auto")
    return int(given)


def pipeline_table(result: Mapping[str, Any]) -> Table:
    table = Table("what", "cameras a core", title=f"one look each {result['interval_s']:g} s")
    for name, key in ROWS.items():
        if result[key] is not None:
            table.add_row(name, f"{result[key]:.1f}")
    for name in ("ratio_to_decode_limit", "ratio_to_baseline", "memory_mb_per_camera", "frame_age_p99_s"):
        table.add_row(name, str(result[name]))
    return table


def pipeline_plot(result: Mapping[str, Any]) -> str:
    values = {name: float(result[key]) for name, key in ROWS.items() if result[key] is not None}
    return bars_svg(values, f"Cameras a core, one look each {result['interval_s']:g} s")


ROWS = {
    "OpenCV + Ultralytics": "baseline_cameras_per_core",
    "Gridpatrol, whole patrol": "cameras_per_core",
    "limit: key-frame decoding": "decode_limit_cameras_per_core",
    "limit: bare network": "runtime_limit_cameras_per_core",
}
