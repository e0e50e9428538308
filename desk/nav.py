"""The main navigation: one entry a place, and who finds it there."""

from dataclasses import dataclass

from cases.roles import Role
from desk.visitor import Visitor

DESK_ROLES = frozenset(Role) - {Role.HANDLING_UNIT}
"""Everybody but people of a handling unit, who see their own unit's cases and nothing else."""


@dataclass(frozen=True, slots=True)
class Place:
    """One entry."""

    page: str
    """The template's ``page`` block: which entry is the current one."""
    href: str
    words: str
    """Key of its name."""
    roles: frozenset[Role] = DESK_ROLES
    """Who finds it; the page itself checks again."""


PLACES: tuple[Place, ...] = (
    Place("review", "/review", "nav.review", frozenset({Role.ACCEPTOR, Role.SHIFT_LEADER, Role.ADMIN})),
    Place("cases", "/", "nav.cases", frozenset(Role)),
    Place("map", "/map", "nav.map"),
    Place("wall", "/wall", "nav.wall"),
    Place("cameras", "/cameras", "nav.cameras"),
    Place("overview", "/overview", "nav.overview"),
    Place("admin", "/admin", "nav.admin", frozenset({Role.ADMIN, Role.AUDITOR})),
)
"""In the order of the bar."""


def places_for(visitor: Visitor) -> tuple[Place, ...]:
    """The entries that a visitor finds; one whose roles are not known finds those that anybody does."""
    if not visitor.roles:
        return tuple(place for place in PLACES if place.roles >= DESK_ROLES)
    return tuple(place for place in PLACES if visitor.is_any(place.roles))
