"""Events and the cases that they make: entered one by one, written together.

Inside one transaction the chain of events goes on in memory; ``Book.write`` brings everything to the database at once,
one statement a table. Whoever reads cases or events, or lets somebody else append, writes the book first.
"""

import secrets
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, update

from cases import tables
from cases.access import pictures
from cases.access.event_chain import event_hash, next_event
from cases.case import Case, CaseEvent, CaseEventKind, apply
from cases.overview import rolling
from cases.policy import reviews
from cases.rows import case_row, event_row
from cases.transactions import EVENT_COUNTER
from core.clock import as_utc
from core.ids import CameraId, CaseId

# Written once, with their values bound later: SQLAlchemy takes longer to write a statement than SQLite to answer it.
_KEEP_EVENTS = tables.case_event.insert()
_KEEP_CASES = tables.case.insert()
_CHANGE_CASES = update(tables.case).where(tables.case.c.id == bindparam("of_id"))
_KEEP_CAMERAS = tables.case_camera.insert()
_COUNT = update(tables.counter).where(tables.counter.c.name == EVENT_COUNTER)


class Book:
    """What one transaction appends to the cases; call it after ``line_up``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._head: tuple[int, str] | None = None
        """Number and hash of the last event entered; None: the database has it."""
        self._events: list[tuple[CaseEvent, str]] = []
        self._before: dict[CaseId, Case | None] = {}
        """Each case of these events as the database has it; None: not yet."""
        self._after: dict[CaseId, Case] = {}

    def append(
        self,
        case: Case | None,
        kind: CaseEventKind,
        at: datetime,
        now: datetime,
        actor: str,
        data: Mapping[str, Any],
    ) -> Case:
        """Enter one event; the case that it makes. None as ``case`` opens a new one.

        Raises:
            CaseConflict: the case cannot take this event in its state.
        """
        case_id = _new_id(now) if case is None else case.id
        seq, previous = self._next()
        event = CaseEvent(seq, case_id, kind, as_utc(at), as_utc(now), actor, data)
        after = apply(case, event)
        chained = event_hash(previous, event)
        self._head = (seq, chained)
        self._events.append((event, chained))
        self._before.setdefault(case_id, case)
        self._after[case_id] = after
        return after

    def write(self) -> None:
        """Bring what was entered to the database; nothing entered, nothing written."""
        if not self._events:
            return
        events = [event for event, _ in self._events]
        if len(events) > 1:  # the first one's number was counted as it was taken
            self._connection.execute(_COUNT, {"value": events[-1].seq})
        rows = [{**event_row(event), "hash": chained} for event, chained in self._events]
        self._connection.execute(_KEEP_EVENTS, rows)
        for event in events:
            pictures.tell_kinds(self._connection, event.evidence)
            reviews.note(self._connection, event)
        self._write_cases()
        rolling.note(self._connection, [(self._before[case_id], after) for case_id, after in self._after.items()])
        self._head = None  # somebody else may append now
        self._events.clear()
        self._before.clear()
        self._after.clear()

    def _next(self) -> tuple[int, str]:
        """The next event's number, and the hash of the one before it."""
        if self._head is None:
            return next_event(self._connection)
        seq, chained = self._head
        return seq + 1, chained

    def _write_cases(self) -> None:
        new: list[dict[str, Any]] = []
        changed: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        cameras: list[dict[str, Any]] = []
        for case_id, after in self._after.items():
            before = self._before[case_id]
            known: tuple[CameraId, ...] = () if before is None else before.cameras
            cameras += [{"camera_id": name, "case_id": case_id} for name in after.cameras if name not in known]
            if before is None:
                new.append(case_row(after))
                continue
            was = case_row(before)
            change = {name: value for name, value in case_row(after).items() if value != was[name]}
            changed.setdefault(tuple(change), []).append({"of_id": case_id, **change})
        if new:
            self._connection.execute(_KEEP_CASES, new)
        for some in changed.values():
            self._connection.execute(_CHANGE_CASES, some)
        if cameras:
            self._connection.execute(_KEEP_CAMERAS, cameras)


def _new_id(now: datetime) -> CaseId:
    """A UUID of version 7 (RFC 9562): ids of one time stand side by side in the indexes of a million others."""
    milliseconds = int(now.timestamp() * 1000) & (2**48 - 1)
    chance = secrets.randbits(74)
    value = milliseconds << 80 | 0x7 << 76 | (chance >> 62) << 64 | 0b10 << 62 | chance & (2**62 - 1)
    return CaseId(str(uuid.UUID(int=value)))


def append(
    connection: Connection,
    case: Case | None,
    kind: CaseEventKind,
    at: datetime,
    now: datetime,
    actor: str,
    data: Mapping[str, Any],
) -> Case:
    """Write one event and the case that it makes; see ``Book.append``."""
    book = Book(connection)
    after = book.append(case, kind, at, now, actor, data)
    book.write()
    return after
