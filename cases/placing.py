"""Where a report belongs: pure policy, given the cases that could take it."""

from dataclasses import dataclass

from cases.case import Case, CaseEventKind
from cases.incidents_in import IncidentReport
from cases.queries import Outcome
from core.ids import CaseId
from grid.incidents import IncidentKind


@dataclass(frozen=True, slots=True)
class Candidates:
    """The cases that could take a report."""

    bound: Case | None
    """The case that earlier events of the same incident went to."""
    standing: Case | None
    """The open case of its cell and category."""
    covering: Case | None
    """The newest closed case of its cell and category that was alive when the report's picture was taken."""
    recent: Case | None
    """The newest case of its cell and category that was closed before, within the recurrence time."""


@dataclass(frozen=True, slots=True)
class Placement:
    """What to write: an event on ``case``, or a new case when that is None."""

    outcome: Outcome
    case: Case | None
    kind: CaseEventKind
    previous_case_id: CaseId | None = None
    recurrence: int = 0
    """How many cases, one after the other, a new one repeats."""


def place(report: IncidentReport, candidates: Candidates) -> Placement:
    """Decide; the rules in order:

    1. The incident's own case, while it is open.
    2. Its own case after closing: what was seen before the closing is a late sighting; that it is cleared is
       good to know and needs no new case. Seen *after* the closing: a recurrence (go on).
    3. The open case of the cell and category: one violation, one case.
    4. A closed case that was alive when the picture was taken: a late sighting of it.
    5. A new case, linked to the one it repeats. A clearing whose opening never came opens one too: the violation
       stood, and nobody was told.
    """
    kind = CaseEventKind.CLEARED if report.kind is IncidentKind.CLEARED else CaseEventKind.SEEN
    bound = candidates.bound
    if bound is not None and bound.is_open:
        return Placement(Outcome.ATTACHED, bound, kind)
    if bound is not None and _is_over(report, bound):
        late = kind if kind is CaseEventKind.CLEARED else CaseEventKind.LATE_SIGHTING
        return Placement(Outcome.ATTACHED, bound, late)
    if candidates.standing is not None:
        return Placement(Outcome.JOINED, candidates.standing, kind)
    if candidates.covering is not None:
        late = kind if kind is CaseEventKind.CLEARED else CaseEventKind.LATE_SIGHTING
        return Placement(Outcome.ATTACHED, candidates.covering, late)
    previous = candidates.recent or bound
    if previous is None:
        return Placement(Outcome.OPENED, None, CaseEventKind.OPENED)
    return Placement(Outcome.OPENED, None, CaseEventKind.OPENED, previous.id, previous.life.recurrence + 1)


def _is_over(report: IncidentReport, closed: Case) -> bool:
    if report.kind is IncidentKind.CLEARED:
        return True
    return closed.closed_at is not None and report.at <= closed.closed_at
