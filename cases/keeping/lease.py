"""One purge or backup at a time, over all processes: a row that whoever purges holds for a while."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import Engine, inspect, or_, update

from cases.keeping.tables import keeping_job
from cases.transactions import reading, writing
from core.errors import CaseConflict

HELD_FOR = timedelta(minutes=30)
"""A holder that was killed is waited for no longer; one that lives renews it with each batch."""


def take(engine: Engine, holder: str, now: datetime) -> bool:
    """Take the lease, or renew one's own; False while another holds it."""
    table = keeping_job
    is_free = or_(table.c.holder.is_(None), table.c.holder == holder, table.c.held_until <= now)
    statement = (
        update(table)
        .where(table.c.name == "purge", is_free)
        .values(holder=holder, held_until=now + HELD_FOR)
        .returning(table.c.name)
    )
    with writing(engine) as connection:
        return connection.execute(statement).first() is not None


def give_back(engine: Engine, holder: str, now: datetime, removed: int | None) -> None:
    """End one's turn, and note what came of it; ``removed`` None: it was no purge."""
    table = keeping_job
    noted = {} if removed is None else {"last_run_at": now, "last_removed": removed}
    statement = (
        update(table)
        .where(table.c.name == "purge", table.c.holder == holder)
        .values(holder=None, held_until=None, **noted)
    )
    with writing(engine) as connection:
        connection.execute(statement)


def is_there(engine: Engine) -> bool:
    """Whether the tables know the lease; those of versions before retention do not, and nothing is purged there."""
    with reading(engine) as connection:
        return inspect(connection).has_table(keeping_job.name)


@contextmanager
def held(engine: Engine, holder: str, now: datetime) -> Iterator[None]:
    """The lease for as long as the block runs.

    Raises:
        CaseConflict: another purge is running.
    """
    if not take(engine, holder, now):
        raise CaseConflict(
            "another purge or backup of the pictures is running; wait for its end (one that was killed is waited for "
            f"{HELD_FOR.total_seconds() / 60:.0f} minutes)"
        )
    try:
        yield
    except BaseException:
        give_back(engine, holder, now, None)
        raise
