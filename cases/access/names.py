"""What people are called, for pages that tell who did something."""

from collections.abc import Collection

from sqlalchemy import Engine, select

from cases.access.tables import person
from cases.transactions import reading

MOST_NAMES = 500


def names_of(engine: Engine, logins: Collection[str]) -> dict[str, str]:
    """Names by login; who is not known is left out, and what lies beyond ``MOST_NAMES`` logins is not asked."""
    asked = sorted(set(logins))[:MOST_NAMES]
    if not asked:
        return {}
    with reading(engine) as connection:
        rows = connection.execute(select(person.c.login, person.c.display_name).where(person.c.login.in_(asked)))
        return {row.login: row.display_name for row in rows}
