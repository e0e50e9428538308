"""Cameras' configuration as it crosses HTTP: sections as in the file, secrets by name only."""

from typing import Annotated, Any, Literal

from fastapi import Body
from pydantic import ConfigDict, Field

from api.camera_config_rules import FileCamera
from api.camera_wire import EXAMPLE_CAMERA, CameraWire
from api.wire import Identifier, Moment, WireModel
from cases.camera_configs import CameraConfig, CameraConfigEvent
from cases.cameras import CameraRecord

EXAMPLE_SECTION: dict[str, Any] = {
    "id": "CAM-07",
    "name": "人民路东口",
    "url": "rtsp://192.0.2.17:554/stream1",
    "username": "patrol",
    "interval_s": 2.0,
    "view": {
        "frame_size": [1920, 1080],
        "regions": [{"cell": "510104001001001", "polygon": [[0, 540], [1920, 540], [1920, 1080], [0, 1080]]}],
    },
}
MOST_AT_ONCE = 500

Section = Annotated[
    dict[str, Any],
    Body(
        description="A camera as in [[cameras]] of the configuration file; besides, `worker`, `enabled`, `password`.",
        examples=[{**EXAMPLE_SECTION, "password": "write-only"}],
    ),
]
Patch = Annotated[
    dict[str, Any],
    Body(
        description="The keys to change (JSON Merge Patch, RFC 7396): null takes a key out.",
        examples=[{"interval_s": 5.0, "name": None}],
    ),
]


class CameraConfigWire(WireModel):
    """One camera's configuration, and how it is doing."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "CAM-07",
                    "kept_in": "api",
                    "worker": "worker-1",
                    "enabled": True,
                    "section": EXAMPLE_SECTION,
                    "secrets": ["password"],
                    "revision": 12,
                    "added_at": "2026-03-02T01:00:00Z",
                    "added_by": "field-team",
                    "changed_at": "2026-03-02T01:15:00Z",
                    "changed_by": "field-team",
                    "status": EXAMPLE_CAMERA | {"worker_id": "worker-1", "updated_at": "2026-03-02T01:15:02Z"},
                }
            ]
        }
    )

    id: Identifier
    kept_in: str
    """``api``, or the configuration file in which it stands and where alone it can be changed."""
    worker: Identifier | None
    enabled: bool
    section: dict[str, Any]
    """As in the configuration file, without secrets."""
    secrets: tuple[str, ...] = ()
    """Names of what is kept sealed; nobody gets it back."""
    revision: int | None = None
    """What ``ETag`` and ``If-Match`` carry; none for a camera of a file."""
    added_at: Moment | None = None
    added_by: str | None = None
    changed_at: Moment | None = None
    changed_by: str | None = None
    status: CameraWire | None = None
    """What its worker last said of it; none before it has."""

    @classmethod
    def of(cls, config: CameraConfig, record: CameraRecord | None = None) -> "CameraConfigWire":
        return cls(
            id=config.camera_id,
            kept_in="api",
            worker=config.worker_id,
            enabled=config.enabled,
            section=dict(config.section),
            secrets=tuple(sorted(config.sealed)),
            revision=config.revision,
            added_at=config.added_at,
            added_by=config.added_by,
            changed_at=config.changed_at,
            changed_by=config.changed_by,
            status=None if record is None else CameraWire.of(record),
        )

    @classmethod
    def of_file(cls, camera: FileCamera, record: CameraRecord | None = None) -> "CameraConfigWire":
        return cls(
            id=camera.camera_id,
            kept_in=camera.file,
            worker=None if record is None else record.worker_id,
            enabled=camera.enabled,
            section=dict(camera.section),
            status=None if record is None else CameraWire.of(record),
        )


class CameraConfigListWire(WireModel):
    """Every camera that is configured, by id: the API's own, and those of this machine's configuration file."""

    cameras: tuple[CameraConfigWire, ...]


class CameraBatchWire(WireModel):
    """Several cameras added at once: all of them, or none."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"add": [EXAMPLE_SECTION]}]})

    add: tuple[dict[str, Any], ...] = Field(min_length=1, max_length=MOST_AT_ONCE)


class CameraChangeWire(WireModel):
    """Who did what to a camera's configuration."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "revision": 12,
                    "camera_id": "CAM-07",
                    "kind": "changed",
                    "at": "2026-03-02T01:15:00Z",
                    "actor": "field-team",
                    "before": {"interval_s": 2.0},
                    "after": {"interval_s": 5.0},
                    "secrets": {"password": "kept"},
                }
            ]
        }
    )

    revision: int
    camera_id: Identifier
    kind: str
    at: Moment
    actor: str
    before: dict[str, Any]
    after: dict[str, Any]
    secrets: dict[str, Literal["given", "kept", "removed"]] = Field(default_factory=dict)

    @classmethod
    def of(cls, event: CameraConfigEvent) -> "CameraChangeWire":
        return cls(
            revision=event.seq,
            camera_id=event.camera_id,
            kind=event.kind.value,
            at=event.at,
            actor=event.actor,
            before=event.data.get("before", {}),
            after=event.data.get("after", {}),
            secrets=event.data.get("secrets", {}),
        )


class CameraHistoryWire(WireModel):
    """A camera's last changes, oldest first."""

    changes: tuple[CameraChangeWire, ...]


class WorkerCameraWire(WireModel):
    """A camera as its worker gets it: secrets sealed."""

    id: Identifier
    enabled: bool
    section: dict[str, Any]
    sealed: dict[str, str]
    revision: int

    @classmethod
    def of(cls, config: CameraConfig) -> "WorkerCameraWire":
        return cls(
            id=config.camera_id,
            enabled=config.enabled,
            section=dict(config.section),
            sealed=dict(config.sealed),
            revision=config.revision,
        )


class WorkerCamerasWire(WireModel):
    """All that one worker is to patrol besides its configuration file."""

    worker_id: Identifier
    cameras: tuple[WorkerCameraWire, ...]
