"""The tables, as they stand after the newest migration (a test compares the two)."""

from datetime import datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

from core.clock import as_utc


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment in, the same moment in UTC out, on every engine; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment = as_utc(value)
        # SQLite keeps text without a zone: always UTC there, so that text order is time order.
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            from_text = value.isoformat() + "+00:00"
            return as_utc(datetime.fromisoformat(from_text))
        return as_utc(value)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_IS_OPEN = text("state = 'open'")
_IS_WAITING = text("stage = 'collected'")
_IS_DECISION = text("kind IN ('accepted', 'closed', 'undone')")
_IS_FIRST = text("outcome <> 'duplicate'")
_IS_VALID = text("revoked_at IS NULL")

counter = Table(
    "counter",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", BigInteger, nullable=False),
    comment="Numbers given out without gaps: event sequence, serials of a day's cases.",
)

case_event = Table(
    "case_event",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("case_id", String(36), nullable=False, index=True),
    Column("kind", String(32), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("actor", String(256), nullable=False),
    Column("data", JSON, nullable=False),
    Column("hash", String(64)),  # over the row and the hash before it: cases.access.chain
    Index(
        "ix_case_event_decisions",
        "actor",
        "recorded_at",
        sqlite_where=_IS_DECISION,
        postgresql_where=_IS_DECISION,
    ),
    comment="What happened; only ever appended (a trigger refuses anything else).",
)

case = Table(
    "case",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("number", String(32), nullable=False, unique=True),
    Column("cell_id", String(200), nullable=False),
    Column("category", String(200), nullable=False),
    Column("zone", String(32)),
    Column("unit", String(256)),
    Column("state", String(16), nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("last_seen_at", UtcDateTime, nullable=False),
    Column("sighting_count", Integer, nullable=False),
    Column("object_count", Integer, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("probability", Float),
    Column("cameras", JSON, nullable=False),
    Column("presences", JSON, nullable=False),
    Column("cleared_at", UtcDateTime),
    Column("evidence", JSON(none_as_null=True)),
    Column("evidence_at", UtcDateTime),
    Column("latest_evidence", JSON(none_as_null=True)),
    Column("latest_evidence_at", UtcDateTime),
    Column("previous_case_id", String(36)),
    Column("closed_at", UtcDateTime),
    Column("close_reason", String(32)),
    Column("close_note", Text),
    Column("closed_by", String(256)),
    Column("stage", String(16), nullable=False, server_default="collected"),
    Column("source", String(16), nullable=False, server_default="video_ai"),
    Column("reports", JSON(none_as_null=True)),
    Column("handler", String(256)),
    Column("due_at", UtcDateTime),
    Column("near_due_at", UtcDateTime),
    Column("deadline_rule", String(256)),
    Column("registered_at", UtcDateTime),
    Column("reported_at", UtcDateTime),
    Column("suspended_at", UtcDateTime),
    Column("extension_hours", Float),
    Column("extensions", Integer, nullable=False, server_default="0"),
    Column("reworks", Integer, nullable=False, server_default="0"),
    Column("recurrence", Integer, nullable=False, server_default="0"),
    Column("proposal", String(16)),
    Column("version", Integer, nullable=False),
    Column("opened_seq", BigInteger, nullable=False, unique=True),
    Column("updated_seq", BigInteger, nullable=False),
    Index("uq_open_case", "cell_id", "category", unique=True, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),
    Index("ix_case_place", "cell_id", "category", "state", "opened_seq"),
    Index("ix_case_state_opened_seq", "state", "opened_seq"),
    Index("ix_case_opened_at", "opened_at"),
    Index("ix_case_stage_opened_seq", "stage", "opened_seq"),
    Index(
        "ix_case_waiting_confidence",
        "confidence",
        "opened_seq",
        sqlite_where=_IS_WAITING,
        postgresql_where=_IS_WAITING,
    ),
    Index("ix_case_waiting_zone", "zone", "opened_seq", sqlite_where=_IS_WAITING, postgresql_where=_IS_WAITING),
    Index("ix_case_open_due_at", "due_at", sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),
    comment="Each case as its events make it.",
)

case_camera = Table(
    "case_camera",
    metadata,
    Column("camera_id", String(200), primary_key=True),
    Column("case_id", String(36), ForeignKey("case.id"), primary_key=True),
    comment="Which cameras saw which case, for the list's filter.",
)

incident_binding = Table(
    "incident_binding",
    metadata,
    Column("incident_id", String(200), primary_key=True),
    Column("case_id", String(36), ForeignKey("case.id"), nullable=False),
    comment="The case that an incident's next event goes to.",
)

intake = Table(
    "intake",
    metadata,
    Column("idempotency_key", String(256), primary_key=True),
    Column("body_sha256", String(64), nullable=False),
    Column("incident_id", String(200), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("case_id", String(36), ForeignKey("case.id"), nullable=False),
    Column("case_number", String(32), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("event_seq", BigInteger, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Index(
        "uq_intake_event",
        "incident_id",
        "sequence",
        unique=True,
        sqlite_where=_IS_FIRST,
        postgresql_where=_IS_FIRST,
    ),
    comment="Every accepted posting and its receipt.",
)

evidence = Table(
    "evidence",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("media_type", String(64), nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("kind", String(16)),  # original, annotated or crop; none: no event names it yet
)

camera = Table(
    "camera",
    metadata,
    Column("camera_id", String(200), primary_key=True),
    Column("worker_id", String(200), nullable=False),
    Column("status", JSON, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("removed_at", UtcDateTime),  # still known: what it saw may be on its way
)

camera_config = Table(
    "camera_config",
    metadata,
    Column("camera_id", String(200), primary_key=True),
    Column("worker_id", String(200), nullable=False, index=True),
    Column("section", JSON, nullable=False),
    Column("sealed", JSON, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("added_at", UtcDateTime, nullable=False),
    Column("added_by", String(256), nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("changed_by", String(256), nullable=False),
    comment="Cameras kept by the API; those of a configuration file are not here.",
)

camera_config_event = Table(
    "camera_config_event",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("camera_id", String(200), nullable=False, index=True),
    Column("kind", String(32), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(256), nullable=False),
    Column("data", JSON, nullable=False),
    comment="Who changed which camera; only ever appended (a trigger refuses anything else).",
)

worker_notice = Table(
    "worker_notice",
    metadata,
    Column("worker_id", String(200), primary_key=True),
    Column("notices", JSON, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    comment="What workers have to say about themselves, such as a configuration file that cannot be used.",
)

api_key = Table(
    "api_key",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("key_sha256", String(64), nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    UniqueConstraint("key_sha256"),
    Index("uq_api_key_name", "name", unique=True, sqlite_where=_IS_VALID, postgresql_where=_IS_VALID),
)

login_token = Table(
    "login_token",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("roles", JSON(none_as_null=True)),  # none: those of the scopes
)

session = Table(
    "session",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("roles", JSON(none_as_null=True)),  # none: those of the scopes, or of the person as they are now
    Column("login", String(64), index=True),  # of a person with a password; none: came by a one-time link
    Column("seen_at", UtcDateTime),
    Column("address", String(64)),
    Column("agent", String(200)),
)
