"""Who may come in: keys for programs, one-time log-in tokens and sessions for people.

Each secret is 256 random bits and only its SHA-256 is kept. A slow password hash (argon2, bcrypt) would add nothing: it
protects short, guessable words, and nobody can guess 256 bits, while every request would pay for it.
"""

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, bindparam, delete, select, update
from sqlalchemy.exc import IntegrityError

from cases.access import audit
from cases.access.holder import KeyHolder, Scope
from cases.access.people import PeopleStore
from cases.access.sessions import Session, SessionStore, hashed
from cases.access.tables import person
from cases.roles import Role
from cases.tables import api_key, login_token
from cases.tables import session as session_table
from cases.transactions import reading, writing
from core.clock import isoformat_z
from core.errors import PatrolError

__all__ = ["ApiKeyInfo", "ApiKeyStore", "KeyHolder", "KeyRefused", "Scope", "Session"]

KEY_PREFIX = "gp_"
"""Makes a key that was pasted in the wrong place easy to find."""
LONGEST_NAME = 200
TRUSTED_S = 1.0
"""Seconds that a verified key is taken without asking the database again."""
MOST_TRUSTED = 1_000
_IN_FORCE = select(api_key).where(api_key.c.key_sha256 == bindparam("sha256"), api_key.c.revoked_at.is_(None))


class KeyRefused(PatrolError):
    """A key that cannot be made or found."""


class KeyUnknown(KeyRefused):
    """Nobody of that name can come in."""


@dataclass(frozen=True, slots=True)
class ApiKeyInfo:
    """A key as listed: never the key itself."""

    name: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Verified:
    holder: KeyHolder
    expires_at: datetime | None
    asked_s: float
    """Before the database was asked; ``time.monotonic``."""


class _LatelyVerified:
    """Keys that the database knew a moment ago, by hash; the ones unasked for longest make way."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[str, _Verified] = OrderedDict()
        self._forgotten_s = -TRUSTED_S

    def keep(self, sha256: str, verified: _Verified) -> None:
        with self._lock:
            if verified.asked_s <= self._forgotten_s:
                return  # asked before a revocation, answered after it
            self._known[sha256] = verified
            self._known.move_to_end(sha256)
            if len(self._known) > MOST_TRUSTED:
                self._known.popitem(last=False)

    def find(self, sha256: str, now: datetime) -> KeyHolder | None:
        with self._lock:
            verified = self._known.get(sha256)
        if verified is None or time.monotonic() - verified.asked_s > TRUSTED_S:
            return None
        if verified.expires_at is not None and verified.expires_at <= now:
            return None
        return verified.holder

    def forget_all(self) -> None:
        with self._lock:
            self._known.clear()
            self._forgotten_s = time.monotonic()


class ApiKeyStore:
    """Keys, log-in tokens and sessions in the case database. Threads may share one.

    Every method may raise ``DatabaseUnavailable``.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._sessions = SessionStore(engine)
        self._lately = _LatelyVerified()

    def create(
        self,
        name: str,
        scopes: Iterable[Scope],
        now: datetime,
        expires_at: datetime | None = None,
        actor: str = "command line",
    ) -> str:
        """A new key, ``gp_...``; it is shown this once and cannot be had again.

        Args:
            actor: who makes it, for the audit log.

        Raises:
            KeyRefused: the name is in use or not usable, or no scope is given.
        """
        plain = KEY_PREFIX + secrets.token_urlsafe(32)
        row = {
            "name": _checked_name(name),
            "key_sha256": hashed(plain),
            "scopes": _checked_scopes(name, scopes),
            "created_at": now,
            "expires_at": expires_at,
        }
        try:
            with writing(self._engine) as connection:
                _refuse_a_persons_name(connection, name)
                connection.execute(api_key.insert().values(**row))
                told = {"scopes": row["scopes"], "expires_at": None if expires_at is None else isoformat_z(expires_at)}
                audit.record(connection, actor=actor, action="key.create", subject=f"key:{name}", data=told, now=now)
        except IntegrityError as error:
            raise KeyRefused(f"key {name!r} exists; revoke it first, or give another name") from error
        return plain

    def verify(self, plain: str, now: datetime) -> KeyHolder | None:
        """Whose key that is; None when it is unknown, expired or revoked."""
        sha256 = hashed(plain)
        asked_s = time.monotonic()
        with reading(self._engine) as connection:
            row = connection.execute(_IN_FORCE, {"sha256": sha256}).one_or_none()
        if row is None or (row.expires_at is not None and row.expires_at <= now):
            return None
        holder = KeyHolder(row.name, _scopes_of(row.scopes))
        self._lately.keep(sha256, _Verified(holder, row.expires_at, asked_s))
        return holder

    def verified_lately(self, plain: str, now: datetime) -> KeyHolder | None:
        """Whose key that is, where ``verify`` said so within ``TRUSTED_S``; None: ask ``verify``. Never waits.

        A worker that catches up posts hundreds of times a second. A key that this store revokes is forgotten at once;
        one revoked by another process, within ``TRUSTED_S``.
        """
        return self._lately.find(hashed(plain), now)

    def revoke(self, name: str, now: datetime, actor: str = "command line") -> None:
        """Shut out a name at once: its key, its sessions and its unused log-in tokens.

        Raises:
            KeyUnknown: nobody of that name can come in.
        """
        self._lately.forget_all()
        with writing(self._engine) as connection:
            ended = connection.execute(
                update(api_key).where(api_key.c.name == name, api_key.c.revoked_at.is_(None)).values(revoked_at=now)
            ).rowcount
            for table in (login_token, session_table):
                ended += connection.execute(delete(table).where(table.c.name == name)).rowcount
            if ended:
                audit.record(connection, actor=actor, action="key.revoke", subject=f"key:{name}", data={}, now=now)
        self._lately.forget_all()  # whoever asked before the commit was told the old
        if not ended:
            raise KeyUnknown(f"no key {name!r} is in force; list the keys to see their names")

    def list(self) -> tuple[ApiKeyInfo, ...]:
        """Every key ever made, oldest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(api_key).order_by(api_key.c.id)).all()
        return tuple(
            ApiKeyInfo(row.name, _scopes_of(row.scopes), row.created_at, row.expires_at, row.revoked_at) for row in rows
        )

    def create_login(
        self,
        name: str,
        scopes: Iterable[Scope],
        now: datetime,
        ttl_s: float = 900.0,
        roles: Iterable[Role] | None = None,
    ) -> str:
        """A token that opens the desk once, within ``ttl_s`` seconds: the end of ``/login?token=...``.

        Args:
            roles: what its visitor is; None: what the scopes include.

        Raises:
            KeyRefused: the name is not usable, or no scope is given.
        """
        plain = secrets.token_urlsafe(32)
        row = {
            "token_sha256": hashed(plain),
            "name": _checked_name(name),
            "scopes": _checked_scopes(name, scopes),
            "expires_at": now + timedelta(seconds=ttl_s),
            "roles": None if roles is None else sorted(Role(role) for role in roles),
        }
        with writing(self._engine) as connection:
            connection.execute(delete(login_token).where(login_token.c.expires_at <= now))
            connection.execute(login_token.insert().values(**row))
        return plain

    def redeem_login(self, token: str, now: datetime) -> KeyHolder | None:
        """Whom a log-in token lets in; it is used up by this, even when two ask at once."""
        taken = (
            delete(login_token)
            .where(login_token.c.token_sha256 == hashed(token))
            .returning(login_token.c.name, login_token.c.scopes, login_token.c.expires_at, login_token.c.roles)
        )
        with writing(self._engine) as connection:
            row = connection.execute(taken).one_or_none()
        if row is None or row.expires_at <= now:
            return None
        granted = None if row.roles is None else frozenset(map(Role, row.roles))
        return KeyHolder(row.name, _scopes_of(row.scopes), granted=granted)

    def has_admin(self) -> bool:
        """Whether any person may let others in."""
        return PeopleStore(self._engine).has_admin()

    def create_session(self, holder: KeyHolder, now: datetime, ttl_s: float = 12 * 3600.0) -> str:
        """The cookie's value for a browser that came in; ends by itself after ``ttl_s`` seconds."""
        return self._sessions.create(holder, now, ttl_s)

    def session(self, token: str, now: datetime) -> Session | None:
        """The session that a cookie names; None when it has ended or never was."""
        return self._sessions.find(token, now)

    def end_session(self, token: str) -> None:
        """Sign out; a session that has ended already is left alone."""
        self._sessions.end(token)


def _refuse_a_persons_name(connection: Connection, name: str) -> None:
    if connection.execute(select(person.c.login).where(person.c.login == name)).first() is not None:
        raise KeyRefused(f"a person signs in as {name!r}; give the key another name")


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
