"""Tables of this part of the case room; their migration is cases/migrations/versions/v0005_workflow.py."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, String, Table

from cases.tables import UtcDateTime, metadata

case_command = Table(
    "case_command",
    metadata,
    Column("command_id", String(200), primary_key=True),
    Column("case_id", String(36), ForeignKey("case.id"), nullable=False),
    Column("body_sha256", String(64), nullable=False),
    Column("event_seq", BigInteger, nullable=False),
    Column("given_at", UtcDateTime, nullable=False),
    Index("ix_case_command_given_at", "given_at"),
    comment="Commands that came with a name of their own, so that a repeat does nothing.",
)

case_claim = Table(
    "case_claim",
    metadata,
    Column("case_id", String(36), ForeignKey("case.id"), primary_key=True),
    Column("holder", String(256), nullable=False),
    Column("claimed_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    comment="Which seat works on which case, for a while.",
)
