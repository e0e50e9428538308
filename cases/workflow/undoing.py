"""A decision on a candidate, taken back by whoever made it, while nothing has followed from it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from cases import tables
from cases.case import Case, CaseEvent, CaseEventKind
from cases.rows import event_of
from cases.workflow.orders import CommandOutOfPlace, Seat
from core.clock import as_utc

UNDO_S = 60.0
"""For so long after the decision was written down; later, whoever reads the case may have acted on it."""
_NO_STEPS = frozenset(
    {
        CaseEventKind.SEEN,
        CaseEventKind.CLEARED,
        CaseEventKind.LATE_SIGHTING,
        CaseEventKind.CORRECTED,
        CaseEventKind.DEADLINE_SET,
        CaseEventKind.TOLD,
        CaseEventKind.COMMENTED,
    }
)
"""They leave a decision as it is."""
_DECISIONS = frozenset({CaseEventKind.ACCEPTED, CaseEventKind.CLOSED})


def check_undo(case: Case, last: CaseEvent | None, followed: bool, seat: Seat, now: datetime) -> None:
    """Whether the seat may take its decision back now. Pure.

    Args:
        last: the case's newest step; None where there is none.
        followed: the same cell and category has another case since.

    Raises:
        CommandOutOfPlace: it is another's decision, an old one, or something has followed from it.
    """
    if last is None or last.kind not in _DECISIONS:
        raise CommandOutOfPlace(f"case {case.number} has gone on since the decision; read it again")
    if last.actor != seat.actor:
        raise CommandOutOfPlace(f"case {case.number} was decided by {last.actor}; ask them, or a shift leader")
    age_s = (as_utc(now) - last.recorded_at).total_seconds()
    if age_s > UNDO_S:
        raise CommandOutOfPlace(
            f"case {case.number} was decided {age_s:.0f} s ago; a decision is taken back within {UNDO_S:.0f} s"
        )
    if followed:
        raise CommandOutOfPlace(
            f"case {case.number} was seen again since, and that opened a new case; decide on the new one"
        )


def check_undo_on(connection: Connection, case: Case, seat: Seat, now: datetime) -> None:
    """``check_undo`` with what the database holds. Raises: CommandOutOfPlace."""
    check_undo(case, _last_step(connection, case), _is_followed(connection, case), seat, now)


def unit_before(connection: Connection, case: Case) -> str | None:
    """The unit that the candidate came with: no step changes it before the decision."""
    table = tables.case_event
    data = connection.execute(select(table.c.data).where(table.c.seq == case.opened_seq)).scalar_one()
    unit: str | None = data.get("unit")
    return unit


def _last_step(connection: Connection, case: Case) -> CaseEvent | None:
    table = tables.case_event
    some: Sequence[str] = [kind.value for kind in _NO_STEPS]
    row = connection.execute(
        select(table).where(table.c.case_id == case.id, table.c.kind.not_in(some)).order_by(table.c.seq.desc()).limit(1)
    ).one_or_none()
    return None if row is None else event_of(row)


def _is_followed(connection: Connection, case: Case) -> bool:
    table = tables.case
    newer = select(table.c.id).where(
        table.c.cell_id == case.cell_id, table.c.category == case.category, table.c.opened_seq > case.opened_seq
    )
    return connection.execute(newer.limit(1)).first() is not None
