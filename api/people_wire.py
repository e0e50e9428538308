"""People, sessions and keys on the wire; never a password but the initial one, once."""

from typing import Literal

from pydantic import ConfigDict, Field, JsonValue

from api.wire import Moment, WireModel
from cases.access.holder import KeyHolder, Scope
from cases.access.people import LOGIN_PATTERN, Person, PersonDraft
from cases.access.sessions import SessionInfo
from cases.keys import ApiKeyInfo
from cases.roles import Role

LanguageWire = Literal["both", "zh", "en"]
EXAMPLE_PERSON: dict[str, JsonValue] = {
    "login": "li.min",
    "display_name": "李敏",
    "roles": ["acceptor", "shift_leader"],
    "unit": None,
    "language": "zh",
}


class PersonDraftWire(WireModel):
    """Somebody to let in."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_PERSON]})

    login: str = Field(pattern=LOGIN_PATTERN, examples=["li.min"])
    display_name: str = Field(min_length=1, max_length=200, examples=["李敏"])
    roles: frozenset[Role] = Field(min_length=1, examples=[["acceptor"]])
    unit: str | None = Field(None, max_length=256, description="needed for a handling unit", examples=["城管三中队"])
    language: LanguageWire = "both"
    single_sign_on: bool = Field(
        False, description="they come in by the city's single sign-on, and get no initial password"
    )

    def to_draft(self) -> PersonDraft:
        return PersonDraft(
            self.login,
            self.display_name,
            self.roles,
            self.unit,
            self.language,
            single_sign_on=self.single_sign_on,
        )


class PersonChangeWire(WireModel):
    """What is to be different; what is left out stays. ``unit`` null: not bound to one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"roles": ["dispatcher"], "is_active": True}]})

    display_name: str | None = Field(None, min_length=1, max_length=200)
    roles: frozenset[Role] | None = Field(None, min_length=1)
    unit: str | None = Field(None, max_length=256)
    language: LanguageWire | None = None
    is_active: bool | None = None
    single_sign_on: bool | None = Field(
        None, description="true: their first coming that way ties the account to them; false: cuts the tie"
    )

    def applied_to(self, draft: PersonDraft) -> PersonDraft:
        return PersonDraft(
            draft.login,
            self.display_name if self.display_name is not None else draft.display_name,
            self.roles if self.roles is not None else draft.roles,
            self.unit if "unit" in self.model_fields_set else draft.unit,
            self.language if self.language is not None else draft.language,
            self.is_active if self.is_active is not None else draft.is_active,
            self.single_sign_on if self.single_sign_on is not None else draft.single_sign_on,
        )


class PersonWire(WireModel):
    """Somebody who signs in."""

    login: str
    display_name: str
    roles: tuple[Role, ...]
    unit: str | None
    language: str
    is_active: bool
    must_change: bool
    """The password is an initial one."""
    has_second_factor: bool
    created_at: Moment
    created_by: str
    signed_in_at: Moment | None
    single_sign_on: Literal["off", "awaited", "linked"] = "off"
    """``awaited``: their first coming that way ties the account to them; ``linked``: it has, and nothing else opens."""
    locked_until: Moment | None = None
    """Too many failed sign-ins; told of one person, not in lists."""
    version: int

    @classmethod
    def of(cls, person: Person) -> "PersonWire":
        return cls(
            login=person.login,
            display_name=person.display_name,
            roles=tuple(sorted(person.roles)),
            unit=person.unit,
            language=person.language,
            is_active=person.is_active,
            must_change=person.must_change,
            has_second_factor=person.has_second_factor,
            created_at=person.created_at,
            created_by=person.created_by,
            signed_in_at=person.signed_in_at,
            single_sign_on=person.sign_on or "off",
            version=person.version,
        )


class PersonAddedWire(WireModel):
    """A new person."""

    person: PersonWire
    initial_password: str | None
    """Shown this once; it opens nothing but its own change. Null for who comes in by single sign-on."""


class InitialPasswordWire(WireModel):
    """In the place of a forgotten password."""

    initial_password: str


class PersonPageWire(WireModel):
    """People in the order of their logins."""

    people: tuple[PersonWire, ...]
    next_after: str | None
    """Give it as ``after`` for the next page; null at the end."""


class MeWire(WireModel):
    """Who asks, and what they may."""

    name: str
    display_name: str
    is_person: bool
    roles: tuple[Role, ...]
    scopes: tuple[Scope, ...]
    unit: str | None
    csrf_token: str | None
    """What a change by cookie must bring in ``X-CSRF-Token``; null for a key."""

    @classmethod
    def of(cls, holder: KeyHolder, csrf_token: str) -> "MeWire":
        return cls(
            name=holder.name,
            display_name=holder.display_name,
            is_person=holder.is_person,
            roles=tuple(sorted(holder.roles)),
            scopes=tuple(sorted(holder.scopes)),
            unit=holder.unit,
            csrf_token=csrf_token or None,
        )


class SessionWire(WireModel):
    """One browser that has come in."""

    id: str
    name: str
    is_person: bool
    """False: by a one-time link."""
    created_at: Moment
    seen_at: Moment
    expires_at: Moment
    address: str
    agent: str

    @classmethod
    def of(cls, session: SessionInfo) -> "SessionWire":
        return cls(
            id=session.id,
            name=session.name,
            is_person=session.is_person,
            created_at=session.created_at,
            seen_at=session.seen_at,
            expires_at=session.expires_at,
            address=session.address,
            agent=session.agent,
        )


class SessionListWire(WireModel):
    """Those in force, the newest first, 1000 at most."""

    sessions: tuple[SessionWire, ...]


class KeyDraftWire(WireModel):
    """A key to make."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "dashboard", "scopes": ["read"], "days": 90}]})

    name: str = Field(min_length=1, max_length=200)
    scopes: frozenset[Scope] = Field(min_length=1)
    days: int | None = Field(None, ge=1, le=3650, description="expires after so many days; null: never")


class KeyWire(WireModel):
    """A key, never the key itself."""

    name: str
    scopes: tuple[Scope, ...]
    created_at: Moment
    expires_at: Moment | None
    revoked_at: Moment | None

    @classmethod
    def of(cls, key: ApiKeyInfo) -> "KeyWire":
        return cls(
            name=key.name,
            scopes=tuple(sorted(key.scopes)),
            created_at=key.created_at,
            expires_at=key.expires_at,
            revoked_at=key.revoked_at,
        )


class KeyListWire(WireModel):
    """Every key ever made, oldest first."""

    keys: tuple[KeyWire, ...]


class KeyMadeWire(WireModel):
    """A new key."""

    name: str
    key: str
    """Shown this once."""
