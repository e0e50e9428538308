"""The outbound tables, made and taken away; called by cases/migrations/versions/v0008_outward.py."""

from types import ModuleType

import sqlalchemy as sa

_MOMENT = sa.DateTime(timezone=True)
_TABLES = ("outbound_lease", "upper_case", "dead_letter", "webhook_endpoint", "outbound_line")


def upgrade(op: ModuleType) -> None:
    """Nobody is told of anything yet."""
    op.create_table(
        "outbound_line",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("head_tries", sa.Integer(), nullable=False),
        sa.Column("failures_in_row", sa.Integer(), nullable=False),
        sa.Column("first_failed_at", _MOMENT, nullable=True),
        sa.Column("next_try_at", _MOMENT, nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("last_sent_at", _MOMENT, nullable=True),
        sa.Column("paused_at", _MOMENT, nullable=True),
        sa.Column("paused_why", sa.Text(), nullable=True),
        sa.Column("sent", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        sa.Column("dead", sa.BigInteger(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outbound_line"),
        comment="Who is told of the case events, and up to which event (cursor) they have been.",
    )
    op.create_table(
        "webhook_endpoint",
        sa.Column("line_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("secrets", sa.JSON(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("created_by", sa.String(length=256), nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
        sa.Column("changed_by", sa.String(length=256), nullable=False),
        _of_line("webhook_endpoint"),
        sa.PrimaryKeyConstraint("line_id", name="pk_webhook_endpoint"),
        comment="Addresses that get signed webhooks; secrets are sealed.",
    )
    op.create_table(
        "dead_letter",
        sa.Column("line_id", sa.String(length=64), nullable=False),
        sa.Column("event_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("first_failed_at", _MOMENT, nullable=False),
        sa.Column("died_at", _MOMENT, nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("replay_at", _MOMENT, nullable=True),
        _of_line("dead_letter"),
        sa.PrimaryKeyConstraint("line_id", "event_seq", name="pk_dead_letter"),
        comment="Events that a line gave up on; replay_at: asked to be sent once more.",
    )
    op.create_index("ix_dead_letter_line_id_replay_at", "dead_letter", ["line_id", "replay_at"], unique=False)
    op.create_table(
        "upper_case",
        sa.Column("line_id", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("case_number", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("upper_id", sa.String(length=256), nullable=True),
        sa.Column("token", sa.String(length=256), nullable=True),
        sa.Column("begun_at", _MOMENT, nullable=False),
        sa.Column("filed_at", _MOMENT, nullable=True),
        sa.Column("closed_at", _MOMENT, nullable=True),
        _of_line("upper_case"),
        sa.PrimaryKeyConstraint("line_id", "case_id", name="pk_upper_case"),
        comment="Which of our cases is which of the upper platform's.",
    )
    op.create_index("ix_upper_case_case_number", "upper_case", ["case_number"], unique=False)
    op.create_table(
        "outbound_lease",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("holder", sa.String(length=128), nullable=True),
        sa.Column("held_until", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_outbound_lease"),
        comment="Which process sends at the moment; one at a time.",
    )
    op.execute("INSERT INTO outbound_lease (name) VALUES ('outbound')")


def downgrade(op: ModuleType) -> None:
    """Endpoints, their secrets, what was not sent yet and which case is which upstream: all of it is lost."""
    for table in _TABLES:
        op.drop_table(table)


def _of_line(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["line_id"], ["outbound_line.id"], name=f"fk_{table}_line_id_outbound_line")
