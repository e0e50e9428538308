"""What leaves the grid room: the life of one incident, as plain facts for the case room."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.geometry import Box
from core.ids import CameraId, CategoryId, CellId, IncidentId, ViewId


class IncidentKind(StrEnum):
    """What happened to an incident."""

    OPENED = "opened"
    """Dwell and m-of-n are met: a violation stands."""
    SEEN = "seen"
    """It still stands; sent at most once per repeat interval, or when the object count rises."""
    CLEARED = "cleared"
    """It has been absent for the clearing time in an unobstructed view."""


@dataclass(frozen=True, slots=True)
class IncidentEvent:
    """One step in an incident's life.

    ``sequence`` counts the events of one incident from 0 (its ``opened``), so that
    ``incident_id`` + ``sequence`` names the event for ever: the idempotency key.
    """

    incident_id: IncidentId
    sequence: int
    kind: IncidentKind
    camera_id: CameraId
    view_id: ViewId
    cell_id: CellId
    category: CategoryId
    at: datetime
    """Capture time of the picture that caused this event; aware, UTC."""
    first_seen_at: datetime
    last_seen_at: datetime
    object_count: int
    """Most objects of the category seen in the cell in one picture so far."""
    confidence: float
    """Highest confidence in the picture that caused the event (for cleared: of the incident)."""
    boxes: tuple[Box, ...]
    """Source pixels; empty when cleared."""
    last_boxes: tuple[Box, ...] = ()
    """Of what is cleared: where it stood when it was last seen, source pixels; empty where the view moves."""

    @property
    def idempotency_key(self) -> str:
        return f"{self.incident_id}:{self.sequence}"
