"""Tables of this part of the case room; their migration is cases/migrations/versions/v0006_catalogue.py."""

from sqlalchemy import JSON, Column, Integer, String, Table, Text

from cases.tables import UtcDateTime, metadata

work_calendar_version = Table(
    "work_calendar_version",
    metadata,
    Column("calendar_id", String(64), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("document", JSON, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("made_by", String(256), nullable=False),
    Column("why", Text, nullable=False),
    comment="Every form that each calendar had; the newest is in force, and deadlines name the one they were made by.",
)
