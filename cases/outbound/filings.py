"""Which of our cases is which of an upper platform's; written down before the call, so that no restart forgets one."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, select, update

from cases.outbound.tables import upper_case
from cases.transactions import insert_or_replace, reading, writing
from core.clock import as_utc
from core.ids import CaseId

LARGEST_PAGE = 500


class FilingState(StrEnum):
    """How far a case has come upstream."""

    BEGUN = "begun"
    """It was sent and no answer is known: it may be there."""
    WAITING = "waiting"
    """The platform gave a token; the id follows."""
    HELD = "held"
    """Nobody knows whether it is there; a person decides, by replaying or discarding the dead letter."""
    FILED = "filed"
    CLOSED = "closed"
    """The platform was told that it is closed."""


@dataclass(frozen=True, slots=True)
class Filing:
    """One case on one upper platform."""

    line_id: str
    case_id: CaseId
    case_number: str
    state: FilingState
    upper_id: str | None
    token: str | None
    begun_at: datetime
    filed_at: datetime | None
    closed_at: datetime | None


class FilingStore:
    """Every method may raise ``DatabaseUnavailable``; threads may share one store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, line_id: str, case_id: CaseId) -> Filing | None:
        where = (upper_case.c.line_id == line_id) & (upper_case.c.case_id == case_id)
        with reading(self._engine) as connection:
            row = connection.execute(select(upper_case).where(where)).one_or_none()
        return None if row is None else _filing_of(row)

    def of_case(self, case_id: CaseId) -> tuple[Filing, ...]:
        """Where a case was filed."""
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(upper_case).where(upper_case.c.case_id == case_id).order_by(upper_case.c.line_id)
            )
            return tuple(_filing_of(row) for row in rows)

    def waiting(self, line_id: str, limit: int) -> tuple[Filing, ...]:
        """Those with a token and no id, the oldest first."""
        where = (upper_case.c.line_id == line_id) & (upper_case.c.state == FilingState.WAITING.value)
        with reading(self._engine) as connection:
            rows = connection.execute(select(upper_case).where(where).order_by(upper_case.c.begun_at).limit(limit))
            return tuple(_filing_of(row) for row in rows)

    def begin(self, line_id: str, case_id: CaseId, case_number: str, now: datetime) -> None:
        """It is about to be sent."""
        row = {
            "line_id": line_id,
            "case_id": case_id,
            "case_number": case_number,
            "state": FilingState.BEGUN.value,
            "upper_id": None,
            "token": None,
            "begun_at": as_utc(now),
            "filed_at": None,
            "closed_at": None,
        }
        with writing(self._engine) as connection:
            insert_or_replace(connection, upper_case, [row])

    def forget(self, line_id: str, case_id: CaseId) -> None:
        """It certainly did not get there."""
        with writing(self._engine) as connection:
            connection.execute(
                delete(upper_case).where(
                    upper_case.c.line_id == line_id,
                    upper_case.c.case_id == case_id,
                    upper_case.c.state == FilingState.BEGUN.value,
                )
            )

    def hold(self, line_id: str, case_id: CaseId) -> None:
        """A person decides."""
        with writing(self._engine) as connection:
            _set(connection, line_id, case_id, state=FilingState.HELD.value)

    def has_token(self, line_id: str, case_id: CaseId, token: str) -> None:
        with writing(self._engine) as connection:
            _set(connection, line_id, case_id, state=FilingState.WAITING.value, token=token)

    def filed(self, line_id: str, case_id: CaseId, upper_id: str, now: datetime) -> None:
        with writing(self._engine) as connection:
            _set(connection, line_id, case_id, state=FilingState.FILED.value, upper_id=upper_id, filed_at=as_utc(now))

    def closed(self, line_id: str, case_id: CaseId, now: datetime) -> None:
        with writing(self._engine) as connection:
            _set(connection, line_id, case_id, state=FilingState.CLOSED.value, closed_at=as_utc(now))


def _set(connection: Connection, line_id: str, case_id: CaseId, **values: object) -> None:
    where = (upper_case.c.line_id == line_id) & (upper_case.c.case_id == case_id)
    connection.execute(update(upper_case).where(where).values(**values))


def _filing_of(row: Row[Any]) -> Filing:
    return Filing(
        line_id=row.line_id,
        case_id=CaseId(row.case_id),
        case_number=row.case_number,
        state=FilingState(row.state),
        upper_id=row.upper_id,
        token=row.token,
        begun_at=row.begun_at,
        filed_at=row.filed_at,
        closed_at=row.closed_at,
    )
