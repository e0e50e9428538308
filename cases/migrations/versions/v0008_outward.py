"""Requests from outside, webhooks, the upper platform."""

from alembic import op

from cases.outbound import migration as outbound

revision = "v0008"
down_revision = "v0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    outbound.upgrade(op)


def downgrade() -> None:
    outbound.downgrade(op)
