"""A person's or another system's word of a violation: it joins the open case of the cell and category, or opens one."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from cases import book, tables
from cases.case import Case, CaseEventKind, CaseState
from cases.catalogue.in_force import version_to_open_under
from cases.ledger import Numbering
from cases.number import case_number, numbering_day
from cases.places.responsible import place_of_case
from cases.rows import case_of
from cases.sources import Source
from cases.transactions import line_up, next_value
from core.clock import as_utc, isoformat_z
from core.ids import CategoryId, CellId

RECURRENCE_DAYS = 30.0


def join_or_open(
    connection: Connection,
    *,
    cell_id: CellId,
    category: CategoryId,
    source: Source,
    at: datetime,
    now: datetime,
    actor: str,
    data: Mapping[str, Any],
    zone: str | None,
    unit: str | None,
    numbering: Numbering,
    recurrence_days: float = RECURRENCE_DAYS,
) -> tuple[Case, bool]:
    """The case that knows of it now, and whether this opened it.

    Args:
        at: when it was seen; not after ``now``.
        data: JSON that the event keeps beside the source: words, place; nothing personal.
    """
    line_up(connection)
    at = min(as_utc(at), as_utc(now))
    table = tables.case
    here = (table.c.cell_id == cell_id) & (table.c.category == category)
    row = connection.execute(select(table).where(here, table.c.state == CaseState.OPEN.value)).one_or_none()
    told = {**data, "source": source.value}
    if row is not None:
        return book.append(connection, case_of(row), CaseEventKind.TOLD, at, now, actor, told), False
    oldest = as_utc(now) - timedelta(days=recurrence_days)
    before = connection.execute(
        select(table).where(here, table.c.closed_at >= oldest).order_by(table.c.opened_seq.desc()).limit(1)
    ).one_or_none()
    day = numbering_day(now, numbering.zone)
    serial = next_value(connection, f"serial:{day:%Y%m%d}")
    place = place_of_case(connection, cell_id=cell_id, category=category, at=at, file_zone=zone, file_unit=unit)
    opening = {
        **told,
        "number": case_number(cell_id, day, source.digits, serial),
        "cell_id": cell_id,
        "category": category,
        "zone": place.zone,
        "unit": place.unit,
        "first_seen_at": isoformat_z(at),
        "last_seen_at": isoformat_z(at),
        "previous_case_id": None if before is None else before.id,
        "recurrence": 0 if before is None else before.recurrence + 1,
        "catalogue_version": version_to_open_under(connection, now),
    }
    return book.append(connection, None, CaseEventKind.OPENED, at, now, actor, opening), True
