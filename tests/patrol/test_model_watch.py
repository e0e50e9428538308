"""A worker takes up a promoted model between two looks: memory, outbox and incidents go on as if nothing had been."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.detections import Detection, ModelRef
from core.errors import ModelError
from detector.scripted import Script, ScriptedDetector
from grid.cells import load_geojson
from models.manifest import ModelPackage, load_package
from models.promotion import Approval, ModelShelf
from models.registry import DEFAULT_MODEL
from patrol.api_client import ApiClient
from patrol.model_watch import ModelWatch, ScriptedWatch, ShelfWatch, Watchman
from patrol.outbox import Outbox
from patrol.wiring import open_shelf, runnable_package, watchman_of
from patrol.worker import Worker
from streams.frames import Image
from tests.models.test_promotion import package
from tests.patrol.conftest import OutageApi
from tests.patrol.street import (
    GARBAGE,
    PICTURES,
    STARTED_AT,
    cases,
    clip,
    clip_camera,
    garbage_in,
    run,
    settings,
    until,
    worker_key,
)
from tests.streams.clips import index_of

NOON = datetime(2026, 5, 14, 4, 0, tzinfo=UTC)
APPROVAL = Approval(NOON, "王工", {}, "ab" * 32)
QUICK_S = 0.02


class NamedDetector(ScriptedDetector):
    """A scripted detector that says which weights it stands for."""

    def __init__(self, ref: ModelRef, script: Script) -> None:
        super().__init__(script, (GARBAGE,))
        self._ref = ref

    @property
    def model(self) -> ModelRef:
        return self._ref


OLD, NEW = ModelRef("city", "a" * 64), ModelRef("city", "b" * 64)


def watchman(ref: ModelRef, script: Script) -> Watchman:
    return Watchman((NamedDetector(ref, script),), frozenset({GARBAGE}))


def worker(folder: Path, api: OutageApi, script: Script, models: ModelWatch) -> Worker:
    configured = settings(folder, [clip_camera("CAM-01", clip(folder / "a.mp4"))])
    return Worker(
        configured,
        Watchman((NamedDetector(OLD, script),), frozenset({GARBAGE})),
        load_geojson(configured.grid.file),
        Outbox(configured.outbox_path),
        ApiClient(api.url, worker_key(api)),
        models=models,
    )


def models_of(api: OutageApi) -> list[str]:
    """The model of each event of the only case."""
    (case,) = cases(api)
    return [event.data["model"]["sha256"] for event in api.store.events_of(case.id)]


def test_a_change_of_model_keeps_the_memory_and_makes_one_case_not_two(tmp_path: Path, outage_api: OutageApi) -> None:
    outage_api.come()
    # The old model sees the first third only, too short for a case; the new one the rest: only together they dwell.
    change = ScriptedWatch({7: watchman(NEW, garbage_in(range(6, PICTURES)))})
    patrol = worker(tmp_path, outage_api, garbage_in(range(6)), change)
    run(patrol, lambda: patrol.has_ended)
    (case,) = cases(outage_api)
    assert case.first_seen_at == STARTED_AT
    assert set(models_of(outage_api)) == {NEW.sha256}


def test_an_open_incident_goes_on_under_the_new_model_and_back(tmp_path: Path, outage_api: OutageApi) -> None:
    outage_api.come()
    always = garbage_in(range(PICTURES))

    def more_from(picture: int) -> Script:
        def look(image: Image) -> tuple[Detection, ...]:
            found = always(image)
            return found * 2 if index_of(image) >= picture else found  # a rising count is reported at once

        return look

    change = ScriptedWatch({15: watchman(NEW, more_from(15))})
    patrol = worker(tmp_path, outage_api, always, change)
    run(patrol, lambda: patrol.has_ended)
    told = models_of(outage_api)
    assert (told[0], told[-1]) == (OLD.sha256, NEW.sha256)
    (case,) = cases(outage_api)
    assert len(case.presences) == 1


class Street:
    """A site whose worker watches the real shelf; packages are real, what they see is scripted."""

    def __init__(self, folder: Path, api: OutageApi, at_picture: int, then: Callable[["Street"], None]) -> None:
        self.shelf = ModelShelf(folder / "models", DEFAULT_MODEL)
        self._always = garbage_in(range(PICTURES))
        self._watch = ShelfWatch(self.shelf, self._load, None, QUICK_S, retry_s=QUICK_S)

        def look(image: Image) -> tuple[Detection, ...]:
            if index_of(image) == at_picture:
                then(self)
            return self._always(image)

        self.worker = worker(folder, api, look, self._watch)

    def promote(self, folder: Path) -> None:
        self.shelf.promote(load_package(folder), self.shelf.ledger().active, APPROVAL)

    def waits_for(self, sha256: str) -> None:
        """Until that model stands ready; nobody else takes it, because this runs in the worker's own look."""

        def is_ready() -> bool:
            ready = self._watch._ready
            return ready is not None and ready.model.sha256 == sha256

        assert until(is_ready)

    def _load(self, package: ModelPackage) -> Watchman:
        return watchman(package.ref, self._twice)

    def _twice(self, image: Image) -> tuple[Detection, ...]:
        return self._always(image) * 2


def test_a_promotion_reaches_the_running_worker_from_the_shelf(tmp_path: Path, outage_api: OutageApi) -> None:
    outage_api.come()
    folder = package(tmp_path / "new", "2")

    def promotes(street: Street) -> None:
        street.promote(folder)
        street.waits_for(load_package(folder).manifest.sha256)

    street = Street(tmp_path, outage_api, at_picture=14, then=promotes)
    run(street.worker, lambda: street.worker.has_ended)
    told = models_of(outage_api)
    assert told[0] == OLD.sha256
    assert told[-1] == load_package(folder).manifest.sha256
    assert Outbox(tmp_path / "worker-1.db").progress().incidents == 1


def test_rolling_back_reaches_the_running_worker_too(tmp_path: Path, outage_api: OutageApi) -> None:
    outage_api.come()
    folder = package(tmp_path / "new", "2")
    shipped = load_package(DEFAULT_MODEL).manifest

    def promotes_and_regrets(street: Street) -> None:
        street.promote(folder)
        street.waits_for(load_package(folder).manifest.sha256)
        street.shelf.rollback(NOON, "王工")
        street.waits_for(shipped.sha256)

    street = Street(tmp_path, outage_api, at_picture=14, then=promotes_and_regrets)
    run(street.worker, lambda: street.worker.has_ended)
    assert models_of(outage_api)[-1] == shipped.sha256


def test_a_promoted_package_that_is_broken_is_told_once_and_the_old_model_goes_on(
    tmp_path: Path, outage_api: OutageApi, caplog: pytest.LogCaptureFixture
) -> None:
    outage_api.come()
    caplog.set_level(logging.INFO)
    folder = package(tmp_path / "new", "2")

    def breaks(street: Street) -> None:
        step = street.shelf.promote(load_package(folder), None, APPROVAL)
        weights = street.shelf.folder / str(step.folder) / "model.onnx"
        weights.chmod(0o644)
        weights.write_bytes(b"half of it")
        assert until(lambda: "cannot be used" in caplog.text)

    street = Street(tmp_path, outage_api, at_picture=4, then=breaks)
    run(street.worker, lambda: street.worker.has_ended)
    assert set(models_of(outage_api)) == {OLD.sha256}
    told = [r.getMessage() for r in caplog.records if "cannot be used" in r.getMessage()]
    assert len(set(told)) == len(told) <= 2  # it may be caught while it breaks, and then broken
    assert "is not the file its manifest names" in told[-1]


def test_a_package_that_fails_on_a_picture_never_gets_to_look(tmp_path: Path) -> None:
    shelf = ModelShelf(tmp_path / "models", DEFAULT_MODEL)

    def fails(image: Image) -> tuple[Detection, ...]:
        raise ModelError("the head is of another shape")

    tried: list[str] = []

    def load(package: ModelPackage) -> Watchman:
        tried.append(package.manifest.version)
        return watchman(NEW, fails)

    watch = ShelfWatch(shelf, load, None, QUICK_S, retry_s=QUICK_S)
    shelf.promote(load_package(package(tmp_path / "new", "2")), None, APPROVAL)
    watch.start()
    assert until(lambda: len(tried) >= 2)  # tried again, in case its disk was away
    assert watch.take() is None
    watch.stop()


def test_the_real_detector_of_a_promoted_package_gets_ready_and_is_given_once(tmp_path: Path) -> None:
    configured = settings(tmp_path, [clip_camera("CAM-01", "nowhere.mp4")])
    shelf = open_shelf(configured)
    folder = package(tmp_path / "new", "2")
    shelf.promote(load_package(folder), None, APPROVAL)
    watch = ShelfWatch(shelf, lambda made: watchman_of(configured, made), None, QUICK_S)
    watch.start()
    assert until(lambda: watch._ready is not None)
    given = watch.take()
    assert given is not None
    assert given.model.sha256 == load_package(folder).manifest.sha256
    assert watch.take() is None
    watch.stop()


def test_a_worker_that_starts_on_a_broken_promotion_looks_with_the_one_before(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shelf = ModelShelf(tmp_path / "models", DEFAULT_MODEL)
    for version in ("2", "3"):
        step = shelf.promote(load_package(package(tmp_path / version, version)), shelf.ledger().active, APPROVAL)
    (shelf.folder / str(step.folder) / "model.onnx").unlink()
    assert runnable_package(shelf).manifest.version == "2"
    assert "gridpatrol-n 3 was promoted and cannot be used" in caplog.text
    shelf.ledger_path.write_text("{")
    assert runnable_package(shelf).manifest == load_package(DEFAULT_MODEL).manifest
