"""From a vehicle's looks to incidents: one incident for one thing, however many pictures and passes show it.

    candidate ──seen in `hits` pictures of one pass──> incident (OPENED) ──seen again by a later pass──> SEEN
        └── the pass ends before ──> forgotten          └── a pass looked freely and saw nothing ──> CLEARED

A pure function of the state and the sample. The incidents are those of a fixed camera: one per (cell, category), with
the same ids; here each is made of places, so that two stalls in one cell are one incident of two objects.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from core.errors import GridError
from core.geometry import Point
from core.ids import CategoryId, CellId, ViewId
from grid.incidents import IncidentEvent, IncidentKind
from grid.moving_views import Mark, MovingSample
from grid.pass_rules import PassRules
from grid.places import Place, apart_m, begin_place
from grid.sightings import Sighting
from grid.tracks import Track, begin_track

_Key = tuple[CellId, CategoryId]


@dataclass(frozen=True, slots=True)
class PassState:
    """All that a moving view remembers between two looks; a new view starts with ``PassState(view_id)``.

    Bounded: at most ``max_places`` places, and no incident without one.
    """

    view_id: ViewId
    last_at: datetime | None = None
    """Capture time of the last look that counted, UTC."""
    places: tuple[Place, ...] = ()
    """In the order of their numbers."""
    incidents: tuple[Track, ...] = ()
    """In (cell, category) order."""
    next_number: int = 0
    faded: int = 0
    """Candidates that their pass did not confirm, since the view was new."""
    dropped: int = 0
    """Places that had to make way or were not passed for too long."""


def step_pass(
    state: PassState, sample: MovingSample, rules: PassRules, sees: Callable[[Point], Point | None]
) -> tuple[PassState, tuple[IncidentEvent, ...]]:
    """What a moving view knows after one more look, and what the case room must hear of it.

    A sample at or before the last one, and an obstructed one, change nothing.

    Args:
        sees: the source pixel at which this look surely has a place (lon/lat) in view; None where it has not.

    Raises:
        GridError: the sample is of another view.
    """
    if sample.view_id != state.view_id:
        raise GridError(f"a sample of view {sample.view_id} cannot follow the state of view {state.view_id}")
    if (state.last_at is not None and sample.at <= state.last_at) or not sample.unobstructed:
        return state, ()
    look = _Look(state, sample, rules)
    look.end_passes()
    look.take_marks()
    look.take_misses(sees)
    return look.outcome()


class _Look:
    """One step at work; lives no longer than the call."""

    def __init__(self, state: PassState, sample: MovingSample, rules: PassRules) -> None:
        self._state = state
        self._sample = sample
        self._rules = rules
        self._at = sample.at
        self._places = {place.number: place for place in state.places}
        self._incidents: dict[_Key, Track] = {(track.cell, track.category): track for track in state.incidents}
        self._next = state.next_number
        self._faded = state.faded
        self._dropped = state.dropped
        self._events: list[IncidentEvent] = []
        self._marked: set[int] = set()

    def end_passes(self) -> None:
        """Places that have left the view: what did the pass say of them?"""
        for place in list(self._places.values()):
            underway = place.underway
            if underway is None or not underway.is_over(self._at, self._rules.leave_s):
                continue
            after = place.passed(self._rules.clear_looks)
            if not place.is_confirmed:
                self._faded += 1
                del self._places[place.number]
            elif after.absences >= self._rules.clear_passes:
                del self._places[place.number]
                self._clear(place, underway.last_at)
            else:
                self._places[place.number] = after

    def take_marks(self) -> None:
        """Each mark is one known place's, or a new one's; a place takes one mark of a picture."""
        marks = self._sample.marks
        pairs = sorted(
            (distance_m, not place.is_confirmed, place.number, index)
            for index, mark in enumerate(marks)
            for place in self._places.values()
            if (distance_m := self._fits(place, mark)) is not None
        )
        placed: dict[int, int] = {}
        for _, _, number, index in pairs:
            if index not in placed and number not in self._marked:
                placed[index] = number
                self._marked.add(number)
        for index, mark in enumerate(marks):
            if index in placed:
                self._see(self._places[placed[index]].with_mark(mark, self._at), mark)
            else:
                self._marked.add(self._next)
                self._see(begin_place(self._next, mark, self._at), mark)
                self._next += 1

    def take_misses(self, sees: Callable[[Point], Point | None]) -> None:
        """Known places that this picture has in view and no mark of."""
        for place in list(self._places.values()):
            if place.number in self._marked:
                continue
            pixel = sees(place.spot_now)
            if pixel is not None:
                self._places[place.number] = place.with_look(self._at, not self._is_veiled(pixel))

    def outcome(self) -> tuple[PassState, tuple[IncidentEvent, ...]]:
        self._forget()
        alive = {(place.cell, place.category) for place in self._places.values() if place.is_confirmed}
        state = replace(
            self._state,
            last_at=self._at,
            places=tuple(self._places[number] for number in sorted(self._places)),
            incidents=tuple(self._incidents[key] for key in sorted(self._incidents) if key in alive),
            next_number=self._next,
            faded=self._faded,
            dropped=self._dropped,
        )
        return state, tuple(self._events)

    def _fits(self, place: Place, mark: Mark) -> float | None:
        """How far a mark lies from a place of its category, metres; None where it cannot be that one."""
        if place.category != mark.category:
            return None
        limit_m = self._rules.agree_m if place.is_seen_in_pass else self._rules.join_m
        distance_m = apart_m(place.spot_now, mark.spot)
        return distance_m if distance_m <= limit_m else None

    def _see(self, place: Place, mark: Mark) -> None:
        self._places[place.number] = place
        if place.underway is None or place.underway.hits != self._rules.hits:
            if place.is_confirmed:
                self._note(place)
            return
        if not place.is_confirmed:
            place = place.confirmed_in(self._cell_of(place))
            self._places[place.number] = place
        self._tell(place, mark)

    def _note(self, place: Place) -> None:
        """The incident's last sighting, without telling it."""
        key = place.cell, place.category
        self._incidents[key] = replace(self._incidents[key], last_seen_at=self._at)

    def _cell_of(self, place: Place) -> CellId:
        """Its own cell's incident if there is one, else that of a neighbour it may stand in, else a new one."""
        if (place.cell, place.category) in self._incidents:
            return place.cell
        near = [
            self._incidents[cell, place.category]
            for cell in place.near_cells
            if (cell, place.category) in self._incidents and self._is_beside(place, cell)
        ]
        return min(near, key=lambda track: (track.first_seen_at, track.cell)).cell if near else place.cell

    def _is_beside(self, place: Place, cell: CellId) -> bool:
        """Whether the neighbour's incident stands so close that both may be one thing."""
        return any(
            other.is_confirmed
            and (other.cell, other.category) == (cell, place.category)
            and apart_m(other.spot_now, place.spot_now) <= self._rules.join_m
            for other in self._places.values()
        )

    def _tell(self, place: Place, mark: Mark) -> None:
        """A pass has shown a place often enough: a new incident, one more object of it, or the same again."""
        key = place.cell, place.category
        standing = self._count(key)
        sighting = Sighting(place.cell, place.category, standing, mark.confidence, (mark.box,))
        before = self._incidents.get(key)
        if before is None:
            track, kind = _unplaced(begin_track(sighting, place.first_seen_at)), IncidentKind.OPENED
            track = replace(track, last_seen_at=self._at, confidence=place.confidence)
        else:
            track, kind = _unplaced(before.with_hit(sighting, self._at, 1)), IncidentKind.SEEN
            has_grown = track.object_count > before.object_count
            is_due = (
                before.reported_at is None or (self._at - before.reported_at).total_seconds() >= self._rules.repeat_s
            )
            if not (has_grown or is_due):
                self._incidents[key] = track
                return
        self._report(track, kind, self._at, sighting)

    def _clear(self, place: Place, at: datetime) -> None:
        key = place.cell, place.category
        track = self._incidents.get(key)
        if track is None or self._count(key):
            return
        latest = max(moment for moment in (at, track.last_seen_at, track.reported_at) if moment is not None)
        self._report(track, IncidentKind.CLEARED, latest, None)
        del self._incidents[key]

    def _report(self, track: Track, kind: IncidentKind, at: datetime, sighting: Sighting | None) -> None:
        self._events.append(track.event(kind, self._sample.camera_id, self._sample.view_id, at, sighting))
        self._incidents[track.cell, track.category] = track.with_report(at)

    def _count(self, key: _Key) -> int:
        return sum(place.is_confirmed and (place.cell, place.category) == key for place in self._places.values())

    def _is_veiled(self, pixel: Point) -> bool:
        """Whether something is drawn over the place: the thing may stand behind it, or be it."""
        return any(
            found.box.x0 <= pixel.x <= found.box.x1 and found.box.y0 <= pixel.y <= found.box.y1
            for found in self._sample.detections
        )

    def _forget(self) -> None:
        old = [
            place.number
            for place in self._places.values()
            if place.underway is None and (self._at - place.last_seen_at).total_seconds() > self._rules.keep_s
        ]
        excess = len(self._places) - len(old) - self._rules.max_places
        left = (place for place in self._places.values() if place.number not in set(old))
        if excess > 0:
            old += [place.number for place in sorted(left, key=_worth)[:excess]]
        for number in old:
            del self._places[number]
            self._dropped += 1


def _worth(place: Place) -> tuple[bool, datetime, int]:
    return place.is_confirmed, place.last_seen_at, place.number


def _unplaced(track: Track) -> Track:
    """The track without where it stood in the picture: the next one is taken somewhere else."""
    return replace(track, last_boxes=())
