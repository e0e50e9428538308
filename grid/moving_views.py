"""A camera on a vehicle, tied to the ground by where the vehicle is: its cell follows it."""

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from core.clock import as_utc
from core.detections import Detection, FrameDetections
from core.errors import GridError
from core.geometry import Box, Point
from core.ids import CameraId, CategoryId, CellId, ViewId
from grid.cells import CityGrid
from grid.mounts import Mount, MountSpec, mounted
from grid.plane import LocalPlane
from grid.poses import Pose
from grid.views import Placement, ViewCalibration


class SightRules(BaseModel):
    """How far a moving camera is believed; part of a camera's ``[vehicle]`` section."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    max_range_m: float = Field(default=25.0, gt=0, le=200, allow_inf_nan=False)
    """What stands further from the lens is not placed."""
    max_radius_m: float = Field(default=12.0, gt=0, allow_inf_nan=False)
    """Nor what could be placed only to within more than this, one standard deviation, receiver and all."""
    sure_range: float = Field(default=0.8, gt=0, le=1, allow_inf_nan=False)
    """Share of ``max_range_m`` within which a standing thing would be seen, so that not seeing it tells something."""
    edge: float = Field(default=0.05, ge=0, lt=0.5, allow_inf_nan=False)
    """Share of the picture along its edges in which not seeing a thing tells nothing."""
    cut_px: float = Field(default=2.0, ge=0, allow_inf_nan=False)
    """A box this close to the left, right or lower edge is cut off: where it stands is not seen. Frame's own pixels."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing, placed on the ground by one picture from a moving camera."""

    category: CategoryId
    confidence: float
    box: Box
    """Source pixels."""
    spot: Point
    """Lon/lat."""
    cell: CellId
    near_cells: frozenset[CellId]
    """Other cells that it may stand in, by its radius; never ``cell`` itself."""
    spread_m: float
    """One standard deviation against other marks of the same pass, which share the receiver's error."""
    radius_m: float
    """One standard deviation on the city's ground."""


@dataclass(frozen=True, slots=True)
class MovingSample:
    """One look from a moving camera."""

    camera_id: CameraId
    view_id: ViewId
    at: datetime
    """Capture time; kept in UTC."""
    marks: tuple[Mark, ...]
    detections: tuple[Detection, ...] = ()
    """Every wanted one, also those that could not be placed: a place behind one is not seen freely."""
    unobstructed: bool = True
    """False when the picture is frozen, black or covered: it then says nothing, neither way."""

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise GridError(f"view {self.view_id}: capture time {self.at.isoformat()} has no time zone; give it in UTC")
        object.__setattr__(self, "at", as_utc(self.at))


@dataclass(frozen=True, slots=True, eq=False)
class MovingView:
    """A mounted camera that is ready to place boxes wherever its vehicle is; built by ``moving_view``."""

    view_id: ViewId
    mount: Mount
    rules: SightRules
    city_grid: CityGrid
    calibration: ViewCalibration
    """The view's name and shape for what only asks for these; it places nothing."""

    def sample(self, frame: FrameDetections, pose: Pose, wanted: Collection[CategoryId]) -> MovingSample:
        """Every wanted detection whose foot is on the ground within range.

        Raises:
            GridError: the frame is of another view, or of another shape than the mount was measured on.
        """
        facts = frame.frame
        if facts.view_id != self.view_id:
            raise GridError(f"a frame of view {facts.view_id} cannot be placed by the mount of {self.view_id}")
        frame_wh = (facts.width_px, facts.height_px)
        self.calibration.scale_of(frame_wh)
        found = tuple(detection for detection in frame.detections if detection.category in wanted)
        marks = tuple(mark for each in found if (mark := self.mark(each, frame_wh, pose)) is not None)
        return MovingSample(facts.camera_id, facts.view_id, facts.captured_at, marks, found)

    def mark(self, detection: Detection, frame_wh: tuple[int, int], pose: Pose) -> Mark | None:
        """Where a box (source pixels) stands; None when cut off, above the horizon, too far, too vague, in no cell."""
        box = detection.box
        if self._is_cut(box, frame_wh):
            return None
        scale_x, scale_y = self.calibration.scale_of(frame_wh)
        foot = Point(box.bottom_centre.x * scale_x, box.bottom_centre.y * scale_y)
        beside = self.mount.to_ground(foot)
        if beside is None or self.mount.distance_m(beside) > self.rules.max_range_m:
            return None
        spread_m = self.mount.spread_m(foot, pose.heading_error_deg)
        radius_m = math.hypot(spread_m, pose.error_m)
        if radius_m > self.rules.max_radius_m:
            return None
        spot = _onto_city(beside, pose)
        cell = self.city_grid.cell_at(spot)
        if cell is None:
            return None
        near = self.city_grid.cells_near(spot, radius_m) - {cell}
        return Mark(detection.category, detection.confidence, box, spot, cell, near, spread_m, radius_m)

    def sees(self, spot: Point, frame_wh: tuple[int, int], pose: Pose) -> Point | None:
        """The source pixel at which a place is surely seen; None where it may be out of the picture or too far."""
        beside = _beside(spot, pose)
        if self.mount.distance_m(beside) > self.rules.max_range_m * self.rules.sure_range:
            return None
        pixel = self.mount.to_pixel(beside)
        if pixel is None:
            return None
        width, height = self.mount.frame_size
        margin = self.rules.edge
        if not (margin * width <= pixel.x <= (1 - margin) * width and 0.0 <= pixel.y <= (1 - margin) * height):
            return None
        scale_x, scale_y = self.calibration.scale_of(frame_wh)
        return Point(pixel.x / scale_x, pixel.y / scale_y)

    def _is_cut(self, box: Box, frame_wh: tuple[int, int]) -> bool:
        width, height = frame_wh
        cut = self.rules.cut_px
        return box.x0 <= cut or box.x1 >= width - cut or box.y1 >= height - cut


def moving_view(view_id: ViewId, mount: MountSpec, rules: SightRules, city_grid: CityGrid) -> MovingView:
    """Ties a vehicle's camera to the city.

    Raises:
        GridError: the mount is not usable.
    """
    measured = mounted(view_id, mount)
    calibration = ViewCalibration(view_id, measured.reprojection_error_m, measured.frame_size, _Nowhere())
    return MovingView(view_id, measured, rules, city_grid, calibration)


@dataclass(frozen=True, slots=True)
class _Nowhere:
    """The tie of a view that lies somewhere else in each picture."""

    def place(self, pixel: Point) -> Placement | None:
        return None


def _onto_city(beside: Point, pose: Pose) -> Point:
    """A place beside the car as lon/lat."""
    heading = math.radians(pose.heading_deg)
    east = beside.x * math.cos(heading) + beside.y * math.sin(heading)
    north = beside.y * math.cos(heading) - beside.x * math.sin(heading)
    return LocalPlane.at(pose.place).to_lonlat(Point(east, north))


def _beside(spot: Point, pose: Pose) -> Point:
    """A place of the city in the vehicle's frame."""
    flat = LocalPlane.at(pose.place).to_metres(spot)
    heading = math.radians(pose.heading_deg)
    return Point(
        flat.x * math.cos(heading) - flat.y * math.sin(heading), flat.x * math.sin(heading) + flat.y * math.cos(heading)
    )
