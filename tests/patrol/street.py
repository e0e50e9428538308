"""A street of two cells and cameras that are clips made on the spot; what the detector sees is told by grey level."""

import json
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cases.case import Case
from cases.keys import Scope
from cases.queries import CaseQuery
from core.detections import Detection
from core.geometry import Box
from core.ids import CategoryId
from detector.scripted import Script, ScriptedDetector
from grid.cells import load_geojson
from patrol.api_client import ApiClient
from patrol.model_watch import Watchman
from patrol.outbox import Outbox
from patrol.settings import Settings
from patrol.worker import Worker
from streams.frames import Image
from tests.patrol.conftest import OutageApi
from tests.streams.clips import index_of, make_clip

GARBAGE = CategoryId("exposed_garbage")
CELL, NEXT_CELL = "510104001001001", "510104001001002"
STARTED_AT = datetime(2026, 5, 14, 0, 30, tzinfo=UTC)
STEP = timedelta(seconds=60)
"""City time between two pictures of a clip."""
PICTURES = 18
SIZE = (128, 96)


def clip(path: Path, size: tuple[int, int] = SIZE) -> Path:
    """18 key frames, four a second; played with ``time_scale`` 240 they are a minute apart."""
    return make_clip(path, pictures=PICTURES, gop=1, size=size)


def camera(camera_id: str, url: object, cell: str = CELL, size: tuple[int, int] = SIZE, **more: object) -> Any:
    """A [[cameras]] section whose whole picture shows one cell."""
    width, height = size
    whole = [[0, 0], [width, 0], [width, height], [0, height]]
    return {
        "id": camera_id,
        "url": str(url),
        "view": {"frame_size": list(size), "regions": [{"cell": cell, "polygon": whole}]},
        "interval_s": 0,
        **more,
    }


def clip_camera(camera_id: str, url: object, cell: str = CELL, size: tuple[int, int] = SIZE, **more: object) -> Any:
    played = {"started_at": STARTED_AT, "time_scale": 240.0, "pace": "fast"}
    return camera(camera_id, url, cell, size, **(played | more))


def settings(folder: Path, cameras: Iterable[Mapping[str, object]]) -> Settings:
    grids = folder / "grids.geojson"
    features = [
        {
            "type": "Feature",
            "properties": {"code": code, "name": code, "zone": "controlled", "units": {}},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[x, 30.66], [x + 0.001, 30.66], [x + 0.001, 30.661], [x, 30.661], [x, 30.66]]],
            },
        }
        for code, x in ((CELL, 104.065), (NEXT_CELL, 104.067))
    ]
    grids.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return Settings.model_validate(
        {
            "site": {"data_dir": folder},
            "grid": {"file": grids},
            "worker": {"status_every_s": 0.2},
            "cameras": list(cameras),
        }
    )


def garbage_in(pictures: Iterable[int]) -> Script:
    """Garbage stands in these pictures of every clip."""
    wanted = frozenset(pictures)

    def look(image: Image) -> tuple[Detection, ...]:
        return (Detection(GARBAGE, 0.8, Box(40, 40, 80, 80)),) if index_of(image) in wanted else ()

    return look


def worker(folder: Path, cameras: Iterable[Mapping[str, object]], api: OutageApi, script: Script) -> Worker:
    """A worker over the folder's own outbox; each has a key of its own."""
    configured = settings(folder, cameras)
    return Worker(
        configured,
        Watchman((ScriptedDetector(script, (GARBAGE,)),), frozenset({GARBAGE})),
        load_geojson(configured.grid.file),
        Outbox(configured.outbox_path),
        ApiClient(api.url, worker_key(api)),
    )


def worker_key(api: OutageApi) -> str:
    return api.key(f"worker-{len(api.keys.list())}", Scope.WORKER)


def cases(api: OutageApi) -> list[Case]:
    return list(api.store.list_cases(CaseQuery(), limit=50).cases)


def state_of(worker: Worker, camera_id: str) -> Mapping[str, object]:
    return next(status for status in worker.camera_statuses() if status["camera_id"] == camera_id)


def until(condition: Callable[[], bool], timeout_s: float = 15.0) -> bool:
    """Poll a fact that another thread or process brings about."""
    ends_at_s = time.monotonic() + timeout_s
    while time.monotonic() < ends_at_s:
        if condition():
            return True
        time.sleep(0.02)
    return False


def run(worker: Worker, is_over: Callable[[], bool]) -> None:
    """From start to a clean stop, with all it found delivered."""
    worker.start()
    try:
        assert until(is_over, timeout_s=15), worker.camera_statuses()
    finally:
        worker.stop(drain_s=10)
