"""The candidates that wait for a person, in the order in which a seat wants them; always by keys, never by counting."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, and_, func, literal_column, or_, select

from cases.case import Case, CaseEvent, CaseEventKind
from cases.life import Stage
from cases.queries import CursorInvalid
from cases.rows import case_of, event_of
from cases.tables import case as table
from cases.tables import case_camera, case_event
from cases.transactions import reading
from core.ids import CameraId, CategoryId

IS_WAITING: ColumnElement[bool] = table.c.stage == literal_column(f"'{Stage.COLLECTED.value}'")
"""Written out: SQLite uses its partial indexes only where the statement itself says so."""
MOST_COUNTED = 1000
LARGEST_PAGE = 200
MOST_NEAR = 12
BEFORE_WITHIN = timedelta(days=1)
"""A picture older than this shows another street: stalls move, light changes."""
_BANDS: tuple[ColumnElement[bool], ...] = (
    table.c.zone == "strict",
    table.c.zone == "controlled",
    or_(table.c.zone.is_(None), table.c.zone.not_in(["strict", "controlled"])),
)


class WaitingOrder(StrEnum):
    """Which candidates come first."""

    OLDEST = "oldest"
    NEWEST = "newest"
    SUREST = "surest"
    """Where the model was the surest; what is measured of that figure rises with it."""
    URGENT = "urgent"
    """Strict zones, then controlled ones, then the rest; the oldest first in each."""


@dataclass(frozen=True, slots=True)
class WaitingQuery:
    """Which of them; every field narrows."""

    order: WaitingOrder = WaitingOrder.OLDEST
    category: CategoryId | None = None
    camera_id: CameraId | None = None
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class WaitingPage:
    """Some of them, and where to go on (empty: that was all)."""

    cases: tuple[Case, ...]
    next_cursor: str


def waiting(engine: Engine, query: WaitingQuery, cursor: str = "", limit: int = 50) -> WaitingPage:
    """A page of candidates.

    Raises:
        CursorInvalid: the cursor is not one of ours, or of another order.
    """
    limit = max(1, min(limit, LARGEST_PAGE))
    found: list[Case] = []
    band, key, seq = _place(cursor, query.order)
    with reading(engine) as connection:
        while len(found) <= limit:
            statement = _behind(_narrowed(select(table), query), query.order, band, key, seq)
            rows = connection.execute(statement.limit(limit + 1 - len(found))).all()
            found += [case_of(row) for row in rows]
            band, key, seq = band + 1, None, None
            if query.order is not WaitingOrder.URGENT or band >= len(_BANDS):
                break
    more = len(found) > limit
    return WaitingPage(tuple(found[:limit]), _cursor(query.order, found[limit - 1]) if more else "")


def count_waiting(engine: Engine, query: WaitingQuery) -> Mapping[str, int]:
    """How many wait by category, among the ``MOST_COUNTED`` oldest that the query asks for."""
    some = _narrowed(select(table.c.category), query).order_by(table.c.opened_seq).limit(MOST_COUNTED).subquery()
    counted = select(some.c.category, func.count().label("cases")).group_by(some.c.category).order_by(some.c.category)
    with reading(engine) as connection:
        return {row.category: row.cases for row in connection.execute(counted)}


def open_near(engine: Engine, case: Case, cells: tuple[str, ...]) -> tuple[Case, ...]:
    """Other open cases in these cells, candidates among them, the newest first; ``MOST_NEAR`` at most."""
    statement = select(table).where(table.c.state == "open", table.c.cell_id.in_(cells), table.c.id != case.id)
    with reading(engine) as connection:
        rows = connection.execute(statement.order_by(table.c.opened_seq.desc()).limit(MOST_NEAR)).all()
    return tuple(case_of(row) for row in rows)


def picture_before(engine: Engine, case: Case, opening: CaseEvent) -> CaseEvent | None:
    """The last picture through the same view from before the candidate was first seen, whatever it was kept for.

    Returns:
        Its event; None where none is kept from the day before.
    """
    camera, view = opening.camera_id, opening.data.get("view_id")
    if camera is None:
        return None
    kinds = [CaseEventKind.OPENED.value, CaseEventKind.SEEN.value, CaseEventKind.CLEARED.value]
    of_camera = (
        select(case_camera.c.case_id)
        .join(table, table.c.id == case_camera.c.case_id)
        .where(case_camera.c.camera_id == camera, table.c.last_seen_at >= case.first_seen_at - BEFORE_WITHIN)
    )
    statement = (
        select(case_event)
        .where(
            case_event.c.case_id.in_(of_camera),
            case_event.c.kind.in_(kinds),
            case_event.c.at < case.first_seen_at,
            case_event.c.at >= case.first_seen_at - BEFORE_WITHIN,
        )
        .order_by(case_event.c.at.desc())
        .limit(20)
    )
    with reading(engine) as connection:
        events = [event_of(row) for row in connection.execute(statement)]
    return next((each for each in events if each.evidence is not None and each.data.get("view_id") == view), None)


def _narrowed(statement: Select[Any], query: WaitingQuery) -> Select[Any]:
    statement = statement.where(IS_WAITING)
    if query.category is not None:
        statement = statement.where(table.c.category == query.category)
    if query.zone is not None:
        statement = statement.where(table.c.zone == query.zone)
    if query.camera_id is not None:
        seen = select(case_camera.c.case_id).where(case_camera.c.camera_id == query.camera_id)
        statement = statement.where(table.c.id.in_(seen))
    return statement


def _behind(statement: Select[Any], order: WaitingOrder, band: int, key: float | None, seq: int | None) -> Select[Any]:
    column = table.c.opened_seq
    if order is WaitingOrder.NEWEST:
        statement = statement.order_by(column.desc())
        return statement if seq is None else statement.where(column < seq)
    if order is WaitingOrder.SUREST:
        sure = table.c.confidence
        statement = statement.order_by(sure.desc(), column.desc())
        if key is None or seq is None:
            return statement
        return statement.where(sure <= key, or_(sure < key, and_(sure == key, column < seq)))
    if order is WaitingOrder.URGENT:
        statement = statement.where(_BANDS[band])
    statement = statement.order_by(column)
    return statement if seq is None else statement.where(column > seq)


def _cursor(order: WaitingOrder, case: Case) -> str:
    band = {"strict": 0, "controlled": 1}.get(case.zone or "", 2) if order is WaitingOrder.URGENT else 0
    text = f"{order.value}|{band}|{case.confidence!r}|{case.opened_seq}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _place(cursor: str, order: WaitingOrder) -> tuple[int, float | None, int | None]:
    if not cursor:
        return 0, None, None
    try:
        text = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)).decode("ascii")
        name, band, key, seq = text.split("|")
        if name != order.value or not seq.isdigit() or len(seq) > 18 or band not in ("0", "1", "2"):
            raise ValueError(text)
        return int(band), float(key), int(seq)
    except (ValueError, binascii.Error) as error:
        raise CursorInvalid(f"cursor {cursor[:40]!a} is not one of ours; start again without a cursor") from error
