"""A permitted area as somebody writes it, as it is kept, and as GeoJSON (RFC 7946)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from cases.policy.errors import PolicyRefused, is_storable
from cases.policy.hours import hours_of, season_of
from cases.policy.rules import PermitArea
from core.ids import CategoryId, CellId
from grid.areas import ground_area

MOST_PERMITS = 20_000
MOST_CELLS = 1000
LONGEST_NOTE = 4000

Rings = tuple[tuple[tuple[float, float], ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitDraft:
    """What a person wants to permit; ``ready`` says whether it can be."""

    number: str
    name: str
    categories: tuple[str, ...] = ()
    """Empty: every category."""
    rings: Rings = ()
    """[lon, lat] in degrees, WGS-84 or CGCS2000: the outline, then holes. Empty: the cells alone."""
    cells: tuple[str, ...] = ()
    hours: tuple[Mapping[str, Any], ...] = ()
    """``{"days": ["mon", …], "from": "18:00", "until": "02:00"}``; empty: always."""
    season: Mapping[str, str] | None = None
    """``{"from": "04-15", "until": "10-31"}``; None: all year."""
    valid_from: date | None = None
    valid_until: date | None = None
    note: str = ""

    def ready(self, permit_id: int = 0) -> PermitArea:
        """The rule that this makes.

        Raises:
            PolicyRefused: neither polygon nor cells, hours or a season that cannot be, days the wrong way round.
            GridError: the polygon is not usable.
        """
        where = f"permit {self.number!a}"
        _check_text(where, "number", self.number, 100)
        _check_text(where, "name", self.name, 200)
        if not self.rings and not self.cells:
            raise PolicyRefused(f"{where}: holds neither a polygon nor cells; draw the area, or list its cells")
        if len(self.cells) > MOST_CELLS:
            raise PolicyRefused(f"{where}: {len(self.cells)} cells are more than {MOST_CELLS}; draw the area instead")
        if len(self.note) > LONGEST_NOTE or not is_storable(self.note):
            raise PolicyRefused(f"{where}: the note is not usable; write up to {LONGEST_NOTE} characters, plain text")
        for name in (*self.categories, *self.cells):
            _check_text(where, "a category or cell", name, 200)
        if self.valid_from is not None and self.valid_until is not None and self.valid_until < self.valid_from:
            raise PolicyRefused(f"{where}: ends {self.valid_until} before it begins {self.valid_from}; swap the days")
        return PermitArea(
            id=permit_id,
            number=self.number,
            name=self.name,
            categories=frozenset(CategoryId(each) for each in self.categories),
            area=ground_area(self.rings, where) if self.rings else None,
            cells=frozenset(CellId(each) for each in self.cells),
            hours=hours_of(self.hours, f"{where}: hours"),
            season=season_of(self.season, f"{where}: season"),
            valid_from=self.valid_from,
            valid_until=self.valid_until,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPermit:
    """A permit in the database."""

    permit: PermitArea
    note: str
    revision: int
    """Another one after each change: its ETag."""
    added_at: datetime
    added_by: str
    changed_at: datetime
    changed_by: str

    @property
    def rings(self) -> Rings:
        area = self.permit.area
        return () if area is None else tuple(tuple((at.x, at.y) for at in ring) for ring in area.rings)

    def as_feature(self) -> dict[str, Any]:
        """GeoJSON; ``geometry`` null where the permit is a list of cells."""
        permit = self.permit
        return {
            "type": "Feature",
            "id": permit.id,
            "properties": {
                "number": permit.number,
                "name": permit.name,
                "categories": sorted(permit.categories),
                "cells": sorted(permit.cells),
                "hours": permit.hours.as_json(),
                "season": None if permit.season is None else permit.season.as_json(),
                "valid_from": None if permit.valid_from is None else permit.valid_from.isoformat(),
                "valid_until": None if permit.valid_until is None else permit.valid_until.isoformat(),
                "note": self.note,
            },
            "geometry": None if permit.area is None else permit.area.as_geometry(),
        }


def feature_collection(permits: Sequence[KeptPermit]) -> dict[str, Any]:
    """All permits as one GeoJSON document; ``drafts_of`` reads it back."""
    return {"type": "FeatureCollection", "features": [each.as_feature() for each in permits]}


def drafts_of(document: object, source: str) -> tuple[PermitDraft, ...]:
    """The permits of a GeoJSON FeatureCollection, each checked.

    Properties other than ours are left alone, so that a layer exported from a map program may be used.

    Raises:
        PolicyRefused: not a collection, a number twice, or a property that is not what it should be.
        GridError: a polygon that is not usable.
    """
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection" or not isinstance(features, list):
        raise PolicyRefused(f"{source}: expected a GeoJSON FeatureCollection; export the layer as one")
    if len(features) > MOST_PERMITS:
        raise PolicyRefused(f"{source}: {len(features)} features are more than {MOST_PERMITS}; split the file")
    drafts = tuple(_draft_of(feature, f"{source}: feature {at}") for at, feature in enumerate(features, start=1))
    seen: set[str] = set()
    for draft in drafts:
        if draft.number in seen:
            raise PolicyRefused(f"{source}: permit number {draft.number!a} occurs twice; give each its own")
        seen.add(draft.number)
        draft.ready()
    return drafts


def draft_of_text(text: str, source: str) -> tuple[PermitDraft, ...]:
    """The same from a file's text.

    Raises:
        PolicyRefused, GridError: see ``drafts_of``.
    """
    try:
        return drafts_of(json.loads(text.removeprefix("\ufeff")), source)
    except (json.JSONDecodeError, RecursionError) as error:
        raise PolicyRefused(f"{source}: not JSON ({error}); export it as GeoJSON in UTF-8") from error


def _draft_of(feature: object, where: str) -> PermitDraft:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(feature, dict) or feature.get("type") != "Feature" or not isinstance(properties, dict):
        raise PolicyRefused(f'{where}: not a GeoJSON Feature with properties; expected {{"type": "Feature", ...}}')
    season = properties.get("season")
    if season is not None and not isinstance(season, dict):
        raise PolicyRefused(f'{where}: season {season!r} is not an object; write {{"from": "04-15", "until": "10-31"}}')
    return PermitDraft(
        number=_text(properties, "number", where, needed=True),
        name=_text(properties, "name", where) or _text(properties, "number", where),
        categories=_texts(properties, "categories", where),
        rings=_rings_of(feature.get("geometry"), where),
        cells=_texts(properties, "cells", where),
        hours=tuple(_objects(properties.get("hours") or [], where)),
        season=season,
        valid_from=_day(properties, "valid_from", where),
        valid_until=_day(properties, "valid_until", where),
        note=_text(properties, "note", where),
    )


def _rings_of(geometry: object, where: str) -> Rings:
    if geometry is None:
        return ()
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    coordinates = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if kind == "MultiPolygon" and isinstance(coordinates, list) and len(coordinates) == 1:
        kind, coordinates = "Polygon", coordinates[0]
    if kind != "Polygon" or not isinstance(coordinates, list):
        raise PolicyRefused(f"{where}: geometry {kind!r} is not one Polygon; give each area its own feature")
    try:
        return tuple(tuple((float(place[0]), float(place[1])) for place in ring) for ring in coordinates)
    except (TypeError, ValueError, IndexError, KeyError, OverflowError) as error:
        raise PolicyRefused(f"{where}: its coordinates are not [lon, lat] numbers; export it again") from error


def _objects(given: object, where: str) -> Sequence[Mapping[str, Any]]:
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise PolicyRefused(
            f'{where}: hours are not a list; write [{{"days": ["mon"], "from": "18:00", "until": "22:00"}}]'
        )
    return given


def _text(properties: Mapping[str, Any], name: str, where: str, needed: bool = False) -> str:
    value = properties.get(name)
    if value is None and not needed:
        return ""
    if not isinstance(value, str) or (needed and not value):
        raise PolicyRefused(f'{where}: {name} {value!r} is not text; write "{name}": "..." in its properties')
    return value


def _texts(properties: Mapping[str, Any], name: str, where: str) -> tuple[str, ...]:
    value = properties.get(name) or []
    if not isinstance(value, list) or not all(isinstance(each, str) and 0 < len(each) <= 200 for each in value):
        raise PolicyRefused(f"{where}: {name} is not a list of texts; write [...] with texts of 1 to 200 characters")
    return tuple(value)


def _day(properties: Mapping[str, Any], name: str, where: str) -> date | None:
    text = _text(properties, name, where)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise PolicyRefused(f"{where}: {name} {text[:20]!a} is no day; write YYYY-MM-DD") from error


def _check_text(where: str, name: str, value: str, longest: int) -> None:
    if not value or len(value) > longest or not value.isprintable():
        raise PolicyRefused(f"{where}: {name} is not usable; write 1 to {longest} printable characters")
