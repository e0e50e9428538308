"""Tables of this part of the case room; their migration is cases/migrations/versions/v0010_keeping.py."""

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

from cases.tables import UtcDateTime, metadata

picture_use = Table(
    "picture_use",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("case_id", String(36), primary_key=True),
    Column("camera_id", String(200)),
    Column("captured_at", UtcDateTime, nullable=False),
    Index("ix_picture_use_captured_at_sha256", "captured_at", "sha256"),
    comment="Which case names which picture, gathered from the case events; gone with the picture.",
)

removed_picture = Table(
    "removed_picture",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("sha256", String(64), nullable=False, index=True),
    Column("size", BigInteger, nullable=False),
    Column("removed_at", UtcDateTime, nullable=False),
    Column("why", String(16), nullable=False),
    Column("rule", Text, nullable=False),
    Column("case_numbers", Text, nullable=False),
    Column("captured_at", UtcDateTime),
    comment="Pictures that are kept no more: when they went and by which rule; only ever appended.",
)

keeping_job = Table(
    "keeping_job",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("holder", String(128)),
    Column("held_until", UtcDateTime),
    Column("indexed_seq", BigInteger, nullable=False),
    Column("last_run_at", UtcDateTime),
    Column("last_removed", Integer, nullable=False),
    comment="The purge: who runs it at the moment, how far the case events were gathered, when it last ended.",
)
