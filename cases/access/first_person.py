"""The first admin of an installation: makes themselves, with a password of their own, and is in."""

from datetime import datetime

from cases.access.credentials import CredentialStore
from cases.access.errors import PersonRefused
from cases.access.passwords import check_rules
from cases.access.people import PeopleStore, PersonDraft, check_draft
from cases.access.sessions import Origin
from cases.access.sign_in import Door, SignedIn, SignIn
from cases.roles import Role

FIRST_ROLES = frozenset(Role) - {Role.HANDLING_UNIT}
"""Everything but a handling unit, which is somebody's in particular."""


def begin_as_first(
    people: PeopleStore,
    credentials: CredentialStore,
    door: Door,
    typed: SignIn,
    display_name: str,
    actor: str,
    origin: Origin,
    now: datetime,
    ttl_s: float,
) -> SignedIn:
    """Make the first admin and sign them in.

    Args:
        typed: login and password, as the person chose them.
        actor: the one-time link that they came by.
        ttl_s: of the session.

    Raises:
        PersonRefused: an admin is there already, or login, name or password cannot be.
        PersonTaken: the login is in use.
        SignInBusy: every place for checking a password stayed taken.
    """
    if people.has_admin():
        raise PersonRefused("an admin is there already; sign in, or ask them to let you in")
    draft = check_draft(PersonDraft(typed.login, display_name, FIRST_ROLES))
    check_rules(typed.password, draft.login, draft.display_name)
    person, initial = people.add(draft, actor, now)
    credentials.change_password(person.login, initial, typed.password, now, origin.address)
    return door.sign_in(SignIn(person.login, typed.password), origin, now, ttl_s)
