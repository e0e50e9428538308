"""One unit grid: the smallest piece of the city that somebody answers for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from core.geometry import Point
from core.ids import CategoryId, CellId

Ring = tuple[Point, ...]
"""A closed ring, lon/lat in degrees, first position repeated at the end."""


class Zone(StrEnum):
    """How strictly a grid is kept: 严管区, 控制区, 一般区."""

    STRICT = "strict"
    CONTROLLED = "controlled"
    GENERAL = "general"


@dataclass(frozen=True, slots=True)
class UnitGrid:
    """A unit grid (单元网格) with its grade and the unit that answers for each category."""

    code: CellId
    name: str
    zone: Zone
    units: Mapping[CategoryId, str] = field(hash=False)
    """The responsible unit per category; read-only. A category that is missing has no unit yet."""
    ring: Ring
    holes: tuple[Ring, ...] = ()

    def as_feature(self) -> dict[str, object]:
        """The unit grid as a GeoJSON feature (RFC 7946), as it was read."""
        return {
            "type": "Feature",
            "properties": {
                "code": str(self.code),
                "name": self.name,
                "zone": self.zone.value,
                "units": {str(category): unit for category, unit in self.units.items()},
            },
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[place.x, place.y] for place in ring] for ring in (self.ring, *self.holes)],
            },
        }
