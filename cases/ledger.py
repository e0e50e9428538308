"""The event table and its projection, written together inside one transaction."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import ColumnElement, Connection, select, update

from cases import tables
from cases.access import pictures
from cases.access.event_chain import event_hash, next_event
from cases.case import Case, CaseEvent, CaseEventKind, CaseState, apply
from cases.catalogue.in_force import version_to_open_under
from cases.incidents_in import IncidentReport
from cases.number import case_number, numbering_day
from cases.overview import rolling
from cases.placing import Candidates, Placement
from cases.policy import reviews
from cases.queries import Outcome, Receipt
from cases.rows import case_of, case_row, event_row
from cases.transactions import insert_new, insert_or_replace, next_value
from core.clock import as_utc
from core.errors import CaseConflict, IncidentRefused
from core.ids import CaseId
from grid.incidents import IncidentKind
from grid.units import Ring


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


def earlier_receipt(connection: Connection, posting: Posting) -> Receipt | None:
    """The receipt of an earlier posting of the same report.

    Raises:
        CaseConflict: the key, or the incident's event number, was used for something else.
    """
    report = posting.report
    table = tables.intake
    row = connection.execute(select(table).where(table.c.idempotency_key == posting.key)).one_or_none()
    if row is not None and row.body_sha256 != posting.body_sha256:
        raise CaseConflict(
            f"idempotency key {posting.key} was used for another report; send each report with its own key"
        )
    if row is None:
        row = connection.execute(
            select(table)
            .where(table.c.incident_id == report.incident_id, table.c.sequence == report.sequence)
            .order_by(table.c.event_seq)
            .limit(1)
        ).one_or_none()
        if row is not None and row.body_sha256 != posting.body_sha256:
            raise CaseConflict(
                f"event {report.sequence} of incident {report.incident_id} was reported with another content; "
                "number each event of an incident once"
            )
    if row is None:
        return None
    return Receipt(CaseId(row.case_id), row.case_number, Outcome.DUPLICATE, row.event_seq)


def keep_receipt(connection: Connection, posting: Posting, receipt: Receipt) -> None:
    """Remember the posting by its key; a key that is there already stays as it is."""
    row = {
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
    if receipt.outcome is Outcome.DUPLICATE:
        insert_new(connection, tables.intake, row)
    else:
        connection.execute(tables.intake.insert().values(**row))


def check_known(connection: Connection, report: IncidentReport) -> None:
    """Refuse a report about a camera or pictures that nobody has announced.

    Raises:
        IncidentRefused: the text names the camera or the picture, and the mend.
    """
    known = select(tables.camera.c.camera_id).where(tables.camera.c.camera_id == report.camera_id)
    if connection.execute(known).first() is None:
        raise IncidentRefused(
            f"camera {report.camera_id} is unknown; "
            "announce it first with PUT /api/v1/cameras (the worker does at start)"
        )
    if report.evidence is None:
        return
    wanted = set(report.evidence.all())
    found = connection.execute(select(tables.evidence.c.sha256).where(tables.evidence.c.sha256.in_(wanted))).scalars()
    for missing in sorted(wanted - set(found)):
        raise IncidentRefused(
            f"evidence picture {missing[:80]!a} is unknown; upload it first with PUT /api/v1/evidence/{{sha256}}"
        )


def candidates(connection: Connection, report: IncidentReport, recurrence_days: float) -> Candidates:
    """The cases that could take the report."""
    table = tables.case
    binding = tables.incident_binding
    here = (table.c.cell_id == report.cell_id) & (table.c.category == report.category)
    present_at = as_utc(report.last_seen_at if report.kind is IncidentKind.CLEARED else report.at)
    closed = here & (table.c.state == CaseState.CLOSED.value)
    oldest = present_at - timedelta(days=recurrence_days)
    return Candidates(
        bound=_newest(
            connection,
            table.c.id
            == select(binding.c.case_id).where(binding.c.incident_id == report.incident_id).scalar_subquery(),
        ),
        standing=_newest(connection, here & (table.c.state == CaseState.OPEN.value)),
        covering=_newest(
            connection, closed & (table.c.first_seen_at <= present_at) & (table.c.closed_at >= present_at)
        ),
        recent=_newest(connection, closed & (table.c.closed_at < present_at) & (table.c.closed_at >= oldest)),
    )


def _newest(connection: Connection, condition: ColumnElement[bool]) -> Case | None:
    row = connection.execute(
        select(tables.case).where(condition).order_by(tables.case.c.opened_seq.desc()).limit(1)
    ).one_or_none()
    return None if row is None else case_of(row)


def write(connection: Connection, posting: Posting, placement: Placement, numbering: Numbering) -> Receipt:
    """Append the placed report to its case, or open one."""
    report = posting.report
    actor = f"worker:{report.worker_id}"
    data = posting.event_data(placement.outcome)
    if placement.case is None:
        case = _open(connection, posting, placement, numbering)
        if report.kind is IncidentKind.CLEARED:
            case = append(connection, case, CaseEventKind.CLEARED, report.at, posting.now, actor, data)
    else:
        case = append(connection, placement.case, placement.kind, report.at, posting.now, actor, data)
    insert_or_replace(connection, tables.incident_binding, [{"incident_id": report.incident_id, "case_id": case.id}])
    return Receipt(case.id, case.number, placement.outcome, case.updated_seq)


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
    connection.execute(tables.case_event.insert().values(**event_row(event), hash=event_hash(previous_hash, event)))
    pictures.tell_kinds(connection, event.evidence)
    reviews.note(connection, event)
    if case is None:
        connection.execute(tables.case.insert().values(**case_row(after)))
    else:
        connection.execute(update(tables.case).where(tables.case.c.id == case.id).values(**case_row(after)))
    for camera_id in after.cameras:
        if case is None or camera_id not in case.cameras:
            connection.execute(tables.case_camera.insert().values(camera_id=camera_id, case_id=after.id))
    rolling.note(connection, case, after)
    return after
