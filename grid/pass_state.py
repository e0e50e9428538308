"""What a moving view remembers, as JSON for a restart."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from core.clock import as_utc
from core.errors import GridError
from core.geometry import Point
from core.ids import CategoryId, CellId, ViewId
from grid.passes import PassState
from grid.places import Pass, Place
from grid.tracks import Track

_Count = Annotated[int, Field(ge=0)]
_Finite = Annotated[float, Field(allow_inf_nan=False)]
_LonLat = tuple[_Finite, _Finite]


def pass_state_to_json(state: PassState) -> str:
    """The state as one line of JSON, for a store to keep."""
    stored = _StoredPasses(
        passes=1,
        view_id=state.view_id,
        last_at=state.last_at,
        next_number=state.next_number,
        faded=state.faded,
        dropped=state.dropped,
        places=tuple(_StoredPlace.of(place) for place in state.places),
        incidents=tuple(_StoredIncident.of(track) for track in state.incidents),
    )
    return stored.model_dump_json()


def pass_state_from_json(text: str) -> PassState:
    """The state as ``pass_state_to_json`` wrote it.

    Raises:
        GridError: not such a text, damaged, of a fixed view, or written by a version that this one does not know.
    """
    try:
        stored = _StoredPasses.model_validate_json(text)
    except ValidationError as error:
        fault = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in fault["loc"])
        raise GridError(
            f"the stored passes of a view are not readable: {where}: {fault['msg']}; mend: delete them; "
            "its candidates begin anew and its open cases stay open"
        ) from error
    standing = {(place.cell, place.category) for place in stored.places if place.is_confirmed}
    if standing != {(incident.cell, incident.category) for incident in stored.incidents}:
        raise GridError("the stored passes of a view are damaged: places and incidents differ; mend: delete them")
    return PassState(
        view_id=stored.view_id,
        last_at=None if stored.last_at is None else as_utc(stored.last_at),
        places=tuple(place.restored() for place in stored.places),
        incidents=tuple(incident.restored() for incident in stored.incidents),
        next_number=stored.next_number,
        faded=stored.faded,
        dropped=stored.dropped,
    )


class _Stored(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class _StoredPass(_Stored):
    last_at: AwareDatetime
    hits: _Count
    looks: _Count
    spot: _LonLat | None
    weight: _Finite

    @classmethod
    def of(cls, underway: Pass) -> "_StoredPass":
        spot = None if underway.spot is None else (underway.spot.x, underway.spot.y)
        return cls(
            last_at=underway.last_at, hits=underway.hits, looks=underway.looks, spot=spot, weight=underway.weight
        )

    def restored(self) -> Pass:
        spot = None if self.spot is None else Point(*self.spot)
        return Pass(as_utc(self.last_at), self.hits, self.looks, spot, self.weight)


class _StoredPlace(_Stored):
    number: _Count
    category: CategoryId
    cell: CellId
    near_cells: tuple[CellId, ...]
    spot: _LonLat
    spread_m: _Finite
    first_seen_at: AwareDatetime
    last_seen_at: AwareDatetime
    confidence: _Finite
    is_confirmed: bool
    passes: _Count
    absences: _Count
    underway: _StoredPass | None

    @classmethod
    def of(cls, place: Place) -> "_StoredPlace":
        return cls(
            number=place.number,
            category=place.category,
            cell=place.cell,
            near_cells=tuple(sorted(place.near_cells)),
            spot=(place.spot.x, place.spot.y),
            spread_m=place.spread_m,
            first_seen_at=place.first_seen_at,
            last_seen_at=place.last_seen_at,
            confidence=place.confidence,
            is_confirmed=place.is_confirmed,
            passes=place.passes,
            absences=place.absences,
            underway=None if place.underway is None else _StoredPass.of(place.underway),
        )

    def restored(self) -> Place:
        return Place(
            number=self.number,
            category=self.category,
            cell=self.cell,
            near_cells=frozenset(self.near_cells),
            spot=Point(*self.spot),
            spread_m=self.spread_m,
            first_seen_at=as_utc(self.first_seen_at),
            last_seen_at=as_utc(self.last_seen_at),
            confidence=self.confidence,
            is_confirmed=self.is_confirmed,
            passes=self.passes,
            absences=self.absences,
            underway=None if self.underway is None else self.underway.restored(),
        )


class _StoredIncident(_Stored):
    cell: CellId
    category: CategoryId
    first_seen_at: AwareDatetime
    last_seen_at: AwareDatetime
    object_count: Annotated[int, Field(ge=1)]
    confidence: _Finite
    next_sequence: Annotated[int, Field(ge=1)]
    reported_at: AwareDatetime

    @classmethod
    def of(cls, track: Track) -> "_StoredIncident":
        return cls(
            cell=track.cell,
            category=track.category,
            first_seen_at=track.first_seen_at,
            last_seen_at=track.last_seen_at,
            object_count=track.object_count,
            confidence=track.confidence,
            next_sequence=track.next_sequence,
            reported_at=track.reported_at or track.last_seen_at,
        )

    def restored(self) -> Track:
        return Track(
            cell=self.cell,
            category=self.category,
            first_seen_at=as_utc(self.first_seen_at),
            last_seen_at=as_utc(self.last_seen_at),
            recent=(True,),
            object_count=self.object_count,
            confidence=self.confidence,
            next_sequence=self.next_sequence,
            reported_at=as_utc(self.reported_at),
        )


class _StoredPasses(_Stored):
    passes: Literal[1]
    """The version."""
    view_id: ViewId
    last_at: AwareDatetime | None
    next_number: _Count
    faded: _Count
    dropped: _Count
    places: tuple[_StoredPlace, ...]
    incidents: tuple[_StoredIncident, ...]
