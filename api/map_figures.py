"""What colours the map: counted from the stores, summed up the levels, kept until something happens."""

import threading
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from api.camera_config_book import CameraBook
from api.map_ground import MapGround, live_fields
from cases.cameras import CameraRecord
from cases.spread import CaseSpread
from cases.store import CaseStore
from cases.workflow.store import WorkflowStore
from core.ids import CameraId, CellId
from desk.map_scale import Shade, cover_step, step_of
from grid.codes import Level
from grid.fields_of_view import FieldOfView

RECURRENCE_DAYS = 90
MOST_SPOTS = 5000
FRESH_S = 5.0
"""Figures that nothing changed are counted anew after so long: deadlines pass by themselves."""
PREFIXES = ((Level.COMMUNITY, 12), (Level.STREET, 9), (Level.DISTRICT, 6))
LIVE = "live"


@dataclass(frozen=True, slots=True)
class PlaceFigure:
    """One grid or area; what is 0 in every way is left out."""

    code: str
    value: int
    """What the colour tells: cases, or per cent of the ground."""
    step: int
    """The colour."""
    open: int = 0
    late: int = 0
    cameras: int = 0
    live: int = 0


@dataclass(frozen=True, slots=True)
class MapFigures:
    """Everything that one choice of colours needs."""

    shade: Shade
    at: datetime
    cells: tuple[PlaceFigure, ...]
    areas: tuple[PlaceFigure, ...]
    elsewhere: int
    """Open cases in cells that the map does not have."""


@dataclass(slots=True)
class _Tally:
    open: int = 0
    late: int = 0
    again: int = 0
    share: float = 0.0
    cameras: int = 0
    live: int = 0
    grids: int = 1


class MapCounter:
    """Threads may share it. May raise ``DatabaseUnavailable``."""

    def __init__(self, ground: MapGround, store: CaseStore, workflow: WorkflowStore, book: CameraBook | None) -> None:
        self._ground = ground
        self._store = store
        self._workflow = workflow
        self._book = book
        self._spread = CaseSpread(store.engine)
        self._lock = threading.Lock()
        self._kept: dict[Shade, tuple[int, MapFigures]] = {}

    def figures(self, shade: Shade, now: datetime) -> MapFigures:
        """Counted at most once for each event and each five seconds, however many look."""
        seq = self._store.latest_seq()
        with self._lock:
            kept = self._kept.get(shade)
            if kept is not None and kept[0] == seq and abs((now - kept[1].at).total_seconds()) < FRESH_S:
                return kept[1]
            found = self._counted(shade, now)
            self._kept[shade] = seq, found
            return found

    def sections(self) -> Mapping[CameraId, Mapping[str, Any]]:
        """Configured cameras, the API's own and those of this machine's file."""
        if self._book is None:
            return {}
        kept: dict[CameraId, Mapping[str, Any]] = {each.camera_id: each.section for each in self._book.store.all()}
        return kept | {each.camera_id: each.section for each in self._book.file_cameras()}

    def fields(self) -> Mapping[CameraId, FieldOfView]:
        """What each configured camera's view shows."""
        return self._ground.fields(self.sections())

    def seen_by(self, code: str) -> tuple[CameraId, ...]:
        """The cameras whose view shows a grid, by id."""
        fields = self.fields()
        return tuple(
            name for name, field in sorted(fields.items()) if CellId(code) in self._ground.cells_of(name, field)
        )

    def _counted(self, shade: Shade, now: datetime) -> MapFigures:
        known = self._ground.codes()
        tallies: defaultdict[str, _Tally] = defaultdict(_Tally)
        elsewhere = 0
        for load in self._spread.loads(now):
            code = code_of(load.cell_id)
            if code not in known:
                elsewhere += load.open
                continue
            tallies[code].open += load.open
            tallies[code].late += load.late
        if shade is Shade.RECURRENCE:
            for spot in self._workflow.spots(now - timedelta(days=RECURRENCE_DAYS), limit=MOST_SPOTS):
                if (code := code_of(spot.cell_id)) in known:
                    tallies[code].again += spot.cases
        if shade is Shade.COVERAGE:
            self._look_around(tallies)
        areas = self._summed(tallies)
        return MapFigures(
            shade=shade,
            at=now,
            cells=tuple(_figure(code, tally, shade, Level.GRID) for code, tally in sorted(tallies.items())),
            areas=tuple(_figure(code, areas[code], shade, level) for code, level in self._levels() if code in areas),
            elsewhere=elsewhere,
        )

    def _look_around(self, tallies: defaultdict[str, _Tally]) -> None:
        fields = self.fields()
        live = live_fields(fields, sending(self._store.cameras()))
        for code, cover in self._ground.cover(fields).items():
            tallies[code].cameras = cover.cameras
        for code, cover in self._ground.cover(live).items():
            tallies[code].live, tallies[code].share = cover.cameras, cover.share

    def _summed(self, tallies: Mapping[str, _Tally]) -> Mapping[str, _Tally]:
        sums: defaultdict[str, _Tally] = defaultdict(_Tally)
        for code, tally in tallies.items():
            for _, digits in PREFIXES:
                area = sums[code[:digits]]
                area.open += tally.open
                area.late += tally.late
                area.again += tally.again
                area.share += tally.share
                area.cameras += tally.cameras
                area.live += tally.live
        for drawn in self._ground.areas():
            if drawn.code in sums:
                sums[drawn.code].grids = drawn.grids
        return sums

    def _levels(self) -> list[tuple[str, Level]]:
        return [(area.code, area.level) for area in self._ground.areas()]


def _figure(code: str, tally: _Tally, shade: Shade, level: Level) -> PlaceFigure:
    share = tally.share / tally.grids
    value = {
        Shade.OPEN: tally.open,
        Shade.LATE: tally.late,
        Shade.RECURRENCE: tally.again,
        Shade.COVERAGE: round(100 * share),
    }[shade]
    step = cover_step(tally.cameras, tally.live, share) if shade is Shade.COVERAGE else step_of(value, level)
    return PlaceFigure(code, value, step, tally.open, tally.late, tally.cameras, tally.live)


def code_of(cell_id: CellId) -> str:
    """The unit grid's code, of a finer cell, too."""
    return cell_id.partition("/")[0]


def sending(cameras: tuple[CameraRecord, ...]) -> list[CameraId]:
    """Cameras that send pictures now."""
    return [camera.camera_id for camera in cameras if camera.state == LIVE]
