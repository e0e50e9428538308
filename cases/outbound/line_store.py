"""What people see of the lines, and do with them: pause, resume, dead letters and their replay."""

from datetime import datetime

from sqlalchemy import Connection, Engine, delete, func, select, update

from cases.access.audit import record
from cases.outbound.errors import LetterUnknown, LineUnknown
from cases.outbound.lines import DeadLetter, Line, LineKind, LineStanding, dead_letter_of, line_of
from cases.outbound.tables import dead_letter, outbound_line
from cases.tables import case_event
from cases.transactions import insert_new, reading, writing

LARGEST_PAGE = 500
BY_HAND = "by hand"


class LineStore:
    """The lines of one database. Every method may raise ``DatabaseUnavailable``; threads may share one store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def lines(self) -> tuple[LineStanding, ...]:
        """Every line, by id."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(outbound_line).order_by(outbound_line.c.id)).all()
            return tuple(_standing(connection, line_of(row)) for row in rows)

    def line(self, line_id: str) -> LineStanding:
        """Raises: LineUnknown."""
        with reading(self._engine) as connection:
            return _standing(connection, _line(connection, line_id))

    def ensure(self, line_id: str, kind: LineKind, now: datetime) -> None:
        """A line that is there afterwards; a new one begins after the newest event."""
        with reading(self._engine) as connection:
            if connection.execute(select(outbound_line.c.id).where(outbound_line.c.id == line_id)).first():
                return
        with writing(self._engine) as connection:
            insert_new(connection, outbound_line, new_line(connection, line_id, kind, None, now))

    def pause(self, line_id: str, actor: str, now: datetime) -> LineStanding:
        """Send nothing more until ``resume``; events wait. Raises: LineUnknown."""
        with writing(self._engine) as connection:
            line = _line(connection, line_id)
            if not line.is_paused:
                mark_paused(connection, line_id, BY_HAND, now)
                record(connection, actor=actor, action="outbound.pause", subject=f"line:{line_id}", data={}, now=now)
            return _standing(connection, _line(connection, line_id))

    def resume(self, line_id: str, actor: str, now: datetime) -> LineStanding:
        """Go on, and at once, whatever the back-off says. Raises: LineUnknown."""
        with writing(self._engine) as connection:
            _line(connection, line_id)
            connection.execute(
                update(outbound_line)
                .where(outbound_line.c.id == line_id)
                .values(paused_at=None, paused_why=None, next_try_at=None, failures_in_row=0)
            )
            record(connection, actor=actor, action="outbound.resume", subject=f"line:{line_id}", data={}, now=now)
            return _standing(connection, _line(connection, line_id))

    def dead_letters(self, line_id: str, after: int = 0, limit: int = 50) -> tuple[DeadLetter, ...]:
        """Of one line, by event, those after event ``after``. Raises: LineUnknown."""
        with reading(self._engine) as connection:
            _line(connection, line_id)
            found = connection.execute(
                select(dead_letter)
                .where(dead_letter.c.line_id == line_id, dead_letter.c.event_seq > after)
                .order_by(dead_letter.c.event_seq)
                .limit(max(1, min(limit, LARGEST_PAGE)))
            )
            return tuple(dead_letter_of(row) for row in found)

    def replay(self, line_id: str, event_seq: int | None, actor: str, now: datetime) -> int:
        """Ask for one dead letter, or all, to be sent once more; how many were asked for.

        Raises:
            LineUnknown, LetterUnknown.
        """
        where = dead_letter.c.line_id == line_id
        if event_seq is not None:
            where &= dead_letter.c.event_seq == event_seq
        with writing(self._engine) as connection:
            _line(connection, line_id)
            asked = connection.execute(update(dead_letter).where(where).values(replay_at=now)).rowcount
            if event_seq is not None and asked == 0:
                raise _no_letter(line_id, event_seq)
            data = {"event": event_seq, "letters": asked}
            record(connection, actor=actor, action="outbound.replay", subject=f"line:{line_id}", data=data, now=now)
            return asked

    def discard(self, line_id: str, event_seq: int, actor: str, now: datetime) -> None:
        """Drop one dead letter for good. Raises: LineUnknown, LetterUnknown."""
        where = (dead_letter.c.line_id == line_id) & (dead_letter.c.event_seq == event_seq)
        with writing(self._engine) as connection:
            _line(connection, line_id)
            if connection.execute(delete(dead_letter).where(where)).rowcount == 0:
                raise _no_letter(line_id, event_seq)
            data = {"event": event_seq}
            record(connection, actor=actor, action="outbound.discard", subject=f"line:{line_id}", data=data, now=now)


def new_line(
    connection: Connection, line_id: str, kind: LineKind, after: int | None, now: datetime
) -> dict[str, object]:
    """The row of a line that begins after an event (None: after the newest)."""
    if after is None:
        after = connection.execute(select(func.coalesce(func.max(case_event.c.seq), 0))).scalar_one()
    return {
        "id": line_id,
        "kind": kind.value,
        "cursor": after,
        "head_tries": 0,
        "failures_in_row": 0,
        "sent": 0,
        "failed": 0,
        "dead": 0,
        "created_at": now,
    }


def mark_paused(connection: Connection, line_id: str, why: str, now: datetime) -> None:
    connection.execute(update(outbound_line).where(outbound_line.c.id == line_id).values(paused_at=now, paused_why=why))


def _line(connection: Connection, line_id: str) -> Line:
    row = connection.execute(select(outbound_line).where(outbound_line.c.id == line_id)).one_or_none()
    if row is None:
        raise LineUnknown(f"no line {line_id[:64]!a}; take its id from GET /api/v1/outbound")
    return line_of(row)


def _standing(connection: Connection, line: Line) -> LineStanding:
    newest = connection.execute(select(func.coalesce(func.max(case_event.c.seq), 0))).scalar_one()
    oldest = select(case_event.c.recorded_at).where(case_event.c.seq > line.cursor).order_by(case_event.c.seq).limit(1)
    letters = select(func.count()).select_from(dead_letter).where(dead_letter.c.line_id == line.id)
    return LineStanding(
        line,
        max(0, newest - line.cursor),
        connection.execute(oldest).scalar_one_or_none(),
        connection.execute(letters).scalar_one(),
    )


def _no_letter(line_id: str, event_seq: int) -> LetterUnknown:
    return LetterUnknown(
        f"line {line_id} has no dead letter for event {event_seq}; list them with "
        f"GET /api/v1/outbound/{line_id}/dead-letters"
    )
