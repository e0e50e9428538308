"""What a changed setting means for a camera that runs, and what its view still knows afterwards. Pure."""

from dataclasses import replace
from enum import Enum

from core.geometry import Box
from core.ids import CellId
from grid.dedupe import DedupeState
from grid.views import ViewCalibration
from patrol.settings import CameraSettings
from streams.spec import FeedSpec

PROBES_WH = (64, 36)
"""Places of a picture that are asked for their cell."""


class Change(Enum):
    """The least that must be done, from nothing to the most."""

    NONE = 0
    LABEL = 1
    """Its name, or whether the gate is asked: the next picture is looked at by the new settings."""
    VIEW = 2
    """Its tie to the ground: the connection stays, what was said in terms of the old view goes."""
    FEED = 3
    """Its feed, or the vehicle that it is on: this one camera is connected anew."""


def change_of(before: CameraSettings, after: CameraSettings) -> Change:
    """How far the change from one to the other reaches."""
    if before == after:
        return Change.NONE
    of_feed = (name for name in FeedSpec.model_fields if name != "name")
    if before.vehicle != after.vehicle or any(getattr(before, name) != getattr(after, name) for name in of_feed):
        return Change.FEED
    is_same_view = before.view == after.view and before.fixed == after.fixed
    return Change.LABEL if is_same_view else Change.VIEW


def is_dated_when_opened(camera: CameraSettings) -> bool:
    """A time lapse without a date: each start dates it anew, and a loop had run ahead of the next start's beginning."""
    return camera.started_at is None and camera.time_scale > 1.0


def has_other_clock(before: CameraSettings, after: CameraSettings) -> bool:
    """Whether a clip's pictures are dated anew: their times say nothing beside those looked at before.

    A memory that went on would take every picture dated before its last one for old, and learn nothing from it.
    """
    is_dated_alike = (before.started_at, before.time_scale) == (after.started_at, after.time_scale)
    if is_dated_when_opened(after):
        return True
    return not is_dated_alike or (after.started_at is not None and before.url != after.url)


def still_seen(state: DedupeState, calibration: ViewCalibration, size_wh: tuple[int, int] | None) -> DedupeState:
    """What a view that was tied anew may go on to know: what stands in cells that it still shows.

    Of the others it can never say that they are cleared, so it forgets them; their cases stay open for a person.

    Args:
        size_wh: of its pictures, pixels; None where nobody knows it yet, and then all is kept.
    """
    if size_wh is None or not state.tracks:
        return state
    cells = cells_shown(calibration, size_wh)
    return replace(state, tracks=tuple(track for track in state.tracks if track.cell in cells))


def cells_shown(calibration: ViewCalibration, size_wh: tuple[int, int]) -> frozenset[CellId]:
    """Cells in which a thing in the picture can stand, those within the view's margin included."""
    (width, height), (across, down) = size_wh, PROBES_WH
    found: set[CellId] = set()
    for row in range(down):
        for column in range(across):
            x, y = (column + 0.5) * width / across, (row + 0.5) * height / down
            placement = calibration.place(Box(x, y, x, y), size_wh)
            if placement is not None:
                found |= {placement.cell, *placement.near_cells}
    return frozenset(found)
