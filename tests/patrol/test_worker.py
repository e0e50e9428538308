"""The worker end to end on small real clips: one violation, one case, whatever the neighbours or the disk do."""

import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from cases.keys import Scope
from core.detections import Detection
from core.errors import ModelError
from patrol.outbox import Outbox
from streams.frames import Image
from tests.patrol.conftest import OutageApi
from tests.patrol.street import (
    CELL,
    GARBAGE,
    NEXT_CELL,
    PICTURES,
    SIZE,
    STARTED_AT,
    STEP,
    camera,
    cases,
    clip,
    clip_camera,
    garbage_in,
    run,
    settings,
    state_of,
    until,
    worker,
)
from tests.streams.clips import make_audio_only, make_changing_size_stream
from tests.streams.servers import answers, says_nothing, tcp_server

WIDE = (160, 96)


def test_one_violation_that_two_cameras_see_is_one_case_with_its_pictures(
    tmp_path: Path, outage_api: OutageApi
) -> None:
    outage_api.come()
    cameras = [clip_camera(f"CAM-0{number}", clip(tmp_path / f"{number}.mp4")) for number in (1, 2)]
    patrol = worker(tmp_path, cameras, outage_api, garbage_in(range(PICTURES)))
    run(patrol, lambda: patrol.has_ended)
    (case,) = cases(outage_api)
    assert (case.cell_id, case.category) == (CELL, GARBAGE)
    assert set(case.cameras) == {"CAM-01", "CAM-02"}
    assert case.first_seen_at == STARTED_AT
    last_word = {record.camera_id: (record.state, record.frames_decoded) for record in outage_api.store.cameras()}
    assert last_word == {"CAM-01": ("ended", PICTURES), "CAM-02": ("ended", PICTURES)}
    headers = {"Authorization": f"Bearer {outage_api.key('reader', Scope.READ)}", "X-Reason": "test"}
    with httpx.Client(base_url=outage_api.url, headers=headers, trust_env=False) as reader:
        pictures = reader.get(f"/api/v1/cases/{case.id}").json()["evidence"]
        assert {picture["kind"] for picture in pictures} == {"original", "annotated", "crop"}
        for picture in pictures:
            assert reader.get(picture["url"]).content.startswith(b"\xff\xd8\xff"), picture


def test_a_restarted_worker_goes_on_where_it_was_and_files_nothing_twice(tmp_path: Path, outage_api: OutageApi) -> None:
    outage_api.come()
    cameras = [clip_camera("CAM-01", clip(tmp_path / "a.mp4"))]

    def first_third(image: Image) -> tuple[Detection, ...]:
        found = garbage_in(range(6))(image)
        if not found:
            raise ModelError("cut off here")
        return found

    before = worker(tmp_path, cameras, outage_api, first_third)
    run(before, lambda: before.has_ended)
    assert cases(outage_api) == []
    # It sees the rest only, so the case can begin at the first picture only if the memory was kept.
    for _ in range(2):
        after = worker(tmp_path, cameras, outage_api, garbage_in(range(6, PICTURES)))
        run(after, lambda after=after: after.has_ended)  # type: ignore[misc]
        (case,) = cases(outage_api)
        assert case.first_seen_at == STARTED_AT
    outbox = Outbox(settings(tmp_path, cameras).outbox_path)
    assert outbox.progress().incidents == 1
    assert outbox.progress().watched_until == {"CAM-01": STARTED_AT + (PICTURES - 1) * STEP}
    outbox.close()


def test_every_kind_of_bad_feed_costs_only_its_own_camera(tmp_path: Path, outage_api: OutageApi) -> None:
    outage_api.come()
    (tmp_path / "garbage.mp4").write_bytes(b"this is no video" * 100)
    whole = clip(tmp_path / "good.mp4").read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    expected = {
        "CAM-GONE": "not_found",
        "CAM-GARBAGE": "corrupt",
        "CAM-CUT": "corrupt",
        "CAM-SOUND": "codec",
        "CAM-AUTH": "auth",
        "CAM-SILENT": "stalled",
        "CAM-CLOSED": "unreachable",
    }
    seen: dict[str, object] = dict.fromkeys(expected)
    with (
        tcp_server(answers("RTSP/1.0 401 Unauthorized")) as refusing,
        tcp_server(says_nothing) as silent,
        socket.create_server(("127.0.0.1", 0)) as free,
    ):
        closed = free.getsockname()[1]
        free.close()
        cameras = [
            clip_camera("CAM-GONE", tmp_path / "nowhere.mp4"),
            clip_camera("CAM-GARBAGE", tmp_path / "garbage.mp4"),
            clip_camera("CAM-CUT", tmp_path / "cut.mp4"),
            clip_camera("CAM-SOUND", make_audio_only(tmp_path / "sound.mp4")),
            camera("CAM-AUTH", f"rtsp://patrol:wrong@127.0.0.1:{refusing}/live", timeout_s=1.0),
            camera("CAM-SILENT", f"rtsp://127.0.0.1:{silent}/live", timeout_s=1.0),
            camera("CAM-CLOSED", f"rtsp://127.0.0.1:{closed}/live", timeout_s=1.0),
            clip_camera("CAM-GOOD", tmp_path / "good.mp4"),
        ]
        patrol = worker(tmp_path, cameras, outage_api, garbage_in(range(PICTURES)))

        def is_over() -> bool:
            for camera_id in expected:
                seen[camera_id] = state_of(patrol, camera_id)["error_kind"] or seen[camera_id]
            return state_of(patrol, "CAM-GOOD")["state"] == "ended" and all(seen.values()) and bool(cases(outage_api))

        run(patrol, is_over)
    assert seen == expected
    (case,) = cases(outage_api)
    assert case.cameras == ("CAM-GOOD",)


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(ModelError("onnxruntime failed on a picture"), id="a fault of the runtime"),
        pytest.param(RuntimeError("a bug nobody foresaw"), id="a bug of ours"),
    ],
)
def test_a_detector_that_fails_on_one_cameras_pictures_goes_on_with_the_others(
    tmp_path: Path, outage_api: OutageApi, caplog: pytest.LogCaptureFixture, fault: Exception
) -> None:
    outage_api.come()
    cameras = [
        clip_camera("CAM-WIDE", clip(tmp_path / "wide.mp4", WIDE), NEXT_CELL, WIDE),
        clip_camera("CAM-01", clip(tmp_path / "a.mp4")),
    ]

    def look(image: Image) -> tuple[Detection, ...]:
        if image.shape[1] == WIDE[0]:
            raise fault
        return garbage_in(range(PICTURES))(image)

    patrol = worker(tmp_path, cameras, outage_api, look)
    run(patrol, lambda: patrol.has_ended)
    assert [case.cell_id for case in cases(outage_api)] == [CELL]
    told = [record.getMessage() for record in caplog.records if "CAM-WIDE: cannot look" in record.getMessage()]
    assert told == [f"CAM-WIDE: cannot look: {fault}"]


def test_pictures_of_another_size_mid_stream_are_told_once_and_not_placed(
    tmp_path: Path, outage_api: OutageApi, caplog: pytest.LogCaptureFixture
) -> None:
    outage_api.come()
    resized = make_changing_size_stream(tmp_path / "resized.mp4", [SIZE, WIDE])
    cameras = [
        clip_camera("CAM-RESIZED", resized),  # tied to pictures of 128 x 96
        clip_camera("CAM-01", clip(tmp_path / "a.mp4"), NEXT_CELL),
    ]
    patrol = worker(tmp_path, cameras, outage_api, garbage_in(range(PICTURES)))
    run(patrol, lambda: patrol.has_ended)
    assert [case.cell_id for case in cases(outage_api)] == [NEXT_CELL]
    (line,) = [record.getMessage() for record in caplog.records if "CAM-RESIZED: cannot look" in record.getMessage()]
    assert "160" in line


def test_pictures_dated_in_the_future_are_refused_with_the_mend_and_told_once(
    tmp_path: Path, outage_api: OutageApi, caplog: pytest.LogCaptureFixture
) -> None:
    outage_api.come()
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    cameras = [
        clip_camera("CAM-AHEAD", clip(tmp_path / "ahead.mp4"), NEXT_CELL, started_at=tomorrow),
        clip_camera("CAM-01", clip(tmp_path / "a.mp4")),
    ]
    patrol = worker(tmp_path, cameras, outage_api, garbage_in(range(PICTURES)))
    run(patrol, lambda: patrol.has_ended)
    assert [case.cell_id for case in cases(outage_api)] == [CELL]
    (line,) = [record.getMessage() for record in caplog.records if "CAM-AHEAD: cannot look" in record.getMessage()]
    assert "in the future" in line
    assert "started_at" in line


def test_a_full_disk_makes_looking_wait_and_loses_nothing(
    tmp_path: Path, outage_api: OutageApi, caplog: pytest.LogCaptureFixture
) -> None:
    outage_api.come()
    patrol = worker(
        tmp_path, [clip_camera("CAM-01", clip(tmp_path / "a.mp4"))], outage_api, garbage_in(range(PICTURES))
    )
    disk = patrol._outbox._db  # SQLite's own way to play a full disk is a setting of the connection
    (pages,) = disk.execute("PRAGMA page_count").fetchone()
    disk.execute(f"PRAGMA max_page_count={pages}")

    def is_over() -> bool:
        if "disk is full" in caplog.text:
            disk.execute("PRAGMA max_page_count=100000")
        return patrol.has_ended

    run(patrol, is_over)
    (case,) = cases(outage_api)
    assert case.first_seen_at == STARTED_AT
    assert caplog.text.count("disk is full") == 1


def test_an_api_that_is_away_until_the_end_gets_everything_from_the_next_worker(
    tmp_path: Path, outage_api: OutageApi
) -> None:
    cameras = [clip_camera("CAM-01", clip(tmp_path / "a.mp4"))]
    lonely = worker(tmp_path, cameras, outage_api, garbage_in(range(PICTURES)))
    lonely.start()
    assert until(lambda: lonely.has_ended)
    lonely.stop(drain_s=0)
    outage_api.come()
    next_one = worker(tmp_path, cameras, outage_api, garbage_in(()))
    run(next_one, lambda: next_one.has_ended and len(cases(outage_api)) == 1)
