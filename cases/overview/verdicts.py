"""What was found of a candidate, as a condition on the table of cases: lists show what the overview counts."""

from sqlalchemy import ColumnElement, and_, or_

from cases.life import Stage
from cases.tables import case as table

_UNDECIDED_OR_VOID = (Stage.COLLECTED.value, Stage.VOID.value)


def was_confirmed() -> ColumnElement[bool]:
    """It was found to be a case, whatever became of it later."""
    return or_(table.c.registered_at.is_not(None), table.c.stage.not_in(_UNDECIDED_OR_VOID))


def was_rejected() -> ColumnElement[bool]:
    """It was turned away as a candidate."""
    return and_(table.c.registered_at.is_(None), table.c.stage == Stage.VOID.value)
