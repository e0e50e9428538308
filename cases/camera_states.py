"""What workers last said: the state of each camera, and what a worker has to say about itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from cases.cameras import ALL_IDS, CameraRecord, IdRange, camera_from_json
from cases.tables import camera, worker_notice
from cases.transactions import insert_new, insert_or_replace
from core.ids import CameraId


@dataclass(frozen=True, slots=True)
class WorkerNotice:
    """What a worker wants an operator to know, such as that its configuration file cannot be used."""

    worker_id: str
    text: str
    since: datetime


def put_states(connection: Connection, worker_id: str, cameras: Sequence[CameraRecord], now: datetime) -> None:
    """Keep what a worker says of its cameras; a removed one that is named again is back."""
    # In one order for all workers, so that no two wait for each other.
    newest = {record.camera_id: record for record in sorted(cameras, key=lambda record: record.camera_id)}
    rows = [
        {
            "camera_id": camera_id,
            "worker_id": worker_id,
            "status": record.as_json(),
            "updated_at": now,
            "removed_at": None,
        }
        for camera_id, record in newest.items()
    ]
    if rows:
        insert_or_replace(connection, camera, rows)


def make_known(connection: Connection, camera_id: CameraId, worker_id: str, address: str, now: datetime) -> None:
    """Reports of it are taken from now on, also when it is gone again before its worker has told of it."""
    record = CameraRecord(camera_id, "", address, "connecting", now)
    row = {"camera_id": camera_id, "worker_id": worker_id, "status": record.as_json(), "updated_at": now}
    insert_new(connection, camera, {**row, "removed_at": now})


def retire_unnamed(
    connection: Connection, worker_id: str, named: frozenset[str], now: datetime, within: IdRange = ALL_IDS
) -> int:
    """Cameras of the worker that it names no more are gone from the lists; how many have just gone.

    Args:
        within: what the report was about; of other ids it says nothing.
    """
    present = select(camera.c.camera_id).where(camera.c.worker_id == worker_id, camera.c.removed_at.is_(None))
    gone = sorted(name for name in set(connection.execute(present).scalars()) - named if within.holds(name))
    for camera_id in gone:
        connection.execute(update(camera).where(camera.c.camera_id == camera_id).values(removed_at=now))
    return len(gone)


def states(connection: Connection) -> tuple[CameraRecord, ...]:
    """Every camera that is there, by id."""
    present = select(camera).where(camera.c.removed_at.is_(None)).order_by(camera.c.camera_id)
    return tuple(camera_from_json(row.status, row.worker_id, row.updated_at) for row in connection.execute(present))


def state_of(connection: Connection, camera_id: CameraId) -> CameraRecord | None:
    """One camera; None where no worker told of it, or it was removed."""
    present = select(camera).where(camera.c.camera_id == camera_id, camera.c.removed_at.is_(None))
    row = connection.execute(present).one_or_none()
    return None if row is None else camera_from_json(row.status, row.worker_id, row.updated_at)


def put_notices(connection: Connection, worker_id: str, texts: Sequence[str], now: datetime) -> None:
    """Replace what a worker says of itself; the same words keep their time."""
    known = connection.execute(select(worker_notice).where(worker_notice.c.worker_id == worker_id)).one_or_none()
    if (known is None and not texts) or (known is not None and known.notices == list(texts)):
        return
    if texts:
        row = {"worker_id": worker_id, "notices": list(texts), "since": now}
        insert_or_replace(connection, worker_notice, [row])
    else:
        connection.execute(delete(worker_notice).where(worker_notice.c.worker_id == worker_id))


def notices(connection: Connection) -> tuple[WorkerNotice, ...]:
    """By worker, in the worker's own order."""
    rows = connection.execute(select(worker_notice).order_by(worker_notice.c.worker_id)).all()
    return tuple(WorkerNotice(row.worker_id, text, row.since) for row in rows for text in row.notices)
