"""A real worker shows cameras to whoever watches them: nothing while nobody does, each key frame in a live view."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import cv2
import httpx
import numpy as np

from cases.keys import Scope
from core.detections import Detection
from core.geometry import Box
from core.ids import CameraId, ViewId
from detector.evidence import LABELS
from detector.glance import WIDEST_PX, render_glance
from detector.masking import MaskedPicture
from patrol.watched import next_of
from patrol.worker import Worker
from streams.frames import Frame, Image, ImagePicture
from tests.api.test_watching import parts_of
from tests.patrol.conftest import OutageApi
from tests.patrol.street import GARBAGE, PICTURES, camera, clip, garbage_in, until, worker
from tests.streams.clips import make_clip

RED = LABELS[GARBAGE][1]


@contextmanager
def patrolled(patrol: Worker) -> Iterator[None]:
    patrol.start()
    try:
        yield
    finally:
        patrol.stop(drain_s=2)


@contextmanager
def reading(api: OutageApi) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {api.key('reader', Scope.READ)}"}
    with httpx.Client(base_url=api.url, headers=headers, trust_env=False, timeout=20) as reader:
        yield reader


def pixels(jpeg: bytes) -> Image:
    return np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR), dtype=np.uint8)


def is_red(pixel: Image) -> bool:
    return bool(np.abs(pixel.astype(int) - np.array(RED)).max() < 70)


def looks(patrol: Worker, camera_id: str) -> int:
    return patrol.looks.figures(CameraId(camera_id)).looks


def looked_at(patrol: Worker, camera_id: str, times: int) -> Callable[[], bool]:
    return lambda: looks(patrol, camera_id) >= times


def test_only_what_somebody_watches_is_sent_small_with_its_boxes_and_age(tmp_path: Path, outage_api: OutageApi) -> None:
    outage_api.come()
    wide = make_clip(tmp_path / "a.mp4", pictures=PICTURES, gop=1, size=(1280, 960))
    cameras = [
        camera("CAM-01", wide, size=(1280, 960), interval_s=0.5, loop=True),
        camera("CAM-02", clip(tmp_path / "b.mp4"), interval_s=0.5, loop=True),
    ]

    def look(image: Image) -> tuple[Detection, ...]:
        return (Detection(GARBAGE, 0.8, Box(400, 400, 800, 800)),)

    patrol = worker(tmp_path, cameras, outage_api, look)
    with patrolled(patrol), reading(outage_api) as reader:
        assert until(looked_at(patrol, "CAM-01", 3), 30)
        assert until(looked_at(patrol, "CAM-02", 3), 30)
        assert patrol.watched.sent == 0, "nobody watched"
        picture = "/api/v1/cameras/CAM-01/picture"
        assert until(lambda: reader.get(picture).status_code == 200, 30)
        answer = reader.get(picture)
        shown = pixels(answer.content)
        assert shown.shape[:2] == (480, WIDEST_PX)
        assert is_red(shown[300, 200]), "the box's left edge, at half the picture's size"
        assert is_red(shown[300, 400]), "its right edge"
        assert not is_red(shown[300, 300])
        assert 0 <= float(answer.headers["x-age-s"]) < 60, "a clip's age is counted from when it was shown"
        first = answer.headers["etag"]
        assert until(lambda: reader.get(picture).headers["etag"] != first, 30), "the next look's picture"
        assert reader.get("/api/v1/cameras/CAM-02/picture").status_code == 404, "nobody had watched the other camera"


def test_a_live_view_gets_key_frames_between_two_looks(tmp_path: Path, outage_api: OutageApi) -> None:
    outage_api.come()
    cameras = [camera("CAM-01", clip(tmp_path / "a.mp4"), interval_s=120.0, loop=True)]
    patrol = worker(tmp_path, cameras, outage_api, garbage_in(range(PICTURES)))
    with patrolled(patrol), reading(outage_api) as reader:
        assert until(looked_at(patrol, "CAM-01", 1), 30)
        assert until(lambda: bool(reader.get("/api/v1/cameras").json()["cameras"]), 30), "its worker has told of it"
        with reader.stream("GET", "/cameras/CAM-01/live.mjpeg") as live:
            parts = parts_of(live)
            seen = [next(parts) for _ in range(3)]
        assert len(set(seen)) >= 2, "the clip's pictures come again after four seconds"
        assert looks(patrol, "CAM-01") == 1


def test_a_camera_that_sends_fast_keeps_no_other_from_the_wall() -> None:
    fast, slow, fresh = CameraId("CAM-01"), CameraId("CAM-02"), CameraId("CAM-03")
    assert next_of([fast, slow, fresh], {fast: 20.0, slow: 5.0}) == fresh, "of which nothing was shown yet"
    assert next_of([fast, slow], {fast: 20.0, slow: 5.0}) == slow
    assert next_of([fast], {fast: 20.0, slow: 5.0}) == fast


def test_a_worker_whose_api_is_away_goes_on_looking_and_shows_again_when_it_is_back(
    tmp_path: Path, outage_api: OutageApi
) -> None:
    outage_api.come()
    cameras = [camera("CAM-01", clip(tmp_path / "a.mp4"), interval_s=0.25, loop=True)]
    patrol = worker(tmp_path, cameras, outage_api, garbage_in(()))
    with patrolled(patrol), reading(outage_api) as reader:
        picture = "/api/v1/cameras/CAM-01/picture"
        assert until(lambda: reader.get(picture).status_code == 200, 30)
        outage_api.go_away()
        assert until(looked_at(patrol, "CAM-01", looks(patrol, "CAM-01") + 5), 30)
        outage_api.come()
        assert until(lambda: reader.get(picture).status_code == 200, 40)


def test_what_is_shown_is_masked_and_boxes_lie_on_the_masked_picture() -> None:
    asked: list[tuple[int, ...]] = []

    def mask(image: Image) -> MaskedPicture:
        asked.append(image.shape)
        grey = np.full_like(image, 128)
        return MaskedPicture(grey, ())

    picture = ImagePicture(np.random.default_rng(1).integers(0, 255, (1080, 1920, 3), dtype=np.uint8))
    shown = pixels(render_glance(picture, (Detection(GARBAGE, 0.9, Box(600, 600, 1200, 900)),), mask))
    assert asked == [(360, 640, 3)]
    assert is_red(shown[250, 200])
    assert np.abs(shown[350, 600].astype(int) - 128).max() < 12, "nothing of the picture that was not masked"


def test_a_small_picture_is_not_enlarged_and_a_failed_masking_is_told() -> None:
    def mask(image: Image) -> MaskedPicture:
        return MaskedPicture(np.full_like(image, 90), (), is_whole=True)

    shown = pixels(render_glance(ImagePicture(np.zeros((240, 320, 3), dtype=np.uint8)), (), mask))
    assert shown.shape[:2] == (240, 320)
    assert int(shown[-12:].max()) > 200, "white words on a plate at the bottom say that masking failed"


def test_newer_pictures_take_the_place_of_waiting_ones(tmp_path: Path, outage_api: OutageApi) -> None:
    outage_api.come()
    patrol = worker(tmp_path, [camera("CAM-01", clip(tmp_path / "a.mp4"), loop=True)], outage_api, garbage_in(()))
    with patrolled(patrol), reading(outage_api) as reader:
        assert until(lambda: reader.get("/api/v1/cameras/CAM-01/picture").status_code == 200, 30)
        frame = _frame()

        def hurry() -> None:
            for _ in range(50):
                patrol.watched.looked(frame, None)

        rush = [threading.Thread(target=hurry) for _ in range(4)]
        for each in rush:
            each.start()
        for each in rush:
            each.join()
        assert patrol.watched.replaced >= 100, "of 200 that came while few were rendered"


def _frame() -> Frame:
    picture = ImagePicture(np.zeros((96, 128, 3), dtype=np.uint8))
    return Frame(CameraId("CAM-01"), ViewId("CAM-01"), 1, datetime.now(UTC), picture)
