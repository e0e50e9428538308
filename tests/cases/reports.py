"""Reports and times for the case room's tests."""

from datetime import UTC, datetime, timedelta
from typing import Any

from cases.cameras import CameraRecord
from cases.case import EvidenceRefs
from cases.incidents_in import IncidentReport
from cases.queries import Receipt
from cases.store import CaseStore
from core.detections import ModelRef
from core.geometry import Box
from core.ids import CameraId, CategoryId, CellId, IncidentId, ViewId
from grid.incidents import IncidentKind

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
"""Twelve o'clock in Shanghai."""
CELL = CellId("510104001001001")
OTHER_CELL = CellId("510104001001002")
GARBAGE = CategoryId("exposed_garbage")
STALL = CategoryId("street_stall")
CAM_1 = CameraId("CAM-01")
CAM_2 = CameraId("CAM-02")
OPENED, SEEN, CLEARED = IncidentKind.OPENED, IncidentKind.SEEN, IncidentKind.CLEARED


def minute(count: float) -> datetime:
    """So many minutes after noon."""
    return NOON + timedelta(minutes=count)


def report(
    kind: IncidentKind = OPENED, at: datetime = NOON, incident: str = "incident-1", sequence: int = 0, **changed: Any
) -> IncidentReport:
    """A report that stands, with one camera's garbage; ``changed`` replaces fields."""
    seen_at = at - timedelta(minutes=10) if kind is CLEARED else at
    fields: dict[str, Any] = {
        "incident_id": IncidentId(incident),
        "sequence": sequence,
        "kind": kind,
        "camera_id": CAM_1,
        "view_id": ViewId("CAM-01"),
        "cell_id": CELL,
        "category": GARBAGE,
        "at": at,
        "first_seen_at": seen_at - timedelta(minutes=5),
        "last_seen_at": seen_at,
        "object_count": 1,
        "confidence": 0.5,
        "boxes": () if kind is CLEARED else (Box(10.0, 20.0, 110.5, 220.25),),
        "model": ModelRef("gridpatrol-n", "ab" * 32),
        "evidence": None,
        "worker_id": "worker-1",
    }
    return IncidentReport(**{**fields, **changed})


def camera(camera_id: CameraId = CAM_1, **changed: Any) -> CameraRecord:
    fields: dict[str, Any] = {"name": "路口", "address": "rtsp://camera/1", "state": "live", "since": NOON}
    return CameraRecord(camera_id, **{**fields, **changed})


def refs(mark: str) -> EvidenceRefs:
    """Three hashes that start with ``mark`` (one hex digit)."""
    return EvidenceRefs(*(mark + name * 63 for name in "0ac"))


def announce(store: CaseStore, *cameras: CameraId) -> None:
    store.put_camera_statuses("worker-1", [camera(name) for name in cameras or (CAM_1, CAM_2)], NOON)


def post(store: CaseStore, sent: IncidentReport, now: datetime | None = None, key: str | None = None) -> Receipt:
    """Ingest under the report's own key, a moment after its picture."""
    return store.ingest(sent, key or sent.idempotency_key, now or sent.at + timedelta(seconds=5))
