"""Cameras come, change and go under a worker that looks: each keeps to itself."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from core.ids import CameraId, ViewId
from grid.dedupe import DedupeState
from patrol.gating import GateCounts
from patrol.worker import Worker
from tests.patrol.camera_site import (
    Site,
    are_live,
    camera_threads,
    key_frames,
    looked,
    looping,
    open_files,
    slot_of,
    states,
)
from tests.patrol.conftest import OutageApi
from tests.patrol.street import CELL, NEXT_CELL, PICTURES, cases, clip, clip_camera, garbage_in, state_of, until

STANDING = tuple(f"CAM-0{number}" for number in range(1, 5))
COMING = tuple(f"NEW-{number:02d}" for number in range(50))
INTERVAL_S = 1.0
MOST_APART_S = 3 * INTERVAL_S
"""Between two looks while fifty cameras start at once beside API and database on two busy cores; a camera that was
closed and opened again would show in its transitions."""


@pytest.fixture
def site(tmp_path: Path, outage_api: OutageApi) -> Site:
    return Site(tmp_path, outage_api)


def connections(worker: Worker) -> list[tuple[int, int, object]]:
    """Of the cameras that stand: who they are, and how often each changed its state."""
    slots = [slot_of(worker, camera_id) for camera_id in STANDING]
    return [(id(slot), id(slot.runner), dict(slot.runner.status().transitions)) for slot in slots]


def test_fifty_cameras_come_and_go_and_the_others_do_not_notice(site: Site) -> None:
    film = key_frames(site.folder / "street.mp4")
    site.write([looping(camera_id, film) for camera_id in STANDING])
    sections = [looping(camera_id, film) for camera_id in COMING]
    with site.come() as admin, site.patrol() as patrol:

        def come_and_go() -> None:
            assert admin.post("/api/v1/cameras/batch", json={"add": sections}).status_code == 201
            assert until(lambda: are_live(patrol, *COMING), 30), states(patrol)
            for camera_id in COMING:
                assert admin.delete(f"/api/v1/cameras/{camera_id}").status_code == 204
            assert until(lambda: set(states(patrol)) == set(STANDING), 30), states(patrol)
            assert until(lambda: camera_threads() == threads, 15)

        assert until(lambda: are_live(patrol, *STANDING))
        threads = camera_threads()
        before = connections(patrol)
        come_and_go()  # connections to the database and to the API are opened once, and kept
        files = open_files()
        for camera_id in STANDING:
            patrol.looks.forget(slot_of(patrol, camera_id).camera_id)
        come_and_go()
        assert until(lambda: open_files() <= files, 15), (open_files(), files)
        assert connections(patrol) == before
        for camera_id in STANDING:
            slot = slot_of(patrol, camera_id)
            assert until(lambda slot=slot: patrol.looks.figures(slot.camera_id).looks >= 5)  # type: ignore[misc]
            figures = patrol.looks.figures(slot.camera_id)
            assert figures.interval_p99_s is not None
            assert figures.interval_p99_s <= MOST_APART_S, figures
            assert slot.runner.status().frames_dropped == 0
        assert until(lambda: {each["camera_id"] for each in listed(admin)} == set(STANDING))


def listed(admin: httpx.Client) -> list[dict[str, object]]:
    return list(admin.get("/api/v1/cameras").json()["cameras"])


def test_a_camera_whose_view_changes_keeps_its_connection_and_files_by_the_new_view(site: Site) -> None:
    site.script = garbage_in(range(PICTURES))
    film = key_frames(site.folder / "street.mp4")
    site.write([looping("CAM-01", film), looping("CAM-02", film)])
    with site.come() as admin, site.patrol() as patrol:
        assert until(lambda: are_live(patrol, "CAM-01", "CAM-02"))
        assert until(lambda: bool(slot_of(patrol, "CAM-01").state.tracks))
        slot, runner = slot_of(patrol, "CAM-01"), slot_of(patrol, "CAM-01").runner
        site.write([looping("CAM-01", film, cell=NEXT_CELL, name="东口"), looping("CAM-02", film)])
        patrol.reload()
        assert until(lambda: cells_of(slot.state) == {NEXT_CELL}), slot.state
        assert slot_of(patrol, "CAM-01") is slot
        assert slot.runner is runner
        assert runner.status().transitions == {"connecting>live": 1}
        assert cells_of(slot_of(patrol, "CAM-02").state) == {CELL}
        assert until(lambda: "东口" in admin.get("/api/v1/cameras").text)


def cells_of(state: DedupeState) -> set[str]:
    return {track.cell for track in state.tracks}


def test_a_camera_with_another_feed_is_connected_anew_and_its_view_knows_what_it_knew(site: Site) -> None:
    site.script = garbage_in(range(PICTURES))
    one, other = key_frames(site.folder / "one.mp4"), key_frames(site.folder / "other.mp4")
    site.write([looping("CAM-01", one), looping("CAM-02", one)])
    with site.come(), site.patrol() as patrol:
        assert until(lambda: all(slot_of(patrol, each).state.tracks for each in ("CAM-01", "CAM-02")))
        before, neighbour = slot_of(patrol, "CAM-01"), slot_of(patrol, "CAM-02")
        began_at = before.state.tracks[0].first_seen_at
        site.write([looping("CAM-01", other), looping("CAM-02", one)])
        patrol.reload()
        assert until(lambda: state_of(patrol, "CAM-01")["address"] == str(other))
        assert until(lambda: are_live(patrol, "CAM-01"))
        assert looked(patrol, "CAM-01", 2)
        after = slot_of(patrol, "CAM-01")
        assert after is not before
        assert [track.first_seen_at for track in after.state.tracks] == [began_at]
        assert slot_of(patrol, "CAM-02") is neighbour


def test_a_film_that_is_dated_anew_is_looked_at_with_a_fresh_memory(site: Site) -> None:
    site.script = garbage_in(range(PICTURES))
    film = key_frames(site.folder / "film.mp4")
    site.write([looping("CAM-01", film)])
    with site.come(), site.patrol() as patrol:
        assert until(lambda: bool(slot_of(patrol, "CAM-01").state.tracks))
        before = slot_of(patrol, "CAM-01")
        site.write([looping("CAM-01", film, started_at="2020-01-05T08:00:00Z", time_scale=2.0)])
        patrol.reload()
        assert until(lambda: slot_of(patrol, "CAM-01") is not before)
        assert until(lambda: bool(slot_of(patrol, "CAM-01").state.tracks))
        assert {track.first_seen_at.year for track in slot_of(patrol, "CAM-01").state.tracks} == {2020}


def test_a_film_that_is_dated_anew_while_it_is_switched_off_comes_back_with_a_fresh_memory(site: Site) -> None:
    site.script = garbage_in(range(PICTURES))
    film = key_frames(site.folder / "film.mp4")
    dated: dict[str, Any] = {"started_at": "2020-01-05T08:00:00Z", "time_scale": 2.0}
    site.write([looping("CAM-01", film)])
    with site.come(), site.patrol() as patrol:
        assert until(lambda: bool(slot_of(patrol, "CAM-01").state.tracks))
        for entry in (
            looping("CAM-01", film, enabled=False),
            looping("CAM-01", film, enabled=False, **dated),
        ):
            site.write([entry])
            patrol.reload()
            assert until(lambda: states(patrol).get("CAM-01") == "disabled")
        site.write([looping("CAM-01", film, **dated)])
        patrol.reload()
        assert until(lambda: are_live(patrol, "CAM-01") and bool(slot_of(patrol, "CAM-01").state.tracks))
        assert {track.first_seen_at.year for track in slot_of(patrol, "CAM-01").state.tracks} == {2020}


def test_a_lapse_without_a_date_is_looked_at_again_after_a_restart(site: Site) -> None:
    site.script = garbage_in(range(PICTURES))
    site.write([looping("CAM-01", key_frames(site.folder / "film.mp4"), time_scale=3600.0)])
    with site.come():
        with site.patrol() as patrol:
            assert until(lambda: bool(slot_of(patrol, "CAM-01").state.tracks))
            assert looked(patrol, "CAM-01", 3)
            ran_to = slot_of(patrol, "CAM-01").state.last_at
        with site.patrol() as patrol:
            assert until(lambda: bool(slot_of(patrol, "CAM-01").state.tracks))
            last_at = slot_of(patrol, "CAM-01").state.last_at
            assert ran_to is not None
            assert last_at is not None
            assert last_at < ran_to


def test_a_film_dated_in_the_future_says_so_in_its_camera_s_state(site: Site) -> None:
    film = key_frames(site.folder / "film.mp4")
    site.write([looping("CAM-01", film, started_at="2999-01-05T08:00:00Z")])
    with site.come(), site.patrol() as patrol:
        assert until(lambda: state_of(patrol, "CAM-01")["error_kind"] == "config")
        assert "in the future; mend started_at" in str(state_of(patrol, "CAM-01")["error"])
        site.write([looping("CAM-01", film)])
        patrol.reload()
        assert until(lambda: state_of(patrol, "CAM-01")["error_kind"] is None and are_live(patrol, "CAM-01"))


def test_a_disabled_camera_is_shown_and_not_connected_and_goes_on_where_it_was(site: Site) -> None:
    site.script = garbage_in(range(PICTURES))
    film = key_frames(site.folder / "street.mp4")
    with site.come() as admin, site.patrol() as patrol:
        for camera_id in ("CAM-01", "CAM-02"):
            assert admin.post("/api/v1/cameras", json=looping(camera_id, film)).status_code == 201
        assert until(lambda: "CAM-01" in states(patrol) and bool(slot_of(patrol, "CAM-01").state.tracks))
        began_at = slot_of(patrol, "CAM-01").state.tracks[0].first_seen_at
        threads = camera_threads()
        admin.post("/api/v1/cameras/CAM-01/disable")
        assert until(lambda: states(patrol).get("CAM-01") == "disabled" and camera_threads() < threads)
        assert until(lambda: [each["state"] for each in listed(admin)] == ["disabled", "live"]), listed(admin)
        assert 'gridpatrol_cameras{state="disabled"} 1.0' in admin.get("/metrics").text
        admin.post("/api/v1/cameras/CAM-01/enable")
        assert until(lambda: are_live(patrol, "CAM-01"))
        assert looked(patrol, "CAM-01")
        assert slot_of(patrol, "CAM-01").state.tracks[0].first_seen_at == began_at


def test_what_a_camera_found_before_it_was_removed_is_filed(site: Site) -> None:
    site.script = garbage_in(range(PICTURES))
    with site.come() as admin:
        assert admin.post("/api/v1/cameras", json=clip_section(site)).status_code == 201
        site.api.go_away()
    with site.come() as admin:
        with site.patrol() as patrol:
            assert until(lambda: states(patrol).get("CAM-01") == "ended" and patrol.has_ended)
            assert admin.delete("/api/v1/cameras/CAM-01").status_code == 204
            assert until(lambda: states(patrol) == {})
            assert until(lambda: listed(admin) == [])
        (case,) = cases(site.api)
        assert case.cameras == ("CAM-01",)


def clip_section(site: Site) -> dict[str, object]:
    section = dict(clip_camera("CAM-01", clip(site.folder / "a.mp4")))
    return section | {"started_at": section["started_at"].isoformat()}


def test_a_removed_camera_leaves_no_memory_behind(site: Site) -> None:
    site.script = garbage_in(range(PICTURES))
    film = key_frames(site.folder / "street.mp4")
    site.write([looping("CAM-01", film)])
    with site.come() as admin, site.patrol() as patrol:
        admin.post("/api/v1/cameras", json=looping("CAM-02", film))
        assert until(lambda: "CAM-02" in states(patrol) and bool(slot_of(patrol, "CAM-02").state.tracks))
        admin.delete("/api/v1/cameras/CAM-02")
        assert until(lambda: patrol.looks.figures(CameraId("CAM-02")).looks == 0)
        assert until(lambda: set(patrol._outbox.view_states()) == {"CAM-01"})
        assert patrol.fleet.gate.counts(ViewId("CAM-02")) == GateCounts()


def test_a_camera_that_the_worker_cannot_place_costs_its_own_slot_and_says_why(site: Site) -> None:
    film = key_frames(site.folder / "street.mp4")
    site.write([looping("CAM-01", film)])
    with site.come() as admin:
        assert admin.post("/api/v1/cameras", json=looping("CAM-02", film)).status_code == 201
        grids = (site.folder / "grids.geojson").read_text(encoding="utf-8")
        (site.folder / "grids.geojson").write_text(grids.replace(CELL, "510104001001009"), encoding="utf-8")
        site.write([looping("CAM-01", film, cell=NEXT_CELL)])
        with site.patrol() as patrol:
            assert until(lambda: are_live(patrol, "CAM-01") and "CAM-02" in states(patrol))
            status = state_of(patrol, "CAM-02")
            assert (status["state"], status["error_kind"]) == ("down", "config")
            assert CELL in str(status["error"])
            assert until(lambda: {each["error_kind"] for each in listed(admin)} == {None, "config"})
