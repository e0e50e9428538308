"""``gridpatrol cameras …`` against a real API, and a real worker process that is told to look."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner, Result

from cases.camera_config_store import CameraConfigStore
from cases.keys import Scope
from core.errors import ConfigError
from core.ids import CameraId
from patrol.api_client import ApiRefused
from patrol.cli import app
from patrol.supervisor import Supervisor
from tests.patrol.camera_site import Site, are_live, key_frames, looping, slot_of, toml_of
from tests.patrol.conftest import OutageApi
from tests.patrol.street import camera, state_of, until, worker_key
from tests.streams.clips import make_clip
from tests.support.rtsp_server import RtspServer, require_rtsp_server

PASSWORD = "s3cret-w0rd"
CAMERA = CameraId("CAM-01")


@pytest.fixture
def site(tmp_path: Path, outage_api: OutageApi) -> Iterator[Site]:
    """The API on its port, over the very database that the configuration names."""
    outage_api.engine.dispose()
    site = Site(tmp_path, outage_api, top=f"api.port = {outage_api.port}\ndatabase.url = 'sqlite:///cases.db'")
    with site.come():
        yield site


def cameras(site: Site, *arguments: str, typed: str = "") -> Result:
    result = CliRunner().invoke(app, ["cameras", *arguments, "-c", str(site.config)], input=typed)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def written(site: Site, *sections: dict[str, object]) -> str:
    path = site.folder / "new.toml"
    path.write_text("".join(toml_of(section) for section in sections), encoding="utf-8")
    return str(path)


def test_cameras_are_added_listed_changed_switched_and_removed_from_the_command_line(site: Site) -> None:
    configs = CameraConfigStore(site.api.engine)
    site.write([camera("CAM-09", "rtsp://192.0.2.9/one")])
    file = written(site, camera("CAM-01", "rtsp://192.0.2.1/one"), camera("CAM-02", "rtsp://192.0.2.2/one"))
    assert "CAM-01 → worker-1" in cameras(site, "add", file).output
    assert "revision 3" in cameras(site, "set", "CAM-01", "interval_s=5", "name=东口 East", "view.max_error_m=3").output
    changed = configs.get(CAMERA).section
    assert (changed["interval_s"], changed["name"], changed["view"]["max_error_m"]) == (5.0, "东口 East", 3.0)
    assert "CAM-01" in cameras(site, "disable", "CAM-01", "CAM-02").output
    assert not configs.get(CAMERA).enabled
    assert "CAM-01" in cameras(site, "enable", "CAM-01").output
    listed = json.loads(cameras(site, "list", "--json").output)["cameras"]
    assert [(each["id"], each["enabled"]) for each in listed] == [("CAM-01", True), ("CAM-02", False), ("CAM-09", True)]
    table = cameras(site, "list").output
    assert "gridpatrol.toml" in table
    assert "disabled" in table
    cameras(site, "remove", "CAM-01", "CAM-02")
    assert configs.all() == ()
    told = cameras(site, "history", "CAM-01").output.splitlines()
    assert [line.split("\t")[2] for line in told] == ["added", "changed", "disabled", "enabled", "removed"]
    assert "@" in told[0].split("\t")[1]


def test_a_command_leaves_no_way_in_behind(site: Site) -> None:
    cameras(site, "list")
    with site.api.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM session").scalar_one() == 0
    assert [key.name for key in site.api.keys.list()] == ["admin-0"]


def test_a_password_is_asked_for_and_shown_nowhere(site: Site) -> None:
    file = written(site, camera("CAM-01", "rtsp://192.0.2.1/one", username="patrol"))
    said = cameras(site, "add", file, "--ask-password", typed=f"{PASSWORD}\n").output
    configs = CameraConfigStore(site.api.engine)
    first = configs.get(CAMERA).sealed["password"]
    said += cameras(site, "set", "CAM-01", "--ask-password", typed=f"{PASSWORD}-2\n").output
    assert configs.get(CAMERA).sealed["password"] != first
    said += cameras(site, "list", "--json").output + cameras(site, "history", "CAM-01").output
    cameras(site, "set", "CAM-01", "--no-password")
    assert configs.get(CAMERA).sealed == {}
    assert PASSWORD not in said


def test_a_whole_view_is_replaced_from_a_file(site: Site) -> None:
    cameras(site, "add", written(site, camera("CAM-01", "rtsp://192.0.2.1/one")))
    view = site.folder / "view.toml"
    view.write_text(
        "[view]\nregions = [ { cell = '510104001001002', polygon = [[0, 0], [50, 0], [50, 50]] } ]\n", encoding="utf-8"
    )
    cameras(site, "set", "CAM-01", "--view", str(view))
    section = CameraConfigStore(site.api.engine).get(CAMERA).section
    assert section["view"] == {"regions": [{"cell": "510104001001002", "polygon": [[0, 0], [50, 0], [50, 50]]}]}


def test_refusals_are_told_in_the_apis_own_words(site: Site) -> None:
    site.write([camera("CAM-09", "rtsp://192.0.2.9/one")])
    with pytest.raises(ConfigError, match=r"CAM-09 stands in .*gridpatrol\.toml; mend: edit that file"):
        cameras(site, "set", "CAM-09", "interval_s=5")
    with pytest.raises(ApiRefused, match="edit that file"):
        cameras(site, "remove", "CAM-09")
    with pytest.raises(ApiRefused, match="did you mean 'interval_s'"):
        cameras(site, "add", written(site, camera("CAM-01", "rtsp://192.0.2.1/one", interval=5)))
    with pytest.raises(ApiRefused, match="see the list of cameras"):
        cameras(site, "enable", "CAM-77")
    with pytest.raises(ConfigError, match="KEY=VALUE"):
        cameras(site, "set", "CAM-01", PASSWORD)
    with pytest.raises(ConfigError, match="GRIDPATROL_KEY"):
        cameras(site, "list", "--api", site.api.url)


def test_a_key_is_used_where_one_is_given(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDPATROL_KEY", site.api.key("field-team", Scope.ADMIN))
    result = cameras(site, "add", written(site, camera("CAM-01", "rtsp://192.0.2.1/one")), "--api", site.api.url)
    assert result.exit_code == 0
    assert CameraConfigStore(site.api.engine).get(CAMERA).added_by == "field-team"


@pytest.mark.rtsp
def test_a_password_given_to_the_api_opens_the_camera_and_a_new_view_keeps_the_connection(site: Site) -> None:
    require_rtsp_server()
    film = make_clip(site.folder / "clip.mp4", pictures=50, fps=25, gop=10, options={"preset": "veryfast", "bf": "0"})
    with RtspServer({"one": film, "two": film}, username="patrol", password=PASSWORD) as server:
        section = camera("CAM-01", server.url("one"), username="patrol")
        assert cameras(site, "add", written(site, section), "--ask-password", typed=f"{PASSWORD}\n").exit_code == 0
        with site.patrol() as patrol:
            assert until(lambda: are_live(patrol, "CAM-01"))
            runner = slot_of(patrol, "CAM-01").runner
            cameras(site, "set", "CAM-01", "name=东口", "view.edge_margin_px=4")
            assert until(lambda: state_of(patrol, "CAM-01")["name"] == "东口")
            assert slot_of(patrol, "CAM-01").runner is runner
            cameras(site, "set", "CAM-01", f"url={server.url('two')}")
            assert until(lambda: state_of(patrol, "CAM-01")["address"] == server.url("two"))
            assert until(lambda: are_live(patrol, "CAM-01"))
            cameras(site, "set", "CAM-01", "--ask-password", typed="wrong\n")
            assert until(lambda: state_of(patrol, "CAM-01")["error_kind"] == "auth")
            cameras(site, "disable", "CAM-01")
            assert until(lambda: state_of(patrol, "CAM-01")["state"] == "disabled")
            assert PASSWORD not in repr(patrol.camera_statuses())


def test_a_worker_process_looks_at_once_when_it_is_hung_up_on(site: Site) -> None:
    film = key_frames(site.folder / "street.mp4")
    site.write([looping("CAM-01", film)])
    text = site.config.read_text(encoding="utf-8").replace("cameras_every_s = 0.2", "cameras_every_s = 600")
    site.write_text(text)
    environment = {**os.environ, "GRIDPATROL_WORKER_KEY": worker_key(site.api)}
    process = subprocess.Popen(
        [sys.executable, "-m", "patrol.cli", "worker", "-c", str(site.config)],
        stdin=subprocess.DEVNULL,
        env=environment,
    )
    try:
        assert until(lambda: site.api.store.camera(CAMERA) is not None, 60)
        cameras(site, "add", written(site, looping("CAM-02", film)))
        assert site.api.store.camera(CameraId("CAM-02")) is None
        process.send_signal(signal.SIGHUP)
        assert until(lambda: site.api.store.camera(CameraId("CAM-02")) is not None, 20)
        assert process.poll() is None
    finally:
        process.terminate()
        assert process.wait(30) == 0


def test_the_list_of_cameras_is_no_ones_without_a_key(site: Site) -> None:
    with httpx.Client(base_url=site.api.url, trust_env=False) as stranger:
        assert stranger.get("/api/v1/workers/worker-1/cameras").status_code == 401


def test_up_hands_a_hang_up_on_to_its_worker_and_to_nobody_else(tmp_path: Path) -> None:
    heard = "import pathlib, signal, sys, time; at = pathlib.Path(sys.argv[1]); "
    heard += "signal.signal(signal.SIGHUP, lambda *_: at.with_suffix('.heard').touch()); at.touch(); time.sleep(60)"

    def command(name: str, _config: Path) -> tuple[str, ...]:
        return (sys.executable, "-c", heard, str(tmp_path / name))

    supervisor = Supervisor(tmp_path / "gridpatrol.toml", "http://127.0.0.1:9", command)
    supervisor.reload_worker()  # nobody is there yet
    supervisor._api.start()
    supervisor._worker.start()
    try:
        assert until(lambda: (tmp_path / "api").exists() and (tmp_path / "worker").exists())
        supervisor.reload_worker()
        assert until(lambda: (tmp_path / "worker.heard").exists())
        assert not (tmp_path / "api.heard").exists()
    finally:
        supervisor.stop_worker()
        supervisor.stop_api()
