"""Ten minutes on a real RTSP server that dies in between: both cameras must come back by themselves.

    python -m benchmarks.rtsp_soak CLIP_A.mp4 CLIP_B.mp4 [--seconds 600] [--json FILE]

Starts the server, `gridpatrol up` with two cameras, kills the server after a third of the time, starts it again
a minute later, and reads everything back over the API. The clips are ordinary streets, so the thresholds are set
low on purpose: what is proven here is the way from a live feed to a case with evidence, not the model.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.result import finish
from cases.keys import Scope
from core.clock import SystemClock
from patrol.api_client import ApiAway, ApiClient
from patrol.demo.run import all_cases, rows
from patrol.demo.site import free_port, quoted
from patrol.settings import load_settings
from patrol.wiring import open_case_room

CAMERAS = ("SOAK-01", "SOAK-02")
CELLS = ("510104001001001", "510104001001002")
AWAY_S = 60.0


def main(
    clips: Annotated[list[Path], typer.Argument(help="Two H.264 clips.")],
    seconds: Annotated[float, typer.Option(min=30)] = 600,
    confidence: Annotated[float, typer.Option(min=0, max=1)] = 0.03,
    json_file: Annotated[Path | None, typer.Option("--json")] = None,
) -> None:
    """Run the soak and print what came of it; exit 1 when a camera stayed away or no case came."""
    with tempfile.TemporaryDirectory(prefix="gridpatrol-soak-") as folder:
        result = soak(Path(folder), clips[:2], seconds, confidence)
    finish(result, json_file)
    if not result["passed"]:
        raise typer.Exit(1)


def soak(folder: Path, clips: list[Path], seconds: float, confidence: float) -> Mapping[str, object]:
    """The run itself, in ``folder``."""
    rtsp_port, api_port = free_port(18554), free_port(18850)
    server = [sys.executable, "-m", "tests.support.rtsp_server", "--port", str(rtsp_port)]
    server += [f"{name}={clip}" for name, clip in zip(CAMERAS, clips, strict=True)]
    config = lay_out(folder, rtsp_port, api_port, confidence)
    settings = load_settings(config)
    room = open_case_room(settings)
    key = room.keys.create("soak", [Scope.READ], SystemClock().now())
    room.engine.dispose()
    began_s = time.monotonic()
    rtsp = subprocess.Popen(server, start_new_session=True)
    patrol = subprocess.Popen([sys.executable, "-m", "patrol.cli", "up", "--config", str(config)])
    try:
        with ApiClient(settings.api_url, key) as client:
            first_live_s = wait_for(client, "live", 60)
            sleep_until(began_s + seconds / 3)
            kill(rtsp)
            noticed_s = wait_for_not_live(client, 60)
            time.sleep(AWAY_S)
            rtsp = subprocess.Popen(server, start_new_session=True)
            back_s = wait_for(client, "live", 120)
            sleep_until(began_s + seconds)
            cameras = rows(client.get("/api/v1/cameras"), "cameras")
            cases = all_cases(client)
            evidence = sum(len(rows(client.get(f"/api/v1/cases/{case['id']}"), "evidence")) for case in cases)
    finally:
        patrol.send_signal(signal.SIGINT)
        patrol.wait(timeout=60)
        kill(rtsp)
    pairs = [(case["cell_id"], case["category"]) for case in cases]
    return {
        "seconds": round(time.monotonic() - began_s),
        "first_live_s": first_live_s,
        "fault_noticed_s": noticed_s,
        "back_after_restart_s": back_s,
        "cameras": [
            {
                name: camera[name]
                for name in ("camera_id", "state", "reconnects", "frames_decoded", "frames_corrupt", "transitions")
            }
            for camera in cameras
        ],
        "cases": len(cases),
        "duplicates": len(pairs) - len(set(pairs)),
        "evidence_pictures": evidence,
        "passed": back_s is not None
        and all(camera["state"] == "live" for camera in cameras)
        and len(cases) > 0
        and evidence > 0
        and len(pairs) == len(set(pairs)),
    }


def kill(server: "subprocess.Popen[bytes]") -> None:
    """End the server and what it started, at once, as a crash would."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()


def lay_out(folder: Path, rtsp_port: int, api_port: int, confidence: float) -> Path:
    """A configuration of two live cameras, each over its own cell, and short dwell times."""
    features = [
        {
            "type": "Feature",
            "properties": {"code": code, "name": f"soak {index}", "zone": "controlled"},
            "geometry": {
                "type": "Polygon",
                "coordinates": [
                    [[west, 30.66], [west + 0.001, 30.66], [west + 0.001, 30.661], [west, 30.661], [west, 30.66]]
                ],
            },
        }
        for index, code in enumerate(CELLS)
        for west in (104.06 + 0.002 * index,)
    ]
    grids = {"type": "FeatureCollection", "features": features}
    (folder / "grids.geojson").write_text(json.dumps(grids), encoding="utf-8")
    thresholds = ", ".join(f"{name} = {confidence}" for name in ("street_stall", "exposed_garbage", "roadside_clutter"))
    dwell = ", ".join(f"{name} = 10.0" for name in ("street_stall", "exposed_garbage", "roadside_clutter"))
    lines = [
        f"api = {{ port = {api_port}, access_log = false }}",
        'grid = { file = "grids.geojson" }',
        f"detector = {{ confidence = {{ {thresholds} }} }}",
        f"confirmation = {{ hits = 1, window = 5, dwell_s = {{ {dwell} }} }}",
    ]
    for camera, cell in zip(CAMERAS, CELLS, strict=True):
        lines += [
            "[[cameras]]",
            f"id = {quoted(camera)}",
            f"url = {quoted(f'rtsp://127.0.0.1:{rtsp_port}/{camera}')}",
            "interval_s = 2.0",
            "timeout_s = 5.0",
            f'view.regions = [{{ cell = "{cell}", polygon = [[0, 0], [4000, 0], [4000, 4000], [0, 4000]] }}]',
        ]
    config = folder / "gridpatrol.toml"
    config.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return config


def states(client: ApiClient) -> list[str]:
    try:
        return [str(camera["state"]) for camera in rows(client.get("/api/v1/cameras"), "cameras")]
    except ApiAway:
        return []


def wait_for(client: ApiClient, state: str, timeout_s: float) -> float | None:
    """Seconds until both cameras were in a state; None when they were not in time."""
    return measured(lambda: states(client) == [state] * len(CAMERAS), timeout_s)


def wait_for_not_live(client: ApiClient, timeout_s: float) -> float | None:
    return measured(lambda: len(found := states(client)) == len(CAMERAS) and "live" not in found, timeout_s)


def measured(is_so: Callable[[], bool], timeout_s: float) -> float | None:
    began_s = time.monotonic()
    while time.monotonic() - began_s < timeout_s:
        if is_so():
            return round(time.monotonic() - began_s, 1)
        time.sleep(0.5)
    return None


def sleep_until(moment_s: float) -> None:
    time.sleep(max(0.0, moment_s - time.monotonic()))


if __name__ == "__main__":
    typer.run(main)
