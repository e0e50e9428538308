"""The first tables: cases and their events, incidents taken in, evidence, cameras, keys."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "v0001"
down_revision = None
branch_labels = None
depends_on = None

UTC_MOMENT = sa.DateTime(timezone=True)

TABLES_LAST_FIRST = (
    "intake",
    "incident_binding",
    "case_camera",
    "session",
    "login_token",
    "evidence",
    "counter",
    "case_event",
    "case",
    "camera",
    "api_key",
)


def where(condition: str) -> dict[str, Any]:
    """A partial index, in SQLite and PostgreSQL alike."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


APPEND_ONLY_SQLITE = """
CREATE TRIGGER case_event_{verb} BEFORE {verb} ON case_event
BEGIN SELECT RAISE(ABORT, 'case_event is append-only'); END
"""
APPEND_ONLY_POSTGRESQL = (
    """
    CREATE FUNCTION case_event_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'case_event is append-only'; END $$
    """,
    """
    CREATE TRIGGER case_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON case_event
    FOR EACH STATEMENT EXECUTE FUNCTION case_event_append_only()
    """,
)


def upgrade() -> None:
    op.create_table(
        "api_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("key_sha256", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", UTC_MOMENT, nullable=False),
        sa.Column("expires_at", UTC_MOMENT, nullable=True),
        sa.Column("revoked_at", UTC_MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_api_key"),
        sa.UniqueConstraint("key_sha256", name="uq_api_key_key_sha256"),
    )
    op.create_index(
        "uq_api_key_name",
        "api_key",
        ["name"],
        unique=True,
        **where("revoked_at IS NULL"),
    )
    op.create_table(
        "camera",
        sa.Column("camera_id", sa.String(length=200), nullable=False),
        sa.Column("worker_id", sa.String(length=200), nullable=False),
        sa.Column("status", sa.JSON(), nullable=False),
        sa.Column("updated_at", UTC_MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("camera_id", name="pk_camera"),
    )
    op.create_table(
        "case",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("cell_id", sa.String(length=200), nullable=False),
        sa.Column("category", sa.String(length=200), nullable=False),
        sa.Column("zone", sa.String(length=32), nullable=True),
        sa.Column("unit", sa.String(length=256), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("opened_at", UTC_MOMENT, nullable=False),
        sa.Column("first_seen_at", UTC_MOMENT, nullable=False),
        sa.Column("last_seen_at", UTC_MOMENT, nullable=False),
        sa.Column("sighting_count", sa.Integer(), nullable=False),
        sa.Column("object_count", sa.Integer(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("cameras", sa.JSON(), nullable=False),
        sa.Column("presences", sa.JSON(), nullable=False),
        sa.Column("cleared_at", UTC_MOMENT, nullable=True),
        sa.Column("evidence", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("evidence_at", UTC_MOMENT, nullable=True),
        sa.Column("latest_evidence", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("latest_evidence_at", UTC_MOMENT, nullable=True),
        sa.Column("previous_case_id", sa.String(length=36), nullable=True),
        sa.Column("closed_at", UTC_MOMENT, nullable=True),
        sa.Column("close_reason", sa.String(length=32), nullable=True),
        sa.Column("close_note", sa.Text(), nullable=True),
        sa.Column("closed_by", sa.String(length=256), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("opened_seq", sa.BigInteger(), nullable=False),
        sa.Column("updated_seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_case"),
        sa.UniqueConstraint("number", name="uq_case_number"),
        sa.UniqueConstraint("opened_seq", name="uq_case_opened_seq"),
        comment="Each case as its events make it.",
    )
    op.create_index("ix_case_opened_at", "case", ["opened_at"], unique=False)
    op.create_index("ix_case_place", "case", ["cell_id", "category", "state", "opened_seq"], unique=False)
    op.create_index("ix_case_state_opened_seq", "case", ["state", "opened_seq"], unique=False)
    op.create_index(
        "uq_open_case",
        "case",
        ["cell_id", "category"],
        unique=True,
        **where("state = 'open'"),
    )
    op.create_table(
        "case_event",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("at", UTC_MOMENT, nullable=False),
        sa.Column("recorded_at", UTC_MOMENT, nullable=False),
        sa.Column("actor", sa.String(length=256), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_case_event"),
        comment="What happened; only ever appended (a trigger refuses anything else).",
    )
    op.create_index("ix_case_event_case_id", "case_event", ["case_id"], unique=False)
    op.create_table(
        "counter",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_counter"),
        comment="Numbers given out without gaps: event sequence, serials of a day's cases.",
    )
    op.create_table(
        "evidence",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(length=64), nullable=False),
        sa.Column("received_at", UTC_MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_evidence"),
    )
    op.create_table(
        "login_token",
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("expires_at", UTC_MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("token_sha256", name="pk_login_token"),
    )
    op.create_table(
        "session",
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", UTC_MOMENT, nullable=False),
        sa.Column("expires_at", UTC_MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("token_sha256", name="pk_session"),
    )
    op.create_table(
        "case_camera",
        sa.Column("camera_id", sa.String(length=200), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_case_camera_case_id"),
        sa.PrimaryKeyConstraint("camera_id", "case_id", name="pk_case_camera"),
        comment="Which cameras saw which case, for the list's filter.",
    )
    op.create_table(
        "incident_binding",
        sa.Column("incident_id", sa.String(length=200), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_incident_binding_case_id"),
        sa.PrimaryKeyConstraint("incident_id", name="pk_incident_binding"),
        comment="The case that an incident's next event goes to.",
    )
    op.create_table(
        "intake",
        sa.Column("idempotency_key", sa.String(length=256), nullable=False),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.Column("incident_id", sa.String(length=200), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("case_number", sa.String(length=32), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("event_seq", sa.BigInteger(), nullable=False),
        sa.Column("received_at", UTC_MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_intake_case_id"),
        sa.PrimaryKeyConstraint("idempotency_key", name="pk_intake"),
        comment="Every accepted posting and its receipt.",
    )
    op.create_index(
        "uq_intake_event",
        "intake",
        ["incident_id", "sequence"],
        unique=True,
        **where("outcome <> 'duplicate'"),
    )
    op.execute("INSERT INTO counter (name, value) VALUES ('case_event', 0)")
    if op.get_bind().dialect.name == "postgresql":
        for statement in APPEND_ONLY_POSTGRESQL:
            op.execute(statement)
    else:
        for verb in ("update", "delete"):
            op.execute(APPEND_ONLY_SQLITE.format(verb=verb))


def downgrade() -> None:
    for table in (
        "intake",
        "incident_binding",
        "case_camera",
        "session",
        "login_token",
        "evidence",
        "counter",
        "case_event",
        "case",
        "camera",
        "api_key",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION case_event_append_only()")
