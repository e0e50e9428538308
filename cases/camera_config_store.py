"""The cameras of the database: each change one transaction, with its event."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, func, select

from cases.camera_configs import (
    MOST_CAMERAS,
    CameraConfig,
    CameraConfigEvent,
    CameraConfigEventKind,
    CameraDraft,
    CameraMovedOn,
    CameraTaken,
    CameraUnknown,
    WorkerCameras,
    changes,
)
from cases.camera_states import make_known
from cases.tables import camera_config, camera_config_event
from cases.transactions import insert_or_replace, next_value, reading, writing
from core.clock import as_utc
from core.ids import CameraId

COUNTER = "camera_config_event"


class CameraConfigStore:
    """Every method may raise ``DatabaseUnavailable``. Threads may share one store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, camera_id: CameraId) -> CameraConfig:
        """Raises: CameraUnknown."""
        with reading(self._engine) as connection:
            return _found(connection, camera_id)

    def all(self) -> tuple[CameraConfig, ...]:
        """By id."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(camera_config).order_by(camera_config.c.camera_id)).all()
        return tuple(_config_of(row) for row in rows)

    def tag(self) -> str:
        """Another one after every change of any camera."""
        with reading(self._engine) as connection:
            return _tag(connection)

    def of_worker(self, worker_id: str) -> WorkerCameras:
        """What a worker is to patrol, by id."""
        mine = select(camera_config).where(camera_config.c.worker_id == worker_id).order_by(camera_config.c.camera_id)
        with reading(self._engine) as connection:
            tag, rows = _tag(connection), connection.execute(mine).all()
        return WorkerCameras(tuple(_config_of(row) for row in rows), tag)

    def events_of(self, camera_id: CameraId, limit: int = 500) -> tuple[CameraConfigEvent, ...]:
        """A camera's last changes, oldest first; also those of one that was removed, or of the one before it."""
        table = camera_config_event
        of_camera = select(table).where(table.c.camera_id == camera_id).order_by(table.c.seq.desc()).limit(limit)
        with reading(self._engine) as connection:
            rows = connection.execute(of_camera).all()
        return tuple(
            CameraConfigEvent(
                row.seq, CameraId(row.camera_id), CameraConfigEventKind(row.kind), row.at, row.actor, row.data
            )
            for row in reversed(rows)
        )

    def add(self, drafts: Sequence[CameraDraft], actor: str, now: datetime) -> tuple[CameraConfig, ...]:
        """All of them or none.

        Raises:
            CameraTaken: an id is in use, or a worker would have more cameras than it may.
        """
        with writing(self._engine) as connection:
            return tuple(self._add(connection, draft, actor, now) for draft in drafts)

    def change(self, draft: CameraDraft, expected: int | None, actor: str, now: datetime) -> CameraConfig:
        """Put a camera's new form in the place of the old one; nothing is written when they are the same.

        Args:
            expected: the revision that the caller looked at; None changes whatever stands there now.

        Raises:
            CameraUnknown, CameraMovedOn.
        """
        with writing(self._engine) as connection:
            seq = next_value(connection, COUNTER)  # first, for it is also the turn to write
            before = _expected(connection, draft.camera_id, expected)
            if before.draft == draft:
                return before
            if draft.worker_id != before.worker_id:
                _refuse_crowd(connection, draft.worker_id)
            kind = _kind_of(before.draft, draft)
            return self._put(
                connection, CameraConfigEvent(seq, draft.camera_id, kind, as_utc(now), actor, {}), before, draft
            )

    def remove(self, camera_id: CameraId, expected: int | None, actor: str, now: datetime) -> None:
        """
        Raises:
            CameraUnknown, CameraMovedOn.
        """
        with writing(self._engine) as connection:
            seq = next_value(connection, COUNTER)
            before = _expected(connection, camera_id, expected)
            connection.execute(delete(camera_config).where(camera_config.c.camera_id == camera_id))
            data = changes(before.draft, None)
            _append(
                connection,
                CameraConfigEvent(seq, camera_id, CameraConfigEventKind.REMOVED, as_utc(now), actor, data),
            )

    def _add(self, connection: Connection, draft: CameraDraft, actor: str, now: datetime) -> CameraConfig:
        seq = next_value(connection, COUNTER)
        known = select(camera_config.c.camera_id).where(camera_config.c.camera_id == draft.camera_id)
        if connection.execute(known).first() is not None:
            raise CameraTaken(
                f"camera {draft.camera_id!r} is there already; mend: give another id, or change the one that is there"
            )
        _refuse_crowd(connection, draft.worker_id)
        make_known(connection, draft.camera_id, draft.worker_id, str(draft.section.get("url", "")), now)
        event = CameraConfigEvent(seq, draft.camera_id, CameraConfigEventKind.ADDED, as_utc(now), actor, {})
        return self._put(connection, event, None, draft)

    def _put(
        self, connection: Connection, event: CameraConfigEvent, before: CameraConfig | None, draft: CameraDraft
    ) -> CameraConfig:
        added_at, added_by = (event.at, event.actor) if before is None else (before.added_at, before.added_by)
        config = CameraConfig(
            camera_id=draft.camera_id,
            worker_id=draft.worker_id,
            section=dict(draft.section),
            sealed=dict(draft.sealed),
            enabled=draft.enabled,
            revision=event.seq,
            added_at=added_at,
            added_by=added_by,
            changed_at=event.at,
            changed_by=event.actor,
        )
        row = {column.name: getattr(config, column.name) for column in camera_config.columns}
        insert_or_replace(connection, camera_config, [row])
        data = changes(None if before is None else before.draft, draft)
        _append(connection, replace(event, data=data))
        return config


def _append(connection: Connection, event: CameraConfigEvent) -> None:
    connection.execute(
        camera_config_event.insert().values(
            seq=event.seq,
            camera_id=event.camera_id,
            kind=event.kind.value,
            at=event.at,
            actor=event.actor,
            data=dict(event.data),
        )
    )


def _tag(connection: Connection) -> str:
    """Made of the last event, not of its number alone: a database that was begun anew must not pass for the old one."""
    table = camera_config_event
    last = connection.execute(select(table).order_by(table.c.seq.desc()).limit(1)).first()
    told = "" if last is None else f"{last.seq} {last.at.isoformat()} {last.camera_id} {last.kind} {last.actor}"
    return hashlib.sha256(told.encode()).hexdigest()[:24]


def _found(connection: Connection, camera_id: CameraId) -> CameraConfig:
    row = connection.execute(select(camera_config).where(camera_config.c.camera_id == camera_id)).one_or_none()
    if row is None:
        raise CameraUnknown(f"no camera {camera_id[:100]!r} is kept by the API; mend: see the list of cameras")
    return _config_of(row)


def _expected(connection: Connection, camera_id: CameraId, expected: int | None) -> CameraConfig:
    config = _found(connection, camera_id)
    if expected is not None and expected != config.revision:
        raise CameraMovedOn(
            f"camera {camera_id!r} was changed by {config.changed_by} (revision {config.revision}, not {expected}); "
            "mend: read it again, then decide"
        )
    return config


def _refuse_crowd(connection: Connection, worker_id: str) -> None:
    held = select(func.count()).select_from(camera_config).where(camera_config.c.worker_id == worker_id)
    if connection.execute(held).scalar_one() >= MOST_CAMERAS:
        raise CameraTaken(f"worker {worker_id!r} has {MOST_CAMERAS} cameras; mend: give this one to another worker")


def _kind_of(before: CameraDraft, after: CameraDraft) -> CameraConfigEventKind:
    if replace(before, enabled=after.enabled) != after:
        return CameraConfigEventKind.CHANGED
    return CameraConfigEventKind.ENABLED if after.enabled else CameraConfigEventKind.DISABLED


def _config_of(row: Row[Any]) -> CameraConfig:
    return CameraConfig(
        camera_id=CameraId(row.camera_id),
        worker_id=row.worker_id,
        section=row.section,
        sealed=row.sealed,
        enabled=row.enabled,
        revision=row.revision,
        added_at=row.added_at,
        added_by=row.added_by,
        changed_at=row.changed_at,
        changed_by=row.changed_by,
    )
