"""Places from GeoJSON and back: one feature a place, with zone, units and people in its properties.

    {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [[[104.08, 30.657], …]]},
     "properties": {"code": "510104001001001", "name": "春熙路一", "zone": "strict",
                    "units": {"exposed_garbage": "环卫一所"},
                    "people": [{"role": "环卫", "name": "李敏", "phone": "13800000000", "unit": "环卫一所"}],
                    "valid_from": "2026-05-01", "valid_to": null}}

A district, street or community may have no geometry (null). Properties that are not named above are left alone.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from cases.catalogue.entries import Catalogue
from cases.csv_tables import decoded
from cases.places.errors import PlaceRefused
from cases.places.facts import PersonWanted, PlaceFacts, PlacesWanted, PlaceWanted, UnitWanted, ZoneWanted
from cases.places.levels import PlaceLevel, level_of_code
from cases.places.values import category_of, day_of, text_of, zone_of
from core.ids import CellId
from grid.cells import CityGrid
from grid.geojson import rings_of
from grid.units import UnitGrid, Zone

MOST_PLACES = 200_000
GEOJSON = "application/geo+json"


def read_layer(data: bytes, source: str, catalogue: Catalogue) -> PlacesWanted:
    """Places from a GeoJSON file.

    Raises:
        PlaceRefused, GridError: the text names the file, the feature and the mend.
    """
    try:
        document = json.loads(decoded(data, source, PlaceRefused))
    except json.JSONDecodeError as error:
        raise PlaceRefused(
            f"{source}: not JSON, line {error.lineno} column {error.colno}: {error.msg}; export it as GeoJSON"
        ) from error
    except (RecursionError, ValueError) as error:  # ValueError: a number of thousands of digits
        raise PlaceRefused(f"{source}: nested too deeply, or a number too long, to be GeoJSON") from error
    return layer_wanted(document, source, catalogue)


def layer_wanted(document: object, source: str, catalogue: Catalogue) -> PlacesWanted:
    """The same from JSON that is read already.

    Raises:
        PlaceRefused, GridError: see ``read_layer``.
    """
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection" or not isinstance(features, list):
        raise PlaceRefused(f"{source}: not a GeoJSON FeatureCollection; export the layer as one")
    if not 0 < len(features) <= MOST_PLACES:
        raise PlaceRefused(f"{source}: {len(features)} features; give 1 to {MOST_PLACES}")
    seen: dict[str, int] = {}
    wanted = []
    for number, feature in enumerate(features, start=1):
        one = _feature(feature, f"{source}: feature {number}", catalogue)
        code = one.places[0].code
        if code in seen:
            raise PlaceRefused(f"{source}: feature {number}: code {code} is feature {seen[code]}'s; keep one of them")
        seen[code] = number
        wanted.append(one)
    return PlacesWanted(
        places=tuple(each for one in wanted for each in one.places),
        zones=tuple(each for one in wanted for each in one.zones),
        units=tuple(each for one in wanted for each in one.units),
        people=tuple(each for one in wanted for each in one.people),
    )


def properties_wanted(
    code: str, properties: Mapping[str, Any], geometry: Any, where: str, catalogue: Catalogue
) -> PlacesWanted:
    """One place from what its feature says of it.

    Raises:
        PlaceRefused, GridError: see ``read_layer``.
    """
    level = level_of_code(code, where)
    where = f"{where} (code {code})"
    first, last = day_of(properties.get("valid_from"), where), day_of(properties.get("valid_to"), where)
    name = properties.get("name")
    zone = properties.get("zone")
    return PlacesWanted(
        places=(
            PlaceWanted(
                where,
                code,
                level,
                None if name is None else text_of(name, "name", where, 200),
                None if geometry is None else _checked(geometry, where),
            ),
        ),
        zones=() if zone is None else (ZoneWanted(where, code, zone_of(zone, where), first, last),),
        units=tuple(_units(properties.get("units"), code, first, last, where, catalogue)),
        people=tuple(_people(properties.get("people"), code, first, last, where)),
    )


def refuse_overlaps(wanted: Iterable[PlaceWanted], standing: Mapping[str, Any]) -> None:
    """Refuse unit grids that lie over one another, among those wanted and those that stand.

    Args:
        wanted: what is to be there.
        standing: outlines of unit grids by code.

    Raises:
        GridError: the text names both codes.
    """
    outlines = dict(standing)
    outlines |= {each.code: each.geometry for each in wanted if each.level is PlaceLevel.GRID and each.geometry}
    if len(outlines) < 2:
        return
    units = [_as_unit(code, geometry) for code, geometry in outlines.items()]
    CityGrid(units)


def feature_of(place: PlaceFacts, day: date, shows_phones: bool) -> dict[str, Any]:
    """A place as it stands on a day."""
    zone = place.zone_on(day)
    people = [
        {"role": each.role, "name": each.value, "unit": each.unit} | ({"phone": each.phone} if shows_phones else {})
        for each in place.people_on(day)
    ]
    properties = {"code": place.code, "level": place.level.value, "name": place.name}
    return {
        "type": "Feature",
        "properties": properties
        | ({} if zone is None else {"zone": zone.value})
        | {"units": place.units_on(day), "people": people},
        "geometry": None if place.geometry is None else dict(place.geometry),
    }


def _feature(feature: object, where: str, catalogue: Catalogue) -> PlacesWanted:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(feature, dict) or feature.get("type") != "Feature" or not isinstance(properties, dict):
        raise PlaceRefused(f'{where}: not a GeoJSON Feature with properties; write {{"type": "Feature", …}}')
    code = properties.get("code")
    if not isinstance(code, str):
        raise PlaceRefused(f'{where}: code {code!r} is not text; write "code": "510104001001001"')
    return properties_wanted(code, properties, feature.get("geometry"), where, catalogue)


def _checked(geometry: Any, where: str) -> Mapping[str, Any]:
    rings = rings_of(geometry, where)
    return {"type": "Polygon", "coordinates": [[[place.x, place.y] for place in ring] for ring in rings]}


def _units(
    units: Any, code: str, first: date | None, last: date | None, where: str, catalogue: Catalogue
) -> Iterable[UnitWanted]:
    if units is None:
        return
    if not isinstance(units, dict):
        raise PlaceRefused(f'{where}: units {units!r} is not an object; write {{"<category>": "<unit>"}}')
    for category, unit in units.items():
        known = category_of(category, catalogue, where)
        yield UnitWanted(where, code, known, text_of(unit, f"units.{known}", where, 256), first, last)


def _people(people: Any, code: str, first: date | None, last: date | None, where: str) -> Iterable[PersonWanted]:
    if people is None:
        return
    if not isinstance(people, list) or not all(isinstance(each, dict) for each in people):
        raise PlaceRefused(f'{where}: people is not a list; write [{{"role": "环卫", "name": "…", "phone": "…"}}]')
    for number, person in enumerate(people, start=1):
        here = f"{where}: person {number}"
        yield PersonWanted(
            here,
            code,
            text_of(person.get("role", ""), "role", here, 64, may_be_empty=True),
            text_of(person.get("name"), "name", here, 200),
            _optional(person, "phone", here, 64),
            _optional(person, "unit", here, 256),
            day_of(person.get("valid_from"), here) or first,
            day_of(person.get("valid_to"), here) or last,
        )


def _optional(person: Mapping[str, Any], key: str, where: str, longest: int) -> str | None:
    told = person.get(key)
    return None if told is None else text_of(told, key, where, longest, may_be_empty=True)


def _as_unit(code: str, geometry: Any) -> UnitGrid:
    rings = rings_of(geometry, f"unit grid {code}")
    return UnitGrid(CellId(code), code, Zone.GENERAL, MappingProxyType({}), rings[0], rings[1:])
