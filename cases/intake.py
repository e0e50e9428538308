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
from cases.book import Book
from cases.case import Case
from cases.incidents_in import IncidentReport, check
from cases.ledger import Numbering, Posting
from cases.life import Stage
from cases.lookup import Lookup, look_up
from cases.places.responsible import place_of_case
from cases.placing import Candidates, Placement, place
from cases.policy.deciding import Policy, Ruling
from cases.policy.decisions import Made, keep_all, keep_repeat
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
class _Turn:
    """One transaction: what was known before it, and what its reports have changed since."""

    connection: Connection
    lookup: Lookup
    book: Book
    keys: set[str] = field(default_factory=set)
    incidents: set[IncidentId] = field(default_factory=set)
    places: set[tuple[CellId, CategoryId]] = field(default_factory=set)
    cases: set[CaseId] = field(default_factory=set)
    # Not written yet:
    bindings: list[tuple[IncidentId, CaseId]] = field(default_factory=list)
    decisions: list[Made] = field(default_factory=list)
    receipts: list[tuple[Posting, Receipt]] = field(default_factory=list)

    @classmethod
    def of(cls, connection: Connection, postings: Sequence[Posting]) -> "_Turn":
        line_up(connection)
        return cls(connection, look_up(connection, postings), Book(connection))

    def known_of(self, posting: Posting) -> Lookup:
        """What is known of a report now; asked anew where an earlier report of the transaction touched the same."""
        report = posting.report
        bound = self.lookup.bound(report.incident_id)
        is_touched = (
            posting.key in self.keys
            or report.incident_id in self.incidents
            or (report.cell_id, report.category) in self.places
            or (bound is not None and bound.id in self.cases)
        )
        self.keys.add(posting.key)
        self.incidents.add(report.incident_id)
        self.places.add((report.cell_id, report.category))
        if not is_touched:
            return self.lookup
        self.write()
        return look_up(self.connection, [posting])

    def went_to(self, case: Case, posting: Posting, bound: Case | None) -> None:
        """Where a report went; ``bound`` is the case that its incident went to before."""
        self.places.add((case.cell_id, case.category))
        self.cases.add(case.id)
        if bound is None or bound.id != case.id:
            self.bindings.append((posting.report.incident_id, case.id))

    def write(self) -> None:
        """Bring everything to the database that waits for it."""
        self.book.write()
        ledger.bind(self.connection, self.bindings)
        keep_all(self.connection, self.decisions)
        ledger.keep_receipts(self.connection, self.receipts)
        self.bindings.clear()
        self.decisions.clear()
        self.receipts.clear()


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
                    turn = _Turn.of(connection, [posting])
                    answer = self._taken(turn, posting)
                    turn.write()
                    return answer
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
                turn = _Turn.of(connection, postings)
                answers = [self._taken_or_refused(turn, posting) for posting in postings]
                turn.write()
                return answers
        except DatabaseUnavailable:
            raise
        except (PatrolError, SQLAlchemyError):
            return [self._alone(posting) for posting in postings]

    def _alone(self, posting: Posting) -> Answer | Refused:
        try:
            return self.take_in(posting)
        except (PatrolError, SQLAlchemyError) as error:
            return error

    def _taken_or_refused(self, turn: _Turn, posting: Posting) -> Answer | Refused:
        try:
            looked = self._look(turn, posting)
        except (IncidentRefused, CaseConflict) as error:
            return error
        return self._write(turn, looked) if isinstance(looked, _Looked) else looked

    def _taken(self, turn: _Turn, posting: Posting) -> Answer:
        looked = self._look(turn, posting)
        return self._write(turn, looked) if isinstance(looked, _Looked) else looked

    def _look(self, turn: _Turn, posting: Posting) -> _Looked | Answer:
        """Whether it is known already, and else where it belongs; a refusal is raised before anything is written."""
        known = turn.known_of(posting)
        receipt = known.receipt(posting)
        if receipt is not None:
            ledger.keep_repeat(turn.connection, posting, receipt)
            return receipt
        turned_away = known.suppression(posting)
        if turned_away is not None:
            keep_repeat(turn.connection, posting, turned_away)
            return turned_away
        known.check_known(posting.report)
        candidates = known.candidates(turn.connection, posting.report, self._rules.recurrence_days)
        return _Looked(posting, candidates, place(posting.report, candidates))

    def _write(self, turn: _Turn, looked: _Looked) -> Answer:
        posting, placement, connection = looked.posting, looked.placement, turn.connection
        ruling: Ruling | None = None
        if placement.outcome is Outcome.OPENED:
            posting = _located(connection, posting)
            ruling = self._policy.rule_on(connection, posting)
            if ruling.turns_away:
                tell_kinds(connection, posting.report.evidence)
                return self._policy.turn_away(connection, posting, ruling)
        case = ledger.enter(connection, turn.book, posting, placement, self._numbering)
        turn.went_to(case, posting, looked.candidates.bound)
        if ruling is not None:
            turn.decisions.append(Made(ruling.facts, ruling.decision, case.id, posting.now))
        if placement.case is not None and placement.case.life.stage is Stage.REPORTED:
            turn.write()
            case = after_sighting(connection, case, posting.report, posting.now, self._rules.verify_by_rule)
        receipt = Receipt(case.id, case.number, placement.outcome, case.updated_seq)
        if ruling is not None and ruling.files:
            turn.write()
            self._policy.accept(connection, ruling, receipt.case_id, posting.now)
        turn.receipts.append((posting, receipt))
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
