"""Who did something, as a page names them: people by their names, machines by what they are."""

from collections.abc import Iterable, Mapping

Names = Mapping[str, str]
"""What people are called, by login."""
NO_NAMES: Names = {}
PERSON, WORKER, RULE = "person:", "worker:", "rule:"


def name_of(actor: str, names: Names = NO_NAMES) -> str:
    """A person's own name; of a machine or a rule what the log calls it (the template finds words for it)."""
    login = actor.removeprefix(PERSON)
    return names.get(login, login)


def logins_of(actors: Iterable[str]) -> frozenset[str]:
    """Whose names are to be looked up; a shortcut's event names its person by the login alone."""
    return frozenset(actor.removeprefix(PERSON) for actor in actors if not actor.startswith((WORKER, RULE)))
