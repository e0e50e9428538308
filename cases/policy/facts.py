"""What policy is told of a candidate: the street's facts, and where it stands as far as anybody knows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cases.incidents_in import IncidentReport
from core.clock import as_utc, isoformat_z
from core.geometry import Box, Point
from core.ids import CameraId, CategoryId, CellId, IncidentId, ViewId
from grid.incidents import IncidentKind
from grid.units import Ring

BOXES_KEPT = 100
"""Boxes that a decision's row keeps; more are judged, not kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateFacts:
    """One report that would open a case."""

    camera_id: CameraId
    cell_id: CellId
    category: CategoryId
    at: datetime
    """Capture time of the newest picture that shows it; aware, UTC."""
    zone: str | None = None
    """The cell's grade; None where the grid was not known."""
    confidence: float | None = None
    """0 to 1; None in a question about no report in particular."""
    probability: float | None = None
    """That it is right, 0 to 1; None where no model told one."""
    boxes: tuple[Box, ...] = ()
    """Source pixels of the camera; empty in a question."""
    places: tuple[Point, ...] = ()
    """Where the boxes stand, lon/lat in degrees, one for each box; empty where the view tells no place."""
    outline: Ring | None = None
    """The cell's own outline, lon/lat, closed; None for a cell that the grid does not know."""
    view_id: ViewId | None = None
    incident_id: IncidentId | None = None
    sequence: int | None = None

    def as_json(self) -> dict[str, Any]:
        """What a decision's row keeps beside its own columns."""
        return {
            "view_id": self.view_id,
            "zone": self.zone,
            "confidence": self.confidence,
            "probability": self.probability,
            "boxes": [list(box.as_xyxy()) for box in self.boxes[:BOXES_KEPT]],
            "places": [[place.x, place.y] for place in self.places[:BOXES_KEPT]],
            "sequence": self.sequence,
            "at": isoformat_z(self.at),
        }


def facts_of(report: IncidentReport, zone: str | None, outline: Ring | None) -> CandidateFacts:
    """The facts of a report; a clearing, which shows nothing, is judged by when it was last seen.

    Args:
        zone: the cell's grade.
        outline: the cell's outline, lon/lat.
    """
    is_clearing = report.kind is IncidentKind.CLEARED
    return CandidateFacts(
        camera_id=report.camera_id,
        view_id=report.view_id,
        cell_id=report.cell_id,
        category=report.category,
        at=as_utc(report.last_seen_at if is_clearing else report.at),
        zone=zone,
        confidence=report.confidence,
        probability=report.probability,
        boxes=report.boxes,
        places=report.places if len(report.places) == len(report.boxes) else (),
        outline=outline,
        incident_id=report.incident_id,
        sequence=report.sequence,
    )
