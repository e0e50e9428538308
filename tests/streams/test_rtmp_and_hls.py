"""RTMP and HLS from a real media server, to which a camera pushes as street cameras and phones do."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.errors import FeedError
from streams.mailbox import Mailbox
from streams.probe import probe
from streams.runner import FeedRunner
from streams.spec import FeedSpec
from tests.streams.clips import make_clip
from tests.streams.patience import wait_for, wait_for_state
from tests.support.media_server import MediaServer, PushingCamera, require_media_server
from tests.support.rtsp_server import free_port

pytestmark = pytest.mark.rtsp


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    options = {"preset": "veryfast", "sc_threshold": "0", "bf": "0"}
    return make_clip(tmp_path_factory.mktemp("media") / "clip.mp4", pictures=50, fps=25, gop=25, options=options)


@pytest.fixture
def server() -> Iterator[MediaServer]:
    require_media_server()
    with MediaServer() as running:
        yield running


@contextmanager
def watching(url: str, **more: object) -> Iterator[tuple[FeedRunner, Mailbox]]:
    spec = FeedSpec.model_validate({"id": "CAM-01", "url": url, "interval_s": 0, "timeout_s": 4, **more})
    mailbox = Mailbox()
    runner = FeedRunner(spec, mailbox, ladder_s=(0.1, 0.2))
    runner.start()
    try:
        yield runner, mailbox
    finally:
        runner.stop(5)


def test_rtmp_shows_a_picture_for_each_key_frame_dated_now(server: MediaServer, clip: Path) -> None:
    url = server.rtmp_url("street")
    with PushingCamera(clip, url), watching(url) as (runner, mailbox):
        status = wait_for_state(runner, "live", 20)
        frames = [frame for frame in (mailbox.take(timeout_s=5) for _ in range(4)) if frame is not None]
        assert len(frames) == 4
        assert (status.codec, frames[-1].picture.width_px) == ("h264", 128)
        assert datetime.now(UTC) - frames[-1].captured_at < timedelta(seconds=3)
        assert runner.status().gop_s == pytest.approx(1.0, abs=0.1)


def test_hls_shows_pictures_as_long_as_the_playlist_goes_on(server: MediaServer, clip: Path) -> None:
    with PushingCamera(clip, server.rtmp_url("street")), watching(server.hls_url("street")) as (runner, mailbox):
        wait_for_state(runner, "live", 25)
        # More than the six seconds that the playlist held when it was opened: new segments are followed.
        seen = [frame for frame in (mailbox.take(timeout_s=8) for _ in range(9)) if frame is not None]
        assert len(seen) == 9
        assert [frame.captured_at for frame in seen] == sorted(frame.captured_at for frame in seen)
        assert seen[-1].captured_at <= datetime.now(UTC)
        assert runner.status().gop_s == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize("over", ["rtmp", "hls"])
def test_a_camera_that_stops_pushing_is_noticed_and_comes_back_by_itself(
    server: MediaServer, clip: Path, over: str
) -> None:
    url = server.rtmp_url("street") if over == "rtmp" else server.hls_url("street")
    with watching(url) as (runner, _):
        with PushingCamera(clip, server.rtmp_url("street")):
            wait_for_state(runner, "live", 25)
        wait_for(lambda: runner.status().state in ("stalled", "down"), "the camera's loss", 25)
        assert runner.status().error_kind in ("stalled", "ended", "timeout", "unreachable")
        decoded = runner.status().frames_decoded
        with PushingCamera(clip, server.rtmp_url("street")):
            wait_for(lambda: runner.status().frames_decoded > decoded, "pictures again", 30)
            wait_for_state(runner, "live", 10)


def test_a_frozen_rtmp_server_is_stalled_and_the_camera_comes_back(server: MediaServer, clip: Path) -> None:
    url = server.rtmp_url("street")
    with PushingCamera(clip, url), watching(url, timeout_s=1.5) as (runner, _):
        wait_for_state(runner, "live", 20)
        server.freeze()
        try:
            wait_for(lambda: runner.status().error_kind in ("stalled", "timeout"), "the stall", 15)
        finally:
            server.thaw()
        wait_for_state(runner, "live", 30)


def test_addresses_that_show_nothing_are_told_apart(server: MediaServer) -> None:
    kinds = {}
    for name, url in (
        ("no such playlist", server.hls_url("nowhere")),
        ("nobody listens", f"rtmp://127.0.0.1:{free_port()}/live/street"),
    ):
        with pytest.raises(FeedError) as refused:
            probe(url, 3)
        kinds[name] = refused.value.kind
    assert kinds == {"no such playlist": "not_found", "nobody listens": "unreachable"}
