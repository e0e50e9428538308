"""Servers that misbehave, through the real library: each fault is told apart, in time, without the password."""

import logging
import threading
from pathlib import Path

import av
import cv2
import pytest

from core.clock import SystemClock
from core.errors import FeedError
from streams.faults import Phase, fault_of
from streams.mailbox import Mailbox
from streams.probe import probe, spec_for
from streams.runner import FeedRunner
from streams.spec import FeedSpec
from tests.streams.clips import grey, make_clip
from tests.streams.patience import wait_for, wait_for_kind, wait_for_state
from tests.streams.servers import (
    Behaviour,
    answers,
    babbles_on,
    hangs_up,
    says_nothing,
    sends_bytes,
    sends_garbage,
    sends_mjpeg,
    tcp_server,
)
from tests.support.rtsp_server import free_port

SECRET = "geh3im"
TIMEOUT_S = 0.6


def fault_at(url: str) -> FeedError:
    with pytest.raises(FeedError) as failed:
        probe(url, TIMEOUT_S)
    return failed.value


@pytest.mark.parametrize(
    ("scheme", "behave", "kind", "mend"),
    [
        ("rtsp", answers("RTSP/1.0 401 Unauthorized"), "auth", "check username and password_env"),
        ("rtsp", answers("RTSP/1.0 403 Forbidden"), "auth", "check username and password_env"),
        ("rtsp", answers("RTSP/1.0 404 Not Found"), "not_found", "check the path"),
        ("rtsp", answers("RTSP/1.0 453 Not Enough Bandwidth"), "unreachable", "too many viewers"),
        ("rtsp", answers("RTSP/1.0 503 Service Unavailable"), "unreachable", "restart it"),
        ("http", answers("HTTP/1.1 401 Unauthorized"), "auth", "check username and password_env"),
        ("http", answers("HTTP/1.1 404 Not Found"), "not_found", "check the path"),
        ("rtsp", says_nothing, "stalled", "no picture for"),
        ("rtsps", says_nothing, "stalled", "no picture for"),
        ("rtmp", says_nothing, "stalled", "no picture for"),
        ("http", says_nothing, "stalled", "no picture for"),
        ("rtsp", sends_garbage, "corrupt", "not with a readable rtsp stream"),
        ("rtsp", babbles_on, "corrupt", "no RTSP"),
        ("http", sends_garbage, "corrupt", "not with a readable http stream"),
        ("rtsps", sends_garbage, "tls", "use rtsp://"),
        ("https", answers("HTTP/1.1 404 Not Found"), "tls", "use http://"),
        ("http", hangs_up, "unreachable", "hangs up"),
        ("rtsp", hangs_up, "unreachable", "hangs up"),
    ],
    ids=lambda value: getattr(value, "__name__", value) if not isinstance(value, str) or len(value) < 12 else "",
)
def test_each_fault_is_told_apart_in_time_and_without_the_password(
    scheme: str, behave: Behaviour, kind: str, mend: str
) -> None:
    clock = SystemClock()
    with tcp_server(behave) as port:
        began_s = clock.monotonic()
        fault = fault_at(f"{scheme}://op:{SECRET}@127.0.0.1:{port}/s1?token={SECRET}")
        took_s = clock.monotonic() - began_s
    assert (fault.kind, mend in str(fault)) == (kind, True), str(fault)
    assert took_s < 4 * TIMEOUT_S
    for told in (str(fault), repr(fault), repr(fault.__cause__), repr(fault.__context__)):
        assert SECRET not in told


@pytest.mark.parametrize("scheme", ["rtsp", "rtmp", "http", "https"])
def test_a_closed_port_is_unreachable(scheme: str) -> None:
    port = free_port()
    fault = fault_at(f"{scheme}://op:{SECRET}@127.0.0.1:{port}/s1")
    assert fault.kind == "unreachable"
    assert f"127.0.0.1 does not answer on port {port}" in str(fault)


def test_a_live_feed_that_breaks_off_with_a_refusal_of_the_system_is_no_file_that_may_not_be_read() -> None:
    fault = fault_of(live("rtsp://192.0.2.7/s1"), av.error.PermissionError(1, "no"), Phase.READING, 0.1)
    assert fault.kind == "ended"


def test_an_unknown_host_is_unreachable_and_named() -> None:
    fault = fault_at("rtsp://camera-7.invalid/s1")
    assert fault.kind == "unreachable"
    assert "camera-7.invalid" in str(fault)


def test_a_missing_password_variable_is_told_before_anything_is_sent() -> None:
    spec = spec_for("rtsp://op@127.0.0.1:1/s1", password_env="GRIDPATROL_NO_SUCH_PASSWORD")
    with pytest.raises(FeedError, match="GRIDPATROL_NO_SUCH_PASSWORD") as failed:
        probe(spec, TIMEOUT_S)
    assert failed.value.kind == "auth"


def test_a_silent_camera_stalls_is_tried_again_and_never_shows_its_password(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG), tcp_server(says_nothing) as port:
        runner = FeedRunner(live(f"rtsp://op:{SECRET}@127.0.0.1:{port}/s1"), Mailbox(), ladder_s=(0.05,))
        runner.start()
        wait_for(lambda: runner.status().reconnects >= 2, "two more tries")
        status = runner.status()
        runner.stop(5)
    assert status.error_kind == "stalled"
    assert status.transitions["connecting>stalled"] >= 2
    shown = capfd.readouterr()
    for text in (repr(status), caplog.text, shown.out, shown.err):
        assert SECRET not in text


def test_motion_jpeg_over_http_is_live_and_its_end_is_a_fault() -> None:
    jpegs = [cv2.imencode(".jpg", grey(index))[1].tobytes() for index in range(40)]
    with tcp_server(sends_mjpeg(jpegs, gap_s=0.02)) as port:
        mailbox = Mailbox()
        runner = FeedRunner(live(f"http://op:{SECRET}@127.0.0.1:{port}/mjpeg"), mailbox, ladder_s=(0.05,))
        runner.start()
        try:
            frame = mailbox.take(5)
            assert frame is not None
            assert frame.image.shape == (96, 128, 3)
            status = wait_for_kind(runner, "ended")
            assert status.codec == "mjpeg"
            wait_for(lambda: runner.status().transitions.get("connecting>live", 0) >= 2, "its return")
        finally:
            runner.stop(5)


def test_a_live_feed_that_falls_silent_is_stalled(tmp_path: Path) -> None:
    stream = make_clip(tmp_path / "clip.ts", pictures=60, textured=True).read_bytes()
    with tcp_server(sends_bytes(stream, then_waits=True)) as port:
        runner = FeedRunner(live(f"http://127.0.0.1:{port}/live.ts"), Mailbox(), ladder_s=(5,))
        runner.start()
        try:
            wait_for_state(runner, "live")
            status = wait_for_state(runner, "stalled")
            assert status.error_kind == "stalled"
            assert status.frames_decoded > 0
        finally:
            runner.stop(5)


def test_one_bad_camera_holds_up_no_other(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4")
    good_box = Mailbox(lossless=True)
    good = FeedRunner(FeedSpec.model_validate({"id": "GOOD", "url": str(clip), "pace": "fast"}), good_box)
    with tcp_server(says_nothing) as port:
        bad = [FeedRunner(live(f"rtsp://127.0.0.1:{port}/{n}", f"BAD-{n}"), Mailbox()) for n in range(4)]
        for runner in [*bad, good]:
            runner.start()
        try:
            assert good_box.take(3) is not None
        finally:
            stoppers = [threading.Thread(target=runner.stop, args=(3,)) for runner in [*bad, good]]
            for stopper in stoppers:
                stopper.start()
            for stopper in stoppers:
                stopper.join()


def live(url: str, camera_id: str = "CAM-01") -> FeedSpec:
    return FeedSpec.model_validate({"id": camera_id, "url": url, "interval_s": 0, "timeout_s": TIMEOUT_S})
