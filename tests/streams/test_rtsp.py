"""A real RTSP server: GStreamer's."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.errors import FeedError
from streams.mailbox import Mailbox
from streams.probe import probe, spec_for
from streams.runner import FeedRunner
from streams.spec import FeedSpec
from tests.streams.clips import make_clip
from tests.streams.patience import wait_for, wait_for_state
from tests.support.rtsp_server import RtspServer, require_rtsp_server

pytestmark = pytest.mark.rtsp

SECRET = "geh3im"


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    options = {"preset": "veryfast", "sc_threshold": "0", "bf": "0"}
    return make_clip(tmp_path_factory.mktemp("rtsp") / "clip.mp4", pictures=50, fps=25, gop=10, options=options)


@pytest.fixture(scope="module")
def guarded(clip: Path) -> Iterator[RtspServer]:
    """A server that wants a user name and password."""
    require_rtsp_server()
    with RtspServer({"street": clip}, username="op", password=SECRET) as server:
        yield server


@pytest.fixture
def server(clip: Path) -> Iterator[RtspServer]:
    require_rtsp_server()
    with RtspServer({"street": clip}) as server:
        yield server


@contextmanager
def watching(url: str, **more: object) -> Iterator[tuple[FeedRunner, Mailbox]]:
    spec = FeedSpec.model_validate({"id": "CAM-01", "url": url, "interval_s": 0, "timeout_s": 1.5, **more})
    mailbox = Mailbox()
    runner = FeedRunner(spec, mailbox, ladder_s=(0.1, 0.2))
    runner.start()
    try:
        yield runner, mailbox
    finally:
        runner.stop(5)


def test_a_guarded_stream_is_probed_with_its_password(guarded: RtspServer) -> None:
    found = probe(guarded.url("street", "op", SECRET), 5)
    assert (found.codec, found.width_px, found.height_px, found.gop_frames) == ("h264", 128, 96, 10)
    assert found.gop_s == pytest.approx(0.4, abs=0.05)
    assert found.address == guarded.url("street")


def test_the_password_can_come_from_the_environment(guarded: RtspServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREET_PASSWORD", SECRET)
    spec = spec_for(guarded.url("street"), username="op", password_env="STREET_PASSWORD")
    assert probe(spec, 5).codec == "h264"


@pytest.mark.parametrize(
    ("mount", "username", "password", "kind"),
    [("street", "op", "wr0ng", "auth"), ("street", "", "", "auth"), ("nowhere", "op", SECRET, "not_found")],
    ids=["wrong-password", "no-password", "wrong-path"],
)
def test_a_real_server_refuses_and_the_reason_is_told(
    guarded: RtspServer, mount: str, username: str, password: str, kind: str
) -> None:
    with pytest.raises(FeedError) as refused:
        probe(guarded.url(mount, username, password), 3)
    assert refused.value.kind == kind
    assert SECRET not in str(refused.value)
    assert "wr0ng" not in str(refused.value)


def test_live_capture_times_are_close_to_now_and_a_gop_apart(server: RtspServer) -> None:
    with watching(server.url("street")) as (runner, mailbox):
        frames = [frame for frame in (mailbox.take(timeout_s=5) for _ in range(8)) if frame is not None]
        assert len(frames) == 8
        assert datetime.now(UTC) - frames[-1].captured_at < timedelta(seconds=2)
        # The first pictures come in one burst: the library held them back while it looked at the stream.
        settled = itertools.pairwise(frames[4:])
        gaps = [(later.captured_at - earlier.captured_at).total_seconds() for earlier, later in settled]
        assert gaps == pytest.approx([0.4] * 3, abs=0.15)
        status = runner.status()
        assert status.state == "live"
        assert status.gop_s == pytest.approx(0.4, abs=0.05)


def test_a_killed_server_is_noticed_and_the_camera_comes_back_when_it_does(server: RtspServer) -> None:
    with watching(server.url("street")) as (runner, _):
        wait_for_state(runner, "live")
        server.kill()
        wait_for(lambda: runner.status().error_kind == "unreachable", "the fault")
        assert runner.status().transitions["live>down"] == 1
        server.start()
        wait_for_state(runner, "live")
        decoded = runner.status().frames_decoded
        wait_for(lambda: runner.status().frames_decoded > decoded, "more pictures")
        assert runner.status().error_kind is None


def test_a_camera_that_is_set_to_another_size_stays_live_and_shows_the_new_one(
    server: RtspServer, tmp_path: Path
) -> None:
    larger = make_clip(tmp_path / "larger.mp4", pictures=50, fps=25, gop=10, size=(192, 144))
    with watching(server.url("street"), timeout_s=10) as (runner, mailbox):
        before = wait_for_state(runner, "live").transitions
        server.show("street", larger)
        wait_for(lambda: runner.status().width_px == 192, "the new size")
        frame = mailbox.take(timeout_s=5)
        assert frame is not None
        assert runner.status().transitions == before


def test_a_frozen_server_is_stalled_and_the_camera_comes_back(server: RtspServer) -> None:
    with watching(server.url("street"), timeout_s=0.8) as (runner, _):
        wait_for_state(runner, "live")
        server.freeze()
        try:
            wait_for(lambda: runner.status().error_kind == "stalled", "the stall")
            assert runner.status().transitions["live>stalled"] == 1
        finally:
            server.thaw()
        wait_for_state(runner, "live")
