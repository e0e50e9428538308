"""Places and who answers for them, as they cross HTTP."""

from datetime import date, datetime
from typing import Any

from pydantic import ConfigDict, Field

from api.wire import Identifier, Moment, WireModel
from cases.access.holder import KeyHolder
from cases.places.facts import Assignment, PlaceFacts, Responsible
from cases.places.importing import ImportPlan
from cases.places.levels import PlaceLevel
from cases.roles import Role
from grid.units import Zone

SEES_PHONES = frozenset({Role.ADMIN, Role.SHIFT_LEADER, Role.DISPATCHER, Role.ACCEPTOR, Role.INSPECTOR})
"""Who calls people up; a handling unit sees its own people's phones, an auditor nobody's."""
MOST_CHANGES_TOLD = 1000
EXAMPLE_RING = [[[104.08, 30.657], [104.081, 30.657], [104.081, 30.658], [104.08, 30.658], [104.08, 30.657]]]
EXAMPLE_PLACE: dict[str, Any] = {
    "name": "春熙路一",
    "zone": "strict",
    "units": {"exposed_garbage": "环卫一所", "*": "街道城管中队"},
    "people": [{"role": "环卫", "name": "李敏", "phone": "13800000000", "unit": "环卫一所"}],
    "valid_from": "2026-05-01",
    "geometry": {"type": "Polygon", "coordinates": EXAMPLE_RING},
}
EXAMPLE_LAYER = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"code": "510104001001001"} | {k: v for k, v in EXAMPLE_PLACE.items() if k != "geometry"},
            "geometry": EXAMPLE_PLACE["geometry"],
        }
    ],
}


def shows_phone(holder: KeyHolder, person: Assignment) -> bool:
    """Whether a caller may see this person's phone."""
    if holder.roles & SEES_PHONES:
        return True
    return Role.HANDLING_UNIT in holder.roles and holder.unit is not None and person.unit == holder.unit


class PersonWire(WireModel):
    """Somebody who looks after a place."""

    id: int
    code: str = Field(description="of the place that names them")
    role: str
    name: str
    unit: str
    phone: str | None = Field(None, description="only for those who may see it")
    valid_from: date | None
    valid_to: date | None

    @classmethod
    def of(cls, person: Assignment, holder: KeyHolder) -> "PersonWire":
        return cls(
            id=person.id,
            code=person.code,
            role=person.role,
            name=person.value,
            unit=person.unit,
            phone=person.phone if person.phone and shows_phone(holder, person) else None,
            valid_from=person.valid_from,
            valid_to=person.valid_to,
        )


class AssignmentWire(WireModel):
    """One grade, unit or person of a place with its days; both count, null is without end."""

    kind: str = Field(description="zone, unit or person")
    id: int
    category: str | None = Field(None, description="of a unit; * is every one")
    value: str
    role: str | None = None
    valid_from: date | None
    valid_to: date | None
    changed_at: Moment | None
    changed_by: str

    @classmethod
    def of(cls, assignment: Assignment) -> "AssignmentWire":
        return cls(
            kind=assignment.kind,
            id=assignment.id,
            category=assignment.category or None,
            value=assignment.value,
            role=assignment.role or None,
            valid_from=assignment.valid_from,
            valid_to=assignment.valid_to,
            changed_at=assignment.changed_at,
            changed_by=assignment.changed_by,
        )


class PlaceWire(WireModel):
    """A place as it stands on a day, with what was and will be assigned to it."""

    code: str = Field(examples=["510104001001001"])
    level: PlaceLevel
    name: str
    zone: Zone | None
    units: dict[str, str] = Field(description="by category; * is every other one")
    people: tuple[PersonWire, ...]
    geometry: dict[str, Any] | None
    on: date = Field(description="the day that zone, units and people are told of")
    assignments: tuple[AssignmentWire, ...] = Field(description="all, past and to come")
    revision: int
    changed_at: Moment
    changed_by: str

    @classmethod
    def of(cls, place: PlaceFacts, day: date, holder: KeyHolder) -> "PlaceWire":
        return cls(
            code=place.code,
            level=place.level,
            name=place.name,
            zone=place.zone_on(day),
            units=place.units_on(day),
            people=tuple(PersonWire.of(each, holder) for each in place.people_on(day)),
            geometry=None if place.geometry is None else dict(place.geometry),
            on=day,
            assignments=tuple(AssignmentWire.of(each) for each in place.assignments),
            revision=place.revision,
            changed_at=place.changed_at,
            changed_by=place.changed_by,
        )


class PlacePageWire(WireModel):
    """Some places, by code."""

    places: tuple[PlaceWire, ...]
    next_cursor: str | None


class PersonDraftWire(WireModel):
    """Somebody who is to look after a place; a phone or unit that is left out stays."""

    role: str = Field("", max_length=64)
    name: str = Field(min_length=1, max_length=200)
    phone: str | None = Field(None, max_length=64)
    unit: str | None = Field(None, max_length=256)
    valid_from: date | None = None
    valid_to: date | None = None


class PlaceDraftWire(WireModel):
    """What a place is to be; what is left out stays as it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_PLACE]})

    name: str | None = Field(None, min_length=1, max_length=200)
    zone: Zone | None = None
    units: dict[str, str] | None = Field(None, max_length=500)
    people: tuple[PersonDraftWire, ...] | None = Field(None, max_length=200)
    geometry: dict[str, Any] | None = None
    valid_from: date | None = Field(None, description="first day of what is new here; left out: today")
    valid_to: date | None = Field(None, description="last day of it; what stood before goes on afterwards")


class PlaceChangeWire(WireModel):
    """One thing that an import does."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "action": "add",
                    "kind": "unit",
                    "code": "510104001001001",
                    "text": "510104001001001 exposed_garbage: 环卫一所 from 2026-05-01",
                }
            ]
        }
    )

    action: str = Field(description="add, change or end")
    kind: str = Field(description="place, zone, unit or person")
    code: str
    text: str


class PlaceImportWire(WireModel):
    """What an import did, or with ``dry_run`` would do."""

    dry_run: bool
    added: int
    changed: int
    ended: int
    unchanged: int
    changes: tuple[PlaceChangeWire, ...] = Field(description="the first 1,000")

    @classmethod
    def of(cls, plan: ImportPlan, dry_run: bool) -> "PlaceImportWire":
        return cls(
            dry_run=dry_run,
            added=plan.count("add"),
            changed=plan.count("change"),
            ended=plan.count("end"),
            unchanged=plan.unchanged,
            changes=tuple(
                PlaceChangeWire(action=each.action, kind=each.kind, code=each.code, text=each.text)
                for each in plan.changes[:MOST_CHANGES_TOLD]
            ),
        )


class LastDayWire(WireModel):
    """When an assignment ends."""

    last_day: date = Field(examples=["2026-05-31"])


class ResponsibleWire(WireModel):
    """Who answers for a category in a cell."""

    cell_id: Identifier
    category: str
    at: Moment
    zone: str | None = Field(description="by the kept places, else by the grid file")
    unit: str | None = Field(description="by the kept places, else by the grid file, else by the catalogue's rules")
    people: tuple[PersonWire, ...]

    @classmethod
    def of(cls, found: Responsible, at: datetime, holder: KeyHolder) -> "ResponsibleWire":
        return cls(
            cell_id=found.cell_id,
            category=found.category,
            at=at,
            zone=found.zone,
            unit=found.unit,
            people=tuple(PersonWire.of(each, holder) for each in found.people),
        )
