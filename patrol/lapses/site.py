"""A little city for the lapses: a street of narrow unit grids for each, far from the others, and one configuration."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from core.clock import isoformat_z
from core.errors import ConfigError
from core.geometry import Point
from detector.gate import GateSettings
from grid.cells import CityGrid
from grid.plane import LocalPlane
from grid.views import calibrate
from models.registry import package_folder, package_names
from patrol.demo.site import begin_of, quoted
from patrol.lapses.stays import Stay
from patrol.lapses.truth import Lapse, LapseError
from patrol.settings import CameraSettings

CELL_M = 8.0
"""A unit grid's width along the street: narrow, so that things some metres apart are cases of their own."""
BORDER_M = 1.0
"""A thing whose foot is this close to a border may be filed on either side of it."""
CELLS_EACH_WAY = 3
"""Narrow unit grids on each side of the middle one; the outermost go on to the end of the street."""
STREET_END_M = 120.0
STREET_SIDE_M = 60.0
"""How far a street's grids reach: as far as any of its pixels is placed, so that nothing false falls off the map."""
FIRST_STREET = Point(104.00, 30.66)
STREET_STEP_DEG = 0.01
"""Between two streets, in degrees of longitude: about 960 m."""
DISTRICT = "510104"
MARK = ".gridpatrol-lapses"
GRIDS_NAME = "grids.geojson"
CONFIG_NAME = "gridpatrol.toml"
PRODUCT_GATE = GateSettings()
"""As it is where nobody sets it."""


@dataclass(frozen=True, slots=True)
class LapseStreet:
    """Where one lapse's world lies on the map: x (along the street) east, y (away from the road) north."""

    number: int
    """From 1."""

    @property
    def plane(self) -> LocalPlane:
        return LocalPlane.at(Point(FIRST_STREET.x + self.number * STREET_STEP_DEG, FIRST_STREET.y))

    def lonlat(self, world_m: Point) -> list[float]:
        """[lon, lat] in degrees of a place in the lapse's metres."""
        place = self.plane.to_lonlat(world_m)
        return [round(place.x, 9), round(place.y, 9)]

    def features(self, lapse: Lapse) -> list[dict[str, object]]:
        """The street's unit grids as GeoJSON features, from west to east."""
        return [
            {
                "type": "Feature",
                "properties": {
                    "code": f"{DISTRICT}001{self.number:03d}{index + CELLS_EACH_WAY + 1:03d}",
                    "name": f"{lapse.camera_id} {index:+d}",
                    "zone": "controlled",
                    "units": {},
                },
                "geometry": {"type": "Polygon", "coordinates": [[self.lonlat(corner) for corner in _ring(index)]]},
            }
            for index in range(-CELLS_EACH_WAY, CELLS_EACH_WAY + 1)
        ]


def _ring(index: int) -> list[Point]:
    west, east = (index - 0.5) * CELL_M, (index + 0.5) * CELL_M
    if index == -CELLS_EACH_WAY:
        west = -STREET_END_M
    if index == CELLS_EACH_WAY:
        east = STREET_END_M
    south, north = -STREET_SIDE_M, STREET_SIDE_M
    return [Point(west, south), Point(east, south), Point(east, north), Point(west, north), Point(west, south)]


def lay_out(
    lapses: Sequence[Lapse],
    data_dir: Path,
    port: int,
    model: str,
    now: datetime,
    gate: GateSettings = PRODUCT_GATE,
) -> Path:
    """Write the city's grids and configuration into ``data_dir``, which is emptied first; returns the configuration.

    Raises:
        ConfigError: the folder holds something that is not an earlier judgement's.
        ModelError: there is no such model.
    """
    model_setting = _model_setting(model)
    if data_dir.exists():
        if any(data_dir.iterdir()) and not (data_dir / MARK).exists():
            raise ConfigError(f"{data_dir} is not empty and not a judge's; name another folder with --data-dir")
        shutil.rmtree(data_dir)
    data_dir.mkdir(parents=True)
    (data_dir / MARK).touch()
    features = [
        feature for number, lapse in enumerate(lapses, start=1) for feature in LapseStreet(number).features(lapse)
    ]
    grids = {"type": "FeatureCollection", "features": features}
    (data_dir / GRIDS_NAME).write_text(json.dumps(grids, ensure_ascii=False, indent=1), encoding="utf-8")
    config = data_dir / CONFIG_NAME
    config.write_text(configuration(lapses, port, model_setting, now, gate), encoding="utf-8")
    return config


def configuration(
    lapses: Sequence[Lapse], port: int, model: str, now: datetime, gate: GateSettings = PRODUCT_GATE
) -> str:
    """The judge's ``gridpatrol.toml``: one camera for each lapse, played as fast as the model can look."""
    lines = [
        "# Written by `gridpatrol models judge-lapses`: each camera is one rendered time lapse.",
        'site = { data_dir = "." }',
        f"api = {{ port = {port}, access_log = false }}",
        "worker = { status_every_s = 1.0 }",
        f"grid = {{ file = {quoted(GRIDS_NAME)} }}",
        f"detector = {{ model = {quoted(model)} }}",
        f"gate = {{ enabled = {json.dumps(gate.enabled)}, force_after_s = {gate.force_after_s} }}",
    ]
    for number, lapse in enumerate(lapses, start=1):
        street = LapseStreet(number)
        lines += [
            "",
            "[[cameras]]",
            f"id = {quoted(lapse.camera_id)}",
            f"name = {quoted(f'{lapse.camera_id} ({lapse.light})')}",
            f"url = {quoted(str(lapse.clip.resolve()))}",
            f"started_at = {isoformat_z(begin_of(lapse.started_at, now))}",
            f"time_scale = {lapse.step.total_seconds():.3f}  # one picture a second",
            'pace = "fast"',
            "interval_s = 0.0",
            f"view.frame_size = {json.dumps(lapse.size)}",
            f"view.edge_margin_m = {BORDER_M}",
            "view.control_points = [",
            *(
                f"  {{ pixel = {json.dumps([mark.pixel.x, mark.pixel.y])}, lonlat = {street.lonlat(mark.world_m)} }},"
                for mark in lapse.marks
            ),
            "]",
        ]
    return "\n".join(lines) + "\n"


def _model_setting(model: str) -> str:
    """A shipped model's name, or the absolute path of a package's folder."""
    folder = package_folder(model)
    return model if model in package_names() else str(folder.resolve())


def stays_of(lapse: Lapse, camera: CameraSettings, city: CityGrid) -> tuple[Stay, ...]:
    """Where and when each of the lapse's events stood, in the city's cells and the patrol's time.

    A thing stands where its box's bottom centre meets the ground: that is how Gridpatrol places it.

    Raises:
        LapseError: an event stands nowhere in its street.
    """
    if camera.started_at is None:
        raise LapseError(f"{lapse.folder}: its camera has no started_at; mend: lay the judge's folder out anew")
    calibration = calibrate(camera.view_id, camera.view, city)
    shift = camera.started_at - lapse.started_at
    stays = []
    for event in lapse.events:
        placed = calibration.place(event.box, lapse.size)
        if placed is None:
            raise LapseError(
                f"{lapse.folder}: event {event.id} ({event.name or event.category}) stands outside the street "
                "or above the horizon by its box_xyxy; mend: render the lapse again"
            )
        stays.append(
            Stay(
                camera_id=lapse.camera_id,
                light=lapse.light,
                event_id=event.id,
                name=event.name,
                variant=event.variant,
                category=event.category,
                cell_id=placed.cell,
                near_cells=placed.near_cells,
                first_at=lapse.at(event.first_frame) + shift,
                last_at=lapse.at(event.last_frame) + shift,
                box=event.box,
                is_judged=event.is_judged,
            )
        )
    return tuple(stays)
