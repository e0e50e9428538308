"""In by the city's single sign-on: which person of ours an account of the provider is, and a session for them.

Whose account it is stands on (issuer, subject), which a provider never gives to somebody else; its login name is looked
at once, when the two are tied together, and only where an admin has said that this person comes in that way.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, select, update

from cases.access import audit, lockout
from cases.access.errors import LastAdmin, PersonRefused, SingleSignOnRefused, WhyNot
from cases.access.passwords import nobodys_hash
from cases.access.people import (
    MOST_PEOPLE,
    SIGN_ON_AWAITED,
    SIGN_ON_LINKED,
    Person,
    PersonDraft,
    check_draft,
    find,
    person_of,
    put,
    row_of,
)
from cases.access.sessions import Origin, SessionStore, end_sessions
from cases.access.sign_in import SignedIn
from cases.access.tables import person as table
from cases.roles import Role
from cases.tables import api_key
from cases.transactions import insert_new, line_up, writing

ACTOR = "single sign-on"


@dataclass(frozen=True, slots=True)
class Grant:
    """What the provider's groups make of somebody here."""

    roles: frozenset[Role]
    """None of ours: they do not come in."""
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """An account of the provider, proven."""

    issuer: str
    subject: str
    login: str
    """As the provider calls them; used when they come for the first time."""
    display_name: str
    grant: Grant | None = None
    """None: the provider says nothing of roles, an admin of ours does."""


class SingleSignOn:
    """Signs people in who proved themselves elsewhere. Threads may share one."""

    def __init__(self, engine: Engine, sessions: SessionStore) -> None:
        self._engine = engine
        self._sessions = sessions

    def sign_in(self, identity: Identity, origin: Origin, now: datetime, ttl_s: float) -> SignedIn:
        """
        Raises:
            SingleSignOnRefused: they are nobody here, switched off, or have no role; it is in the audit log.
            SignInBusy, DatabaseUnavailable: as at the door.
        """
        nobodys_hash()  # its first making takes a while, and the transaction below holds others up
        try:
            with writing(self._engine) as connection:
                line_up(connection)
                row = self._row(connection, identity, now)
                person = self._brought_up_to_date(connection, row, identity, now)
                if not person.is_active:
                    raise SingleSignOnRefused(WhyNot.OFF, person.login)
                connection.execute(update(table).where(table.c.login == person.login).values(signed_in_at=now))
                lockout.forget(connection, [lockout.account_subject(person.login)])
                token = self._sessions.create_in(connection, person.holder, now, ttl_s, origin)
                told = {"address": origin.address, "issuer": identity.issuer}
                _record(connection, f"person:{person.login}", "session.open", person.login, told, now)
                return SignedIn(person, token)
        except SingleSignOnRefused as refused:
            told = {"address": origin.address, "why": refused.why.value, "issuer": identity.issuer}
            with writing(self._engine) as connection:
                line_up(connection)
                if refused.why is WhyNot.NO_ROLE and refused.login:
                    # As a change of groups counts in sessions that are open, so does the loss of the last one.
                    end_sessions(connection, name=refused.login)
                audit.record(
                    connection,
                    actor="nobody",
                    action="sign_in.refused",
                    subject=f"person:{refused.login or '?'}",
                    data=told,
                    now=now,
                )
            raise

    def _row(self, connection: Connection, identity: Identity, now: datetime) -> Row[Any]:
        """The person whose account it is, tied to it or made now."""
        known = connection.execute(
            select(table).where(
                table.c.sign_on_issuer == identity.issuer,
                table.c.sign_on_subject == identity.subject,
                table.c.sign_on == SIGN_ON_LINKED,
            )
        ).one_or_none()
        if known is not None:
            return known
        named = row_of(connection, identity.login)
        if named is None:
            return self._made(connection, identity, now)
        if named.sign_on != SIGN_ON_AWAITED:
            raise SingleSignOnRefused(WhyNot.TAKEN, named.login)
        self._tie(connection, named.login, identity)
        _record(connection, ACTOR, "person.sign_on", named.login, {"issuer": identity.issuer}, now)
        return _needed(connection, named.login)

    def _made(self, connection: Connection, identity: Identity, now: datetime) -> Row[Any]:
        if identity.grant is None:
            raise SingleSignOnRefused(WhyNot.UNKNOWN)
        draft = _checked(_draft(identity, identity.grant))
        held = select(api_key.c.id).where(api_key.c.name == draft.login, api_key.c.revoked_at.is_(None))
        if connection.execute(held).first() is not None:
            raise SingleSignOnRefused(WhyNot.TAKEN)
        if connection.execute(select(func.count()).select_from(table)).scalar_one() >= MOST_PEOPLE:
            raise SingleSignOnRefused(WhyNot.FULL)
        row = {
            "login": draft.login,
            "display_name": draft.display_name,
            "roles": sorted(role.value for role in draft.roles),
            "unit": draft.unit,
            "language": draft.language,
            "is_active": True,
            "password_hash": nobodys_hash(),
            "must_change": False,
            "password_at": now,
            "recovery": [],
            "created_at": now,
            "created_by": ACTOR,
            "version": 1,
        }
        if not insert_new(connection, table, row):
            raise SingleSignOnRefused(WhyNot.TAKEN)
        self._tie(connection, draft.login, identity)
        told = {"roles": row["roles"], "unit": draft.unit, "issuer": identity.issuer}
        _record(connection, ACTOR, "person.add", draft.login, told, now)
        return _needed(connection, draft.login)

    @staticmethod
    def _tie(connection: Connection, login: str, identity: Identity) -> None:
        """From here on the provider alone proves who they are: password and second factor open nothing any more.

        Nor do the sessions that those have opened, wherever they are.
        """
        values = {
            "sign_on": SIGN_ON_LINKED,
            "sign_on_issuer": identity.issuer,
            "sign_on_subject": identity.subject,
            "password_hash": nobodys_hash(),
            "must_change": False,
            "totp_sealed": None,
            "totp_since": None,
            "totp_step": None,
            "recovery": [],
        }
        connection.execute(update(table).where(table.c.login == login).values(**values))
        end_sessions(connection, name=login)

    @staticmethod
    def _brought_up_to_date(connection: Connection, row: Row[Any], identity: Identity, now: datetime) -> Person:
        """Name, roles and unit as the provider has them today, where it has a say in them."""
        person = person_of(row)
        if identity.grant is None:
            return person
        if not identity.grant.roles:
            raise SingleSignOnRefused(WhyNot.NO_ROLE, person.login)
        wanted = _draft(identity, identity.grant)
        draft = _checked(
            replace(person.draft, display_name=wanted.display_name, roles=wanted.roles, unit=wanted.unit), person.login
        )
        try:
            return put(connection, person, draft, ACTOR, now)
        except LastAdmin as last:
            raise SingleSignOnRefused(WhyNot.LAST_ADMIN, person.login) from last


def _draft(identity: Identity, grant: Grant) -> PersonDraft:
    return PersonDraft(identity.login, identity.display_name, grant.roles, grant.unit, single_sign_on=True)


def _checked(draft: PersonDraft, login: str = "") -> PersonDraft:
    if not draft.roles:
        raise SingleSignOnRefused(WhyNot.NO_ROLE, login)
    try:
        return check_draft(draft)
    except PersonRefused as refused:
        raise SingleSignOnRefused(WhyNot.UNUSABLE, login, str(refused)) from refused


def _needed(connection: Connection, login: str) -> Row[Any]:
    find(connection, login)
    row = row_of(connection, login)
    assert row is not None  # noqa: S101 (found in the line above, inside one transaction)
    return row


def _record(connection: Connection, actor: str, action: str, login: str, data: dict[str, Any], now: datetime) -> None:
    audit.record(connection, actor=actor, action=action, subject=f"person:{login}", data=data, now=now)
