"""Tables of this part of the case room; their migration is cases/migrations/versions/v0006_catalogue.py."""

from sqlalchemy import JSON, Column, Integer, String, Table, Text

from cases.tables import UtcDateTime, metadata

catalogue_version = Table(
    "catalogue_version",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("name", String(200), nullable=False),
    Column("document", JSON, nullable=False),
    Column("source", Text, nullable=False),
    Column("media_type", String(64), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("imported_at", UtcDateTime, nullable=False),
    Column("imported_by", String(256), nullable=False),
    Column("why", Text, nullable=False),
    comment="Every catalogue there was; the newest is in force, and a case names the one it was opened under.",
)
