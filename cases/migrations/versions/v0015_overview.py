"""Figures for the shift leader: roll-ups by hour, filled from the cases that are there, and three indexes."""

import sqlalchemy as sa
from alembic import op

from cases.migrations.counting import COUNTED, count_old_cases

revision = "v0015"
down_revision = "v0014"
branch_labels = None
depends_on = None

UTC_MOMENT = sa.DateTime(timezone=True)
IS_OPEN = sa.text("state = 'open'")
RECURS = sa.text("recurrence > 0")
OPEN_FIGURES = ["state", "category", "zone", "unit", "stage", "due_at", "near_due_at", "reported_at", "opened_at"]


def upgrade() -> None:
    op.create_table(
        "overview_hour",
        sa.Column("dimension", sa.String(length=16), nullable=False),
        sa.Column("hour", UTC_MOMENT, nullable=False),
        sa.Column("value", sa.String(length=256), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in COUNTED),
        sa.PrimaryKeyConstraint("dimension", "hour", "value", name="pk_overview_hour"),
        comment="Cases counted by the hour of their opening; what cases.overview.figures says of them, added up.",
    )
    op.create_table(
        "overview_wait",
        sa.Column("wait", sa.String(length=16), nullable=False),
        sa.Column("hour", UTC_MOMENT, nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("wait", "hour", "bucket", name="pk_overview_wait"),
        comment="How long cases waited, in buckets, by the hour of their opening.",
    )
    op.create_index(
        "ix_case_open_figures",
        "case",
        OPEN_FIGURES,
        unique=False,
        sqlite_where=IS_OPEN,
        postgresql_where=IS_OPEN,
    )
    op.create_index(
        "ix_case_recurring_spots",
        "case",
        ["opened_at", "cell_id", "category", "recurrence"],
        unique=False,
        sqlite_where=RECURS,
        postgresql_where=RECURS,
    )
    op.create_index(
        "ix_policy_review_reviewed_at", "policy_review", ["reviewed_at", "camera_id", "was_right"], unique=False
    )
    count_old_cases(op.get_bind())


def downgrade() -> None:
    op.drop_index("ix_policy_review_reviewed_at", table_name="policy_review")
    op.drop_index("ix_case_recurring_spots", table_name="case")
    op.drop_index("ix_case_open_figures", table_name="case")
    op.drop_table("overview_wait")
    op.drop_table("overview_hour")
