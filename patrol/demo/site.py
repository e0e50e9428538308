"""Lays out the demo's own little city: a configuration over the packaged clips and grids."""

import json
import shutil
import socket
from datetime import datetime, timedelta
from importlib.resources import files
from math import ceil
from pathlib import Path

from core.clock import isoformat_z
from core.errors import ConfigError, PatrolError

ASSETS = Path(str(files("patrol.demo"))) / "assets"
PORTS_TRIED = 50
LOOPING_ROOM = timedelta(days=30)
"""City time the loop can run through before it meets the wall clock; eight hours of demo."""
MARK = ".gridpatrol-demo"


def lay_out(data_dir: Path, port: int, fresh: bool, now: datetime) -> Path:
    """Write the demo's configuration into ``data_dir`` and return its path.

    Args:
        fresh: remove what an earlier demo left there (only a folder the demo made itself).

    Raises:
        ConfigError: the folder holds something that is not a demo's.
    """
    if fresh and data_dir.exists():
        if any(data_dir.iterdir()) and not (data_dir / MARK).exists():
            raise ConfigError(f"{data_dir} is not empty and not a demo's; name another folder with --data-dir")
        shutil.rmtree(data_dir)
    data_dir.mkdir(parents=True, exist_ok=True)
    (data_dir / MARK).touch()
    config = data_dir / "gridpatrol.toml"
    config.write_text(configuration(port, now), encoding="utf-8")
    return config


def begin_of(clip_began_at: datetime, now: datetime) -> datetime:
    """When the feeds begin: as the clips' clock says, or whole days earlier where that would be in the future.

    A looped clip's clock runs faster than the wall's, and pictures from the future are refused.
    """
    days_late = ceil((clip_began_at - now + LOOPING_ROOM) / timedelta(days=1))
    return clip_began_at - timedelta(days=max(0, days_late))


def configuration(port: int, now: datetime) -> str:
    """The demo's ``gridpatrol.toml``."""
    truth = json.loads((ASSETS / "truth.json").read_text(encoding="utf-8"))
    started_at = begin_of(datetime.fromisoformat(truth["started_at"]), now)
    lines = [
        "# Written by `gridpatrol demo`: rendered street cameras, one picture a second, 90 s of city time each.",
        'site = { data_dir = "." }',
        f"api = {{ port = {port}, access_log = false }}",
        "worker = { status_every_s = 1.0 }",
        f"grid = {{ file = {quoted(str(ASSETS / 'grids.geojson'))} }}",
    ]
    for camera in truth["cameras"]:
        lines += [
            "",
            "[[cameras]]",
            f"id = {quoted(camera['camera'])}",
            f"name = {quoted(camera['name'])}",
            f"url = {quoted(str(ASSETS / camera['clip']))}",
            f"started_at = {isoformat_z(started_at)}",
            f"time_scale = {truth['step_s'] / truth['picture_s']:.1f}",
            "loop = true",
            "interval_s = 0.5",
            f"view.frame_size = {json.dumps(truth['size'])}",
            "view.control_points = [",
            *(
                f"  {{ pixel = {json.dumps(p['pixel'])}, lonlat = {json.dumps(p['lonlat'])} }},"
                for p in camera["control_points"]
            ),
            "]",
        ]
    return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    """A TOML basic string (JSON's escapes are a subset of TOML's)."""
    return json.dumps(text, ensure_ascii=False)


def free_port(wanted: int) -> int:
    """The wanted port, or the next free one above it.

    Raises:
        PatrolError: none of the next ports is free.
    """
    for port in range(wanted, wanted + PORTS_TRIED):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise PatrolError(f"no free port between {wanted} and {wanted + PORTS_TRIED - 1}; name one with --port")
