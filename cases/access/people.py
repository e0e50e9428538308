"""People who sign in: who they are, what they are at the desk, and for which unit."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Engine, Row, func, select, update

from cases.access import audit
from cases.access.errors import LastAdmin, PersonMovedOn, PersonRefused, PersonTaken, PersonUnknown
from cases.access.holder import KeyHolder, person_holder
from cases.access.passwords import check_rules, hash_of, initial_password, nobodys_hash
from cases.access.sessions import end_sessions
from cases.access.tables import person as table
from cases.roles import Role
from cases.tables import api_key
from cases.transactions import insert_new, line_up, reading, writing

LOGIN_PATTERN = r"^[a-z0-9][a-z0-9._@-]{1,63}$"
LANGUAGES = ("both", "zh", "en")
RESERVED = frozenset({"desk", "gridpatrol", "system", "worker"})
"""Names that keys and links go by."""
MOST_PEOPLE = 10_000
SignOn = Literal["awaited", "linked"]
SIGN_ON_AWAITED: SignOn = "awaited"
SIGN_ON_LINKED: SignOn = "linked"
"""How somebody stands to the city's single sign-on; none: they have a password here."""
LONGEST_DISPLAY_NAME = 200
LONGEST_UNIT = 256


@dataclass(frozen=True, slots=True)
class PersonDraft:
    """What an admin says of a person."""

    login: str
    display_name: str
    roles: frozenset[Role]
    unit: str | None = None
    language: str = "both"
    is_active: bool = True
    single_sign_on: bool = False
    """They come in by the city's single sign-on, and from the first time on by nothing else."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signs in; never with a secret."""

    login: str
    display_name: str
    roles: frozenset[Role]
    unit: str | None
    language: str
    is_active: bool
    must_change: bool
    """The password is an initial one: it opens nothing but the page that changes it."""
    password_at: datetime
    has_second_factor: bool
    created_at: datetime
    created_by: str
    signed_in_at: datetime | None
    version: int
    sign_on: SignOn | None = None
    """``awaited``: their first coming by single sign-on ties the account there to them; ``linked``: it has."""

    @property
    def has_password(self) -> bool:
        """Whether a password of theirs can open anything."""
        return self.sign_on != SIGN_ON_LINKED

    @property
    def holder(self) -> KeyHolder:
        return person_holder(self.login, self.display_name, self.roles, self.unit)

    @property
    def draft(self) -> PersonDraft:
        """What an admin may change of them."""
        return PersonDraft(
            self.login,
            self.display_name,
            self.roles,
            self.unit,
            self.language,
            self.is_active,
            single_sign_on=self.sign_on is not None,
        )


class PeopleStore:
    """People in the case database; every change is audited. Threads may share one.

    Every method may raise ``DatabaseUnavailable``.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, draft: PersonDraft, actor: str, now: datetime, password: str | None = None) -> tuple[Person, str]:
        """A new person and their initial password, which they have to change; none for who comes by single sign-on.

        Args:
            password: None: one is made.

        Raises:
            PersonRefused: the draft or the password cannot be.
            PersonTaken: the login is in use, by a person or by a key.
        """
        checked = check_draft(draft)
        plain = ""
        if not checked.single_sign_on:
            plain = initial_password() if password is None else password
            check_rules(plain, checked.login, checked.display_name)
        row = {
            **_row_of(checked),
            "password_hash": hash_of(plain) if plain else nobodys_hash(),
            "must_change": plain != "",
            "sign_on": SIGN_ON_AWAITED if checked.single_sign_on else None,
            "password_at": now,
            "recovery": [],
            "created_at": now,
            "created_by": actor,
            "version": 1,
        }
        with writing(self._engine) as connection:
            line_up(connection)
            if connection.execute(select(func.count()).select_from(table)).scalar_one() >= MOST_PEOPLE:
                raise PersonTaken(f"{MOST_PEOPLE} people are known already; switch off and reuse a login")
            key = select(api_key.c.id).where(api_key.c.name == checked.login, api_key.c.revoked_at.is_(None))
            if connection.execute(key).first() is not None or not insert_new(connection, table, row):
                raise PersonTaken(f"the name {checked.login!r} is in use, by a person or a key; give another login")
            _record(connection, actor, "person.add", checked.login, _told(checked), now)
        return self.get(checked.login), plain

    def get(self, login: str) -> Person:
        """
        Raises:
            PersonUnknown: nobody has that login.
        """
        with reading(self._engine) as connection:
            return find(connection, login)

    def list(self, after: str | None = None, limit: int = 200) -> tuple[Person, ...]:
        """In the order of their logins, those after ``after``."""
        statement = select(table).order_by(table.c.login).limit(limit)
        if after is not None:
            statement = statement.where(table.c.login > after)
        with reading(self._engine) as connection:
            return tuple(person_of(row) for row in connection.execute(statement))

    def has_admin(self) -> bool:
        """Whether any person may let others in."""
        with reading(self._engine) as connection:
            return _admins(connection) > 0

    def change(self, draft: PersonDraft, expected_version: int | None, actor: str, now: datetime) -> Person:
        """Put what a draft says in the place of what stood there; who is switched off is signed out at once.

        Args:
            expected_version: what was looked at; None: whatever stands there.

        Raises:
            PersonUnknown, PersonRefused, PersonMovedOn: see their texts.
            LastAdmin: nobody would be left to let people in.
        """
        checked = check_draft(draft)
        with writing(self._engine) as connection:
            line_up(connection)
            before = find(connection, checked.login)
            if expected_version is not None and before.version != expected_version:
                raise PersonMovedOn(
                    f"{checked.login!r} was changed since (version {before.version}); read it again and repeat it"
                )
            return put(connection, before, checked, actor, now)

    def choose_language(self, login: str, language: str, now: datetime) -> None:
        """A person's own choice."""
        person = self.get(login)
        self.change(replace(person.draft, language=language), None, f"person:{login}", now)


def put(connection: Connection, before: Person, checked: PersonDraft, actor: str, now: datetime) -> Person:
    """What a checked draft says in the place of what stands; inside a transaction that has lined up.

    Raises:
        LastAdmin: nobody would be left to let people in.
    """
    if checked == before.draft:
        return before
    values = {**_row_of(checked), "version": before.version + 1}
    if checked.single_sign_on and before.sign_on is None:
        values["sign_on"] = SIGN_ON_AWAITED
    elif not checked.single_sign_on:
        values |= {"sign_on": None, "sign_on_issuer": None, "sign_on_subject": None}
    connection.execute(update(table).where(table.c.login == checked.login).values(**values))
    if _is_admin(before) and _admins(connection) == 0:
        raise LastAdmin(f"{checked.login!r} is the last admin; make somebody else one first")
    if not checked.is_active or (before.sign_on == SIGN_ON_LINKED and not checked.single_sign_on):
        end_sessions(connection, name=checked.login)
    told, stood = _told(checked), _told(before.draft)
    names = told.keys() | stood.keys()
    changed = {each: [stood.get(each), told.get(each)] for each in sorted(names) if told.get(each) != stood.get(each)}
    _record(connection, actor, "person.change", checked.login, changed, now)
    return find(connection, checked.login)


def check_draft(draft: PersonDraft) -> PersonDraft:
    """The same with its login in small letters.

    Raises:
        PersonRefused: it cannot be; the text names the field and the mend.
    """
    login = normal_login(draft.login)
    if re.fullmatch(LOGIN_PATTERN, login) is None or login in RESERVED:
        raise PersonRefused(
            f"login {draft.login[:40]!a} cannot be; take 2 to 64 letters a-z, figures or . _ @ -, "
            f"and none of {', '.join(sorted(RESERVED))}"
        )
    name = draft.display_name.strip()
    if not name or len(name) > LONGEST_DISPLAY_NAME or not name.isprintable():
        raise PersonRefused(
            f"display_name of {login!r} cannot be; give 1 to {LONGEST_DISPLAY_NAME} printable characters"
        )
    if not draft.roles:
        raise PersonRefused(f"{login!r} has no role; give one of {', '.join(role.value for role in Role)}")
    unit = (draft.unit or "").strip() or None
    if unit is not None and (len(unit) > LONGEST_UNIT or not unit.isprintable()):
        raise PersonRefused(f"unit of {login!r} cannot be; give 1 to {LONGEST_UNIT} printable characters")
    if Role.HANDLING_UNIT in draft.roles and unit is None:
        raise PersonRefused(f"{login!r} is of a handling unit, and no unit is named; name the unit")
    if draft.language not in LANGUAGES:
        raise PersonRefused(f"language of {login!r} cannot be; give one of {', '.join(LANGUAGES)}")
    return replace(draft, login=login, display_name=name, unit=unit)


def normal_login(text: str) -> str:
    """A login as it is kept, whatever the case it was typed in."""
    return text.strip().casefold()


def find(connection: Connection, login: str) -> Person:
    """
    Raises:
        PersonUnknown: nobody has that login.
    """
    row = row_of(connection, login)
    if row is None:
        raise PersonUnknown(f"nobody signs in as {login[:64]!a}; list the people to see their logins")
    return person_of(row)


def row_of(connection: Connection, login: str) -> Row[Any] | None:
    """The person's row, secrets and all: for this room only."""
    return connection.execute(select(table).where(table.c.login == normal_login(login))).one_or_none()


def person_of(row: Row[Any]) -> Person:
    return Person(
        row.login,
        row.display_name,
        frozenset(map(Role, row.roles)),
        row.unit,
        row.language,
        row.is_active,
        row.must_change,
        row.password_at,
        row.totp_since is not None,
        row.created_at,
        row.created_by,
        row.signed_in_at,
        row.version,
        row.sign_on,
    )


def _admins(connection: Connection) -> int:
    """The roles are JSON: a few active people are told apart here rather than by each engine's own JSON words."""
    rows = connection.execute(select(table.c.roles).where(table.c.is_active)).scalars()
    return sum(Role.ADMIN.value in roles for roles in rows)


def _is_admin(person: Person) -> bool:
    return person.is_active and Role.ADMIN in person.roles


def _row_of(draft: PersonDraft) -> dict[str, Any]:
    return {
        "login": draft.login,
        "display_name": draft.display_name,
        "roles": sorted(role.value for role in draft.roles),
        "unit": draft.unit,
        "language": draft.language,
        "is_active": draft.is_active,
    }


def _told(draft: PersonDraft) -> dict[str, Any]:
    """For the audit log."""
    told = {name: value for name, value in _row_of(draft).items() if name != "login"}
    return told | ({"single_sign_on": True} if draft.single_sign_on else {})


def _record(connection: Connection, actor: str, action: str, login: str, data: dict[str, Any], now: datetime) -> None:
    audit.record(connection, actor=actor, action=action, subject=f"person:{login}", data=data, now=now)
