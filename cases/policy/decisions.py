"""The decisions as they are kept: written with the case, listed, explained, and purged when they made nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, select

from cases import tables
from cases.ledger import Posting
from cases.policy.decision import Decision, Trial, Verdict, Why
from cases.policy.facts import CandidateFacts
from cases.policy.tables import policy_decision, suppressed_intake
from cases.queries import Outcome, Suppressed
from cases.transactions import insert_new, reading, writing

MOST_OF_ONE = 50
"""Decisions that an explanation of one incident or case names: the newest."""
PURGE_BATCH = 2000
PURGE_EVERY = 500
"""Every so many turned-away reports, the oldest kept too long are purged, ``PURGE_BATCH`` at most."""

# Made once: every report asks them, and building a statement costs as much as running it.
_KEEP = policy_decision.insert()
_KEEP_TURNED_AWAY = suppressed_intake.insert()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptDecision:
    """A decision in the database."""

    id: int
    decided_at: datetime
    at: datetime
    """Capture time of what was judged; aware, UTC."""
    incident_id: str
    camera_id: str
    cell_id: str
    category: str
    verdict: Verdict
    rule: str
    case_id: str | None
    """None: it made no case."""
    why: Why
    trials: tuple[Trial, ...]
    elsewhere: int
    is_night: bool
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DecisionQuery:
    """Which decisions; every field narrows."""

    verdict: Verdict | None = None
    rule: str | None = None
    camera_id: str | None = None
    cell_id: str | None = None
    category: str | None = None
    since: datetime | None = None
    """``decided_at`` at or after; aware."""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class BoundCase:
    """The case that a report went to."""

    id: str
    number: str


class DecisionStore:
    """Every method may raise ``DatabaseUnavailable``. Threads may share one store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def page(self, query: DecisionQuery, before: int | None, limit: int) -> tuple[KeptDecision, ...]:
        """Some, newest first, from the one ahead of ``before``."""
        table = policy_decision
        statement = select(table).order_by(table.c.id.desc()).limit(limit)
        if before is not None:
            statement = statement.where(table.c.id < before)
        if query.verdict is not None:
            statement = statement.where(table.c.verdict == query.verdict.value)
        for column in (table.c.rule, table.c.camera_id, table.c.cell_id, table.c.category):
            wanted = getattr(query, column.name)
            if wanted is not None:
                statement = statement.where(column == wanted)
        if query.since is not None:
            statement = statement.where(table.c.decided_at >= query.since)
        if query.until is not None:
            statement = statement.where(table.c.decided_at < query.until)
        with reading(self._engine) as connection:
            return tuple(kept_of(row) for row in connection.execute(statement))

    def of_incident(self, incident_id: str) -> tuple[tuple[KeptDecision, ...], BoundCase | None]:
        """An incident's decisions, newest first, and the case that it goes to now."""
        table, binding, case = policy_decision, tables.incident_binding, tables.case
        bound = (
            select(case.c.id, case.c.number)
            .join(binding, binding.c.case_id == case.c.id)
            .where(binding.c.incident_id == incident_id)
        )
        with reading(self._engine) as connection:
            return _newest(connection, table.c.incident_id == incident_id), _bound(connection, bound)

    def of_case(self, case_id: str) -> tuple[tuple[KeptDecision, ...], BoundCase | None]:
        """What opened a case, with what was decided of the same incident before; and the case, if there is one."""
        table, case = policy_decision, tables.case
        incident = select(table.c.incident_id).where(table.c.case_id == case_id)
        with reading(self._engine) as connection:
            found = _newest(
                connection,
                (table.c.case_id == case_id) | (table.c.incident_id.in_(incident) & table.c.case_id.is_(None)),
            )
            return found, _bound(connection, select(case.c.id, case.c.number).where(case.c.id == case_id))

    def purge(self, now: datetime, days: float) -> int:
        """Forget what made no case and is older than ``days``; how many decisions went.

        Their postings' receipts go, too: such a report, sent again after all that time, is judged anew.
        """
        gone = 0
        while True:
            with writing(self._engine) as connection:
                batch = purge_some(connection, now, days)
            gone += batch
            if batch < PURGE_BATCH:
                return gone


def purge_some(connection: Connection, now: datetime, days: float) -> int:
    """One batch of ``DecisionStore.purge``, in the caller's transaction."""
    before = now - timedelta(days=days)
    table = policy_decision
    old = (
        select(table.c.id)
        .where(table.c.verdict == Verdict.SUPPRESS.value, table.c.decided_at < before)
        .order_by(table.c.decided_at)
        .limit(PURGE_BATCH)
    )
    ids = list(connection.execute(old).scalars())
    if ids:
        connection.execute(delete(table).where(table.c.id.in_(ids)))
        keys = select(suppressed_intake.c.idempotency_key).where(suppressed_intake.c.received_at < before)
        oldest = keys.order_by(suppressed_intake.c.received_at).limit(PURGE_BATCH)
        connection.execute(delete(suppressed_intake).where(suppressed_intake.c.idempotency_key.in_(oldest)))
    return len(ids)


@dataclass(frozen=True, slots=True)
class Made:
    """A decision, and what it was about."""

    facts: CandidateFacts
    decision: Decision
    case_id: str | None
    """None: it made no case."""
    now: datetime


def keep(connection: Connection, made: Made) -> int:
    """Write a decision; its number."""
    (decision_id,) = connection.execute(_KEEP, _row(made)).inserted_primary_key or (0,)
    return int(decision_id)


def keep_all(connection: Connection, made: Sequence[Made]) -> None:
    """Write several."""
    if made:
        connection.execute(_KEEP, [_row(each) for each in made])


def _row(made: Made) -> dict[str, Any]:
    facts, decision = made.facts, made.decision
    return {
        "decided_at": made.now,
        "at": facts.at,
        "incident_id": facts.incident_id,
        "camera_id": facts.camera_id,
        "cell_id": facts.cell_id,
        "category": facts.category,
        "verdict": decision.verdict.value,
        "rule": decision.rule,
        "case_id": made.case_id,
        "zh": decision.why.zh,
        "en": decision.why.en,
        "trials": [trial.as_json() for trial in decision.trials],
        "elsewhere": decision.elsewhere,
        "is_night": decision.is_night,
        "rules_version": decision.rules_version,
        "facts": facts.as_json(),
    }


def newest_of(connection: Connection, incident_id: str) -> KeptDecision | None:
    """What was decided last of an incident."""
    found = _newest(connection, policy_decision.c.incident_id == incident_id, 1)
    return found[0] if found else None


def keep_repeat(connection: Connection, posting: Posting, earlier: Suppressed) -> None:
    """Remember the key of a report that was turned away before; one that is there already stays as it is."""
    row = _intake_row(posting, earlier.decision, earlier.rule, Outcome.DUPLICATE)
    insert_new(connection, suppressed_intake, row)


def keep_suppression(connection: Connection, posting: Posting, decision_id: int, rule: str) -> Suppressed:
    """Remember a posting that made no case."""
    row = _intake_row(posting, decision_id, rule, Outcome.SUPPRESSED)
    connection.execute(_KEEP_TURNED_AWAY, row)
    return Suppressed(Outcome.SUPPRESSED, rule, decision_id)


def kept_of(row: Row[Any]) -> KeptDecision:
    return KeptDecision(
        id=row.id,
        decided_at=row.decided_at,
        at=row.at,
        incident_id=row.incident_id,
        camera_id=row.camera_id,
        cell_id=row.cell_id,
        category=row.category,
        verdict=Verdict(row.verdict),
        rule=row.rule,
        case_id=row.case_id,
        why=Why(row.zh, row.en),
        trials=tuple(Trial.of_json(each) for each in row.trials),
        elsewhere=row.elsewhere,
        is_night=row.is_night,
        facts=row.facts,
    )


def _intake_row(posting: Posting, decision_id: int, rule: str, outcome: Outcome) -> dict[str, Any]:
    return {
        "idempotency_key": posting.key,
        "body_sha256": posting.body_sha256,
        "incident_id": posting.report.incident_id,
        "sequence": posting.report.sequence,
        "decision_id": decision_id,
        "rule": rule,
        "outcome": outcome.value,
        "received_at": posting.now,
    }


def _newest(connection: Connection, condition: Any, limit: int = MOST_OF_ONE) -> tuple[KeptDecision, ...]:
    statement = select(policy_decision).where(condition).order_by(policy_decision.c.id.desc()).limit(limit)
    return tuple(kept_of(row) for row in connection.execute(statement))


def _bound(connection: Connection, statement: Any) -> BoundCase | None:
    row = connection.execute(statement).one_or_none()
    return None if row is None else BoundCase(row.id, row.number)
