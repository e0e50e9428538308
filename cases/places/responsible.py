"""Who answers for a category in a cell, and how strictly it is kept; asked inside a transaction of somebody else."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, or_, select

from cases.catalogue.in_force import catalogue_in_force
from cases.places.levels import codes_above
from cases.places.tables import place_unit, place_zone
from cases.worktime.in_force import city_day
from core.clock import as_utc
from grid.units import Zone

EVERY_CATEGORY = "*"


def unit_for(connection: Connection, *, cell_id: str, category: str, at: datetime) -> str | None:
    """The unit that answers for a category in a cell at a moment: by the places, else by the catalogue's rules.

    The nearest place counts (unit grid before community, street, district, city); in one place a unit named for the
    category counts before one named for every category. None where nobody is named.
    """
    named = assigned_unit(connection, cell_id=cell_id, category=category, at=at)
    if named is not None:
        return named
    zone = assigned_zone(connection, cell_id=cell_id, at=at)
    return unit_by_catalogue(connection, cell_id=cell_id, category=category, zone=zone)


def assigned_unit(connection: Connection, *, cell_id: str, category: str, at: datetime) -> str | None:
    """The unit that the places name; None where they name nobody."""
    table = place_unit
    codes = codes_above(cell_id)
    wanted = table.c.code.in_(codes) & table.c.category.in_((category, EVERY_CATEGORY))
    rows = connection.execute(
        select(table.c.code, table.c.category, table.c.unit, table.c.valid_from, table.c.valid_to).where(wanted)
    ).all()
    if not rows:
        return None
    day = city_day(connection, as_utc(at))
    valid = [row for row in rows if is_valid(row, day)]
    nearest = min(valid, key=lambda row: (codes.index(row.code), row.category == EVERY_CATEGORY), default=None)
    return None if nearest is None else str(nearest.unit)


def assigned_zone(connection: Connection, *, cell_id: str, at: datetime) -> str | None:
    """The grade that the places give a cell, the nearest place's; None where they give none."""
    table = place_zone
    codes = codes_above(cell_id)
    rows = connection.execute(
        select(table.c.code, table.c.zone, table.c.valid_from, table.c.valid_to).where(table.c.code.in_(codes))
    ).all()
    if not rows:
        return None
    day = city_day(connection, as_utc(at))
    nearest = min((row for row in rows if is_valid(row, day)), key=lambda row: codes.index(row.code), default=None)
    return None if nearest is None else str(nearest.zone)


@dataclass(frozen=True, slots=True)
class PlaceOfCase:
    """How strictly a case's cell is kept, and who answers there."""

    zone: str | None
    unit: str | None


def place_of_case(
    connection: Connection,
    *,
    cell_id: str,
    category: str,
    at: datetime,
    file_zone: str | None,
    file_unit: str | None,
) -> PlaceOfCase:
    """What a case that is opened at a moment gets: by the kept places, else the grid file, else the catalogue."""
    zone = assigned_zone(connection, cell_id=cell_id, at=at) or file_zone
    unit = assigned_unit(connection, cell_id=cell_id, category=category, at=at) or file_unit
    return PlaceOfCase(zone, unit or unit_by_catalogue(connection, cell_id=cell_id, category=category, zone=zone))


def unit_by_catalogue(connection: Connection, *, cell_id: str, category: str, zone: str | None) -> str | None:
    """The unit of the catalogue's first rule that fits; None where none does."""
    entry = catalogue_in_force(connection).catalogue.category(category)
    if entry is None or not entry.units:
        return None
    grades = {grade.value: grade for grade in Zone}
    return entry.unit_for(cell_id, None if zone is None else grades.get(zone))


def is_valid(row: Any, day: date) -> bool:
    """Whether an assignment counts on a day; its first and last day both do."""
    return (row.valid_from is None or row.valid_from <= day) and (row.valid_to is None or row.valid_to >= day)


def valid_on(table: Table, day: date) -> ColumnElement[bool]:
    """The same as a condition."""
    begins = or_(table.c.valid_from.is_(None), table.c.valid_from <= day)
    return begins & or_(table.c.valid_to.is_(None), table.c.valid_to >= day)
