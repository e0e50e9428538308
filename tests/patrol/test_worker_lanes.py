"""Several lanes look at the same time, each with a detector of its own, and never two at one camera."""

import threading
from pathlib import Path

from core.detections import Detection, ModelRef
from core.ids import CategoryId
from grid.cells import load_geojson
from patrol.api_client import ApiClient
from patrol.model_watch import ScriptedWatch, Watchman
from patrol.outbox import Outbox
from patrol.worker import Worker
from streams.frames import Picture
from tests.patrol.conftest import OutageApi
from tests.patrol.street import CELL, GARBAGE, NEXT_CELL, PICTURES, clip, clip_camera, run, settings, worker_key

WAIT_S = 30.0


class MeetingDetector:
    """Looks on only when another one is looking, too; notices when it is asked by two threads at once."""

    def __init__(self, meeting: threading.Barrier, name: str = "met") -> None:
        self._meeting = meeting
        self._name = name
        self._mine = threading.Lock()
        self.looks = 0
        self.was_shared = False

    @property
    def model(self) -> ModelRef:
        return ModelRef(self._name, "0" * 64)

    @property
    def categories(self) -> tuple[CategoryId, ...]:
        return (GARBAGE,)

    def detect(self, picture: Picture) -> tuple[Detection, ...]:
        if not self._mine.acquire(blocking=False):
            self.was_shared = True
            return ()
        try:
            self._meeting.wait(WAIT_S)
            self.looks += 1
            return ()
        finally:
            self._mine.release()


def patrol_of(
    folder: Path, api: OutageApi, detectors: tuple[MeetingDetector, ...], cells: tuple[str, ...], watch: ScriptedWatch
) -> Worker:
    film = clip(folder / "a.mp4")
    configured = settings(
        folder, [clip_camera(f"CAM-{number:02d}", film, cell, gate=False) for number, cell in enumerate(cells)]
    )
    return Worker(
        configured,
        Watchman(detectors, frozenset({GARBAGE})),
        load_geojson(configured.grid.file),
        Outbox(configured.outbox_path),
        ApiClient(api.url, worker_key(api)),
        models=watch,
    )


def test_two_cameras_are_looked_at_at_the_same_time(tmp_path: Path, outage_api: OutageApi) -> None:
    outage_api.come()
    meeting = threading.Barrier(2)
    detectors = (MeetingDetector(meeting), MeetingDetector(meeting))
    patrol = patrol_of(tmp_path, outage_api, detectors, (CELL, NEXT_CELL), ScriptedWatch({}))
    run(patrol, lambda: patrol.has_ended)
    assert not meeting.broken
    assert [detector.looks for detector in detectors] == [PICTURES, PICTURES]
    assert not any(detector.was_shared for detector in detectors)


def test_one_camera_is_never_with_two_lanes(tmp_path: Path, outage_api: OutageApi) -> None:
    outage_api.come()
    alone = threading.Barrier(1)
    detectors = tuple(MeetingDetector(alone) for _ in range(3))
    patrol = patrol_of(tmp_path, outage_api, detectors, (CELL,), ScriptedWatch({}))
    run(patrol, lambda: patrol.has_ended)
    assert sum(detector.looks for detector in detectors) == PICTURES
    looks = patrol.fleet.gate.total()
    assert looks.looked == PICTURES


def test_every_lane_gets_a_detector_of_the_model_that_takes_over(tmp_path: Path, outage_api: OutageApi) -> None:
    outage_api.come()
    meeting = threading.Barrier(2)
    old = (MeetingDetector(meeting, "old"), MeetingDetector(meeting, "old"))
    new = (MeetingDetector(meeting, "new"), MeetingDetector(meeting, "new"))
    relief = Watchman(new, frozenset({GARBAGE}))
    patrol = patrol_of(tmp_path, outage_api, old, (CELL, NEXT_CELL), ScriptedWatch({9: relief}))
    run(patrol, lambda: patrol.has_ended)
    assert not meeting.broken
    assert sum(detector.looks for detector in old) == 8
    assert sum(detector.looks for detector in new) == 2 * PICTURES - 8
    assert not any(detector.was_shared for detector in (*old, *new))
