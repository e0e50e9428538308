"""The gate in the real worker: the same incidents at the same moments, for a fraction of the looks."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import httpx
import numpy as np
import pytest

from cases.keys import Scope
from core.detections import Detection, ModelRef
from core.errors import ModelError
from core.geometry import Box
from core.ids import CameraId
from detector.scripted import Script, ScriptedDetector
from grid.cells import load_geojson
from patrol.api_client import ApiClient
from patrol.model_watch import ModelWatch, ScriptedWatch, Watchman
from patrol.outbox import Outbox
from patrol.worker import Worker
from streams.frames import Image
from tests.detector.gate_street import noise_of, street, with_thing, write_clip
from tests.patrol.conftest import OutageApi
from tests.patrol.street import (
    CELL,
    GARBAGE,
    NEXT_CELL,
    STARTED_AT,
    cases,
    clip_camera,
    run,
    settings,
    worker,
    worker_key,
)

SIZE = (320, 180)
PICTURES, STEP_S = 160, 10.0
COMES, GOES = 5, 85
"""The bag lies in pictures 5 to 84: 13 minutes, which is longer than garbage may."""
X, Y, SIDE = 150, 120, 16
EMPTY = street(SIZE)
WITH_BAG = with_thing(EMPTY, X, Y, SIDE, SIDE, -45)
FOUND = (Detection(GARBAGE, 0.8, Box(X, Y, X + SIDE, Y + SIDE)),)


def film(path: Path) -> Path:
    """A bag comes and goes on a still street, ten seconds from picture to picture."""
    shown = [WITH_BAG if COMES <= number < GOES else EMPTY for number in range(PICTURES)]
    return write_clip(path, noise_of(shown, 4.0))


@pytest.fixture(scope="module")
def a_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film(tmp_path_factory.mktemp("film") / "street.mp4")


def filmed(camera_id: str, path: Path, cell: str, **more: object) -> dict[str, object]:
    return dict(clip_camera(camera_id, path, cell, SIZE, time_scale=4 * STEP_S, **more))


def sees_the_bag(image: Image) -> tuple[Detection, ...]:
    inside = float(image[Y + 3 : Y + SIDE - 3, X + 3 : X + SIDE - 3].mean())
    beside = float(image[Y + 3 : Y + SIDE - 3, X + SIDE + 4 : X + SIDE + 24].mean())
    return FOUND if inside < beside - 20 else ()


def counted(script: Script, looks: list[int]) -> Script:
    def look(image: Image) -> tuple[Detection, ...]:
        looks.append(1)
        return script(image)

    return look


def gate_of(patrol: Worker, camera_id: str) -> dict[str, int]:
    status = next(each for each in patrol.camera_statuses() if each["camera_id"] == camera_id)
    counts = status["gate"]
    assert isinstance(counts, dict)
    return counts


def test_the_same_cases_are_opened_reported_and_cleared_with_the_gate_and_without(
    tmp_path: Path, outage_api: OutageApi, a_film: Path
) -> None:
    outage_api.come()
    looks: list[int] = []
    cameras = [filmed("CAM-GATED", a_film, CELL), filmed("CAM-PLAIN", a_film, NEXT_CELL, gate=False)]
    patrol = worker(tmp_path, cameras, outage_api, counted(sees_the_bag, looks))
    run(patrol, lambda: patrol.has_ended)
    by_camera = {case.cameras[0]: case for case in cases(outage_api)}
    gated, plain = by_camera[CameraId("CAM-GATED")], by_camera[CameraId("CAM-PLAIN")]
    assert gated.first_seen_at == plain.first_seen_at == STARTED_AT + timedelta(seconds=COMES * STEP_S)
    assert (gated.opened_at, gated.last_seen_at, gated.cleared_at) == (
        plain.opened_at,
        plain.last_seen_at,
        plain.cleared_at,
    )
    assert gated.cleared_at is not None
    told = [[event.kind for event in outage_api.store.events_of(case.id)] for case in (gated, plain)]
    assert told[0] == told[1]
    gate = gate_of(patrol, "CAM-GATED")
    looked = sum(count for reason, count in gate.items() if reason not in ("carried", "differing"))
    assert gate["first"] == 1
    assert gate["changed"] >= 2
    assert gate["confirming"] >= 1
    assert gate["forced"] >= 5
    assert looked + gate["carried"] == PICTURES
    assert gate_of(patrol, "CAM-PLAIN")["off"] == PICTURES
    assert len(looks) == looked + PICTURES
    # Ten minutes of clearing are looked at in full, since absence is never carried: 60 of the 160 pictures.
    assert gate["carried"] > 60


def test_metrics_and_the_camera_list_tell_what_the_gate_did(
    tmp_path: Path, outage_api: OutageApi, a_film: Path
) -> None:
    outage_api.come()
    patrol = worker(tmp_path, [filmed("CAM-01", a_film, CELL)], outage_api, lambda image: ())
    run(patrol, lambda: patrol.has_ended)
    headers = {"Authorization": f"Bearer {outage_api.key('reader', Scope.READ)}"}
    with httpx.Client(base_url=outage_api.url, headers=headers, trust_env=False) as reader:
        (listed,) = reader.get("/api/v1/cameras").json()["cameras"]
        metrics = reader.get("/metrics").text
    gate = gate_of(patrol, "CAM-01")
    assert listed["gate"] == gate
    assert listed["looks"]["looks"] == PICTURES, "a carried picture counts as a look: the interval was kept"
    assert {"interval_p99_s", "age_p99_s"} <= listed["looks"].keys()
    assert f'gridpatrol_gate_pictures{{decision="carried"}} {float(gate["carried"])}' in metrics
    assert f'gridpatrol_gate_pictures{{decision="looked"}} {float(PICTURES - gate["carried"])}' in metrics
    assert f'gridpatrol_gate_pictures{{decision="forced"}} {float(gate["forced"])}' in metrics
    assert gate["carried"] > PICTURES * 0.7


def test_a_detector_that_fails_is_asked_again_with_the_next_picture(
    tmp_path: Path, outage_api: OutageApi, a_film: Path
) -> None:
    outage_api.come()
    looks: list[int] = []

    def fails_at_first(image: Image) -> tuple[Detection, ...]:
        if len(looks) <= 3:
            raise ModelError("the runtime is not ready")
        return ()

    patrol = worker(tmp_path, [filmed("CAM-01", a_film, CELL)], outage_api, counted(fails_at_first, looks))
    run(patrol, lambda: patrol.has_ended)
    gate = gate_of(patrol, "CAM-01")
    assert gate["first"] == 1
    assert sum(count for reason, count in gate.items() if reason != "differing") == PICTURES - 3


class NamedDetector(ScriptedDetector):
    def __init__(self, ref: ModelRef, script: Script) -> None:
        super().__init__(script, (GARBAGE,))
        self._ref = ref

    @property
    def model(self) -> ModelRef:
        return self._ref


def with_models(
    folder: Path, api: OutageApi, cameras: Sequence[dict[str, object]], first: Script, models: ModelWatch
) -> Worker:
    configured = settings(folder, cameras)
    return Worker(
        configured,
        Watchman((NamedDetector(ModelRef("city", "a" * 64), first),), frozenset({GARBAGE})),
        load_geojson(configured.grid.file),
        Outbox(configured.outbox_path),
        ApiClient(api.url, worker_key(api)),
        models=models,
    )


def test_another_model_looks_at_its_first_picture_though_nothing_has_changed(
    tmp_path: Path, outage_api: OutageApi, a_film: Path
) -> None:
    outage_api.come()
    seen: list[float] = []

    def remembers(image: Image) -> tuple[Detection, ...]:
        seen.append(float(np.mean(image)))
        return ()

    relief = Watchman((NamedDetector(ModelRef("city", "b" * 64), remembers),), frozenset({GARBAGE}))
    cameras = [filmed("CAM-01", a_film, CELL)]
    patrol = with_models(tmp_path, outage_api, cameras, lambda image: (), ScriptedWatch({50: relief}))
    run(patrol, lambda: patrol.has_ended)
    assert gate_of(patrol, "CAM-01")["first"] == 2
    assert seen


def test_a_restarted_worker_looks_at_its_first_picture(tmp_path: Path, outage_api: OutageApi, a_film: Path) -> None:
    outage_api.come()
    for _ in range(2):
        assert played(tmp_path, outage_api, a_film)["first"] == 1


def played(folder: Path, api: OutageApi, path: Path) -> dict[str, int]:
    """What the gate made of the film in a worker of its own."""
    patrol = worker(folder, [filmed("CAM-01", path, CELL)], api, lambda image: ())
    run(patrol, lambda: patrol.has_ended)
    return gate_of(patrol, "CAM-01")
