"""Retention of pictures and what was removed."""

import sqlalchemy as sa
from alembic import op

revision = "v0010"
down_revision = "v0009"
branch_labels = None
depends_on = None

UTC_MOMENT = sa.DateTime(timezone=True)

APPEND_ONLY_SQLITE = """
CREATE TRIGGER removed_picture_{verb} BEFORE {verb} ON removed_picture
BEGIN SELECT RAISE(ABORT, 'removed_picture is append-only'); END
"""
APPEND_ONLY_POSTGRESQL = (
    """
    CREATE FUNCTION removed_picture_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'removed_picture is append-only'; END $$
    """,
    """
    CREATE TRIGGER removed_picture_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON removed_picture
    FOR EACH STATEMENT EXECUTE FUNCTION removed_picture_append_only()
    """,
)


def upgrade() -> None:
    op.create_table(
        "picture_use",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("camera_id", sa.String(length=200), nullable=True),
        sa.Column("captured_at", UTC_MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("sha256", "case_id", name="pk_picture_use"),
        comment="Which case names which picture, gathered from the case events; gone with the picture.",
    )
    op.create_index("ix_picture_use_captured_at_sha256", "picture_use", ["captured_at", "sha256"], unique=False)
    op.create_table(
        "removed_picture",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("removed_at", UTC_MOMENT, nullable=False),
        sa.Column("why", sa.String(length=16), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("case_numbers", sa.Text(), nullable=False),
        sa.Column("captured_at", UTC_MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("seq", name="pk_removed_picture"),
        comment="Pictures that are kept no more: when they went and by which rule; only ever appended.",
    )
    op.create_index("ix_removed_picture_sha256", "removed_picture", ["sha256"], unique=False)
    op.create_table(
        "keeping_job",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("holder", sa.String(length=128), nullable=True),
        sa.Column("held_until", UTC_MOMENT, nullable=True),
        sa.Column("indexed_seq", sa.BigInteger(), nullable=False),
        sa.Column("last_run_at", UTC_MOMENT, nullable=True),
        sa.Column("last_removed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_keeping_job"),
        comment="The purge: who runs it at the moment, how far the case events were gathered, when it last ended.",
    )
    op.execute("INSERT INTO keeping_job (name, indexed_seq, last_removed) VALUES ('purge', 0, 0)")
    if op.get_bind().dialect.name == "postgresql":
        for statement in APPEND_ONLY_POSTGRESQL:
            op.execute(statement)
    else:
        for verb in ("update", "delete"):
            op.execute(APPEND_ONLY_SQLITE.format(verb=verb))


def downgrade() -> None:
    """What was removed stays removed; the record of it is lost, and which case names which picture is gathered anew."""
    for table in ("keeping_job", "removed_picture", "picture_use"):
        op.drop_table(table)
    op.execute("DELETE FROM counter WHERE name = 'removed_picture'")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION removed_picture_append_only()")
