"""A case's seven stages: stage, deadline, links; commands given once; claims."""

import sqlalchemy as sa
from alembic import op

revision = "v0005"
down_revision = "v0004"
branch_labels = None
depends_on = None

UTC_MOMENT = sa.DateTime(timezone=True)
IS_OPEN = sa.text("state = 'open'")


def added() -> list[sa.Column[object]]:
    return [
        sa.Column("stage", sa.String(length=16), nullable=False, server_default="collected"),
        sa.Column("source", sa.String(length=16), nullable=False, server_default="video_ai"),
        sa.Column("reports", sa.JSON(), nullable=True),
        sa.Column("handler", sa.String(length=256), nullable=True),
        sa.Column("due_at", UTC_MOMENT, nullable=True),
        sa.Column("near_due_at", UTC_MOMENT, nullable=True),
        sa.Column("deadline_rule", sa.String(length=256), nullable=True),
        sa.Column("registered_at", UTC_MOMENT, nullable=True),
        sa.Column("reported_at", UTC_MOMENT, nullable=True),
        sa.Column("suspended_at", UTC_MOMENT, nullable=True),
        sa.Column("extension_hours", sa.Float(), nullable=True),
        sa.Column("extensions", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("reworks", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("recurrence", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("proposal", sa.String(length=16), nullable=True),
    ]


def upgrade() -> None:
    """Cases from before were told of by cameras alone, and stand at the beginning or at one of the ends."""
    for column in added():
        op.add_column("case", column)
    as_json = "CAST('{\"video_ai\": ' || sighting_count || '}' AS JSON)"
    reports = as_json if op.get_bind().dialect.name == "postgresql" else as_json[5:-9]
    op.execute(
        f"""
        UPDATE "case" SET reports = {reports}, stage = CASE
          WHEN state = 'open' THEN 'collected' WHEN close_reason = 'handled' THEN 'closed' ELSE 'void' END
        """  # noqa: S608 (no part of it comes from outside)
    )
    op.create_index("ix_case_stage_opened_seq", "case", ["stage", "opened_seq"], unique=False)
    op.create_index(
        "ix_case_open_due_at", "case", ["due_at"], unique=False, sqlite_where=IS_OPEN, postgresql_where=IS_OPEN
    )
    op.create_table(
        "case_command",
        sa.Column("command_id", sa.String(length=200), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.Column("event_seq", sa.BigInteger(), nullable=False),
        sa.Column("given_at", UTC_MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_case_command_case_id"),
        sa.PrimaryKeyConstraint("command_id", name="pk_case_command"),
        comment="Commands that came with a name of their own, so that a repeat does nothing.",
    )
    op.create_index("ix_case_command_given_at", "case_command", ["given_at"], unique=False)
    op.create_table(
        "case_claim",
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("holder", sa.String(length=256), nullable=False),
        sa.Column("claimed_at", UTC_MOMENT, nullable=False),
        sa.Column("expires_at", UTC_MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_case_claim_case_id"),
        sa.PrimaryKeyConstraint("case_id", name="pk_case_claim"),
        comment="Which seat works on which case, for a while.",
    )


def downgrade() -> None:
    """Stages between the first and the last are lost; a closed case keeps its reason."""
    op.drop_table("case_claim")
    op.drop_table("case_command")
    op.drop_index("ix_case_open_due_at", table_name="case")
    op.drop_index("ix_case_stage_opened_seq", table_name="case")
    for column in reversed(added()):
        op.drop_column("case", column.name)
