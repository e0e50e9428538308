"""One ``gridpatrol.toml``, composed of each room's own frozen section."""

import difflib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from api.settings import ApiSettings
from cases.rules import CaseRules
from core.errors import ConfigError
from core.ids import CategoryId, ViewId
from detector.gate import GateSettings
from grid.dedupe import ConfirmationRules
from grid.views import ViewSpec
from patrol.camera_files import read_toml, with_camera_files
from streams.gateways.spec import GatewaySpec
from streams.gb_codes import ChannelAddress, check_gateway_name
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
    backend: Literal["auto", "onnxruntime", "openvino"] = "auto"
    threads: int = Field(default=0, ge=0)
    """0: as many as the machine has cores."""
    precision: Literal["f32", "bf16"] = "f32"
    """OpenVINO only: bf16 is faster where the processor multiplies it, and loses some confidence."""
    input_size: tuple[int, int] | None = None
    """Height, width in pixels at which the network looks: one that the model takes; none: the model's first."""
    confidence: dict[CategoryId, float] = Field(default_factory=dict)
    """Per-category thresholds that replace the manifest's."""


class GridSettings(Section):
    """The city's unit grids."""

    file: Path
    """GeoJSON, WGS-84 longitude/latitude; relative to the configuration file."""
    sub_cell_m: float | None = Field(default=None, gt=0)
    """Side of finer dedupe cells inside a unit grid, in metres; none: the unit grid is the cell."""


class WorkerSettings(Section):
    """The process that looks at cameras."""

    id: str = "worker-1"
    api_url: str = ""
    """Where the API answers; empty means the ``[api]`` section's own address."""
    key_file: Path | None = None
    """File with the worker's API key, readable by its owner only; the environment's GRIDPATROL_WORKER_KEY wins."""
    status_every_s: float = Field(default=2.0, gt=0)
    connect_per_s: float = Field(default=20.0, gt=0)
    """Cameras connected each second at the start: a city's recorders do not like them all at once."""
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

    view: ViewSpec = ViewSpec()
    gate: bool = True
    """False: every due picture of this camera is looked at, whatever ``[gate]`` says; for a view that moves."""

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
    cases: CaseRules = CaseRules()
    gateways: dict[str, GatewaySpec] = Field(default_factory=dict)
    """GB/T 28181 gateways by name; a camera behind one has ``url = "wvp://name/device/channel"``."""
    camera_files: tuple[Path, ...] = ()
    """Files with further ``[[cameras]]``; a camera there without a ``[cameras.view]`` waits for it."""
    cameras: Annotated[tuple[CameraSettings, ...], Field(min_length=1)]

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
    def outbox_path(self) -> Path:
        return self.site.data_dir / f"{self.worker.id}.db"

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
        raise ConfigError("\n".join(f"{path}: {line}" for line in explain(error))) from None
    return anchored(settings, path.resolve().parent)


def explain(error: ValidationError) -> list[str]:
    """One line a fault: the key's path in TOML terms, what is wrong, and the nearest known name.

    The value itself is left out: it may be a password.
    """
    lines = []
    for fault in error.errors(include_url=False, include_input=False, include_context=False):
        where = dotted(fault["loc"])
        if fault["type"] == "extra_forbidden":
            known = known_names(Settings, fault["loc"][:-1])
            near = difflib.get_close_matches(str(fault["loc"][-1]), known, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(sorted(known)) or 'nothing'}"
            lines.append(f"unknown key {where!r}; {hint}")
        elif fault["type"] == "missing":
            lines.append(f"{where!r} is missing; add it (gridpatrol config init writes a commented example)")
        else:
            lines.append(f"{where!r}: {fault['msg'].removeprefix('Value error, ')}")
    return lines


def dotted(loc: Sequence[str | int]) -> str:
    """``('cameras', 1, 'url')`` -> ``cameras[1].url``."""
    text = ""
    for part in loc:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text or "(the file)"


def known_names(model: type[BaseModel], loc: Sequence[str | int]) -> list[str]:
    """Field names of the section at ``loc``."""
    section: Any = model
    is_name = False  # of a table of tables: [gateways.city]
    for part in loc:
        if isinstance(part, int) or is_name:
            is_name = False
            continue
        field = section.model_fields.get(part)
        if field is None:
            return []
        is_name = get_origin(field.annotation) is dict
        section = inner_model(field.annotation)
        if section is None:
            return []
    return list(section.model_fields)


def inner_model(annotation: Any) -> type[BaseModel] | None:
    """The section class inside ``X``, ``X | None``, ``tuple[X, ...]``."""
    if isinstance(annotation, type) and get_origin(annotation) is None:
        return annotation if issubclass(annotation, BaseModel) else None
    return next((found for arg in get_args(annotation) if (found := inner_model(arg)) is not None), None)


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
    url = settings.database.url
    if url.startswith("sqlite:///") and not url.startswith("sqlite:////") and len(url) > len("sqlite:///"):
        url = f"sqlite:///{at(Path(url.removeprefix('sqlite:///')))}"
    key_file = settings.worker.key_file
    model = settings.detector.model
    if "/" in model:  # a folder; a shipped model's name has no slash
        model = str(at(Path(model)))
    return settings.model_copy(
        update={
            "site": settings.site.model_copy(update={"data_dir": at(settings.site.data_dir)}),
            "database": settings.database.model_copy(update={"url": url}),
            "detector": settings.detector.model_copy(update={"model": model}),
            "grid": settings.grid.model_copy(update={"file": at(settings.grid.file)}),
            "worker": settings.worker.model_copy(update={"key_file": key_file and at(key_file)}),
            "cameras": cameras,
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
