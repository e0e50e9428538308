"""What people prove themselves with: their password, and their second factor."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, update

from cases.access import audit, lockout
from cases.access.errors import (
    PersonRefused,
    PersonUnknown,
    SecondFactorOff,
    SessionUnknown,
    SignInLocked,
    SignInRefused,
)
from cases.access.passwords import check_rules, hash_of, initial_password, matches
from cases.access.people import find, normal_login, row_of
from cases.access.second_factor import (
    SecretSealer,
    address_of,
    new_recovery_codes,
    new_secret,
    purpose_of,
    recovery_hash,
    step_of,
)
from cases.access.sessions import end_session, end_sessions
from cases.access.tables import person as table
from cases.transactions import line_up, reading, writing


class CredentialStore:
    """Passwords and second factors in the case database; every change is audited. Threads may share one.

    Every method may raise ``DatabaseUnavailable``, ``PersonUnknown`` and, looking at a password, ``SignInBusy``.

    Args:
        sealer: seals the second factors' secrets; None: nobody can set one up here.
    """

    def __init__(
        self, engine: Engine, sealer: SecretSealer | None = None, rules: lockout.LockRules | None = None
    ) -> None:
        self._engine = engine
        self._sealer = sealer
        self._rules = rules or lockout.LockRules()

    @property
    def offers_second_factor(self) -> bool:
        return self._sealer is not None

    def change_password(
        self, login: str, old: str, new: str, now: datetime, address: str, but: str | None = None
    ) -> None:
        """A person's own change; their other sessions end.

        Args:
            address: where they are, for the lock-out: a session left open is no place to guess at.
            but: the token of the session that stays.

        Raises:
            SignInRefused: the old password is wrong.
            SignInLocked: too many were.
            PasswordRefused: the new one does not keep the rules, or is the old one.
        """
        row = self._row(login)
        self._prove(row, old, now, address)
        check_rules(new, row.login, row.display_name)
        if matches(new, row.password_hash):
            raise PersonRefused("the new password is the old one; take another")
        values = {"password_hash": hash_of(new), "password_at": now, "must_change": False}
        with writing(self._engine) as connection:
            line_up(connection)
            # Only over the password that was looked at: of two changes side by side one wins.
            changed = connection.execute(
                update(table)
                .where(table.c.login == row.login, table.c.password_hash == row.password_hash)
                .values(**values)
            ).rowcount
            if not changed:
                raise SignInRefused("the password was changed meanwhile; sign in again")
            ended = end_sessions(connection, name=row.login, but=but)
            _record(connection, f"person:{row.login}", "person.password", row.login, {"sessions_ended": ended}, now)

    def reset_password(self, login: str, actor: str, now: datetime) -> str:
        """An initial password in the place of a forgotten one; their sessions end, a lock-out too.

        Raises:
            PersonRefused: they come in by single sign-on.
        """
        row = self._row(login)
        _check_has_password(row)
        plain = initial_password()
        values = {"password_hash": hash_of(plain), "password_at": now, "must_change": True}
        with writing(self._engine) as connection:
            line_up(connection)
            connection.execute(update(table).where(table.c.login == row.login).values(**values))
            ended = end_sessions(connection, name=row.login)
            lockout.forget(connection, [lockout.account_subject(row.login)])
            _record(connection, actor, "person.password_reset", row.login, {"sessions_ended": ended}, now)
        return plain

    def unlock(self, login: str, actor: str, now: datetime) -> bool:
        """Open a locked-out name's door again; whether it had failures to forget."""
        with writing(self._engine) as connection:
            line_up(connection)
            person = find(connection, login)
            forgot = lockout.forget(connection, [lockout.account_subject(person.login)])
            _record(connection, actor, "person.unlock", person.login, {"had_failures": bool(forgot)}, now)
        return bool(forgot)

    def locked_until(self, login: str, now: datetime) -> datetime | None:
        with reading(self._engine) as connection:
            return lockout.locked_until(connection, normal_login(login), now)

    def end_session(self, session_id: str, actor: str, now: datetime) -> None:
        """End one session, whoever's it is.

        Raises:
            SessionUnknown: no session has that id.
        """
        with writing(self._engine) as connection:
            line_up(connection)
            name = end_session(connection, session_id)
            if name is None:
                raise SessionUnknown(f"no session {session_id[:40]!a} is in force; list the sessions")
            told = {"session": session_id}
            audit.record(connection, actor=actor, action="session.revoke", subject=f"person:{name}", data=told, now=now)

    def end_sessions(self, name: str, actor: str, now: datetime, but: str | None = None) -> int:
        """End a name's sessions; how many ended.

        Args:
            but: the token of one that stays.
        """
        with writing(self._engine) as connection:
            line_up(connection)
            ended = end_sessions(connection, name=name, but=but)
            told = {"ended": ended}
            audit.record(connection, actor=actor, action="session.revoke", subject=f"person:{name}", data=told, now=now)
        return ended

    def start_second_factor(self, login: str) -> tuple[str, str]:
        """(secret in base32, its ``otpauth`` address) to show once; it counts from its first code on.

        Raises:
            SecondFactorOff: this process cannot seal it.
            PersonRefused: they have one already, or come in by single sign-on.
        """
        sealer = self._needed_sealer()
        row = self._row(login)
        _check_has_password(row)
        if row.totp_since is not None:
            raise PersonRefused("a second factor is set up already; take it away first")
        secret = new_secret()
        sealed = sealer.seal(secret, purpose_of(row.login))
        with writing(self._engine) as connection:
            connection.execute(
                update(table)
                .where(table.c.login == row.login, table.c.totp_since.is_(None))
                .values(totp_sealed=sealed, totp_step=None)
            )
        return secret, address_of(secret, row.login)

    def confirm_second_factor(self, login: str, code: str, now: datetime) -> tuple[str, ...]:
        """The first code turns it on; the recovery codes come back, this once.

        Raises:
            SignInRefused: the code is wrong.
        """
        sealer = self._needed_sealer()
        row = self._row(login)
        if row.totp_since is not None or row.totp_sealed is None:
            raise PersonRefused("no second factor is being set up; start it first")
        step = step_of(code, sealer.unseal(row.totp_sealed, purpose_of(row.login)), now, None)
        if step is None:
            raise SignInRefused("the code is wrong; wait for the next one, and check the telephone's clock")
        codes = new_recovery_codes()
        kept = [recovery_hash(each, row.login) for each in codes]
        with writing(self._engine) as connection:
            line_up(connection)
            turned_on = connection.execute(
                update(table)
                .where(table.c.login == row.login, table.c.totp_sealed == row.totp_sealed, table.c.totp_since.is_(None))
                .values(totp_since=now, totp_step=step, recovery=kept)
            ).rowcount
            if not turned_on:
                raise PersonRefused("the second factor was changed meanwhile; start it again")
            _record(connection, f"person:{row.login}", "person.second_factor_on", row.login, {}, now)
        return codes

    def drop_own_second_factor(self, login: str, password: str, now: datetime, address: str) -> None:
        """Its owner takes it away, with their password.

        Raises:
            SignInRefused: the password is wrong.
            SignInLocked: too many were.
        """
        row = self._row(login)
        self._prove(row, password, now, address)
        self.drop_second_factor(row.login, f"person:{row.login}", now)

    def drop_second_factor(self, login: str, actor: str, now: datetime) -> None:
        """An admin takes it away, where a telephone is lost."""
        row = self._row(login)
        with writing(self._engine) as connection:
            line_up(connection)
            connection.execute(
                update(table)
                .where(table.c.login == row.login)
                .values(totp_sealed=None, totp_since=None, totp_step=None, recovery=[])
            )
            _record(connection, actor, "person.second_factor_off", row.login, {}, now)

    def recovery_codes_left(self, login: str) -> int:
        return len(self._row(login).recovery)

    def _prove(self, row: Row[Any], password: str, now: datetime, address: str) -> None:
        """The present password, counted like a sign-in."""
        with writing(self._engine) as connection:
            line_up(connection)
            attempt = lockout.begin(connection, row.login, address, self._rules, now)
        if attempt.wait_s > 0:
            raise SignInLocked(attempt.wait_s)
        if not matches(password, row.password_hash):
            raise SignInRefused("the present password is wrong; type it again")
        with writing(self._engine) as connection:
            line_up(connection)
            lockout.succeeded(connection, row.login, address, now)

    def _needed_sealer(self) -> SecretSealer:
        if self._sealer is None:
            raise SecondFactorOff("this process has no key to seal a second factor with; give it the API's secret key")
        return self._sealer

    def _row(self, login: str) -> Row[Any]:
        with reading(self._engine) as connection:
            row = row_of(connection, login)
        if row is None:
            raise PersonUnknown(f"nobody signs in as {login[:64]!a}; list the people to see their logins")
        return row


def _check_has_password(row: Row[Any]) -> None:
    """
    Raises:
        PersonRefused: they come in by single sign-on.
    """
    if row.sign_on is not None:
        raise PersonRefused(
            f"{row.login!r} comes in by single sign-on and has no password here; switch that off for them first"
        )


def _record(
    connection: Connection, actor: str, action: str, login: str, data: Mapping[str, Any], now: datetime
) -> None:
    audit.record(connection, actor=actor, action=action, subject=f"person:{login}", data=data, now=now)
