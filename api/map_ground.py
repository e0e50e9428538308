"""The city as the map draws it: outlines in the tiles' datum, what cameras see; worked out once and kept."""

import hashlib
import json
import threading
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from api.cell_directory import CellDirectory
from core.errors import GridError
from core.geometry import Point
from core.ids import CameraId, CellId
from grid.cells import CityGrid
from grid.city_layout import CellCover, CityLayout, LevelArea
from grid.datum import Datum, to_datum
from grid.fields_of_view import FieldOfView, field_of_view
from grid.units import Ring
from grid.views import ViewSpec
from grid.web_mercator import to_mercator

STEP_M = 0.1
"""Outlines are whole numbers of this, counted from the city's south-west corner: short to send, exact enough."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A document ready to be sent."""

    body: bytes
    tag: str


class MapGround:
    """Threads may share it. Without a city there is nothing to draw.

    Args:
        cells: who knows the city.
        datum: of the tiles; what is drawn must lie where they show it.
    """

    def __init__(self, cells: CellDirectory, datum: Datum) -> None:
        self._cells = cells
        self._datum = datum
        self._lock = threading.Lock()
        self._city: CityGrid | None = None
        self._layout: CityLayout | None = None
        self._areas: tuple[LevelArea, ...] = ()
        self._codes: frozenset[str] = frozenset()
        self._origin = Point(0.0, 0.0)
        self._is_ready = False
        self._base: tuple[Mapping[str, str], Drawing] | None = None
        self._fields: dict[CameraId, tuple[Any, FieldOfView]] = {}
        self._cells_seen: dict[CameraId, tuple[FieldOfView, frozenset[CellId]]] = {}
        self._covers: deque[tuple[Mapping[CameraId, FieldOfView], Mapping[CellId, CellCover]]] = deque(maxlen=4)
        """All cameras, those that are live, and what it was just before."""

    def city(self) -> CityGrid | None:
        self._prepare()
        return self._city

    def codes(self) -> frozenset[str]:
        """Of every unit grid."""
        self._prepare()
        return self._codes

    def areas(self) -> tuple[LevelArea, ...]:
        """Communities, streets and districts."""
        self._prepare()
        return self._areas

    def base(self, names: Mapping[str, str]) -> Drawing:
        """Every unit grid and area, as JSON.

        Args:
            names: of districts, streets and communities, by code.
        """
        self._prepare()
        with self._lock:
            if self._base is None or self._base[0] != names:
                body = json.dumps(self._document(names), ensure_ascii=False, separators=(",", ":")).encode()
                self._base = dict(names), Drawing(body, hashlib.sha256(body).hexdigest()[:32])
            return self._base[1]

    def fields(self, sections: Mapping[CameraId, Mapping[str, Any]]) -> Mapping[CameraId, FieldOfView]:
        """What each configured camera's view shows; a camera whose view changed is worked out anew."""
        found: dict[CameraId, FieldOfView] = {}
        with self._lock:
            known = self._fields
        for camera_id, section in sections.items():
            view = section.get("view")
            kept = known.get(camera_id)
            found[camera_id] = kept[1] if kept is not None and kept[0] == view else _field(view)
        with self._lock:
            self._fields = {name: (sections[name].get("view"), field) for name, field in found.items()}
            self._cells_seen = {name: kept for name, kept in self._cells_seen.items() if name in found}
        return found

    def cover(self, fields: Mapping[CameraId, FieldOfView]) -> Mapping[CellId, CellCover]:
        """What these cameras see together."""
        self._prepare()
        if self._layout is None:
            return {}
        with self._lock:
            for known, cover in self._covers:
                if known == fields:
                    return cover
        found = self._layout.cover(fields.values())
        with self._lock:
            self._covers.append((dict(fields), found))
        return found

    def cells_of(self, camera_id: CameraId, field: FieldOfView) -> frozenset[CellId]:
        """The grids that one camera's view shows."""
        self._prepare()
        with self._lock:
            kept = self._cells_seen.get(camera_id)
        if kept is not None and kept[0] is field:
            return kept[1]
        seen = frozenset(() if self._layout is None else self._layout.cover([field]))
        with self._lock:
            self._cells_seen[camera_id] = field, seen
        return seen

    def shown(self, place: Point) -> tuple[int, int]:
        """A place (lon/lat, WGS-84) in the map's own numbers."""
        metres = to_mercator(to_datum(place, self._datum))
        return round((metres.x - self._origin.x) / STEP_M), round((metres.y - self._origin.y) / STEP_M)

    def ring(self, outline: Ring) -> list[int]:
        """An outline in the map's own numbers: x, y, x, y …, not closed."""
        flat: list[int] = []
        for place in outline[:-1]:
            flat += self.shown(place)
        return flat

    def _prepare(self) -> None:
        with self._lock:
            if self._is_ready:
                return
            city = self._cells.city()
            if city is not None:
                self._layout = CityLayout(city)
                self._areas = self._layout.areas()
                self._codes = frozenset(unit.code for unit in city)
                corners = [to_mercator(to_datum(place, self._datum)) for unit in city for place in unit.ring]
                self._origin = Point(min(each.x for each in corners), min(each.y for each in corners))
            self._city = city
            self._is_ready = True

    def _document(self, names: Mapping[str, str]) -> dict[str, Any]:
        return {
            "datum": self._datum.value,
            "origin_m": [self._origin.x, self._origin.y],
            "step_m": STEP_M,
            "cells": [
                {"code": unit.code, "name": unit.name, "zone": unit.zone.value, "ring": self.ring(unit.ring)}
                for unit in self._city or ()
            ],
            "areas": [
                {
                    "code": area.code,
                    "name": names.get(area.code, ""),
                    "level": area.level.value,
                    "grids": area.grids,
                    "rings": [self.ring(ring) for ring in area.rings],
                    "label": list(self.shown(area.label)),
                }
                for area in self._areas
            ],
        }


def _field(view: Any) -> FieldOfView:
    """Of a view that says nothing usable: nothing."""
    try:
        return field_of_view(ViewSpec.model_validate(view or {}))
    except (ValidationError, GridError):
        return FieldOfView()


def live_fields(fields: Mapping[CameraId, FieldOfView], live: Iterable[CameraId]) -> dict[CameraId, FieldOfView]:
    """Those of the cameras that send pictures now."""
    return {name: fields[name] for name in live if name in fields}
