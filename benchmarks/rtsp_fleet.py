"""Many RTSP cameras from a real server for a long time: is every interval kept, and does anything grow?

    python -m benchmarks.rtsp_fleet CLIP… [--cameras 64] [--interval 10] [--seconds 1800] [--json FILE]

Starts the server, then API and worker as a site runs them, and looks at the cameras page's own figures and at the
worker's process. Passes when no camera's interval was exceeded by more than a fifth (99th percentile of the worst
camera), memory in the last third lies at most 2 % above the second third, and threads and file descriptors are flat.
"""

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.machine import machine_facts
from benchmarks.result import finish
from benchmarks.rtsp_soak import kill, measured
from cases.keys import Scope
from core.clock import SystemClock
from patrol.api_client import ApiAway, ApiClient
from patrol.demo.run import rows
from patrol.demo.site import free_port, quoted
from patrol.settings import load_settings
from patrol.wiring import open_case_room

INTERVAL_SLACK = 1.2
MOST_MEMORY_GROWTH = 1.02
MOST_MORE_THREADS = 2
SAMPLE_EVERY_S = 5.0
SETTLE_S = 60.0
"""After the last camera is live; what happens before is not counted."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The worker's process at one moment."""

    at_s: float
    memory_mb: float
    threads: int
    descriptors: int
    cpu_s: float


def main(
    clips: Annotated[list[Path], typer.Argument(help="H.264 clips; cameras take turns with them.")],
    cameras: Annotated[int, typer.Option(min=1)] = 64,
    interval: Annotated[float, typer.Option(min=0.1)] = 10.0,
    seconds: Annotated[float, typer.Option(min=60)] = 1800.0,
    backend: Annotated[str, typer.Option()] = "auto",
    json_file: Annotated[Path | None, typer.Option("--json")] = None,
) -> None:
    """Run it and print what came of it; exit 1 when a promise was not kept."""
    with tempfile.TemporaryDirectory(prefix="gridpatrol-fleet-") as folder:
        result = run(Path(folder), clips, cameras, interval, seconds, backend)
    finish(result, json_file)
    if not result["passed"]:
        raise typer.Exit(1)


def run(
    folder: Path, clips: Sequence[Path], cameras: int, interval_s: float, seconds: float, backend: str
) -> dict[str, Any]:
    """The run itself, in ``folder``."""
    rtsp_port, api_port = free_port(18600), free_port(18900)
    mounts = {f"street{number}": clip for number, clip in enumerate(clips)}
    server = [sys.executable, "-m", "tests.support.rtsp_server", "--port", str(rtsp_port)]
    server += [f"{name}={clip}" for name, clip in mounts.items()]
    urls = [f"rtsp://127.0.0.1:{rtsp_port}/street{number % len(clips)}" for number in range(cameras)]
    config = lay_out(folder, urls, api_port, interval_s, backend)
    settings = load_settings(config)
    room = open_case_room(settings)
    key = room.keys.create("fleet", [Scope.READ], SystemClock().now())
    room.engine.dispose()
    rtsp = subprocess.Popen(server, start_new_session=True)
    patrol = subprocess.Popen([sys.executable, "-m", "patrol.cli", "up", "--config", str(config)])
    try:
        with ApiClient(settings.api_url, key) as client:
            all_live_s = measured(lambda: live(client) == cameras, 60 + cameras)
            if all_live_s is None:
                return {"passed": False, "live": live(client), "cameras": cameras}
            worker = worker_of(patrol.pid)
            time.sleep(SETTLE_S)
            before = looked(client)
            samples = watch(worker, seconds)
            after = looked(client)
            states = {str(camera["state"]) for camera in rows(client.get("/api/v1/cameras"), "cameras")}
    finally:
        patrol.send_signal(signal.SIGINT)
        patrol.wait(timeout=120)
        kill(rtsp)
    return report(before, after, samples, states, cameras, interval_s, seconds, all_live_s)


def report(
    before: Mapping[str, Mapping[str, Any]],
    after: Mapping[str, Mapping[str, Any]],
    samples: Sequence[Sample],
    states: set[str],
    cameras: int,
    interval_s: float,
    seconds: float,
    all_live_s: float,
) -> dict[str, Any]:
    """What the run says, and whether each promise was kept."""
    third = len(samples) // 3
    first, second, last = samples[:third], samples[third : 2 * third], samples[2 * third :]
    thirds = (first, second, last)
    growth = statistics.median(s.memory_mb for s in last) / statistics.median(s.memory_mb for s in second)
    worst_s = max(float(figures["interval_p99_s"] or 1e9) for figures in after.values())
    counts = [int(after[name]["looks"]) - int(before[name]["looks"]) for name in after]
    wanted = seconds / interval_s
    threads_grew = max(s.threads for s in last) - max(s.threads for s in second)
    descriptors_grew = max(s.descriptors for s in last) - max(s.descriptors for s in second)
    passed = (
        worst_s <= INTERVAL_SLACK * interval_s
        and min(counts) >= wanted / INTERVAL_SLACK
        and growth <= MOST_MEMORY_GROWTH
        and threads_grew <= MOST_MORE_THREADS
        and descriptors_grew <= MOST_MORE_THREADS
        and states == {"live"}
    )
    spent_s = samples[-1].cpu_s - samples[0].cpu_s
    lasted_s = samples[-1].at_s - samples[0].at_s
    return {
        "passed": passed,
        "cameras": cameras,
        "interval_s": interval_s,
        "seconds": round(lasted_s),
        "all_live_after_s": all_live_s,
        "worst_interval_p99_s": round(worst_s, 2),
        "fewest_looks": min(counts),
        "looks_wanted": round(wanted, 1),
        "memory_mb": [round(statistics.median(s.memory_mb for s in part), 1) for part in thirds],
        "memory_growth": round(growth, 4),
        "threads": [max(s.threads for s in part) for part in thirds],
        "descriptors": [max(s.descriptors for s in part) for part in thirds],
        "cpu_share_of_a_core": round(spent_s / lasted_s, 3),
        "samples": [asdict(one) for one in samples[:: max(1, len(samples) // 60)]],
        "machine": machine_facts(),
    }


def lay_out(folder: Path, urls: Sequence[str], api_port: int, interval_s: float, backend: str) -> Path:
    """A configuration of live cameras, each over a cell of its own."""
    features = []
    for number in range(len(urls)):
        west, south = 104.06 + 0.002 * (number % 32), 30.66 + 0.002 * (number // 32)
        ring = [[west, south], [west + 0.001, south], [west + 0.001, south + 0.001], [west, south + 0.001]]
        features.append(
            {
                "type": "Feature",
                "properties": {"code": cell_code(number), "name": f"fleet {number}", "zone": "controlled"},
                "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
            }
        )
    grids = {"type": "FeatureCollection", "features": features}
    (folder / "grids.geojson").write_text(json.dumps(grids), encoding="utf-8")
    lines = [
        f"api = {{ port = {api_port}, access_log = false }}",
        'grid = { file = "grids.geojson" }',
        f"detector = {{ backend = {quoted(backend)} }}",
    ]
    for number, url in enumerate(urls):
        polygon = "[[0, 0], [4000, 0], [4000, 4000], [0, 4000]]"
        lines += [
            "[[cameras]]",
            f'id = "FLEET-{number:03d}"',
            f"url = {quoted(url)}",
            f"interval_s = {interval_s}",
            f'view.regions = [{{ cell = "{cell_code(number)}", polygon = {polygon} }}]',
        ]
    config = folder / "gridpatrol.toml"
    config.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return config


def cell_code(number: int) -> str:
    return f"510104001{number + 1:06d}"


def live(client: ApiClient) -> int:
    try:
        return sum(camera["state"] == "live" for camera in rows(client.get("/api/v1/cameras"), "cameras"))
    except ApiAway:
        return 0


def looked(client: ApiClient) -> dict[str, Mapping[str, Any]]:
    """Each camera's look figures as the API tells them."""
    found: dict[str, Mapping[str, Any]] = {}
    for camera in rows(client.get("/api/v1/cameras"), "cameras"):
        looks = camera["looks"]
        found[str(camera["camera_id"])] = looks if isinstance(looks, Mapping) else {}
    return found


def worker_of(parent: int) -> int:
    """The worker's process id, by its command line.

    Raises:
        RuntimeError: the parent has no worker.
    """
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            is_ours = f"PPid:\t{parent}\n" in (folder / "status").read_text(encoding="ascii")
        except OSError:
            continue
        if is_ours and b"worker" in words:
            return int(folder.name)
    raise RuntimeError("the patrol has no worker; see its words above")


def watch(worker: int, seconds: float) -> list[Sample]:
    """The worker's process, looked at every few seconds."""
    samples = []
    ends_at_s = time.monotonic() + seconds
    while time.monotonic() < ends_at_s:
        samples.append(sample(worker))
        time.sleep(SAMPLE_EVERY_S)
    return samples


def sample(pid: int) -> Sample:
    folder = Path("/proc") / str(pid)
    status = dict(line.split(":", 1) for line in (folder / "status").read_text(encoding="ascii").splitlines())
    fields = (folder / "stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return Sample(
        at_s=round(time.monotonic(), 2),
        memory_mb=int(status["RssAnon"].split()[0]) / 1024,
        threads=int(status["Threads"]),
        descriptors=len(list((folder / "fd").iterdir())),
        cpu_s=(int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"),
    )


if __name__ == "__main__":
    typer.run(main)
