"""Tables of this part of the case room; their migrations are cases/migrations/versions/v0009_access.py and v0016."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, Index, Integer, String, Table, Text

from cases.tables import UtcDateTime, metadata

audit_entry = Table(
    "audit_entry",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(256), nullable=False),
    Column("action", String(64), nullable=False),
    Column("subject", String(256), nullable=False),
    Column("data", JSON, nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index("ix_audit_entry_actor_seq", "actor", "seq"),
    Index("ix_audit_entry_action_seq", "action", "seq"),
    Index("ix_audit_entry_subject_seq", "subject", "seq"),
    Index("ix_audit_entry_at", "at"),
    comment="Who did what; only ever appended (a trigger refuses anything else), each row chained to the last.",
)

person = Table(
    "person",
    metadata,
    Column("login", String(64), primary_key=True),
    Column("display_name", String(200), nullable=False),
    Column("roles", JSON, nullable=False),
    Column("unit", String(256)),
    Column("language", String(8), nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("password_hash", String(256), nullable=False),
    Column("must_change", Boolean, nullable=False),
    Column("password_at", UtcDateTime, nullable=False),
    Column("totp_sealed", Text),
    Column("totp_since", UtcDateTime),  # none: a secret was shown, and its first code has not come yet
    Column("totp_step", BigInteger),  # of the last code that was taken: none is taken twice
    Column("recovery", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", String(256), nullable=False),
    Column("signed_in_at", UtcDateTime),
    Column("version", Integer, nullable=False),
    Column("sign_on", String(8)),  # by the city's single sign-on: none, awaited, or linked to the account below
    Column("sign_on_issuer", String(512)),
    Column("sign_on_subject", String(255)),
    Index("ix_person_sign_on", "sign_on_issuer", "sign_on_subject", unique=True),
    comment="People who sign in with a password, or by the city's single sign-on.",
)

sign_in_failure = Table(
    "sign_in_failure",
    metadata,
    Column("subject", String(80), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
    Column("locked_until", UtcDateTime, nullable=False),
    Index("ix_sign_in_failure_last_at", "last_at"),
    comment="Failed sign-ins per account and per address, for the lock-out; old rows go.",
)
