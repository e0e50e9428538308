"""A cell's outline out of its GeoJSON feature."""

from collections.abc import Mapping
from typing import Any

from core.geometry import Point
from grid.units import Ring


def outline_of(feature: Mapping[str, Any] | None) -> Ring | None:
    """The outer ring, lon/lat, closed; None for a cell that is not known. Holes are passed over."""
    if feature is None:
        return None
    return tuple(Point(place[0], place[1]) for place in feature["geometry"]["coordinates"][0])
