"""Cases as programs read them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from api.incident_wire import EXAMPLE_SHA256, EvidenceWire
from api.wire import PLAIN_TEXT, Category, Identifier, Moment, WireModel
from cases.case import Case, CaseEvent, CaseEventKind, CaseState, CloseReason
from cases.life import Proposal, Stage
from cases.queries import CasePage, CaseQuery
from cases.sources import Source
from core.ids import CameraId, CategoryId, CellId

EXAMPLE_CASE: dict[str, Any] = {
    "id": "7b9c6b1e-27a7-4a0a-9d0e-7f2a5a1d9c55",
    "number": "5101042026030201000001",
    "cell_id": "510104001001001",
    "category": "exposed_garbage",
    "zone": "controlled",
    "unit": "环卫一所",
    "state": "closed",
    "opened_at": "2026-03-02T01:15:00Z",
    "first_seen_at": "2026-03-02T01:05:00Z",
    "last_seen_at": "2026-03-02T01:25:00Z",
    "sighting_count": 2,
    "object_count": 2,
    "confidence": 0.83,
    "probability": 0.91,
    "cameras": ["CAM-01", "CAM-02"],
    "cleared_at": "2026-03-02T02:20:00Z",
    "evidence": EXAMPLE_SHA256,
    "evidence_at": "2026-03-02T01:15:00Z",
    "latest_evidence": EXAMPLE_SHA256,
    "latest_evidence_at": "2026-03-02T01:25:00Z",
    "previous_case_id": "0d4c5a52-6ad6-4d8e-8a5b-1f6f1c0f7d11",
    "stage": "closed",
    "source": "video_ai",
    "reports": {"video_ai": 2, "citizen": 1},
    "handler": "王强",
    "due_at": "2026-03-02T05:20:00Z",
    "near_due_at": "2026-03-02T04:32:00Z",
    "registered_at": "2026-03-02T01:20:00Z",
    "reported_at": "2026-03-02T02:10:00Z",
    "suspended_at": "2026-03-02T01:40:00Z",
    "extension_hours": 2.0,
    "extensions": 0,
    "reworks": 0,
    "recurrence": 1,
    "proposal": "absent",
    "closed_at": "2026-03-02T02:30:00Z",
    "close_reason": "handled",
    "close_note": "已清运 removed",
    "closed_by": "李敏",
    "version": 4,
}
EXAMPLE_EVENT: dict[str, Any] = {
    "seq": 1,
    "case_id": EXAMPLE_CASE["id"],
    "kind": "opened",
    "at": "2026-03-02T01:15:00Z",
    "recorded_at": "2026-03-02T01:15:01Z",
    "actor": "worker:worker-1",
    "data": {"camera_id": "CAM-01", "object_count": 2, "evidence": EXAMPLE_SHA256},
}


class CaseWire(WireModel):
    """One violation in one cell."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_CASE]})

    id: str
    number: str
    cell_id: str
    category: str
    zone: str | None
    unit: str | None
    state: CaseState
    opened_at: Moment
    first_seen_at: Moment
    last_seen_at: Moment
    sighting_count: int
    object_count: int
    confidence: float
    probability: float | None = Field(description="that its surest report is right; null where no model told one")
    cameras: tuple[str, ...]
    cleared_at: Moment | None
    evidence: EvidenceWire | None
    evidence_at: Moment | None
    latest_evidence: EvidenceWire | None
    latest_evidence_at: Moment | None
    previous_case_id: str | None
    stage: Stage = Field(description="which of the seven steps is due; closed and void are ends")
    source: Source = Field(description="who told of it first")
    reports: dict[Source, int] = Field(description="how often it was told of, by source")
    handler: str | None = Field(description="who has it at the unit")
    due_at: Moment | None
    near_due_at: Moment | None = Field(description="from here on it is nearly late")
    registered_at: Moment | None
    reported_at: Moment | None = Field(description="when the unit last said that it is put right")
    suspended_at: Moment | None
    extension_hours: float | None = Field(description="asked for, and not decided")
    extensions: int
    reworks: int
    recurrence: int = Field(description="how many cases of its cell and category it repeats, one after the other")
    proposal: Proposal | None = Field(description="what the cameras say after the unit's report")
    closed_at: Moment | None
    close_reason: CloseReason | None
    close_note: str | None
    closed_by: str | None
    version: int

    @classmethod
    def of(cls, case: Case) -> "CaseWire":
        return cls(
            id=case.id,
            number=case.number,
            cell_id=case.cell_id,
            category=case.category,
            zone=case.zone,
            unit=case.unit,
            state=case.state,
            opened_at=case.opened_at,
            first_seen_at=case.first_seen_at,
            last_seen_at=case.last_seen_at,
            sighting_count=case.sighting_count,
            object_count=case.object_count,
            confidence=case.confidence,
            probability=case.probability,
            cameras=case.cameras,
            cleared_at=case.cleared_at,
            evidence=EvidenceWire.of(case.evidence),
            evidence_at=case.evidence_at,
            latest_evidence=EvidenceWire.of(case.latest_evidence),
            latest_evidence_at=case.latest_evidence_at,
            previous_case_id=case.previous_case_id,
            stage=case.life.stage,
            source=case.life.source,
            reports=dict(case.life.reports),
            handler=case.life.handler,
            due_at=case.life.deadline and case.life.deadline.due_at,
            near_due_at=case.life.deadline and case.life.deadline.near_due_at,
            registered_at=case.life.registered_at,
            reported_at=case.life.reported_at,
            suspended_at=case.life.suspended_at,
            extension_hours=case.life.extension_hours,
            extensions=case.life.extensions,
            reworks=case.life.reworks,
            recurrence=case.life.recurrence,
            proposal=case.life.proposal,
            closed_at=case.closed_at,
            close_reason=case.close_reason,
            close_note=case.close_note,
            closed_by=case.closed_by,
            version=case.version,
        )


class CaseEventWire(WireModel):
    """One line of a case's history."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_EVENT]})

    seq: int
    case_id: str
    kind: CaseEventKind
    at: Moment
    recorded_at: Moment
    actor: str
    data: dict[str, Any]

    @classmethod
    def of(cls, event: CaseEvent) -> "CaseEventWire":
        return cls(
            seq=event.seq,
            case_id=event.case_id,
            kind=event.kind,
            at=event.at,
            recorded_at=event.recorded_at,
            actor=event.actor,
            data=dict(event.data),
        )


class EvidencePictureWire(WireModel):
    """One picture of a case and where to get it."""

    kind: Literal["original", "annotated", "crop"]
    sha256: str
    url: str = Field(examples=["/api/v1/evidence/" + "0a" * 32])
    at: Moment
    camera_id: str | None


class CaseDetailWire(WireModel):
    """A case with its whole history and every picture."""

    case: CaseWire
    events: tuple[CaseEventWire, ...]
    evidence: tuple[EvidencePictureWire, ...]

    @classmethod
    def of(cls, case: Case, events: tuple[CaseEvent, ...]) -> "CaseDetailWire":
        return cls(
            case=CaseWire.of(case),
            events=tuple(CaseEventWire.of(event) for event in events),
            evidence=tuple(picture for event in events for picture in _pictures(event)),
        )


def _pictures(event: CaseEvent) -> tuple[EvidencePictureWire, ...]:
    refs = event.evidence
    if refs is None:
        return ()
    kinds: tuple[tuple[Literal["original", "annotated", "crop"], str], ...] = (
        ("original", refs.original),
        ("annotated", refs.annotated),
        ("crop", refs.crop),
    )
    return tuple(
        EvidencePictureWire(
            kind=kind, sha256=sha256, url=f"/api/v1/evidence/{sha256}", at=event.at, camera_id=event.camera_id
        )
        for kind, sha256 in kinds
    )


class CasePageWire(WireModel):
    """Some cases, newest first."""

    cases: tuple[CaseWire, ...]
    next_cursor: str | None = Field(description="ask again with this as `cursor`; null: that was all")

    @classmethod
    def of(cls, page: CasePage) -> "CasePageWire":
        return cls(cases=tuple(CaseWire.of(case) for case in page.cases), next_cursor=page.next_cursor)


class CaseFilterWire(WireModel):
    """Which cases a list shows; every field narrows."""

    state: CaseState | None = None
    category: Category | None = None
    cell_id: Identifier | None = None
    camera_id: Identifier | None = None
    since: Moment | None = Field(None, description="opened at or after, RFC 3339 with a zone")
    until: Moment | None = Field(None, description="opened before, RFC 3339 with a zone")
    text: Annotated[str, Field(max_length=100, pattern=PLAIN_TEXT)] | None = Field(
        None, description="part of the number, the cell's code or name, the unit, the camera's id or name"
    )
    stage: Stage | None = Field(None, description="which of the seven steps is due")
    unit: Annotated[str, Field(min_length=1, max_length=256, pattern=PLAIN_TEXT)] | None = Field(
        None, description="the responsible unit's whole name"
    )
    source: Source | None = Field(None, description="who told of it first")
    overdue: bool = Field(False, description="only open cases whose unit had not reported by the deadline")
    near_due: bool = Field(False, description="only open cases that are nearly late, and not late yet")
    recurring: bool | None = Field(None, description="whether it repeats an earlier case")
    cursor: Identifier | None = Field(None, description="`next_cursor` of the page before")
    limit: int = Field(50, ge=1, le=200)

    def as_query(self, now: datetime) -> CaseQuery:
        return CaseQuery(
            state=self.state,
            category=None if self.category is None else CategoryId(self.category),
            cell_id=None if self.cell_id is None else CellId(self.cell_id),
            camera_id=None if self.camera_id is None else CameraId(self.camera_id),
            since=self.since,
            until=self.until,
            text=self.text,
            stage=self.stage,
            unit=self.unit,
            source=self.source,
            overdue_at=now if self.overdue else None,
            near_due_at=now if self.near_due else None,
            recurring=self.recurring,
        )


class CloseWire(WireModel):
    """A person closes a case."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "handled", "note": "已清运 removed", "expected_version": 2}]}
    )

    reason: CloseReason
    note: str = Field("", max_length=2000, pattern=r"^[^\x00]*$")
    expected_version: int | None = Field(
        None, ge=1, description="the case's `version` as the person saw it; a newer one is a conflict"
    )
