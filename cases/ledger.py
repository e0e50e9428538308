"""The event table and its projection, written together inside one transaction.

Every statement here is written once, with its values bound later: a report needs a dozen, and SQLAlchemy takes longer
to write one than SQLite to answer it.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, bindparam, update

from cases import tables
from cases.access import pictures
from cases.access.event_chain import event_hash, next_event
from cases.case import Case, CaseEvent, CaseEventKind, apply
from cases.catalogue.in_force import version_to_open_under
from cases.incidents_in import IncidentReport
from cases.number import case_number, numbering_day
from cases.overview import rolling
from cases.placing import Placement
from cases.policy import reviews
from cases.queries import Outcome, Receipt
from cases.rows import case_row, event_row
from cases.transactions import insert_new, insert_or_replace, next_value
from core.clock import as_utc
from core.ids import CaseId
from grid.incidents import IncidentKind
from grid.units import Ring

_KEEP_POSTING = tables.intake.insert()
_KEEP_EVENT = tables.case_event.insert()
_KEEP_CASE = tables.case.insert()
_CHANGE_CASE = update(tables.case).where(tables.case.c.id == bindparam("of_id"))
_KEEP_CAMERA = tables.case_camera.insert()


@dataclass(frozen=True, slots=True)
class Numbering:
    """How new cases are numbered."""

    zone: tzinfo
    source: str


@dataclass(frozen=True, slots=True)
class Posting:
    """One report on its way in."""

    report: IncidentReport
    key: str
    body_sha256: str
    now: datetime
    zone: str | None
    unit: str | None
    outline: Ring | None = None
    """The cell's, lon/lat, for what policy permits there; None where the grid does not know the cell."""

    def event_data(self, outcome: Outcome) -> dict[str, Any]:
        """What an event keeps of the report."""
        body = self.report.as_json()
        kind = body.pop("kind")
        for elsewhere in ("cell_id", "category", "at"):
            del body[elsewhere]
        return {**body, "incident_kind": kind, "joined": outcome is Outcome.JOINED}


def keep_receipts(connection: Connection, kept: Sequence[tuple[Posting, Receipt]]) -> None:
    """Remember postings that were taken in, by their keys."""
    if kept:
        connection.execute(_KEEP_POSTING, [_intake_row(posting, receipt) for posting, receipt in kept])


def keep_repeat(connection: Connection, posting: Posting, receipt: Receipt) -> None:
    """Remember the key of a posting that was known already; one that is there stays as it is."""
    insert_new(connection, tables.intake, _intake_row(posting, receipt))


def _intake_row(posting: Posting, receipt: Receipt) -> dict[str, Any]:
    return {
        "idempotency_key": posting.key,
        "body_sha256": posting.body_sha256,
        "incident_id": posting.report.incident_id,
        "sequence": posting.report.sequence,
        "case_id": receipt.case_id,
        "case_number": receipt.case_number,
        "outcome": receipt.outcome.value,
        "event_seq": receipt.event_seq,
        "received_at": posting.now,
    }


def write(
    connection: Connection, posting: Posting, placement: Placement, numbering: Numbering, bound: Case | None
) -> Case:
    """Append the placed report to its case, or open one; the case as it is then.

    Args:
        bound: the case that its incident's events went to so far.
    """
    report = posting.report
    actor = f"worker:{report.worker_id}"
    data = posting.event_data(placement.outcome)
    if placement.case is None:
        case = _open(connection, posting, placement, numbering)
        if report.kind is IncidentKind.CLEARED:
            case = append(connection, case, CaseEventKind.CLEARED, report.at, posting.now, actor, data)
    else:
        case = append(connection, placement.case, placement.kind, report.at, posting.now, actor, data)
    if bound is None or bound.id != case.id:
        binding = {"incident_id": report.incident_id, "case_id": case.id}
        insert_or_replace(connection, tables.incident_binding, [binding])
    return case


def _open(connection: Connection, posting: Posting, placement: Placement, numbering: Numbering) -> Case:
    report = posting.report
    day = numbering_day(posting.now, numbering.zone)
    serial = next_value(connection, f"serial:{day:%Y%m%d}")
    data = {
        **posting.event_data(placement.outcome),
        "number": case_number(report.cell_id, day, numbering.source, serial),
        "cell_id": report.cell_id,
        "category": report.category,
        "zone": posting.zone,
        "unit": posting.unit,
        "previous_case_id": placement.previous_case_id,
        "recurrence": placement.recurrence,
        "catalogue_version": version_to_open_under(connection, posting.now),
    }
    if report.kind is IncidentKind.CLEARED:
        data["evidence"] = None  # its picture shows the place clear: it goes with the clearing
    at = report.last_seen_at if report.kind is IncidentKind.CLEARED else report.at
    return append(connection, None, CaseEventKind.OPENED, at, posting.now, f"worker:{report.worker_id}", data)


def append(
    connection: Connection,
    case: Case | None,
    kind: CaseEventKind,
    at: datetime,
    now: datetime,
    actor: str,
    data: Mapping[str, Any],
) -> Case:
    """Write one event and the case that it makes; None as ``case`` opens a new one."""
    case_id = CaseId(str(uuid.uuid4())) if case is None else case.id
    seq, previous_hash = next_event(connection)
    event = CaseEvent(seq, case_id, kind, as_utc(at), as_utc(now), actor, data)
    after = apply(case, event)
    connection.execute(_KEEP_EVENT, {**event_row(event), "hash": event_hash(previous_hash, event)})
    pictures.tell_kinds(connection, event.evidence)
    reviews.note(connection, event)
    if case is None:
        connection.execute(_KEEP_CASE, case_row(after))
    else:
        was = case_row(case)
        changed = {name: value for name, value in case_row(after).items() if value != was[name]}
        connection.execute(_CHANGE_CASE, {"of_id": case.id, **changed})
    for camera_id in after.cameras:
        if case is None or camera_id not in case.cameras:
            connection.execute(_KEEP_CAMERA, {"camera_id": camera_id, "case_id": after.id})
    rolling.note(connection, case, after)
    return after
