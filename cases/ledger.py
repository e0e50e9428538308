"""A report on its way in: the event it becomes, its receipt, and the case that its incident is bound to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import Connection

from cases import tables
from cases.book import Book
from cases.case import Case, CaseEventKind
from cases.catalogue.in_force import version_to_open_under
from cases.incidents_in import IncidentReport
from cases.number import case_number, numbering_day
from cases.placing import Placement
from cases.queries import Outcome, Receipt
from cases.sources import Source
from cases.transactions import insert_new, insert_or_replace, next_value
from core.ids import CaseId, IncidentId
from grid.incidents import IncidentKind
from grid.units import Ring

_KEEP_POSTING = tables.intake.insert()


@dataclass(frozen=True, slots=True)
class Numbering:
    """How new cases are numbered."""

    zone: tzinfo
    source: str
    """Of what fixed cameras report; other sources have digits of their own."""


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


def bind(connection: Connection, bindings: Sequence[tuple[IncidentId, CaseId]]) -> None:
    """Remember which case each incident's next event goes to."""
    if bindings:
        rows = [{"incident_id": incident_id, "case_id": case_id} for incident_id, case_id in bindings]
        insert_or_replace(connection, tables.incident_binding, rows)


def enter(connection: Connection, book: Book, posting: Posting, placement: Placement, numbering: Numbering) -> Case:
    """Append the placed report to its case, or open one; the case as it is then, and not yet written."""
    report = posting.report
    actor = f"worker:{report.worker_id}"
    data = posting.event_data(placement.outcome)
    if placement.case is None:
        case = _open(connection, book, posting, placement, numbering)
        if report.kind is IncidentKind.CLEARED:
            case = book.append(case, CaseEventKind.CLEARED, report.at, posting.now, actor, data)
    else:
        case = book.append(placement.case, placement.kind, report.at, posting.now, actor, data)
    return case


def _open(connection: Connection, book: Book, posting: Posting, placement: Placement, numbering: Numbering) -> Case:
    report = posting.report
    day = numbering_day(posting.now, numbering.zone)
    serial = next_value(connection, f"serial:{day:%Y%m%d}")
    source = numbering.source if report.source is Source.VIDEO_AI else report.source.digits
    data = {
        **posting.event_data(placement.outcome),
        "number": case_number(report.cell_id, day, source, serial),
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
    return book.append(None, CaseEventKind.OPENED, at, posting.now, f"worker:{report.worker_id}", data)
