"""Cameras' states as workers tell them and as programs read them."""

from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import ConfigDict, Field, field_validator, model_validator

from api.masking_metrics import MaskCount
from api.view_health_wire import ViewHealthWire
from api.wire import Identifier, Moment, WireModel
from cases.cameras import CameraRecord, IdRange
from core.ids import CameraId

EXAMPLE_CAMERA: dict[str, Any] = {
    "camera_id": "CAM-01",
    "name": "春熙路北口",
    "address": "rtsp://10.1.2.3:554/Streaming/Channels/101",
    "state": "live",
    "since": "2026-03-02T01:00:00Z",
    "last_frame_at": "2026-03-02T01:15:00Z",
    "error_kind": None,
    "error": None,
    "reconnects": 0,
    "frames_decoded": 450,
    "frames_dropped": 3,
    "frames_corrupt": 0,
    "transitions": {"connecting": 1, "live": 1},
    "width_px": 1920,
    "height_px": 1080,
    "codec": "h264",
    "gop_s": 2.0,
    "gate": {"carried": 310, "first": 1, "changed": 112, "forced": 24, "unsettled": 2, "confirming": 1},
    "looks": {
        "looks": 450,
        "late": 0,
        "last_at_s": 1772413502.1,
        "interval_p50_s": 2.0,
        "interval_p99_s": 2.1,
        "age_p50_s": 0.4,
        "age_p99_s": 0.9,
        "stretch": 1.0,
    },
    "health": {
        "findings": [
            {
                "kind": "moved",
                "since": "2026-03-02T01:10:00Z",
                "value": 0.034,
                "threshold": 0.015,
                "shift_px": [61.0, -12.5],
            }
        ],
        "looks_withheld": 150,
        "reference_at": "2026-03-01T02:00:00Z",
    },
}

MOST_REPORTED = 10_000
"""A worker's own file's cameras and those it gets from the API."""
Count = Annotated[int, Field(ge=0, le=2**53)]
LookFigure = Annotated[float, Field(ge=-1e9, le=1e15, allow_inf_nan=False)]
"""Of clips that run on another clock the age may be anything."""
Text = Annotated[str, Field(max_length=2000, pattern=r"^[^\x00]*$")]


class CameraStatusWire(WireModel):
    """One camera's state."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_CAMERA]})

    camera_id: Identifier
    name: Text = ""
    address: Text
    state: Annotated[str, Field(pattern="^(connecting|live|stalled|down|disabled|ended)$")]
    since: Moment
    last_frame_at: Moment | None = None
    error_kind: Identifier | None = None
    error: Text | None = None
    reconnects: Count = 0
    frames_decoded: Count = 0
    frames_dropped: Count = 0
    frames_corrupt: Count = 0
    transitions: dict[Identifier, Count] = Field(default_factory=dict, max_length=32)
    width_px: Annotated[int, Field(ge=1, le=65_536)] | None = None
    height_px: Annotated[int, Field(ge=1, le=65_536)] | None = None
    codec: Identifier | None = None
    gop_s: Annotated[float, Field(ge=0, le=1e6)] | None = None
    gate: dict[Identifier, Count] = Field(default_factory=dict, max_length=16)
    """Pictures by what the change gate made of them, since the worker started: carried, or looked at and why."""
    looks: dict[Identifier, LookFigure] = Field(default_factory=dict, max_length=16)
    """Looks since the worker started, how many came over half an interval late, when the last one ended (Unix time);
    of late, how far apart they were (interval) and how old the pictures (age), s; ``stretch``: of all intervals."""
    health: ViewHealthWire = ViewHealthWire()
    """Whether its pictures are fit to be looked at."""
    vehicle: dict[Identifier, Count] = Field(default_factory=dict, max_length=32)
    """Of a vehicle's camera: pictures placed, and left out by why their position was not known; its positions."""
    gateway: dict[Identifier, Count] = Field(default_factory=dict, max_length=16)
    """Of a camera behind a gateway: what its worker has asked of that gateway since it started, for all its cameras."""
    kept_in: Text = ""
    """The configuration file in which it stands, at its worker's; empty: the API's own."""

    @field_validator("address")
    @classmethod
    def _holds_no_secret(cls, address: str) -> str:
        try:
            password = urlsplit(address).password
        except ValueError as error:
            raise ValueError("the address cannot be read as a URL or path") from error
        if password:
            raise ValueError("the address carries a password; send it without user and password")
        return address

    def as_record(self) -> CameraRecord:
        return CameraRecord(
            camera_id=CameraId(self.camera_id),
            name=self.name,
            address=self.address,
            state=self.state,
            since=self.since,
            last_frame_at=self.last_frame_at,
            error_kind=self.error_kind,
            error=self.error,
            reconnects=self.reconnects,
            frames_decoded=self.frames_decoded,
            frames_dropped=self.frames_dropped,
            frames_corrupt=self.frames_corrupt,
            transitions=tuple(sorted(self.transitions.items())),
            width_px=self.width_px,
            height_px=self.height_px,
            codec=self.codec,
            gop_s=self.gop_s,
            gate=tuple(sorted(self.gate.items())),
            looks=tuple(sorted(self.looks.items())),
            vehicle=tuple(sorted(self.vehicle.items())),
            gateway=tuple(sorted(self.gateway.items())),
            health=self.health.as_record(),
            kept_in=self.kept_in,
        )


class CameraWire(CameraStatusWire):
    """One camera's state, with who told it and when."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [EXAMPLE_CAMERA | {"worker_id": "worker-1", "updated_at": "2026-03-02T01:15:02Z"}]
        }
    )

    worker_id: str | None
    updated_at: Moment | None

    @classmethod
    def of(cls, record: CameraRecord) -> "CameraWire":
        return cls.model_construct(**_stored(record))


def _stored(record: CameraRecord) -> dict[str, Any]:
    """The fields as kept: already checked when they came in."""
    return {
        "camera_id": record.camera_id,
        "name": record.name,
        "address": record.address,
        "state": record.state,
        "since": record.since,
        "last_frame_at": record.last_frame_at,
        "error_kind": record.error_kind,
        "error": record.error,
        "reconnects": record.reconnects,
        "frames_decoded": record.frames_decoded,
        "frames_dropped": record.frames_dropped,
        "frames_corrupt": record.frames_corrupt,
        "transitions": dict(record.transitions),
        "width_px": record.width_px,
        "height_px": record.height_px,
        "codec": record.codec,
        "gop_s": record.gop_s,
        "gate": dict(record.gate),
        "looks": dict(record.looks),
        "vehicle": dict(record.vehicle),
        "gateway": dict(record.gateway),
        "health": ViewHealthWire.of(record.health),
        "kept_in": record.kept_in,
        "worker_id": record.worker_id,
        "updated_at": record.updated_at,
    }


class CameraPartWire(WireModel):
    """Which of a worker's cameras a report is about: ids behind ``after`` and up to ``up_to``, by code point.

    A fleet too large for one body is told in parts that meet: the first without ``after``, the last without ``up_to``.
    """

    after: Identifier | None = None
    up_to: Identifier | None = None

    def as_range(self) -> IdRange:
        return IdRange(self.after, self.up_to)


class CameraReportWire(WireModel):
    """All cameras of one worker, or of one part; those it does not name any more are taken from it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"worker_id": "worker-1", "cameras": [EXAMPLE_CAMERA]}]})

    worker_id: Identifier
    cameras: tuple[CameraStatusWire, ...] = Field(max_length=MOST_REPORTED)
    notices: tuple[Text, ...] = Field(default=(), max_length=20)
    """What the worker has to say about itself, such as a configuration file that cannot be used."""
    masking: dict[MaskCount, Annotated[int, Field(ge=0, le=2**53)]] = Field(
        {}, description="what the worker hid in evidence pictures since it started; empty: it hides nothing"
    )
    part: CameraPartWire = CameraPartWire()

    @model_validator(mode="after")
    def _names_each_camera_once(self) -> "CameraReportWire":
        seen: set[str] = set()
        for camera in self.cameras:
            if camera.camera_id in seen:
                raise ValueError(f"camera {camera.camera_id} is named twice; send each once")
            seen.add(camera.camera_id)
            if not self.part.as_range().holds(camera.camera_id):
                raise ValueError(f"camera {camera.camera_id} is not in this part; send it in the one that holds it")
        return self


class WorkerNoticeWire(WireModel):
    """What a worker has to say about itself."""

    worker_id: Identifier
    text: Text
    since: Moment


class CameraListWire(WireModel):
    """Every camera that a worker has told of, and what the workers say of themselves."""

    cameras: tuple[CameraWire, ...]
    notices: tuple[WorkerNoticeWire, ...] = ()
