"""Cameras behind a gateway, end to end: its REST, a real RTSP server, the real reader."""

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from streams.gateways.registry import Gateways
from streams.gateways.spec import GatewaySpec
from streams.mailbox import Mailbox
from streams.probe import probe, spec_for
from streams.runner import FeedRunner
from streams.spec import FeedSpec
from tests.streams.clips import make_clip
from tests.streams.patience import wait_for, wait_for_kind, wait_for_state
from tests.streams.servers import sends_bytes, tcp_server
from tests.support.rtsp_server import RtspServer, require_rtsp_server
from tests.support.wvp_gateway import (
    API_KEY,
    CAMERA,
    DEVICE,
    OTHER_CAMERA,
    PASSWORD,
    USERNAME,
    FakeChannel,
    FakeDevice,
    FakeWvp,
)

STREAM = f"{DEVICE}_{CAMERA}"


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    options = {"preset": "veryfast", "sc_threshold": "0", "bf": "0"}
    return make_clip(tmp_path_factory.mktemp("wvp") / "clip.mp4", pictures=50, fps=25, gop=10, options=options)


@pytest.fixture
def media(clip: Path) -> Iterator[RtspServer]:
    """The gateway's media server."""
    require_rtsp_server()
    with RtspServer({STREAM: clip}) as server:
        yield server


@pytest.fixture
def wvp() -> Iterator[FakeWvp]:
    with FakeWvp([FakeDevice(DEVICE, [FakeChannel(CAMERA), FakeChannel(OTHER_CAMERA)])]) as gateway:
        yield gateway


def section(wvp: FakeWvp, **more: object) -> GatewaySpec:
    return GatewaySpec.model_validate({"url": wvp.url, "username": USERNAME, "password": PASSWORD, **more})


def camera(channel: str = CAMERA, **more: object) -> FeedSpec:
    url = f"wvp://city/{DEVICE}/{channel}"
    return FeedSpec.model_validate({"id": "CAM-01", "url": url, "interval_s": 0, "timeout_s": 2.0, **more})


@contextmanager
def watching(gateway: GatewaySpec, spec: FeedSpec | None = None) -> Iterator[tuple[FeedRunner, Gateways]]:
    gateways = Gateways({"city": gateway})
    runner = FeedRunner(spec or camera(), Mailbox(), ladder_s=(0.1, 0.2), make_source=gateways.source_of)
    runner.start()
    try:
        yield runner, gateways
    finally:
        runner.stop(5)


@pytest.mark.rtsp
def test_a_channel_is_played_on_demand_read_and_stopped_when_it_closes(wvp: FakeWvp, media: RtspServer) -> None:
    wvp.devices[DEVICE].channels[0].rtsp = media.url(STREAM)
    with watching(section(wvp)) as (runner, gateways):
        status = wait_for_state(runner, "live")
        assert (status.codec, status.width_px, status.height_px) == ("h264", 128, 96)
        assert status.address == f"wvp://city/{DEVICE}/{CAMERA}"
        assert wvp.playing == {(DEVICE, CAMERA)}
    assert wvp.playing == set()
    counters = gateways.counters()["city"]
    assert (counters.plays, counters.stops, counters.failed_stops) == (1, 1, 0)
    assert wvp.count("/api/user/login") == 1


@pytest.mark.rtsp
def test_a_stream_that_the_server_drops_is_played_again(wvp: FakeWvp, media: RtspServer) -> None:
    wvp.devices[DEVICE].channels[0].rtsp = media.url(STREAM)
    with watching(section(wvp)) as (runner, gateways):
        wait_for_state(runner, "live")
        media.kill()
        wait_for_kind(runner, "unreachable")
        wait_for(lambda: gateways.counters()["city"].plays >= 2, "a second play")
        media.start()
        wait_for_state(runner, "live")
        assert runner.status().transitions["live>down"] == 1
        assert runner.status().error_kind is None


@pytest.mark.rtsp
def test_a_token_that_ran_out_is_renewed_and_the_camera_comes_back(wvp: FakeWvp, media: RtspServer) -> None:
    wvp.devices[DEVICE].channels[0].rtsp = media.url(STREAM)
    with watching(section(wvp)) as (runner, _):
        wait_for_state(runner, "live")
        wvp.forget_tokens()
        media.kill()
        media.start()
        wait_for(lambda: wvp.count("/api/user/login") == 2, "a second login")
        wait_for_state(runner, "live")


@pytest.mark.rtsp
def test_a_gateway_that_went_away_is_told_apart_and_the_camera_comes_back_with_it(
    wvp: FakeWvp, media: RtspServer
) -> None:
    wvp.devices[DEVICE].channels[0].rtsp = media.url(STREAM)
    with watching(section(wvp)) as (runner, _):
        wait_for_state(runner, "live")
        wvp.stop()
        media.kill()
        media.start()
        status = wait_for_kind(runner, "unreachable")
        assert "gateway city" in (status.error or "")
        wvp.start()
        wait_for_state(runner, "live")


@pytest.mark.rtsp
def test_the_probe_looks_through_a_gateway(wvp: FakeWvp, media: RtspServer) -> None:
    wvp.devices[DEVICE].channels[0].rtsp = media.url(STREAM)
    gateways = Gateways({"city": section(wvp)})
    found = probe(spec_for(camera().url), 5, gateways.source_of)
    assert (found.codec, found.gop_frames) == ("h264", 10)
    assert wvp.playing == set()


def test_flv_is_read_where_it_is_preferred(wvp: FakeWvp, tmp_path: Path) -> None:
    content = make_clip(tmp_path / "clip.flv").read_bytes()
    with tcp_server(sends_bytes(content, then_waits=True)) as port:
        row = wvp.devices[DEVICE].channels[0]
        row.rtsp = f"rtsp://127.0.0.1:1/{STREAM}"
        row.flv = f"http://127.0.0.1:{port}/rtp/{STREAM}.live.flv?callId=call-s3cret"
        with watching(section(wvp, transport="flv")) as (runner, _):
            assert wait_for_state(runner, "live").codec == "h264"


def test_the_streams_host_is_replaced_where_the_media_server_is_reached_otherwise(wvp: FakeWvp, tmp_path: Path) -> None:
    content = make_clip(tmp_path / "clip.flv").read_bytes()
    with tcp_server(sends_bytes(content, then_waits=True)) as port:
        wvp.devices[DEVICE].channels[0].flv = f"http://media.invalid:{port}/rtp/{STREAM}.live.flv"
        with watching(section(wvp, transport="flv", media_host="127.0.0.1")) as (runner, _):
            wait_for_state(runner, "live")


@pytest.mark.parametrize(
    ("plays_as", "url"),
    [
        (f"{DEVICE}_{OTHER_CAMERA}", f"rtsp://127.0.0.1:1/rtp/{DEVICE}_{OTHER_CAMERA}"),
        (STREAM, f"rtsp://127.0.0.1:1/rtp/{DEVICE}_{OTHER_CAMERA}"),
        ("0BEBC2F0", "rtsp://127.0.0.1:1/rtp/0BEBC2F0"),
    ],
    ids=["another-channel's-name", "another-channel's-address", "no-name"],
)
def test_a_stream_of_another_channel_is_never_looked_at(wvp: FakeWvp, plays_as: str, url: str) -> None:
    row = wvp.devices[DEVICE].channels[0]
    row.rtsp, row.plays_as = url, plays_as
    with watching(section(wvp)) as (runner, _):
        status = wait_for_kind(runner, "not_found")
        assert CAMERA in (status.error or "")
        assert status.frames_decoded == 0
    assert wvp.playing == set()


def test_a_gateway_that_names_streams_by_ssrc_is_taken_at_its_word_only_when_told_so(
    wvp: FakeWvp, tmp_path: Path
) -> None:
    content = make_clip(tmp_path / "clip.flv").read_bytes()
    with tcp_server(sends_bytes(content, then_waits=True)) as port:
        row = wvp.devices[DEVICE].channels[0]
        row.plays_as, row.flv = "0BEBC2F0", f"http://127.0.0.1:{port}/rtp/0BEBC2F0.live.flv"
        with watching(section(wvp, check_identity=False)) as (runner, _):
            wait_for_state(runner, "live")


def test_what_a_gateway_answers_is_never_opened_as_a_file(wvp: FakeWvp, tmp_path: Path) -> None:
    secret = make_clip(tmp_path / f"{STREAM}.mp4")
    wvp.devices[DEVICE].channels[0].rtsp = secret.as_uri()
    with watching(section(wvp)) as (runner, _):
        assert wait_for_kind(runner, "corrupt").frames_decoded == 0


def test_a_wrong_password_is_asked_once_and_told_without_repeating_it(
    wvp: FakeWvp, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = "wr0ng-s3cret"
    with watching(section(wvp, password=wrong)) as (runner, _):
        wait_for_kind(runner, "auth")
        wait_for(lambda: runner.status().reconnects >= 3, "three more tries")
        told = f"{runner.status()}{caplog.text}"
    assert wvp.count("/api/user/login") == 1
    assert "用户名或密码错误" in told
    for secret in (wrong, hashlib.md5(wrong.encode(), usedforsecurity=False).hexdigest(), PASSWORD):
        assert secret not in told


def test_no_secret_of_a_gateway_reaches_a_log_or_a_status(wvp: FakeWvp, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    wvp.devices[DEVICE].channels[0].rtsp = f"rtsp://127.0.0.1:1/rtp/{STREAM}?callId=call-s3cret"
    with watching(section(wvp)) as (runner, gateways):
        wait_for_kind(runner, "unreachable")
        told = f"{runner.status()}{caplog.text}{gateways!r}{section(wvp)!r}"
    assert wvp.count("/api/play/start") >= 1
    assert "s3cret" not in told
    assert hashlib.md5(PASSWORD.encode(), usedforsecurity=False).hexdigest() not in told


def test_an_api_key_needs_no_login(wvp: FakeWvp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITY_KEY", API_KEY)
    spec = GatewaySpec(url=wvp.url, api_key_env="CITY_KEY")
    with watching(spec) as (runner, _):
        wait_for_kind(runner, "stalled")  # let in; the fake device sends nothing
    assert wvp.count("/api/user/login") == 0


def test_a_missing_variable_is_named(wvp: FakeWvp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CITY_KEY", raising=False)
    with watching(GatewaySpec(url=wvp.url, api_key_env="CITY_KEY")) as (runner, _):
        assert "CITY_KEY" in (wait_for_kind(runner, "auth").error or "")


def test_a_channel_that_the_device_does_not_have_is_not_found(wvp: FakeWvp) -> None:
    missing = "34020000001320000099"
    with watching(section(wvp), camera(missing)) as (runner, _):
        assert missing in (wait_for_kind(runner, "not_found").error or "")
    assert wvp.count("/api/play/start") == 0


def test_an_http_404_is_not_found(wvp: FakeWvp) -> None:
    wvp.statuses["/api/play/start"] = 404
    with watching(section(wvp)) as (runner, _):
        wait_for_kind(runner, "not_found")


def test_an_offline_channel_is_not_played_for_it_might_show_another_cameras_picture(wvp: FakeWvp) -> None:
    row = wvp.devices[DEVICE].channels[0]
    row.status, row.rtsp = "OFF", f"rtsp://127.0.0.1:1/rtp/{STREAM}"
    with watching(section(wvp)) as (runner, _):
        assert "offline" in (wait_for_kind(runner, "unreachable").error or "")
    assert wvp.count("/api/play/start") == 0


def test_an_offline_channel_is_played_where_the_list_is_not_trusted(wvp: FakeWvp) -> None:
    wvp.devices[DEVICE].channels[0].status = "OFF"
    with watching(section(wvp, trust_status=False)) as (runner, _):
        wait_for_kind(runner, "stalled")
    assert wvp.count("/api/play/start") >= 1


def test_a_device_that_sends_nothing_is_stalled(wvp: FakeWvp) -> None:
    with watching(section(wvp)) as (runner, _):
        status = wait_for_kind(runner, "stalled")
        assert "信令超时" in (status.error or "")


def test_a_slow_gateway_costs_the_camera_its_deadline_and_no_more(wvp: FakeWvp) -> None:
    wvp.delays_s["/api/play/start"] = 30
    with watching(section(wvp), camera(timeout_s=0.5)) as (runner, _):
        status = wait_for_kind(runner, "stalled", timeout_s=5)
        assert "gateway city" in (status.error or "")
        assert status.state in ("stalled", "connecting")


def test_what_is_no_gateway_is_told_so(wvp: FakeWvp) -> None:
    wvp.statuses["/api/user/login"] = 200
    with watching(section(wvp)) as (runner, _):
        assert "check the url" in (wait_for_kind(runner, "corrupt").error or "")


def test_a_camera_of_an_unknown_gateway_names_the_section_it_needs(wvp: FakeWvp) -> None:
    spec = camera().model_copy(update={"url": f"wvp://elsewhere/{DEVICE}/{CAMERA}"})
    with watching(section(wvp), spec) as (runner, _):
        assert "elsewhere" in (wait_for_kind(runner, "not_found").error or "")


def test_one_channel_held_by_two_cameras_is_stopped_when_the_last_one_closes(wvp: FakeWvp, tmp_path: Path) -> None:
    content = make_clip(tmp_path / "clip.flv").read_bytes()
    with tcp_server(sends_bytes(content, then_waits=True)) as port:
        wvp.devices[DEVICE].channels[0].flv = f"http://127.0.0.1:{port}/rtp/{STREAM}.live.flv"
        gateways = Gateways({"city": section(wvp)})
        first, second = (gateways.source_of(camera(id=name)) for name in ("CAM-01", "CAM-02"))
        first.open()
        second.open()
        first.close()
        assert wvp.playing == {(DEVICE, CAMERA)}
        second.close()
        assert wvp.playing == set()


def test_a_gateway_others_look_through_is_not_told_to_hang_up(wvp: FakeWvp, tmp_path: Path) -> None:
    content = make_clip(tmp_path / "clip.flv").read_bytes()
    with tcp_server(sends_bytes(content, then_waits=True)) as port:
        wvp.devices[DEVICE].channels[0].flv = f"http://127.0.0.1:{port}/rtp/{STREAM}.live.flv"
        source = Gateways({"city": section(wvp, stop_on_close=False)}).source_of(camera())
        source.open()
        source.close()
        assert wvp.playing == {(DEVICE, CAMERA)}
