"""The door: name, password and second factor in, a session out; each try counted, each outcome audited."""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from sqlalchemy import Connection, Engine, Row, update

from cases.access import audit, lockout
from cases.access.errors import SignInLocked, SignInRefused
from cases.access.lockout import LockRules
from cases.access.passwords import hash_of, is_outdated, matches, nobodys_hash
from cases.access.people import Person, find, normal_login, person_of, row_of
from cases.access.second_factor import SecretSealer, purpose_of, step_of, used_up
from cases.access.sessions import Origin, SessionStore
from cases.access.tables import person as table
from cases.transactions import line_up, reading, writing
from core.errors import PatrolError

log = logging.getLogger("gridpatrol.cases.access")
REFUSED = "name, password or code is wrong; type them again (the code only where a second factor is set up)"
LONGEST_FIELD = 1024


@dataclass(frozen=True, slots=True)
class SignIn:
    """What somebody typed; never logged."""

    login: str
    password: str
    code: str = ""
    """Six figures, or a recovery code; empty where no second factor is set up."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody who is in."""

    person: Person
    token: str
    """The cookie's value."""


@dataclass(frozen=True, slots=True)
class _SecondFactor:
    """A code that was right, and what it leaves."""

    step: int | None = None
    recovery_left: tuple[str, ...] | None = None


class Door:
    """Signs people in. Threads may share one.

    What it refuses it refuses alike, and after the same work, whether the name is known or not.
    """

    def __init__(
        self, engine: Engine, sessions: SessionStore, sealer: SecretSealer | None = None, rules: LockRules | None = None
    ) -> None:
        self._engine = engine
        self._sessions = sessions
        self._sealer = sealer
        self._rules = rules or LockRules()

    def sign_in(self, offered: SignIn, origin: Origin, now: datetime, ttl_s: float) -> SignedIn:
        """
        Raises:
            SignInRefused: name, password or code is wrong.
            SignInLocked: too many tries; the password was not even looked at.
            SignInBusy: every place for checking a password stayed taken.
            DatabaseUnavailable: it could not be looked up or counted.
        """
        login = normal_login(offered.login[:LONGEST_FIELD])
        with writing(self._engine) as connection:
            line_up(connection)
            attempt = lockout.begin(connection, login, origin.address, self._rules, now)
        if attempt.wait_s > 0:
            raise SignInLocked(attempt.wait_s)
        with reading(self._engine) as connection:
            row = row_of(connection, login)
        is_right = matches(offered.password[:LONGEST_FIELD], nobodys_hash() if row is None else row.password_hash)
        factor = None if row is None else self._second_factor(row, offered.code[:LONGEST_FIELD], now)
        if row is None or not is_right or factor is None or not row.is_active:
            self._refuse(row, attempt, origin, now)
        rehashed = hash_of(offered.password) if is_outdated(row.password_hash) else row.password_hash
        with writing(self._engine) as connection:
            line_up(connection)
            self._take_code(connection, row, factor, rehashed, now)
            lockout.succeeded(connection, login, origin.address, now)
            person = find(connection, row.login)
            token = self._sessions.create_in(connection, person.holder, now, ttl_s, origin)
            told = {"address": origin.address, "second_factor": row.totp_since is not None}
            if factor.recovery_left is not None:
                told["recovery_codes_left"] = len(factor.recovery_left)
            _record(connection, f"person:{row.login}", "session.open", f"person:{row.login}", told, now)
        return SignedIn(person, token)

    def _second_factor(self, row: Row[Any], code: str, now: datetime) -> _SecondFactor | None:
        """None: it is set up, and the code is not one of its codes."""
        if row.totp_since is None:
            return _SecondFactor()
        try:
            secret = None if self._sealer is None else self._sealer.unseal(row.totp_sealed, purpose_of(row.login))
        except PatrolError as error:
            # Answered as any other name is; a recovery code is looked at without the key.
            log.error("second factors cannot be looked at: %s", error)
            secret = None
        step = None if secret is None else step_of(code, secret, now, row.totp_step)
        if step is not None:
            return _SecondFactor(step=step)
        left = used_up(row.recovery, code, row.login) if code else None
        return None if left is None else _SecondFactor(recovery_left=left)

    def _refuse(self, row: Row[Any] | None, attempt: lockout.Attempt, origin: Origin, now: datetime) -> NoReturn:
        # A name that nobody has is not kept: it may be a password, typed one field too high.
        subject = "person:?" if row is None else f"person:{row.login}"
        told = {"address": origin.address, "locks": list(attempt.locks)}
        with writing(self._engine) as connection:
            action = "sign_in.locked" if attempt.locks else "sign_in.refused"
            _record(connection, "nobody", action, subject, told, now)
        raise SignInRefused(REFUSED)

    @staticmethod
    def _take_code(
        connection: Connection, row: Row[Any], factor: _SecondFactor, password_hash: str, now: datetime
    ) -> None:
        """Use the code up, over what was looked at: of two that come with one code side by side, one gets in."""
        values: dict[str, Any] = {"signed_in_at": now, "password_hash": password_hash}
        if factor.step is not None:
            values["totp_step"] = factor.step
        if factor.recovery_left is not None:
            values["recovery"] = list(factor.recovery_left)
        fresh = row_of(connection, row.login)
        stands = fresh is not None and (
            fresh.password_hash == row.password_hash
            and fresh.totp_step == row.totp_step
            and fresh.recovery == row.recovery
            and fresh.totp_since == row.totp_since
            and person_of(fresh).is_active
        )
        if not stands:
            raise SignInRefused(REFUSED)
        connection.execute(update(table).where(table.c.login == row.login).values(**values))


def _record(connection: Connection, actor: str, action: str, subject: str, data: dict[str, Any], now: datetime) -> None:
    audit.record(connection, actor=actor, action=action, subject=subject, data=data, now=now)
