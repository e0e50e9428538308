"""A line to one receiver: how far it has come, and what holds it up."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row


class LineKind(StrEnum):
    """What a line leads to."""

    WEBHOOK = "webhook"
    UPPER = "upper"


@dataclass(frozen=True, slots=True)
class Line:
    """One receiver's progress through the case events."""

    id: str
    """``wh_…`` for a webhook endpoint, ``upper:<name>`` for an upper platform."""
    kind: LineKind
    cursor: int
    """The last event that was taken, given up, or is none of the receiver's business."""
    head_tries: int
    """Failed tries of the event after the cursor."""
    failures_in_row: int
    first_failed_at: datetime | None
    next_try_at: datetime | None
    last_error: str | None
    last_status: int | None
    last_sent_at: datetime | None
    paused_at: datetime | None
    paused_why: str | None
    sent: int
    failed: int
    """Tries that failed."""
    dead: int
    """Events ever given up."""
    created_at: datetime

    @property
    def is_paused(self) -> bool:
        return self.paused_at is not None


@dataclass(frozen=True, slots=True)
class LineStanding:
    """A line and what waits on it."""

    line: Line
    waiting: int
    """Events after the cursor; some may be none of the receiver's business."""
    waiting_since: datetime | None
    """When the oldest of them was written."""
    dead_letters: int


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event that a line gave up on."""

    line_id: str
    event_seq: int
    case_id: str
    tries: int
    first_failed_at: datetime
    died_at: datetime
    status: int | None
    error: str
    replay_at: datetime | None
    """When somebody asked to have it sent once more; None after that failed, too."""


def line_of(row: Row[Any]) -> Line:
    return Line(
        id=row.id,
        kind=LineKind(row.kind),
        cursor=row.cursor,
        head_tries=row.head_tries,
        failures_in_row=row.failures_in_row,
        first_failed_at=row.first_failed_at,
        next_try_at=row.next_try_at,
        last_error=row.last_error,
        last_status=row.last_status,
        last_sent_at=row.last_sent_at,
        paused_at=row.paused_at,
        paused_why=row.paused_why,
        sent=row.sent,
        failed=row.failed,
        dead=row.dead,
        created_at=row.created_at,
    )


def dead_letter_of(row: Row[Any]) -> DeadLetter:
    return DeadLetter(
        line_id=row.line_id,
        event_seq=row.event_seq,
        case_id=row.case_id,
        tries=row.tries,
        first_failed_at=row.first_failed_at,
        died_at=row.died_at,
        status=row.status,
        error=row.error,
        replay_at=row.replay_at,
    )
