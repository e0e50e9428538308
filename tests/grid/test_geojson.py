"""GeoJSON unit grids: what is read, and what each bad file is told."""

import json
from pathlib import Path

import pytest

from core.errors import GridError
from core.ids import CategoryId
from grid.cells import Zone, load_geojson
from tests.grid.city import PLANE, code, collection, feature, square

GARBAGE = CategoryId("exposed_garbage")
A, B = code(0, 0), code(0, 1)
RING = square(0, 0)


def test_a_feature_becomes_a_unit_grid_with_grade_name_and_units() -> None:
    text = collection(feature(A, RING, "strict", {"exposed_garbage": "环卫一所"}, remark="left alone"))
    (unit,) = load_geojson(text)
    assert (unit.code, unit.name, unit.zone) == (A, f"格 {A}", Zone.STRICT)
    assert unit.units[GARBAGE] == "环卫一所"
    assert len(unit.ring) == 5
    hash(unit)


def test_a_unit_grid_gives_back_the_feature_it_was_read_from() -> None:
    given = feature(A, RING, "strict", {"exposed_garbage": "环卫一所"})
    (unit,) = load_geojson(collection(given))
    assert unit.as_feature() == given
    assert list(load_geojson(collection(unit.as_feature()))) == [unit]


def test_a_grid_without_a_name_is_called_by_its_code() -> None:
    given = feature(A, RING)
    given["properties"] = {"code": A, "zone": "general"}
    (unit,) = load_geojson(collection(given))
    assert unit.name == A
    assert unit.units == {}


def test_a_file_is_read_and_named_in_errors(tmp_path: Path) -> None:
    file = tmp_path / "city.geojson"
    file.write_text("\ufeff" + collection(feature(A, RING)), encoding="utf-8")
    assert len(load_geojson(file)) == 1
    file.write_text("{", encoding="utf-8")
    with pytest.raises(GridError, match=r"city\.geojson: not JSON, line 1 column 2"):
        load_geojson(file)
    file.write_bytes("街".encode("gbk"))
    with pytest.raises(GridError, match=r"city\.geojson: not UTF-8"):
        load_geojson(file)
    with pytest.raises(GridError, match=r"none\.geojson: cannot be read: No such file"):
        load_geojson(tmp_path / "none.geojson")


def test_a_hole_is_no_part_of_the_grid() -> None:
    given = feature(A, RING)
    given["geometry"] = {"type": "Polygon", "coordinates": [RING, square(40, 40, 20)]}
    grid = load_geojson(collection(given))
    (unit,) = grid
    assert len(unit.holes) == 1
    assert grid.cell_at(PLANE.to_lonlat(type(PLANE.origin)(50, 50))) is None
    assert grid.cell_at(PLANE.to_lonlat(type(PLANE.origin)(30, 50))) == A


def test_altitudes_and_a_multipolygon_of_one_part_are_accepted() -> None:
    given = feature(A, RING)
    given["geometry"] = {"type": "MultiPolygon", "coordinates": [[[[*position, 12.5] for position in RING]]]}
    assert load_geojson(collection(given)).cell_at(PLANE.to_lonlat(type(PLANE.origin)(1, 1))) == A


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("not json", r"not JSON, line 1 column 1"),
        ("", r"not JSON"),
        ('{"type": NaN}', r"NaN is no number in JSON"),
        ("[" * 100_000, r"nested too deeply|not JSON"),
        ("[]", r"expected a GeoJSON FeatureCollection, found 'list'"),
        ('{"type": "Topology"}', r"expected a GeoJSON FeatureCollection, found 'Topology'"),
        ('{"type": "FeatureCollection"}', r'"features" holds no feature'),
        ('{"type": "FeatureCollection", "features": []}', r'"features" holds no feature'),
        ('{"type": "FeatureCollection", "features": [3]}', r"feature 1: not a GeoJSON Feature"),
        ('{"type": "FeatureCollection", "features": [{"type": "Feature"}]}', r'feature 1: no "code"'),
    ],
)
def test_text_that_is_no_feature_collection_is_refused(text: str, message: str) -> None:
    with pytest.raises(GridError, match=message):
        load_geojson(text)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (feature(510104001001001, RING), "is a number; codes are text"),
        (feature("5101", RING), "feature 2: code '5101' is not 14 or 15 digits"),
        (feature(A, square(500, 500)), f"feature 2: duplicate code {A}, feature 1 has it already"),
        (feature(B, [*RING[:-1], [104.0801, 30.6501]]), f"code {B}.*ring is not closed: it starts at"),
        (feature(B, RING[:3]), "at least 4 positions"),
        (feature(B, [RING[0], RING[2], RING[1], RING[3], RING[0]]), r"crosses itself near \[104\.080\d+, 30\.650\d+\]"),
        (feature(B, [[lat, lon] for lon, lat in RING]), r"coordinates look swapped: expected \[lon, lat\]"),
        (feature(B, [[500_000.0, 3_400_000.0]] * 4), "not in degrees; convert projected metres"),
        (feature(B, [[1e400, 30.0]] * 4), "not finite|not JSON|no number"),
        (feature(B, [["104", "30"]] * 4), "is not \\[lon, lat\\]"),
        (feature(B, [[True, False]] * 4), "is not \\[lon, lat\\]"),
        (feature(B, [[10**400, 30]] * 4), "too large a number"),
        (feature(B, [[104.0, 30.0]] * 4), "not valid|no area"),
        (feature(B, [[104.0, 30.0], [104.1, 30.0], [104.2, 30.0], [104.0, 30.0]]), "not valid|no area|crosses itself"),
        (feature(B, square(200, 200, 0.5)), r"covers only 0\.250 m²"),
        (feature(B, square(0, 100), zone="Strict"), "unknown zone 'Strict'.*did you mean 'strict'"),
        (
            feature(B, square(0, 100), zone="严管区"),
            "unknown zone '严管区'; expected one of strict,",
        ),
        (feature(B, square(0, 100), zone=None), 'no "zone"'),
        (feature(B, square(0, 100), units=["环卫"]), "is not an object"),
        (feature(B, square(0, 100), units={"exposed_garbage": 3}), "is not a unit's name"),
        (feature(B, square(0, 100), name=3), "name 3 is not text"),
        ({**feature(B, RING), "geometry": None}, "geometry None is not a Polygon"),
        ({**feature(B, RING), "geometry": {"type": "Point", "coordinates": RING[0]}}, "'Point' is not a Polygon"),
        ({**feature(B, RING), "geometry": {"type": "Polygon", "coordinates": []}}, "has no ring"),
        (
            {**feature(B, RING), "geometry": {"type": "MultiPolygon", "coordinates": [[RING], [RING]]}},
            "is one polygon, found 2",
        ),
        (
            {**feature(B, RING), "geometry": {"type": "Polygon", "coordinates": [square(0, 200), square(500, 500)]}},
            "hole lies outside shell",
        ),
        (feature(B, square(0, 80)), f"unit grids {A} and {B} overlap by 2000.. m² around"),
        (feature(B, square(0, 0)), f"unit grids {A} and {B} overlap by"),
        (feature(B, square(40, 40, 20)), f"unit grids {A} and {B} overlap by 400.0 m²"),
    ],
)
def test_a_bad_feature_is_refused_by_name(bad: dict[str, object], message: str) -> None:
    with pytest.raises(GridError, match=message):
        load_geojson(collection(feature(A, RING), bad))


def test_an_overlap_within_the_tolerance_is_taken_for_drawing() -> None:
    slightly = collection(feature(A, RING), feature(B, square(0, 99.95)))
    assert len(load_geojson(slightly)) == 2
    with pytest.raises(GridError, match=r"overlap by 5\.0 m²"):
        load_geojson(slightly, overlap_tolerance_m2=1.0)


def test_a_small_grid_inside_the_tolerance_is_still_an_overlap() -> None:
    with pytest.raises(GridError, match="overlap by"):
        load_geojson(collection(feature(A, RING), feature(B, square(40, 40, 3))))


@pytest.mark.parametrize("name", ["urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4490", "urn:ogc:def:crs:EPSG::4490"])
def test_a_coordinate_system_in_degrees_is_accepted(name: str) -> None:
    document = json.loads(collection(feature(A, RING)))
    document["crs"] = {"type": "name", "properties": {"name": name}}
    assert len(load_geojson(json.dumps(document))) == 1


@pytest.mark.parametrize("crs", [{"type": "name", "properties": {"name": "EPSG:4547"}}, {}, "x"])
def test_another_coordinate_system_is_refused(crs: object) -> None:
    document = json.loads(collection(feature(A, RING)))
    document["crs"] = crs
    with pytest.raises(GridError, match="is not in degrees; convert it"):
        load_geojson(json.dumps(document))
