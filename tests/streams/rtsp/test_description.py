"""Session descriptions as cameras write them."""

import pytest

from streams.rtsp.description import VideoTrack, base_url, control_url, video_track
from streams.rtsp.errors import RtspUnreadable, RtspUnsuited

HEAD = "v=0\r\no=- 1 1 IN IP4 10.0.0.7\r\ns=Session\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\na=control:*\r\n"
AUDIO = "m=audio 0 RTP/AVP 8\r\na=control:trackID=2\r\na=rtpmap:8 PCMA/8000\r\n"
H264 = (
    "m=video 0 RTP/AVP 96\r\nb=AS:5000\r\na=framerate:25.0\r\na=control:trackID=1\r\na=rtpmap:96 H264/90000\r\n"
    "a=fmtp:96 profile-level-id=4D0028;packetization-mode=1;sprop-parameter-sets=Z00AKA==,aO48gA==\r\n"
)
H265 = (
    "m=video 0 RTP/AVP 98\r\na=control:rtsp://10.0.0.7/h265/track1\r\na=rtpmap:98 H265/90000\r\n"
    "a=fmtp:98 sprop-vps=QAEM; sprop-sps=QgEB; sprop-pps=RAHB\r\n"
)


def test_an_h264_stream_is_found_behind_the_sound() -> None:
    assert video_track(HEAD + AUDIO + H264) == VideoTrack(
        "trackID=1", 96, "h264", 90_000, (b"\x67\x4d\x00\x28", b"\x68\xee\x3c\x80"), 25.0
    )


def test_an_h265_stream_has_three_kinds_of_parameter_sets() -> None:
    track = video_track(HEAD + H265)
    assert (track.codec, track.control, track.fps) == ("hevc", "rtsp://10.0.0.7/h265/track1", None)
    assert track.parameter_sets == (b"\x40\x01\x0c", b"\x42\x01\x01", b"\x44\x01\xc1")


def test_line_ends_and_capitals_may_be_careless() -> None:
    text = (HEAD + H264).replace("\r\n", "\n").replace("H264/", "h264/").replace("sprop-p", "Sprop-P")
    assert len(video_track(text).parameter_sets) == 2


def test_parameter_sets_that_cannot_be_read_are_left_to_the_stream() -> None:
    text = HEAD + H264.replace("Z00AKA==,aO48gA==", "Z00AK,,%%%")
    assert video_track(text).parameter_sets == ()


@pytest.mark.parametrize(
    "media",
    [
        AUDIO,
        H264.replace("H264/90000", "JPEG/90000"),
        H264.replace("a=rtpmap:96 H264/90000\r\n", ""),
        H264.replace("packetization-mode=1", "packetization-mode=2"),
        H264.replace("RTP/AVP 96", "RTP/AVP"),
        H264.replace("H264/90000", "H264/0"),
    ],
    ids=["sound only", "jpeg", "no mapping", "interleaved packing", "no format", "no clock"],
)
def test_what_this_reader_does_not_read_is_said_to_be_unsuited(media: str) -> None:
    with pytest.raises(RtspUnsuited):
        video_track(HEAD + media)


def test_a_makers_own_format_before_the_picture_is_stepped_over() -> None:
    text = HEAD + H264.replace("RTP/AVP 96", "RTP/AVP 112 96").replace(
        "a=rtpmap", "a=rtpmap:112 x-own/90000\r\na=rtpmap"
    )
    track = video_track(text)
    assert (track.payload_type, track.codec, len(track.parameter_sets)) == (96, "h264", 2)


@pytest.mark.parametrize("text", ["", "hello", "<html></html>"])
def test_what_is_no_description_is_unreadable(text: str) -> None:
    with pytest.raises(RtspUnreadable):
        video_track(text)


@pytest.mark.parametrize(
    ("base", "control", "wanted"),
    [
        ("rtsp://cam/live", "trackID=1", "rtsp://cam/live/trackID=1"),
        ("rtsp://cam/live/", "trackID=1", "rtsp://cam/live/trackID=1"),
        ("rtsp://cam/live", "*", "rtsp://cam/live"),
        ("rtsp://cam/live", "", "rtsp://cam/live"),
        ("rtsp://cam/live", "rtsp://10.0.0.7/live/track1", "rtsp://10.0.0.7/live/track1"),
        ("rtsp://cam/Channels/101?token=1", "trackID=1", "rtsp://cam/Channels/101?token=1/trackID=1"),
    ],
)
def test_a_stream_is_asked_for_where_its_control_says(base: str, control: str, wanted: str) -> None:
    assert control_url(base, control) == wanted


@pytest.mark.parametrize(
    ("given", "session", "wanted"),
    [
        ("", "*", "rtsp://cam:8554/a/live"),
        (" rtsp://10.0.0.7/live/ ", "*", "rtsp://10.0.0.7/live/"),
        ("/live/", "*", "rtsp://cam:8554/live/"),
        ("", "rtsp://10.0.0.7/whole/", "rtsp://10.0.0.7/whole/"),
        ("rtsp://10.0.0.7/live/", "rtsp://10.0.0.7/whole", "rtsp://10.0.0.7/whole"),
    ],
    ids=["nothing given", "whole", "a path only", "the session's own", "the session's own stands above"],
)
def test_controls_are_relative_to_what_the_camera_says(given: str, session: str, wanted: str) -> None:
    track = video_track(HEAD.replace("a=control:*", f"a=control:{session}") + H264)
    assert base_url("rtsp://cam:8554/a/live", given, track.session_control) == wanted
