"""A vehicle on its round, live: pictures from a real RTSP server, positions over HTTP, cases in the right cells."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from cases.sources import Source
from core.geometry import Point
from tests.grid.city import PLANE
from tests.patrol.conftest import OutageApi
from tests.patrol.drive import (
    CAMERA_M,
    CELLS,
    FPS,
    GARBAGE,
    HEIGHT,
    PITCH_DEG,
    RIDE_S,
    STALL,
    WIDTH,
    Thing,
    film,
    patrol,
    rides,
)
from tests.patrol.street import cases, state_of, until
from tests.support.rtsp_server import RtspServer, require_rtsp_server

pytestmark = pytest.mark.rtsp

THINGS = (Thing(GARBAGE, 45.0, 8.0), Thing(STALL, 77.0, 21.0))
FOUND = {(CELLS[1], GARBAGE), (CELLS[2], STALL)}
LENGTH_S = int(RIDE_S * FPS) / FPS
TOKEN = "r0und"


@contextmanager
def receiver(began: "threading.Event", begin_s: list[float]) -> Iterator[str]:
    """The car's receiver: for as long as somebody listens a line five times a second, with where it is now."""
    (ride,) = rides(True)
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if f"token={TOKEN}" not in self.path:
                self.send_error(403)
                return
            self.send_response(200)
            self.send_header("Content-Type", "application/x-ndjson")
            self.end_headers()
            began.wait(20)
            while not over.wait(0.2):
                now_s = time.time()
                east, north, heading = ride.at((now_s - begin_s[0]) % LENGTH_S)
                place = PLANE.to_lonlat(Point(east, north))
                line = {"at": datetime.fromtimestamp(now_s, UTC).isoformat(), "lon": place.x, "lat": place.y}
                try:
                    self.wfile.write(json.dumps(line | {"course_deg": heading, "speed_mps": 8.0}).encode() + b"\n")
                    self.wfile.flush()
                except OSError:
                    return

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/car?token={TOKEN}"
    finally:
        over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def section(url: str, track: str) -> dict[str, object]:
    vehicle = {"frame_size": [WIDTH, HEIGHT], "height_m": CAMERA_M, "pitch_deg": PITCH_DEG, "hfov_deg": 70.0}
    return {"id": "CAR-07", "url": url, "interval_s": 0, "vehicle": vehicle | {"track": {"url": track}}}


def test_a_live_round_files_each_thing_in_its_cell_and_once(tmp_path: Path, outage_api: OutageApi) -> None:
    require_rtsp_server()
    outage_api.come()
    clip = film(tmp_path / "car.mp4", THINGS, rides(True))
    began, begin_s = threading.Event(), [0.0]
    with receiver(began, begin_s) as track, RtspServer({"car": clip}) as server:
        car = patrol(tmp_path, section(server.url("car"), track), outage_api)
        car.start()
        try:
            begin_s[0] = server.began_s("car")
            began.set()
            assert until(lambda: {(case.cell_id, case.category) for case in cases(outage_api)} >= FOUND, 60), (
                cases(outage_api),
                state_of(car, "CAR-07"),
            )
            first_round = time.time() - begin_s[0]
            assert until(lambda: time.time() - begin_s[0] > first_round + LENGTH_S + 3, LENGTH_S + 10)
            shown = state_of(car, "CAR-07")
        finally:
            car.stop(drain_s=20)
    found = cases(outage_api)
    assert {(case.cell_id, case.category) for case in found} == FOUND, "the next round saw the same things"
    assert {case.life.source for case in found} == {Source.MOBILE_VIDEO}
    assert len(found) == len(FOUND)
    assert (shown["state"], shown["error_kind"]) == ("live", None)
    counts = shown["vehicle"]
    assert isinstance(counts, dict)
    assert counts["placed"] > LENGTH_S * FPS
    assert TOKEN not in repr(shown)
