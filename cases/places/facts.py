"""Places and who answers for them, as values; and a day's view of one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from cases.places.levels import PlaceLevel
from grid.units import Zone

Geometry = Mapping[str, Any]
"""A GeoJSON Polygon, lon/lat."""


@dataclass(frozen=True, slots=True)
class ZoneWanted:
    """A place is to be kept so strictly; None as first day: from now on."""

    where: str
    code: str
    zone: Zone
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class UnitWanted:
    """A unit is to answer for a category (``*``: every one) in a place."""

    where: str
    code: str
    category: str
    unit: str
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class PersonWanted:
    """A person is to look after a place in a role."""

    where: str
    code: str
    role: str
    name: str
    phone: str | None = None
    """None: as it was."""
    unit: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class PlaceWanted:
    """A place is to be there; None leaves a name or an outline as it was."""

    where: str
    code: str
    level: PlaceLevel
    name: str | None = None
    geometry: Geometry | None = None


@dataclass(frozen=True, slots=True)
class PlacesWanted:
    """What a file or a request asks for; what it does not name stays as it is."""

    places: tuple[PlaceWanted, ...] = ()
    zones: tuple[ZoneWanted, ...] = ()
    units: tuple[UnitWanted, ...] = ()
    people: tuple[PersonWanted, ...] = ()


@dataclass(frozen=True, slots=True)
class Assignment:
    """One zone, unit or person of a place with its first and last day (both count; None: without end)."""

    kind: str
    """``zone``, ``unit`` or ``person``."""
    id: int
    code: str
    category: str = ""
    """Of a unit; ``*`` is every one."""
    value: str = ""
    """The grade, the unit's name or the person's."""
    role: str = ""
    phone: str = ""
    unit: str = ""
    """Of a person."""
    valid_from: date | None = None
    valid_to: date | None = None
    changed_at: datetime | None = None
    changed_by: str = ""

    def counts_on(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or self.valid_to >= day)


@dataclass(frozen=True, slots=True)
class PlaceFacts:
    """A place as it is kept, with what is assigned to it (not to what it lies in)."""

    code: str
    level: PlaceLevel
    name: str
    geometry: Geometry | None
    revision: int
    changed_at: datetime
    changed_by: str
    assignments: tuple[Assignment, ...]

    def zone_on(self, day: date) -> Zone | None:
        found = self._on("zone", day)
        return Zone(found[0].value) if found else None

    def units_on(self, day: date) -> dict[str, str]:
        return {each.category: each.value for each in self._on("unit", day)}

    def people_on(self, day: date) -> tuple[Assignment, ...]:
        return self._on("person", day)

    def _on(self, kind: str, day: date) -> tuple[Assignment, ...]:
        return tuple(each for each in self.assignments if each.kind == kind and each.counts_on(day))


@dataclass(frozen=True, slots=True)
class Responsible:
    """Who answers for a category in a cell on a day, by the nearest place that says so."""

    cell_id: str
    category: str
    zone: str | None
    unit: str | None
    people: tuple[Assignment, ...]
    """Of the unit grid and of what it lies in, the nearest first."""
