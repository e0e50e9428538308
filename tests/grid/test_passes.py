"""What a vehicle drives past: one incident for one thing, whatever the passes, the errors and the restarts."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.detections import Detection
from core.errors import GridError
from core.geometry import Box, Point
from core.ids import CameraId, CategoryId, CellId, ViewId
from grid.dedupe import DedupeState, state_to_json
from grid.incidents import IncidentEvent, IncidentKind
from grid.moving_views import Mark, MovingSample
from grid.pass_rules import PassRules
from grid.pass_state import pass_state_from_json, pass_state_to_json
from grid.passes import PassState, step_pass
from tests.grid.city import PLANE

CAMERA, VIEW = CameraId("CAR-07"), ViewId("CAR-07")
START = datetime(2026, 5, 14, 0, 30, tzinfo=UTC)
GARBAGE, STALL = CategoryId("exposed_garbage"), CategoryId("street_stall")
RULES = PassRules()
EDGE_M = 50.0
WEST, EAST = CellId("510104001001001"), CellId("510104001001002")
BOX = Box(300, 200, 340, 240)


def mark(
    east_m: float, north_m: float = 0.0, category: CategoryId = GARBAGE, spread_m: float = 1.0, radius_m: float = 3.5
) -> Mark:
    """A thing as one picture places it; the city has two cells, west and east of 50 m."""
    cell, other = (WEST, EAST) if east_m < EDGE_M else (EAST, WEST)
    near = frozenset({other}) if abs(east_m - EDGE_M) <= radius_m else frozenset[CellId]()
    return Mark(category, 0.8, BOX, PLANE.to_lonlat(Point(east_m, north_m)), cell, near, spread_m, radius_m)


Sees = Callable[[Point], Point | None]
Look = tuple[MovingSample, Sees]


def all_in_view(_: Point) -> Point | None:
    return Point(10, 10)


def none_in_view(_: Point) -> Point | None:
    return None


def look(at_s: float, *marks: Mark, sees: Sees = all_in_view, unobstructed: bool = True) -> Look:
    detections = tuple(Detection(each.category, each.confidence, each.box) for each in marks)
    at = START + timedelta(seconds=at_s)
    return MovingSample(CAMERA, VIEW, at, marks, detections, unobstructed), sees


def drive_by(begins_s: float, *marks: Mark, pictures: int = 4) -> list[Look]:
    """One pass: so many pictures, half a second apart, then away."""
    shown = [look(begins_s + 0.5 * index, *marks) for index in range(pictures)]
    return [*shown, look(begins_s + 20, sees=none_in_view)]


def live(
    looks: Sequence[Look], rules: PassRules = RULES, state: PassState | None = None
) -> tuple[PassState, list[IncidentEvent]]:
    state = state or PassState(VIEW)
    events: list[IncidentEvent] = []
    for sample, sees in looks:
        state, new = step_pass(state, sample, rules, sees)
        events += new
    return state, events


def told(events: Sequence[IncidentEvent]) -> list[tuple[str, str, str]]:
    return [(event.kind.value, event.cell_id, event.category) for event in events]


OPENED, SEEN, CLEARED = ("opened", "seen", "cleared")


def test_three_pictures_of_one_pass_that_agree_open_one_incident() -> None:
    _, events = live(drive_by(0, mark(20)))
    assert told(events) == [(OPENED, WEST, GARBAGE)]
    (event,) = events
    assert event.first_seen_at == START
    assert event.at == START + timedelta(seconds=1)
    assert event.boxes == (BOX,)


def test_two_pictures_are_not_enough_and_the_candidate_is_counted_and_forgotten() -> None:
    state, events = live(drive_by(0, mark(20), pictures=2))
    assert (events, state.places, state.faded) == ([], (), 1)


def test_pictures_that_do_not_agree_on_the_ground_confirm_nothing() -> None:
    apart = [look(0.5 * index, mark(10.0 + 10 * index)) for index in range(4)]
    _, events = live([*apart, look(20, sees=none_in_view)])
    assert events == []


def test_two_boxes_of_one_picture_are_one_picture() -> None:
    _, events = live([look(0, mark(20), mark(20.5), mark(21))])
    assert events == []


def test_the_next_pass_sees_it_again_and_opens_nothing() -> None:
    _, events = live([*drive_by(0, mark(20)), *drive_by(180, mark(24, 2))])
    assert told(events) == [(OPENED, WEST, GARBAGE), (SEEN, WEST, GARBAGE)]
    assert events[0].incident_id == events[1].incident_id
    assert [event.sequence for event in events] == [0, 1]


def test_passes_in_quick_succession_are_not_each_reported() -> None:
    _, events = live([*drive_by(0, mark(20)), *drive_by(30, mark(20)), *drive_by(62, mark(20))])
    assert told(events) == [(OPENED, WEST, GARBAGE), (SEEN, WEST, GARBAGE)]


def test_a_thing_on_the_edge_stays_in_the_cell_it_was_opened_in() -> None:
    _, events = live([*drive_by(0, mark(48.5)), *drive_by(180, mark(52.5)), *drive_by(360, mark(49))])
    assert {event.cell_id for event in events} == {WEST}
    assert len({event.incident_id for event in events}) == 1


def test_a_second_thing_of_the_same_cell_is_one_more_object_of_the_same_incident() -> None:
    _, events = live([*drive_by(0, mark(10)), *drive_by(40, mark(35))])
    assert told(events) == [(OPENED, WEST, GARBAGE), (SEEN, WEST, GARBAGE)]
    assert [event.object_count for event in events] == [1, 2]


def test_two_categories_in_one_place_are_two_incidents() -> None:
    _, events = live(drive_by(0, mark(20), mark(20, category=STALL)))
    assert sorted(told(events)) == [(OPENED, WEST, GARBAGE), (OPENED, WEST, STALL)]


def test_a_pass_that_looks_freely_and_sees_nothing_clears_it() -> None:
    state, events = live([*drive_by(0, mark(20)), *drive_by(180)])
    assert told(events) == [(OPENED, WEST, GARBAGE), (CLEARED, WEST, GARBAGE)]
    assert events[1].at == START + timedelta(seconds=181.5)
    assert events[1].boxes == ()
    assert (state.places, state.incidents) == ((), ())


@pytest.mark.parametrize(
    "passing",
    [
        pytest.param([look(180 + 0.5 * index) for index in range(2)], id="it looked too seldom"),
        pytest.param([look(180 + 0.5 * index, sees=none_in_view) for index in range(5)], id="it was not in view"),
        pytest.param([look(180 + 0.5 * index, unobstructed=False) for index in range(5)], id="the lens was covered"),
        pytest.param(
            [look(180 + 0.5 * index, *([mark(20)] if index == 3 else [])) for index in range(5)], id="it was seen once"
        ),
        pytest.param(
            [look(180 + 0.5 * index, mark(90, category=STALL), sees=lambda _: Point(320, 220)) for index in range(2)],
            id="something stood before it",
        ),
    ],
)
def test_a_pass_that_is_not_sure_of_its_absence_clears_nothing(passing: list[Look]) -> None:
    _, events = live([*drive_by(0, mark(20)), *passing, look(200, sees=none_in_view)])
    assert CLEARED not in {event.kind.value for event in events}


def test_an_incident_of_two_things_is_cleared_with_the_second() -> None:
    first = [*drive_by(0, mark(10)), *drive_by(40, mark(35))]
    _, events = live([*first, *drive_by(200, mark(35)), *drive_by(400)])
    assert [event.kind.value for event in events] == [OPENED, SEEN, SEEN, CLEARED]


def test_what_comes_back_after_clearing_is_another_incident() -> None:
    _, events = live([*drive_by(0, mark(20)), *drive_by(180), *drive_by(360, mark(20))])
    assert [event.kind.value for event in events] == [OPENED, CLEARED, OPENED]
    assert events[0].incident_id != events[2].incident_id


def test_two_absent_passes_clear_where_one_is_not_trusted() -> None:
    rules = replace_rules(clear_passes=2)
    _, once = live([*drive_by(0, mark(20)), *drive_by(180)], rules)
    _, twice = live([*drive_by(0, mark(20)), *drive_by(180), *drive_by(360)], rules)
    assert (len(once), len(twice)) == (1, 2)


def replace_rules(**changes: float) -> PassRules:
    return PassRules.model_validate(RULES.model_dump() | changes)


def test_pictures_out_of_order_and_of_other_views_are_not_counted() -> None:
    state, _ = live([look(5, mark(20))])
    again, events = step_pass(state, look(4, mark(20))[0], RULES, all_in_view)
    assert (again, events) == (state, ())
    with pytest.raises(GridError, match="cannot follow"):
        step_pass(replace(state, view_id=ViewId("CAR-08")), look(6)[0], RULES, all_in_view)


def test_memory_is_bounded_and_incidents_are_the_last_to_go() -> None:
    rules = replace_rules(max_places=3)
    looks = [*drive_by(0, mark(20)), *(look(40 + 0.1 * index, mark(100.0 + 30 * index)) for index in range(10))]
    state, _ = live(looks, rules)
    assert len(state.places) == 3
    assert state.dropped == 8
    assert any(place.is_confirmed for place in state.places)
    assert len(state.incidents) == 1


def test_what_no_pass_has_seen_for_a_month_is_forgotten_without_a_word() -> None:
    state, events = live([*drive_by(0, mark(20)), look(31 * 86_400.0, sees=none_in_view)])
    assert (state.places, state.incidents, len(events)) == ((), (), 1)


@given(
    errors=st.lists(st.tuples(st.floats(-1.5, 1.5), st.floats(-1.5, 1.5)), min_size=4, max_size=8),
    biases=st.lists(st.tuples(st.floats(-2.5, 2.5), st.floats(-2.5, 2.5)), min_size=1, max_size=5),
    spot=st.floats(0, 100),
)
def test_one_thing_is_one_incident_however_each_pass_and_picture_errs(
    errors: list[tuple[float, float]], biases: list[tuple[float, float]], spot: float
) -> None:
    looks: list[Look] = []
    for number, (bias_east, bias_north) in enumerate(biases):
        begins_s = 180.0 * number
        looks += [
            look(begins_s + 0.5 * index, mark(spot + bias_east + east, bias_north + north))
            for index, (east, north) in enumerate(errors)
        ]
    _, events = live([*looks, look(180.0 * len(biases) + 60, sees=none_in_view)])
    assert [event.kind for event in events].count(IncidentKind.OPENED) == 1
    assert len({event.incident_id for event in events}) == 1
    assert len({(event.cell_id, event.category) for event in events}) == 1


@given(
    shown=st.lists(
        st.tuples(
            st.floats(0.1, 4.0), st.lists(st.tuples(st.floats(0, 100), st.booleans()), max_size=4), st.booleans()
        ),
        max_size=40,
    ),
    cut=st.integers(0, 40),
)
def test_a_restart_anywhere_changes_nothing_and_every_life_is_whole(
    shown: list[tuple[float, list[tuple[float, bool]], bool]], cut: int
) -> None:
    at_s, looks = 0.0, []
    for pause_s, things, in_view in shown:
        at_s += pause_s
        marks = [mark(east, category=GARBAGE if is_garbage else STALL) for east, is_garbage in things]
        looks.append(look(at_s, *marks, sees=all_in_view if in_view else none_in_view))
    through, events = live(looks)
    before, early = live(looks[:cut])
    after, late = live(looks[cut:], state=pass_state_from_json(pass_state_to_json(before)))
    assert (after, [*early, *late]) == (through, events)
    lives: dict[str, list[IncidentEvent]] = {}
    for event in events:
        lives.setdefault(event.incident_id, []).append(event)
    for life in lives.values():
        assert [event.sequence for event in life] == list(range(len(life)))
        assert life[0].kind is IncidentKind.OPENED
        assert all(event.kind is IncidentKind.SEEN for event in life[1:-1])
        assert all(one.at <= other.at for one, other in pairwise(life))
        assert all(event.first_seen_at <= event.last_seen_at <= event.at for event in life)
    standing = {(track.cell, track.category) for track in through.incidents}
    assert len(standing) == len(through.incidents)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("not json", id="not JSON"),
        pytest.param('{"passes": 2}', id="of a later version"),
        pytest.param(state_to_json(DedupeState(VIEW)), id="of a fixed view"),
    ],
)
def test_a_memory_that_is_not_one_is_refused_with_the_mend(text: str) -> None:
    with pytest.raises(GridError, match="mend: delete"):
        pass_state_from_json(text)
