"""The hashes of events from before there was a chain; as the chain stood in v0009, whatever the code does later."""

import hashlib
import json
from typing import Any

import sqlalchemy as sa

BATCH = 500
EVENT = sa.table(
    "case_event",
    sa.column("seq", sa.BigInteger()),
    sa.column("case_id", sa.String()),
    sa.column("kind", sa.String()),
    sa.column("at", sa.DateTime(timezone=True)),
    sa.column("recorded_at", sa.DateTime(timezone=True)),
    sa.column("actor", sa.String()),
    sa.column("data", sa.JSON()),
    sa.column("hash", sa.String()),
)
EVIDENCE = sa.table("evidence", sa.column("sha256", sa.String()), sa.column("kind", sa.String()))
KINDS = ("annotated", "crop", "original")
"""An original is told last: a picture that is both is sealed."""


def chain_old_events(connection: sa.Connection) -> None:
    """Give each event its hash, oldest first, and its pictures their kind, ``BATCH`` rows in memory at a time."""
    previous, seq = "0" * 64, -1
    fill = sa.update(EVENT).where(EVENT.c.seq == sa.bindparam("of_seq")).values(hash=sa.bindparam("new_hash"))
    while True:
        rows = connection.execute(sa.select(EVENT).where(EVENT.c.seq > seq).order_by(EVENT.c.seq).limit(BATCH)).all()
        if not rows:
            return
        hashes = []
        for row in rows:
            previous = _hash(previous, row)
            hashes.append({"of_seq": row.seq, "new_hash": previous})
        connection.execute(fill, hashes)
        _tell_kinds(connection, [row.data.get("evidence") or {} for row in rows])
        seq = rows[-1].seq


def _tell_kinds(connection: sa.Connection, named: list[dict[str, str]]) -> None:
    told = {str(refs[kind]): kind for kind in KINDS for refs in named if refs.get(kind)}
    if not told:
        return
    by_hash = sa.update(EVIDENCE).where(
        EVIDENCE.c.sha256 == sa.bindparam("of_sha256"), EVIDENCE.c.kind.is_distinct_from("original")
    )
    rows = [{"of_sha256": sha256, "new_kind": kind} for sha256, kind in told.items()]
    connection.execute(by_hash.values(kind=sa.bindparam("new_kind")), rows)


def _hash(previous: str, row: sa.Row[Any]) -> str:
    content = {
        "seq": row.seq,
        "case_id": row.case_id,
        "kind": row.kind,
        "at": _moment(row.at),
        "recorded_at": _moment(row.recorded_at),
        "actor": row.actor,
        "data": row.data,
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{previous}\n{canonical}".encode("ascii")).hexdigest()


def _moment(value: Any) -> str:
    """UTC to the microsecond; SQLite keeps UTC without saying so, PostgreSQL's sessions are in UTC."""
    text: str = value.isoformat(timespec="microseconds")
    return text if value.tzinfo is not None else f"{text}+00:00"
