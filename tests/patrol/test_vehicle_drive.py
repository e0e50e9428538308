"""A vehicle's clip and its GPX, through the real worker, outbox and API on SQLite: one thing, one case."""

from datetime import timedelta
from pathlib import Path

from cases.case import CaseEventKind
from patrol.outbox import Outbox
from tests.patrol.conftest import OutageApi
from tests.patrol.drive import CELLS, GARBAGE, STALL, STARTED_AT, Thing, camera, drive, film, gpx, patrol, rides
from tests.patrol.street import cases, state_of

THINGS = (Thing(GARBAGE, 45.0, 8.0), Thing(GARBAGE, 75.0, 8.0), Thing(STALL, 77.0, 21.0))
BIASES = ((2.0, -1.0), (-1.5, 1.5), (1.0, 2.0))
"""By how much a receiver is off from pass to pass in a town, metres."""
FOUND = {(CELLS[1], GARBAGE), (CELLS[2], GARBAGE), (CELLS[2], STALL)}


def test_two_passes_of_a_street_with_three_things_give_three_cases_none_twice(
    tmp_path: Path, outage_api: OutageApi
) -> None:
    outage_api.come()
    passes = rides(True, True, biases=BIASES)
    section = camera(film(tmp_path / "car.mp4", THINGS, passes), gpx(tmp_path / "car.gpx", passes))
    car = patrol(tmp_path, section, outage_api)
    drive(car)
    found = cases(outage_api)
    assert {(case.cell_id, case.category) for case in found} == FOUND
    assert len(found) == len(FOUND)
    for case in found:
        assert case.object_count == 1
        assert case.last_seen_at > STARTED_AT + timedelta(seconds=180)  # the second pass saw it again
    shown = state_of(car, "CAR-07")
    assert isinstance(shown["vehicle"], dict)
    assert shown["vehicle"]["placed"] == 104
    assert shown["error_kind"] is None


def test_a_thing_on_the_edge_of_two_cells_is_one_case_though_each_pass_places_it_on_another_side(
    tmp_path: Path, outage_api: OutageApi
) -> None:
    outage_api.come()
    passes = rides(True, True, False, biases=((-2.5, 0.0), (2.5, 0.0), (-2.0, 0.0)))
    things = (Thing(GARBAGE, 60.0, 8.0),)
    section = camera(film(tmp_path / "car.mp4", things, passes), gpx(tmp_path / "car.gpx", passes))
    car = patrol(tmp_path, section, outage_api)
    drive(car)
    (case,) = cases(outage_api)
    assert case.cell_id == CELLS[1]


def test_what_is_gone_at_the_third_pass_is_told_cleared_and_the_rest_stands(
    tmp_path: Path, outage_api: OutageApi
) -> None:
    outage_api.come()
    gone = Thing(GARBAGE, 45.0, 8.0, passes=frozenset({0, 1}))
    passes = rides(True, True, True, biases=BIASES)
    things = (gone, *THINGS[1:])
    section = camera(film(tmp_path / "car.mp4", things, passes), gpx(tmp_path / "car.gpx", passes))
    car = patrol(tmp_path, section, outage_api)
    drive(car)
    cleared = {
        (case.cell_id, case.category)
        for case in cases(outage_api)
        if any(event.kind is CaseEventKind.CLEARED for event in outage_api.store.events_of(case.id))
    }
    assert cleared == {(CELLS[1], GARBAGE)}


def test_a_worker_killed_between_two_passes_files_nothing_twice(tmp_path: Path, outage_api: OutageApi) -> None:
    outage_api.come()
    first, both = rides(True, biases=BIASES), rides(True, False, biases=BIASES)
    track = gpx(tmp_path / "car.gpx", both)
    before = patrol(tmp_path, camera(film(tmp_path / "first.mp4", THINGS, first), track), outage_api)
    drive(before)
    ids = {case.id for case in cases(outage_api)}
    assert len(ids) == 3
    after = patrol(tmp_path, camera(film(tmp_path / "both.mp4", THINGS, both), track), outage_api)
    drive(after)
    assert {case.id for case in cases(outage_api)} == ids
    outbox = Outbox(tmp_path / "worker-1.db")
    assert outbox.progress().incidents == 3
    outbox.close()


def test_a_clip_whose_track_is_of_another_day_is_not_used_and_the_operator_is_told_why(
    tmp_path: Path, outage_api: OutageApi
) -> None:
    outage_api.come()
    passes = rides(True)
    section = camera(film(tmp_path / "car.mp4", THINGS, passes), gpx(tmp_path / "car.gpx", passes))
    car = patrol(tmp_path, section | {"started_at": STARTED_AT - timedelta(hours=8)}, outage_api)
    drive(car)
    assert cases(outage_api) == []
    counts = state_of(car, "CAR-07")["vehicle"]
    assert isinstance(counts, dict)
    assert (counts["placed"], counts["before_track"]) == (0, 52)


def test_a_track_that_is_missing_costs_its_own_camera_and_names_the_file(tmp_path: Path, outage_api: OutageApi) -> None:
    outage_api.come()
    section = camera(film(tmp_path / "car.mp4", THINGS, rides(True)), tmp_path / "nowhere.gpx")
    car = patrol(tmp_path, section, outage_api)
    drive(car)
    shown = state_of(car, "CAR-07")
    assert shown["error_kind"] == "not_found"
    assert "nowhere.gpx" in str(shown["error"])
