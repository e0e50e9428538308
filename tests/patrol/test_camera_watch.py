"""Where a worker's cameras come from while it runs: the configuration file, the API, the disk when nobody answers."""

import logging
import os
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from core.errors import GridError
from core.ids import CameraId
from patrol.camera_watch_file import ConfigFile, FileCameras
from patrol.cli import app
from patrol.settings import CameraSettings
from streams.sealing import Sealer
from tests.patrol.camera_site import Site, are_live, key_frames, looked, looping, slot_of, states, toml_of
from tests.patrol.conftest import OutageApi
from tests.patrol.street import NEXT_CELL, camera, state_of, until

PASSWORD = "s3cret-w0rd"


@pytest.fixture
def site(tmp_path: Path, outage_api: OutageApi) -> Site:
    return Site(tmp_path, outage_api)


def takes_all(_camera: CameraSettings) -> None:
    """A city without limits."""


def watched(site: Site) -> FileCameras:
    return FileCameras(ConfigFile(site.config), site.settings(), takes_all)


def ids(file: FileCameras) -> list[str]:
    return [wanted.camera_id for wanted in file.wanted]


def test_a_file_is_read_when_its_change_has_stood_for_one_look(site: Site) -> None:
    site.write([camera("CAM-01", "a.mp4")])
    file = watched(site)
    assert not file.look()
    site.write([camera("CAM-01", "a.mp4"), camera("CAM-02", "b.mp4")])
    assert not file.look()
    assert ids(file) == ["CAM-01"]
    assert file.look()
    assert ids(file) == ["CAM-01", "CAM-02"]
    assert not file.look()


def test_a_file_that_is_still_being_written_is_waited_for(site: Site) -> None:
    site.write([camera("CAM-01", "a.mp4")])
    file = watched(site)
    whole = site.config.read_text(encoding="utf-8")
    site.config.write_text(whole.partition("[[cameras]]")[0], encoding="utf-8")  # sound, and without a camera
    assert not file.look()
    site.config.write_text(whole + toml_of(camera("CAM-02", "b.mp4")), encoding="utf-8")
    assert not file.look()
    assert file.look()
    assert ids(file) == ["CAM-01", "CAM-02"]


def test_a_change_of_a_further_camera_file_counts_too(site: Site) -> None:
    site.top = "camera_files = ['more.toml']"
    more = site.folder / "more.toml"
    more.write_text(toml_of(camera("CAM-02", "b.mp4")), encoding="utf-8")
    site.write([camera("CAM-01", "a.mp4")])
    file = watched(site)
    assert [wanted.kept_in for wanted in file.wanted] == ["gridpatrol.toml", "more.toml"]
    more.write_text(toml_of(camera("CAM-03", "c.mp4")), encoding="utf-8")
    assert file.look(is_urgent=True)
    assert ids(file) == ["CAM-01", "CAM-03"]


@pytest.mark.parametrize(
    ("added", "told"),
    [
        pytest.param("[[cameras]]\nid =\n", r"gridpatrol\.toml: not valid TOML: .*line 1\d", id="does not parse"),
        pytest.param(
            "[[cameras]]\nid = 'CAM-02'\nurl = 'a'\ninterval = 2\n",
            r"gridpatrol\.toml: unknown key 'cameras\[1\]\.interval'; did you mean 'interval_s'",
            id="unknown key",
        ),
        pytest.param(
            "[[cameras]]\nid = 'CAM-02'\nurl = 'rtsp://o:s3cret-w0rd@h:no/1'\n", r"cameras\[1\]", id="bad address"
        ),
        pytest.param("[[cameras]]\nid = 'CAM-01'\nurl = 'a'\n", r"camera id 'CAM-01' is used twice", id="id twice"),
    ],
)
def test_a_file_that_cannot_be_used_changes_nothing_and_is_told_once(
    site: Site, caplog: pytest.LogCaptureFixture, added: str, told: str
) -> None:
    site.write([camera("CAM-01", "a.mp4")])
    file = watched(site)
    sound = site.config.read_text(encoding="utf-8")
    site.write_text(sound + added)
    assert not file.look()
    assert file.look()
    for _ in range(3):
        assert not file.look()
        file.look(is_urgent=True)
    assert ids(file) == ["CAM-01"]
    (notice,) = file.notices
    assert re.search(told, notice), notice
    assert PASSWORD not in notice
    assert str(site.folder) not in notice
    lines = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert [record.getMessage() for record in lines] == [notice]
    site.write_text(sound)
    file.look()
    assert file.look()
    assert file.notices == ()


def test_a_camera_that_the_city_has_no_place_for_keeps_the_whole_file_out(site: Site) -> None:
    def refuse(asked: CameraSettings) -> None:
        if asked.id == "CAM-02":
            raise GridError("view CAM-02: its regions name cell 1, which the grid lacks; mend: draw it anew")

    site.write([camera("CAM-01", "a.mp4")])
    file = FileCameras(ConfigFile(site.config), site.settings(), refuse)
    site.write([camera("CAM-01", "a.mp4"), camera("CAM-02", "b.mp4"), camera("CAM-03", "c.mp4")])
    file.look(is_urgent=True)
    assert ids(file) == ["CAM-01"]
    assert "gridpatrol.toml: view CAM-02" in file.notices[0]


def test_what_counts_only_after_a_restart_is_told(site: Site) -> None:
    site.write([camera("CAM-01", "a.mp4")])
    file = watched(site)
    site.top = "gate.enabled = false"
    site.write([camera("CAM-01", "a.mp4")])
    assert file.look(is_urgent=True)
    assert file.notices == ("gridpatrol.toml: changes of [gate] count when the worker is started again",)


def test_a_running_worker_follows_its_file_by_itself_and_tells_a_broken_one_on_the_cameras_page(site: Site) -> None:
    film = key_frames(site.folder / "street.mp4")
    site.write([looping("CAM-01", film)])
    with site.come() as admin, site.patrol() as patrol:
        assert until(lambda: are_live(patrol, "CAM-01"))
        slot = slot_of(patrol, "CAM-01")
        site.write([looping("CAM-01", film), looping("CAM-02", film, cell=NEXT_CELL)])
        assert until(lambda: are_live(patrol, "CAM-01", "CAM-02"))
        site.write_text(site.config.read_text(encoding="utf-8") + "[[cameras\n")
        assert until(lambda: "not valid TOML" in admin.get("/cameras").text)
        assert looked(patrol, "CAM-01")
        assert looked(patrol, "CAM-02")
        assert slot_of(patrol, "CAM-01") is slot
        site.write([looping("CAM-02", film, cell=NEXT_CELL)])
        assert until(lambda: states(patrol) == {"CAM-02": "live"})
        assert until(lambda: admin.get("/api/v1/cameras").json()["notices"] == [])


def test_a_worker_patrols_the_apis_cameras_when_the_api_is_away_and_after_a_restart_without_it(site: Site) -> None:
    film = key_frames(site.folder / "street.mp4")
    with site.come() as admin:
        with site.patrol() as patrol:
            assert admin.post("/api/v1/cameras", json=looping("CAM-01", film)).status_code == 201
            assert until(lambda: are_live(patrol, "CAM-01"))
            site.api.go_away()
            assert looked(patrol, "CAM-01", 2)
        with site.patrol() as patrol:
            assert until(lambda: are_live(patrol, "CAM-01"))
    kept = site.settings().api_cameras_path
    assert kept.stat().st_mode & 0o777 == 0o600
    with site.come() as admin, site.patrol() as patrol:
        assert admin.delete("/api/v1/cameras/CAM-01").status_code == 204
        assert until(lambda: states(patrol) == {})


def test_a_damaged_list_on_the_disk_is_asked_for_anew(site: Site) -> None:
    film = key_frames(site.folder / "street.mp4")
    site.settings().api_cameras_path.write_text('{"tag": "x", "list": {"cam', encoding="utf-8")
    with site.come() as admin:
        admin.post("/api/v1/cameras", json=looping("CAM-01", film))
        with site.patrol() as patrol:
            assert until(lambda: are_live(patrol, "CAM-01"))


def test_a_camera_in_both_places_is_the_files_and_that_is_told(site: Site) -> None:
    film, other = key_frames(site.folder / "street.mp4"), key_frames(site.folder / "other.mp4")
    with site.come() as admin, site.patrol() as patrol:
        assert admin.post("/api/v1/cameras", json=looping("CAM-01", other)).status_code == 201
        assert until(lambda: are_live(patrol, "CAM-01"))
        site.write([looping("CAM-01", film)])
        patrol.reload()
        assert until(lambda: state_of(patrol, "CAM-01")["address"] == str(film))
        assert until(lambda: "kept by the API, too" in admin.get("/api/v1/cameras").text)
        assert admin.delete("/api/v1/cameras/CAM-01").status_code == 204  # the way out of it
        assert until(lambda: admin.get("/api/v1/cameras").json()["notices"] == [])
        assert state_of(patrol, "CAM-01")["address"] == str(film)


def test_a_password_of_another_key_costs_that_camera_only_and_is_mended_without_a_restart(site: Site) -> None:
    film = key_frames(site.folder / "street.mp4")
    with site.come() as admin:
        section = camera("CAM-02", "rtsp://127.0.0.1:9/live", username="patrol", timeout_s=1.0)
        admin.post("/api/v1/cameras", json=looping("CAM-01", film))
        assert admin.post("/api/v1/cameras", json=section | {"password": PASSWORD}).status_code == 201
        key = site.folder / "secret.key"
        os.rename(key, site.folder / "kept")
        with site.patrol() as patrol:
            assert until(lambda: are_live(patrol, "CAM-01"))
            assert until(lambda: "CAM-02" in states(patrol))
            status = state_of(patrol, "CAM-02")
            assert (status["state"], status["error_kind"]) == ("down", "config")
            assert "mend: give this process the API's GRIDPATROL_SECRET_KEY" in str(status["error"])
            Sealer(key, {}).seal("makes", "another key")
            assert until(lambda: " holds " in str(state_of(patrol, "CAM-02")["error"]))
            os.replace(site.folder / "kept", key)
            assert until(lambda: state_of(patrol, "CAM-02")["error_kind"] == "unreachable")
            assert slot_of(patrol, "CAM-02").settings.feed.full_url() == f"rtsp://patrol:{PASSWORD}@127.0.0.1:9/live"
        written = b"".join(path.read_bytes() for path in site.folder.rglob("*") if path.is_file())
        assert PASSWORD.encode() not in written


def test_a_camera_that_runs_goes_on_when_its_key_is_lost_and_another_one_is_changed(site: Site) -> None:
    film = key_frames(site.folder / "street.mp4")
    with site.come() as admin, site.patrol() as patrol:
        section = camera("CAM-02", "rtsp://127.0.0.1:9/live", username="patrol", timeout_s=1.0)
        admin.post("/api/v1/cameras", json=looping("CAM-01", film))
        assert admin.post("/api/v1/cameras", json=section | {"password": PASSWORD}).status_code == 201
        assert until(lambda: set(states(patrol)) == {"CAM-01", "CAM-02"})
        runner = slot_of(patrol, "CAM-02").runner
        (site.folder / "secret.key").unlink()
        admin.patch("/api/v1/cameras/CAM-01", json={"name": "东口"}, headers={"If-Match": "*"})
        assert until(lambda: state_of(patrol, "CAM-01")["name"] == "东口")
        assert slot_of(patrol, "CAM-02").runner is runner


def test_a_new_view_of_a_camera_of_the_api_is_accepted_like_any_other(site: Site) -> None:
    film = key_frames(site.folder / "street.mp4")
    with site.come() as admin, site.patrol() as patrol:
        admin.post("/api/v1/cameras", json=looping("CAM-01", film))
        assert until(lambda: are_live(patrol, "CAM-01"))
        result = CliRunner().invoke(app, ["feeds", "accept-view", "CAM-01", "-c", str(site.config)])
        assert result.exit_code == 0, result.output


def test_the_same_id_may_come_back(site: Site) -> None:
    film = key_frames(site.folder / "street.mp4")
    with site.come() as admin, site.patrol() as patrol:
        for _ in range(2):
            assert admin.post("/api/v1/cameras", json=looping("CAM-01", film)).status_code == 201
            assert until(lambda: are_live(patrol, "CAM-01"))
            assert until(lambda: site.api.store.camera(CameraId("CAM-01")) is not None)
            assert admin.delete("/api/v1/cameras/CAM-01").status_code == 204
            assert until(lambda: states(patrol) == {} and site.api.store.camera(CameraId("CAM-01")) is None)
