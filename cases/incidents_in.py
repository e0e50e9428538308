"""An incident event as it enters the case room: the street's facts, which model saw them, and the pictures."""

import hashlib
import json
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from cases.case import EvidenceRefs
from cases.sources import Source
from core.clock import as_utc, isoformat_z
from core.detections import ModelRef
from core.errors import IncidentRefused
from core.geometry import Point
from grid.incidents import IncidentEvent

LONGEST_ID = 200
MOST_BOXES = 1000
LARGEST_COUNT = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentReport(IncidentEvent):
    """One incident event with its proof; the fields of ``IncidentEvent`` plus those that go by keyword."""

    model: ModelRef
    evidence: EvidenceRefs | None
    """None when the pictures are lost or the event needs none (cleared)."""
    worker_id: str
    probability: float | None = None
    """That the surest of the boxes is right, 0 to 1, as measured for this model; None where it was not."""
    places: tuple[Point, ...] = ()
    """Where each box stands on the ground, lon/lat in degrees, in the boxes' order; empty where the view tells none."""
    source: Source = Source.VIDEO_AI
    """What looked: a fixed camera, or one on a vehicle."""

    @classmethod
    def of(cls, event: IncidentEvent, model: ModelRef, evidence: EvidenceRefs | None, worker_id: str) -> Self:
        """The report that a worker sends about an event of the grid room."""
        return cls(
            incident_id=event.incident_id,
            sequence=event.sequence,
            kind=event.kind,
            camera_id=event.camera_id,
            view_id=event.view_id,
            cell_id=event.cell_id,
            category=event.category,
            at=event.at,
            first_seen_at=event.first_seen_at,
            last_seen_at=event.last_seen_at,
            object_count=event.object_count,
            confidence=event.confidence,
            boxes=event.boxes,
            model=model,
            evidence=evidence,
            worker_id=worker_id,
        )

    def as_json(self) -> dict[str, Any]:
        """The body of ``POST /api/v1/incidents``.

        What is not told is left out, so that a report from before there was a probability or a source keeps its hash.
        """
        told: dict[str, Any] = {} if self.probability is None else {"probability": self.probability}
        if self.places:
            told["places"] = [[place.x, place.y] for place in self.places]
        if self.source is not Source.VIDEO_AI:
            told["source"] = self.source.value
        return {
            "incident_id": self.incident_id,
            "sequence": self.sequence,
            "kind": self.kind.value,
            "camera_id": self.camera_id,
            "view_id": self.view_id,
            "cell_id": self.cell_id,
            "category": self.category,
            "at": isoformat_z(self.at),
            "first_seen_at": isoformat_z(self.first_seen_at),
            "last_seen_at": isoformat_z(self.last_seen_at),
            "object_count": self.object_count,
            "confidence": self.confidence,
            "boxes": [list(box.as_xyxy()) for box in self.boxes],
            "model": {"name": self.model.name, "sha256": self.model.sha256},
            "evidence": None if self.evidence is None else self.evidence.as_json(),
            "worker_id": self.worker_id,
            **told,
        }

    @property
    def body_sha256(self) -> str:
        """Hash of what the report says, however its JSON was spaced or its times were zoned."""
        text = json.dumps(self.as_json(), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()


def check(report: IncidentReport, now: datetime, future_tolerance_s: float) -> None:
    """Refuse a report that cannot be true or cannot be stored.

    Raises:
        IncidentRefused: the text names the field, its value and the mend.
    """
    for name in ("incident_id", "camera_id", "view_id", "cell_id", "category", "worker_id"):
        _check_text(name, getattr(report, name))
    _check_text("model.name", report.model.name)
    _check_text("model.sha256", report.model.sha256)
    latest = as_utc(now) + timedelta(seconds=future_tolerance_s)
    for name in ("at", "first_seen_at", "last_seen_at"):
        moment: datetime = getattr(report, name)
        if moment.tzinfo is None:
            raise IncidentRefused(f"{name} {moment.isoformat()} has no time zone; send it with one, e.g. a final Z")
        if moment > latest:
            raise IncidentRefused(
                f"{name} {isoformat_z(moment)} of camera {report.camera_id} lies in the future "
                f"(now is {isoformat_z(now)}); set the camera's or the worker's clock (NTP)"
            )
    if not report.first_seen_at <= report.last_seen_at <= report.at:
        raise IncidentRefused(
            f"times run backwards: first_seen_at {isoformat_z(report.first_seen_at)}, last_seen_at "
            f"{isoformat_z(report.last_seen_at)}, at {isoformat_z(report.at)}; send first <= last <= at"
        )
    for name, count in (("sequence", report.sequence), ("object_count", report.object_count)):
        if not 0 <= count <= LARGEST_COUNT:
            raise IncidentRefused(f"{name} {count} is out of range; send 0 to {LARGEST_COUNT}")
    if not 0.0 <= report.confidence <= 1.0:
        raise IncidentRefused(f"confidence {report.confidence} is not a share; send 0 to 1")
    if report.probability is not None and not 0.0 <= report.probability <= 1.0:
        raise IncidentRefused(f"probability {report.probability} is not a share; send 0 to 1, or leave it out")
    if len(report.boxes) > MOST_BOXES:
        raise IncidentRefused(f"{len(report.boxes)} boxes are more than {MOST_BOXES}; send the most confident ones")
    if not all(math.isfinite(edge) for box in report.boxes for edge in box.as_xyxy()):
        raise IncidentRefused("boxes hold a number that is not finite; send source pixels [x0, y0, x1, y1]")
    if report.places and len(report.places) != len(report.boxes):
        raise IncidentRefused(
            f"{len(report.places)} places for {len(report.boxes)} boxes; send one [lon, lat] for each box, or none"
        )
    if not all(abs(place.x) <= 180.0 and abs(place.y) <= 90.0 for place in report.places):
        raise IncidentRefused("places hold something that is no [lon, lat] in degrees; send WGS-84 or CGCS2000 degrees")


def _check_text(name: str, value: str) -> None:
    if not value or len(value) > LONGEST_ID or not value.isprintable():
        shown = ascii(value[:40])
        raise IncidentRefused(f"{name} {shown} is not usable; send 1 to {LONGEST_ID} printable characters")
