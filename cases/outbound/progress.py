"""What the sending process writes of a line; each write holds only while this process has the lease."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, delete, func, or_, select, update

from cases.case import Case, CaseEvent
from cases.outbound.errors import LineLost, NotDelivered
from cases.outbound.ladder import GiveUp, NextTry, Trouble
from cases.outbound.line_store import mark_paused
from cases.outbound.lines import DeadLetter, Line, dead_letter_of, line_of
from cases.outbound.tables import dead_letter, outbound_lease, outbound_line
from cases.rows import case_of, event_of
from cases.tables import case, case_event
from cases.transactions import insert_or_replace, reading, writing

PAGE = 100
LONGEST_ERROR = 1000
LEASE = "outbound"


class Progress:
    """The lines' progress, as one holder of the lease writes it."""

    def __init__(self, engine: Engine, holder: str) -> None:
        self._engine = engine
        self._holder = holder

    def lines(self) -> tuple[Line, ...]:
        """Lines that are not paused."""
        with reading(self._engine) as connection:
            found = connection.execute(
                select(outbound_line).where(outbound_line.c.paused_at.is_(None)).order_by(outbound_line.c.id)
            )
            return tuple(line_of(row) for row in found)

    def latest_seq(self) -> int:
        with reading(self._engine) as connection:
            return int(connection.execute(select(func.coalesce(func.max(case_event.c.seq), 0))).scalar_one())

    def lines_to_replay(self) -> frozenset[str]:
        """Ids of lines on which somebody asked for a dead letter."""
        asked = select(dead_letter.c.line_id).where(dead_letter.c.replay_at.is_not(None)).distinct()
        with reading(self._engine) as connection:
            return frozenset(connection.execute(asked).scalars())

    def events_after(self, seq: int) -> tuple[CaseEvent, ...]:
        """The next events of all cases, oldest first."""
        page = select(case_event).where(case_event.c.seq > seq).order_by(case_event.c.seq).limit(PAGE)
        with reading(self._engine) as connection:
            return tuple(event_of(row) for row in connection.execute(page))

    def event(self, seq: int) -> CaseEvent:
        with reading(self._engine) as connection:
            return event_of(connection.execute(select(case_event).where(case_event.c.seq == seq)).one())

    def case_of(self, event: CaseEvent) -> Case:
        """The event's case as it stands now."""
        with reading(self._engine) as connection:
            return case_of(connection.execute(select(case).where(case.c.id == event.case_id)).one())

    def next_replay(self, line_id: str) -> DeadLetter | None:
        """The oldest event that somebody asked for."""
        wanted = (
            select(dead_letter)
            .where(dead_letter.c.line_id == line_id, dead_letter.c.replay_at.is_not(None))
            .order_by(dead_letter.c.event_seq)
            .limit(1)
        )
        with reading(self._engine) as connection:
            row = connection.execute(wanted).one_or_none()
        return None if row is None else dead_letter_of(row)

    def moved(self, line_id: str, before: int, after: int, sent: int, now: datetime) -> None:
        """The cursor goes from ``before`` to ``after``; ``sent`` of the events between were taken.

        Raises:
            LineLost: the line is not where this process left it, or not this process's.
        """
        told = {"last_sent_at": now, "last_error": None, "last_status": None} if sent else {}
        values = {"cursor": after, "sent": outbound_line.c.sent + sent, **told}
        if sent:
            values |= {"failures_in_row": 0}
        with writing(self._engine) as connection:
            self._update(connection, line_id, before, values | _fresh_head())

    def failed(self, line: Line, failure: NotDelivered, trouble: Trouble, verdict: NextTry, now: datetime) -> None:
        """The event after the line's cursor was not taken, and is tried again. Raises: LineLost."""
        values = {
            "head_tries": trouble.tries,
            "failures_in_row": trouble.failures_in_row,
            "first_failed_at": trouble.first_failed_at,
            "next_try_at": verdict.at,
            "failed": outbound_line.c.failed + 1,
            "last_error": str(failure)[:LONGEST_ERROR],
            "last_status": failure.status,
        }
        with writing(self._engine) as connection:
            self._update(connection, line.id, line.cursor, values)
            if failure.is_gone:
                why = "the receiver asked not to be called again (410)"
                mark_paused(connection, line.id, why, now)

    def gave_up(
        self,
        line: Line,
        event: CaseEvent,
        failure: NotDelivered,
        trouble: Trouble,
        verdict: GiveUp,
        most_letters: int,
        now: datetime,
    ) -> bool:
        """The event becomes a dead letter; False where the line has too many and was paused instead.

        Raises:
            LineLost: see ``moved``.
        """
        letters = select(func.count()).select_from(dead_letter).where(dead_letter.c.line_id == line.id)
        told = {"last_error": str(failure)[:LONGEST_ERROR], "last_status": failure.status}
        with writing(self._engine) as connection:
            if connection.execute(letters).scalar_one() >= most_letters:
                self._update(connection, line.id, line.cursor, {"failed": outbound_line.c.failed + 1, **told})
                mark_paused(
                    connection, line.id, f"{most_letters} dead letters; replay or discard them, then resume", now
                )
                return False
            values = {
                "cursor": event.seq,
                "failures_in_row": 0 if failure.is_refusal or failure.is_final else trouble.failures_in_row,
                "failed": outbound_line.c.failed + 1,
                "dead": outbound_line.c.dead + 1,
                **told,
                **_fresh_head(),
                "next_try_at": verdict.line_goes_on_at if verdict.line_goes_on_at > now else None,
            }
            self._update(connection, line.id, line.cursor, values)
            row = {
                "line_id": line.id,
                "event_seq": event.seq,
                "case_id": event.case_id,
                "tries": trouble.tries,
                "first_failed_at": trouble.first_failed_at,
                "died_at": now,
                "status": failure.status,
                "error": str(failure)[:LONGEST_ERROR],
                "replay_at": None,
            }
            insert_or_replace(connection, dead_letter, [row])
            return True

    def replayed(self, letter: DeadLetter, now: datetime) -> None:
        """The dead letter was taken. Raises: LineLost."""
        values = {"sent": outbound_line.c.sent + 1, "last_sent_at": now}
        with writing(self._engine) as connection:
            self._update(connection, letter.line_id, None, values)
            connection.execute(delete(dead_letter).where(_is(letter)))

    def replay_failed(self, letter: DeadLetter, failure: NotDelivered, now: datetime) -> None:
        """It stays dead, with the newest reason, until somebody asks again. Raises: LineLost."""
        told = {"status": failure.status, "error": str(failure)[:LONGEST_ERROR], "died_at": now}
        values = {"failed": outbound_line.c.failed + 1}
        with writing(self._engine) as connection:
            self._update(connection, letter.line_id, None, values)
            connection.execute(
                update(dead_letter).where(_is(letter)).values(replay_at=None, tries=dead_letter.c.tries + 1, **told)
            )

    def take_lease(self, now: datetime, until: datetime) -> bool:
        """Take the lease, or renew one's own; False while another process sends."""
        table = outbound_lease
        is_free = or_(table.c.holder.is_(None), table.c.holder == self._holder, table.c.held_until <= now)
        taken = update(table).where(table.c.name == LEASE, is_free).values(holder=self._holder, held_until=until)
        with writing(self._engine) as connection:
            return connection.execute(taken).rowcount == 1

    def give_back_lease(self) -> None:
        table = outbound_lease
        back = update(table).where(table.c.name == LEASE, table.c.holder == self._holder)
        with writing(self._engine) as connection:
            connection.execute(back.values(holder=None, held_until=None))

    def _update(self, connection: Connection, line_id: str, cursor: int | None, values: Mapping[str, Any]) -> None:
        mine = (
            select(outbound_lease.c.name)
            .where(outbound_lease.c.name == LEASE, outbound_lease.c.holder == self._holder)
            .exists()
        )
        where: ColumnElement[bool] = (outbound_line.c.id == line_id) & mine
        if cursor is not None:
            where &= outbound_line.c.cursor == cursor
        if connection.execute(update(outbound_line).where(where).values(**values)).rowcount != 1:
            raise LineLost(f"line {line_id}: another process sends now, or the line was removed")


def _fresh_head() -> dict[str, object]:
    return {"head_tries": 0, "first_failed_at": None, "next_try_at": None}


def _is(letter: DeadLetter) -> ColumnElement[bool]:
    return (dead_letter.c.line_id == letter.line_id) & (dead_letter.c.event_seq == letter.event_seq)
