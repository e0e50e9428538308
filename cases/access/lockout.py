"""How often somebody may try: failures per name and per address, each with a back-off."""

import hashlib
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, select, update

from cases.access.tables import sign_in_failure as table
from cases.transactions import insert_or_replace

FORGOTTEN_AFTER_S = 3600.0
"""Failures older than this no longer count."""
MOST_ROWS = 10_000
"""Names and addresses remembered at once; beyond that the oldest go."""


@dataclass(frozen=True, slots=True)
class LockRules:
    """Failures that are free, and how long the door stays shut after more."""

    per_account: int = 5
    per_address: int = 20
    first_lock_s: float = 30.0
    """Doubled with each further failure."""
    longest_lock_s: float = 900.0

    def lock_s(self, failures: int, free: int) -> float:
        """Seconds that the door stays shut after so many failures; 0: it stays open."""
        if failures < free:
            return 0.0
        return min(self.longest_lock_s, self.first_lock_s * 2.0 ** min(failures - free, 30))


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try, counted as a failure until it turns out well."""

    wait_s: float
    """Above 0: the door is shut; nothing was counted."""
    locks: tuple[str, ...] = ()
    """What this try shuts if it fails."""


def account_subject(login: str) -> str:
    """A name's row, whether anybody has that name or not; a password typed in its place is not kept."""
    return "account:" + hashlib.sha256(login.encode("utf-8", "replace")).hexdigest()


def address_subject(address: str) -> str:
    """An address's row; IPv6 by its /64, which one household or data centre has whole."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "address:unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return f"address:{parsed.ipv4_mapped}"
        return f"address:{ipaddress.ip_network((parsed, 64), strict=False)}"
    return f"address:{parsed}"


def begin(connection: Connection, login: str, address: str, rules: LockRules, now: datetime) -> Attempt:
    """Count a try before the password is looked at, so that tries side by side cannot outrun the count.

    Only after ``line_up``.
    """
    subjects = {account_subject(login): rules.per_account, address_subject(address): rules.per_address}
    rows = {row.subject: row for row in connection.execute(select(table).where(table.c.subject.in_(subjects)))}
    wait_s = max(((row.locked_until - now).total_seconds() for row in rows.values()), default=0.0)
    if wait_s > 0:
        return Attempt(wait_s)
    _make_room(connection, len(subjects) - len(rows), now)
    written, locks = [], []
    for subject, free in sorted(subjects.items()):
        row = rows.get(subject)
        is_old = row is None or (now - row.last_at).total_seconds() >= FORGOTTEN_AFTER_S
        failures = 1 if is_old or row is None else int(row.failures) + 1
        lock_s = rules.lock_s(failures, free)
        if lock_s > 0:
            locks.append(subject.partition(":")[0])
        until = now + timedelta(seconds=lock_s)
        written.append({"subject": subject, "failures": failures, "last_at": now, "locked_until": until})
    insert_or_replace(connection, table, written)
    return Attempt(0.0, tuple(locks))


def succeeded(connection: Connection, login: str, address: str, now: datetime) -> None:
    """The try turned out well: the name starts anew, the address has this one failure less."""
    forget(connection, [account_subject(login)])
    subject = address_subject(address)
    connection.execute(
        update(table).where(table.c.subject == subject).values(failures=table.c.failures - 1, locked_until=now)
    )
    connection.execute(delete(table).where(table.c.subject == subject, table.c.failures <= 0))


def forget(connection: Connection, subjects: Iterable[str]) -> int:
    """Open the door again at once; how many rows went."""
    return connection.execute(delete(table).where(table.c.subject.in_(list(subjects)))).rowcount


def locked_until(connection: Connection, login: str, now: datetime) -> datetime | None:
    """How long a name is shut out; None when it is not."""
    until = connection.execute(
        select(table.c.locked_until).where(table.c.subject == account_subject(login))
    ).scalar_one_or_none()
    return until if until is not None and until > now else None


def _make_room(connection: Connection, more: int, now: datetime) -> None:
    if more <= 0:
        return
    connection.execute(delete(table).where(table.c.last_at < now - timedelta(seconds=FORGOTTEN_AFTER_S)))
    held = connection.execute(select(func.count()).select_from(table)).scalar_one()
    over = held + more - MOST_ROWS
    if over > 0:
        oldest = select(table.c.subject).order_by(table.c.last_at, table.c.subject).limit(over)
        connection.execute(delete(table).where(table.c.subject.in_(oldest)))
