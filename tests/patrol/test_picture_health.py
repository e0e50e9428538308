"""The worker and the fitness of its pictures, end to end on filmed streets: what cannot be relied on says nothing."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cases.case import CaseEventKind
from cases.view_health import FindingRecord
from core.ids import CameraId
from desk.pages import Language, render_cameras_page
from detector.scripted import ScriptedDetector
from grid.cells import load_geojson
from patrol.api_client import ApiClient
from patrol.model_watch import Watchman
from patrol.outbox import Outbox
from patrol.worker import Worker
from streams.picture_health.rules import HealthRules
from tests.desk.page_rules import words_of
from tests.desk.street import visitor
from tests.patrol.conftest import OutageApi
from tests.patrol.filmed import MOVED, SCENE, SIZE, film, sees_the_heap, with_heap
from tests.patrol.street import (
    GARBAGE,
    STARTED_AT,
    cases,
    clip_camera,
    run,
    settings,
    state_of,
    worker_key,
)
from tests.streams.picture_health.streets import RULES, Change, Scene, covered, in_fog, out_of_focus, with_cap_on

CAMERA = "CAM-01"
MANY = 14
"""Pictures a minute apart: garbage that stands so long is a case, and one absent so long is cleared."""


def patrolling(
    folder: Path, api: OutageApi, scenes: Sequence[Scene], hour: int = 0, rules: HealthRules = RULES, **more: Any
) -> Worker:
    """A worker over the folder's own outbox and reference pictures, to the end of one clip filmed from that hour on."""
    clip = film(folder / f"{hour}.mp4", scenes)
    camera = clip_camera(CAMERA, clip, size=SIZE, started_at=STARTED_AT + timedelta(hours=hour), **more)
    configured = settings(folder, [camera]).model_copy(update={"health": rules})
    patrol = Worker(
        configured,
        Watchman((ScriptedDetector(sees_the_heap, (GARBAGE,)),), frozenset({GARBAGE})),
        load_geojson(configured.grid.file),
        Outbox(configured.outbox_path),
        ApiClient(api.url, worker_key(api)),
    )
    run(patrol, lambda: patrol.has_ended)
    return patrol


def health_of(patrol: Worker) -> dict[str, object]:
    told = state_of(patrol, CAMERA)["health"]
    assert isinstance(told, dict)
    return told


def findings_at(api: OutageApi) -> tuple[FindingRecord, ...]:
    (camera,) = api.store.cameras()
    return camera.health.findings


def events_of(api: OutageApi) -> list[CaseEventKind]:
    (case,) = cases(api)
    return [event.kind for event in api.store.events_of(case.id)]


def test_a_sound_view_takes_its_reference_and_files_as_ever(tmp_path: Path, outage_api: OutageApi) -> None:
    outage_api.come()
    patrol = patrolling(tmp_path, outage_api, [with_heap(SCENE)] * MANY)
    assert len(cases(outage_api)) == 1
    told = health_of(patrol)
    assert (told["findings"], told["looks_withheld"]) == ([], 0)
    assert told["reference_at"] is not None
    assert len(list((tmp_path / "views").glob("*.png"))) == 1


@pytest.mark.parametrize(
    ("scene", "kind"),
    [
        pytest.param(with_heap(MOVED), "moved", id="moved"),
        pytest.param(with_heap(covered(SCENE, 0.5)), "covered", id="covered"),
        pytest.param(with_heap(out_of_focus(SCENE)), "blurred", id="blurred"),
    ],
)
def test_what_a_spoilt_view_shows_is_never_a_case_and_the_desk_says_why(
    tmp_path: Path, outage_api: OutageApi, scene: Scene, kind: str
) -> None:
    outage_api.come()
    patrolling(tmp_path, outage_api, [SCENE] * 8)
    patrolling(tmp_path, outage_api, [scene] * (2 * MANY), 1)
    assert cases(outage_api) == []
    (finding,) = findings_at(outage_api)
    assert finding.kind == kind
    said = words_of(render_cameras_page(outage_api.store.cameras(), visitor(Language.EN), finding.since))
    assert {"moved": "View moved", "covered": "Covered", "blurred": "Blurred"}[kind] in said
    assert f"{2 * MANY} pictures passed over" in said


def test_it_is_the_health_that_holds_the_case_back_and_nothing_else(tmp_path: Path, outage_api: OutageApi) -> None:
    outage_api.come()
    patrolling(tmp_path, outage_api, [SCENE] * 8)
    patrol = patrolling(tmp_path, outage_api, [with_heap(MOVED)] * MANY, 1, HealthRules(enabled=False))
    assert len(cases(outage_api)) == 1
    assert health_of(patrol)["looks_withheld"] == 0


@pytest.mark.parametrize(
    "spoilt",
    [
        pytest.param(covered, id="covered"),
        pytest.param(with_cap_on, id="black"),
        pytest.param(lambda _: MOVED, id="moved"),
    ],
)
def test_a_view_that_cannot_see_clears_nothing(tmp_path: Path, outage_api: OutageApi, spoilt: Change) -> None:
    outage_api.come()
    scenes = [with_heap(SCENE)] * MANY + [spoilt(SCENE)] * MANY + [with_heap(SCENE)] * 6
    patrol = patrolling(tmp_path, outage_api, scenes)
    assert CaseEventKind.CLEARED not in events_of(outage_api)
    assert health_of(patrol)["findings"] == []
    assert MANY <= int(str(health_of(patrol)["looks_withheld"])) < MANY + 6


def test_what_is_gone_is_cleared_when_the_view_can_see_again(tmp_path: Path, outage_api: OutageApi) -> None:
    outage_api.come()
    scenes = [with_heap(SCENE)] * MANY + [with_cap_on(SCENE)] * 6 + [SCENE] * (MANY + 4)
    patrolling(tmp_path, outage_api, scenes)
    assert events_of(outage_api)[-1] is CaseEventKind.CLEARED


def test_weather_keeps_nobody_from_looking(tmp_path: Path, outage_api: OutageApi) -> None:
    outage_api.come()
    patrolling(tmp_path, outage_api, [SCENE] * 8)
    patrol = patrolling(tmp_path, outage_api, [with_heap(in_fog(SCENE))] * MANY, 1)
    assert len(cases(outage_api)) == 1
    assert health_of(patrol)["looks_withheld"] == 0


def test_a_reference_outlives_the_worker_and_a_view_tied_anew_takes_another(
    tmp_path: Path, outage_api: OutageApi
) -> None:
    outage_api.come()
    first = health_of(patrolling(tmp_path, outage_api, [SCENE] * 8))
    again = health_of(patrolling(tmp_path, outage_api, [SCENE] * 8, 1))
    assert again["reference_at"] == first["reference_at"]
    left_half = [[0, 0], [320, 0], [320, 360], [0, 360]]
    view = {"frame_size": list(SIZE), "regions": [{"cell": "510104001001001", "polygon": left_half}]}
    tied_anew = health_of(patrolling(tmp_path, outage_api, [MOVED] * 8, 2, view=view))
    assert tied_anew["findings"] == []
    assert tied_anew["reference_at"] != first["reference_at"]


def test_every_finding_is_told_once_in_the_log(
    tmp_path: Path, outage_api: OutageApi, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    outage_api.come()
    patrolling(tmp_path, outage_api, [SCENE] * 8 + [covered(SCENE)] * 12 + [SCENE] * 5)
    told = [record.getMessage() for record in caplog.records if "covered" in record.getMessage()]
    assert [line.split(" since")[0] for line in told] == ["CAM-01: covered", "CAM-01: no longer covered"]


def test_a_camera_on_a_vehicle_is_looked_at_wherever_it_goes(tmp_path: Path, outage_api: OutageApi) -> None:
    outage_api.come()
    patrolling(tmp_path, outage_api, [SCENE] * 8, fixed=False)
    patrol = patrolling(tmp_path, outage_api, [with_heap(MOVED)] * MANY, 1, fixed=False)
    assert len(cases(outage_api)) == 1
    assert health_of(patrol)["reference_at"] is None
    assert not (tmp_path / "views").exists()


def test_a_camera_that_never_comes_is_lost_and_the_others_go_on(tmp_path: Path, outage_api: OutageApi) -> None:
    outage_api.come()
    gone = clip_camera("CAM-GONE", tmp_path / "nowhere.mp4", size=SIZE)
    good = clip_camera(CAMERA, film(tmp_path / "good.mp4", [with_heap(SCENE)] * MANY), size=SIZE)
    configured = settings(tmp_path, [gone, good]).model_copy(update={"health": HealthRules(lost_s=0.3)})
    patrol = Worker(
        configured,
        Watchman((ScriptedDetector(sees_the_heap, (GARBAGE,)),), frozenset({GARBAGE})),
        load_geojson(configured.grid.file),
        Outbox(configured.outbox_path),
        ApiClient(outage_api.url, worker_key(outage_api)),
    )

    def is_told() -> bool:
        told = {record.camera_id: record.health.findings for record in outage_api.store.cameras()}
        return [finding.kind for finding in told.get(CameraId("CAM-GONE"), ())] == ["lost"]

    run(patrol, lambda: is_told() and state_of(patrol, CAMERA)["state"] == "ended" and bool(cases(outage_api)))
    assert not any(record.health.findings for record in outage_api.store.cameras() if record.camera_id == CAMERA)
