"""Catalogue versions, grids, units, people, calendars."""

import sqlalchemy as sa
from alembic import op

revision = "v0006"
down_revision = "v0005"
branch_labels = None
depends_on = None

UTC_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "catalogue_version",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("media_type", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("imported_at", UTC_MOMENT, nullable=False),
        sa.Column("imported_by", sa.String(length=256), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_catalogue_version"),
        comment="Every catalogue there was; the newest is in force, and a case names the one it was opened under.",
    )
    op.create_table(
        "work_calendar_version",
        sa.Column("calendar_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("made_at", UTC_MOMENT, nullable=False),
        sa.Column("made_by", sa.String(length=256), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("calendar_id", "version", name="pk_work_calendar_version"),
        comment="Every form that each calendar had; the newest is in force, "
        "and deadlines name the one they were made by.",
    )
    _places()
    op.execute("INSERT INTO counter (name, value) VALUES ('places', 0)")


def downgrade() -> None:
    """Catalogues, calendars, places and who answers for them are lost; cases keep what they were opened with."""
    for table in ("place_person", "place_unit", "place_zone", "place", "work_calendar_version", "catalogue_version"):
        op.drop_table(table)
    op.execute("DELETE FROM counter WHERE name = 'places'")


def _places() -> None:
    op.create_table(
        "place",
        sa.Column("code", sa.String(length=15), nullable=False),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("geometry", sa.JSON(), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", UTC_MOMENT, nullable=False),
        sa.Column("changed_by", sa.String(length=256), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_place"),
        comment="Districts, streets, communities and unit grids, by code.",
    )
    _assignments(
        "place_zone",
        sa.Column("zone", sa.String(length=16), nullable=False),
        comment="How strictly a place is kept, from day to day; both days count.",
    )
    op.create_index("ix_place_zone_code", "place_zone", ["code"], unique=False)
    _assignments(
        "place_unit",
        sa.Column("category", sa.String(length=64), nullable=False),
        sa.Column("unit", sa.String(length=256), nullable=False),
        comment="Which unit answers for a category in a place (* is every category), from day to day; both days count.",
    )
    op.create_index("ix_place_unit_code_category", "place_unit", ["code", "category"], unique=False)
    _assignments(
        "place_person",
        sa.Column("role", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("phone", sa.String(length=64), nullable=False),
        sa.Column("unit", sa.String(length=256), nullable=False),
        comment="Who looks after a place; a phone is personal data and not shown to everybody.",
    )
    op.create_index("ix_place_person_code", "place_person", ["code"], unique=False)


def _assignments(name: str, *columns: sa.Column[str], comment: str) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=15), nullable=False),
        *columns,
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("changed_at", UTC_MOMENT, nullable=False),
        sa.Column("changed_by", sa.String(length=256), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        comment=comment,
    )
