"""What the database knows of some reports before anything is written for them: asked for all of them at once.

Every statement is written once, with its values bound later: SQLAlchemy takes longer to write one than SQLite to
answer it, and PostgreSQL's answers take a round trip each.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, bindparam, literal_column, select, union_all

from cases import tables
from cases.case import Case, CaseState
from cases.incidents_in import IncidentReport
from cases.ledger import Posting
from cases.placing import Candidates
from cases.policy.tables import suppressed_intake
from cases.queries import Outcome, Receipt, Suppressed
from cases.rows import case_of
from core.clock import as_utc
from core.errors import CaseConflict, IncidentRefused
from core.ids import CaseId, CategoryId, CellId, IncidentId
from grid.incidents import IncidentKind

Name = TypeVar("Name", str, int, CellId, CategoryId, IncidentId)
_SIZES = (1, 4, 16)
"""Reports that are looked up at once are filled up to one of these: PostgreSQL plans a statement anew for each length
of its lists."""


def _among(name: str) -> Any:
    return bindparam(name, expanding=True)


def _padded(wanted: Collection[Name], size: int) -> list[Name]:
    """The names, the last one repeated until there are ``size``; none stay none."""
    names = sorted(wanted)
    return names + names[-1:] * (size - len(names))


def _postings(table: Table) -> Any:
    """What stands in an intake of these keys, and the first postings of these events of these incidents."""
    is_event = table.c.incident_id.in_(_among("incidents")) & table.c.sequence.in_(_among("events"))
    is_first = table.c.outcome != literal_column("'duplicate'")  # as the index of the first ones says
    return union_all(
        select(table).where(table.c.idempotency_key.in_(_among("keys"))), select(table).where(is_event, is_first)
    )


_CASE = tables.case.c
_RECEIVED = _postings(tables.intake)
_TURNED_AWAY = _postings(suppressed_intake)
_CAMERAS = select(tables.camera.c.camera_id).where(tables.camera.c.camera_id.in_(_among("cameras")))
_PICTURES = select(tables.evidence.c.sha256).where(tables.evidence.c.sha256.in_(_among("pictures")))
_BOUND = (
    select(tables.incident_binding.c.incident_id.label("of_incident"), tables.case)
    .join(tables.incident_binding, tables.incident_binding.c.case_id == _CASE.id)
    .where(tables.incident_binding.c.incident_id.in_(_among("incidents")))
)
_STANDING = select(literal_column("NULL").label("of_incident"), tables.case).where(
    _CASE.cell_id.in_(_among("cells")),
    _CASE.category.in_(_among("categories")),
    _CASE.state == literal_column("'open'"),  # as the index of the open ones says
)
_CASES = union_all(_BOUND, _STANDING)


def _newest_closed(slot: str, *conditions: ColumnElement[bool]) -> Select[Any]:
    """The newest closed case of a cell and category that fits, as one row with the name of what it was asked for."""
    here = (
        _CASE.cell_id == bindparam("cell"),
        _CASE.category == bindparam("category"),
        _CASE.state == literal_column(f"'{CaseState.CLOSED.value}'"),
    )
    found = select(tables.case).where(*here, *conditions).order_by(_CASE.opened_seq.desc()).limit(1).subquery()
    return select(literal_column(f"'{slot}'").label("slot"), *found.c)


_PAST = union_all(
    _newest_closed(
        "covering", _CASE.first_seen_at <= bindparam("present_at"), _CASE.closed_at >= bindparam("present_at")
    ),
    _newest_closed("recent", _CASE.closed_at < bindparam("present_at"), _CASE.closed_at >= bindparam("oldest")),
)


@dataclass(frozen=True, slots=True)
class _Received:
    """Postings of one intake table, by what they are found by."""

    by_key: Mapping[str, Row[Any]]
    by_event: Mapping[tuple[str, int], Row[Any]]

    @classmethod
    def of(cls, rows: Iterable[Row[Any]], order: str) -> "_Received":
        found = sorted(rows, key=lambda row: getattr(row, order), reverse=True)
        return cls(
            {row.idempotency_key: row for row in found},
            {(row.incident_id, row.sequence): row for row in found},  # the first one stays
        )

    def find(self, posting: Posting) -> Row[Any] | None:
        """The earlier posting of the same key, else of the same event.

        Raises:
            CaseConflict: it said something else.
        """
        report = posting.report
        by_key = self.by_key.get(posting.key)
        row = by_key if by_key is not None else self.by_event.get((report.incident_id, report.sequence))
        if row is None or row.body_sha256 == posting.body_sha256:
            return row
        if by_key is not None:
            raise CaseConflict(
                f"idempotency key {posting.key} was used for another report; send each report with its own key"
            )
        raise CaseConflict(
            f"event {report.sequence} of incident {report.incident_id} was reported with another content; "
            "number each event of an incident once"
        )


@dataclass(frozen=True, slots=True)
class Lookup:
    """What stood in the database when ``look_up`` asked."""

    _received: _Received
    _turned_away: _Received
    _cameras: frozenset[str]
    _pictures: frozenset[str]
    _bound: Mapping[IncidentId, Case]
    _standing: Mapping[tuple[CellId, CategoryId], Case]

    def receipt(self, posting: Posting) -> Receipt | None:
        """The receipt of an earlier posting of the same report that went to a case.

        Raises:
            CaseConflict: the key, or the incident's event number, was used for something else.
        """
        row = self._received.find(posting)
        if row is None:
            return None
        return Receipt(CaseId(row.case_id), row.case_number, Outcome.DUPLICATE, row.event_seq)

    def suppression(self, posting: Posting) -> Suppressed | None:
        """The receipt of an earlier posting of the same report that made no case. Raises: as ``receipt``."""
        row = self._turned_away.find(posting)
        return None if row is None else Suppressed(Outcome.DUPLICATE, row.rule, row.decision_id)

    def check_known(self, report: IncidentReport) -> None:
        """Refuse a report about a camera or pictures that nobody has announced.

        Raises:
            IncidentRefused: the text names the camera or the picture, and the mend.
        """
        if report.camera_id not in self._cameras:
            raise IncidentRefused(
                f"camera {report.camera_id} is unknown; "
                "announce it first with PUT /api/v1/cameras (the worker does at start)"
            )
        wanted = () if report.evidence is None else report.evidence.all()
        for missing in sorted(set(wanted) - self._pictures):
            raise IncidentRefused(
                f"evidence picture {missing[:80]!a} is unknown; upload it first with PUT /api/v1/evidence/{{sha256}}"
            )

    def bound(self, incident_id: IncidentId) -> Case | None:
        """The case that an incident's events went to so far."""
        return self._bound.get(incident_id)

    def candidates(self, connection: Connection, report: IncidentReport, recurrence_days: float) -> Candidates:
        """The cases that could take a report; closed ones of its place are asked for only where no open one does."""
        bound = self._bound.get(report.incident_id)
        standing = self._standing.get((report.cell_id, report.category))
        if standing is not None or (bound is not None and bound.is_open):
            return Candidates(bound, standing, None, None)
        present_at = as_utc(report.last_seen_at if report.kind is IncidentKind.CLEARED else report.at)
        wanted = {
            "cell": report.cell_id,
            "category": report.category,
            "present_at": present_at,
            "oldest": present_at - timedelta(days=recurrence_days),
        }
        past = {row.slot: case_of(row) for row in connection.execute(_PAST, wanted)}
        return Candidates(bound, None, past.get("covering"), past.get("recent"))


def look_up(connection: Connection, postings: Sequence[Posting]) -> Lookup:
    """All that is known of some reports; call it after ``line_up``, so that it stays so."""
    reports = [posting.report for posting in postings]
    size = next(size for size in _SIZES if size >= len(postings) or size == _SIZES[-1])
    cameras = {"cameras": _padded({report.camera_id for report in reports}, size)}
    names = {
        "keys": _padded({posting.key for posting in postings}, size),
        "incidents": _padded({report.incident_id for report in reports}, size),
        "events": _padded({report.sequence for report in reports}, size),
    }
    places = {
        "incidents": names["incidents"],
        "cells": _padded({report.cell_id for report in reports}, size),
        "categories": _padded({report.category for report in reports}, size),
    }
    sha256s = {sha256 for report in reports if report.evidence is not None for sha256 in report.evidence.all()}
    pictures = {"pictures": _padded(sha256s, 3 * size)}
    bound: dict[IncidentId, Case] = {}
    standing: dict[tuple[CellId, CategoryId], Case] = {}
    for row in connection.execute(_CASES, places):
        case = case_of(row)
        if row.of_incident is not None:
            bound[IncidentId(row.of_incident)] = case
        if case.is_open:
            standing[case.cell_id, case.category] = case
    return Lookup(
        _Received.of(connection.execute(_RECEIVED, names), "event_seq"),
        _Received.of(connection.execute(_TURNED_AWAY, names), "received_at"),
        frozenset(connection.execute(_CAMERAS, cameras).scalars()),
        frozenset(connection.execute(_PICTURES, pictures).scalars() if sha256s else ()),
        bound,
        standing,
    )
