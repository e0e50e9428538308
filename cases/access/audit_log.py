"""Reading the audit log: newest first for people, oldest first for who takes it away."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, Select, select

from cases.access.audit import AuditEntry, entry_of
from cases.access.tables import audit_entry as table
from cases.transactions import reading

BATCH = 500
LARGEST_PAGE = 500


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """Which entries; every field narrows."""

    actor: str | None = None
    action: str | None = None
    """The whole action, or a family with a dot at its end: ``session.``."""
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    """Before, not at."""


class AuditLog:
    """The log in the case database. Threads may share it.

    Every method may raise ``DatabaseUnavailable``.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def page(self, query: AuditQuery, before: int | None = None, limit: int = 50) -> tuple[AuditEntry, ...]:
        """Newest first; those before the entry ``before``."""
        statement = _narrowed(query).order_by(table.c.seq.desc()).limit(min(limit, LARGEST_PAGE))
        if before is not None:
            statement = statement.where(table.c.seq < before)
        with reading(self._engine) as connection:
            return tuple(entry_of(row) for row in connection.execute(statement))

    def oldest_first(self, query: AuditQuery) -> Iterator[AuditEntry]:
        """Every entry, ``BATCH`` in memory at a time."""
        seq = 0
        while True:
            statement = _narrowed(query).where(table.c.seq > seq).order_by(table.c.seq).limit(BATCH)
            with reading(self._engine) as connection:
                entries = [entry_of(row) for row in connection.execute(statement)]
            yield from entries
            if len(entries) < BATCH:
                return
            seq = entries[-1].seq


def _narrowed(query: AuditQuery) -> Select[tuple[object, ...]]:
    statement: Select[tuple[object, ...]] = select(table)
    if query.actor is not None:
        statement = statement.where(table.c.actor == query.actor)
    if query.action is not None and query.action.endswith("."):
        statement = statement.where(table.c.action.startswith(query.action, autoescape=True))
    elif query.action is not None:
        statement = statement.where(table.c.action == query.action)
    if query.subject is not None:
        statement = statement.where(table.c.subject == query.subject)
    if query.since is not None:
        statement = statement.where(table.c.at >= query.since)
    if query.until is not None:
        statement = statement.where(table.c.at < query.until)
    return statement
