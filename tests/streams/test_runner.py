"""The supervisor, with scripted connections: what a camera can do wrong."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from core.errors import FeedAuthFailed, FeedEnded, FeedUnreachable
from core.ids import CameraId
from streams.mailbox import Mailbox
from streams.runner import FeedRunner
from streams.scripted import Fail, Hang, ScriptedFeed, Show, Step
from streams.sources import PassEnd, Source
from streams.spec import FeedSpec
from tests.streams.clips import grey, index_of
from tests.streams.patience import wait_for, wait_for_kind, wait_for_state

CAM = CameraId("CAM-01")
LIVE = FeedSpec(id=CAM, url="rtsp://op:geh3im@10.0.0.9/s1", interval_s=0, timeout_s=0.1)
ENDED = Fail(FeedEnded(CAM, "hung up"))


@pytest.fixture
def release() -> Iterator[threading.Event]:
    """Lets every hanging call of a test return when the test is over."""
    event = threading.Event()
    yield event
    event.set()


@contextmanager
def running(
    make_source: Callable[[FeedSpec], Source],
    spec: FeedSpec = LIVE,
    mailbox: Mailbox | None = None,
    release: threading.Event | None = None,
) -> Iterator[FeedRunner]:
    runner = FeedRunner(spec, mailbox or Mailbox(), ladder_s=(0.02,), make_source=make_source)
    runner.start()
    try:
        yield runner
    finally:
        if release is not None:
            release.set()
        runner.stop(5)


def readers_of(camera_id: str) -> int:
    return sum(thread.name == f"feed-{camera_id}" for thread in threading.enumerate())


def test_the_end_of_a_live_feed_is_a_fault_and_it_comes_back(release: threading.Event) -> None:
    mailbox = Mailbox()
    scripts: list[list[Step]] = [[Show(0, grey(1)), ENDED], [Show(0, grey(2)), Hang(release)]]
    with running(ScriptedFeed.connections(*scripts), mailbox=mailbox, release=release) as runner:
        wait_for(lambda: runner.status().frames_decoded == 2, "the second connection's picture")
        status = runner.status()
        assert status.state in ("live", "stalled")
        assert status.reconnects == 1
        assert status.transitions["live>down"] == 1
        assert status.transitions["down>connecting"] == 1
        frame = mailbox.take(1)
        assert frame is not None
        assert (index_of(frame.image), frame.seq) == (2, 1)


def test_a_call_that_never_returns_is_left_behind_and_the_camera_comes_back(release: threading.Event) -> None:
    mailbox = Mailbox()
    scripts: list[list[Step]] = [[Hang(release)], [Show(0, grey(1)), Show(1, grey(2)), ENDED]]
    with running(ScriptedFeed.connections(*scripts), mailbox=mailbox, release=release) as runner:
        status = wait_for_state(runner, "stalled")
        assert status.error_kind == "stalled"
        assert "no picture for" in (status.error or "")
        assert mailbox.take(5) is not None
        assert runner.status().reconnects >= 1


def test_at_most_one_reader_is_left_behind_however_often_a_camera_hangs(release: threading.Event) -> None:
    with running(ScriptedFeed.connections([Hang(release)]), release=release) as runner:
        wait_for(lambda: readers_of(CAM) == 2, "the second reader")
        assert runner.status().reconnects == 1
        threading.Event().wait(1.5)  # several limits of 0.7 s: nothing piles up
        assert readers_of(CAM) == 2
        assert runner.status().state == "stalled"
        assert runner.status().reconnects == 1


def test_a_reader_left_behind_cannot_speak_for_the_camera_any_more(release: threading.Event) -> None:
    late = threading.Event()
    mailbox = Mailbox()
    scripts: list[list[Step]] = [[Hang(late), Show(0, grey(9))], [Show(0, grey(1)), Hang(release)]]
    with running(ScriptedFeed.connections(*scripts), mailbox=mailbox, release=release) as runner:
        frame = mailbox.take(5)
        assert frame is not None
        assert index_of(frame.image) == 1
        late.set()
        wait_for(lambda: readers_of(CAM) <= 1, "the first reader's end")
        assert mailbox.take(0) is None
        assert runner.status().frames_decoded == 1


def test_a_hanging_camera_does_not_hold_up_stopping(release: threading.Event) -> None:
    runner = FeedRunner(LIVE.model_copy(update={"timeout_s": 60.0}), Mailbox(), make_source=lambda _: feed)
    feed = ScriptedFeed([Show(0, grey(1)), Hang(release)])
    runner.start()
    wait_for_state(runner, "live")
    stopper = threading.Thread(target=runner.stop, args=(0.3,))
    stopper.start()
    stopper.join(5)
    assert not stopper.is_alive()
    assert runner.status().state == "disabled"


def test_stopping_joins_every_thread_of_a_healthy_camera() -> None:
    image = grey(1)
    endless: list[Step] = [Show(second / 100, image) for second in range(100_000)]
    with running(ScriptedFeed.connections(endless)) as runner:
        wait_for_state(runner, "live")
    assert readers_of(CAM) == 0
    assert not any(thread.name == f"camera-{CAM}" for thread in threading.enumerate())
    assert runner.status().state == "disabled"


def test_corrupt_pictures_are_counted_and_the_next_good_one_is_live() -> None:
    steps: list[Step] = [Show(0, None), Show(1, None), Show(2, grey(3)), ENDED]
    with running(ScriptedFeed.connections(steps, [Fail(FeedUnreachable(CAM, "away"))])) as runner:
        status = wait_for_kind(runner, "unreachable")
        assert (status.frames_corrupt, status.frames_decoded) == (2, 1)


def test_only_due_pictures_are_decoded() -> None:
    steps: list[Step] = [Show(second, grey(second)) for second in range(50)]
    spec = LIVE.model_copy(update={"interval_s": 3600.0})
    with running(ScriptedFeed.connections([*steps, ENDED], [Fail(FeedUnreachable(CAM, "away"))]), spec) as runner:
        status = wait_for_kind(runner, "unreachable")
        assert (status.frames_decoded, status.gop_s) == (1, 1.0)


def test_a_clip_without_one_good_picture_is_corrupt_and_not_ended() -> None:
    spec = FeedSpec(id=CAM, url="clip.mp4", pace="fast")
    with running(ScriptedFeed.connections([Show(0, None), PassEnd(1)]), spec) as runner:
        assert wait_for_kind(runner, "corrupt").state in ("down", "connecting")


def test_repeated_faults_are_logged_once_and_without_the_password(caplog: pytest.LogCaptureFixture) -> None:
    fault = FeedAuthFailed(CAM, "rtsp://op:geh3im@10.0.0.9/s1 refuses geh3im")
    with caplog.at_level(logging.DEBUG), running(ScriptedFeed.connections([Fail(fault)])) as runner:
        wait_for(lambda: runner.status().reconnects > 5, "some tries")
        assert "geh3im" not in repr(runner.status())
    assert len(caplog.records) == 1
    assert "geh3im" not in caplog.text


def test_a_bug_in_a_reader_costs_only_its_camera_and_its_log_holds_no_password(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(spec: FeedSpec) -> Source:
        raise KeyError(spec.full_url())

    with caplog.at_level(logging.DEBUG), running(broken) as runner:
        status = wait_for_kind(runner, "error")
        assert status.state in ("down", "connecting")
    assert "KeyError" in caplog.text
    assert "geh3im" not in caplog.text
