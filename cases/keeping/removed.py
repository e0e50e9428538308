"""What was removed: which picture, when, why, by which rule."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, select

from cases.keeping.tables import removed_picture
from cases.transactions import next_value

COUNTER = "removed_picture"


class Why(StrEnum):
    """Why a picture is kept no more."""

    RETENTION = "retention"
    """Its days have passed."""
    UNREFERENCED = "unreferenced"
    """No case ever named it."""


@dataclass(frozen=True, slots=True)
class RemovedPicture:
    """One picture that is kept no more."""

    seq: int
    """Counts all removed pictures from 1, in the order of their removal."""
    sha256: str
    size: int
    """Bytes."""
    removed_at: datetime
    why: Why
    rule: str
    case_numbers: tuple[str, ...]
    captured_at: datetime | None
    """None where no case named it."""


def write(connection: Connection, going: RemovedPicture) -> RemovedPicture:
    """Note one removal, with its number; only after ``line_up``."""
    noted = replace(going, seq=next_value(connection, COUNTER))
    connection.execute(
        removed_picture.insert().values(
            seq=noted.seq,
            sha256=noted.sha256,
            size=noted.size,
            removed_at=noted.removed_at,
            why=noted.why.value,
            rule=noted.rule,
            case_numbers=" ".join(noted.case_numbers),
            captured_at=noted.captured_at,
        )
    )
    return noted


def newest_first(connection: Connection, before_seq: int | None, limit: int) -> tuple[RemovedPicture, ...]:
    """A page of what was removed, those before a sequence number."""
    table = removed_picture
    statement = select(table).order_by(table.c.seq.desc()).limit(limit)
    if before_seq is not None:
        statement = statement.where(table.c.seq < before_seq)
    return tuple(_of(row) for row in connection.execute(statement))


def among(connection: Connection, pictures: Collection[str]) -> dict[str, RemovedPicture]:
    """Which of these were removed, each with its newest removal."""
    table = removed_picture
    statement = select(table).where(table.c.sha256.in_(set(pictures))).order_by(table.c.seq)
    return {row.sha256: _of(row) for row in connection.execute(statement)}


def _of(row: Any) -> RemovedPicture:
    return RemovedPicture(
        seq=row.seq,
        sha256=row.sha256,
        size=row.size,
        removed_at=row.removed_at,
        why=Why(row.why),
        rule=row.rule,
        case_numbers=tuple(row.case_numbers.split()),
        captured_at=row.captured_at,
    )
