"""One category standing in one cell of one view, over time: first a candidate, then an incident."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid5

from core.clock import as_utc, isoformat_z
from core.errors import GridError
from core.geometry import Box
from core.ids import CameraId, CategoryId, CellId, IncidentId, ViewId
from grid.incidents import IncidentEvent, IncidentKind
from grid.rules import ConfirmationRules
from grid.sightings import Sighting

# Fixed for ever: incident ids of one view, cell, category and time must agree across versions.
_INCIDENT_NAMESPACE = UUID("7f0f3c1e-6a1b-5c5e-9d53-2f2d0a0c51a7")

MOST_LAST_BOXES = 16
"""Kept of each track, for the picture of its place once it is gone."""


@dataclass(frozen=True, slots=True)
class Track:
    """What is remembered of one category in one cell."""

    cell: CellId
    category: CategoryId
    first_seen_at: datetime
    last_seen_at: datetime
    recent: tuple[bool, ...]
    """Hit or miss of the last looks, newest last; at most ``window`` long."""
    object_count: int
    """Most objects in one picture so far."""
    confidence: float
    """Highest so far."""
    next_sequence: int = 0
    """Number of the next event; 0 while it is a candidate."""
    reported_at: datetime | None = None
    """Capture time of its last event; None while it is a candidate."""
    misses: int = 0
    """Looks in a row that missed it."""
    missed_since: datetime | None = None
    """The first of these."""
    last_boxes: tuple[Box, ...] = ()
    """Where it stood in the last picture that saw it, source pixels; the ``MOST_LAST_BOXES`` first ones."""

    def __post_init__(self) -> None:
        for moment in (self.first_seen_at, self.last_seen_at, self.reported_at, self.missed_since):
            if moment is not None and moment.tzinfo is None:
                raise GridError(f"track {self.cell} {self.category}: {moment.isoformat()} has no time zone")
        if (self.next_sequence > 0) != (self.reported_at is not None):
            raise GridError(f"track {self.cell} {self.category}: confirmed, but never reported, or the reverse")

    @property
    def is_confirmed(self) -> bool:
        return self.next_sequence > 0

    @property
    def key(self) -> tuple[CellId, CategoryId]:
        return self.cell, self.category

    def with_hit(self, sighting: Sighting, at: datetime, window: int) -> "Track":
        """The track after a look that saw it."""
        return replace(
            self,
            last_seen_at=at,
            recent=(*self.recent, True)[-window:],
            object_count=max(self.object_count, sighting.count),
            confidence=max(self.confidence, sighting.confidence),
            misses=0,
            missed_since=None,
            last_boxes=sighting.boxes[:MOST_LAST_BOXES],
        )

    def with_miss(self, at: datetime, window: int) -> "Track":
        """The track after an unobstructed look that did not see it."""
        return replace(
            self,
            recent=(*self.recent, False)[-window:],
            misses=self.misses + 1,
            missed_since=self.missed_since or at,
        )

    def with_report(self, at: datetime) -> "Track":
        """The track after one of its events has left."""
        return replace(self, next_sequence=self.next_sequence + 1, reported_at=at)

    def is_ripe(self, at: datetime, dwell_s: float, rules: ConfirmationRules) -> bool:
        """Whether a candidate has stood long enough and was seen often enough of late."""
        stood_s = (at - self.first_seen_at).total_seconds()
        return sum(self.recent[-rules.window :]) >= rules.hits and stood_s >= dwell_s

    def is_forgotten(self, at: datetime, rules: ConfirmationRules) -> bool:
        """Whether a candidate has been away so long that its dwell counts for nothing."""
        recent = self.recent[-rules.window :]
        return not any(recent) and (at - self.last_seen_at).total_seconds() > rules.forget_s

    def is_cleared(self, at: datetime, rules: ConfirmationRules) -> bool:
        """Whether an incident has been absent for the clearing time."""
        if self.missed_since is None or self.misses < rules.clear_samples:
            return False
        return (at - self.missed_since).total_seconds() >= rules.clear_s

    def incident_id(self, view_id: ViewId) -> IncidentId:
        """The same id whenever the same pictures are looked at again."""
        name = f"{view_id}|{self.cell}|{self.category}|{isoformat_z(self.first_seen_at)}"
        return IncidentId(str(uuid5(_INCIDENT_NAMESPACE, name)))

    def event(
        self, kind: IncidentKind, camera_id: CameraId, view_id: ViewId, at: datetime, sighting: Sighting | None
    ) -> IncidentEvent:
        """The track's next event; ``sighting`` is what the picture shows of it, None when cleared."""
        boxes: tuple[Box, ...] = () if sighting is None else sighting.boxes
        return IncidentEvent(
            incident_id=self.incident_id(view_id),
            sequence=self.next_sequence,
            kind=kind,
            camera_id=camera_id,
            view_id=view_id,
            cell_id=self.cell,
            category=self.category,
            at=at,
            first_seen_at=self.first_seen_at,
            last_seen_at=self.last_seen_at,
            object_count=self.object_count,
            confidence=self.confidence if sighting is None else sighting.confidence,
            boxes=boxes,
            last_boxes=self.last_boxes if kind is IncidentKind.CLEARED else (),
        )


def begin_track(sighting: Sighting, at: datetime) -> Track:
    """A new candidate."""
    moment = as_utc(at)
    return Track(
        cell=sighting.cell,
        category=sighting.category,
        first_seen_at=moment,
        last_seen_at=moment,
        recent=(True,),
        object_count=sighting.count,
        confidence=sighting.confidence,
        last_boxes=sighting.boxes[:MOST_LAST_BOXES],
    )
