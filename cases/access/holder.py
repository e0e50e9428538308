"""Who came in, and what they may."""

from dataclasses import dataclass
from enum import StrEnum

from cases.roles import Role


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
    REPORT = "report"
    """File requests as a citizens' portal does, by Open311."""


_ROLES_OF_SCOPE = {
    Scope.WORKER: frozenset[Role](),
    Scope.READ: frozenset({Role.AUDITOR}),
    Scope.OPERATOR: frozenset({Role.ACCEPTOR, Role.SHIFT_LEADER, Role.DISPATCHER, Role.INSPECTOR}),
    Scope.ADMIN: frozenset(Role),
    Scope.REPORT: frozenset[Role](),
}
_SCOPES_OF_ROLE = {
    Role.ACCEPTOR: frozenset({Scope.READ, Scope.OPERATOR}),
    Role.SHIFT_LEADER: frozenset({Scope.READ, Scope.OPERATOR}),
    Role.DISPATCHER: frozenset({Scope.READ, Scope.OPERATOR}),
    Role.INSPECTOR: frozenset({Scope.READ, Scope.OPERATOR}),
    Role.HANDLING_UNIT: frozenset({Scope.READ}),
    Role.ADMIN: frozenset({Scope.READ, Scope.OPERATOR, Scope.ADMIN}),
    Role.AUDITOR: frozenset({Scope.READ}),
}
EVERY_DESK_ROLE = frozenset(Role) - {Role.ADMIN}
"""What the person who started Gridpatrol is, by the one-time link."""


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """Who came in, and what for."""

    name: str
    """Of a key or a link; a person's login."""
    scopes: frozenset[Scope]
    unit: str | None = None
    """The unit a person works for; None: not bound to one."""
    granted: frozenset[Role] | None = None
    """Roles given by name, as people have them; None: those that the scopes include."""
    is_person: bool = False
    """Signed in with a password: may what the roles say, and no more."""
    display_name: str = ""

    @property
    def roles(self) -> frozenset[Role]:
        """What they may be in a case's life."""
        if self.granted is not None:
            return self.granted
        return frozenset[Role]().union(*(_ROLES_OF_SCOPE[scope] for scope in self.scopes))

    @property
    def is_bound(self) -> bool:
        """Sees the cases of their own unit only: someone of a handling unit who is nothing else."""
        return self.roles == {Role.HANDLING_UNIT}

    @property
    def actor(self) -> str:
        """How the audit log names them."""
        return f"person:{self.name}" if self.is_person else self.name

    def may(self, scope: Scope) -> bool:
        """Of keys and links: admin includes everything, operator includes read. Of people: what the roles open."""
        if scope in self.scopes or (Scope.ADMIN in self.scopes and not self.is_person):
            return True
        return scope is Scope.READ and Scope.OPERATOR in self.scopes

    def sees_unit(self, unit: str | None) -> bool:
        """Whether a case of that unit is theirs to look at."""
        return not self.is_bound or (self.unit is not None and unit == self.unit)


def person_holder(login: str, display_name: str, roles: frozenset[Role], unit: str | None) -> KeyHolder:
    """What a person with those roles may."""
    scopes = frozenset[Scope]().union(*(_SCOPES_OF_ROLE[role] for role in roles))
    return KeyHolder(login, scopes, unit, granted=roles, is_person=True, display_name=display_name)
