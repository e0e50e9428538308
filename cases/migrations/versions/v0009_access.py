"""People, roles, second factors, lock-outs, the audit log, and the chain of hashes over the case events."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from cases.migrations.chaining import chain_old_events

revision = "v0009"
down_revision = "v0008"
branch_labels = None
depends_on = None

UTC_MOMENT = sa.DateTime(timezone=True)

APPEND_ONLY_SQLITE = """
CREATE TRIGGER {table}_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""
APPEND_ONLY_POSTGRESQL = (
    """
    CREATE FUNCTION audit_entry_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'audit_entry is append-only'; END $$
    """,
    """
    CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_append_only()
    """,
)
EVENTS_ARE_APPEND_ONLY = """
CREATE TRIGGER case_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON case_event
FOR EACH STATEMENT EXECUTE FUNCTION case_event_append_only()
"""
SESSION_COLUMNS: tuple[tuple[str, sa.types.TypeEngine[Any]], ...] = (
    ("roles", sa.JSON()),
    ("login", sa.String(length=64)),
    ("seen_at", UTC_MOMENT),
    ("address", sa.String(length=64)),
    ("agent", sa.String(length=200)),
)


def upgrade() -> None:
    _audit_table()
    _people_tables()
    for name, kind in SESSION_COLUMNS:
        op.add_column("session", sa.Column(name, kind, nullable=True))
    op.create_index("ix_session_login", "session", ["login"], unique=False)
    op.add_column("login_token", sa.Column("roles", sa.JSON(), nullable=True))
    op.add_column("case_event", sa.Column("hash", sa.String(length=64), nullable=True))
    op.add_column("evidence", sa.Column("kind", sa.String(length=16), nullable=True))
    _without_event_triggers()
    chain_old_events(op.get_bind())
    _with_event_triggers()


def downgrade() -> None:
    """People, their sessions, the audit log and the hashes are lost; the case events themselves stay."""
    op.execute("DELETE FROM session WHERE login IS NOT NULL")
    op.drop_index("ix_session_login", "session")
    for name, _kind in SESSION_COLUMNS:
        op.drop_column("session", name)
    op.drop_column("login_token", "roles")
    op.drop_column("case_event", "hash")
    op.drop_column("evidence", "kind")
    for table in ("sign_in_failure", "person", "audit_entry"):
        op.drop_table(table)
    op.execute("DELETE FROM counter WHERE name = 'audit_entry'")
    if _is_postgresql():
        op.execute("DROP FUNCTION audit_entry_append_only()")


def _audit_table() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", UTC_MOMENT, nullable=False),
        sa.Column("actor", sa.String(length=256), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=256), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit_entry"),
        comment="Who did what; only ever appended (a trigger refuses anything else), each row chained to the last.",
    )
    for columns in (["actor", "seq"], ["action", "seq"], ["subject", "seq"], ["at"]):
        op.create_index(f"ix_audit_entry_{'_'.join(columns)}", "audit_entry", columns, unique=False)
    op.execute("INSERT INTO counter (name, value) VALUES ('audit_entry', 0)")
    if _is_postgresql():
        for statement in APPEND_ONLY_POSTGRESQL:
            op.execute(statement)
    else:
        for verb in ("update", "delete"):
            op.execute(APPEND_ONLY_SQLITE.format(table="audit_entry", verb=verb))


def _people_tables() -> None:
    op.create_table(
        "person",
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("display_name", sa.String(length=200), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("unit", sa.String(length=256), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("password_hash", sa.String(length=256), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("password_at", UTC_MOMENT, nullable=False),
        sa.Column("totp_sealed", sa.Text(), nullable=True),
        sa.Column("totp_since", UTC_MOMENT, nullable=True),
        sa.Column("totp_step", sa.BigInteger(), nullable=True),
        sa.Column("recovery", sa.JSON(), nullable=False),
        sa.Column("created_at", UTC_MOMENT, nullable=False),
        sa.Column("created_by", sa.String(length=256), nullable=False),
        sa.Column("signed_in_at", UTC_MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("login", name="pk_person"),
        comment="People who sign in with a password.",
    )
    op.create_table(
        "sign_in_failure",
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", UTC_MOMENT, nullable=False),
        sa.Column("locked_until", UTC_MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("subject", name="pk_sign_in_failure"),
        comment="Failed sign-ins per account and per address, for the lock-out; old rows go.",
    )
    op.create_index("ix_sign_in_failure_last_at", "sign_in_failure", ["last_at"], unique=False)


def _without_event_triggers() -> None:
    """The old rows get their hash this once; inside this transaction nobody else writes."""
    if _is_postgresql():
        op.execute("DROP TRIGGER case_event_append_only ON case_event")
    else:
        for verb in ("update", "delete"):
            op.execute(f"DROP TRIGGER case_event_{verb}")


def _with_event_triggers() -> None:
    if _is_postgresql():
        op.execute(EVENTS_ARE_APPEND_ONLY)
    else:
        for verb in ("update", "delete"):
            op.execute(APPEND_ONLY_SQLITE.format(table="case_event", verb=verb))


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
