"""What a page shows of one grid cell, read from its GeoJSON feature."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.geometry import Point
from core.ids import CategoryId, CellId

ZONES = ("strict", "controlled", "general")


@dataclass(frozen=True, slots=True)
class CellFacts:
    """One cell: its name, zone grade, responsible units and outline."""

    code: CellId
    name: str = ""
    zone: str = ""
    """``strict``, ``controlled``, ``general``, or empty where the grid does not say."""
    units: Mapping[CategoryId, str] = field(default_factory=dict)
    outline: tuple[Point, ...] = ()
    """Outer ring, longitude and latitude in degrees; empty where no polygon is known."""

    @classmethod
    def from_feature(cls, feature: Mapping[str, Any]) -> "CellFacts":
        """Read a GeoJSON feature as ``/api/v1/cells/{code}`` answers it; holes and further parts are left out."""
        properties: Mapping[str, Any] = feature.get("properties") or {}
        zone = str(properties.get("zone") or "")
        units: Mapping[str, Any] = properties.get("units") or {}
        return cls(
            code=CellId(str(properties.get("code", ""))),
            name=str(properties.get("name") or ""),
            zone=zone if zone in ZONES else "",
            units={CategoryId(category): str(unit) for category, unit in units.items()},
            outline=_outer_ring(feature.get("geometry") or {}),
        )

    def unit_for(self, category: CategoryId) -> str:
        """The unit responsible for a category here, or an empty text."""
        return self.units.get(category, "")


def _outer_ring(geometry: Mapping[str, Any]) -> tuple[Point, ...]:
    coordinates = geometry.get("coordinates") or []
    if geometry.get("type") == "MultiPolygon":
        coordinates = coordinates[0] if coordinates else []
    ring = coordinates[0] if coordinates else []
    return tuple(Point(float(position[0]), float(position[1])) for position in ring)
