"""The review queue: candidates by how sure the model was and by zone, and what a seat has decided."""

import sqlalchemy as sa
from alembic import op

revision = "v0014"
down_revision = "v0013"
branch_labels = None
depends_on = None

IS_WAITING = sa.text("stage = 'collected'")
IS_DECISION = sa.text("kind IN ('accepted', 'closed', 'undone')")


def upgrade() -> None:
    for name, columns in (
        ("ix_case_waiting_confidence", ["confidence", "opened_seq"]),
        ("ix_case_waiting_zone", ["zone", "opened_seq"]),
    ):
        op.create_index(name, "case", columns, unique=False, sqlite_where=IS_WAITING, postgresql_where=IS_WAITING)
    op.create_index(
        "ix_case_event_decisions",
        "case_event",
        ["actor", "recorded_at"],
        unique=False,
        sqlite_where=IS_DECISION,
        postgresql_where=IS_DECISION,
    )


def downgrade() -> None:
    op.drop_index("ix_case_event_decisions", table_name="case_event")
    op.drop_index("ix_case_waiting_zone", table_name="case")
    op.drop_index("ix_case_waiting_confidence", table_name="case")
