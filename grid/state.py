"""What one view remembers between two looks, and its JSON for a restart."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from core.clock import as_utc
from core.errors import GridError
from core.geometry import Box
from core.ids import CategoryId, CellId, ViewId
from grid.tracks import Track

_VERSION: Literal[1] = 1


@dataclass(frozen=True, slots=True)
class DedupeState:
    """All that one view remembers between two looks; a new view starts with ``DedupeState(view_id)``.

    Bounded: at most ``max_tracks`` tracks. When there are more, candidates make way, the one unseen
    for longest first, then the youngest; an incident never does. ``dropped`` counts them.
    """

    view_id: ViewId
    last_at: datetime | None = None
    """Capture time of the last look that counted, UTC."""
    tracks: tuple[Track, ...] = ()
    """In (cell, category) order."""
    dropped: int = 0
    """Candidates that had to make way, since the view was new."""


def state_to_json(state: DedupeState) -> str:
    """The state as one line of JSON, for a store to keep."""
    stored = _StoredState(
        version=_VERSION,
        view_id=state.view_id,
        last_at=state.last_at,
        dropped=state.dropped,
        tracks=tuple(_StoredTrack.of(track) for track in state.tracks),
    )
    return stored.model_dump_json()


def state_from_json(text: str) -> DedupeState:
    """The state as ``state_to_json`` wrote it.

    Raises:
        GridError: not such a text, damaged, or written by a version that this one does not know.
    """
    mend = "delete it; its candidates begin anew and its open cases stay open"
    try:
        version = _StoredVersion.model_validate_json(text).version
    except ValidationError as error:
        raise GridError(f"the stored state of a view is not readable: {_first(error)}; {mend}") from error
    if version != _VERSION:
        raise GridError(
            f"the stored state of a view has version {version}, this Gridpatrol knows {_VERSION}; "
            f"run the Gridpatrol that wrote it, or {mend}"
        )
    try:
        stored = _StoredState.model_validate_json(text)
    except ValidationError as error:
        raise GridError(f"the stored state of a view is damaged: {_first(error)}; {mend}") from error
    last_at = None if stored.last_at is None else as_utc(stored.last_at)
    return DedupeState(stored.view_id, last_at, tuple(track.restored() for track in stored.tracks), stored.dropped)


class _StoredVersion(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")

    version: int


class _StoredTrack(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    cell: CellId
    category: CategoryId
    first_seen_at: AwareDatetime
    last_seen_at: AwareDatetime
    recent: tuple[bool, ...]
    object_count: Annotated[int, Field(ge=1)]
    confidence: Annotated[float, Field(allow_inf_nan=False)]
    next_sequence: Annotated[int, Field(ge=0)]
    reported_at: AwareDatetime | None
    misses: Annotated[int, Field(ge=0)]
    missed_since: AwareDatetime | None
    last_boxes: tuple[tuple[float, float, float, float], ...] = ()

    @classmethod
    def of(cls, track: Track) -> "_StoredTrack":
        return cls(
            cell=track.cell,
            category=track.category,
            first_seen_at=track.first_seen_at,
            last_seen_at=track.last_seen_at,
            recent=track.recent,
            object_count=track.object_count,
            confidence=track.confidence,
            next_sequence=track.next_sequence,
            reported_at=track.reported_at,
            misses=track.misses,
            missed_since=track.missed_since,
            last_boxes=tuple(box.as_xyxy() for box in track.last_boxes),
        )

    def restored(self) -> Track:
        return Track(
            cell=self.cell,
            category=self.category,
            first_seen_at=as_utc(self.first_seen_at),
            last_seen_at=as_utc(self.last_seen_at),
            recent=self.recent,
            object_count=self.object_count,
            confidence=self.confidence,
            next_sequence=self.next_sequence,
            reported_at=None if self.reported_at is None else as_utc(self.reported_at),
            misses=self.misses,
            missed_since=None if self.missed_since is None else as_utc(self.missed_since),
            last_boxes=tuple(Box(*edges) for edges in self.last_boxes),
        )


class _StoredState(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    version: Literal[1]
    view_id: ViewId
    last_at: AwareDatetime | None
    dropped: Annotated[int, Field(ge=0)]
    tracks: tuple[_StoredTrack, ...]


def _first(error: ValidationError) -> str:
    """The first fault in one line; the text itself is left out, it may be long."""
    fault = error.errors(include_input=False, include_url=False)[0]
    place = ".".join(str(part) for part in fault["loc"])
    return f"{place}: {fault['msg']}" if place else fault["msg"]
