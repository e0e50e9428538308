"""Which case names which picture: gathered from the case events as they come, so that nothing else has to tell."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, select, update

from cases import tables
from cases.case import CaseState
from cases.keeping.rules import PictureUse
from cases.keeping.tables import keeping_job, picture_use
from cases.transactions import insert_new, writing

BATCH = 500
"""Case events gathered in one transaction."""
_SHA256 = re.compile(r"[0-9a-f]{64}")


def pictures_in(data: object) -> Iterator[str]:
    """Every SHA-256 in an event's data, wherever it stands: kinds of events are added, and none may be missed."""
    if isinstance(data, str):
        if _SHA256.fullmatch(data):
            yield data
    elif isinstance(data, Mapping):
        for key, value in data.items():
            if key != "model":  # weights have a SHA-256, too
                yield from pictures_in(value)
    elif isinstance(data, (list, tuple)):
        for value in data:
            yield from pictures_in(value)


def gather_all(engine: Engine) -> int:
    """Gather what was appended since the last time, in short transactions; returns how many events."""
    count = 0
    while True:
        with writing(engine) as connection:
            taken = gather(connection, BATCH)
        count += taken
        if taken < BATCH:
            return count


def gather(connection: Connection, limit: int | None = None) -> int:
    """Gather at most ``limit`` of the events not gathered yet; returns how many there were."""
    mark = connection.execute(
        select(keeping_job.c.indexed_seq).where(keeping_job.c.name == "purge").with_for_update()
    ).scalar_one()
    table = tables.case_event
    statement = (
        select(table.c.seq, table.c.case_id, table.c.at, table.c.data)
        .where(table.c.seq > mark)
        .order_by(table.c.seq)
        .limit(limit)
    )
    events = connection.execute(statement).all()
    for event in events:
        for sha256 in dict.fromkeys(pictures_in(event.data)):
            _note(connection, sha256, event.case_id, event.data.get("camera_id"), event.at)
    if events:
        connection.execute(update(keeping_job).where(keeping_job.c.name == "purge").values(indexed_seq=events[-1].seq))
    return len(events)


def _note(connection: Connection, sha256: str, case_id: str, camera_id: object, at: datetime) -> None:
    row = {
        "sha256": sha256,
        "case_id": case_id,
        "camera_id": camera_id if isinstance(camera_id, str) else None,
        "captured_at": at,
    }
    insert_new(connection, picture_use, row)


def uses_of(connection: Connection, pictures: Collection[str]) -> dict[str, list[PictureUse]]:
    """Every case that names each of these pictures."""
    case = tables.case
    statement = (
        select(picture_use, case.c.number, case.c.category, case.c.state, case.c.closed_at)
        .join(case, case.c.id == picture_use.c.case_id)
        .where(picture_use.c.sha256.in_(pictures))
        .order_by(picture_use.c.captured_at)
    )
    found: dict[str, list[PictureUse]] = {}
    for row in connection.execute(statement):
        is_open = row.state == CaseState.OPEN.value
        found.setdefault(row.sha256, []).append(_use(row, is_open))
    return found


def _use(row: Any, is_open: bool) -> PictureUse:
    return PictureUse(
        case_id=row.case_id,
        case_number=row.number,
        camera_id=row.camera_id,
        category=row.category,
        captured_at=row.captured_at,
        # A closed case without a moment of closing would be a fault of ours: it keeps its pictures.
        closed_at=None if is_open else row.closed_at,
    )


def used_before(
    connection: Connection, captured_before: datetime, after: tuple[datetime, str] | None, limit: int
) -> Sequence[tuple[datetime, str]]:
    """(captured_at, sha256) of pictures that closed cases name, oldest first, going on after a pair."""
    table, case = picture_use, tables.case
    statement = (
        select(table.c.captured_at, table.c.sha256)
        .join(case, case.c.id == table.c.case_id)
        .where(table.c.captured_at <= captured_before, case.c.state != CaseState.OPEN.value)
        .order_by(table.c.captured_at, table.c.sha256)
        .limit(limit)
    )
    if after is not None:
        at, sha256 = after
        statement = statement.where(
            (table.c.captured_at > at) | ((table.c.captured_at == at) & (table.c.sha256 > sha256))
        )
    return [(row.captured_at, row.sha256) for row in connection.execute(statement)]
