"""GeoJSON text (RFC 7946) to unit grids, with errors that name the feature and the mend.

    {"type": "Feature",
     "properties": {"code": "510104001001001", "name": "春熙路一", "zone": "strict",
                    "units": {"exposed_garbage": "环卫一所"}},
     "geometry": {"type": "Polygon", "coordinates": [[[104.080, 30.657], ...]]}}

Positions are WGS-84 or CGCS2000 [lon, lat] in degrees. Properties that are not named above are left alone.
"""

import json
from difflib import get_close_matches
from types import MappingProxyType
from typing import NoReturn

from core.errors import GridError
from core.geometry import Point
from core.ids import CategoryId, CellId
from grid.codes import check_code
from grid.plane import LocalPlane, check_lonlat
from grid.polygons import check_polygon
from grid.units import Ring, UnitGrid, Zone

_LEAST_AREA_M2 = 1.0
# The 2008 GeoJSON "crs" member: names of WGS-84 and CGCS2000 in degrees.
_CRS_IN_DEGREES = ("CRS84", "EPSG:4326", "EPSG::4326", "EPSG:4490", "EPSG::4490")


def parse_units(text: str, source: str) -> tuple[UnitGrid, ...]:
    """The unit grids of a GeoJSON feature collection, in the file's order.

    Args:
        text: the file's text.
        source: what errors call the file.

    Raises:
        GridError: not JSON, not a feature collection, or a feature that is not a usable unit grid.
    """
    document = _load_json(text, source)
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        found = document.get("type") if isinstance(document, dict) else type(document).__name__
        raise GridError(f"{source}: expected a GeoJSON FeatureCollection, found {found!r}; export the layer as one")
    _check_crs(document.get("crs"), source)
    features = document.get("features")
    if not isinstance(features, list) or not features:
        raise GridError(f'{source}: "features" holds no feature; a city needs at least one unit grid')
    units: list[UnitGrid] = []
    seen: dict[CellId, int] = {}
    for number, feature in enumerate(features, start=1):
        unit = _parse_feature(feature, f"{source}: feature {number}")
        if unit.code in seen:
            raise GridError(
                f"{source}: feature {number}: duplicate code {unit.code}, feature {seen[unit.code]} has it already; "
                "give each unit grid its own code"
            )
        seen[unit.code] = number
        units.append(unit)
    return tuple(units)


def _load_json(text: str, source: str) -> object:
    try:
        document: object = json.loads(text.removeprefix("\ufeff"), parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise GridError(
            f"{source}: not JSON, line {error.lineno} column {error.colno}: {error.msg}; export it as GeoJSON in UTF-8"
        ) from error
    except RecursionError as error:
        raise GridError(f"{source}: nested too deeply to be GeoJSON") from error
    except ValueError as error:
        raise GridError(f"{source}: {error}; write plain numbers") from error
    return document


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number in JSON")


def _check_crs(crs: object, source: str) -> None:
    if crs is None:
        return
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if not isinstance(name, str) or not name.endswith(_CRS_IN_DEGREES):
        raise GridError(
            f"{source}: coordinate system {name!r} is not in degrees; convert it to WGS-84 or CGCS2000 [lon, lat]"
        )


def _parse_feature(feature: object, where: str) -> UnitGrid:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise GridError(f'{where}: not a GeoJSON Feature; expected {{"type": "Feature", ...}}')
    properties = feature.get("properties")
    if not isinstance(properties, dict) or "code" not in properties:
        raise GridError(f'{where}: no "code" in its properties; add the unit grid\'s code of 14 or 15 digits')
    code = check_code(properties["code"], where)
    where = f"{where} (code {code})"
    name = properties.get("name", "")
    if not isinstance(name, str):
        raise GridError(f"{where}: name {name!r} is not text")
    rings = _parse_geometry(feature.get("geometry"), where)
    plane = LocalPlane.around(rings[0])
    polygon = check_polygon(rings[0], rings[1:], where)
    area_m2 = float(polygon.area) * plane.m_per_degree_lon * plane.m_per_degree_lat
    if area_m2 < _LEAST_AREA_M2:
        raise GridError(f"{where}: covers only {area_m2:.3f} m²; check its coordinates")
    return UnitGrid(
        code=code,
        name=name or str(code),
        zone=_parse_zone(properties.get("zone"), where),
        units=_parse_responsible(properties.get("units", {}), where),
        ring=rings[0],
        holes=rings[1:],
    )


def _parse_zone(zone: object, where: str) -> Zone:
    names = [known.value for known in Zone]
    if isinstance(zone, str) and zone in names:
        return Zone(zone)
    if zone is None:
        raise GridError(f'{where}: no "zone" in its properties; add one of {", ".join(names)}')
    near = get_close_matches(str(zone).lower(), names, n=1)
    hint = f", did you mean {near[0]!r}?" if near else ""
    raise GridError(f"{where}: unknown zone {zone!r}; expected one of {', '.join(names)}{hint}")


def _parse_responsible(units: object, where: str) -> MappingProxyType[CategoryId, str]:
    if not isinstance(units, dict):
        raise GridError(f'{where}: units {units!r} is not an object; write {{"<category>": "<unit>"}}')
    responsible: dict[CategoryId, str] = {}
    for category, unit in units.items():
        if not category or not isinstance(unit, str) or not unit:
            raise GridError(f"{where}: units: {category!r}: {unit!r} is not a unit's name")
        responsible[CategoryId(category)] = unit
    return MappingProxyType(responsible)


def _parse_geometry(geometry: object, where: str) -> tuple[Ring, ...]:
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    coordinates = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if kind == "MultiPolygon" and isinstance(coordinates, list):
        if len(coordinates) != 1:
            raise GridError(f"{where}: a unit grid is one polygon, found {len(coordinates)}; give each its own code")
        coordinates = coordinates[0]
    elif kind != "Polygon":
        raise GridError(f"{where}: geometry {kind!r} is not a Polygon; a unit grid is an area")
    if not isinstance(coordinates, list) or not coordinates:
        raise GridError(f"{where}: the polygon has no ring")
    return tuple(_parse_ring(ring, where) for ring in coordinates)


def _parse_ring(ring: object, where: str) -> Ring:
    if not isinstance(ring, list) or len(ring) < 4:
        raise GridError(f"{where}: a ring has at least 4 positions, the last equal to the first")
    places = tuple(_parse_position(position, where) for position in ring)
    if places[0] != places[-1]:
        first, last = places[0], places[-1]
        raise GridError(
            f"{where}: the ring is not closed: it starts at [{first.x}, {first.y}] and ends at [{last.x}, {last.y}]; "
            "repeat the first position at the end"
        )
    return places


def _parse_position(position: object, where: str) -> Point:
    if (
        not isinstance(position, list)
        or len(position) < 2
        or not all(isinstance(number, int | float) and not isinstance(number, bool) for number in position)
    ):
        raise GridError(f"{where}: position {position!r} is not [lon, lat]; write two numbers in degrees")
    try:
        lon, lat = float(position[0]), float(position[1])
    except OverflowError as error:
        raise GridError(f"{where}: a position is too large a number; write degrees as [lon, lat]") from error
    return check_lonlat(lon, lat, where)


def rings_of(geometry: object, where: str) -> tuple[Ring, ...]:
    """The outer ring and the holes of a GeoJSON Polygon (or a MultiPolygon of one), checked.

    Raises:
        GridError: it is none, or cannot be drawn; ``where`` names the feature.
    """
    rings = _parse_geometry(geometry, where)
    check_polygon(rings[0], rings[1:], where)
    return rings
