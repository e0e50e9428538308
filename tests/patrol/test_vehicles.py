"""A vehicle's pictures wait for their position, and its settings say what belongs to them."""

import json
import re
import threading
import tomllib
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cases.cameras import camera_from_json
from core.clock import ManualClock, SystemClock
from core.detections import FrameDetections, ModelRef
from core.errors import ConfigError, GridError
from core.geometry import Point
from core.ids import CameraId, CategoryId, ViewId
from core.positions import Fix
from grid.cells import load_geojson
from grid.incidents import IncidentEvent, IncidentKind
from grid.mounts import mounted
from grid.poses import Pose
from patrol.camera_rules import tied
from patrol.settings import CameraSettings, Settings, load_settings
from patrol.vehicles import MOST_WAITING, VehicleWatch
from patrol.wiring import refuse_unpatrollable
from streams.frames import Frame, ImagePicture
from streams.mailbox import Mailbox
from tests.grid.city import PLANE
from tests.patrol.drive import CELLS, GARBAGE, HEIGHT, WIDTH, Ride, Thing, find_colours, picture, street_grids
from tests.patrol.street import until

NOW = datetime(2026, 5, 14, 0, 30, tzinfo=UTC)
MOUNT = {"frame_size": [WIDTH, HEIGHT], "height_m": 2.2, "pitch_deg": 10.0, "hfov_deg": 70.0}


def section(url: str = "rtsp://192.0.2.7/live", track: Any = None, **changes: Any) -> dict[str, Any]:
    vehicle = MOUNT | {"track": track or {"url": "http://192.0.2.7/positions"}}
    return {"id": "CAR-07", "url": url, "vehicle": vehicle} | changes


def settings(folder: Path, *cameras: dict[str, Any]) -> Settings:
    grids = folder / "street.geojson"
    grids.write_text(street_grids(), encoding="utf-8")
    return Settings.model_validate(
        {"site": {"data_dir": folder}, "grid": {"file": grids}, "cameras": cameras or (section(),)}
    )


class Car:
    """One live vehicle's watch over a clock that stands still; the test is its receiver and its camera."""

    def __init__(self, folder: Path, kept: str | None = None, **track: Any) -> None:
        configured = settings(folder, section(track={"url": "http://192.0.2.7/positions", "wait_s": 5.0} | track))
        camera = configured.cameras[0]
        assert camera.vehicle is not None
        self.clock = ManualClock(NOW)
        self.woken = 0
        self.mailbox = Mailbox()
        self.seq = 0
        city = load_geojson(configured.grid.file)
        self.watch = VehicleWatch(camera, camera.vehicle, city, self.clock, kept, self.wake)

    def wake(self) -> None:
        self.woken += 1

    def shows(self, at_s: float) -> Frame | None:
        """A picture comes; the frame that can be looked at now."""
        self.seq += 1
        picture = ImagePicture(np.zeros((HEIGHT, WIDTH, 3), np.uint8))
        at = NOW + timedelta(seconds=at_s)
        self.mailbox.put(Frame(CameraId("CAR-07"), ViewId("CAR-07"), self.seq, at, picture))
        return self.next()

    def next(self) -> Frame | None:
        return self.watch.next_frame(self.mailbox)

    def tells(self, at_s: float, speed_mps: float = 8.0) -> None:
        place = PLANE.to_lonlat(Point(8.0 * at_s, 13.0))
        fix = Fix(NOW + timedelta(seconds=at_s), place, course_deg=90.0, speed_mps=speed_mps)
        self.watch.track.add(fix)


def test_a_picture_waits_for_the_position_after_it_and_is_then_looked_at(tmp_path: Path) -> None:
    car = Car(tmp_path)
    car.tells(0.0)
    assert car.shows(0.5) is None
    car.tells(1.0)
    assert car.woken == 1
    frame = car.next()
    assert frame is not None
    pose = car.watch.pose_of(frame.captured_at)
    assert isinstance(pose, Pose)
    assert PLANE.to_metres(pose.place).x == pytest.approx(4.0, abs=0.01)
    assert car.next() is None


def test_a_position_that_does_not_come_in_time_costs_the_picture_which_is_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    car = Car(tmp_path)
    car.tells(0.0)
    assert car.shows(0.5) is None
    car.clock.advance(4.9)
    assert car.next() is None
    assert car.watch.waiting == 1
    car.clock.advance(0.2)
    assert car.next() is None
    assert (car.watch.waiting, car.watch.counts.after_track, car.watch.counts.unused) == (0, 1, 1)
    (line,) = [record.getMessage() for record in caplog.records]
    assert "time_offset_s" in line


def test_pictures_keep_their_order_and_those_without_a_pose_do_not_hold_up_the_rest(tmp_path: Path) -> None:
    car = Car(tmp_path)
    for at_s in (0.0, 1.0, 9.0, 10.0):
        car.tells(at_s)
    assert car.shows(5.0) is None  # in the gap
    frame = car.shows(9.5)
    assert frame is not None
    assert frame.seq == 2
    assert car.watch.counts.gap == 1


class _Router(BaseHTTPRequestHandler):
    """A vehicle's router: one answer that goes on, a position each second of a drive that began ten seconds ago."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        for second in range(14):
            east, north, _ = EASTWARD.at(second)
            place = PLANE.to_lonlat(Point(east, north))
            at = BEGAN + timedelta(seconds=second)
            line = {"at": at.isoformat(), "lon": place.x, "lat": place.y, "course_deg": 90.0, "speed_mps": 8.0}
            self.wfile.write(json.dumps(line).encode() + b"\n")
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


EASTWARD = Ride(is_eastward=True)
BEGAN = datetime.now(UTC) - timedelta(seconds=60)


def test_a_live_vehicle_whose_positions_come_over_http_opens_one_incident_where_the_thing_stands(
    tmp_path: Path,
) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Router)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    (camera,) = settings(tmp_path, section(track={"url": f"http://127.0.0.1:{server.server_port}/at"})).cameras
    assert camera.vehicle is not None
    city = load_geojson(tmp_path / "street.geojson")
    watch, mailbox = VehicleWatch(camera, camera.vehicle, city, SystemClock()), Mailbox()
    watch.positions.start()
    events: list[IncidentEvent] = []
    try:
        for index in range(48):
            at_s = index / 4
            image = picture([Thing(GARBAGE, 45.0, 8.0)], *EASTWARD.at(at_s))
            captured_at = BEGAN + timedelta(seconds=at_s)
            mailbox.put(Frame(camera.id, camera.view_id, index, captured_at, ImagePicture(image)))
            events += look(watch, wait_for_frame(watch, mailbox))
    finally:
        watch.positions.stop()
        server.shutdown()
        server.server_close()
    assert [(event.kind, event.cell_id) for event in events] == [(IncidentKind.OPENED, CELLS[1])]
    assert watch.counts.placed == 48


def wait_for_frame(watch: VehicleWatch, mailbox: Mailbox) -> Frame:
    found: list[Frame] = []

    def has_come() -> bool:
        found.extend(frame for frame in [watch.next_frame(mailbox)] if frame is not None)
        return bool(found)

    assert until(has_come), (watch.counts, watch.positions.status())
    return found[0]


def look(watch: VehicleWatch, frame: Frame) -> tuple[IncidentEvent, ...]:
    found = FrameDetections(frame.facts, find_colours(frame.image), ModelRef("m", "0" * 64))
    state, events = watch.step(found, {GARBAGE})
    watch.settle(state)
    return events


def test_a_vehicle_that_stands_is_not_looked_from(tmp_path: Path) -> None:
    car = Car(tmp_path)
    for at_s in (0.0, 1.0):
        car.watch.track.add(Fix(NOW + timedelta(seconds=at_s), PLANE.to_lonlat(Point(0, 0)), course_deg=12.0))
    assert car.shows(0.5) is None
    assert car.watch.counts.no_heading == 1


def test_no_more_pictures_wait_than_are_bounded_and_the_mailbox_drops_and_counts_the_rest(tmp_path: Path) -> None:
    car = Car(tmp_path, wait_s=60.0)
    car.tells(0.0)
    for index in range(MOST_WAITING + 5):
        car.shows(0.1 + index * 0.01)
    assert car.watch.waiting == MOST_WAITING
    assert car.mailbox.dropped == 4


def test_a_camera_whose_clock_is_slow_is_helped_by_its_offset(tmp_path: Path) -> None:
    car = Car(tmp_path, time_offset_s=100.0)
    car.tells(100.0)
    car.tells(101.0)
    frame = car.shows(0.5)
    assert frame is not None


def test_the_cameras_own_fault_shows_before_its_positions_fault(tmp_path: Path) -> None:
    car = Car(tmp_path)
    car.tells(0.0)
    shown = car.watch.status_json({"error_kind": "auth", "error": "refused"})
    assert (shown["error_kind"], shown["error"]) == ("auth", "refused")
    assert shown["vehicle"] == shown["vehicle"] | {"placed": 0, "position_age_s": 0}  # type: ignore[operator]  # a table


def test_a_memory_from_before_the_restart_is_taken_up_and_a_damaged_one_begins_anew(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = Car(tmp_path)
    before.tells(0.0)
    before.tells(1.0)
    frame = before.shows(0.5)
    assert frame is not None
    state, _ = before.watch.step(FrameDetections(frame.facts, (), ModelRef("m", "0" * 64)), {CategoryId("x")})
    before.watch.settle(state)
    assert Car(tmp_path, kept=before.watch.as_json()).watch.as_json() == before.watch.as_json()
    assert "memory cannot be read" not in caplog.text
    Car(tmp_path, kept="{}")
    assert "memory cannot be read" in caplog.text


def test_a_vehicles_camera_is_neither_gated_nor_held_against_a_reference(tmp_path: Path) -> None:
    (camera,) = settings(tmp_path).cameras
    assert (camera.gate, camera.fixed) == (False, False)
    assert tied(camera, load_geojson(tmp_path / "street.geojson")).frame_size == (WIDTH, HEIGHT)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        pytest.param({"gate": True}, "gate = true", id="gated"),
        pytest.param(
            {"view": {"regions": [{"cell": "510104001001001", "polygon": [[0, 0], [1, 0], [1, 1]]}]}},
            "both view and vehicle",
            id="with a view",
        ),
        pytest.param({"url": "car.mp4"}, "file beside it", id="a clip with an address"),
        pytest.param({"track": {"file": "car.gpx"}}, "GPX is read whole", id="a live camera with GPX"),
        pytest.param({"url": "car.mp4", "track": {"file": "car.gpx"}, "time_scale": 2.0}, "time_scale", id="a lapse"),
        pytest.param({"url": "car.mp4", "track": {"file": "car.gpx"}, "loop": True}, "loop", id="in a loop"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(tmp_path: Path, changes: dict[str, Any], told: str) -> None:
    track = changes.pop("track", None)
    with pytest.raises(ValueError, match=told):
        settings(tmp_path, section(track=track) | changes)


def test_a_configuration_finds_its_track_beside_it_and_names_an_unknown_key(tmp_path: Path) -> None:
    (tmp_path / "street.geojson").write_text(street_grids(), encoding="utf-8")
    text = """
[grid]
file = "street.geojson"
[[cameras]]
id = "CAR-07"
url = "car.mp4"
[cameras.vehicle]
frame_size = [640, 360]
height_m = 2.2
pitch_deg = 10.0
hfov_deg = 70.0
[cameras.vehicle.track]
file = "car.gpx"
[cameras.vehicle.passes]
hits = 4
"""
    path = tmp_path / "gridpatrol.toml"
    path.write_text(text, encoding="utf-8")
    (camera,) = load_settings(path).cameras
    assert camera.vehicle is not None
    assert camera.vehicle.track.file == tmp_path / "car.gpx"
    assert camera.vehicle.passes.hits == 4
    path.write_text(text.replace("height_m", "hight_m"), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"hight_m.*height_m"):
        load_settings(path)


def test_a_vehicle_whose_camera_looks_into_the_sky_is_told_before_anything_starts(tmp_path: Path) -> None:
    upwards = section()
    upwards["vehicle"] = upwards["vehicle"] | {"pitch_deg": -40.0}
    with pytest.raises(GridError, match="above the horizon"):
        refuse_unpatrollable(settings(tmp_path, upwards))


def test_the_examples_of_the_documentation_can_be_mounted() -> None:
    text = (Path(__file__).parents[2] / "docs" / "vehicles.md").read_text(encoding="utf-8")
    examples = [tomllib.loads(block) for block in re.findall(r"```toml\n(.*?)```", text, re.DOTALL)]
    cameras = [CameraSettings.model_validate(given) for example in examples for given in example["cameras"]]
    assert [camera.id for camera in cameras] == ["CAR-07", "CAR-08"]
    for camera in cameras:
        assert camera.vehicle is not None
        mounted(camera.view_id, camera.vehicle.mount)


def test_records_of_cameras_from_before_there_were_vehicles_can_be_read() -> None:
    data = {"camera_id": "CAM-01", "name": "", "address": "a", "state": "live", "since": "2026-05-14T00:30:00Z"}
    record = camera_from_json(data | {"last_frame_at": None, "transitions": {}}, "worker-1", NOW)
    assert record.vehicle == ()
