"""How many cases wait where, for the desk's quick counts: never more rows looked at than ``MOST`` each."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Engine, func, literal, select, union_all

from cases.lateness import is_late, is_nearly_late
from cases.life import Stage
from cases.tables import case as table
from cases.transactions import reading
from core.clock import as_utc

MOST = 1000
"""A count stops here: ``999+`` tells an operator as much, and a city's million closed cases cost nothing."""
LATE, NEARLY_LATE = "late", "near"
COUNTED_STAGES = tuple(stage for stage in Stage if stage not in (Stage.CLOSED, Stage.VOID))


def tallies(engine: Engine, now: datetime, unit: str | None = None, most: int = MOST) -> Mapping[str, int]:
    """Open cases by stage, late and nearly late; each at most ``most``.

    Args:
        unit: of that unit only; None: of all.

    Returns:
        By a stage's value, ``LATE`` and ``NEARLY_LATE``.
    """
    now = as_utc(now)
    wanted: dict[str, ColumnElement[bool]] = {stage.value: table.c.stage == stage.value for stage in COUNTED_STAGES}
    wanted |= {LATE: is_late(now), NEARLY_LATE: is_nearly_late(now)}
    parts = []
    for name, condition in wanted.items():
        some = select(table.c.id).where(condition)
        if unit is not None:
            some = some.where(table.c.unit == unit)
        counted = select(literal(name).label("name"), func.count().label("cases"))
        parts.append(counted.select_from(some.limit(most).subquery()))
    with reading(engine) as connection:
        return {row.name: row.cases for row in connection.execute(union_all(*parts))}
