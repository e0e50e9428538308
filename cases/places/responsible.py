"""Who answers for a category in a cell, and how strictly it is kept; asked inside a transaction of somebody else."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, select

from cases.catalogue.in_force import catalogue_in_force
from cases.places.levels import codes_above
from cases.places.tables import place_unit, place_zone
from cases.worktime.in_force import city_day
from core.clock import as_utc
from grid.units import Zone

EVERY_CATEGORY = "*"


_CODES: BindParameter[Any] = bindparam("codes", expanding=True)
# Written once: a report waits for these, and SQLAlchemy takes longer to write a statement than SQLite to answer it.
_ZONES = select(place_zone.c.code, place_zone.c.zone, place_zone.c.valid_from, place_zone.c.valid_to).where(
    place_zone.c.code.in_(_CODES)
)
_UNITS = select(
    place_unit.c.code, place_unit.c.category, place_unit.c.unit, place_unit.c.valid_from, place_unit.c.valid_to
).where(place_unit.c.code.in_(_CODES), place_unit.c.category.in_((bindparam("category"), EVERY_CATEGORY)))


@dataclass(frozen=True, slots=True)
class PlaceOfCase:
    """How strictly a case's cell is kept, and who answers there."""

    zone: str | None
    unit: str | None


def unit_for(connection: Connection, *, cell_id: str, category: str, at: datetime) -> str | None:
    """The unit that answers for a category in a cell at a moment: by the places, else by the catalogue's rules.

    The nearest place counts (unit grid before community, street, district, city); in one place a unit named for the
    category counts before one named for every category. None where nobody is named.
    """
    return place_of_case(connection, cell_id=cell_id, category=category, at=at, file_zone=None, file_unit=None).unit


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
    codes = codes_above(cell_id)
    zones = connection.execute(_ZONES, {"codes": codes}).all()
    units = connection.execute(_UNITS, {"codes": codes, "category": category}).all()
    if zones or units:
        day = city_day(connection, as_utc(at))
        zones = [row for row in zones if is_valid(row, day)]
        units = [row for row in units if is_valid(row, day)]
    nearest_zone = min(zones, key=lambda row: codes.index(row.code), default=None)
    nearest_unit = min(units, key=lambda row: (codes.index(row.code), row.category == EVERY_CATEGORY), default=None)
    zone = file_zone if nearest_zone is None else str(nearest_zone.zone)
    unit = file_unit if nearest_unit is None else str(nearest_unit.unit)
    return PlaceOfCase(zone, unit or _unit_by_catalogue(connection, cell_id, category, zone))


def _unit_by_catalogue(connection: Connection, cell_id: str, category: str, zone: str | None) -> str | None:
    """The unit of the catalogue's first rule that fits; None where none does."""
    entry = catalogue_in_force(connection).catalogue.category(category)
    if entry is None or not entry.units:
        return None
    grades = {grade.value: grade for grade in Zone}
    return entry.unit_for(cell_id, None if zone is None else grades.get(zone))


def is_valid(row: Any, day: date) -> bool:
    """Whether an assignment counts on a day; its first and last day both do."""
    return (row.valid_from is None or row.valid_from <= day) and (row.valid_to is None or row.valid_to >= day)
