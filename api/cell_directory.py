"""What the API asks the grid about one cell: a port, filled in by the composition and by a scripted twin in tests."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from cases.intake import CellFacts
from cases.policy.outlines import outline_of
from core.ids import CategoryId, CellId
from grid.cells import CityGrid, load_geojson


class CellDirectory(Protocol):
    """The city's cells, as far as an operator's page needs them."""

    def feature(self, code: CellId) -> dict[str, Any] | None:
        """The cell as a GeoJSON Feature (longitude, latitude), or None where no such cell is known."""
        ...

    def zone(self, code: CellId) -> str | None:
        """``strict``, ``controlled`` or ``general``; None for an unknown cell."""
        ...

    def unit(self, code: CellId, category: CategoryId) -> str | None:
        """The unit that answers for a category in a cell; None where nobody is named."""
        ...

    def cell_at(self, lon: float, lat: float) -> CellId | None:
        """The cell that a place (WGS-84 degrees) lies in; None outside the city's grid."""
        ...

    def city(self) -> CityGrid | None:
        """All unit grids with their outlines; None where there is none to draw."""
        ...


def facts_of(cells: CellDirectory, code: CellId, category: CategoryId) -> CellFacts:
    """What a case that is opened in a cell takes from the grid file."""
    return CellFacts(cells.zone(code), cells.unit(code, category), outline_of(cells.feature(code)))


@dataclass(frozen=True, slots=True)
class ScriptedCells:
    """The scripted twin: a handful of GeoJSON features by code."""

    features: Mapping[CellId, dict[str, Any]] = field(default_factory=dict)

    def feature(self, code: CellId) -> dict[str, Any] | None:
        return self.features.get(code)

    def zone(self, code: CellId) -> str | None:
        found = self.features.get(code)
        return None if found is None else found["properties"].get("zone")

    def unit(self, code: CellId, category: CategoryId) -> str | None:
        found = self.features.get(code)
        return None if found is None else found["properties"].get("units", {}).get(category)

    def cell_at(self, lon: float, lat: float) -> CellId | None:
        """By the features' bounding boxes: scripted cells are upright squares."""
        for code, feature in self.features.items():
            ring = feature["geometry"]["coordinates"][0]
            lons, lats = [place[0] for place in ring], [place[1] for place in ring]
            if min(lons) <= lon <= max(lons) and min(lats) <= lat <= max(lats):
                return code
        return None

    def city(self) -> CityGrid | None:
        """The features' own outlines."""
        if not self.features:
            return None
        layer = {"type": "FeatureCollection", "features": list(self.features.values())}
        return load_geojson(json.dumps(layer))
