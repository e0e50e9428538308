"""A look at a camera from the API's machine: what it tells, what it never opens, who may, how many at once."""

import base64
import logging
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.camera_prober import CameraProber, check_address
from api.camera_stills import Still, StillShelf
from api.problems import AddressRefused, ProbesBusy
from cases.access.audit_log import AuditQuery
from cases.keys import Scope
from cases.roles import Role
from core.ids import CameraId
from streams.probe import spec_for
from streams.scripted import Hang, ScriptedFeed
from tests.api.city import NOON, City, problem, slug
from tests.api.people import signed_in
from tests.streams.clips import make_clip
from tests.support.rtsp_server import RtspServer, require_rtsp_server

PROBE = "/api/v1/cameras/probe"
PASSWORD = "s3cret-w0rd"


@pytest.fixture
def admin(city: City) -> httpx.Client:
    return city.client(Scope.ADMIN)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make_clip(tmp_path / "street.mp4")


def look(admin: httpx.Client, **asked: Any) -> dict[str, Any]:
    answer = admin.post(PROBE, json=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_file_that_shows_a_picture_is_told_with_codec_size_rate_and_key_frames(
    admin: httpx.Client, clip: Path
) -> None:
    found = look(admin, url=str(clip), picture=True)
    assert (found["answers"], found["codec"], found["width_px"], found["height_px"]) == (True, "h264", 128, 96)
    assert (found["fps"], found["gop_s"], found["gop_frames"]) == (4.0, 1.0, 4)
    assert found["said"][0] == {"zh": "有画面", "en": "It answers"}
    assert any("1.0 s" in said["zh"] for said in found["said"])
    assert base64.b64decode(found["picture_jpeg"]).startswith(b"\xff\xd8\xff")
    assert look(admin, url=str(clip))["picture_jpeg"] is None


@pytest.mark.parametrize(
    ("url", "kind", "mend"),
    [
        pytest.param("/nowhere/none.mp4", "not_found", "check what follows the port", id="no file"),
        pytest.param("rtsp://127.0.0.1:9/one", "unreachable", "Host or port does not answer", id="closed port"),
        pytest.param("ftp://192.0.2.1/one", "config", "The address is incomplete", id="unknown scheme"),
        pytest.param("rtsp://", "config", "The address is incomplete", id="no host"),
    ],
)
def test_no_picture_is_an_answer_with_what_to_do_in_both_languages(
    admin: httpx.Client, url: str, kind: str, mend: str
) -> None:
    found = look(admin, url=url)
    assert (found["answers"], found["error_kind"]) == (False, kind)
    assert mend in found["said"][1]["en"]
    assert found["said"][1]["zh"]
    assert not found["error"].startswith("probe:")


def test_a_text_that_calls_itself_a_video_is_never_followed(admin: httpx.Client, tmp_path: Path) -> None:
    playlist = tmp_path / "playlist.mp4"
    playlist.write_text("#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/secret.ts\n", encoding="ascii")
    found = look(admin, url=str(playlist))
    assert (found["answers"], found["error_kind"]) == (False, "corrupt")


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://169.254.1.2/video",
        "http://[fe80::1]/video",
        "http://100.100.100.200/latest/meta-data",
        "http://[fd00:ec2::254]/latest",
        "http://[::ffff:169.254.169.254]/latest",
        "rtsp://0.0.0.0/one",
        "rtsp://224.0.0.1/one",
        "/dev/zero",
        "/proc/self/environ",
        "clips/one.mp4",
    ],
)
def test_metadata_link_local_and_device_addresses_are_not_opened(admin: httpx.Client, url: str) -> None:
    answer = admin.post(PROBE, json={"url": url})
    assert (answer.status_code, slug(answer)) == (422, "address-refused")


def test_a_link_into_a_forbidden_folder_is_not_followed(tmp_path: Path) -> None:
    link = tmp_path / "clip.mp4"
    link.symlink_to("/proc/self/environ")
    with pytest.raises(AddressRefused):
        check_address(spec_for(str(link)))


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"url": ""}, "body.url"),
        ({"url": "x" * 1001}, "body.url"),
        ({"url": "rtsp://a\n/b"}, "body.url"),
        ({"url": "/a.mp4", "transport": "smoke"}, "body.transport"),
        ({"url": "/a.mp4", "password_env": "HOME"}, "body.password_env"),
    ],
)
def test_a_body_that_cannot_be_is_refused_by_its_field(admin: httpx.Client, body: dict[str, Any], field: str) -> None:
    answer = admin.post(PROBE, json=body)
    assert answer.status_code == 422
    assert problem(answer)["errors"][0]["field"] == field


def test_a_look_at_nothing_says_that_an_address_is_missing(admin: httpx.Client) -> None:
    assert look(admin)["error_kind"] == "config"
    assert slug(admin.post(PROBE, json={"camera_id": "none"})) == "camera-not-found"


@pytest.mark.rtsp
def test_a_kept_password_opens_its_own_host_and_is_sent_to_no_other(
    city: City, admin: httpx.Client, clip: Path, caplog: pytest.LogCaptureFixture
) -> None:
    require_rtsp_server()
    caplog.set_level(logging.DEBUG)
    with RtspServer({"one": clip}, username="patrol", password=PASSWORD) as server:
        section = {"id": "CAM-07", "url": server.url("one"), "username": "patrol", "password": PASSWORD}
        assert admin.post("/api/v1/cameras", json=section).status_code == 201
        assert look(admin, camera_id="CAM-07")["answers"]
        assert look(admin, camera_id="CAM-07", url=server.url("one"))["answers"]
        refused = look(admin, camera_id="CAM-07", username="other")
        assert (refused["answers"], refused["error_kind"]) == (False, "auth")
        assert look(admin, url=server.url("one"))["error_kind"] == "auth"
        taken = admin.post("/api/v1/cameras/CAM-07/snapshot")
        assert taken.json()["answers"]
        said = [taken.text, admin.get("/api/v1/audit").text, caplog.text]
    assert not any(PASSWORD in text for text in said)
    opened = city.app.state.rooms.cameras.opened(CameraId("CAM-07"), {"url": "rtsp://203.0.113.9:554/one"})
    assert "password" not in opened


def test_a_picture_that_was_taken_is_kept_for_a_day_for_admins_alone(
    city: City, admin: httpx.Client, clip: Path
) -> None:
    still = "/api/v1/cameras/CAM-07/snapshot"
    admin.post("/api/v1/cameras", json={"id": "CAM-07", "url": str(clip)})
    assert slug(admin.get(still)) == "no-still"
    taken = admin.post(still).json()
    assert (taken["answers"], taken["taken_at"]) == (True, "2026-03-02T04:00:00Z")
    shown = admin.get(still)
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
    assert shown.headers["cache-control"] == "private, no-store"
    assert slug(city.client(Scope.OPERATOR).get(still)) == "scope-missing"
    assert slug(city.client(Scope.READ).get("/cameras/CAM-07/still")) == "no-still"
    city.clock.advance(24 * 3600 + 1)
    assert slug(admin.get(still)) == "no-still"
    assert list((city.folder / "stills").iterdir()) == []


def test_the_picture_goes_with_its_camera(city: City, admin: httpx.Client, clip: Path) -> None:
    section = {"id": "CAM-07", "url": str(clip)}
    admin.post("/api/v1/cameras", json=section)
    admin.post("/api/v1/cameras/CAM-07/snapshot")
    assert admin.delete("/api/v1/cameras/CAM-07").status_code == 204
    admin.post("/api/v1/cameras", json=section)
    assert slug(admin.get("/api/v1/cameras/CAM-07/snapshot")) == "no-still"


def test_every_look_is_in_the_audit_log_with_who_and_where(city: City, admin: httpx.Client, clip: Path) -> None:
    admin.post("/api/v1/cameras", json={"id": "CAM-07", "url": str(clip)})
    look(admin, url="rtsp://user:pw@127.0.0.1:9/one?token=abc")
    admin.post("/api/v1/cameras/CAM-07/snapshot")
    entries = city.app.state.rooms.house.access.log.page(AuditQuery(action="camera."))
    told = [(entry.actor, entry.action, entry.subject, entry.data["address"]) for entry in entries]
    assert told == [
        ("admin-key", "camera.snapshot", "camera:CAM-07", str(clip)),
        ("admin-key", "camera.probe", "camera:", "rtsp://***@127.0.0.1:9/one?token=***"),
    ]


def test_operators_and_people_without_the_role_may_not_look(city: City, clip: Path) -> None:
    for client in (city.client(Scope.OPERATOR), city.client(Scope.READ), signed_in(city, "li.min", Role.SHIFT_LEADER)):
        assert slug(client.post(PROBE, json={"url": str(clip)})) in ("scope-missing", "role-missing")
        assert slug(client.post("/api/v1/cameras/CAM-07/snapshot")) in ("scope-missing", "role-missing")
    assert signed_in(city, "boss", Role.ADMIN).post(PROBE, json={"url": str(clip)}).json()["answers"]


def test_no_more_than_so_many_are_looked_at_at_once(clip: Path) -> None:
    until, inside = threading.Event(), threading.Event()

    def opened(_spec: object) -> ScriptedFeed:
        inside.set()
        return ScriptedFeed([Hang(until)])

    prober = CameraProber(timeout_s=0.3, make_source=opened, at_once=1)
    held = threading.Thread(target=lambda: _ignore(prober, clip))
    held.start()
    assert inside.wait(10)
    with pytest.raises(ProbesBusy):
        prober.look({"url": str(clip)})
    assert prober.refused == 1
    until.set()
    held.join(10)
    assert not held.is_alive()


def _ignore(prober: CameraProber, clip: Path) -> None:
    with pytest.raises(Exception, match="no picture"):
        prober.look({"url": str(clip)})


def test_old_pictures_are_swept_and_a_damaged_one_counts_as_none(tmp_path: Path) -> None:
    shelf = StillShelf(tmp_path / "stills")
    shelf.put(CameraId("A"), Still(b"\xff\xd8\xff", NOON, 10, 10))
    found = shelf.get(CameraId("A"), NOON + timedelta(hours=23))
    assert found is not None
    assert (found.width_px, found.taken_at) == (10, NOON)
    (file,) = (tmp_path / "stills").iterdir()
    file.write_bytes(b"rubbish")
    assert shelf.get(CameraId("A"), NOON) is None
    assert shelf.sweep(NOON + timedelta(days=36_500)) == 1
    shelf.forget(CameraId("A"))
