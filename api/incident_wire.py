"""An incident as it comes over HTTP, and the receipt that goes back."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from api.wire import Category, Identifier, Moment, Sha256, WireModel
from cases.case import EvidenceRefs
from cases.incidents_in import IncidentReport
from cases.queries import Outcome, Receipt, Suppressed
from cases.sources import Source
from core.detections import ModelRef
from core.geometry import Box, Point
from core.ids import CameraId, CategoryId, CellId, IncidentId, ViewId
from grid.incidents import IncidentKind

EXAMPLE_SHA256 = {"original": "0a" * 32, "annotated": "1b" * 32, "crop": "2c" * 32}
EXAMPLE_INCIDENT: dict[str, Any] = {
    "incident_id": "5f2d9d3e-6f0c-5b57-9c37-0d5f5b0c7a11",
    "sequence": 0,
    "kind": "opened",
    "camera_id": "CAM-01",
    "view_id": "CAM-01",
    "cell_id": "510104001001001",
    "category": "exposed_garbage",
    "at": "2026-03-02T01:15:00Z",
    "first_seen_at": "2026-03-02T01:05:00Z",
    "last_seen_at": "2026-03-02T01:15:00Z",
    "object_count": 2,
    "confidence": 0.83,
    "probability": 0.91,
    "boxes": [[412.0, 300.5, 498.0, 371.0], [510.0, 322.0, 561.5, 380.0]],
    "model": {"name": "gridpatrol-n", "sha256": "9f" * 32},
    "evidence": EXAMPLE_SHA256,
    "worker_id": "worker-1",
}

Pixel = Annotated[float, Field(ge=-100_000, le=100_000)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]


class ModelWire(WireModel):
    """Which weights looked."""

    name: Identifier
    sha256: Sha256


class EvidenceWire(WireModel):
    """The three pictures of one look; each was PUT to /api/v1/evidence/{sha256} before."""

    original: Sha256
    annotated: Sha256
    crop: Sha256

    @classmethod
    def of(cls, refs: EvidenceRefs | None) -> "EvidenceWire | None":
        return None if refs is None else cls(original=refs.original, annotated=refs.annotated, crop=refs.crop)


class IncidentWire(WireModel):
    """One step in an incident's life, as a worker tells it."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_INCIDENT]})

    incident_id: Identifier
    sequence: int = Field(ge=0, le=2**31 - 1, description="0 for opened; counts up")
    kind: IncidentKind
    camera_id: Identifier
    view_id: Identifier
    cell_id: Identifier
    category: Category
    at: Moment
    first_seen_at: Moment
    last_seen_at: Moment
    object_count: int = Field(ge=0, le=2**31 - 1)
    confidence: float = Field(ge=0, le=1)
    probability: float | None = Field(
        None, ge=0, le=1, description="that the surest box is right; left out where the model has no measured map"
    )
    boxes: tuple[tuple[Pixel, Pixel, Pixel, Pixel], ...] = Field(
        max_length=1000, description="source pixels, [x0, y0, x1, y1]; empty when cleared"
    )
    model: ModelWire
    evidence: EvidenceWire | None
    worker_id: Identifier
    places: tuple[tuple[Longitude, Latitude], ...] = Field(
        (), max_length=1000, description="where each box stands, [lon, lat] in degrees; left out where nobody knows"
    )
    source: Literal["video_ai", "mobile_video"] = Field("video_ai", description="mobile_video: a vehicle's camera")

    def as_report(self) -> IncidentReport:
        """The same as the case room reads it, times in UTC."""
        evidence = self.evidence
        return IncidentReport(
            incident_id=IncidentId(self.incident_id),
            sequence=self.sequence,
            kind=self.kind,
            camera_id=CameraId(self.camera_id),
            view_id=ViewId(self.view_id),
            cell_id=CellId(self.cell_id),
            category=CategoryId(self.category),
            at=self.at,
            first_seen_at=self.first_seen_at,
            last_seen_at=self.last_seen_at,
            object_count=self.object_count,
            confidence=self.confidence,
            probability=self.probability,
            boxes=tuple(Box(*box) for box in self.boxes),
            model=ModelRef(self.model.name, self.model.sha256),
            evidence=None if evidence is None else EvidenceRefs(evidence.original, evidence.annotated, evidence.crop),
            worker_id=self.worker_id,
            places=tuple(Point(*place) for place in self.places),
            source=Source(self.source),
        )


class ReceiptWire(WireModel):
    """What became of an incident report."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "case_id": "7b9c6b1e-27a7-4a0a-9d0e-7f2a5a1d9c55",
                    "case_number": "5101042026030201000001",
                    "outcome": "opened",
                    "event_seq": 1,
                }
            ]
        }
    )

    case_id: str | None = Field(description="null: a rule turned it away")
    case_number: str | None
    outcome: Outcome
    event_seq: int | None
    rule: str | None = Field(None, description="which rule turned it away", examples=["permit:17"])
    decision: int | None = Field(None, description="the decision's number, in /api/v1/policy/decisions")

    @classmethod
    def of(cls, receipt: Receipt | Suppressed) -> "ReceiptWire":
        if isinstance(receipt, Suppressed):
            return cls(
                case_id=None,
                case_number=None,
                outcome=receipt.outcome,
                event_seq=None,
                rule=receipt.rule,
                decision=receipt.decision,
            )
        return cls(
            case_id=receipt.case_id,
            case_number=receipt.case_number,
            outcome=receipt.outcome,
            event_seq=receipt.event_seq,
        )
