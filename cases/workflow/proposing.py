"""What the cameras say of a case whose unit has reported it done: gone, or still there; a proposal, by pictures."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from cases import book, tables
from cases.case import Case, CaseEventKind
from cases.incidents_in import IncidentReport
from cases.life import Proposal, Stage
from cases.roles import Role
from cases.rows import event_of
from cases.workflow.claims import claim_on
from cases.workflow.commanding import give
from cases.workflow.commands import Command
from cases.workflow.orders import Order, Seat
from grid.incidents import IncidentKind

RULE_ACTOR = "rule:verification"
_RULE = Seat(RULE_ACTOR, frozenset({Role.INSPECTOR}))
_WHY = {
    Proposal.ABSENT: "现场已消失，见核查图片 / gone by the cameras, see the picture after",
    Proposal.PRESENT: "反馈后仍再次发现，见核查图片 / seen again after the report, see the picture after",
}
_STEP = {Proposal.ABSENT: Command.VERIFY, Proposal.PRESENT: Command.REWORK}


def after_sighting(
    connection: Connection, case: Case, report: IncidentReport, now: datetime, by_rule: Collection[str]
) -> Case:
    """The case after a camera's word has been written on it, with the proposal that follows.

    Args:
        by_rule: categories where the rule itself takes the step.
    """
    if case.life.stage is not Stage.REPORTED or case.life.reported_at is None:
        return case
    after = None if report.evidence is None else report.evidence.as_json()
    if report.kind is IncidentKind.CLEARED:
        # What one camera finds gone may stand before another's.
        return case if case.cleared_at is None else _propose(connection, case, Proposal.ABSENT, after, now, by_rule)
    if report.at <= case.life.reported_at or case.cleared_at is not None:
        return case  # a picture from before the report, or of an incident that has ended since
    return _propose(connection, case, Proposal.PRESENT, after, now, by_rule)


def after_report(connection: Connection, case: Case, now: datetime, by_rule: Collection[str]) -> Case:
    """The case whose unit has just reported it done, with the proposal of what the cameras saw before that."""
    if case.life.stage is not Stage.REPORTED or case.cleared_at is None:
        return case
    after = _picture_of_clearing(connection, case)
    return case if after is None else _propose(connection, case, Proposal.ABSENT, after, now, by_rule)


def _picture_of_clearing(connection: Connection, case: Case) -> Mapping[str, str] | None:
    """The newest picture that shows it gone and is younger than the last that shows it standing."""
    table = tables.case_event
    rows = connection.execute(
        select(table)
        .where(table.c.case_id == case.id, table.c.kind == CaseEventKind.CLEARED.value, table.c.at > case.last_seen_at)
        .order_by(table.c.at.desc(), table.c.seq.desc())
        .limit(16)
    )
    found = (event_of(row).evidence for row in rows)
    return next((refs.as_json() for refs in found if refs is not None), None)


def _propose(
    connection: Connection,
    case: Case,
    proposal: Proposal,
    after: Mapping[str, str] | None,
    now: datetime,
    by_rule: Collection[str],
) -> Case:
    if case.life.proposal is proposal:
        return case
    before = case.latest_evidence if proposal is Proposal.ABSENT else case.evidence
    data: dict[str, Any] = {
        "proposal": proposal.value,
        "before": None if before is None else before.as_json(),
        "after": None if after is None else dict(after),
    }
    case = book.append(connection, case, CaseEventKind.PROPOSED, now, now, RULE_ACTOR, data)
    if case.category not in by_rule or after is None or claim_on(connection, case.id, now) is not None:
        return case  # a person decides; whoever holds the case is at it
    return give(connection, case.id, Order(_STEP[proposal], note=_WHY[proposal]), _RULE, now)
