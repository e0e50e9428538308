"""The city's cells as the API and the desk want them."""

from typing import Any

from core.errors import GridError
from core.geometry import Point
from core.ids import CategoryId, CellId
from grid.cells import CityGrid, UnitGrid
from grid.ground import Ground, ground_of


class CityCells:
    """``api``'s cell directory over the grid room's polygons, as they are at each question."""

    def __init__(self, city: CityGrid | Ground) -> None:
        self._ground = ground_of(city)

    @property
    def _city(self) -> CityGrid:
        return self._ground()

    def feature(self, code: CellId) -> dict[str, Any] | None:
        """GeoJSON feature of a cell, or None when the city has no such cell."""
        unit = self._unit(code)
        if unit is None or code not in self._city:
            return None
        feature = dict(unit.as_feature())
        feature["geometry"] = {
            "type": "Polygon",
            "coordinates": [[[place.x, place.y] for place in self._city.ring_of(code)]],
        }
        return feature

    def zone(self, code: CellId) -> str | None:
        unit = self._unit(code)
        return None if unit is None else unit.zone.value

    def unit(self, code: CellId, category: CategoryId) -> str | None:
        """Who answers for a category there."""
        unit = self._unit(code)
        return None if unit is None else unit.units.get(category)

    def cell_at(self, lon: float, lat: float) -> CellId | None:
        """The cell that a place lies in; None outside the grid."""
        return self._city.cell_at(Point(lon, lat))

    def city(self) -> CityGrid:
        """All unit grids with their outlines."""
        return self._city

    def _unit(self, code: CellId) -> UnitGrid | None:
        try:
            return self._city.unit_of(code)
        except GridError:
            return None
