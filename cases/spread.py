"""How the open cases lie over the city: counted by cell, in one look at the database."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, case, func, select

from cases.lateness import is_late, is_nearly_late
from cases.tables import case as table
from cases.transactions import reading
from core.ids import CellId


@dataclass(frozen=True, slots=True)
class CellLoad:
    """What stands open in one cell."""

    cell_id: CellId
    open: int
    late: int
    """Of them, past their deadline."""
    near_due: int
    """Of them, nearly late."""


class CaseSpread:
    """Every method may raise ``DatabaseUnavailable``. Threads may share one."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def loads(self, now: datetime) -> tuple[CellLoad, ...]:
        """Every cell with an open case, by id."""
        late, near = (func.sum(case((told, 1), else_=0)) for told in (is_late(now), is_nearly_late(now)))
        statement = (
            select(table.c.cell_id, func.count().label("open"), late.label("late"), near.label("near"))
            .where(table.c.state == "open")
            .group_by(table.c.cell_id)
            .order_by(table.c.cell_id)
        )
        with reading(self._engine) as connection:
            rows = connection.execute(statement).all()
        return tuple(CellLoad(CellId(row.cell_id), int(row.open), int(row.late), int(row.near)) for row in rows)
