"""Tables of this part of the case room; their migration is cases/migrations/versions/v0011_wall.py."""

from sqlalchemy import JSON, Column, Float, Integer, String, Table

from cases.tables import UtcDateTime, metadata

tour = Table(
    "tour",
    metadata,
    Column("owner", String(256), primary_key=True),
    Column("name", String(80), primary_key=True),
    Column("cameras", JSON, nullable=False),
    Column("per_page", Integer, nullable=False),
    Column("every_s", Float, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    comment="A person's named lists of cameras for the wall.",
)
