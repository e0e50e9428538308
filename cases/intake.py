"""Reports on their way in: one transaction for one report, or for all that wait at the same moment.

A report is looked at before anything is written for it, so one that is refused leaves the others of its transaction
as they were. What goes wrong while writing undoes the transaction, and each of its reports is tried by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from cases import ledger
from cases.access.pictures import tell_kinds
from cases.case import Case
from cases.incidents_in import IncidentReport, check
from cases.ledger import Numbering, Posting
from cases.life import Stage
from cases.lookup import Lookup, look_up
from cases.places.responsible import place_of_case
from cases.placing import Candidates, Placement, place
from cases.policy.deciding import Policy, Ruling
from cases.policy.decisions import keep_repeat
from cases.queries import Outcome, Receipt, Suppressed
from cases.rules import CaseRules
from cases.transactions import DatabaseUnavailable, line_up, shown, writing
from cases.workflow.proposing import after_sighting
from core.clock import as_utc
from core.errors import CaseConflict, IncidentRefused, PatrolError
from core.ids import CaseId, CategoryId, CellId, IncidentId
from grid.units import Ring

LONGEST_KEY = 256
_TRIES = 4

Answer = Receipt | Suppressed
Refused = PatrolError | SQLAlchemyError
"""Why one report was not taken in; the others were."""


@dataclass(frozen=True, slots=True)
class CellFacts:
    """What the grid file knows of a report's cell; None where it knows nothing."""

    zone: str | None = None
    """Its grade, kept on a case that the report opens."""
    unit: str | None = None
    """The responsible unit's name, kept likewise."""
    outline: Ring | None = None
    """Its outer ring, lon/lat, for permitted areas."""


@dataclass(frozen=True, slots=True)
class _Looked:
    """A report that nobody has seen before, and where it belongs."""

    posting: Posting
    candidates: Candidates
    placement: Placement


@dataclass(slots=True)
class _Touched:
    """What the reports of this transaction have changed so far: a lookup from before tells nothing of it."""

    keys: set[str] = field(default_factory=set)
    incidents: set[IncidentId] = field(default_factory=set)
    places: set[tuple[CellId, CategoryId]] = field(default_factory=set)
    cases: set[CaseId] = field(default_factory=set)

    def meets(self, posting: Posting, lookup: Lookup) -> bool:
        report = posting.report
        bound = lookup.bound(report.incident_id)
        return (
            posting.key in self.keys
            or report.incident_id in self.incidents
            or (report.cell_id, report.category) in self.places
            or (bound is not None and bound.id in self.cases)
        )

    def note(self, posting: Posting, case: Case | None) -> None:
        report = posting.report
        self.keys.add(posting.key)
        self.incidents.add(report.incident_id)
        self.places.add((report.cell_id, report.category))
        if case is not None:
            self.places.add((case.cell_id, case.category))
            self.cases.add(case.id)


class Intake:
    """Takes reports in: each once, whatever the number of postings, and on at most one open case."""

    def __init__(self, engine: Engine, rules: CaseRules, numbering: Numbering, policy: Policy) -> None:
        self._engine = engine
        self._rules = rules
        self._numbering = numbering
        self._policy = policy

    def posting(self, report: IncidentReport, key: str, now: datetime, cell: CellFacts) -> Posting:
        """A report as the database takes it.

        Args:
            key: the poster's name for this posting; ``report.idempotency_key`` is a good one.
            now: when it arrived; aware.

        Raises:
            IncidentRefused: it cannot be true or cannot be stored; sending it again will not help.
        """
        check(report, now, self._rules.future_tolerance_s)
        if not key or len(key) > LONGEST_KEY or not key.isprintable():
            raise IncidentRefused(
                f"idempotency key {key[:40]!a} is not usable; send 1 to {LONGEST_KEY} printable characters"
            )
        return Posting(report, key, report.body_sha256, as_utc(now), cell.zone, cell.unit, cell.outline)

    def take_in(self, posting: Posting) -> Answer:
        """One report in a transaction of its own.

        Raises:
            IncidentRefused, CaseConflict: see ``CaseStore.take_in``.
            DatabaseUnavailable: nothing was written.
        """
        for _ in range(_TRIES):
            try:
                with writing(self._engine) as connection:
                    line_up(connection)
                    looked = self._look(connection, posting, look_up(connection, [posting]))
                    return self._write(connection, looked, _Touched()) if isinstance(looked, _Looked) else looked
            except IntegrityError:
                # Another writer opened the case or took the same posting in between: look again, and join it.
                continue
        raise DatabaseUnavailable(
            f"database {shown(self._engine.url)}: other writers were faster {_TRIES} times; send the report again"
        )

    def take_in_together(self, postings: Sequence[Posting]) -> list[Answer | Refused]:
        """Several reports in one transaction, in their order; an answer or a refusal for each.

        Raises:
            DatabaseUnavailable: none was taken in.
        """
        try:
            with writing(self._engine) as connection:
                line_up(connection)
                lookup, touched = look_up(connection, postings), _Touched()
                return [self._answer(connection, posting, lookup, touched) for posting in postings]
        except DatabaseUnavailable:
            raise
        except (PatrolError, SQLAlchemyError):
            return [self._alone(posting) for posting in postings]

    def _answer(self, connection: Connection, posting: Posting, lookup: Lookup, touched: _Touched) -> Answer | Refused:
        if touched.meets(posting, lookup):
            lookup = look_up(connection, [posting])
        touched.note(posting, None)
        try:
            looked = self._look(connection, posting, lookup)
        except (IncidentRefused, CaseConflict) as error:
            return error
        return self._write(connection, looked, touched) if isinstance(looked, _Looked) else looked

    def _alone(self, posting: Posting) -> Answer | Refused:
        try:
            return self.take_in(posting)
        except (PatrolError, SQLAlchemyError) as error:
            return error

    def _look(self, connection: Connection, posting: Posting, lookup: Lookup) -> _Looked | Answer:
        """Whether it is known already, and else where it belongs; a refusal is raised before anything is written."""
        receipt = lookup.receipt(posting)
        if receipt is not None:
            ledger.keep_receipt(connection, posting, receipt)
            return receipt
        turned_away = lookup.suppression(posting)
        if turned_away is not None:
            keep_repeat(connection, posting, turned_away)
            return turned_away
        lookup.check_known(posting.report)
        candidates = lookup.candidates(connection, posting.report, self._rules.recurrence_days)
        return _Looked(posting, candidates, place(posting.report, candidates))

    def _write(self, connection: Connection, looked: _Looked, touched: _Touched) -> Answer:
        posting, placement = looked.posting, looked.placement
        ruling: Ruling | None = None
        if placement.outcome is Outcome.OPENED:
            posting = _located(connection, posting)
            ruling = self._policy.rule_on(connection, posting)
            if ruling.turns_away:
                tell_kinds(connection, posting.report.evidence)
                return self._policy.turn_away(connection, posting, ruling)
        case = ledger.write(connection, posting, placement, self._numbering, looked.candidates.bound)
        if placement.case is not None and placement.case.life.stage is Stage.REPORTED:
            case = after_sighting(connection, case, posting.report, posting.now, self._rules.verify_by_rule)
        touched.note(posting, case)
        receipt = Receipt(case.id, case.number, placement.outcome, case.updated_seq)
        if ruling is not None:
            self._policy.opened(connection, ruling, receipt.case_id, posting.now)
        ledger.keep_receipt(connection, posting, receipt)
        return receipt


def _located(connection: Connection, posting: Posting) -> Posting:
    """The posting with the grade and the unit that the kept places name; the grid file's where they name none."""
    report = posting.report
    found = place_of_case(
        connection,
        cell_id=report.cell_id,
        category=report.category,
        at=report.at,
        file_zone=posting.zone,
        file_unit=posting.unit,
    )
    return replace(posting, zone=found.zone, unit=found.unit)
