"""Late and nearly late, as a condition on the table of cases and as a word on one case: one rule, told twice.

What a unit has reported in time is not late, however long it then waits to be looked at.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from sqlalchemy import Boolean, ColumnElement, and_, literal_column, or_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.operators import OperatorType

from cases.case import Case
from cases.life import Stage
from cases.tables import case as table

_OPEN = table.c.state == literal_column("'open'")


class _IsOpen(ColumnElement[bool]):
    """Open cases, found by their deadlines: SQLite would rather walk through all open ones, and reads its partial
    index only where the statement itself names its condition."""

    inherit_cache = True
    type = Boolean()

    def self_group(self, against: OperatorType | None = None) -> Self:
        """As it is: a condition already, not a number to be compared with 1."""
        return self


@compiles(_IsOpen)
def _plain(element: _IsOpen, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(_OPEN, **options)


@compiles(_IsOpen, "sqlite")
def _for_sqlite(element: _IsOpen, compiler: SQLCompiler, **options: Any) -> str:
    return f"likelihood({compiler.process(_OPEN, **options)}, 0.9)"


IS_OPEN: ColumnElement[bool] = _IsOpen()
ANSWERED = (Stage.REPORTED, Stage.VERIFIED)
"""The unit has done its part: its clock stands."""


class Standing(StrEnum):
    """How a case stands to its deadline."""

    NONE = "none"
    """It has none (yet)."""
    IN_TIME = "in_time"
    NEAR_DUE = "near_due"
    OVERDUE = "overdue"
    SUSPENDED = "suspended"
    """Set aside: what was left is left when it goes on."""
    MET = "met"
    """Reported, or closed, in time."""
    MISSED = "missed"
    """Reported, or closed, late."""

    @property
    def is_running(self) -> bool:
        return self in (Standing.IN_TIME, Standing.NEAR_DUE, Standing.OVERDUE)


def standing_of(case: Case, now: datetime) -> Standing:
    """How the case stands at a moment; exactly at the deadline is still in time."""
    life = case.life
    if life.deadline is None or life.stage is Stage.VOID:
        return Standing.NONE
    stopped_at = stopped_since(case)
    if stopped_at is not None:
        return Standing.MISSED if stopped_at > life.deadline.due_at else Standing.MET
    if life.is_suspended:
        return Standing.SUSPENDED
    if now > life.deadline.due_at:
        return Standing.OVERDUE
    return Standing.NEAR_DUE if now >= life.deadline.near_due_at else Standing.IN_TIME


def stopped_since(case: Case) -> datetime | None:
    """When its clock was stopped: by the unit's report, or by closing; None while it runs."""
    life = case.life
    if life.stage in ANSWERED or (life.stage is Stage.CLOSED and life.reported_at is not None):
        return life.reported_at
    return case.closed_at


def is_late(now: datetime) -> ColumnElement[bool]:
    """Open cases whose unit has let the deadline pass."""
    waits = table.c.stage.notin_([stage.value for stage in ANSWERED])
    return and_(IS_OPEN, table.c.due_at < now, or_(waits, table.c.reported_at > table.c.due_at))


def is_nearly_late(now: datetime) -> ColumnElement[bool]:
    """Open cases whose unit has little time left."""
    waits = table.c.stage.notin_([stage.value for stage in ANSWERED])
    return and_(IS_OPEN, table.c.due_at >= now, table.c.near_due_at <= now, waits)
