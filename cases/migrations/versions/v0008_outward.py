"""Requests from outside, webhooks, the upper platform."""

import sqlalchemy as sa
from alembic import op

from cases.outbound import migration as outbound

revision = "v0008"
down_revision = "v0007"
branch_labels = None
depends_on = None

UTC_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    outbound.upgrade(op)
    _make_requests()
    _make_media()
    _make_updates()


def downgrade() -> None:
    """Requests, their pictures' places and contacts are lost; the cases that they opened stay."""
    for table in ("service_request_update", "service_request_media", "service_request"):
        op.drop_table(table)
    op.execute("DELETE FROM counter WHERE name = 'service_request' OR name LIKE 'request:%'")
    outbound.downgrade(op)


def _make_requests() -> None:
    op.create_table(
        "service_request",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("joined_seq", sa.BigInteger(), nullable=False),
        sa.Column("opened", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("category", sa.String(length=200), nullable=False),
        sa.Column("cell_id", sa.String(length=200), nullable=False),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.Column("requested_at", UTC_MOMENT, nullable=False),
        sa.Column("received_at", UTC_MOMENT, nullable=False),
        sa.Column("filed_by", sa.String(length=256), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=True),
        sa.Column("contact_until", UTC_MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_service_request_case_id"),
        sa.PrimaryKeyConstraint("id", name="pk_service_request"),
        sa.UniqueConstraint("seq", name="uq_service_request_seq"),
        sa.UniqueConstraint("token", name="uq_service_request_token"),
        comment="What citizens and the hotline's seats asked for; contact is sealed, and gone after contact_until.",
    )
    for columns in (
        ["case_id"],
        ["is_public", "requested_at"],
        ["filed_by", "received_at"],
        ["content_hash"],
        ["contact_until"],
    ):
        op.create_index(f"ix_service_request_{'_'.join(columns)}", "service_request", columns)


def _make_media() -> None:
    op.create_table(
        "service_request_media",
        sa.Column("request_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("original", sa.String(length=64), nullable=True),
        sa.Column("shown", sa.String(length=64), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("token", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["request_id"], ["service_request.id"], name="fk_service_request_media_request_id"),
        sa.PrimaryKeyConstraint("request_id", "position", name="pk_service_request_media"),
        sa.UniqueConstraint("token", name="uq_service_request_media_token"),
        comment="Pictures that came with a request (shown: the blurred one), or addresses of pictures elsewhere.",
    )


def _make_updates() -> None:
    op.create_table(
        "service_request_update",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("request_id", sa.String(length=32), nullable=False),
        sa.Column("filed_by", sa.String(length=256), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("updated_at", UTC_MOMENT, nullable=False),
        sa.Column("received_at", UTC_MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["service_request.id"], name="fk_service_request_update_request_id"),
        sa.PrimaryKeyConstraint("id", name="pk_service_request_update"),
        comment="What other systems added to a request later; is_open: what they say of it.",
    )
    op.create_index("ix_service_request_update_request_id", "service_request_update", ["request_id"])
    op.create_index(
        "uq_service_request_update_content", "service_request_update", ["filed_by", "content_hash"], unique=True
    )
