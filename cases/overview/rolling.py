"""The roll-up rows, changed with every event of a case, in the event's own transaction.

Why roll-ups, and these: tried with SQLite 3.40 on tables made for it, cases spread over 60 days, 30 units, 9 pairs of
category and zone. A covering index answers a month for one way of grouping in 62 ms at 100,000 cases and in 920 ms at
1,000,000: it grows with the cases, and the page asks five times. One row for each (hour, category, zone, unit) is
almost a row a case (88,000 for 100,000 cases; 200 ms a question at 1,000,000), so it helps little. One row for each
hour and *each* category, zone and unit by itself is a few dozen rows an hour, however many cases there are: nothing
that a month is read from grows with the cases. The price is three small upserts when a case is opened, decided or
closed, and none when it is merely seen again.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, Table, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from cases import tables
from cases.case import Case
from cases.overview.figures import COUNTED, Counts, Place, WaitPlace, change, change_of_waits
from cases.overview.tables import overview_hour, overview_wait
from cases.rows import case_of

BATCH = 2_000


def note(connection: Connection, changes: Sequence[tuple[Case | None, Case]]) -> None:
    """Bring the figures up to date with changed cases (before, after); called with every event, and mostly nothing."""
    counts: dict[Place, Counts] = {}
    waits: dict[WaitPlace, int] = {}
    for before, after in changes:
        for place, told in change(before, after).items():
            counts[place] = counts[place] + told if place in counts else told
        for wait, cases in change_of_waits(before, after).items():
            waits[wait] = waits.get(wait, 0) + cases
    add(connection, counts)
    add_waits(connection, waits)


def add(connection: Connection, changes: Mapping[Place, Counts]) -> None:
    """Add to the rows of these places."""
    rows = [
        {"dimension": place.dimension.value, "hour": place.hour, "value": place.value}
        | {name: getattr(counts, name) for name in COUNTED}
        for place, counts in changes.items()
    ]
    _add_up(connection, overview_hour, rows)


def add_waits(connection: Connection, changes: Mapping[WaitPlace, int]) -> None:
    rows = [
        {"wait": place.wait.value, "hour": place.hour, "bucket": place.bucket, "cases": cases}
        for place, cases in changes.items()
    ]
    _add_up(connection, overview_wait, rows)


def rebuild(connection: Connection) -> None:
    """Make all the rows anew from the cases, ``BATCH`` in memory at a time; the figures are never wrong for long."""
    connection.execute(delete(overview_hour))
    connection.execute(delete(overview_wait))
    counts: dict[Place, Counts] = {}
    waits: dict[WaitPlace, int] = {}
    seq = -1
    table = tables.case
    while True:
        some = select(table).where(table.c.opened_seq > seq).order_by(table.c.opened_seq).limit(BATCH)
        rows = connection.execute(some).all()
        for row in rows:
            case = case_of(row)
            for place, told in change(None, case).items():
                counts[place] = counts.get(place, Counts()) + told
            for wait, cases in change_of_waits(None, case).items():
                waits[wait] = waits.get(wait, 0) + cases
        add(connection, counts)
        add_waits(connection, waits)
        counts.clear()
        waits.clear()
        if len(rows) < BATCH:
            return
        seq = rows[-1].opened_seq


def _add_up(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        connection.execute(_sum(table, connection.dialect.name), [dict(row) for row in rows])


@cache
def _sum(table: Table, dialect: str) -> Executable:
    """Insert, or add every column beside the key to what stands there; written once."""
    build = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = build(table)
    keys = [column.name for column in table.primary_key]
    sums = {
        column.name: column + statement.excluded[column.name] for column in table.columns if column.name not in keys
    }
    return statement.on_conflict_do_update(index_elements=keys, set_=sums)
