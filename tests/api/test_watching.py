"""Pictures of watched cameras: held only while somebody watches, bounded, written down; tours are each person's own."""

import threading
from collections.abc import Iterator
from pathlib import Path

import cv2
import httpx
import numpy as np
import pytest

from api.problems import WatchedFull
from api.server import BackgroundApi
from api.settings import ApiSettings
from api.wall_settings import WallSettings
from api.watched_pictures import KEPT_S, WATCHED_S, WatchedPictures
from cases.access.audit_log import AuditQuery
from cases.keys import Scope
from cases.roles import Role
from core.clock import ManualClock
from core.ids import CameraId
from tests.api.city import NOON, City, slug
from tests.api.people import signed_in

CAMERA = CameraId("CAM-01")
PICTURE = f"/api/v1/cameras/{CAMERA}/picture"
JPEG_HEADERS = {"content-type": "image/jpeg", "x-captured-at": "2026-03-02T03:59:58Z", "x-age-s": "2.0"}


def jpeg(shade: int) -> bytes:
    return cv2.imencode(".jpg", np.full((36, 64, 3), shade, dtype=np.uint8))[1].tobytes()


@pytest.fixture
def watched_street(city: City) -> City:
    city.register_cameras("CAM-01", "CAM-02", "CAM-03")
    return city


@pytest.fixture
def worker(watched_street: City) -> httpx.Client:
    return watched_street.client(Scope.WORKER)


@pytest.fixture
def reader(watched_street: City) -> httpx.Client:
    return watched_street.client(Scope.READ)


def wanted(worker: httpx.Client) -> dict[str, bool]:
    return {each["camera_id"]: each["live"] for each in worker.get("/api/v1/watched").json()["cameras"]}


def test_nothing_is_wanted_or_kept_while_nobody_watches(worker: httpx.Client, reader: httpx.Client) -> None:
    assert wanted(worker) == {}
    assert worker.put(PICTURE, content=jpeg(90), headers=JPEG_HEADERS).status_code == 204
    answer = reader.get(PICTURE)
    assert (answer.status_code, slug(answer)) == (404, "picture-not-yet")


def test_looking_makes_the_worker_send_and_the_picture_comes_with_its_age(
    watched_street: City, worker: httpx.Client, reader: httpx.Client
) -> None:
    reader.get(PICTURE)
    assert wanted(worker) == {"CAM-01": False}
    worker.put(PICTURE, content=jpeg(90), headers=JPEG_HEADERS)
    watched_street.clock.advance(3)
    answer = reader.get(PICTURE)
    assert (answer.content, answer.headers["content-type"]) == (jpeg(90), "image/jpeg")
    assert (answer.headers["x-captured-at"], answer.headers["x-age-s"]) == ("2026-03-02T03:59:58Z", "5.00")
    assert reader.get(PICTURE, headers={"if-none-match": answer.headers["etag"]}).status_code == 304
    worker.put(PICTURE, content=jpeg(120), headers=JPEG_HEADERS)
    assert reader.get(PICTURE, headers={"if-none-match": answer.headers["etag"]}).content == jpeg(120)


def test_a_while_after_the_last_look_nothing_is_wanted_and_later_nothing_is_held(
    watched_street: City, worker: httpx.Client, reader: httpx.Client
) -> None:
    reader.get(PICTURE)
    worker.put(PICTURE, content=jpeg(90), headers=JPEG_HEADERS)
    watched_street.clock.advance(WATCHED_S + 1)
    assert wanted(worker) == {}
    worker.put(PICTURE, content=jpeg(120), headers=JPEG_HEADERS)
    assert reader.get(PICTURE).content == jpeg(90), "what was sent while nobody watched is not kept"
    watched_street.clock.advance(WATCHED_S + KEPT_S + 1)
    assert reader.get(PICTURE).status_code == 404


def test_the_wall_tells_states_and_pictures_in_one_answer(worker: httpx.Client, reader: httpx.Client) -> None:
    asked = {"camera": ["CAM-02", "CAM-01", "CAM-99"], "live": "CAM-01"}
    reader.get("/api/v1/wall", params=asked)
    assert wanted(worker) == {"CAM-01": True, "CAM-02": False}
    worker.put(PICTURE, content=jpeg(90), headers=JPEG_HEADERS)
    rows = reader.get("/api/v1/wall", params=asked).json()["cameras"]
    assert [(row["camera_id"], row["state"]) for row in rows] == [
        ("CAM-02", "live"),
        ("CAM-01", "live"),
        ("CAM-99", "unknown"),
    ]
    assert [row["picture"] and row["picture"]["age_s"] for row in rows] == [None, 2.0, None]
    assert reader.get(rows[1]["picture"]["url"]).content == jpeg(90)


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        pytest.param(jpeg(9), {"content-type": "image/png"}, 415, id="no JPEG by its type"),
        pytest.param(b"GIF89a", {}, 415, id="no JPEG by its bytes"),
        pytest.param(b"\xff\xd8\xff" + bytes(300_000), {}, 413, id="too large"),
        pytest.param(b"", {}, 413, id="empty"),
        pytest.param(jpeg(9), {"x-captured-at": "noon"}, 422, id="no time"),
        pytest.param(jpeg(9), {"x-age-s": "-1"}, 422, id="from the future"),
    ],
)
def test_what_is_no_small_picture_is_refused(
    worker: httpx.Client, reader: httpx.Client, content: bytes, headers: dict[str, str], status: int
) -> None:
    reader.get(PICTURE)
    assert worker.put(PICTURE, content=content, headers=JPEG_HEADERS | headers).status_code == status
    assert reader.get(PICTURE).status_code == 404


def test_a_camera_that_nobody_knows_is_not_watched(worker: httpx.Client, reader: httpx.Client) -> None:
    answer = reader.get("/api/v1/cameras/CAM-99/picture")
    assert (answer.status_code, slug(answer)) == (404, "camera-not-found")
    assert reader.get("/cameras/CAM-99/live.mjpeg").status_code == 404
    assert wanted(worker) == {}


def test_only_so_many_cameras_are_watched_at_once_and_an_unwatched_one_makes_room() -> None:
    clock = ManualClock(NOON)
    pictures = WatchedPictures(WallSettings(cameras=2), clock)
    for name in ("A", "B"):
        pictures.watch(CameraId(name))
    with pytest.raises(WatchedFull, match=r"raise \[api.wall\].cameras"):
        pictures.watch(CameraId("C"))
    assert pictures.crowded == 1
    clock.advance(WATCHED_S / 2)
    pictures.watch(CameraId("B"))
    clock.advance(WATCHED_S / 2 + 1)
    pictures.watch(CameraId("C"))
    assert [wish.camera_id for wish in pictures.wishes()] == ["B", "C"]
    assert not pictures.put(CameraId("A"), jpeg(1), NOON, 0.0)
    assert pictures.refused == 1


def test_who_begins_to_look_is_written_down_once_an_hour_with_the_unit(watched_street: City) -> None:
    person = signed_in(watched_street, "li.min", Role.ACCEPTOR, unit="视频组")
    for _ in range(3):
        person.get("/api/v1/wall", params={"camera": ["CAM-01", "CAM-02"]})
        person.get(PICTURE)
    person.get("/api/v1/wall", params={"camera": ["CAM-02", "CAM-03"]})
    log = watched_street.app.state.rooms.house.access.log
    told = [
        (each.actor, each.data["unit"], each.data["cameras"]) for each in log.page(AuditQuery(action="camera.wall"))
    ]
    assert told == [
        ("person:li.min", "视频组", ["CAM-03"]),
        ("person:li.min", "视频组", ["CAM-01", "CAM-02"]),
    ]
    watched_street.clock.advance(3601)
    person.get(PICTURE)
    assert len(log.page(AuditQuery(action="camera.wall"))) == 3


def test_people_of_a_handling_unit_watch_nothing(watched_street: City) -> None:
    person = signed_in(watched_street, "zhang", Role.HANDLING_UNIT, unit="环卫一所")
    for path in (PICTURE, "/api/v1/wall?camera=CAM-01", "/cameras/CAM-01/live.mjpeg", "/wall", "/map"):
        assert person.get(path).status_code == 403


def test_a_tour_is_kept_changed_removed_and_seen_by_its_owner_only(watched_street: City) -> None:
    mine, other = (signed_in(watched_street, name, Role.ACCEPTOR) for name in ("li.min", "wang.q"))
    draft = {"cameras": ["CAM-02", "CAM-01", "CAM-02"], "per_page": 1, "every_s": 5}
    kept = mine.put("/api/v1/tours/夜市", json=draft).json()
    assert (kept["name"], kept["cameras"]) == ("夜市", ["CAM-02", "CAM-01"])
    mine.put("/api/v1/tours/夜市", json=draft | {"every_s": 30})
    assert [(each["name"], each["every_s"]) for each in mine.get("/api/v1/tours").json()["tours"]] == [("夜市", 30.0)]
    assert other.get("/api/v1/tours").json()["tours"] == []
    assert slug(other.delete("/api/v1/tours/夜市")) == "tour-not-found"
    assert mine.delete("/api/v1/tours/夜市").status_code == 204
    assert mine.get("/api/v1/tours").json()["tours"] == []


@pytest.mark.parametrize(
    ("name", "change"),
    [
        pytest.param("a", {"cameras": []}, id="no camera"),
        pytest.param("a", {"per_page": 5}, id="five on a page"),
        pytest.param("a", {"every_s": 1}, id="a page a second"),
        pytest.param("%20", {}, id="no name"),
    ],
)
def test_a_tour_that_cannot_be_is_refused(reader: httpx.Client, name: str, change: dict[str, object]) -> None:
    draft = {"cameras": ["CAM-01"], "per_page": 4, "every_s": 20} | change
    assert reader.put(f"/api/v1/tours/{name}", json=draft).status_code == 422


def test_nobody_keeps_more_than_fifty_tours(reader: httpx.Client) -> None:
    draft = {"cameras": ["CAM-01"]}
    statuses = [reader.put(f"/api/v1/tours/t{number}", json=draft).status_code for number in range(51)]
    assert statuses == [200] * 50 + [422]
    assert reader.put("/api/v1/tours/t7", json=draft).status_code == 200


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[City, str]]:
    city = City(tmp_path, ApiSettings(port=0, poll_s=0.05, heartbeat_s=0.2, wall=WallSettings(live_clients=1)))
    city.register_cameras("CAM-01")
    with BackgroundApi(city.app, city.settings) as api:
        yield city, api.url
    city.close()


def parts_of(answer: httpx.Response) -> Iterator[bytes]:
    """The pictures of a motion JPEG, as a browser takes them apart."""
    held = b""
    for chunk in answer.iter_bytes():
        held += chunk
        while (end := held.find(b"\r\n--picture\r\n")) >= 0:
            part, held = held[:end], held[end + len(b"\r\n--picture\r\n") :]
            yield part.partition(b"\r\n\r\n")[2]


def test_a_live_view_shows_each_picture_as_it_comes_and_only_so_many_are_served(served: tuple[City, str]) -> None:
    city, url = served
    with (
        httpx.Client(base_url=url, headers={"authorization": f"Bearer {city.key[Scope.READ]}"}) as reader,
        httpx.Client(base_url=url, headers={"authorization": f"Bearer {city.key[Scope.WORKER]}"}) as worker,
        reader.stream("GET", "/cameras/CAM-01/live.mjpeg", timeout=20) as live,
    ):
        assert live.headers["content-type"] == "multipart/x-mixed-replace; boundary=picture"
        assert wanted(worker) == {"CAM-01": True}
        crowded = reader.get("/cameras/CAM-01/live.mjpeg")
        assert (crowded.status_code, slug(crowded)) == (503, "too-many-live-views")
        parts = parts_of(live)
        for shade in (40, 80, 120):
            worker.put(PICTURE, content=jpeg(shade), headers=JPEG_HEADERS)
            assert next(parts) == jpeg(shade)
    (entry,) = city.app.state.rooms.house.access.log.page(AuditQuery(action="camera.live"))
    assert entry.data["cameras"] == ["CAM-01"]


def test_a_live_view_ends_when_its_key_is_withdrawn(served: tuple[City, str]) -> None:
    city, url = served
    key = city.keys.create("seat", [Scope.READ], city.clock.now())
    ended = threading.Event()

    def follow() -> None:
        with (
            httpx.Client(base_url=url, headers={"authorization": f"Bearer {key}"}) as reader,
            reader.stream("GET", "/cameras/CAM-01/live.mjpeg", timeout=30) as live,
        ):
            for _ in live.iter_bytes():
                opened.set()
        ended.set()

    opened = threading.Event()
    thread = threading.Thread(target=follow, daemon=True)
    thread.start()
    assert opened.wait(20)
    city.keys.revoke("seat", city.clock.now(), actor="test")
    city.clock.advance(60)
    assert ended.wait(20)
    thread.join(5)


def test_a_live_view_does_not_keep_the_server_from_stopping(tmp_path: Path) -> None:
    city = City(tmp_path, ApiSettings(port=0, poll_s=0.05, heartbeat_s=0.2, stop_s=30))
    city.register_cameras("CAM-01")
    api = BackgroundApi(city.app, city.settings)
    api.start()
    with (
        httpx.Client(base_url=api.url, headers={"authorization": f"Bearer {city.key[Scope.READ]}"}) as reader,
        reader.stream("GET", "/cameras/CAM-01/live.mjpeg", timeout=30) as live,
    ):
        chunks = live.iter_bytes()
        assert next(chunks) == b"--picture\r\n"
        stopping = threading.Thread(target=api.stop)
        stopping.start()
        assert list(chunks) == []
        stopping.join(20)
        assert not stopping.is_alive()
    city.close()
