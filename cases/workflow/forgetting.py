"""Names of commands are kept as long as somebody may still repeat one; then the purge forgets them."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from cases.workflow.tables import case_command as table
from core.clock import as_utc

MOST_AT_ONCE = 50_000
"""Rows that one purge takes, in one transaction; the next one takes more."""


def forget_command_names(connection: Connection, now: datetime, days: int) -> int:
    """Remove the names given so long ago, the oldest first; returns how many.

    Args:
        days: a repeat that comes later than this is taken as a new command.
    """
    old = (
        select(table.c.command_id)
        .where(table.c.given_at < as_utc(now) - timedelta(days=days))
        .order_by(table.c.given_at)
        .limit(MOST_AT_ONCE)
    )
    return connection.execute(delete(table).where(table.c.command_id.in_(old))).rowcount
