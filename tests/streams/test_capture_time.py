from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ids import CameraId
from streams.capture_time import MAX_DRIFT_S, UNDATED_ROOM_S, ClipTime, LiveTime, undated_room_s
from streams.spec import FeedSpec
from tests.streams.clips import make_clip

START = datetime(2026, 3, 1, 8, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def test_a_time_lapse_carries_its_own_clock() -> None:
    clip = ClipTime(START, time_scale=90)
    clip.begin_pass(now=after(1e6))
    assert [clip.at(pts_s) for pts_s in (0.0, 1.0, 2.5)] == [START, after(90), after(225)]


def test_a_loop_goes_on_with_the_clock_without_a_gap() -> None:
    clip = ClipTime(START, time_scale=90)
    for passes in range(3):
        clip.begin_pass(now=START)
        assert clip.at(0.0) == after(passes * 360)
        clip.at(3.0)
        clip.end_pass(4.0)


def test_a_pass_that_breaks_off_never_turns_the_clock_back() -> None:
    clip = ClipTime(START, time_scale=10)
    clip.begin_pass(now=START)
    clip.at(3.0)
    clip.begin_pass(now=START)
    assert clip.at(0.0) == after(30)


def test_without_started_at_the_clock_starts_when_the_clip_is_opened() -> None:
    clip = ClipTime(None, time_scale=1)
    clip.begin_pass(now=after(5))
    clip.end_pass(4.0)
    clip.begin_pass(now=after(100))
    assert clip.at(0.0) == after(9)


def test_an_undated_time_lapse_ends_by_now_and_shows_nothing_of_the_future(tmp_path: Path) -> None:
    spec = FeedSpec(id=CameraId("CAM-01"), url=str(make_clip(tmp_path / "a.mp4", pictures=16, fps=4)), time_scale=90)
    clip = ClipTime(None, spec.time_scale, partial(undated_room_s, spec))
    clip.begin_pass(now=START)
    assert clip.at(4.0) == START
    assert clip.at(0.0) == after(-4 * 90)


def test_an_undated_lapse_that_loops_has_a_month_and_a_film_at_its_own_speed_none(tmp_path: Path) -> None:
    path = str(make_clip(tmp_path / "a.mp4", pictures=16, fps=4))
    looped = FeedSpec(id=CameraId("CAM-01"), url=path, time_scale=90, loop=True)
    assert undated_room_s(looped) == UNDATED_ROOM_S
    assert undated_room_s(looped.model_copy(update={"time_scale": 1.0})) == 0.0
    assert undated_room_s(FeedSpec(id=CameraId("CAM-01"), url=str(tmp_path / "none.mp4"), time_scale=2)) == (
        UNDATED_ROOM_S
    )


def test_live_capture_times_follow_the_pts_and_not_the_jitter() -> None:
    live = LiveTime()
    assert live.at(100.0, after(0)) == after(0)
    times = [live.at(100.0 + second, after(second + 0.3)) for second in (1, 2, 3)]
    assert all(abs((at - after(second)).total_seconds()) < 0.05 for at, second in zip(times, (1, 2, 3), strict=True))


def test_an_earlier_arrival_corrects_the_mapping_at_once() -> None:
    live = LiveTime()
    live.at(0.0, after(2.0))
    assert live.at(10.0, after(10.5)) == after(10.5)
    assert abs((live.at(11.0, after(12.0)) - after(11.5)).total_seconds()) < 0.1


@pytest.mark.parametrize("pts_s", [0.0, 1e6], ids=["backwards", "far-ahead"])
def test_a_pts_that_jumps_is_tied_to_the_wall_clock_anew(pts_s: float) -> None:
    live = LiveTime()
    live.at(500.0, after(0))
    assert live.at(pts_s, after(2)) == after(2)
    assert live.resets == 1
    assert live.at(pts_s + 1, after(3)) == after(3)


def test_a_slow_camera_clock_is_followed() -> None:
    live = LiveTime()
    for second in range(2000):
        captured = live.at(second * 0.999, after(second))
        assert abs((captured - after(second)).total_seconds()) < 0.1
    assert live.resets == 0


def test_a_feed_without_pts_gets_the_moment_of_arrival() -> None:
    assert LiveTime().at(None, after(3)) == after(3)


@given(st.lists(st.tuples(st.none() | st.floats(-1e7, 1e7), st.floats(0, 100)), max_size=40))
def test_live_capture_times_are_never_in_the_future_and_never_run_backwards(
    steps: list[tuple[float | None, float]],
) -> None:
    live = LiveTime()
    now_s = 0.0
    last = START - timedelta(days=1)
    for pts_s, gap_s in steps:
        now_s += gap_s
        captured = live.at(pts_s, after(now_s))
        assert last <= captured <= after(now_s)
        assert captured >= after(now_s - MAX_DRIFT_S - 1e-3) or captured == last
        last = captured
