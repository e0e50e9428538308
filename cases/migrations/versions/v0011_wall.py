"""The wall: tours."""

import sqlalchemy as sa
from alembic import op

revision = "v0011"
down_revision = "v0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tour",
        sa.Column("owner", sa.String(length=256), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("cameras", sa.JSON(), nullable=False),
        sa.Column("per_page", sa.Integer(), nullable=False),
        sa.Column("every_s", sa.Float(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("owner", "name", name="pk_tour"),
        comment="A person's named lists of cameras for the wall.",
    )


def downgrade() -> None:
    op.drop_table("tour")
