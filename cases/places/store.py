"""Places in the database: listed, read, imported; each change one transaction, audited."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Engine, select

from cases.access import audit
from cases.catalogue.entries import Catalogue
from cases.catalogue.in_force import catalogue_in_force
from cases.places.errors import PlaceMovedOn, PlaceRefused, PlaceUnknown
from cases.places.facts import Assignment, PlaceFacts, PlacesWanted, Responsible
from cases.places.importing import ImportPlan, plan_import
from cases.places.layers import refuse_overlaps
from cases.places.levels import PlaceLevel, codes_above
from cases.places.responsible import place_of_case
from cases.places.rows import (
    ASSIGNMENTS,
    AT_ONCE,
    assignment_of,
    assignments_of,
    codes_in,
    facts_of,
    places_of,
    write_spells,
)
from cases.places.spells import Spell, ended
from cases.places.tables import place
from cases.transactions import insert_or_replace, line_up, next_value, reading, writing
from cases.worktime.in_force import city_day
from core.clock import as_utc

COUNTER = "places"
MOST_CHANGES_AUDITED = 500


@dataclass(frozen=True, slots=True)
class PlaceQuery:
    """Which places; every field narrows."""

    level: PlaceLevel | None = None
    within: str | None = None
    """Code of a city, district, street or community that they lie in (itself included)."""


class PlaceStore:
    """Every method may raise ``DatabaseUnavailable``. Threads may share one store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def today(self, now: datetime) -> date:
        """The city's own day."""
        with reading(self._engine) as connection:
            return city_day(connection, as_utc(now))

    def page(self, query: PlaceQuery, after: str = "", limit: int = 50) -> tuple[PlaceFacts, ...]:
        """Some places by code, from the one behind ``after``."""
        statement = select(place).where(place.c.code > after).order_by(place.c.code).limit(limit)
        if query.level is not None:
            statement = statement.where(place.c.level == query.level.value)
        if query.within is not None:
            statement = statement.where(place.c.code.startswith(query.within, autoescape=True))
        with reading(self._engine) as connection:
            rows = connection.execute(statement).all()
            assigned = assignments_of(connection, [row.code for row in rows])
        return tuple(facts_of(row, assigned.get(row.code, ())) for row in rows)

    def every(self, query: PlaceQuery) -> Iterator[PlaceFacts]:
        """Every such place by code, read in pages."""
        after = ""
        while True:
            some = self.page(query, after, AT_ONCE)
            yield from some
            if len(some) < AT_ONCE:
                return
            after = some[-1].code

    def get(self, code: str) -> PlaceFacts:
        """Raises: PlaceUnknown."""
        with reading(self._engine) as connection:
            return _found(connection, code)

    def catalogue(self) -> Catalogue:
        """The categories that files of places may name."""
        with reading(self._engine) as connection:
            return catalogue_in_force(connection).catalogue

    def responsible(
        self,
        cell_id: str,
        category: str,
        at: datetime,
        *,
        file_zone: str | None = None,
        file_unit: str | None = None,
    ) -> Responsible:
        """Who answers for a category in a cell at a moment, as a case opened then would get it."""
        with reading(self._engine) as connection:
            day = city_day(connection, as_utc(at))
            codes = codes_above(cell_id)
            assigned = assignments_of(connection, codes)
            people = (each for code in codes for each in assigned.get(code, ()) if each.kind == "person")
            place = place_of_case(
                connection, cell_id=cell_id, category=category, at=at, file_zone=file_zone, file_unit=file_unit
            )
            return Responsible(
                cell_id=cell_id,
                category=category,
                zone=place.zone,
                unit=place.unit,
                people=tuple(each for each in people if each.counts_on(day)),
            )

    def take(
        self,
        wanted: PlacesWanted,
        actor: str,
        now: datetime,
        *,
        source: str,
        dry_run: bool = False,
        expected: tuple[str, int | None] | None = None,
    ) -> ImportPlan:
        """Take in what a file or a request asks for: all of it, or nothing.

        Args:
            wanted: what is to be; what it does not name stays.
            actor: who wants it.
            now: aware.
            source: the file's name, for the audit log.
            dry_run: only tell what would change.
            expected: a place and the revision that the caller looked at (None: it was not there).

        Raises:
            PlaceRefused, GridError: it cannot be; nothing is changed.
            PlaceMovedOn: somebody changed the place since.
        """
        with (reading if dry_run else writing)(self._engine) as connection:
            if not dry_run:
                line_up(connection)
            codes = codes_in((wanted.places, wanted.zones, wanted.units, wanted.people))
            standing = places_of(connection, codes)
            if expected is not None:
                _refuse_moved_on(expected, standing)
            plan = plan_import(wanted, standing, city_day(connection, as_utc(now)))
            if any(each.geometry is not None for each in plan.writing.places):
                refuse_overlaps(plan.writing.places, _outlines(connection))
            if not dry_run and plan.writing.touched:
                _write(connection, plan, standing, actor, now)
                _audit(connection, plan, actor, now, source)
        return plan

    def end(self, kind: str, assignment_id: int, last: date, actor: str, now: datetime) -> Assignment:
        """Give an assignment its last day.

        Raises:
            PlaceUnknown: there is none of that number.
            PlaceRefused: it would end before it begins, or run into the next one.
        """
        table = ASSIGNMENTS[kind]
        with writing(self._engine) as connection:
            line_up(connection)
            row = connection.execute(select(table).where(table.c.id == assignment_id)).one_or_none()
            if row is None:
                raise PlaceUnknown(f"no {kind} assignment {assignment_id}; see the place's assignments")
            was = assignment_of(kind, row)
            spell = Spell((was.value, was.phone, was.unit), was.valid_from, was.valid_to, was.id)
            spell = ended(spell, last, f"{kind} assignment {assignment_id}")
            if was.valid_to is not None and last > was.valid_to:
                raise PlaceRefused(
                    f"{kind} assignment {assignment_id} ends on {was.valid_to} already; "
                    "give an earlier day, or assign it anew from the next day"
                )
            key = (kind, was.code, was.role if kind == "person" else was.category, was.value)
            write_spells(connection, [(key, spell)], actor, as_utc(now))
            _touch(connection, [was.code], actor, now)
            subject = f"place:{was.code}"
            data = {"kind": kind, "id": assignment_id, "value": was.value, "last_day": last.isoformat()}
            audit.record(connection, actor=actor, action="place.end", subject=subject, data=data, now=now)
        return replace(was, valid_to=last, changed_at=as_utc(now), changed_by=actor)


def _found(connection: Connection, code: str) -> PlaceFacts:
    found = places_of(connection, [code]).get(code)
    if found is None:
        raise PlaceUnknown(f"place {code[:40]!a} is not kept; import it, or see the list of places")
    return found


def _refuse_moved_on(expected: tuple[str, int | None], standing: dict[str, PlaceFacts]) -> None:
    code, revision = expected
    stands = standing.get(code)
    if stands is None and revision is not None:
        raise PlaceUnknown(f"place {code} is not kept; send no If-Match, or If-Match: *, to make it")
    if stands is not None and revision is not None and stands.revision != revision:
        raise PlaceMovedOn(
            f"place {code} was changed by {stands.changed_by} (revision {stands.revision}, not {revision}); "
            "read it again, then decide"
        )


def _outlines(connection: Connection) -> dict[str, Any]:
    statement = select(place.c.code, place.c.geometry).where(
        place.c.level == PlaceLevel.GRID.value, place.c.geometry.is_not(None)
    )
    return {row.code: row.geometry for row in connection.execute(statement)}


def _write(
    connection: Connection, plan: ImportPlan, standing: dict[str, PlaceFacts], actor: str, now: datetime
) -> None:
    revision = next_value(connection, COUNTER)
    changed = {"revision": revision, "changed_at": as_utc(now), "changed_by": actor}
    rows = [
        {"code": each.code, "level": each.level.value, "name": each.name, "geometry": each.geometry} | changed
        for each in plan.writing.places
    ]
    if rows:
        insert_or_replace(connection, place, rows)
    write_spells(connection, plan.writing.assignments, actor, as_utc(now))
    _touch(connection, sorted(plan.writing.touched - {row["code"] for row in rows}), actor, now, revision)


def _touch(connection: Connection, codes: list[str], actor: str, now: datetime, revision: int | None = None) -> None:
    """Another revision for places whose assignments changed."""
    if revision is None:
        revision = next_value(connection, COUNTER)
    changed = {"revision": revision, "changed_at": as_utc(now), "changed_by": actor}
    for start in range(0, len(codes), AT_ONCE):
        some = codes[start : start + AT_ONCE]
        connection.execute(place.update().where(place.c.code.in_(some)).values(**changed))


def _audit(connection: Connection, plan: ImportPlan, actor: str, now: datetime, source: str) -> None:
    told = [f"{change.action} {change.kind} {change.text}" for change in plan.changes[:MOST_CHANGES_AUDITED]]
    data = {"source": source[:200], "changes": told, "changes_in_all": len(plan.changes)}
    codes = sorted(plan.writing.touched)
    subject = f"place:{codes[0]}" if len(codes) == 1 else f"places:{len(codes)}"
    audit.record(connection, actor=actor, action="places.import", subject=subject, data=data, now=now)
