"""The city's grid: a file that an editor keeps, or the layer that the desk's imported places make."""

import json
import logging
import os
import threading
from pathlib import Path

from cases.places.layers import feature_of
from cases.places.levels import PlaceLevel
from cases.places.store import PlaceQuery, PlaceStore
from core.clock import Clock
from core.errors import ConfigError, GridError
from grid.cells import CityGrid, load_geojson
from grid.units import Zone
from patrol.settings import GridSettings

log = logging.getLogger(__name__)

Signature = tuple[int, int, int]


def open_grid(settings: GridSettings) -> CityGrid:
    """The unit grids of ``[grid]``; none where the desk has not made any yet.

    Raises:
        GridError: the file cannot be read or is not a usable grid.
    """
    if settings.from_desk and not settings.file.exists():
        return CityGrid.empty(sub_cell_m=settings.sub_cell_m)
    return load_geojson(Path(settings.file), sub_cell_m=settings.sub_cell_m)


def signature_of(path: Path) -> Signature | None:
    """Which version of the file stands there; None for none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


class DeskLayer:
    """The layer of ``[grid] from_desk``: written from the places in the database, read anew when it changed.

    The file is what the worker reads; ``gridpatrol up`` starts the worker again when it changes. Threads may share one.
    """

    def __init__(self, settings: GridSettings, places: PlaceStore, clock: Clock) -> None:
        self._settings = settings
        self._places = places
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: Signature | None = None
        self._city = CityGrid.empty(sub_cell_m=settings.sub_cell_m)

    def city(self) -> CityGrid:
        """The grid as the file stands; where that cannot be used, as it stood before."""
        seen = signature_of(self._settings.file)
        with self._lock:
            if seen != self._seen:
                self._seen = seen
                try:
                    self._city = open_grid(self._settings)
                except GridError as error:
                    log.error("the grid stays as it was: %s", error)
            return self._city

    def refresh(self) -> bool:
        """Write the layer anew from the unit grids that the database keeps; True when it changed.

        Raises:
            GridError: they make no usable grid; the file stays as it was.
            ConfigError: the file cannot be written.
        """
        with self._lock:
            text = self._text()
            path = self._settings.file
            if text is None or (path.exists() and path.read_text(encoding="utf-8") == text):
                return False
            load_geojson(text, sub_cell_m=self._settings.sub_cell_m)
            beside = path.with_name(f".{path.name}.new")
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                beside.write_text(text, encoding="utf-8")
                os.replace(beside, path)
            except OSError as error:
                raise ConfigError(f"{path}: cannot be written ({error.strerror}); mend the folder's rights") from error
            log.info("the grid has another layer: %s", path)
            return True

    def _text(self) -> str | None:
        day = self._places.today(self._clock.now())
        features = []
        for place in self._places.every(PlaceQuery(level=PlaceLevel.GRID)):
            if place.geometry is None:
                continue
            feature = feature_of(place, day, shows_phones=False)
            properties = {name: feature["properties"][name] for name in ("code", "name", "units")}
            properties["zone"] = feature["properties"].get("zone", Zone.CONTROLLED.value)
            features.append(feature | {"properties": properties})
        if not features:
            return None
        return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False) + "\n"
