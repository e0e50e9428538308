"""How many cases wait where, for the desk's quick counts: never more rows looked at than ``MOST`` each."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Engine, func, literal, literal_column, select, union_all

from cases.case import CaseState
from cases.lateness import is_late, is_nearly_late
from cases.life import Stage
from cases.queries import CaseCount
from cases.tables import case as table
from cases.transactions import reading
from core.clock import as_utc
from core.ids import CategoryId

MOST = 1000
"""A count stops here: ``999+`` tells an operator as much, and a city's million closed cases cost nothing."""
LATE, NEARLY_LATE = "late", "near"
_OPEN = table.c.state == literal_column("'open'")
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
    if unit is not None:
        wanted = {name: condition & (table.c.unit == unit) for name, condition in wanted.items()}
    return _bounded(engine, wanted, most)


def state_counts(engine: Engine, categories: Collection[str], most: int = MOST) -> tuple[CaseCount, ...]:
    """Open cases by category and in all, closed ones in all; each at most ``most``.

    Closed ones by category would be a walk through all of them: they are not told apart. A total has no category.
    """
    wanted: dict[str, ColumnElement[bool]] = {
        f"open:{category}": _OPEN & (table.c.category == category) for category in categories
    }
    wanted |= {"open:": _OPEN, "closed:": table.c.state == literal_column("'closed'")}
    counted = (
        (CaseState(name.partition(":")[0]), CategoryId(name.partition(":")[2]), count)
        for name, count in _bounded(engine, wanted, most).items()
    )
    return tuple(CaseCount(*each) for each in counted if each[2] or not each[1])


def _bounded(engine: Engine, wanted: Mapping[str, ColumnElement[bool]], most: int) -> dict[str, int]:
    """How many fit each condition, in one statement; a count stops at ``most``."""
    parts = []
    for name, condition in wanted.items():
        some = select(literal_column("1").label("one")).select_from(table).where(condition).limit(most).subquery()
        parts.append(select(literal(name).label("name"), func.count().label("cases")).select_from(some))
    with reading(engine) as connection:
        return {row.name: row.cases for row in connection.execute(union_all(*parts))}
