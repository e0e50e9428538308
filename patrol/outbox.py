"""The worker's durable memory: what must reach the API, and what the grid room knew.

One SQLite file. A look's new dedupe state and the incidents it caused are written in one
transaction, so a killed worker neither loses an incident nor makes it twice.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from core.clock import isoformat_z
from core.errors import PatrolError
from core.ids import CameraId, ViewId
from patrol.worker_lock import WorkerLock

SCHEMA = """
CREATE TABLE IF NOT EXISTS outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    idempotency_key TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL,
    created_at TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    refused TEXT
);
CREATE TABLE IF NOT EXISTS picture (
    outbox_id INTEGER NOT NULL REFERENCES outbox(id) ON DELETE CASCADE,
    sha256 TEXT NOT NULL,
    jpeg BLOB NOT NULL,
    PRIMARY KEY (outbox_id, sha256)
);
CREATE TABLE IF NOT EXISTS view_state (
    view_id TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    captured_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS camera_count (
    camera_id TEXT PRIMARY KEY,
    analysed INTEGER NOT NULL DEFAULT 0,
    incidents INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS outbox_waiting ON outbox(id) WHERE refused IS NULL;
"""


class OutboxError(PatrolError):
    """The worker's own file cannot be written; nothing was taken as delivered."""


@dataclass(frozen=True, slots=True)
class Message:
    """One incident on its way out, with the pictures the API must hold before it."""

    idempotency_key: str
    body: Mapping[str, object]
    pictures: Mapping[str, bytes]
    """SHA-256 hex -> JPEG bytes."""


@dataclass(frozen=True, slots=True)
class LookKept:
    """What one view knows after its newest look."""

    camera_id: CameraId
    view_id: ViewId
    state: str
    captured_at: datetime
    looks: int = 1
    """Taken since the state that was kept before."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message as the outbox holds it."""

    id: int
    message: Message
    attempts: int


@dataclass(frozen=True, slots=True)
class Progress:
    """What the worker has done since its file was made."""

    watched_until: Mapping[ViewId, datetime]
    """Capture time of each view's last look."""
    looks: Mapping[CameraId, int]
    incidents: int
    """Incidents opened, before any joining of cases."""


def opened(path: Path) -> sqlite3.Connection:
    """The file with its tables; closed again when it is no outbox."""
    db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=10)
    try:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            db.execute(f"PRAGMA {pragma}")
        db.executescript(SCHEMA)
    except sqlite3.Error:
        db.close()
        raise
    return db


class Outbox:
    """Thread-safe; short transactions, full durability (``synchronous=FULL``).

    One connection writes, another reads, so that nobody who asks waits for the disk.

    Args:
        lock: keeps a second worker away; let go with the outbox.
    """

    def __init__(self, path: Path, lock: WorkerLock | None = None) -> None:
        self._path = path
        self._holder = lock
        self._lock = threading.Lock()
        self._reading = threading.Lock()
        self.arrived = threading.Event()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = opened(path)
            self._reader = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=10)
        except (OSError, sqlite3.Error) as error:
            raise OutboxError(
                f"{path}: the worker's outbox cannot be opened: {error}; check the folder's rights and space"
            ) from error

    def close(self) -> None:
        with self._lock, self._reading:
            self._db.close()
            self._reader.close()
        if self._holder is not None:
            self._holder.release()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                try:
                    yield self._db
                    self._db.execute("COMMIT")
                except BaseException:
                    if self._db.in_transaction:  # a full disk has rolled back by itself
                        self._db.execute("ROLLBACK")
                    raise
            except sqlite3.Error as error:
                raise OutboxError(
                    f"{self._path}: {error}; free disk space or mend the file's rights, nothing was lost"
                ) from error

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        with self._reading:
            try:
                return self._reader.execute(query).fetchall()
            except sqlite3.Error as error:
                raise OutboxError(f"{self._path}: {error}; mend the file's rights or the disk") from error

    def commit_looks(self, looks: Sequence[LookKept], messages: tuple[Message, ...], now: datetime) -> None:
        """Keep looks' outcome: the views' new states, and the incidents they caused, or nothing of it."""
        with self._transaction() as db:
            db.executemany(
                "INSERT INTO view_state VALUES (?,?,?) ON CONFLICT(view_id) DO UPDATE SET"
                " state=excluded.state, captured_at=excluded.captured_at",
                [(look.view_id, look.state, isoformat_z(look.captured_at)) for look in looks],
            )
            db.executemany(
                "INSERT INTO camera_count VALUES (?,?,0) ON CONFLICT(camera_id) DO UPDATE SET"
                " analysed=analysed+excluded.analysed",
                [(look.camera_id, look.looks) for look in looks],
            )
            opened = [(message.body["camera_id"],) for message in messages if message.body["kind"] == "opened"]
            db.executemany("UPDATE camera_count SET incidents=incidents+1 WHERE camera_id=?", opened)
            for message in messages:
                row = db.execute(
                    "INSERT INTO outbox(idempotency_key, body, created_at) VALUES (?,?,?)"
                    " ON CONFLICT DO NOTHING RETURNING id",
                    (message.idempotency_key, json.dumps(message.body, ensure_ascii=False), isoformat_z(now)),
                ).fetchone()
                if row is not None:
                    db.executemany(
                        "INSERT INTO picture VALUES (?,?,?) ON CONFLICT DO NOTHING",
                        [(row[0], sha256, jpeg) for sha256, jpeg in message.pictures.items()],
                    )
        if messages:
            self.arrived.set()

    def next_waiting(self) -> Waiting | None:
        """The oldest message not yet delivered; order is kept so that ``opened`` goes before ``seen``."""
        with self._transaction() as db:
            row = db.execute(
                "SELECT id, idempotency_key, body, attempts FROM outbox WHERE refused IS NULL ORDER BY id LIMIT 1"
            ).fetchone()
            if row is None:
                self.arrived.clear()
                return None
            pictures = dict(db.execute("SELECT sha256, jpeg FROM picture WHERE outbox_id=?", (row[0],)).fetchall())
        return Waiting(row[0], Message(row[1], json.loads(row[2]), pictures), row[3])

    def delivered(self, waiting_id: int) -> None:
        """The API has it: forget it."""
        with self._transaction() as db:
            db.execute("DELETE FROM outbox WHERE id=?", (waiting_id,))

    def failed(self, waiting_id: int) -> None:
        """Not delivered this time; it keeps its place."""
        with self._transaction() as db:
            db.execute("UPDATE outbox SET attempts=attempts+1 WHERE id=?", (waiting_id,))

    def refused(self, waiting_id: int, reason: str) -> None:
        """The API will never take it: set aside with the reason, so that the rest moves on."""
        with self._transaction() as db:
            db.execute("UPDATE outbox SET refused=?, attempts=attempts+1 WHERE id=?", (reason, waiting_id))

    def waiting_count(self) -> int:
        return int(self._rows("SELECT count(*) FROM outbox WHERE refused IS NULL")[0][0])

    def requeue(self, keys: Sequence[str]) -> int:
        """Messages set aside are sent again, each in its old place; how many there were.

        Args:
            keys: their idempotency keys.
        """
        with self._transaction() as db:
            done = [
                db.execute("UPDATE outbox SET refused=NULL WHERE idempotency_key=? AND refused IS NOT NULL", (key,))
                for key in keys
            ]
            found = sum(cursor.rowcount for cursor in done)
        self.arrived.set()
        return found

    def refusals(self) -> list[tuple[str, str]]:
        """(idempotency key, reason) of every message set aside."""
        rows = self._rows("SELECT idempotency_key, refused FROM outbox WHERE refused IS NOT NULL ORDER BY id")
        return [(key, reason) for key, reason in rows]

    def view_states(self) -> dict[ViewId, str]:
        """What the grid room knew when the worker last looked."""
        return {ViewId(view): state for view, state in self._rows("SELECT view_id, state FROM view_state")}

    def forget_views(self, view_ids: Sequence[ViewId]) -> None:
        """Views that are gone take no room; what they found stays until it is delivered."""
        with self._transaction() as db:
            db.executemany("DELETE FROM view_state WHERE view_id=?", [(view_id,) for view_id in view_ids])
            db.executemany("DELETE FROM camera_count WHERE camera_id=?", [(view_id,) for view_id in view_ids])

    def progress(self) -> Progress:
        """How far the worker has looked."""
        last = self._rows("SELECT view_id, captured_at FROM view_state")
        counts = self._rows("SELECT camera_id, analysed, incidents FROM camera_count")
        return Progress(
            {ViewId(view): datetime.fromisoformat(at) for view, at in last},
            {CameraId(camera): analysed for camera, analysed, _ in counts},
            sum(incidents for _, _, incidents in counts),
        )
