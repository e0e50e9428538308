"""What a worker last said about a camera."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cases.view_health import ViewHealthRecord, view_health_from_json
from core.clock import as_utc, isoformat_z
from core.ids import CameraId


@dataclass(frozen=True, slots=True)
class IdRange:
    """Ids behind ``after`` and up to ``up_to``, in the order of their code points; None: no limit on that side."""

    after: str | None = None
    up_to: str | None = None

    def holds(self, name: str) -> bool:
        return (self.after is None or name > self.after) and (self.up_to is None or name <= self.up_to)


ALL_IDS = IdRange()


@dataclass(frozen=True, slots=True)
class CameraRecord:
    """One camera's last known state; the fields of a feed runner's status, and who said it when."""

    camera_id: CameraId
    name: str
    address: str
    """Where it is reached, without its secret."""
    state: str
    """connecting, live, stalled, down, disabled or ended."""
    since: datetime
    """In this state since; aware, UTC."""
    last_frame_at: datetime | None = None
    """Capture time of the newest picture."""
    error_kind: str | None = None
    error: str | None = None
    reconnects: int = 0
    frames_decoded: int = 0
    frames_dropped: int = 0
    frames_corrupt: int = 0
    transitions: tuple[tuple[str, int], ...] = ()
    """How often each state was entered."""
    width_px: int | None = None
    height_px: int | None = None
    codec: str | None = None
    gop_s: float | None = None
    gate: tuple[tuple[str, int], ...] = ()
    """Pictures by what the change gate made of them."""
    looks: tuple[tuple[str, float], ...] = ()
    """Its worker's looks at it: ``looks`` counted, ``interval_`` and ``age_`` with ``p50_s`` and ``p99_s``, seconds."""
    health: ViewHealthRecord = field(default_factory=ViewHealthRecord)
    """Whether its pictures are fit to be looked at."""
    vehicle: tuple[tuple[str, int], ...] = ()
    """A vehicle's camera: its pictures by whether their position was known, its positions, its places."""
    gateway: tuple[tuple[str, int], ...] = ()
    """A camera behind a gateway: what its worker has asked of that gateway, for all its cameras."""
    kept_in: str = ""
    """The configuration file in which it stands, at its worker's; empty: the API's own."""
    worker_id: str | None = None
    """Filled in by the store."""
    updated_at: datetime | None = None
    """When the worker said so; filled in by the store."""

    def as_json(self) -> dict[str, Any]:
        """What is kept; times as RFC 3339 text in UTC."""
        return {
            "camera_id": self.camera_id,
            "name": self.name,
            "address": self.address,
            "state": self.state,
            "since": isoformat_z(self.since),
            "last_frame_at": None if self.last_frame_at is None else isoformat_z(self.last_frame_at),
            "error_kind": self.error_kind,
            "error": self.error,
            "reconnects": self.reconnects,
            "frames_decoded": self.frames_decoded,
            "frames_dropped": self.frames_dropped,
            "frames_corrupt": self.frames_corrupt,
            "transitions": dict(self.transitions),
            "width_px": self.width_px,
            "height_px": self.height_px,
            "codec": self.codec,
            "gop_s": self.gop_s,
            "gate": dict(self.gate),
            "looks": dict(self.looks),
            "vehicle": dict(self.vehicle),
            "gateway": dict(self.gateway),
            "health": self.health.as_json(),
            "kept_in": self.kept_in,
        }


def camera_from_json(data: dict[str, Any], worker_id: str, updated_at: datetime) -> CameraRecord:
    """The record that ``CameraRecord.as_json`` wrote."""
    fields = dict(data)
    fields["camera_id"] = CameraId(fields["camera_id"])
    fields["since"] = as_utc(datetime.fromisoformat(fields["since"]))
    if fields["last_frame_at"] is not None:
        fields["last_frame_at"] = as_utc(datetime.fromisoformat(fields["last_frame_at"]))
    fields["transitions"] = tuple(sorted(fields["transitions"].items()))
    fields["gate"] = tuple(sorted(fields.get("gate", {}).items()))  # records before the gate have none
    fields["looks"] = tuple(sorted(fields.get("looks", {}).items()))
    fields["health"] = view_health_from_json(fields.get("health"))
    fields["vehicle"] = tuple(sorted(fields.get("vehicle", {}).items()))
    fields["gateway"] = tuple(sorted(fields.get("gateway", {}).items()))
    return CameraRecord(**fields, worker_id=worker_id, updated_at=updated_at)
