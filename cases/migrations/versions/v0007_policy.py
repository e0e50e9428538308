"""Permits, suppressions, profiles, decisions, auto-filing."""

import sqlalchemy as sa
from alembic import op

revision = "v0007"
down_revision = "v0006"
branch_labels = None
depends_on = None

UTC_MOMENT = sa.DateTime(timezone=True)
LONG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STANDS = sa.text("removed_at IS NULL")
IS_FIRST = sa.text("outcome <> 'duplicate'")
TABLES = (
    "policy_standing",
    "policy_review",
    "suppressed_intake",
    "policy_decision",
    "policy_switch",
    "policy_profile",
    "policy_suppression",
    "policy_permit",
)


def upgrade() -> None:
    _rules()
    _decisions()
    _reviews()
    op.execute("INSERT INTO counter (name, value) VALUES ('policy_rules', 0)")


def downgrade() -> None:
    """Rules, decisions and reviews are lost; a report that a rule turned away is new to the older Gridpatrol."""
    for table in TABLES:
        op.drop_table(table)
    op.execute("DELETE FROM counter WHERE name = 'policy_rules'")


def _rules() -> None:
    op.create_table(
        "policy_permit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("rings", sa.JSON(), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("hours", sa.JSON(), nullable=False),
        sa.Column("season", sa.JSON(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("added_at", UTC_MOMENT, nullable=False),
        sa.Column("added_by", sa.String(length=256), nullable=False),
        sa.Column("changed_at", UTC_MOMENT, nullable=False),
        sa.Column("changed_by", sa.String(length=256), nullable=False),
        sa.Column("removed_at", UTC_MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_policy_permit"),
        comment="Permitted stall areas; a removed one stays, for decisions name it.",
    )
    op.create_index(
        "uq_policy_permit_number",
        "policy_permit",
        ["number"],
        unique=True,
        sqlite_where=STANDS,
        postgresql_where=STANDS,
    )
    op.create_table(
        "policy_suppression",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=200), nullable=True),
        sa.Column("camera_id", sa.String(length=200), nullable=True),
        sa.Column("view_id", sa.String(length=200), nullable=True),
        sa.Column("polygons", sa.JSON(), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=True),
        sa.Column("expires_at", UTC_MOMENT, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("added_at", UTC_MOMENT, nullable=False),
        sa.Column("added_by", sa.String(length=256), nullable=False),
        sa.Column("removed_at", UTC_MOMENT, nullable=True),
        sa.Column("removed_by", sa.String(length=256), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_policy_suppression"),
        comment="What a person has rejected and need not see again for a while.",
    )
    op.create_index("ix_policy_suppression_expires_at", "policy_suppression", ["expires_at"], unique=False)
    op.create_table(
        "policy_profile",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("hours", sa.JSON(), nullable=False),
        sa.Column("bars", sa.JSON(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", UTC_MOMENT, nullable=False),
        sa.Column("changed_by", sa.String(length=256), nullable=False),
        sa.Column("removed_at", UTC_MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_policy_profile"),
        comment="How sure a candidate must be, by night, at peak hours and otherwise.",
    )
    op.create_table(
        "policy_switch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=200), nullable=False),
        sa.Column("camera_id", sa.String(length=200), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("changed_at", UTC_MOMENT, nullable=False),
        sa.Column("changed_by", sa.String(length=256), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_policy_switch"),
        sa.UniqueConstraint("category", "camera_id", name="uq_policy_switch_category_camera_id"),
        comment="Whether candidates may be filed without a person; * is every category, or every camera.",
    )


def _decisions() -> None:
    op.create_table(
        "policy_decision",
        sa.Column("id", LONG_ID, autoincrement=True, nullable=False),
        sa.Column("decided_at", UTC_MOMENT, nullable=False),
        sa.Column("at", UTC_MOMENT, nullable=False),
        sa.Column("incident_id", sa.String(length=200), nullable=False),
        sa.Column("camera_id", sa.String(length=200), nullable=False),
        sa.Column("cell_id", sa.String(length=200), nullable=False),
        sa.Column("category", sa.String(length=200), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=True),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("trials", sa.JSON(), nullable=False),
        sa.Column("elsewhere", sa.Integer(), nullable=False),
        sa.Column("is_night", sa.Boolean(), nullable=False),
        sa.Column("rules_version", sa.BigInteger(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_policy_decision"),
        comment="Each candidate's verdict with its rule.",
    )
    for name, columns in (
        ("ix_policy_decision_incident_id", ["incident_id"]),
        ("ix_policy_decision_case_id", ["case_id"]),
        ("ix_policy_decision_camera_id_id", ["camera_id", "id"]),
        ("ix_policy_decision_verdict_decided_at", ["verdict", "decided_at"]),
    ):
        op.create_index(name, "policy_decision", columns, unique=False)
    op.create_table(
        "suppressed_intake",
        sa.Column("idempotency_key", sa.String(length=256), nullable=False),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.Column("incident_id", sa.String(length=200), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.BigInteger(), nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("received_at", UTC_MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("idempotency_key", name="pk_suppressed_intake"),
        comment="Postings that made no case, and what their decision was: the same report is not judged twice.",
    )
    op.create_index("ix_suppressed_intake_received_at", "suppressed_intake", ["received_at"], unique=False)
    op.create_index(
        "uq_suppressed_intake_event",
        "suppressed_intake",
        ["incident_id", "sequence"],
        unique=True,
        sqlite_where=IS_FIRST,
        postgresql_where=IS_FIRST,
    )


def _reviews() -> None:
    op.create_table(
        "policy_review",
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("camera_id", sa.String(length=200), nullable=False),
        sa.Column("category", sa.String(length=200), nullable=False),
        sa.Column("is_night", sa.Boolean(), nullable=False),
        sa.Column("was_right", sa.Boolean(), nullable=False),
        sa.Column("reviewed_at", UTC_MOMENT, nullable=False),
        sa.Column("reviewed_by", sa.String(length=256), nullable=False),
        sa.Column("event_seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name="pk_policy_review"),
        comment="What people said of each candidate; the last word counts.",
    )
    op.create_index(
        "ix_policy_review_place",
        "policy_review",
        ["camera_id", "category", "is_night", "event_seq"],
        unique=False,
    )
    op.create_table(
        "policy_standing",
        sa.Column("camera_id", sa.String(length=200), nullable=False),
        sa.Column("category", sa.String(length=200), nullable=False),
        sa.Column("is_night", sa.Boolean(), nullable=False),
        sa.Column("reviewed", sa.Integer(), nullable=False),
        sa.Column("was_right", sa.Integer(), nullable=False),
        sa.Column("files", sa.Boolean(), nullable=False),
        sa.Column("changed_at", UTC_MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("camera_id", "category", "is_night", name="pk_policy_standing"),
        comment="The last reviews of a camera and category counted, and whether they let it file by itself.",
    )
