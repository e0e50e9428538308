"""What a seat has done in its shift: how many candidates it confirmed and rejected, and at what pace."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sqlalchemy import Engine, literal_column, select

from cases.case import CaseEventKind
from cases.tables import case_event
from cases.transactions import reading
from core.clock import as_utc

DECISIONS = (CaseEventKind.ACCEPTED, CaseEventKind.CLOSED, CaseEventKind.UNDONE)
"""What an index of the events is kept for."""


@dataclass(frozen=True, slots=True)
class ShiftTally:
    """What one seat has decided since a moment."""

    confirmed: int = 0
    rejected: int = 0
    median_s: float | None = None
    """Between two decisions in a row; breaks are left out. None before the second one."""


LONGEST_THOUGHT_S = 120.0
"""A longer gap between two decisions was a break."""
MOST_DECISIONS = 5000


def shift_tally(engine: Engine, actor: str, since: datetime) -> ShiftTally:
    """What the seat has decided since then, what it took back left out; the newest ``MOST_DECISIONS``."""
    columns = case_event.c
    is_decision = columns.kind.in_([literal_column(f"'{kind.value}'") for kind in DECISIONS])
    statement = (
        select(columns.case_id, columns.kind, columns.recorded_at)
        .where(is_decision, columns.actor == actor, columns.recorded_at >= as_utc(since))
        .order_by(columns.recorded_at.desc(), columns.seq.desc())
        .limit(MOST_DECISIONS)
    )
    with reading(engine) as connection:
        rows = connection.execute(statement).all()
    return tally([(row.case_id, CaseEventKind(row.kind), row.recorded_at) for row in reversed(rows)])


def tally(decided: Sequence[tuple[str, CaseEventKind, datetime]]) -> ShiftTally:
    """Counts and pace of decisions, the oldest first. Pure."""
    standing: dict[str, CaseEventKind] = {}
    moments: list[datetime] = []
    for case_id, kind, at in decided:
        if kind is CaseEventKind.UNDONE:
            standing.pop(case_id, None)
            continue
        standing[case_id] = kind
        moments.append(at)
    gaps = sorted(
        gap for one, other in pairwise(moments) if 0 < (gap := (other - one).total_seconds()) <= LONGEST_THOUGHT_S
    )
    confirmed = sum(kind is CaseEventKind.ACCEPTED for kind in standing.values())
    return ShiftTally(confirmed, len(standing) - confirmed, gaps[len(gaps) // 2] if gaps else None)
