"""Rooms put together from the settings; the only place that knows all their constructors."""

import logging
import os
import secrets
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from fastapi import FastAPI
from sqlalchemy import Engine

from api.app import create_app
from api.camera_config_book import CameraBook
from api.camera_prober import CameraProber
from api.camera_stills import StillShelf
from api.camera_workshop import CameraWorkshop
from api.clip_shelf import ClipShelf
from api.oidc.way import open_way
from cases.camera_config_store import CameraConfigStore
from cases.database import migrate, open_database
from cases.evidence import EvidenceStore
from cases.keys import ApiKeyStore, Scope
from cases.places.store import PlaceStore
from cases.store import CaseStore
from cases.transactions import reading
from core.clock import Clock, SystemClock
from core.cores import usable_cores
from core.errors import ConfigError, GridError, ModelError
from core.ids import CategoryId
from detector.load import load_detectors
from detector.runtimes import settled
from grid.cells import CityGrid
from grid.ground import Ground, ground_of
from models.manifest import ModelPackage
from models.promotion import ModelShelf
from patrol.api_client import ApiClient
from patrol.camera_rules import SiteRules, tied
from patrol.camera_watch import FILE_LOOK_S, CameraWatch, Watched
from patrol.camera_watch_api import ApiCameras
from patrol.camera_watch_file import ConfigFile, FileCameras
from patrol.city_cells import CityCells
from patrol.city_layer import DeskLayer, open_grid
from patrol.model_watch import ShelfWatch, Watchman
from patrol.outbound_wiring import open_outbound
from patrol.outbox import Outbox
from patrol.settings import Settings, worker_key
from patrol.site_facts import site_of
from patrol.worker import Worker
from patrol.worker_lock import WorkerLock
from streams.gateways.registry import Gateways
from streams.sealing import Sealer

log = logging.getLogger(__name__)

LANES_A_CORE_ON_GPU = 8
"""Lanes that mostly wait for the device: together they make its batches."""


@dataclass(frozen=True, slots=True)
class CaseRoom:
    """The case room's stores over one database."""

    engine: Engine
    store: CaseStore
    evidence: EvidenceStore
    keys: ApiKeyStore
    cameras: CameraConfigStore


def open_case_room(settings: Settings) -> CaseRoom:
    """Open and migrate the database and the evidence folder.

    Raises:
        ConfigError: the data folder cannot be made.
        PatrolError: the database cannot be opened.
    """
    make_folder(settings.site.data_dir)
    engine = open_database(settings.database_url)
    migrate(engine)
    return CaseRoom(
        engine,
        CaseStore(engine, settings.cases),
        EvidenceStore(settings.evidence_dir),
        ApiKeyStore(engine),
        CameraConfigStore(engine),
    )


def build_api(settings: Settings, room: CaseRoom, clock: Clock | None = None, config: Path | None = None) -> FastAPI:
    """The HTTP application over a case room.

    Args:
        config: the file that the settings are from; its cameras are known as they stand there at any time.
    """
    clock = clock or SystemClock()
    layer = open_layer(settings, room.engine, clock)
    city = ground_of(open_city(settings)) if layer is None else layer.city
    rules = SiteRules(settings, city, config)
    outbound = open_outbound(settings, room.engine, city, clock, sends=settings.outbound.in_api)
    sealer = Sealer(settings.secret_key_path)
    cameras = CameraBook(room.cameras, rules, sealer, room.store.camera)
    way = open_way(settings.api, sealer, os.environ)
    return create_app(
        settings.api,
        room.store,
        room.evidence,
        room.keys,
        CityCells(city),
        clock,
        cameras,
        outbound,
        sealer,
        open_workshop(settings, city),
        site_of(settings, open_shelf(settings), layer),
        way,
    )


def open_layer(settings: Settings, engine: Engine, clock: Clock) -> DeskLayer | None:
    """The grid that the desk makes, brought in line with the database; None where a file has the grid."""
    if not settings.grid.from_desk:
        return None
    layer = DeskLayer(settings.grid, PlaceStore(engine), clock)
    try:
        layer.refresh()
    except GridError as error:
        log.error("the grid stays as it was: %s", error)
    return layer


def open_workshop(settings: Settings, city: Ground) -> CameraWorkshop:
    """What the desk's camera pages look at feeds with, and where they keep what they were given."""
    return CameraWorkshop(
        city,
        CameraProber(settings.api.probe_s, Gateways(settings.gateways).source_of),
        StillShelf(settings.site.data_dir / "stills"),
        ClipShelf(settings.site.data_dir / "clips", settings.api.clip_bytes, settings.api.clips_total_bytes),
    )


def open_city(settings: Settings) -> CityGrid:
    """The unit grids of ``[grid]``."""
    return open_grid(settings.grid)


def open_shelf(settings: Settings) -> ModelShelf:
    """The site's models; ``[detector] model`` runs until one is promoted."""
    return ModelShelf(settings.site.data_dir / "models", settings.detector.model)


def runnable_package(shelf: ModelShelf) -> ModelPackage:
    """The active model, or where that is broken the newest before it that is sound: the patrol goes on, and says so.

    Raises:
        ModelError: the configuration's own model does not verify, either.
    """
    try:
        standing = shelf.ledger().stack
    except ModelError as error:
        log.error("the model that the configuration names looks: %s", error)
        standing = ()
    for step in reversed(standing):
        try:
            return shelf.package_of(step)
        except ModelError as error:
            log.error("%s %s was promoted and cannot be used, the one before looks: %s", step.name, step.version, error)
    return shelf.package_of(None)


def open_watchman(settings: Settings) -> Watchman:
    """The active model, ready to look.

    Raises:
        ModelError: the weights do not verify, or a threshold or dwell names a category they lack.
    """
    return watchman_of(settings, runnable_package(open_shelf(settings)))


def refuse_unfit(settings: Settings, package: ModelPackage) -> None:
    """Raises: ModelError when a threshold or dwell of the settings names a category that the model lacks."""
    known = {CategoryId(name) for name in package.manifest.categories}
    for where, named in (
        ("detector.confidence", settings.detector.confidence),
        ("confirmation.dwell_s", settings.confirmation.dwell_s),
    ):
        unknown = sorted(set(named) - known)
        if unknown:
            raise ModelError(
                f"{where} names {unknown[0]!r}, which the model {package.manifest.name!r} does not have; "
                f"it has {', '.join(sorted(known))}"
            )


def watchman_of(settings: Settings, package: ModelPackage) -> Watchman:
    """A package ready to look.

    Raises:
        ModelError: the runtime does not take it, or it does not fit the settings.
    """
    refuse_unfit(settings, package)
    on_gpu = settings.detector.backend in ("cuda", "tensorrt")
    sure = {
        CategoryId(name): least for name, least in package.manifest.thresholds.items()
    } | settings.detector.confidence
    detectors = load_detectors(
        package,
        settings.detector.threads or usable_cores() * (LANES_A_CORE_ON_GPU if on_gpu else 1),
        settings.detector.backend,
        confidence={category: settings.detector.unsure_share * least for category, least in sure.items()},
        precision=settled(settings.detector.precision),
        input_size=settings.detector.input_size,
    )
    manifest = package.manifest
    return Watchman(
        detectors,
        frozenset(CategoryId(name) for name in manifest.violations),
        {CategoryId(name): told_by for name, told_by in manifest.probability.items()},
        sure,
    )


def open_worker(settings: Settings, clock: Clock | None = None, config: Path | None = None) -> Worker:
    """A worker, ready to start.

    Args:
        config: the file that the settings are from; its cameras are followed while the worker runs, and so are those
            that the API keeps. None: the cameras stay those of the settings.

    Raises:
        WorkerTwice: another worker of this id patrols from this folder.
        PatrolError: it cannot be put together; the text names what and the mend.
    """
    with ExitStack() as undo:
        lock = WorkerLock(settings.worker_lock_path)
        undo.callback(lock.release)
        shelf = open_shelf(settings)
        seen = shelf.signature()
        first = open_watchman(settings)
        watch = ShelfWatch(shelf, partial(watchman_of, settings), seen)
        client = ApiClient(settings.api_url, worker_key(settings))
        city = open_city(settings)
        worker = Worker(
            settings,
            first,
            city,
            Outbox(settings.outbox_path, lock),
            client,
            clock,
            watch,
            None if config is None else open_camera_watch(settings, config, city, client),
        )
        undo.pop_all()
        return worker


def open_camera_watch(settings: Settings, config: Path, city: CityGrid, client: ApiClient) -> CameraWatch:
    """What keeps a worker's cameras those of its configuration file and of the API."""
    make_folder(settings.site.data_dir)
    file = FileCameras(ConfigFile(config), settings, lambda camera: tied(camera, city))
    sealer = Sealer(settings.secret_key_path)
    api = ApiCameras(client, settings.worker.id, settings.api_cameras_path, sealer)
    every_s = settings.worker.cameras_every_s
    return CameraWatch([Watched("file", file, FILE_LOOK_S), Watched("api", api, every_s)])


def ensure_worker_key(settings: Settings, keys: ApiKeyStore, clock: Clock) -> None:
    """Make and keep the worker's key on the first start of ``gridpatrol up``."""
    path = settings.worker_key_path
    try:
        if keys.verify(path.read_text(encoding="utf-8").strip(), clock.now()) is not None:
            return
    except FileNotFoundError:
        pass
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: the worker key cannot be read: {error}; mend the file or remove it") from error
    name = f"{settings.worker.id}-{secrets.token_hex(4)}"
    save_key(path, keys.create(name, {Scope.WORKER}, clock.now()))


def save_key(path: Path, plain: str) -> None:
    """Write a key so that only its owner can read it."""
    make_folder(path.parent)
    try:
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_text(plain + "\n", encoding="ascii")
    except OSError as error:
        raise ConfigError(f"{path}: the key cannot be written ({error.strerror}); mend the folder's rights") from error


def make_folder(path: Path) -> None:
    """A folder that is there afterwards.

    Raises:
        ConfigError: it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"{path}: the folder cannot be made ({error.strerror}); mend its rights") from error


def refuse_unpatrollable(settings: Settings) -> None:
    """What would end every worker at its start, told before anything starts.

    A feed that cannot be reached is not among it: that costs its own slot only.

    Raises:
        PatrolError: a grid, a view or the model is not usable; the text names it.
    """
    city = open_city(settings)
    for camera in settings.cameras:
        tied(camera, city)
    runnable_package(open_shelf(settings))


def check(settings: Settings) -> list[str]:
    """Validate what the settings point at, starting nothing; one line for each thing that is well.

    Raises:
        PatrolError: the first thing that is not.
    """
    city = open_city(settings)
    lines = [f"grids: {len(city)} in {settings.grid.file}"]
    open_shelf(settings).active()
    watchman = open_watchman(settings)
    model, wanted = watchman.model, ", ".join(sorted(watchman.wanted))
    lines.append(f"model: {model.name} ({model.sha256[:12]}…), files cases for {wanted}")
    for camera in settings.cameras:
        if camera.source_kind != "live" and not camera.path.exists():
            raise ConfigError(f"camera {camera.id}: {camera.path}: no such file or folder; mend its url")
        error_m = tied(camera, city).reprojection_error_m
        how = f"control points, reprojection error {error_m:.2f} m" if error_m is not None else "image regions"
        if camera.vehicle is not None:
            how = camera.vehicle.told(camera.interval_s)
        lines.append(f"camera {camera.id}: {camera.address} ({how})")
    engine = open_database(settings.database_url)
    try:
        with reading(engine):
            lines.append(f"database: {engine.url.render_as_string(hide_password=True)}")
    finally:
        engine.dispose()
    return lines
