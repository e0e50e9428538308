from datetime import UTC, datetime

from core.clock import ManualClock
from core.errors import FeedUnreachable
from core.ids import CameraId
from streams.camera import CameraHealth, CameraState
from streams.sources import FeedFacts
from streams.spec import FeedSpec

START = datetime(2026, 3, 1, tzinfo=UTC)
SPEC = FeedSpec(id=CameraId("CAM-01"), name="North gate", url="rtsp://op:geh3im@10.0.0.9/s1")


def test_transitions_are_counted_and_staying_is_none() -> None:
    clock = ManualClock(START)
    health = CameraHealth(SPEC, clock)
    for state in (CameraState.DOWN, CameraState.DOWN, CameraState.CONNECTING, CameraState.DOWN):
        clock.advance(1)
        health.enter(state)
    status = health.status(frames_dropped=0)
    assert dict(status.transitions) == {"connecting>down": 2, "down>connecting": 1}
    assert (status.since - START).total_seconds() == 4


def test_a_fault_stays_on_show_until_the_next_picture() -> None:
    health = CameraHealth(SPEC, ManualClock(START))
    health.enter(CameraState.DOWN, FeedUnreachable(SPEC.id, "rtsp://op:geh3im@10.0.0.9 with geh3im is away"))
    health.reconnecting()
    status = health.status(frames_dropped=0)
    assert (status.state, status.error_kind, status.reconnects) == ("connecting", "unreachable", 1)
    assert status.error == "CAM-01: rtsp://***@10.0.0.9 with *** is away"
    health.picture(START, 64, 48)
    status = health.status(frames_dropped=3)
    assert (status.state, status.error_kind, status.error) == ("live", None, None)
    assert (status.width_px, status.height_px, status.frames_decoded, status.frames_dropped) == (64, 48, 1, 3)


def test_what_the_feed_says_of_itself_is_shown_before_its_first_picture() -> None:
    health = CameraHealth(SPEC, ManualClock(START))
    health.opened(FeedFacts("h264", 1920, 1080, 25.0))
    health.measured_gop(2.0)
    status = health.status(frames_dropped=0)
    assert (status.codec, status.width_px, status.height_px, status.gop_s) == ("h264", 1920, 1080, 2.0)
    assert status.address == "rtsp://10.0.0.9/s1"
    assert status.name == "North gate"
