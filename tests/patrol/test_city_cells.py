"""The API's cell directory over the real grid."""

import json

import pytest

from api.cell_routes import EXAMPLE_FEATURE
from core.ids import CategoryId, CellId
from grid.cells import load_geojson
from patrol.city_cells import CityCells

LAYER = json.dumps({"type": "FeatureCollection", "features": [EXAMPLE_FEATURE]})
CODE = CellId("510104001001001")


@pytest.mark.parametrize("sub_cell_m", [None, 20.0], ids=["unit grids", "squares"])
def test_a_place_has_the_cell_whose_feature_it_lies_in(sub_cell_m: float | None) -> None:
    cells = CityCells(load_geojson(LAYER, sub_cell_m=sub_cell_m))
    found = cells.cell_at(104.0805, 30.6505)
    assert found is not None
    assert found.startswith(CODE)
    feature = cells.feature(found)
    assert feature is not None
    ring = feature["geometry"]["coordinates"][0]
    assert min(lon for lon, _ in ring) <= 104.0805 <= max(lon for lon, _ in ring)
    assert min(lat for _, lat in ring) <= 30.6505 <= max(lat for _, lat in ring)
    assert (cells.zone(found), cells.unit(found, CategoryId("exposed_garbage"))) == ("controlled", "环卫一所")


@pytest.mark.parametrize(("lon", "lat"), [(104.2, 30.65), (30.6505, 104.0805), (0.0, 0.0), (-180.0, -90.0)])
def test_a_place_outside_the_city_has_no_cell(lon: float, lat: float) -> None:
    assert CityCells(load_geojson(LAYER)).cell_at(lon, lat) is None
