"""What one look at a view says about the ground: which categories stand in which cells."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from core.clock import as_utc
from core.detections import Detection, FrameDetections
from core.errors import GridError
from core.geometry import Box
from core.ids import CameraId, CategoryId, CellId, ViewId
from grid.views import Placement, ViewCalibration


@dataclass(frozen=True, slots=True)
class Sighting:
    """One category in one cell in one picture."""

    cell: CellId
    category: CategoryId
    count: int
    """Objects of the category in the cell, at least 1."""
    confidence: float
    """The highest of them."""
    boxes: tuple[Box, ...]
    """Source pixels, one per object."""
    near_cells: frozenset[CellId] = frozenset()
    """Neighbouring cells that *every* object of this sighting is within the edge margin of."""
    is_sure: bool = True
    """False when nothing of it reached its category's threshold: it may go on with what a sure look began, no more."""


NO_THRESHOLDS: Mapping[CategoryId, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ViewSample:
    """One look at one view at one moment; each (cell, category) occurs at most once."""

    camera_id: CameraId
    view_id: ViewId
    at: datetime
    """Capture time; kept in UTC."""
    sightings: tuple[Sighting, ...]
    unobstructed: bool = True
    """False when the picture is frozen, black, covered or moved: it then says nothing, neither way."""

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise GridError(f"view {self.view_id}: capture time {self.at.isoformat()} has no time zone; give it in UTC")
        object.__setattr__(self, "at", as_utc(self.at))
        keys = [(sighting.cell, sighting.category) for sighting in self.sightings]
        if len(set(keys)) != len(keys):
            raise GridError(f"view {self.view_id}: a (cell, category) occurs twice in one sample; group its boxes")


def sight(
    frame: FrameDetections,
    calibration: ViewCalibration,
    wanted: Collection[CategoryId],
    sure: Mapping[CategoryId, float] = NO_THRESHOLDS,
    *,
    unobstructed: bool = True,
) -> ViewSample:
    """Groups a frame's detections per (cell, category); what stands in no cell or is not wanted is left out.

    Args:
        sure: confidence from which a detection is relied on by itself; a category without one always is.

    Raises:
        GridError: the frame is of another view, or of another shape than the view was calibrated on.
    """
    facts = frame.frame
    if facts.view_id != calibration.view_id:
        raise GridError(f"a frame of view {facts.view_id} cannot be placed by the calibration of {calibration.view_id}")
    frame_wh = (facts.width_px, facts.height_px)
    # Also for a frame without detections: an empty look from a changed view must not clear anything.
    calibration.scale_of(frame_wh)
    groups: dict[tuple[CellId, CategoryId], list[tuple[Detection, Placement]]] = {}
    for detection in frame.detections:
        if detection.category not in wanted:
            continue
        placement = calibration.place(detection.box, frame_wh)
        if placement is not None:
            groups.setdefault((placement.cell, detection.category), []).append((detection, placement))
    sightings = tuple(
        _group(cell, category, groups[cell, category], sure.get(category, 0.0)) for cell, category in sorted(groups)
    )
    return ViewSample(facts.camera_id, facts.view_id, facts.captured_at, sightings, unobstructed)


def _group(
    cell: CellId, category: CategoryId, members: Sequence[tuple[Detection, Placement]], sure_from: float
) -> Sighting:
    """Sure detections count; unsure ones only where there is no other."""
    sure = [member for member in members if member[0].confidence >= sure_from]
    detections, placements = zip(*(sure or members), strict=True)
    return Sighting(
        cell=cell,
        category=category,
        count=len(detections),
        confidence=max(detection.confidence for detection in detections),
        boxes=tuple(detection.box for detection in detections),
        # One thing well inside a cell keeps the whole group there: it must not vanish into a neighbour's track.
        near_cells=frozenset.intersection(*(placement.near_cells for placement in placements)),
        is_sure=bool(sure),
    )
