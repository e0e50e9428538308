"""What the map's routes share: the ground, its counter, and cameras as they are drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from api.camera_config_book import CameraBook
from api.cell_directory import CellDirectory
from api.map_figures import MapCounter, MapFigures
from api.map_ground import MapGround
from api.map_settings import MapSettings
from api.map_wire import MapCamerasWire, MapCameraWire
from cases.cameras import CameraRecord
from cases.house import CaseHouse
from cases.places.levels import PlaceLevel
from cases.places.store import PlaceQuery
from cases.store import CaseStore
from core.geometry import Point
from core.ids import CameraId, CellId
from desk.camera_page import SILENT_AFTER_S
from desk.map_page import MapPlace
from grid.codes import Level
from grid.fields_of_view import FieldOfView

NAMED_LEVELS = (PlaceLevel.DISTRICT, PlaceLevel.STREET, PlaceLevel.COMMUNITY)


@dataclass(frozen=True, slots=True)
class MapDesk:
    """The map's side of the rooms. Threads may share it."""

    settings: MapSettings
    ground: MapGround
    counter: MapCounter
    store: CaseStore
    house: CaseHouse

    @classmethod
    def over(
        cls,
        settings: MapSettings,
        cells: CellDirectory,
        store: CaseStore,
        house: CaseHouse,
        book: CameraBook | None,
    ) -> "MapDesk":
        ground = MapGround(cells, settings.datum)
        return cls(settings, ground, MapCounter(ground, store, house.workflow, book), store, house)

    def names(self) -> Mapping[str, str]:
        """What districts, streets and communities are called, where somebody has imported them."""
        places = self.house.places
        return {
            place.code: place.name for level in NAMED_LEVELS for place in places.every(PlaceQuery(level)) if place.name
        }

    def places(self, figures: MapFigures) -> tuple[MapPlace, ...]:
        """Every grid and area with its figures, for the table."""
        found = {figure.code: figure for figure in (*figures.cells, *figures.areas)}
        names = self.names()
        told = [(area.code, names.get(area.code, ""), area.level) for area in self.ground.areas()]
        told += [(unit.code, unit.name, Level.GRID) for unit in self.ground.city() or ()]
        return tuple(
            MapPlace(code, name, level)
            if (figure := found.get(code)) is None
            else MapPlace(
                code, name, level, figure.value, figure.step, figure.open, figure.late, figure.cameras, figure.live
            )
            for code, name, level in told
        )

    def cameras(self, now: datetime) -> MapCamerasWire:
        """Cameras that can be drawn."""
        records = {record.camera_id: record for record in self.store.cameras()}
        fields = self.counter.fields()
        known = sorted(records.keys() | fields.keys())
        drawn = [
            each
            for camera_id in known
            if (each := self._drawn(camera_id, records.get(camera_id), fields.get(camera_id), now)) is not None
        ]
        return MapCamerasWire(cameras=tuple(drawn), unplaced=len(known) - len(drawn))

    def _drawn(
        self, camera_id: CameraId, record: CameraRecord | None, field: FieldOfView | None, now: datetime
    ) -> MapCameraWire | None:
        place = None if field is None else self._place(field)
        if field is None or place is None:
            return None
        return MapCameraWire(
            camera_id=camera_id,
            name="" if record is None else record.name,
            state="unknown" if record is None else record.state,
            is_faulty=record is not None and bool(record.health.findings),
            is_silent=record is not None and is_silent(record, now),
            place=self.ground.shown(place),
            ring=tuple(self.ground.ring(field.outline)),
            cells=field.cells,
        )

    def _place(self, field: FieldOfView) -> Point | None:
        """Where a camera is drawn; one that is tied by regions, in the middle of its first grid."""
        if field.foot is not None:
            return field.foot
        city = self.ground.city()
        if not field.cells or city is None or CellId(field.cells[0]) not in self.ground.codes():
            return None
        ring = city.unit_of(CellId(field.cells[0])).ring[:-1]
        return Point(sum(each.x for each in ring) / len(ring), sum(each.y for each in ring) / len(ring))


def is_silent(record: CameraRecord, now: datetime) -> bool:
    """Its worker may be dead: the state is its last word."""
    return record.updated_at is not None and (now - record.updated_at).total_seconds() > SILENT_AFTER_S
