"""Cameras added, read, changed and removed over the API: what is kept, what is refused, what is never told."""

import logging
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.camera_config_rules import FileCamera, ScriptedRules
from cases.keys import Scope
from core.ids import CameraId
from tests.api.city import City, problem, slug

PASSWORD = "s3cret-w0rd"
SECTION = {"id": "CAM-07", "url": "rtsp://192.0.2.7:554/one", "username": "patrol", "interval_s": 2.0}
ONE = "/api/v1/cameras/CAM-07"
MINE = "/api/v1/workers/worker-1/cameras"


@pytest.fixture
def admin(city: City) -> httpx.Client:
    return city.client(Scope.ADMIN)


def added(admin: httpx.Client, **changes: Any) -> httpx.Response:
    answer = admin.post("/api/v1/cameras", json=SECTION | {"password": PASSWORD} | changes)
    assert answer.status_code == 201, answer.text
    return answer


def amend(admin: httpx.Client, patch: dict[str, Any], tag: str = "*") -> httpx.Response:
    return admin.patch(ONE, json=patch, headers={"If-Match": tag})


def sealed_of(city: City) -> dict[str, str]:
    (camera,) = city.client(Scope.WORKER).get(MINE).json()["cameras"]
    return dict(camera["sealed"])


def test_a_camera_that_is_added_is_read_back_without_its_password_and_reaches_its_worker_sealed(
    city: City, admin: httpx.Client
) -> None:
    answer = added(admin)
    read = admin.get(ONE)
    assert read.json() == answer.json()
    assert read.headers["etag"] == answer.headers["etag"] == f'"{read.json()["revision"]}"'
    assert (read.json()["section"], read.json()["secrets"], read.json()["kept_in"]) == (SECTION, ["password"], "api")
    (mine,) = city.client(Scope.WORKER).get(MINE).json()["cameras"]
    assert mine["section"] == SECTION
    assert list(mine["sealed"]) == ["password"]
    assert city.client(Scope.WORKER).get("/api/v1/workers/worker-2/cameras").json()["cameras"] == []


def test_a_password_is_in_no_answer_no_log_no_event_and_no_file(
    city: City, admin: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    said = [
        added(admin),
        admin.post("/api/v1/cameras", json=SECTION | {"password": PASSWORD}),
        admin.post("/api/v1/cameras", json={"id": "X", "password": PASSWORD}),
        admin.put(ONE, json=SECTION | {"password": PASSWORD}),
        admin.put(ONE, json=SECTION | {"password": PASSWORD, "interval_s": 3.0}, headers={"If-Match": "*"}),
        amend(admin, {"password": PASSWORD + "2"}),
        admin.get(ONE),
        admin.get(ONE + "/changes"),
        admin.get("/api/v1/camera-configs"),
        city.client(Scope.WORKER).get(MINE),
    ]
    for answer in said:
        assert PASSWORD not in answer.text
    assert "CAM-07 added by admin-key" in caplog.text
    assert PASSWORD not in caplog.text
    city.engine.dispose()
    written = [path for path in city.folder.rglob("*") if path.is_file()]
    assert city.folder / "secret.key" in written
    assert not [path for path in written if PASSWORD.encode() in path.read_bytes()]


def test_a_worker_that_has_the_list_is_told_only_when_something_changed(city: City, admin: httpx.Client) -> None:
    worker = city.client(Scope.WORKER)
    added(admin)
    tag = worker.get(MINE).headers["etag"]
    again = worker.get(MINE, headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    admin.post(ONE + "/disable")
    changed = worker.get(MINE, headers={"If-None-Match": tag})
    assert [camera["enabled"] for camera in changed.json()["cameras"]] == [False]


def test_a_change_must_say_what_it_looked_at_and_loses_against_a_faster_one(admin: httpx.Client) -> None:
    tag = added(admin).headers["etag"]
    unsaid = admin.patch(ONE, json={"interval_s": 5.0})
    assert (unsaid.status_code, slug(unsaid)) == (428, "if-match-missing")
    assert slug(admin.put(ONE, json=SECTION)) == "if-match-missing"
    assert slug(admin.patch(ONE, json={}, headers={"If-Match": "yesterday"})) == "invalid-request"
    changed = amend(admin, {"interval_s": 5.0}, tag)
    assert changed.json()["section"]["interval_s"] == 5.0
    late = amend(admin, {"interval_s": 9.0}, tag)
    assert (late.status_code, slug(late)) == (412, "camera-changed")
    assert "admin-key" in problem(late)["detail"]
    assert slug(admin.delete(ONE, headers={"If-Match": tag})) == "camera-changed"
    assert admin.get(ONE).json()["section"]["interval_s"] == 5.0


def test_a_patch_changes_its_keys_and_null_takes_one_out(admin: httpx.Client) -> None:
    added(admin, name="东口", view={"max_error_m": 2.0, "regions": [1]})
    section = amend(admin, {"name": None, "interval_s": 4.0, "view": {"regions": None}}).json()["section"]
    assert section == SECTION | {"interval_s": 4.0, "view": {"max_error_m": 2.0}}


def test_a_password_that_nobody_speaks_of_stays_and_null_takes_it_away(city: City, admin: httpx.Client) -> None:
    added(admin)
    before = sealed_of(city)
    amend(admin, {"interval_s": 4.0})
    admin.put(ONE, json=SECTION | {"name": "东口"}, headers={"If-Match": "*"})
    assert sealed_of(city) == before
    amend(admin, {"password": "another"})
    assert sealed_of(city)["password"] != before["password"]
    assert amend(admin, {"password": None}).json()["secrets"] == []
    assert sealed_of(city) == {}


@pytest.mark.parametrize(
    "patch",
    [
        pytest.param({"url": "rtsp://203.0.113.9:554/one"}, id="another host"),
        pytest.param({"username": "root"}, id="another user"),
    ],
)
def test_a_password_is_never_sent_where_it_was_not_given_for(
    city: City, admin: httpx.Client, patch: dict[str, str]
) -> None:
    added(admin)
    before = sealed_of(city)
    for answer in (amend(admin, patch), admin.put(ONE, json=SECTION | patch, headers={"If-Match": "*"})):
        assert slug(answer) == "camera-refused"
        assert problem(answer)["errors"][0]["field"] == "password"
    assert sealed_of(city) == before
    assert amend(admin, patch | {"password": "for the new one"}).status_code == 200
    assert amend(admin, {"url": SECTION["url"], "username": "patrol", "password": None}).status_code == 200


def test_another_path_of_the_same_host_keeps_the_password(city: City, admin: httpx.Client) -> None:
    added(admin)
    before = sealed_of(city)
    assert amend(admin, {"url": "rtsp://192.0.2.7/two"}).json()["secrets"] == ["password"]
    assert sealed_of(city) == before


def test_the_id_is_the_cameras_for_good_and_nobody_elses(admin: httpx.Client) -> None:
    added(admin)
    taken = admin.post("/api/v1/cameras", json=SECTION)
    assert (taken.status_code, slug(taken)) == (409, "camera-taken")
    renamed = amend(admin, {"id": "CAM-08"})
    assert slug(renamed) == "camera-refused"
    assert problem(renamed)["errors"][0]["field"] == "id"


def test_a_batch_comes_whole_or_not_at_all_and_names_the_section_at_fault(admin: httpx.Client) -> None:
    sections = [SECTION | {"id": f"CAM-{number}"} for number in range(3)]
    broken = admin.post("/api/v1/cameras/batch", json={"add": [*sections, {"id": "CAM-9"}]})
    assert problem(broken)["errors"] == [{"field": "cameras[3].url", "message": "is missing"}]
    twice = admin.post("/api/v1/cameras/batch", json={"add": [*sections, sections[0]]})
    assert slug(twice) == "camera-taken"
    assert admin.get("/api/v1/camera-configs").json()["cameras"] == []
    assert admin.post("/api/v1/cameras/batch", json={"add": sections}).status_code == 201
    listed = admin.get("/api/v1/camera-configs").json()["cameras"]
    assert [camera["id"] for camera in listed] == ["CAM-0", "CAM-1", "CAM-2"]


def test_cameras_of_a_file_are_shown_and_changed_in_the_file_alone(tmp_path: Path, migrated_file: Path) -> None:
    inside = FileCamera(CameraId("CAM-07"), "/etc/gridpatrol/gridpatrol.toml", SECTION, True)
    city = City(tmp_path, template=migrated_file, rules=ScriptedRules(files=(inside,)))
    admin = city.client(Scope.ADMIN)
    try:
        assert admin.get(ONE).json()["kept_in"] == "/etc/gridpatrol/gridpatrol.toml"
        assert [camera["id"] for camera in admin.get("/api/v1/camera-configs").json()["cameras"]] == ["CAM-07"]
        for answer in (
            admin.post("/api/v1/cameras", json=SECTION),
            amend(admin, {"interval_s": 5.0}),
            admin.put(ONE, json=SECTION, headers={"If-Match": "*"}),
            admin.delete(ONE),
            admin.post(ONE + "/disable"),
        ):
            assert (answer.status_code, slug(answer)) == (409, "camera-in-file")
            assert "/etc/gridpatrol/gridpatrol.toml" in problem(answer)["detail"]
            assert "edit that file" in problem(answer)["detail"]
    finally:
        city.close()


def test_a_camera_in_the_file_of_another_machines_worker_is_read_only_too(city: City, admin: httpx.Client) -> None:
    told = {"camera_id": "CAM-07", "address": "a", "state": "live", "since": "2026-03-02T03:00:00Z"}
    cameras = [told | {"kept_in": "west.toml"}]
    city.client(Scope.WORKER).put("/api/v1/cameras", json={"worker_id": "west", "cameras": cameras})
    answer = admin.post("/api/v1/cameras", json=SECTION)
    assert slug(answer) == "camera-in-file"
    assert "west.toml of west" in problem(answer)["detail"]


def test_every_change_is_told_with_who_and_when(city: City, admin: httpx.Client) -> None:
    added(admin)
    city.clock.advance(60)
    amend(admin, {"interval_s": 5.0})
    admin.post(ONE + "/disable")
    admin.post(ONE + "/disable")  # as it is
    admin.post(ONE + "/enable")
    assert admin.delete(ONE).status_code == 204
    assert slug(admin.get(ONE)) == "camera-not-found"
    changes = admin.get(ONE + "/changes").json()["changes"]
    assert [change["kind"] for change in changes] == ["added", "changed", "disabled", "enabled", "removed"]
    assert {change["actor"] for change in changes} == {"admin-key"}
    assert (changes[0]["at"], changes[1]["at"]) == ("2026-03-02T04:00:00Z", "2026-03-02T04:01:00Z")
    assert (changes[1]["before"], changes[1]["after"]) == ({"interval_s": 2.0}, {"interval_s": 5.0})


def test_a_person_at_the_desk_is_the_actor_and_needs_the_form_token(city: City) -> None:
    browser = city.browser(Scope.ADMIN)
    assert slug(browser.post("/api/v1/cameras", json=SECTION)) == "csrf-refused"
    headers = {"X-CSRF-Token": city.csrf(browser)}
    assert browser.post("/api/v1/cameras", json=SECTION, headers=headers).json()["added_by"] == "李敏"


def test_a_key_that_cannot_seal_keeps_no_camera_and_tells_no_path(
    city: City, admin: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    (city.folder / "secret.key").write_text("not a key", encoding="ascii")
    (city.folder / "secret.key").chmod(0o600)
    answer = admin.post("/api/v1/cameras", json=SECTION | {"password": PASSWORD})
    assert (answer.status_code, slug(answer)) == (503, "key-unusable")
    assert str(city.folder) not in answer.text
    assert "SealError" in caplog.text
    assert slug(admin.get(ONE)) == "camera-not-found"


def test_what_workers_say_of_themselves_is_on_the_list_and_on_the_page(city: City) -> None:
    text = "gridpatrol.toml: not valid TOML: Expected '=' (at line 12, column 3)"
    worker, reader = city.client(Scope.WORKER), city.client(Scope.READ)
    worker.put("/api/v1/cameras", json={"worker_id": "worker-1", "cameras": [], "notices": [text]})
    (notice,) = reader.get("/api/v1/cameras").json()["notices"]
    assert notice == {"worker_id": "worker-1", "text": text, "since": "2026-03-02T04:00:00Z"}
    assert "(at line 12, column 3)" in city.browser(Scope.READ).get("/cameras").text
    worker.put("/api/v1/cameras", json={"worker_id": "worker-1", "cameras": []})
    assert reader.get("/api/v1/cameras").json()["notices"] == []
