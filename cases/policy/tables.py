"""Tables of this part of the case room; their migration is cases/migrations/versions/v0007_policy.py."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from cases.tables import UtcDateTime, metadata

RULES_COUNTER = "policy_rules"
"""Raised with every change of a rule, so that each process knows when to read them again."""

_STANDS = text("removed_at IS NULL")
_IS_FIRST = text("outcome <> 'duplicate'")
_LONG_ID = BigInteger().with_variant(Integer(), "sqlite")

policy_permit = Table(
    "policy_permit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", String(100), nullable=False),
    Column("name", String(200), nullable=False),
    Column("categories", JSON, nullable=False),
    Column("rings", JSON, nullable=False),
    Column("cells", JSON, nullable=False),
    Column("hours", JSON, nullable=False),
    Column("season", JSON(none_as_null=True)),
    Column("valid_from", Date),
    Column("valid_until", Date),
    Column("note", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("added_at", UtcDateTime, nullable=False),
    Column("added_by", String(256), nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("changed_by", String(256), nullable=False),
    Column("removed_at", UtcDateTime),
    Index("uq_policy_permit_number", "number", unique=True, sqlite_where=_STANDS, postgresql_where=_STANDS),
    comment="Permitted stall areas; a removed one stays, for decisions name it.",
)

policy_suppression = Table(
    "policy_suppression",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("category", String(200)),
    Column("camera_id", String(200)),
    Column("view_id", String(200)),
    Column("polygons", JSON, nullable=False),
    Column("cells", JSON, nullable=False),
    Column("reason", Text, nullable=False),
    Column("case_id", String(36)),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("added_at", UtcDateTime, nullable=False),
    Column("added_by", String(256), nullable=False),
    Column("removed_at", UtcDateTime),
    Column("removed_by", String(256)),
    Index("ix_policy_suppression_expires_at", "expires_at"),
    comment="What a person has rejected and need not see again for a while.",
)

policy_profile = Table(
    "policy_profile",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("name", String(200), nullable=False),
    Column("rank", Integer, nullable=False),
    Column("hours", JSON, nullable=False),
    Column("bars", JSON, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("changed_by", String(256), nullable=False),
    Column("removed_at", UtcDateTime),
    comment="How sure a candidate must be, by night, at peak hours and otherwise.",
)

policy_switch = Table(
    "policy_switch",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("category", String(200), nullable=False),
    Column("camera_id", String(200), nullable=False),
    Column("mode", String(16), nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("changed_by", String(256), nullable=False),
    UniqueConstraint("category", "camera_id"),
    comment="Whether candidates may be filed without a person; * is every category, or every camera.",
)

policy_decision = Table(
    "policy_decision",
    metadata,
    Column("id", _LONG_ID, primary_key=True, autoincrement=True),
    Column("decided_at", UtcDateTime, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("incident_id", String(200), nullable=False, index=True),
    Column("camera_id", String(200), nullable=False),
    Column("cell_id", String(200), nullable=False),
    Column("category", String(200), nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("rule", String(64), nullable=False),
    Column("case_id", String(36), index=True),
    Column("zh", Text, nullable=False),
    Column("en", Text, nullable=False),
    Column("trials", JSON, nullable=False),
    Column("elsewhere", Integer, nullable=False),
    Column("is_night", Boolean, nullable=False),
    Column("rules_version", BigInteger, nullable=False),
    Column("facts", JSON, nullable=False),
    Index("ix_policy_decision_camera_id_id", "camera_id", "id"),
    Index("ix_policy_decision_verdict_decided_at", "verdict", "decided_at"),
    comment="Each candidate's verdict with its rule.",
)

suppressed_intake = Table(
    "suppressed_intake",
    metadata,
    Column("idempotency_key", String(256), primary_key=True),
    Column("body_sha256", String(64), nullable=False),
    Column("incident_id", String(200), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("decision_id", BigInteger, nullable=False),
    Column("rule", String(64), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("received_at", UtcDateTime, nullable=False, index=True),
    Index(
        "uq_suppressed_intake_event",
        "incident_id",
        "sequence",
        unique=True,
        sqlite_where=_IS_FIRST,
        postgresql_where=_IS_FIRST,
    ),
    comment="Postings that made no case, and what their decision was: the same report is not judged twice.",
)

policy_review = Table(
    "policy_review",
    metadata,
    Column("case_id", String(36), primary_key=True),
    Column("camera_id", String(200), nullable=False),
    Column("category", String(200), nullable=False),
    Column("is_night", Boolean, nullable=False),
    Column("was_right", Boolean, nullable=False),
    Column("reviewed_at", UtcDateTime, nullable=False),
    Column("reviewed_by", String(256), nullable=False),
    Column("event_seq", BigInteger, nullable=False),
    Index("ix_policy_review_place", "camera_id", "category", "is_night", "event_seq"),
    comment="What people said of each candidate; the last word counts.",
)

policy_standing = Table(
    "policy_standing",
    metadata,
    Column("camera_id", String(200), primary_key=True),
    Column("category", String(200), primary_key=True),
    Column("is_night", Boolean, primary_key=True),
    Column("reviewed", Integer, nullable=False),
    Column("was_right", Integer, nullable=False),
    Column("files", Boolean, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    comment="The last reviews of a camera and category counted, and whether they let it file by itself.",
)
