"""Browsers that have come in: sessions with an end, told apart, shown and ended one by one."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, select, update

from cases.access.holder import KeyHolder, Scope, person_holder
from cases.access.tables import person
from cases.roles import Role
from cases.tables import session as table
from cases.transactions import DatabaseUnavailable, reading, writing

SEEN_EVERY_S = 60.0
"""A session's last use is written down at most so often."""
ID_CHARS = 16
LONGEST_LIST = 1000


@dataclass(frozen=True, slots=True)
class Session:
    """One browser that has come in; ``csrf_token`` must come back with every unsafe request."""

    holder: KeyHolder
    csrf_token: str
    expires_at: datetime
    must_change: bool = False
    """A person whose first password somebody else knows."""
    id: str = ""
    """Names it in lists; lets nobody in."""


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """A session as listed."""

    id: str
    name: str
    is_person: bool
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str
    agent: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a browser comes from, as far as it says so."""

    address: str = ""
    agent: str = ""


class SessionStore:
    """Sessions in the case database. Threads may share one.

    Every method may raise ``DatabaseUnavailable``.

    Args:
        idle_s: a session that was not used for so long ends; None: only its own end counts.
    """

    def __init__(self, engine: Engine, idle_s: float | None = None) -> None:
        self._engine = engine
        self.idle_s = idle_s

    def create(self, holder: KeyHolder, now: datetime, ttl_s: float, origin: Origin | None = None) -> str:
        """The cookie's value for a browser that came in; ends by itself after ``ttl_s`` seconds."""
        with writing(self._engine) as connection:
            return self.create_in(connection, holder, now, ttl_s, origin)

    def create_in(
        self, connection: Connection, holder: KeyHolder, now: datetime, ttl_s: float, origin: Origin | None = None
    ) -> str:
        """The same inside a transaction of the caller's."""
        plain = secrets.token_urlsafe(32)
        origin = origin or Origin()
        row = {
            "token_sha256": hashed(plain),
            "name": holder.name,
            "scopes": sorted(scope.value for scope in holder.scopes),
            "created_at": now,
            "expires_at": now + timedelta(seconds=ttl_s),
            "roles": None if holder.granted is None or holder.is_person else sorted(holder.granted),
            "login": holder.name if holder.is_person else None,
            "seen_at": now,
            "address": origin.address[:64],
            "agent": "".join(each for each in origin.agent if each.isprintable())[:200],
        }
        connection.execute(delete(table).where(table.c.expires_at <= now))
        connection.execute(table.insert().values(**row))
        return plain

    def find(self, token: str, now: datetime, is_use: bool = True) -> Session | None:
        """The session that a cookie names; None when it has ended or never was.

        Args:
            is_use: somebody does something, so the idle time starts anew.
        """
        statement = (
            select(table, person.c.login.label("person_login"), *_PERSON)
            .outerjoin(person, person.c.login == table.c.login)
            .where(table.c.token_sha256 == hashed(token))
        )
        with reading(self._engine) as connection:
            row = connection.execute(statement).one_or_none()
        if row is None or self._is_over(row, now):
            return None
        if row.login is not None and (row.person_login is None or not row.is_active):
            return None
        if is_use and (now - (row.seen_at or row.created_at)).total_seconds() >= SEEN_EVERY_S:
            self._touch(row.token_sha256, now)
        return Session(
            _holder(row),
            hashed(f"csrf:{token}"),
            row.expires_at,
            must_change=bool(row.must_change) if row.login is not None else False,
            id=row.token_sha256[:ID_CHARS],
        )

    def end(self, token: str) -> None:
        """Sign out; a session that has ended already is left alone."""
        with writing(self._engine) as connection:
            connection.execute(delete(table).where(table.c.token_sha256 == hashed(token)))

    def list(self, now: datetime, name: str | None = None) -> tuple[SessionInfo, ...]:
        """Those in force, the newest first, ``LONGEST_LIST`` at most."""
        statement = select(table).where(table.c.expires_at > now).order_by(table.c.created_at.desc())
        if name is not None:
            statement = statement.where(table.c.name == name)
        with reading(self._engine) as connection:
            rows = connection.execute(statement.limit(LONGEST_LIST)).all()
        return tuple(_info(row) for row in rows if not self._is_over(row, now))

    def _is_over(self, row: Row[Any], now: datetime) -> bool:
        if row.expires_at <= now:
            return True
        last = row.seen_at or row.created_at
        return self.idle_s is not None and (now - last).total_seconds() >= self.idle_s

    def _touch(self, token_sha256: str, now: datetime) -> None:
        try:
            with writing(self._engine) as connection:
                connection.execute(update(table).where(table.c.token_sha256 == token_sha256).values(seen_at=now))
        except DatabaseUnavailable:
            return  # who may look goes on looking while nothing can be written; the next use writes it


def end_session(connection: Connection, session_id: str) -> str | None:
    """End the session of an id; whose it was, None when there is none."""
    if len(session_id) != ID_CHARS:
        return None
    statement = delete(table).where(table.c.token_sha256.startswith(session_id, autoescape=True))
    return connection.execute(statement.returning(table.c.name)).scalars().first()


def end_sessions(connection: Connection, *, name: str, but: str | None = None) -> int:
    """End a name's sessions; how many ended.

    Args:
        but: the token of one that stays.
    """
    statement = delete(table).where(table.c.name == name)
    if but is not None:
        statement = statement.where(table.c.token_sha256 != hashed(but))
    return connection.execute(statement).rowcount


def hashed(secret: str) -> str:
    """All that is kept of a secret of 256 random bits."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


_PERSON = (
    person.c.display_name,
    person.c.roles.label("person_roles"),
    person.c.unit,
    person.c.is_active,
    person.c.must_change,
)


def _holder(row: Row[Any]) -> KeyHolder:
    if row.login is not None:
        return person_holder(row.login, row.display_name, frozenset(map(Role, row.person_roles)), row.unit)
    granted = None if row.roles is None else frozenset(map(Role, row.roles))
    return KeyHolder(row.name, frozenset(Scope(scope) for scope in row.scopes), granted=granted)


def _info(row: Row[Any]) -> SessionInfo:
    return SessionInfo(
        row.token_sha256[:ID_CHARS],
        row.name,
        row.login is not None,
        row.created_at,
        row.seen_at or row.created_at,
        row.expires_at,
        row.address or "",
        row.agent or "",
    )
