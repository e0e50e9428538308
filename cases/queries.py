"""What the desk asks the case room, and what it gets."""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cases.case import Case, CaseState
from cases.life import Stage
from cases.sources import Source
from core.errors import CaseError
from core.ids import CameraId, CaseId, CategoryId, CellId

LARGEST_PAGE = 500


class CursorInvalid(CaseError):
    """A paging cursor that this service did not give out."""


class Outcome(StrEnum):
    """What became of a report."""

    OPENED = "opened"
    """It opened a case."""
    JOINED = "joined"
    """Its incident is new, and the violation already has an open case."""
    ATTACHED = "attached"
    """It went on the case that its incident belongs to, or as a late sighting on a closed one."""
    DUPLICATE = "duplicate"
    """It was known already; nothing was written."""
    SUPPRESSED = "suppressed"
    """Policy turned it away: no case, and the decision is kept."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to one report."""

    case_id: CaseId
    case_number: str
    outcome: Outcome
    event_seq: int
    """The last event the report wrote (for a duplicate: that of the first posting)."""


@dataclass(frozen=True, slots=True)
class Suppressed:
    """The answer to a report that made no case."""

    outcome: Outcome
    """``suppressed``, or ``duplicate`` where the same report was turned away before."""
    rule: str
    """Which one turned it away, e.g. ``permit:17``."""
    decision: int
    """The decision's number: ``GET /api/v1/policy/decisions``."""


class ListOrder(StrEnum):
    """Which cases come first."""

    NEWEST = "newest"
    OLDEST = "oldest"
    DUE = "due"
    """The nearest deadline; open cases that have one."""


@dataclass(frozen=True, slots=True)
class CaseQuery:
    """Which cases; every field narrows."""

    state: CaseState | None = None
    category: CategoryId | None = None
    cell_id: CellId | None = None
    camera_id: CameraId | None = None
    since: datetime | None = None
    """``opened_at`` at or after; aware."""
    until: datetime | None = None
    """``opened_at`` before; aware."""
    text: str | None = None
    """Part of the number, cell code or unit name, in any letter case."""
    text_cells: tuple[CellId, ...] = ()
    text_cameras: tuple[CameraId, ...] = ()
    """Cells and cameras whose names hold ``text``: what lies or was seen there fits it, too."""
    unit: str | None = None
    """The responsible unit's whole name."""
    stage: Stage | None = None
    source: Source | None = None
    """Who told of it first."""
    overdue_at: datetime | None = None
    """Open, its deadline has passed by then, and its unit had not reported in time; aware."""
    near_due_at: datetime | None = None
    """Open, nearly late by then, and not late yet; aware."""
    recurring: bool | None = None
    """Whether it repeats an earlier case."""
    zone: str | None = None
    """The cell's grade as the case keeps it."""
    confirmed: bool | None = None
    """Whether its candidate was found to be a case; False: turned away as a candidate. Neither is decided yet."""
    order: ListOrder = ListOrder.NEWEST


@dataclass(frozen=True, slots=True)
class CasePage:
    """Some cases, newest first, and where to go on (None: that was all)."""

    cases: tuple[Case, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class CaseCount:
    """How many cases are in one state in one category."""

    state: CaseState
    category: CategoryId
    count: int


def cursor_before(opened_seq: int) -> str:
    """An opaque place in the list: what was opened before this event."""
    return base64.urlsafe_b64encode(f"v1:{opened_seq}".encode()).decode().rstrip("=")


def opened_seq_of(cursor: str) -> int:
    """The place that a cursor names.

    Raises:
        CursorInvalid: it is not one of ours.
    """
    try:
        text = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)).decode("ascii")
        version, _, number = text.partition(":")
        if version != "v1" or not number.isdigit() or len(number) > 18:
            raise ValueError(text)
        return int(number)
    except (ValueError, binascii.Error) as error:
        raise CursorInvalid(f"cursor {cursor[:40]!a} is not one of ours; start again without a cursor") from error
