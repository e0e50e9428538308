"""A camera's findings as they are kept."""

from datetime import UTC, datetime

from cases.cameras import CameraRecord, camera_from_json
from cases.view_health import FindingRecord, ViewHealthRecord
from core.ids import CameraId

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
MOVED = FindingRecord("moved", NOON, 0.034, 0.015, (61.0, -12.5))
LOST = FindingRecord("lost", NOON, 90.0, 60.0)


def record(health: ViewHealthRecord) -> CameraRecord:
    return CameraRecord(CameraId("CAM-01"), "", "clip.mp4", "live", NOON, health=health)


def test_findings_are_read_back_as_they_were_kept() -> None:
    health = ViewHealthRecord((LOST, MOVED), 7, NOON)
    assert camera_from_json(record(health).as_json(), "worker-1", NOON).health == health


def test_a_camera_kept_before_there_were_findings_has_none() -> None:
    older = record(ViewHealthRecord()).as_json()
    del older["health"]
    assert camera_from_json(older, "worker-1", NOON).health == ViewHealthRecord()
