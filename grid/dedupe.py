"""From looks to incidents: one incident for one continuous presence, however many pictures show it.

    candidate ──dwell and m-of-n──> incident (OPENED, then SEEN now and then) ──absent──> CLEARED
        └── absent for long, or a long gap between looks ──> forgotten, no event

Everything here is a pure function of the state and the sample; time is the sample's capture time.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from core.errors import GridError
from core.ids import CategoryId, CellId
from grid.incidents import IncidentEvent, IncidentKind
from grid.rules import ConfirmationRules
from grid.sightings import Sighting, ViewSample
from grid.state import DedupeState, state_from_json, state_to_json
from grid.tracks import Track, begin_track
from grid.units import Zone

__all__ = ["ConfirmationRules", "DedupeState", "Track", "is_stale", "state_from_json", "state_to_json", "step"]

SAME_PLACE_IOU = 0.3
"""An unsure box that overlaps the last one so far (intersection over union) shows the same thing."""

_Key = tuple[CellId, CategoryId]
_Tracks = dict[_Key, Track]


def is_stale(state: DedupeState, sample: ViewSample) -> bool:
    """Whether a sample is not newer than the last look that counted, so that ``step`` ignores it."""
    return state.last_at is not None and sample.at <= state.last_at


def step(
    state: DedupeState, sample: ViewSample, rules: ConfirmationRules, zone_of: Callable[[CellId], Zone]
) -> tuple[DedupeState, tuple[IncidentEvent, ...]]:
    """What a view knows after one more look, and what the case room must hear of it.

    A sample at or before the last one, and an obstructed one, change nothing.

    Args:
        zone_of: how strictly a cell is kept; asked only for cells that this look saw.

    Raises:
        GridError: the sample is of another view.
    """
    if sample.view_id != state.view_id:
        raise GridError(f"a sample of view {sample.view_id} cannot follow the state of view {state.view_id}")
    if is_stale(state, sample) or not sample.unobstructed:
        return state, ()
    before = _after_gap(state, sample.at, rules)
    seen = _assign(before, sample.sightings)
    after: _Tracks = {}
    events: list[IncidentEvent] = []
    for key in sorted({*before, *seen}):
        sighting = _relied_on(before.get(key), seen.get(key))
        track: Track | None
        if sighting is None and key not in before:
            continue
        if sighting is not None:
            track, kind = _see(before.get(key), sighting, sample.at, rules, zone_of)
        else:
            track, kind = _miss(before[key], sample.at, rules)
        if track is None:
            continue
        if kind is not None:
            events.append(track.event(kind, sample.camera_id, sample.view_id, sample.at, sighting))
            track = track.with_report(sample.at)
        if kind is not IncidentKind.CLEARED:
            after[key] = track
    kept = _within_cap(after, rules.max_tracks)
    dropped = state.dropped + len(after) - len(kept)
    return replace(state, last_at=sample.at, tracks=kept, dropped=dropped), tuple(events)


def _after_gap(state: DedupeState, at: datetime, rules: ConfirmationRules) -> _Tracks:
    """The tracks as they may still be relied on, if the camera was away for too long."""
    if state.last_at is None or (at - state.last_at).total_seconds() <= rules.max_gap_s:
        return {track.key: track for track in state.tracks}
    return {track.key: replace(track, misses=0, missed_since=None) for track in state.tracks if track.is_confirmed}


def _assign(tracks: Mapping[_Key, Track], sightings: Iterable[Sighting]) -> dict[_Key, Sighting]:
    """Which track each sighting belongs to: its own cell's, else a neighbour's that it is at the edge of, else new.

    Those well inside their cell go first, so that one at an edge finds a track begun in the same picture.
    """
    seen: dict[_Key, Sighting] = {}
    for sighting in sorted(sightings, key=lambda each: (bool(each.near_cells), each.cell, each.category)):
        own = (sighting.cell, sighting.category)
        neighbours = [(cell, sighting.category) for cell in sighting.near_cells]
        live = [key for key in neighbours if key in tracks]
        begun = [key for key in neighbours if key in seen]
        if own in tracks:
            key = own
        elif live:
            key = min(live, key=lambda each: _seniority(tracks[each]))
        else:
            key = min(begun, default=own)
        seen[key] = _merge(seen[key], sighting) if key in seen else replace(sighting, cell=key[0])
    return seen


def _relied_on(track: Track | None, sighting: Sighting | None) -> Sighting | None:
    """A sure sighting; an unsure one only as far as it shows what the track saw last, where that stood.

    A cell may be a whole unit grid: an unsure glimpse elsewhere in it is of another thing, and begins nothing.
    """
    if sighting is None or sighting.is_sure:
        return sighting
    last_boxes = () if track is None else track.last_boxes
    boxes = tuple(box for box in sighting.boxes if any(box.iou(last) >= SAME_PLACE_IOU for last in last_boxes))
    return replace(sighting, boxes=boxes, count=len(boxes)) if boxes else None


def _seniority(track: Track) -> tuple[bool, datetime, CellId]:
    return not track.is_confirmed, track.first_seen_at, track.cell


def _merge(one: Sighting, other: Sighting) -> Sighting:
    """Two sightings of one track in one picture are different objects: they add up."""
    return replace(
        one,
        count=one.count + other.count,
        confidence=max(one.confidence, other.confidence),
        boxes=one.boxes + other.boxes,
        near_cells=one.near_cells & other.near_cells,
        is_sure=one.is_sure or other.is_sure,
    )


def _see(
    before: Track | None,
    sighting: Sighting,
    at: datetime,
    rules: ConfirmationRules,
    zone_of: Callable[[CellId], Zone],
) -> tuple[Track, IncidentKind | None]:
    track = begin_track(sighting, at) if before is None else before.with_hit(sighting, at, rules.window)
    if track.reported_at is None:
        dwell_s = rules.dwell_in(track.category, zone_of(track.cell))
        return track, IncidentKind.OPENED if track.is_ripe(at, dwell_s, rules) else None
    has_grown = before is not None and track.object_count > before.object_count
    is_due = (at - track.reported_at).total_seconds() >= rules.repeat_s
    return track, IncidentKind.SEEN if has_grown or is_due else None


def _miss(before: Track, at: datetime, rules: ConfirmationRules) -> tuple[Track | None, IncidentKind | None]:
    track = before.with_miss(at, rules.window)
    if track.is_confirmed:
        return track, IncidentKind.CLEARED if track.is_cleared(at, rules) else None
    return None if track.is_forgotten(at, rules) else track, None


def _within_cap(tracks: _Tracks, most: int) -> tuple[Track, ...]:
    excess = len(tracks) - most
    if excess <= 0:
        return tuple(tracks.values())
    candidates = sorted(
        (track for track in tracks.values() if not track.is_confirmed),
        key=lambda track: (track.last_seen_at, -track.first_seen_at.timestamp(), track.key),
    )
    leaving = {track.key for track in candidates[:excess]}
    return tuple(track for key, track in tracks.items() if key not in leaving)
