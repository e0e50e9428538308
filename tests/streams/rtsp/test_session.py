"""Conversations with cameras that have habits of their own."""

import gc
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import FeedAuthFailed, FeedError
from streams.connection import Connection
from streams.mailbox import Mailbox
from streams.opening import source_of
from streams.rtsp.session import RtspSession
from streams.rtsp.source import RtspSource
from streams.runner import FeedRunner
from streams.sources import Candidate, FeedFacts, PassEnd, Source
from streams.spec import FeedSpec
from tests.streams.patience import wait_for
from tests.streams.rtsp.camera import HabitualCamera
from tests.streams.rtsp.test_access_units import encoded, packed
from tests.streams.servers import tcp_server

REALM = 'WWW-Authenticate: Digest realm="cam", nonce="{nonce}"'


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """Three seconds' worth of key frames and others, as RTP packets."""
    return packed("h264", encoded("h264"), tmp_path_factory.mktemp("rtp"), 1472)


class Other:
    """What a feed is handed to that our reader does not read."""

    def __init__(self, spec: FeedSpec) -> None:
        self.was_closed = False

    def open(self) -> FeedFacts:
        return FeedFacts("mjpeg", 64, 48, None)

    def candidates(self, alive: object) -> Iterator[Candidate | PassEnd]:
        yield PassEnd(1.0)

    def close(self) -> None:
        self.was_closed = True


def spec_for(port: int, **more: object) -> FeedSpec:
    return FeedSpec.model_validate({"id": "CAM-01", "url": f"rtsp://127.0.0.1:{port}/live", "timeout_s": 3, **more})


def first_keys(spec: FeedSpec, count: int = 3) -> list[tuple[int, int]]:
    """The sizes of the first pictures."""
    sizes: list[tuple[int, int]] = []
    with closing(source_of(spec)) as source:
        assert isinstance(source, RtspSource)
        source.open()
        for candidate in source.candidates(lambda: None):
            assert isinstance(candidate, Candidate)
            picture = candidate.decode()
            if picture is not None:
                sizes.append((picture.width_px, picture.height_px))
            if len(sizes) == count:
                break
    return sizes


def test_only_tcp_and_key_frames_are_read_here(tmp_path: Path) -> None:
    assert isinstance(source_of(spec_for(554)), RtspSource)
    for more in ({"transport": "udp"}, {"full_decode": True}, {"reader": "ffmpeg"}):
        assert not isinstance(source_of(spec_for(554, **more)), RtspSource)


def test_pictures_come_and_the_session_is_ended_properly(pictures: list[bytes]) -> None:
    camera = HabitualCamera(pictures)
    with tcp_server(camera) as port:
        assert first_keys(spec_for(port)) == [(192, 128)] * 3
    assert [method for method, _ in camera.asked] == ["OPTIONS", "DESCRIBE", "SETUP", "PLAY", "TEARDOWN"]
    assert [headers.get("session") for _, headers in camera.asked] == [None] * 3 + ["12345678"] * 2
    assert camera.asked[2][1]["url"] == f"rtsp://127.0.0.1:{port}/live/track1"


def test_a_server_may_choose_its_own_channels_and_talk_between_the_packets(pictures: list[bytes]) -> None:
    question = b"OPTIONS * RTSP/1.0\r\nCSeq: 77\r\n\r\n"
    camera = HabitualCamera(pictures, channel=4, between=[b"", b"\r\n", question, b"$\x05\x00\x04rtcp", b""])
    with tcp_server(camera) as port:
        assert first_keys(spec_for(port)) == [(192, 128)] * 3
    answered = [headers["cseq"] for method, headers in camera.asked if method == "answer"]
    assert answered
    assert set(answered) == {"77"}


def test_a_short_session_is_kept_alive(pictures: list[bytes]) -> None:
    camera = HabitualCamera(pictures, session="9;timeout=2")
    with tcp_server(camera) as port, closing(source_of(spec_for(port))) as source:
        source.open()
        for _ in source.candidates(lambda: None):
            if any(method == "GET_PARAMETER" for method, _ in camera.asked):
                break


def test_a_nonce_that_grew_stale_is_answered_anew_and_the_password_never_shown(pictures: list[bytes]) -> None:
    nonces = iter(["one", "two"])
    good = {"two"}

    def guard(method: str, headers: dict[str, str]) -> str | None:
        said = headers.get("authorization", "")
        if any(f'nonce="{nonce}"' in said for nonce in good):
            return None
        stale = ", stale=true" if said else ""
        return (
            f"RTSP/1.0 401 Unauthorized\r\nCSeq: {headers['cseq']}\r\n{REALM.format(nonce=next(nonces))}{stale}\r\n\r\n"
        )

    camera = HabitualCamera(pictures, habit=guard)
    with tcp_server(camera) as port:
        assert first_keys(spec_for(port, username="op", password="geh3im"), 1) == [(192, 128)]
    assert all("geh3im" not in str(headers) for _, headers in camera.asked)


def test_a_wrong_password_is_offered_once_and_not_again(pictures: list[bytes]) -> None:
    def guard(method: str, headers: dict[str, str]) -> str:
        return f"RTSP/1.0 401 Unauthorized\r\nCSeq: {headers['cseq']}\r\n{REALM.format(nonce='x')}\r\n\r\n"

    camera = HabitualCamera(pictures, habit=guard)
    with tcp_server(camera) as port, pytest.raises(FeedAuthFailed) as refused:
        source_of(spec_for(port, username="op", password="geh3im")).open()
    assert len(camera.asked) == 2
    assert "geh3im" not in str(refused.value)


def test_a_password_in_the_path_is_asked_with(pictures: list[bytes]) -> None:
    camera = HabitualCamera(pictures)
    with tcp_server(camera) as port:
        path = "user=admin&password=geh3im&channel=1&stream=0.sdp"
        spec = FeedSpec.model_validate({"id": "CAM-01", "url": f"rtsp://127.0.0.1:{port}/{path}", "timeout_s": 3})
        assert first_keys(spec, 1) == [(192, 128)]
    assert camera.asked[1][1]["url"].endswith(path)
    assert "geh3im" not in spec.address


def test_a_nonce_may_be_good_for_one_request_only(pictures: list[bytes]) -> None:
    given: list[str] = []

    def guard(method: str, headers: dict[str, str]) -> str | None:
        if given and given[-1] in headers.get("authorization", ""):
            given[-1] = "used"
            return None
        given.append(f"nonce{len(given)}")
        challenge = REALM.format(nonce=given[-1])
        return f"RTSP/1.0 401 Unauthorized\r\nCSeq: {headers['cseq']}\r\n{challenge}\r\n\r\n"

    with tcp_server(HabitualCamera(pictures, habit=guard)) as port:
        assert first_keys(spec_for(port, username="op", password="geh3im"), 1) == [(192, 128)]


def test_a_camera_that_does_not_know_options_is_asked_for_its_stream_all_the_same(pictures: list[bytes]) -> None:
    def habit(method: str, headers: dict[str, str]) -> str | None:
        return f"RTSP/1.0 501 X\r\nCSeq: {headers['cseq']}\r\n\r\n" if method == "OPTIONS" else None

    with tcp_server(HabitualCamera(pictures, habit=habit)) as port:
        assert first_keys(spec_for(port), 1) == [(192, 128)]


def test_a_stream_that_only_this_reader_cannot_put_together_is_handed_on(pictures: list[bytes]) -> None:
    marked = [packet[:1] + bytes((packet[1] | 0x80,)) + packet[2:] for packet in pictures]
    with tcp_server(HabitualCamera(marked)) as port, closing(RtspSource(spec_for(port), Other)) as source:
        source.open()
        undecoded = [item.decode() for item in source.candidates(lambda: None) if isinstance(item, Candidate)]
    assert 3 <= len(undecoded) < 20
    assert not any(undecoded)


def test_a_stream_that_is_refreshed_bit_by_bit_is_handed_on(tmp_path: Path) -> None:
    refreshed = encoded("h264", **{"x264-params": "intra-refresh=1:keyint=8:min-keyint=8:bframes=0:scenecut=0"})
    rtp = packed("h264", refreshed, tmp_path, 1472)
    with tcp_server(HabitualCamera(rtp)) as port, closing(RtspSource(spec_for(port), Other)) as source:
        source.open()
        pictures = [item.decode() for item in source.candidates(lambda: None) if isinstance(item, Candidate)]
    assert pictures[0] is not None, "it begins with a key frame"
    assert pictures[-3:] == [None] * 3


def test_a_camera_without_tcp_is_told_with_the_setting_that_helps() -> None:
    def habit(method: str, headers: dict[str, str]) -> str | None:
        return f"RTSP/1.0 461 X\r\nCSeq: {headers['cseq']}\r\n\r\n" if method == "SETUP" else None

    with tcp_server(HabitualCamera([], habit=habit)) as port, pytest.raises(FeedError) as refused:
        source_of(spec_for(port)).open()
    assert "does not send over tcp" in str(refused.value)
    assert 'transport = "udp"' in str(refused.value)


@pytest.mark.parametrize(
    "camera",
    [
        HabitualCamera([], codec="JPEG"),
        HabitualCamera([], habit=lambda method, headers: "no RTSP at all\r\n\r\n"),
        HabitualCamera(
            [], habit=lambda method, headers: "RTSP/1.0 461 X\r\nCSeq: 1\r\n\r\n" if method == "SETUP" else None
        ),
    ],
    ids=["another codec", "another protocol", "no TCP"],
)
def test_what_is_not_for_this_reader_is_handed_on(camera: HabitualCamera) -> None:
    made: list[Other] = []

    def make(spec: FeedSpec) -> Source:
        made.append(Other(spec))
        return made[0]

    with tcp_server(camera) as port, closing(RtspSource(spec_for(port), make)) as source:
        assert source.open().codec == "mjpeg"
        assert list(source.candidates(lambda: None)) == [PassEnd(1.0)]
    assert made[0].was_closed


def test_a_stream_that_turns_into_something_else_is_handed_on_too(pictures: list[bytes]) -> None:
    camera = HabitualCamera(pictures, between=[b""] * 40 + [b"and now for something else\r\n\r\n"])
    with tcp_server(camera) as port, closing(RtspSource(spec_for(port), Other)) as source:
        source.open()
        assert list(source.candidates(lambda: None))[-1] == PassEnd(1.0)


def test_a_camera_that_falls_silent_is_stalled_and_one_that_hangs_up_has_ended(pictures: list[bytes]) -> None:
    with tcp_server(HabitualCamera([])) as port, closing(source_of(spec_for(port, timeout_s=0.3))) as source:
        source.open()
        with pytest.raises(FeedError) as silent:
            list(source.candidates(lambda: None))
    assert silent.value.kind == "stalled"

    def leaves(method: str, headers: dict[str, str]) -> str | None:
        if method == "GET_PARAMETER":
            raise OSError
        return None

    camera = HabitualCamera(pictures, habit=leaves, session="9;timeout=2")
    with tcp_server(camera) as port, closing(source_of(spec_for(port))) as source:
        source.open()
        with pytest.raises(FeedError) as ended:
            list(source.candidates(lambda: None))
    assert ended.value.kind == "ended"


def test_a_camera_that_is_tried_again_and_again_keeps_nothing_of_the_tries_before() -> None:
    with tcp_server(lambda caller, over: None) as port:
        runner = FeedRunner(spec_for(port), Mailbox(), ladder_s=(0.01,))
        gc.collect()
        of_others = len(connections())
        gc.disable()  # what only a full collection would find does not count: there is one in an hour
        try:
            runner.start()
            wait_for(lambda: runner.status().reconnects >= 12, "some tries")
            assert len(connections()) - of_others <= 4
        finally:
            gc.enable()
            runner.stop(5)


def connections() -> list[object]:
    """Those that this process holds at present, dead ones included."""
    return [each for each in gc.get_objects() if isinstance(each, RtspSession | Connection)]
