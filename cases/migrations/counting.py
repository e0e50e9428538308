"""The figures of cases from before there was an overview; counted as v0015 did, whatever the code does later."""

import math
from collections import Counter
from datetime import datetime
from typing import Any

import sqlalchemy as sa

BATCH = 5_000
COUNTED = (
    "opened",
    "confirmed",
    "rejected",
    "waiting",
    "voided",
    "closed",
    "recurring",
    "due",
    "met",
    "missed",
    "reworked",
    "extended",
)
_MOMENT = sa.DateTime(timezone=True)
_CASE = sa.table(
    "case",
    *(sa.column(name, sa.String()) for name in ("category", "zone", "unit", "stage")),
    *(sa.column(name, _MOMENT) for name in ("opened_at", "closed_at", "registered_at", "reported_at", "due_at")),
    *(sa.column(name, sa.Integer()) for name in ("recurrence", "reworks", "extensions", "opened_seq")),
)
_HOUR = sa.table(
    "overview_hour",
    sa.column("dimension", sa.String()),
    sa.column("hour", _MOMENT),
    sa.column("value", sa.String()),
    *(sa.column(name, sa.Integer()) for name in COUNTED),
)
_WAIT = sa.table(
    "overview_wait",
    sa.column("wait", sa.String()),
    sa.column("hour", _MOMENT),
    sa.column("bucket", sa.SmallInteger()),
    sa.column("cases", sa.Integer()),
)
_Key = tuple[str, datetime, Any]


def count_old_cases(connection: sa.Connection) -> None:
    """Fill both roll-ups, ``BATCH`` cases in memory at a time; their rows are few."""
    hours: dict[_Key, list[int]] = {}
    waits: Counter[_Key] = Counter()
    seq = -1
    while True:
        some = sa.select(_CASE).where(_CASE.c.opened_seq > seq).order_by(_CASE.c.opened_seq).limit(BATCH)
        rows = connection.execute(some).all()
        for row in rows:
            _count(row, hours, waits)
        if len(rows) < BATCH:
            break
        seq = rows[-1].opened_seq
    if hours:
        connection.execute(
            sa.insert(_HOUR),
            [
                {"dimension": dimension, "hour": hour, "value": value, **dict(zip(COUNTED, sums, strict=True))}
                for (dimension, hour, value), sums in hours.items()
            ],
        )
    if waits:
        connection.execute(
            sa.insert(_WAIT),
            [
                {"wait": wait, "hour": hour, "bucket": bucket, "cases": cases}
                for (wait, hour, bucket), cases in waits.items()
            ],
        )


def _count(row: Any, hours: dict[_Key, list[int]], waits: Counter[_Key]) -> None:
    hour = row.opened_at.replace(minute=0, second=0, microsecond=0)
    sums = _sums(row)
    for dimension, value in (("category", row.category), ("zone", row.zone or ""), ("unit", row.unit or "")):
        kept = hours.setdefault((dimension, hour, value), [0] * len(COUNTED))
        for place, more in enumerate(sums):
            kept[place] += more
    decided_at = row.registered_at or row.closed_at
    if decided_at is not None:
        waits["decision", hour, _bucket((decided_at - row.opened_at).total_seconds())] += 1
    if row.stage == "closed" and row.closed_at is not None:
        waits["closing", hour, _bucket((row.closed_at - row.opened_at).total_seconds())] += 1


def _sums(row: Any) -> tuple[int, ...]:
    is_void = row.stage == "void"
    was_confirmed = row.registered_at is not None or row.stage not in ("collected", "void")
    due_at = None if is_void else row.due_at
    is_answered = row.stage in ("reported", "verified") or (row.stage == "closed" and row.reported_at is not None)
    stopped_at = row.reported_at if is_answered else row.closed_at
    return (
        1,
        int(was_confirmed),
        int(is_void and not was_confirmed),
        int(not was_confirmed and not is_void),
        int(is_void and was_confirmed),
        int(row.stage == "closed"),
        int(row.recurrence > 0),
        int(due_at is not None),
        int(due_at is not None and stopped_at is not None and stopped_at <= due_at),
        int(due_at is not None and stopped_at is not None and stopped_at > due_at),
        int(row.reworks > 0 and not is_void),
        int(row.extensions > 0 and not is_void),
    )


def _bucket(seconds: float) -> int:
    return 0 if seconds < 1 else min(120, 1 + int(math.log(seconds) / math.log(1.2)))
