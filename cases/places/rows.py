"""Rows of the places' tables and the values that they hold."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, select, update

from cases.places.facts import Assignment, PlaceFacts
from cases.places.importing import Key
from cases.places.levels import PlaceLevel
from cases.places.spells import Spell
from cases.places.tables import place, place_person, place_unit, place_zone

ASSIGNMENTS: dict[str, Table] = {"zone": place_zone, "unit": place_unit, "person": place_person}
_VALUE = {"zone": "zone", "unit": "unit", "person": "name"}
AT_ONCE = 500
"""Codes asked for in one statement."""


def places_of(connection: Connection, codes: Sequence[str]) -> dict[str, PlaceFacts]:
    """The places of these codes that are kept, with all that is assigned to them."""
    found: dict[str, PlaceFacts] = {}
    for some in _chunks(sorted(set(codes))):
        rows = connection.execute(select(place).where(place.c.code.in_(some)).order_by(place.c.code)).all()
        assigned = assignments_of(connection, some)
        found |= {row.code: facts_of(row, assigned.get(row.code, ())) for row in rows}
    return found


def assignments_of(connection: Connection, codes: Sequence[str]) -> dict[str, tuple[Assignment, ...]]:
    """All that is assigned to these codes, past and to come, by code; at most ``AT_ONCE`` codes."""
    found: dict[str, list[Assignment]] = {}
    for kind, table in ASSIGNMENTS.items():
        for row in connection.execute(select(table).where(table.c.code.in_(codes)).order_by(table.c.id)):
            found.setdefault(row.code, []).append(assignment_of(kind, row))
    return {code: tuple(each) for code, each in found.items()}


def facts_of(row: Any, assignments: Sequence[Assignment]) -> PlaceFacts:
    return PlaceFacts(
        code=row.code,
        level=PlaceLevel(row.level),
        name=row.name,
        geometry=row.geometry,
        revision=row.revision,
        changed_at=row.changed_at,
        changed_by=row.changed_by,
        assignments=tuple(assignments),
    )


def assignment_of(kind: str, row: Any) -> Assignment:
    return Assignment(
        kind=kind,
        id=row.id,
        code=row.code,
        category=row.category if kind == "unit" else "",
        value=getattr(row, _VALUE[kind]),
        role=row.role if kind == "person" else "",
        phone=row.phone if kind == "person" else "",
        unit=row.unit if kind == "person" else "",
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        changed_at=row.changed_at,
        changed_by=row.changed_by,
    )


def write_spells(connection: Connection, spells: Iterable[tuple[Key, Spell]], actor: str, now: datetime) -> None:
    """Put changed spells in their places, then insert the new ones."""
    new: dict[str, list[dict[str, Any]]] = {}
    for key, spell in spells:
        row = _row_of(key, spell) | {"changed_at": now, "changed_by": actor}
        table = ASSIGNMENTS[key[0]]
        if spell.id is None:
            new.setdefault(key[0], []).append(row)
        else:
            connection.execute(update(table).where(table.c.id == spell.id).values(**row))
    for kind, rows in new.items():
        connection.execute(ASSIGNMENTS[kind].insert(), rows)


def _row_of(key: Key, spell: Spell) -> dict[str, Any]:
    kind, code, sub, name = key
    row: dict[str, Any] = {"code": code, "valid_from": spell.first, "valid_to": spell.last}
    if kind == "zone":
        return row | {"zone": spell.value[0]}
    if kind == "unit":
        return row | {"category": sub, "unit": spell.value[0]}
    return row | {"role": sub, "name": name, "phone": spell.value[1], "unit": spell.value[2]}


def _chunks(codes: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(codes), AT_ONCE):
        yield codes[start : start + AT_ONCE]


def codes_in(iterables: Iterable[Iterable[Any]]) -> tuple[str, ...]:
    """The codes that wishes name, each once."""
    return tuple(dict.fromkeys(each.code for wishes in iterables for each in wishes))
