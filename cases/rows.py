"""Rows of the tables to values of the room and back."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row

from cases.case import Case, CaseEvent, CaseEventKind, CaseState, CloseReason, EvidenceRefs, Presence
from cases.life import Deadline, Life, Proposal, Stage
from cases.sources import Source
from core.clock import as_utc, isoformat_z
from core.ids import CameraId, CaseId, CategoryId, CellId, IncidentId


def case_row(case: Case) -> dict[str, Any]:
    return {
        "id": case.id,
        "number": case.number,
        "cell_id": case.cell_id,
        "category": case.category,
        "zone": case.zone,
        "unit": case.unit,
        "state": case.state.value,
        "opened_at": case.opened_at,
        "first_seen_at": case.first_seen_at,
        "last_seen_at": case.last_seen_at,
        "sighting_count": case.sighting_count,
        "object_count": case.object_count,
        "confidence": case.confidence,
        "probability": case.probability,
        "cameras": list(case.cameras),
        "presences": [
            [presence.incident_id, presence.sequence, presence.cleared_at and isoformat_z(presence.cleared_at)]
            for presence in case.presences
        ],
        "cleared_at": case.cleared_at,
        "evidence": case.evidence and case.evidence.as_json(),
        "evidence_at": case.evidence_at,
        "latest_evidence": case.latest_evidence and case.latest_evidence.as_json(),
        "latest_evidence_at": case.latest_evidence_at,
        "previous_case_id": case.previous_case_id,
        "closed_at": case.closed_at,
        "close_reason": case.close_reason and case.close_reason.value,
        "close_note": case.close_note,
        "closed_by": case.closed_by,
        **life_row(case.life),
        "version": case.version,
        "opened_seq": case.opened_seq,
        "updated_seq": case.updated_seq,
    }


def case_of(row: Row[Any]) -> Case:
    return Case(
        id=CaseId(row.id),
        number=row.number,
        cell_id=CellId(row.cell_id),
        category=CategoryId(row.category),
        zone=row.zone,
        unit=row.unit,
        state=CaseState(row.state),
        opened_at=row.opened_at,
        first_seen_at=row.first_seen_at,
        last_seen_at=row.last_seen_at,
        sighting_count=row.sighting_count,
        object_count=row.object_count,
        confidence=row.confidence,
        probability=row.probability,
        cameras=tuple(CameraId(camera) for camera in row.cameras),
        presences=tuple(
            Presence(IncidentId(incident), sequence, cleared and as_utc(datetime.fromisoformat(cleared)))
            for incident, sequence, cleared in row.presences
        ),
        cleared_at=row.cleared_at,
        evidence=row.evidence and EvidenceRefs(**row.evidence),
        evidence_at=row.evidence_at,
        latest_evidence=row.latest_evidence and EvidenceRefs(**row.latest_evidence),
        latest_evidence_at=row.latest_evidence_at,
        previous_case_id=row.previous_case_id and CaseId(row.previous_case_id),
        closed_at=row.closed_at,
        close_reason=row.close_reason and CloseReason(row.close_reason),
        close_note=row.close_note,
        closed_by=row.closed_by,
        life=life_of(row),
        version=row.version,
        opened_seq=row.opened_seq,
        updated_seq=row.updated_seq,
    )


def life_row(life: Life) -> dict[str, Any]:
    deadline = life.deadline
    return {
        "stage": life.stage.value,
        "source": life.source.value,
        "reports": {source.value: count for source, count in life.reports},
        "handler": life.handler,
        "due_at": deadline and deadline.due_at,
        "near_due_at": deadline and deadline.near_due_at,
        "deadline_rule": deadline and deadline.rule,
        "registered_at": life.registered_at,
        "reported_at": life.reported_at,
        "suspended_at": life.suspended_at,
        "extension_hours": life.extension_hours,
        "extensions": life.extensions,
        "reworks": life.reworks,
        "recurrence": life.recurrence,
        "proposal": life.proposal and life.proposal.value,
    }


def life_of(row: Row[Any]) -> Life:
    return Life(
        stage=Stage(row.stage),
        source=Source(row.source),
        reports=tuple((source, row.reports[source]) for source in Source if source in row.reports),
        handler=row.handler,
        deadline=None if row.due_at is None else Deadline(row.due_at, row.near_due_at, row.deadline_rule),
        registered_at=row.registered_at,
        reported_at=row.reported_at,
        suspended_at=row.suspended_at,
        extension_hours=row.extension_hours,
        extensions=row.extensions,
        reworks=row.reworks,
        recurrence=row.recurrence,
        proposal=row.proposal and Proposal(row.proposal),
    )


def event_row(event: CaseEvent) -> dict[str, Any]:
    return {
        "seq": event.seq,
        "case_id": event.case_id,
        "kind": event.kind.value,
        "at": event.at,
        "recorded_at": event.recorded_at,
        "actor": event.actor,
        "data": dict(event.data),
    }


def event_of(row: Row[Any]) -> CaseEvent:
    return CaseEvent(
        seq=row.seq,
        case_id=CaseId(row.case_id),
        kind=CaseEventKind(row.kind),
        at=row.at,
        recorded_at=row.recorded_at,
        actor=row.actor,
        data=row.data,
    )
