"""One trial of the whole patrol: so many cameras for so many seconds, and whether each camera's interval was kept.

    python -m benchmarks.pipeline_trial --cameras 40 --interval 2 --seconds 60 CLIP…

The worker is the product's own: feed readers in real time, detector, cells, memory, outbox in SQLite; the API is away,
so that what it costs is not counted here. Prints one JSON object. ``benchmarks.pipeline`` runs it in a process of its
own, so that CPU and memory are the worker's alone.
"""

import json
import resource
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

import typer

from benchmarks.street_clips import lasting
from detector.runtimes import PrecisionChoice
from patrol.demo.site import ASSETS, free_port, quoted
from patrol.gating import GateCounts
from patrol.looks import LookFigures, share_below
from patrol.settings import load_settings
from patrol.spare_memory import let_loaded_rest
from patrol.wiring import open_worker
from patrol.worker import Worker

LONGEST_SETTLING_S = 60.0
WARM_UP_S = 8.0
"""After the last camera was connected; what happens before is not counted."""
CONNECT_PER_S = 20.0


@dataclass(frozen=True, slots=True)
class TrialPlan:
    """What to try."""

    clips: tuple[Path, ...]
    cameras: int
    interval_s: float
    seconds: float
    backend: str = "auto"
    precision: str = "auto"
    live: tuple[str, ...] = ()
    """Addresses that a server shows the clips at; none: the clips are played from their files."""


@dataclass(frozen=True, slots=True)
class TrialResult:
    """What came of it; ``interval_p99_s`` is the worst camera's."""

    cameras: int
    interval_s: float
    seconds: float
    looks: int
    looks_wanted: float
    interval_p99_s: float | None
    frame_age_p50_s: float | None
    frame_age_p99_s: float | None
    dropped: int
    gate_share: float | None
    """Of the pictures, those that the change gate spared the network; None where there were none."""
    stretch: float
    """By which the worker lengthened every interval at the end of the trial; 1 where it kept up."""
    cpu_s: float
    cpu_s_per_camera_minute: float
    memory_mb: float
    memory_mb_per_camera: float
    threads: int


def main(
    clips: Annotated[list[Path], typer.Argument(help="Camera clips; cameras take turns with them.")],
    cameras: Annotated[int, typer.Option(min=1)] = 8,
    interval: Annotated[float, typer.Option(min=0.1)] = 2.0,
    seconds: Annotated[float, typer.Option(min=2)] = 30.0,
    backend: Annotated[Literal["auto", "onnxruntime", "openvino"], typer.Option()] = "auto",
    precision: Annotated[PrecisionChoice, typer.Option()] = "auto",
    live: Annotated[list[str] | None, typer.Option(help="Addresses of the clips on a server.")] = None,
) -> None:
    """Run one trial."""
    plan = TrialPlan(tuple(clips), cameras, interval, seconds, backend, precision, tuple(live or ()))
    with tempfile.TemporaryDirectory(prefix="gridpatrol-trial-") as folder:
        typer.echo(json.dumps(asdict(tried(plan, Path(folder)))))


def tried(plan: TrialPlan, folder: Path) -> TrialResult:
    """The trial itself; a camera's memory is told above the worker's before it had any."""
    whole_s = plan.cameras / CONNECT_PER_S + WARM_UP_S + LONGEST_SETTLING_S + 2 * plan.interval_s + plan.seconds
    plan = replace(plan, clips=tuple(lasting(clip, whole_s, folder) for clip in plan.clips))
    config = folder / "gridpatrol.toml"
    config.write_text(configuration(plan), encoding="utf-8")
    (folder / "worker-1.key").write_text("gp_trial\n", encoding="ascii")
    settings = load_settings(config)
    worker = open_worker(settings)
    let_loaded_rest()  # as the command does
    empty_mb = resident_mb()
    worker.start()
    try:
        time.sleep(plan.cameras / CONNECT_PER_S + WARM_UP_S)
        settle(worker)
        time.sleep(2 * plan.interval_s)  # until then looks are due as they were while intervals were stretched
        for camera in settings.cameras:
            worker.looks.forget(camera.id)
        gate_before = worker.gate_counts
        cpu_before, dropped_before, begun_s = cpu_s(), dropped(worker), time.monotonic()
        time.sleep(plan.seconds)
        spent_s, lost, lasted_s = cpu_s() - cpu_before, dropped(worker) - dropped_before, time.monotonic() - begun_s
        gate_after, stretch = worker.gate_counts, worker.pace.stretch
        memory_mb, threads = resident_mb(), threading.active_count()
        figures = [worker.looks.figures(camera.id) for camera in settings.cameras]
    finally:
        worker.stop(drain_s=0)
    return TrialResult(
        cameras=plan.cameras,
        interval_s=plan.interval_s,
        seconds=round(lasted_s, 2),
        looks=sum(one.looks for one in figures),
        looks_wanted=round(plan.cameras * lasted_s / plan.interval_s, 1),
        interval_p99_s=worst(figures, lambda one: one.interval_p99_s),
        frame_age_p50_s=typical(figures),
        frame_age_p99_s=worst(figures, lambda one: one.age_p99_s),
        dropped=lost,
        gate_share=carried_share(gate_before, gate_after),
        stretch=round(stretch, 3),
        cpu_s=round(spent_s, 2),
        cpu_s_per_camera_minute=round(spent_s / plan.cameras / lasted_s * 60, 4),
        memory_mb=round(memory_mb, 1),
        memory_mb_per_camera=round((memory_mb - empty_mb) / plan.cameras, 2),
        threads=threads,
    )


def settle(worker: Worker) -> None:
    """Wait until the rush of all first looks is over and no interval is stretched any more, or never will be."""
    until_s = time.monotonic() + LONGEST_SETTLING_S
    while worker.pace.stretch > 1.0 and time.monotonic() < until_s:
        time.sleep(1.0)


def configuration(plan: TrialPlan) -> str:
    """The trial's ``gridpatrol.toml``: every camera on the demo's first view, enlarged to the clip's size."""
    truth = json.loads((ASSETS / "truth.json").read_text(encoding="utf-8"))
    view = truth["cameras"][0]
    points = ", ".join(
        f"{{ pixel = {json.dumps(point['pixel'])}, lonlat = {json.dumps(point['lonlat'])} }}"
        for point in view["control_points"]
    )
    lines = [
        'site = { data_dir = "." }',
        f"api = {{ port = {free_port(8790)} }}",
        f"worker = {{ connect_per_s = {CONNECT_PER_S} }}",
        f"detector = {{ backend = {quoted(plan.backend)}, precision = {quoted(plan.precision)} }}",
        f"grid = {{ file = {quoted(str(ASSETS / 'grids.geojson'))} }}",
    ]
    for number in range(plan.cameras):
        lines += [
            "[[cameras]]",
            f'id = "CAM-{number:04d}"',
            *feed_of(plan, number),
            f"interval_s = {plan.interval_s}",
            f"view.frame_size = {json.dumps(truth['size'])}",
            f"view.control_points = [{points}]",
        ]
    return "\n".join(lines) + "\n"


def feed_of(plan: TrialPlan, number: int) -> tuple[str, ...]:
    """The lines of a camera's feed."""
    if plan.live:
        return (f"url = {quoted(plan.live[number % len(plan.live)])}",)
    return (f"url = {quoted(str(plan.clips[number % len(plan.clips)].resolve()))}", "loop = true")


def carried_share(before: GateCounts, after: GateCounts) -> float | None:
    carried, looked = after.carried - before.carried, after.looked - before.looked
    return round(carried / (carried + looked), 3) if carried + looked else None


def worst(figures: Sequence[LookFigures], value: Callable[[LookFigures], float | None]) -> float | None:
    """The largest over the cameras; None when a camera has none: it was hardly looked at."""
    values = [value(one) for one in figures]
    known = [one for one in values if one is not None]
    return round(max(known), 3) if known and len(known) == len(values) else None


def typical(figures: Sequence[LookFigures]) -> float | None:
    """The median camera's median age."""
    found = share_below([one.age_p50_s for one in figures if one.age_p50_s is not None], 0.5)
    return None if found is None else round(found, 3)


def dropped(worker: Worker) -> int:
    """Pictures that were decoded and never looked at, over all cameras."""
    return sum(int(str(status["frames_dropped"])) for status in worker.camera_statuses())


def cpu_s() -> float:
    """Of this process, all threads."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def resident_mb() -> float:
    """Memory of this process that is not shared with others, MB (2^20 bytes)."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    typer.run(main)
