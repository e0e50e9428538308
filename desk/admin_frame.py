"""The administration's frame: its sections, who finds them, and what every page of it knows."""

from dataclasses import dataclass

from cases.roles import Role
from desk.render import render
from desk.visitor import Visitor

ADMINS = frozenset({Role.ADMIN})
LOOKERS = frozenset({Role.ADMIN, Role.AUDITOR})
"""An auditor looks, and finds no form."""


@dataclass(frozen=True, slots=True)
class Section:
    """One page of the administration."""

    key: str
    roles: frozenset[Role] = LOOKERS

    @property
    def href(self) -> str:
        return "/start" if self.key == "start" else f"/admin/{self.key}"


@dataclass(frozen=True, slots=True)
class SectionGroup:
    """Sections under one heading."""

    key: str
    sections: tuple[Section, ...]


GROUPS = (
    SectionGroup(
        "access",
        (Section("people", ADMINS), Section("roles"), Section("keys", ADMINS)),
    ),
    SectionGroup("city", (Section("places"), Section("catalogue"), Section("calendars"))),
    SectionGroup("rules", (Section("permits"), Section("suppressions"), Section("auto-filing"))),
    SectionGroup(
        "site",
        (
            Section("webhooks", ADMINS),
            Section("keeping"),
            Section("audit"),
            Section("system", ADMINS),
            Section("start", ADMINS),
        ),
    ),
)


def groups_for(visitor: Visitor) -> tuple[SectionGroup, ...]:
    """What a visitor finds; a group without a section for them is left out."""
    found = (
        SectionGroup(group.key, tuple(each for each in group.sections if visitor.is_any(each.roles)))
        for group in GROUPS
    )
    return tuple(group for group in found if group.sections)


def first_section(roles: frozenset[Role]) -> str:
    """Where the administration begins for somebody."""
    return next((each.href for group in GROUPS for each in group.sections if roles & each.roles), "/")


def render_admin(section: str, template: str, visitor: Visitor, **values: object) -> str:
    """A page of the administration as HTML.

    Args:
        section: which entry is the current one.
    """
    return render(
        template,
        visitor,
        section=section,
        groups=groups_for(visitor),
        may_change=visitor.is_any(ADMINS),
        **values,
    )
