"""Who may come in: keys for programs, one-time log-in tokens and sessions for people.

Each secret is 256 random bits and only its SHA-256 is kept. A slow password hash (argon2, bcrypt) would add nothing: it
protects short, guessable words, and nobody can guess 256 bits, while every request would pay for it.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Engine, delete, select, update
from sqlalchemy.exc import IntegrityError

from cases.roles import Role
from cases.tables import api_key, login_token
from cases.tables import session as session_table
from cases.transactions import reading, writing
from core.errors import PatrolError

KEY_PREFIX = "gp_"
"""Makes a key that was pasted in the wrong place easy to find."""
LONGEST_NAME = 200


class KeyRefused(PatrolError):
    """A key that cannot be made or found."""


class Scope(StrEnum):
    """What a key opens."""

    WORKER = "worker"
    """Send incidents, pictures and camera states."""
    READ = "read"
    """Look at everything."""
    OPERATOR = "operator"
    """Look at and close cases."""
    ADMIN = "admin"
    """Everything."""


_ROLES_OF_SCOPE = {
    Scope.WORKER: frozenset[Role](),
    Scope.READ: frozenset({Role.AUDITOR}),
    Scope.OPERATOR: frozenset({Role.ACCEPTOR, Role.SHIFT_LEADER, Role.DISPATCHER, Role.INSPECTOR}),
    Scope.ADMIN: frozenset(Role),
}


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """Who came in, and what for."""

    name: str
    scopes: frozenset[Scope]
    unit: str | None = None
    """The unit a person works for; None: not bound to one."""

    @property
    def roles(self) -> frozenset[Role]:
        """What they may be in a case's life, by their scopes."""
        return frozenset[Role]().union(*(_ROLES_OF_SCOPE[scope] for scope in self.scopes))

    def may(self, scope: Scope) -> bool:
        """Admin includes everything, operator includes read."""
        if scope in self.scopes or Scope.ADMIN in self.scopes:
            return True
        return scope is Scope.READ and Scope.OPERATOR in self.scopes


@dataclass(frozen=True, slots=True)
class ApiKeyInfo:
    """A key as listed: never the key itself."""

    name: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Session:
    """One browser that has come in; ``csrf_token`` must come back with every unsafe request."""

    holder: KeyHolder
    csrf_token: str
    expires_at: datetime


class ApiKeyStore:
    """Keys, log-in tokens and sessions in the case database. Threads may share one.

    Every method may raise ``DatabaseUnavailable``.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def create(self, name: str, scopes: Iterable[Scope], now: datetime, expires_at: datetime | None = None) -> str:
        """A new key, ``gp_...``; it is shown this once and cannot be had again.

        Raises:
            KeyRefused: the name is in use or not usable, or no scope is given.
        """
        plain = KEY_PREFIX + secrets.token_urlsafe(32)
        row = {
            "name": _checked_name(name),
            "key_sha256": _hashed(plain),
            "scopes": _checked_scopes(name, scopes),
            "created_at": now,
            "expires_at": expires_at,
        }
        try:
            with writing(self._engine) as connection:
                connection.execute(api_key.insert().values(**row))
        except IntegrityError as error:
            raise KeyRefused(f"key {name!r} exists; revoke it first, or give another name") from error
        return plain

    def verify(self, plain: str, now: datetime) -> KeyHolder | None:
        """Whose key that is; None when it is unknown, expired or revoked."""
        statement = select(api_key).where(api_key.c.key_sha256 == _hashed(plain), api_key.c.revoked_at.is_(None))
        with reading(self._engine) as connection:
            row = connection.execute(statement).one_or_none()
        if row is None or (row.expires_at is not None and row.expires_at <= now):
            return None
        return KeyHolder(row.name, _scopes_of(row.scopes))

    def revoke(self, name: str, now: datetime) -> None:
        """Shut out a name at once: its key, its sessions and its unused log-in tokens.

        Raises:
            KeyRefused: nobody of that name can come in.
        """
        with writing(self._engine) as connection:
            ended = connection.execute(
                update(api_key).where(api_key.c.name == name, api_key.c.revoked_at.is_(None)).values(revoked_at=now)
            ).rowcount
            for table in (login_token, session_table):
                ended += connection.execute(delete(table).where(table.c.name == name)).rowcount
        if not ended:
            raise KeyRefused(f"no key {name!r} is in force; list the keys to see their names")

    def list(self) -> tuple[ApiKeyInfo, ...]:
        """Every key ever made, oldest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(api_key).order_by(api_key.c.id)).all()
        return tuple(
            ApiKeyInfo(row.name, _scopes_of(row.scopes), row.created_at, row.expires_at, row.revoked_at) for row in rows
        )

    def create_login(self, name: str, scopes: Iterable[Scope], now: datetime, ttl_s: float = 900.0) -> str:
        """A token that opens the desk once, within ``ttl_s`` seconds: the end of ``/login?token=...``.

        Raises:
            KeyRefused: the name is not usable, or no scope is given.
        """
        plain = secrets.token_urlsafe(32)
        row = {
            "token_sha256": _hashed(plain),
            "name": _checked_name(name),
            "scopes": _checked_scopes(name, scopes),
            "expires_at": now + timedelta(seconds=ttl_s),
        }
        with writing(self._engine) as connection:
            connection.execute(delete(login_token).where(login_token.c.expires_at <= now))
            connection.execute(login_token.insert().values(**row))
        return plain

    def redeem_login(self, token: str, now: datetime) -> KeyHolder | None:
        """Whom a log-in token lets in; it is used up by this, even when two ask at once."""
        taken = (
            delete(login_token)
            .where(login_token.c.token_sha256 == _hashed(token))
            .returning(login_token.c.name, login_token.c.scopes, login_token.c.expires_at)
        )
        with writing(self._engine) as connection:
            row = connection.execute(taken).one_or_none()
        if row is None or row.expires_at <= now:
            return None
        return KeyHolder(row.name, _scopes_of(row.scopes))

    def create_session(self, holder: KeyHolder, now: datetime, ttl_s: float = 12 * 3600.0) -> str:
        """The cookie's value for a browser that came in; ends by itself after ``ttl_s`` seconds."""
        plain = secrets.token_urlsafe(32)
        row = {
            "token_sha256": _hashed(plain),
            "name": holder.name,
            "scopes": sorted(scope.value for scope in holder.scopes),
            "created_at": now,
            "expires_at": now + timedelta(seconds=ttl_s),
        }
        with writing(self._engine) as connection:
            connection.execute(delete(session_table).where(session_table.c.expires_at <= now))
            connection.execute(session_table.insert().values(**row))
        return plain

    def session(self, token: str, now: datetime) -> Session | None:
        """The session that a cookie names; None when it has ended or never was."""
        statement = select(session_table).where(session_table.c.token_sha256 == _hashed(token))
        with reading(self._engine) as connection:
            row = connection.execute(statement).one_or_none()
        if row is None or row.expires_at <= now:
            return None
        return Session(KeyHolder(row.name, _scopes_of(row.scopes)), _hashed(f"csrf:{token}"), row.expires_at)

    def end_session(self, token: str) -> None:
        """Log out; a session that has ended already is left alone."""
        with writing(self._engine) as connection:
            connection.execute(delete(session_table).where(session_table.c.token_sha256 == _hashed(token)))


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _checked_name(name: str) -> str:
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise KeyRefused(f"key name {name[:40]!a} is not usable; give 1 to {LONGEST_NAME} printable characters")
    return name


# `list` is a method's name inside the class above, so the built-in is used out here.
def _checked_scopes(name: str, scopes: Iterable[Scope]) -> list[str]:
    wanted = sorted({Scope(scope).value for scope in scopes})
    if not wanted:
        raise KeyRefused(f"key {name!r} opens nothing; give it a scope: {', '.join(scope.value for scope in Scope)}")
    return wanted


def _scopes_of(stored: Iterable[str]) -> frozenset[Scope]:
    return frozenset(Scope(scope) for scope in stored)
