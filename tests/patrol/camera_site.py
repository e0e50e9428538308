"""A worker that follows its configuration file and a real API, to add, change and remove cameras under it."""

import json
import os
import threading
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from cases.keys import Scope
from detector.scripted import Script, ScriptedDetector
from grid.cells import load_geojson
from patrol.api_client import ApiClient
from patrol.camera_fleet_slot import PatrolledCamera
from patrol.camera_rules import SiteRules
from patrol.model_watch import Watchman
from patrol.outbox import Outbox
from patrol.settings import Settings, load_settings
from patrol.wiring import open_camera_watch
from patrol.worker import Worker
from tests.patrol.conftest import OutageApi
from tests.patrol.street import CELL, GARBAGE, camera, settings, until, worker_key
from tests.streams.clips import make_clip


def shows_nothing(_image: object) -> tuple[()]:
    return ()


@dataclass
class Site:
    """One configuration file, one API, and a way to make workers over both."""

    folder: Path
    api: OutageApi
    script: Script = shows_nothing
    top: str = ""
    """Further sections of the configuration file."""
    config: Path = field(init=False)

    def __post_init__(self) -> None:
        self.config = self.folder / "gridpatrol.toml"
        settings(self.folder, [])  # writes the grids
        self.write([])

    def write(self, cameras: Iterable[Mapping[str, object]]) -> None:
        """The configuration file with these cameras."""
        text = (
            f"{self.top}\n[site]\ndata_dir = '.'\n[grid]\nfile = 'grids.geojson'\n"
            "[worker]\nstatus_every_s = 0.3\ncameras_every_s = 0.2\nconnect_per_s = 100.0\n"
        )
        self.write_text(text + "".join(toml_of(section) for section in cameras))

    def write_text(self, text: str) -> None:
        """In one piece, as a good editor does."""
        beside = self.config.with_suffix(".new")
        beside.write_text(text, encoding="utf-8")
        os.replace(beside, self.config)

    def settings(self) -> Settings:
        return load_settings(self.config)

    def come(self) -> httpx.Client:
        """The API begins; what is returned may do everything there."""
        self.api.rules = SiteRules(self.settings(), load_geojson(self.folder / "grids.geojson"), self.config)
        self.api.come()
        key = self.api.key(f"admin-{len(self.api.keys.list())}", Scope.ADMIN)
        headers = {"Authorization": f"Bearer {key}"}
        return httpx.Client(base_url=self.api.url, headers=headers, timeout=20, trust_env=False)

    def worker(self) -> Worker:
        configured = self.settings()
        city = load_geojson(configured.grid.file)
        client = ApiClient(self.api.url, worker_key(self.api))
        return Worker(
            configured,
            Watchman((ScriptedDetector(self.script, (GARBAGE,)),), frozenset({GARBAGE})),
            city,
            Outbox(configured.outbox_path),
            client,
            cameras=open_camera_watch(configured, self.config, city, client),
        )

    @contextmanager
    def patrol(self) -> Iterator[Worker]:
        worker = self.worker()
        worker.start()
        try:
            yield worker
        finally:
            worker.stop(drain_s=1)


def looping(camera_id: str, clip: Path, cell: str = CELL, **more: object) -> dict[str, Any]:
    """A clip played for ever in its own time, a look a second."""
    return {**camera(camera_id, clip, cell), "loop": True, "interval_s": 1.0, **more}


def key_frames(path: Path) -> Path:
    """Four seconds, four pictures a second, each a key frame."""
    return make_clip(path, pictures=16, fps=4, gop=1)


def toml_of(section: Mapping[str, Any]) -> str:
    """A [[cameras]] block; JSON's lists and texts are TOML's, too."""
    lines = ["[[cameras]]"]
    for name, value in section.items():
        if isinstance(value, Mapping):
            lines += [f"{name}.{key} = {inline(item)}" for key, item in value.items()]
        else:
            lines.append(f"{name} = {inline(value)}")
    text = "\n".join(lines) + "\n"
    tomllib.loads(text)
    return text


def inline(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{name} = {inline(item)}" for name, item in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(inline(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def states(worker: Worker) -> dict[str, str]:
    return {str(status["camera_id"]): str(status["state"]) for status in worker.camera_statuses()}


def slot_of(worker: Worker, camera_id: str) -> PatrolledCamera:
    return next(each for each in worker.fleet.cameras if each.camera_id == camera_id)


def are_live(worker: Worker, *camera_ids: str) -> bool:
    known = states(worker)
    return all(known.get(camera_id) == "live" for camera_id in camera_ids)


def camera_threads() -> int:
    names = [thread.name for thread in threading.enumerate()]
    return sum(name.startswith(("camera-", "feed-", "positions-")) for name in names)


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


def looked(worker: Worker, camera_id: str, times: int = 1) -> bool:
    before = slot_of(worker, camera_id).taken
    return until(lambda: slot_of(worker, camera_id).taken >= before + times)
