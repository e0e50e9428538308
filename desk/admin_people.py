"""Administration of access: people, one person, the roles explained, API keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cases.access.people import Person
from cases.access.sessions import SessionInfo
from cases.keys import ApiKeyInfo, Scope
from cases.roles import Role
from desk.admin_frame import render_admin
from desk.visitor import Visitor

SEARCH_MOST = 64


@dataclass(frozen=True, slots=True)
class PeopleView:
    """Some people, and what narrows them."""

    people: tuple[Person, ...]
    search: str
    role: Role | None
    next_after: str
    """Login that the next page begins behind; empty at the end."""
    units: tuple[str, ...]
    offers_sign_on: bool = False
    """The city has a single sign-on here."""


@dataclass(frozen=True, slots=True)
class PersonView:
    """One person, as an admin sees them."""

    person: Person
    locked_until: datetime | None
    sessions: tuple[SessionInfo, ...]
    units: tuple[str, ...]
    is_self: bool
    offers_sign_on: bool = False


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One API key; never the key itself."""

    key: ApiKeyInfo
    state: str
    """``valid``, ``expired`` or ``revoked``."""


def render_people(view: PeopleView, visitor: Visitor) -> str:
    """Everybody who signs in, and a form for one more."""
    return render_admin("people", "admin_people.html", visitor, view=view, roles=tuple(Role))


def render_person(view: PersonView, visitor: Visitor) -> str:
    """One person: what they are, what they prove themselves with, where they are signed in."""
    return render_admin("people", "admin_person.html", visitor, view=view, roles=tuple(Role))


def render_roles(visitor: Visitor) -> str:
    """What each role looks at and changes."""
    return render_admin("roles", "admin_roles.html", visitor, roles=tuple(Role))


def render_keys(keys: Sequence[ApiKeyInfo], now: datetime, visitor: Visitor) -> str:
    """Every key that was ever made, the newest first."""
    rows = tuple(KeyRow(each, state_of(each, now)) for each in reversed(keys))
    return render_admin("keys", "admin_keys.html", visitor, rows=rows, scopes=tuple(Scope))


def state_of(key: ApiKeyInfo, now: datetime) -> str:
    """Whether a key opens anything."""
    if key.revoked_at is not None:
        return "revoked"
    return "expired" if key.expires_at is not None and key.expires_at <= now else "valid"
