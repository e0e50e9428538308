"""Made-up cases and cameras for the desk's tests, folded from events as the case room does it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cases.cameras import CameraRecord
from cases.case import Case, CaseEvent, CaseEventKind, EvidenceRefs, fold
from core.ids import CameraId, CaseId
from desk.visitor import Language, Visitor

MORNING = datetime(2026, 5, 14, 1, 0, tzinfo=UTC)
"""09:00 in Chengdu."""
CELL = "510104001001001"
FIRST_LOOK = EvidenceRefs("a1" * 32, "a2" * 32, "a3" * 32)
LATEST_LOOK = EvidenceRefs("b1" * 32, "b2" * 32, "b3" * 32)
HOSTILE = """<script>alert(1)</script>"'&{{ 7*7 }}"""


def visitor(language: Language = Language.BOTH, url: str = "/", may_close: bool = True) -> Visitor:
    """A signed-in operator."""
    return Visitor(language, url, csrf_token="csrf-token-1", name="李敏", may_close=may_close)


def feature_of(code: str) -> Mapping[str, Any] | None:
    """The one cell that the grid knows: about 96 m by 89 m."""
    if code != CELL:
        return None
    ring = [[104.08, 30.655], [104.081, 30.655], [104.081, 30.6558], [104.08, 30.6558], [104.08, 30.655]]
    return {
        "type": "Feature",
        "properties": {"code": CELL, "name": "东大街东段", "zone": "strict", "units": {"exposed_garbage": "环卫一所"}},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def event(kind: CaseEventKind, seq: int, minutes: float, **data: Any) -> CaseEvent:
    """One event of case ``case-1``, minutes after the morning; recorded two seconds later."""
    at = MORNING + timedelta(minutes=minutes)
    facts: dict[str, Any] = {
        "incident_id": "incident-1",
        "sequence": seq,
        "incident_kind": kind.value,
        "camera_id": "CAM-01",
        "view_id": "CAM-01",
        "worker_id": "node-1",
        "first_seen_at": MORNING.isoformat(),
        "last_seen_at": at.isoformat(),
        "object_count": 2,
        "confidence": 0.83,
        "boxes": [[10, 20, 30, 40]],
        "model": {"name": "gridpatrol-n", "sha256": "9f" * 32},
        "evidence": None,
        "joined": False,
    }
    if kind is CaseEventKind.OPENED:
        facts |= {
            "number": "5101042026051401000001",
            "cell_id": CELL,
            "category": "exposed_garbage",
            "zone": None,
            "unit": None,
            "previous_case_id": None,
            "evidence": FIRST_LOOK.as_json(),
        }
    actor = "李敏" if kind is CaseEventKind.CLOSED else "worker:node-1"
    return CaseEvent(seq, CaseId("case-1"), kind, at, at + timedelta(seconds=2), actor, facts | data)


def events(*more: CaseEvent, **opening: Any) -> tuple[CaseEvent, ...]:
    """A case's history: opened after ten minutes, then what more came."""
    return (event(CaseEventKind.OPENED, 1, 10, **opening), *more)


def seen(seq: int, minutes: float, **data: Any) -> CaseEvent:
    """A later sighting."""
    return event(CaseEventKind.SEEN, seq, minutes, **data)


def closed(seq: int, minutes: float, reason: str = "handled", note: str = "") -> CaseEvent:
    """A person's closing."""
    return event(CaseEventKind.CLOSED, seq, minutes, reason=reason, note=note)


def case(*more: CaseEvent, **opening: Any) -> Case:
    """The case that these events make."""
    return fold(events(*more, **opening))


def camera(camera_id: str = "CAM-01", state: str = "live", **changes: Any) -> CameraRecord:
    """What a worker said of a camera this morning."""
    facts: dict[str, Any] = {
        "name": "东大街口",
        "address": "rtsp://10.0.0.8:554/main",
        "since": MORNING,
        "last_frame_at": MORNING,
        "worker_id": "node-1",
        "updated_at": MORNING,
    }
    return CameraRecord(camera_id=CameraId(camera_id), state=state, **(facts | changes))
