"""Tables of this part of the case room; their migration is cases/outbound/migration.py."""

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text

from cases.tables import UtcDateTime, metadata

outbound_line = Table(
    "outbound_line",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("cursor", BigInteger, nullable=False),
    Column("head_tries", Integer, nullable=False),
    Column("failures_in_row", Integer, nullable=False),
    Column("first_failed_at", UtcDateTime),
    Column("next_try_at", UtcDateTime),
    Column("last_error", Text),
    Column("last_status", Integer),
    Column("last_sent_at", UtcDateTime),
    Column("paused_at", UtcDateTime),
    Column("paused_why", Text),
    Column("sent", BigInteger, nullable=False),
    Column("failed", BigInteger, nullable=False),
    Column("dead", BigInteger, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    comment="Who is told of the case events, and up to which event (cursor) they have been.",
)

webhook_endpoint = Table(
    "webhook_endpoint",
    metadata,
    Column("line_id", String(64), ForeignKey("outbound_line.id"), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("url", Text, nullable=False),
    Column("kinds", JSON, nullable=False),
    Column("categories", JSON, nullable=False),
    Column("secrets", JSON, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", String(256), nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("changed_by", String(256), nullable=False),
    comment="Addresses that get signed webhooks; secrets are sealed.",
)

dead_letter = Table(
    "dead_letter",
    metadata,
    Column("line_id", String(64), ForeignKey("outbound_line.id"), primary_key=True),
    Column("event_seq", BigInteger, primary_key=True, autoincrement=False),
    Column("case_id", String(36), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("first_failed_at", UtcDateTime, nullable=False),
    Column("died_at", UtcDateTime, nullable=False),
    Column("status", Integer),
    Column("error", Text, nullable=False),
    Column("replay_at", UtcDateTime),
    Index("ix_dead_letter_line_id_replay_at", "line_id", "replay_at"),
    comment="Events that a line gave up on; replay_at: asked to be sent once more.",
)

upper_case = Table(
    "upper_case",
    metadata,
    Column("line_id", String(64), ForeignKey("outbound_line.id"), primary_key=True),
    Column("case_id", String(36), primary_key=True),
    Column("case_number", String(32), nullable=False, index=True),
    Column("state", String(16), nullable=False),
    Column("upper_id", String(256)),
    Column("token", String(256)),
    Column("begun_at", UtcDateTime, nullable=False),
    Column("filed_at", UtcDateTime),
    Column("closed_at", UtcDateTime),
    comment="Which of our cases is which of the upper platform's.",
)

outbound_lease = Table(
    "outbound_lease",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("holder", String(128)),
    Column("held_until", UtcDateTime),
    comment="Which process sends at the moment; one at a time.",
)
