"""One ``gridpatrol.toml``, composed of each room's own frozen section."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from api.settings import ApiSettings
from cases.keeping.rules import KeepingRules
from cases.outbound.settings import OutboundSettings
from cases.rules import CaseRules
from core.errors import ConfigError
from core.ids import CategoryId, ViewId
from detector.gate import GateSettings
from detector.load import BackendChoice
from detector.masking_rules import PrivacySettings
from detector.runtimes import PrecisionChoice
from grid.dedupe import ConfirmationRules
from grid.views import ViewSpec
from patrol.camera_files import read_toml, with_camera_files
from patrol.key_faults import explain
from patrol.vehicle_settings import VehicleSettings, check_track
from streams.gateways.spec import GatewaySpec
from streams.gb_codes import ChannelAddress, check_gateway_name
from streams.picture_health.rules import HealthRules
from streams.spec import FeedSpec

CONFIG_NAME = "gridpatrol.toml"
WORKER_KEY_ENV = "GRIDPATROL_WORKER_KEY"


class Section(BaseModel):
    """A frozen part of the configuration that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SiteSettings(Section):
    """Where this installation keeps what it must not lose."""

    data_dir: Path = Path("var")
    """Database, evidence, the worker's outbox and its key; relative to the configuration file."""


class DatabaseSettings(Section):
    """Where cases are kept."""

    url: str = ""
    """SQLAlchemy URL; empty means SQLite in ``site.data_dir``. PostgreSQL: ``postgresql://user@host/name``."""


class DetectorSettings(Section):
    """Which model looks, and with what."""

    model: str = "gridpatrol-n"
    """A shipped model's name, or a folder holding ``manifest.json`` and its weights."""
    backend: BackendChoice = "auto"
    """auto: the faster of onnxruntime and openvino on this processor; cuda and tensorrt need the extra ``gpu``."""
    threads: int = Field(default=0, ge=0)
    """Pictures looked at side by side; 0: as many as there are cores to use, eight times as many on a GPU."""
    precision: PrecisionChoice = "auto"
    """OpenVINO only; auto: bf16 where the processor multiplies it; docs/figures.md says what that gains and loses."""
    input_size: tuple[int, int] | None = None
    """Height, width in pixels at which the network looks at every picture: one that the model takes; none: the model's
    first, turned and cut to each camera's shape."""
    confidence: dict[CategoryId, float] = Field(default_factory=dict)
    """Per-category thresholds that replace the manifest's."""
    unsure_share: float = Field(default=0.8, gt=0, le=1)
    """A fixed camera's look counts, for what a sure look has seen in that cell, from this share of the threshold on;
    1: only sure looks count. docs/confirmation.md says what that gains."""


class GridSettings(Section):
    """The city's unit grids."""

    file: Path = Path()
    """GeoJSON, WGS-84 longitude/latitude; relative to the configuration file."""
    from_desk: bool = False
    """Instead of ``file``: the unit grids that the database keeps are the grid; before any is there, no grid is."""
    sub_cell_m: float | None = Field(default=None, gt=0)
    """Side of finer dedupe cells inside a unit grid, in metres; none: the unit grid is the cell."""

    @model_validator(mode="after")
    def one_place_has_the_grid(self) -> Self:
        if self.from_desk and "file" in self.model_fields_set:
            raise ValueError("both file and from_desk are given; keep one of them")
        if not self.from_desk and "file" not in self.model_fields_set:
            raise ValueError('file is missing; add file = "grids.geojson", or from_desk = true')
        return self


class WorkerSettings(Section):
    """The process that looks at cameras."""

    id: str = "worker-1"
    """Of this worker among the city's; names its outbox and key, so no two may share one."""
    api_url: str = ""
    """Where the API answers; empty means the ``[api]`` section's own address."""
    key_file: Path | None = None
    """File with the worker's API key, readable by its owner only; the environment's GRIDPATROL_WORKER_KEY wins."""
    status_every_s: float = Field(default=2.0, gt=0)
    """Between two reports of its cameras' states to the API."""
    connect_per_s: float = Field(default=20.0, gt=0)
    """Cameras connected each second at the start: a city's recorders do not like them all at once."""
    cameras_every_s: float = Field(default=3.0, gt=0)
    """Between two looks for cameras that were added, changed or removed over the API; see docs/cameras.md."""
    outbox_limit: int = Field(default=50_000, gt=0)
    """Undelivered incidents kept at most; beyond it the worker pauses looking, so nothing is lost."""

    @field_validator("api_url")
    @classmethod
    def api_url_is_http(cls, url: str) -> str:
        if url and not url.startswith(("http://", "https://")):
            raise ValueError("an address begins with http:// or https://; write http://host:port")
        return url


class CameraSettings(FeedSpec):
    """One camera: its feed, and where its picture lies on the ground."""

    enabled: bool = True
    """False: it is not connected, and shown as disabled; what its view knew is kept."""
    view: ViewSpec = ViewSpec()
    gate: bool = True
    """False: every due picture of this camera is looked at, whatever ``[gate]`` says; for a view that moves."""
    fixed: bool = True
    """False: the camera moves (on a vehicle), so its pictures are held against no reference picture."""
    vehicle: VehicleSettings | None = None
    """The camera is on a vehicle: instead of ``view``; see docs/vehicles.md."""

    @model_validator(mode="before")
    @classmethod
    def a_vehicle_moves(cls, given: Any) -> Any:
        if not isinstance(given, Mapping) or given.get("vehicle") is None:
            return given
        for name in ("gate", "fixed"):
            if given.get(name):
                raise ValueError(f"a vehicle's camera moves, so {name} = true makes no sense; take it off")
        return {**given, "gate": False, "fixed": False}

    @model_validator(mode="after")
    def a_vehicle_has_its_own_view(self) -> Self:
        if self.vehicle is None:
            return self
        if self.view.control_points or self.view.regions:
            raise ValueError("both view and vehicle are given; a vehicle's camera has vehicle only")
        check_track(self.vehicle.track, is_live=self.source_kind == "live", time_scale=self.time_scale, loop=self.loop)
        return self

    @property
    def view_id(self) -> ViewId:
        return ViewId(self.id)

    @property
    def feed(self) -> FeedSpec:
        return FeedSpec.model_validate({name: getattr(self, name) for name in FeedSpec.model_fields})


class Settings(Section):
    """The whole configuration."""

    site: SiteSettings = SiteSettings()
    database: DatabaseSettings = DatabaseSettings()
    api: ApiSettings = ApiSettings()
    worker: WorkerSettings = WorkerSettings()
    detector: DetectorSettings = DetectorSettings()
    gate: GateSettings = GateSettings()
    grid: GridSettings
    confirmation: ConfirmationRules = ConfirmationRules()
    health: HealthRules = HealthRules()
    cases: CaseRules = CaseRules()
    privacy: PrivacySettings = PrivacySettings()
    keeping: KeepingRules = KeepingRules()
    outbound: OutboundSettings = OutboundSettings()
    gateways: dict[str, GatewaySpec] = Field(default_factory=dict)
    """GB/T 28181 gateways by name; a camera behind one has ``url = "wvp://name/device/channel"``."""
    camera_files: tuple[Path, ...] = ()
    """Files with further ``[[cameras]]``; a camera there without a ``[cameras.view]`` waits for it."""
    cameras: tuple[CameraSettings, ...] = ()
    """Further ones may be kept by the API; see docs/cameras.md."""

    @model_validator(mode="after")
    def cameras_have_their_own_names(self) -> Self:
        seen: set[str] = set()
        for camera in self.cameras:
            if camera.id in seen:
                raise ValueError(f"camera id {camera.id!r} is used twice; give each camera its own id")
            seen.add(camera.id)
        return self

    @model_validator(mode="after")
    def gateways_are_known(self) -> Self:
        for name in self.gateways:
            check_gateway_name(name)
        for camera in self.cameras:
            if camera.scheme == "wvp" and (name := ChannelAddress.of(camera.url).gateway) not in self.gateways:
                raise ValueError(f"camera {camera.id!r} names the gateway {name!r}; add a [gateways.{name}] section")
        return self

    @property
    def database_url(self) -> str:
        return self.database.url or f"sqlite:///{self.site.data_dir / 'gridpatrol.db'}"

    @property
    def evidence_dir(self) -> Path:
        return self.site.data_dir / "evidence"

    @property
    def views_dir(self) -> Path:
        """Each view's reference picture."""
        return self.site.data_dir / "views"

    @property
    def outbox_path(self) -> Path:
        return self.site.data_dir / f"{self.worker.id}.db"

    @property
    def worker_lock_path(self) -> Path:
        """Held by the one worker that uses the outbox."""
        return self.site.data_dir / f"{self.worker.id}.lock"

    @property
    def api_cameras_path(self) -> Path:
        """The worker's cameras as the API last told them, so that it patrols on when the API is away."""
        return self.site.data_dir / f"{self.worker.id}.cameras.json"

    @property
    def secret_key_path(self) -> Path:
        """What seals cameras' passwords where the environment names no key."""
        return self.site.data_dir / "secret.key"

    @property
    def worker_key_path(self) -> Path:
        return self.worker.key_file or self.site.data_dir / f"{self.worker.id}.key"

    @property
    def api_url(self) -> str:
        if self.worker.api_url:
            return self.worker.api_url
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.api.host, self.api.host)  # noqa: S104 - read, not bound
        return f"http://[{host}]:{self.api.port}" if ":" in host else f"http://{host}:{self.api.port}"


def load_settings(path: Path) -> Settings:
    """Read and validate one configuration file.

    Raises:
        ConfigError: missing file, bad TOML, an unknown key (named with its path and the nearest
            known name) or a value that does not fit.
    """
    data = with_camera_files(read_toml(path), path.resolve().parent)
    try:
        settings = Settings.model_validate(data)
    except ValidationError as error:
        raise ConfigError("\n".join(f"{path}: {line}" for line in explain(error, Settings))) from None
    return anchored(settings, path.resolve().parent)


def anchored(settings: Settings, folder: Path) -> Settings:
    """The same settings with every relative path made absolute from the file's folder."""

    def at(path: Path) -> Path:
        return path if path.is_absolute() else folder / path

    cameras = tuple(
        camera
        if "://" in camera.url or Path(camera.url).is_absolute()
        else camera.model_copy(update={"url": str(at(Path(camera.url)))})
        for camera in settings.cameras
    )
    cameras = tuple(
        camera
        if camera.vehicle is None
        else camera.model_copy(update={"vehicle": camera.vehicle.with_track_in(folder)})
        for camera in cameras
    )
    url = settings.database.url
    if url.startswith("sqlite:///") and not url.startswith("sqlite:////") and len(url) > len("sqlite:///"):
        url = f"sqlite:///{at(Path(url.removeprefix('sqlite:///')))}"
    key_file = settings.worker.key_file
    model = settings.detector.model
    if "/" in model:  # a folder; a shipped model's name has no slash
        model = str(at(Path(model)))
    grid_file = at(settings.grid.file)
    if settings.grid.from_desk:
        grid_file = at(settings.site.data_dir) / "grids.geojson"
    return settings.model_copy(
        update={
            "site": settings.site.model_copy(update={"data_dir": at(settings.site.data_dir)}),
            "database": settings.database.model_copy(update={"url": url}),
            "detector": settings.detector.model_copy(update={"model": model}),
            "grid": settings.grid.model_copy(update={"file": grid_file}),
            "worker": settings.worker.model_copy(update={"key_file": key_file and at(key_file)}),
            "cameras": cameras,
            "outbound": settings.outbound.anchored(folder),
        }
    )


def worker_key(settings: Settings) -> str:
    """The worker's API key, from the environment or its file.

    Raises:
        ConfigError: there is neither.
    """
    from_environment = os.environ.get(WORKER_KEY_ENV, "").strip()
    path = settings.worker_key_path
    try:
        key = from_environment or path.read_text(encoding="ascii").strip()
    except FileNotFoundError as error:
        raise ConfigError(
            f"no worker key: set {WORKER_KEY_ENV} or write it to {path} "
            f"(gridpatrol keys create {settings.worker.id} --scope worker --save)"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: the worker key cannot be read: {error}") from error
    if not key or not key.isascii() or not key.isprintable():  # the key itself is not repeated
        raise ConfigError(f"{WORKER_KEY_ENV if from_environment else path}: not a key; it must be one line, gp_…")
    return key
