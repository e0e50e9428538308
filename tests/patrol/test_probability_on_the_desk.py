"""From the map in a model's manifest to the operator's page: the real worker, API and desk."""

from pathlib import Path

import httpx
import pytest

from cases.keys import Scope
from core.clock import SystemClock
from core.detections import ModelRef
from grid.cells import load_geojson
from models.manifest import load_package
from models.probability import ConfidenceMap
from models.registry import DEFAULT_MODEL
from patrol.api_client import ApiClient
from patrol.model_watch import ModelWatch, ScriptedWatch, Watchman
from patrol.outbox import Outbox
from patrol.wiring import watchman_of
from patrol.worker import Worker
from tests.desk.page_rules import words_of
from tests.patrol.conftest import OutageApi
from tests.patrol.street import (
    GARBAGE,
    PICTURES,
    cases,
    clip,
    clip_camera,
    garbage_in,
    run,
    settings,
    worker_key,
)
from tests.patrol.test_model_watch import NamedDetector

OLD, NEW = ModelRef("city", "a" * 64), ModelRef("city", "b" * 64)
DOUBTED = ConfidenceMap(slope=0.5, offset=-0.7, detections=40)
"""Of the scripted 0.8 it says sigmoid(0.5 * ln 4 - 0.7), just under one half."""


def _worker(folder: Path, api: OutageApi, told_by: ConfidenceMap | None, models: ModelWatch | None = None) -> Worker:
    configured = settings(folder, [clip_camera("CAM-01", clip(folder / "a.mp4"))])
    return Worker(
        configured,
        Watchman(
            (NamedDetector(OLD, garbage_in(range(PICTURES))),),
            frozenset({GARBAGE}),
            {} if told_by is None else {GARBAGE: told_by},
        ),
        load_geojson(configured.grid.file),
        Outbox(configured.outbox_path),
        ApiClient(api.url, worker_key(api)),
        models=models,
    )


def _case_page(api: OutageApi) -> str:
    (case,) = cases(api)
    token = api.keys.create_login("李敏", [Scope.OPERATOR], SystemClock().now())
    with httpx.Client(base_url=api.url, trust_env=False, follow_redirects=True) as browser:
        browser.get("/login", params={"token": token})
        return words_of(browser.get(f"/cases/{case.id}", params={"lang": "zh"}).text)


def test_the_operator_reads_how_likely_the_find_is_right(tmp_path: Path, outage_api: OutageApi) -> None:
    outage_api.come()
    patrol = _worker(tmp_path, outage_api, DOUBTED)
    run(patrol, lambda: patrol.has_ended)
    (case,) = cases(outage_api)
    assert case.probability == pytest.approx(0.4983, abs=1e-4)
    assert "判对概率 50 %（模型置信 0.80）" in _case_page(outage_api)


def test_a_model_that_was_never_measured_claims_no_probability(tmp_path: Path, outage_api: OutageApi) -> None:
    outage_api.come()
    patrol = _worker(tmp_path, outage_api, None)
    run(patrol, lambda: patrol.has_ended)
    (case,) = cases(outage_api)
    assert case.probability is None
    said = _case_page(outage_api)
    assert "模型置信 0.80" in said
    assert "判对概率" not in said


def test_a_promoted_model_brings_its_own_map(tmp_path: Path, outage_api: OutageApi) -> None:
    outage_api.come()
    new = Watchman((NamedDetector(NEW, garbage_in(range(PICTURES))),), frozenset({GARBAGE}), {GARBAGE: DOUBTED})
    patrol = _worker(tmp_path, outage_api, None, ScriptedWatch({2: new}))
    run(patrol, lambda: patrol.has_ended)
    (case,) = cases(outage_api)
    told = {
        event.data["model"]["sha256"]: event.data.get("probability") for event in outage_api.store.events_of(case.id)
    }
    assert told == {NEW.sha256: pytest.approx(0.4983, abs=1e-4)}


def test_the_shipped_package_comes_with_its_maps(tmp_path: Path) -> None:
    package = load_package(DEFAULT_MODEL)
    configured = settings(tmp_path, [clip_camera("CAM-01", tmp_path / "a.mp4")])
    watchman = watchman_of(configured, package)
    assert dict(watchman.probability) == package.manifest.probability
    assert watchman.wanted <= set(watchman.probability)
