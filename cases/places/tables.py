"""Tables of this part of the case room; their migration is cases/migrations/versions/v0006_catalogue.py."""

from sqlalchemy import JSON, BigInteger, Column, Date, Index, Integer, String, Table

from cases.tables import UtcDateTime, metadata

place = Table(
    "place",
    metadata,
    Column("code", String(15), primary_key=True),
    Column("level", String(16), nullable=False),
    Column("name", String(200), nullable=False),
    Column("geometry", JSON(none_as_null=True)),
    Column("revision", BigInteger, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("changed_by", String(256), nullable=False),
    comment="Districts, streets, communities and unit grids, by code.",
)

place_zone = Table(
    "place_zone",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("code", String(15), nullable=False),
    Column("zone", String(16), nullable=False),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("changed_by", String(256), nullable=False),
    Index("ix_place_zone_code", "code"),
    comment="How strictly a place is kept, from day to day; both days count.",
)

place_unit = Table(
    "place_unit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("code", String(15), nullable=False),
    Column("category", String(64), nullable=False),
    Column("unit", String(256), nullable=False),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("changed_by", String(256), nullable=False),
    Index("ix_place_unit_code_category", "code", "category"),
    comment="Which unit answers for a category in a place (* is every category), from day to day; both days count.",
)

place_person = Table(
    "place_person",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("code", String(15), nullable=False),
    Column("role", String(64), nullable=False),
    Column("name", String(200), nullable=False),
    Column("phone", String(64), nullable=False),
    Column("unit", String(256), nullable=False),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("changed_by", String(256), nullable=False),
    Index("ix_place_person_code", "code"),
    comment="Who looks after a place; a phone is personal data and not shown to everybody.",
)
