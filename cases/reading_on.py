"""Many cases, one after the other, for a file: their ids at once, then the cases some hundred at a time.

Nothing is held open in between, however slowly the file is taken away, and no page is looked for anew by sorting.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import Engine, select

from cases.case import Case
from cases.list_order import ordered
from cases.queries import CaseQuery
from cases.rows import case_of
from cases.store import narrowed
from cases.tables import case as table
from cases.transactions import reading

TOGETHER = 500


def case_ids(engine: Engine, query: CaseQuery, most: int) -> tuple[str, ...]:
    """Ids of the cases that a list would show, in its order; ``most`` at most."""
    statement = narrowed(ordered(select(table.c.id), query.order, None), query).limit(most)
    with reading(engine) as connection:
        return tuple(connection.execute(statement).scalars())


def cases_of(engine: Engine, ids: Sequence[str]) -> Iterator[Case]:
    """The cases of these ids, in their order, each as it stands when its turn comes."""
    for begin in range(0, len(ids), TOGETHER):
        some = ids[begin : begin + TOGETHER]
        with reading(engine) as connection:
            rows = connection.execute(select(table).where(table.c.id.in_(some))).all()
        found = {row.id: row for row in rows}
        for case_id in some:
            if case_id in found:
                yield case_of(found[case_id])
