"""What an import changes, worked out before anything is written: so a dry run tells exactly what would happen. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from cases.places.facts import Assignment, PlaceFacts, PlacesWanted, PlaceWanted
from cases.places.levels import level_of_code
from cases.places.spells import Spell, taken_in

Key = tuple[str, str, str, str]
"""Kind, code, category or role, and a person's name."""


@dataclass(frozen=True, slots=True)
class PlaceChange:
    """One thing that an import does."""

    action: str
    """``add``, ``change`` or ``end``."""
    kind: str
    """``place``, ``zone``, ``unit`` or ``person``."""
    code: str
    text: str
    """In words, without anybody's phone."""


@dataclass(frozen=True, slots=True)
class Writing:
    """Rows to write: assignments by their key (``id`` None: new), and places."""

    assignments: tuple[tuple[Key, Spell], ...]
    places: tuple[PlaceWanted, ...]
    """New ones, and those with another name or outline, complete."""
    touched: frozenset[str]
    """Codes of every place that is not as it was."""


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What is written and how that is told."""

    writing: Writing
    changes: tuple[PlaceChange, ...]
    unchanged: int
    """Wishes that stand already."""

    def count(self, action: str) -> int:
        return sum(change.action == action for change in self.changes)


@dataclass(slots=True)
class _Drafting:
    """The plan in the making."""

    standing: Mapping[str, PlaceFacts]
    today: date
    changes: list[PlaceChange] = field(default_factory=list)
    places: dict[str, PlaceWanted] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    unchanged: int = 0


def plan_import(wanted: PlacesWanted, standing: Mapping[str, PlaceFacts], today: date) -> ImportPlan:
    """Work out what follows from a file.

    Args:
        wanted: what the file asks for.
        standing: the places that it names, as they are kept, by code.
        today: the city's day.

    Raises:
        PlaceRefused: dates that cannot be; the text names the line or the feature.
    """
    draft = _Drafting(standing, today)
    for place in wanted.places:
        _take_place(draft, place)
    before = _spells(standing.values())
    after = dict(before)
    for key, spell, where in _wishes(wanted, before):
        taken = taken_in(after.get(key, ()), spell, today, where)
        draft.unchanged += taken == after.get(key, ())
        after[key] = taken
        if key[1] not in standing and key[1] not in draft.places:
            _take_place(draft, PlaceWanted(where, key[1], level_of_code(key[1], where)))
    written = []
    for key, spells in after.items():
        for spell in spells:
            was = next((each for each in before.get(key, ()) if each.id == spell.id), None) if spell.id else None
            if was != spell:
                written.append((key, spell))
                draft.touched.add(key[1])
                draft.changes.append(_told(key, was, spell))
    # Ends come first, so that a key never has two spells at once while rows are written.
    written.sort(key=lambda each: each[1].id is None)
    writing = Writing(tuple(written), tuple(draft.places.values()), frozenset(draft.touched))
    return ImportPlan(writing, tuple(draft.changes), draft.unchanged)


def key_of(assignment: Assignment) -> Key:
    """What an assignment is one spell of."""
    if assignment.kind == "unit":
        return "unit", assignment.code, assignment.category, ""
    if assignment.kind == "person":
        return "person", assignment.code, assignment.role, assignment.value
    return "zone", assignment.code, "", ""


def _take_place(draft: _Drafting, place: PlaceWanted) -> None:
    was = draft.standing.get(place.code)
    if was is None:
        full = replace(place, name=place.name or place.code)
        draft.changes.append(PlaceChange("add", "place", place.code, f"{place.level} {place.code} {full.name}"))
    else:
        full = replace(
            place,
            name=was.name if place.name is None else place.name,
            geometry=was.geometry if place.geometry is None else place.geometry,
        )
        told = []
        if full.name != was.name:
            told.append(f"name {was.name} → {full.name}")
        if full.geometry != was.geometry:
            told.append("outline")
        if not told:
            draft.unchanged += 1
            return
        draft.changes.append(PlaceChange("change", "place", place.code, f"{place.code}: {', '.join(told)}"))
    draft.places[place.code] = full
    draft.touched.add(place.code)


def _spells(places: Iterable[PlaceFacts]) -> dict[Key, tuple[Spell, ...]]:
    found: dict[Key, list[Spell]] = {}
    for place in places:
        for each in place.assignments:
            value = (each.value, each.phone, each.unit) if each.kind == "person" else (each.value,)
            found.setdefault(key_of(each), []).append(Spell(value, each.valid_from, each.valid_to, each.id))
    return {key: tuple(sorted(spells, key=lambda spell: spell.starts)) for key, spells in found.items()}


def _wishes(wanted: PlacesWanted, before: Mapping[Key, Sequence[Spell]]) -> Iterable[tuple[Key, Spell, str]]:
    for zone in wanted.zones:
        yield ("zone", zone.code, "", ""), Spell((zone.zone.value,), zone.valid_from, zone.valid_to), zone.where
    for unit in wanted.units:
        yield ("unit", unit.code, unit.category, ""), Spell((unit.unit,), unit.valid_from, unit.valid_to), unit.where
    for person in wanted.people:
        key = ("person", person.code, person.role, person.name)
        known = before.get(key, ())
        _, phone, of_unit = known[-1].value if known else ("", "", "")
        value = (
            person.name,
            phone if person.phone is None else person.phone,
            of_unit if person.unit is None else person.unit,
        )
        yield key, Spell(value, person.valid_from, person.valid_to), person.where


def _told(key: Key, was: Spell | None, now: Spell) -> PlaceChange:
    kind, code, sub, _ = key
    of = f"{code}{f' {sub}' if sub else ''}"
    if was is None:
        return PlaceChange("add", kind, code, f"{of}: {now}")
    if was.value[0] != now.value[0]:
        return PlaceChange("change", kind, code, f"{of}: {was} → {now}")
    if was.value != now.value:
        return PlaceChange("change", kind, code, f"{of}: {now.value[0]}: phone or unit")
    if now.last is not None:
        return PlaceChange("end", kind, code, f"{of}: {now.value[0]} on {now.last}")
    return PlaceChange("change", kind, code, f"{of}: {was} → {now}")
