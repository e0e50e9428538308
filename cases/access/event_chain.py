"""The chain of hashes over the case events."""

from typing import Any

from sqlalchemy import Connection, select, update

from cases.access.chain import FIRST, link, settled
from cases.case import CaseEvent
from cases.tables import case_event, counter
from cases.transactions import EVENT_COUNTER, next_value

_BEFORE = select(case_event.c.hash).where(case_event.c.seq == counter.c.value - 1).correlate(counter).scalar_subquery()
_NEXT = (
    update(counter)
    .where(counter.c.name == EVENT_COUNTER)
    .values(value=counter.c.value + 1)
    .returning(counter.c.value, _BEFORE.label("previous"))
)


def next_event(connection: Connection) -> tuple[int, str]:
    """(sequence number, hash of the event before it), in one round trip after ``line_up``.

    Having waited in line, the statement sees what the one before it in line wrote. Who did not line up waits for the
    counter, and PostgreSQL looks at the events as they were before that wait: then they are looked at once more.
    """
    found = connection.execute(_NEXT).one_or_none()
    if found is None:
        return next_value(connection, EVENT_COUNTER), FIRST
    seq, previous = int(found[0]), found[1]
    if previous is None and seq > 1:
        before = select(case_event.c.hash).where(case_event.c.seq == seq - 1)
        previous = connection.execute(before).scalar_one_or_none()
    return seq, FIRST if previous is None else str(previous)


def event_hash(previous: str, event: CaseEvent) -> str:
    """What an event adds to the chain."""
    content: dict[str, Any] = {
        "seq": event.seq,
        "case_id": event.case_id,
        "kind": event.kind.value,
        "at": event.at,
        "recorded_at": event.recorded_at,
        "actor": event.actor,
        "data": settled(event.data),
    }
    return link(previous, content)
