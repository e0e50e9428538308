"""What holds for any life of a view."""

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.ids import CategoryId, CellId
from grid.dedupe import ConfirmationRules, DedupeState, state_from_json, state_to_json
from grid.incidents import IncidentEvent, IncidentKind
from grid.sightings import Sighting, ViewSample
from tests.grid.looks import CLUTTER, GARBAGE, STALL, START, VIEW, A, B, C, live, look

CELLS, CATEGORIES = (A, B, C), (STALL, GARBAGE, CLUTTER)
# Short times, so that short lives open, clear, forget and gap.
QUICK = ConfirmationRules(
    dwell_s={STALL: 6, GARBAGE: 10, CLUTTER: 14}, clear_s=8, repeat_s=12, max_gap_s=60, forget_s=10, clear_samples=2
)


@st.composite
def sightings(draw: st.DrawFn) -> tuple[Sighting, ...]:
    # Mostly the same few things, so that something stands long enough.
    keys = draw(
        st.sets(st.sampled_from([(A, GARBAGE), (A, GARBAGE), (B, GARBAGE), (B, STALL), (C, CLUTTER)]), max_size=3)
    )
    return tuple(draw(_sighting(cell, category)) for cell, category in sorted(keys))


@st.composite
def _sighting(draw: st.DrawFn, cell: CellId, category: CategoryId) -> Sighting:
    near = draw(st.sets(st.sampled_from([other for other in CELLS if other != cell]), max_size=2))
    count = draw(st.integers(1, 4))
    confidence = draw(st.floats(0.1, 1.0))
    return Sighting(cell, category, count, confidence, (), frozenset(near))


@st.composite
def lives(draw: st.DrawFn) -> list[ViewSample]:
    """Runs of alike looks a few seconds apart, now and then late, repeated, covered or after a long gap."""
    samples: list[ViewSample] = []
    at_s = 0.0
    for _ in range(draw(st.integers(1, 8))):
        shown = draw(sightings())
        for _ in range(draw(st.integers(1, 10))):
            at_s += draw(st.sampled_from([2.0, 2.0, 2.0, 2.0, 2.5, 5.0, 0.0, -3.0, 61.0]))
            present = shown if draw(st.integers(0, 4)) else ()
            samples.append(look(at_s, *present, unobstructed=bool(draw(st.integers(0, 12)))))
    return samples


def by_incident(events: list[IncidentEvent]) -> dict[str, list[IncidentEvent]]:
    groups: dict[str, list[IncidentEvent]] = defaultdict(list)
    for event in events:
        groups[event.incident_id].append(event)
    return groups


@given(lives())
def test_a_cell_and_category_is_never_opened_twice_without_being_cleared(samples: list[ViewSample]) -> None:
    _, events = live(samples, QUICK)
    standing: dict[tuple[CellId, CategoryId], str] = {}
    for event in events:
        key = (event.cell_id, event.category)
        if event.kind is IncidentKind.OPENED:
            assert key not in standing
            standing[key] = event.incident_id
        else:
            assert standing[key] == event.incident_id
        if event.kind is IncidentKind.CLEARED:
            del standing[key]


@given(lives())
def test_each_incidents_events_are_numbered_without_a_gap_and_in_time(samples: list[ViewSample]) -> None:
    _, events = live(samples, QUICK)
    for life in by_incident(events).values():
        assert [event.sequence for event in life] == list(range(len(life)))
        assert [event.kind is IncidentKind.OPENED for event in life] == [True] + [False] * (len(life) - 1)
        assert all(event.kind is not IncidentKind.CLEARED for event in life[:-1])
        times = [event.at for event in life]
        assert times == sorted(set(times))
        counts = [event.object_count for event in life]
        assert counts == sorted(counts)
        assert all(event.first_seen_at <= event.last_seen_at <= event.at for event in life)
        dwell = timedelta(seconds=QUICK.dwell_s[life[0].category])
        assert life[0].at - life[0].first_seen_at >= dwell


@given(lives(), st.data())
def test_a_restart_at_any_look_changes_no_event(samples: list[ViewSample], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(samples)))
    whole, events = live(samples, QUICK)
    first, before = live(samples[:cut], QUICK)
    restored = state_from_json(state_to_json(first))
    assert restored == first
    last, after = live(samples[cut:], QUICK, restored)
    assert before + after == events
    assert last == whole


@given(lives(), st.integers(-(10**6), 10**6))
def test_another_day_is_the_same_story(samples: list[ViewSample], shift_s: int) -> None:
    shift = timedelta(seconds=shift_s)
    _, events = live(samples, QUICK)
    _, shifted = live([replace(sample, at=sample.at + shift) for sample in samples], QUICK)
    assert [
        replace(
            event,
            incident_id=then.incident_id,
            at=event.at + shift,
            first_seen_at=event.first_seen_at + shift,
            last_seen_at=event.last_seen_at + shift,
        )
        for event, then in zip(events, shifted, strict=True)
    ] == shifted


@given(lives())
def test_categories_do_not_touch_each_other(samples: list[ViewSample]) -> None:
    _, together = live(samples, QUICK)
    for category in CATEGORIES:
        alone = [
            replace(sample, sightings=tuple(each for each in sample.sightings if each.category == category))
            for sample in samples
        ]
        _, events = live(alone, QUICK)
        assert events == [event for event in together if event.category == category]


@given(lives(), st.permutations(CATEGORIES))
def test_exchanging_categories_exchanges_the_story(samples: list[ViewSample], order: list[CategoryId]) -> None:
    alike = QUICK.model_copy(update={"dwell_s": dict.fromkeys(CATEGORIES, 10.0)})
    renamed = dict(zip(CATEGORIES, order, strict=True))
    _, events = live(samples, alike)
    _, other = live(
        [
            replace(s, sightings=tuple(replace(each, category=renamed[each.category]) for each in s.sightings))
            for s in samples
        ],
        alike,
    )
    plain = sorted((event.at, event.cell_id, renamed[event.category], event.kind, event.sequence) for event in events)
    assert plain == sorted((event.at, event.cell_id, event.category, event.kind, event.sequence) for event in other)


@given(lives())
def test_the_order_of_sightings_in_a_look_means_nothing(samples: list[ViewSample]) -> None:
    backwards = [replace(sample, sightings=tuple(reversed(sample.sightings))) for sample in samples]
    state, events = live(samples, QUICK)
    other_state, other_events = live(backwards, QUICK)
    assert (state, events) == (other_state, other_events)


@given(lives(), st.integers(1, 4))
def test_a_view_never_holds_more_than_its_bound(samples: list[ViewSample], most: int) -> None:
    rules = QUICK.model_copy(update={"max_tracks": most})
    state = DedupeState(VIEW)
    for sample in samples:
        standing = {track.key for track in state.tracks if track.is_confirmed}
        state, events = live([sample], rules, state)
        assert len(state.tracks) <= most
        cleared = {(event.cell_id, event.category) for event in events if event.kind is IncidentKind.CLEARED}
        assert standing - cleared <= {track.key for track in state.tracks}
        assert list(state.tracks) == sorted(state.tracks, key=lambda track: track.key)
    assert state.last_at is None or state.last_at >= START - timedelta(seconds=1000)
