"""How likely a case's reports are right, as their model tells it; empty for cases from before, and without a map."""

import sqlalchemy as sa
from alembic import op

revision = "v0003"
down_revision = "v0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("case", sa.Column("probability", sa.Float(), nullable=True))


def downgrade() -> None:
    """Events keep theirs: an older Gridpatrol passes over what it does not know of them."""
    op.drop_column("case", "probability")
