"""In which order cases are listed, and where a page of each order goes on: always by keys, never by counting rows."""

import base64
import binascii
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, or_

from cases.case import Case
from cases.lateness import IS_OPEN
from cases.queries import CursorInvalid, ListOrder, cursor_before, opened_seq_of
from cases.tables import case as table
from core.clock import as_utc


def ordered(statement: Select[Any], order: ListOrder, cursor: str | None) -> Select[Any]:
    """The statement in that order, from behind the cursor.

    Raises:
        CursorInvalid: the cursor is not one of ours, or of another order.
    """
    if order is ListOrder.DUE:
        statement = statement.where(IS_OPEN, table.c.due_at.is_not(None)).order_by(table.c.due_at, table.c.opened_seq)
        if cursor is None:
            return statement
        due_at, seq = _due_place(cursor)
        later = and_(table.c.due_at == due_at, table.c.opened_seq > seq)
        return statement.where(table.c.due_at >= due_at, or_(table.c.due_at > due_at, later))
    place = None if cursor is None else opened_seq_of(cursor)
    if order is ListOrder.OLDEST:
        statement = statement.order_by(table.c.opened_seq)
        return statement if place is None else statement.where(table.c.opened_seq > place)
    statement = statement.order_by(table.c.opened_seq.desc())
    return statement if place is None else statement.where(table.c.opened_seq < place)


def cursor_behind(case: Case, order: ListOrder) -> str:
    """The place in the list behind a case."""
    deadline = case.life.deadline
    if order is not ListOrder.DUE or deadline is None:
        return cursor_before(case.opened_seq)
    return _sealed(f"due:{as_utc(deadline.due_at).isoformat()}|{case.opened_seq}")


def _sealed(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _due_place(cursor: str) -> tuple[datetime, int]:
    try:
        text = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)).decode("ascii")
        moment, _, seq = text.removeprefix("due:").partition("|")
        if not text.startswith("due:") or not seq.isdigit() or len(seq) > 18:
            raise ValueError(text)
        return as_utc(datetime.fromisoformat(moment)), int(seq)
    except (ValueError, binascii.Error) as error:
        raise CursorInvalid(f"cursor {cursor[:40]!a} is not one of ours; start again without a cursor") from error
