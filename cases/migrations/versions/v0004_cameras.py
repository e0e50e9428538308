"""Cameras kept by the API, with who changed them; removed cameras told apart; what workers say of themselves."""

import sqlalchemy as sa
from alembic import op

revision = "v0004"
down_revision = "v0003"
branch_labels = None
depends_on = None

UTC_MOMENT = sa.DateTime(timezone=True)

APPEND_ONLY_SQLITE = """
CREATE TRIGGER camera_config_event_{verb} BEFORE {verb} ON camera_config_event
BEGIN SELECT RAISE(ABORT, 'camera_config_event is append-only'); END
"""
APPEND_ONLY_POSTGRESQL = (
    """
    CREATE FUNCTION camera_config_event_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'camera_config_event is append-only'; END $$
    """,
    """
    CREATE TRIGGER camera_config_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON camera_config_event
    FOR EACH STATEMENT EXECUTE FUNCTION camera_config_event_append_only()
    """,
)


def upgrade() -> None:
    op.create_table(
        "camera_config",
        sa.Column("camera_id", sa.String(length=200), nullable=False),
        sa.Column("worker_id", sa.String(length=200), nullable=False),
        sa.Column("section", sa.JSON(), nullable=False),
        sa.Column("sealed", sa.JSON(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("added_at", UTC_MOMENT, nullable=False),
        sa.Column("added_by", sa.String(length=256), nullable=False),
        sa.Column("changed_at", UTC_MOMENT, nullable=False),
        sa.Column("changed_by", sa.String(length=256), nullable=False),
        sa.PrimaryKeyConstraint("camera_id", name="pk_camera_config"),
        comment="Cameras kept by the API; those of a configuration file are not here.",
    )
    op.create_index("ix_camera_config_worker_id", "camera_config", ["worker_id"], unique=False)
    op.create_table(
        "camera_config_event",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("camera_id", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("at", UTC_MOMENT, nullable=False),
        sa.Column("actor", sa.String(length=256), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_camera_config_event"),
        comment="Who changed which camera; only ever appended (a trigger refuses anything else).",
    )
    op.create_index("ix_camera_config_event_camera_id", "camera_config_event", ["camera_id"], unique=False)
    op.create_table(
        "worker_notice",
        sa.Column("worker_id", sa.String(length=200), nullable=False),
        sa.Column("notices", sa.JSON(), nullable=False),
        sa.Column("since", UTC_MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("worker_id", name="pk_worker_notice"),
        comment="What workers have to say about themselves, such as a configuration file that cannot be used.",
    )
    op.add_column("camera", sa.Column("removed_at", UTC_MOMENT, nullable=True))
    op.execute("INSERT INTO counter (name, value) VALUES ('camera_config_event', 0)")
    if op.get_bind().dialect.name == "postgresql":
        for statement in APPEND_ONLY_POSTGRESQL:
            op.execute(statement)
    else:
        for verb in ("update", "delete"):
            op.execute(APPEND_ONLY_SQLITE.format(verb=verb))


def downgrade() -> None:
    """The API's cameras and their history are lost; a removed camera is shown again with its last state."""
    for table in ("worker_notice", "camera_config_event", "camera_config"):
        op.drop_table(table)
    op.drop_column("camera", "removed_at")
    op.execute("DELETE FROM counter WHERE name = 'camera_config_event'")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION camera_config_event_append_only()")
