"""The audit log: who did what to what, when; only appended, each entry chained to the one before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from cases.access.chain import FIRST, link, settled
from cases.access.tables import audit_entry
from cases.transactions import line_up, next_value
from core.clock import as_utc

AUDIT_COUNTER = "audit_entry"
LONGEST_ACTOR = 256
LONGEST_ACTION = 64
LONGEST_SUBJECT = 256


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the log."""

    seq: int
    at: datetime
    actor: str
    action: str
    """What was done, like ``permit.add``."""
    subject: str
    """To what, like ``permit:17``."""
    data: Mapping[str, Any]
    previous_hash: str
    hash: str


def record(
    connection: Connection, *, actor: str, action: str, subject: str, data: Mapping[str, Any], now: datetime
) -> None:
    """Append an entry, inside the transaction of what it tells of: both are kept, or neither.

    Call it last: the log's turn, once taken, holds up every case event until the end of the transaction.

    Args:
        data: plain JSON, never a secret.

    Raises:
        ValueError, TypeError: ``data`` is no JSON.
    """
    kept = settled(data)
    # The same order everywhere, the events' turn before the log's: two transactions never wait for each other.
    line_up(connection)
    seq = next_value(connection, AUDIT_COUNTER)
    found = connection.execute(select(audit_entry.c.hash).where(audit_entry.c.seq == seq - 1)).scalar_one_or_none()
    previous = found or FIRST
    content = {
        "seq": seq,
        "at": as_utc(now),
        "actor": actor[:LONGEST_ACTOR],
        "action": action[:LONGEST_ACTION],
        "subject": subject[:LONGEST_SUBJECT],
        "data": kept,
    }
    connection.execute(audit_entry.insert().values(**content, previous_hash=previous, hash=link(previous, content)))


def entry_json(entry: AuditEntry) -> dict[str, Any]:
    """An entry as it is taken away: with its hashes, and its moment to the microsecond, as the chain has it."""
    return {
        "seq": entry.seq,
        "at": as_utc(entry.at).isoformat(timespec="microseconds"),
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "data": dict(entry.data),
        "previous_hash": entry.previous_hash,
        "hash": entry.hash,
    }


def entry_of(row: Row[Any]) -> AuditEntry:
    """A row of the table as a value."""
    return AuditEntry(row.seq, row.at, row.actor, row.action, row.subject, row.data, row.previous_hash, row.hash)
