"""What the API asks the grid about one cell: a port, filled in by the composition and by a scripted twin in tests."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from core.ids import CategoryId, CellId


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
