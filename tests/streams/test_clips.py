"""Files through a real runner and a real decoder."""

import itertools
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import numpy as np
import pytest

from core.clock import SystemClock
from streams.camera import CameraState, CameraStatus
from streams.frames import Frame
from streams.mailbox import Mailbox
from streams.runner import FeedRunner
from streams.spec import FeedSpec
from tests.streams.clips import index_of, make_audio_only, make_changing_size_stream, make_clip
from tests.streams.patience import take_all, wait_for_kind, wait_for_state

START = datetime(2026, 3, 1, 8, tzinfo=UTC)


def play(path: Path, at_most: int = 1000, **more: object) -> tuple[list[Frame], CameraStatus]:
    """Play a clip as fast as possible, losing nothing."""
    settings = {"id": "CAM-01", "url": str(path), "started_at": START, "pace": "fast", "interval_s": 0.0, **more}
    mailbox = Mailbox(lossless=True)
    runner = FeedRunner(FeedSpec.model_validate(settings), mailbox, ladder_s=(0.05,))
    runner.start()
    try:
        frames = take_all(runner, mailbox, at_most)
        return frames, runner.status()
    finally:
        runner.stop(5)


def seconds(frames: list[Frame]) -> list[float]:
    return [round((frame.captured_at - START).total_seconds(), 3) for frame in frames]


@pytest.mark.parametrize("b_frames", [0, 2])
def test_only_key_frames_are_decoded_and_each_is_the_right_one(tmp_path: Path, b_frames: int) -> None:
    options = {"preset": "medium", "bf": str(b_frames), "sc_threshold": "0"}
    frames, status = play(make_clip(tmp_path / "clip.mp4", options=options))
    assert [index_of(frame.image) for frame in frames] == [0, 4, 8, 12]
    assert seconds(frames) == [0, 1, 2, 3]
    assert [frame.seq for frame in frames] == [0, 1, 2, 3]
    assert (status.state, status.error_kind) == ("ended", None)
    assert (status.codec, status.width_px, status.height_px, status.gop_s) == ("h264", 128, 96, 1.0)
    assert (status.frames_decoded, status.frames_corrupt, status.frames_dropped) == (4, 0, 0)
    assert dict(status.transitions) == {"connecting>live": 1, "live>ended": 1}


def test_full_decode_gives_every_picture_also_those_the_decoder_holds_back(tmp_path: Path) -> None:
    options = {"preset": "medium", "bf": "2", "sc_threshold": "0"}
    frames, _ = play(make_clip(tmp_path / "clip.mp4", options=options), full_decode=True)
    assert [index_of(frame.image) for frame in frames] == list(range(16))
    assert seconds(frames) == [index / 4 for index in range(16)]


def test_a_frame_is_read_only_bgr_named_after_its_camera(tmp_path: Path) -> None:
    frames, _ = play(make_clip(tmp_path / "clip.mp4"))
    image = frames[0].image
    assert image.shape == (96, 128, 3)
    assert image.dtype.name == "uint8"
    assert image.flags.c_contiguous
    assert not image.flags.writeable
    assert (frames[0].camera_id, frames[0].view_id) == ("CAM-01", "CAM-01")


def test_a_looped_time_lapse_goes_on_with_its_clock_and_never_skips_its_first_key_frame(tmp_path: Path) -> None:
    frames, _ = play(make_clip(tmp_path / "clip.mp4"), at_most=12, loop=True, time_scale=90.0)
    assert [index_of(frame.image) for frame in frames] == [0, 4, 8, 12] * 3
    assert seconds(frames) == [90.0 * second for second in range(12)]


def test_the_interval_chooses_by_the_clips_own_seconds_when_played_fast(tmp_path: Path) -> None:
    frames, status = play(make_clip(tmp_path / "clip.mp4", pictures=40), interval_s=2.0)
    assert seconds(frames) == [0, 2, 4, 6, 8]
    assert status.frames_decoded == 5


def test_an_interval_between_two_beats_of_the_key_frames_is_kept_in_the_mean(tmp_path: Path) -> None:
    frames, _ = play(make_clip(tmp_path / "clip.mp4", pictures=200, gop=8), interval_s=3.0)
    assert seconds(frames)[:6] == [0, 4, 6, 10, 12, 16], "a key frame each 2 s, so 3 s in the mean"


def test_intervals_stretch_while_the_machine_cannot_follow(tmp_path: Path) -> None:
    stretch = iter([1.0, 1.0, 3.0, 3.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0])
    settings = {"id": "CAM-01", "url": str(make_clip(tmp_path / "clip.mp4", pictures=48)), "started_at": START}
    spec = FeedSpec.model_validate({**settings, "pace": "fast", "interval_s": 1.0})
    mailbox = Mailbox(lossless=True)
    runner = FeedRunner(spec, mailbox, stretch=lambda: next(stretch))
    runner.start()
    try:
        frames = take_all(runner, mailbox, 100)
    finally:
        runner.stop(5)
    assert seconds(frames) == [0, 1, 2, 5, 8, 9, 10, 11]


def test_no_picture_is_decoded_while_the_one_before_still_waits_to_be_looked_at(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", pictures=24)  # a key frame each second, played in its own time
    spec = FeedSpec.model_validate({"id": "CAM-01", "url": str(clip), "started_at": START, "interval_s": 1.0})
    mailbox = Mailbox()
    runner = FeedRunner(spec, mailbox)
    runner.start()
    try:
        wait_for_state(runner, CameraState.ENDED)
    finally:
        runner.stop(5)
    status, waiting = runner.status(), mailbox.take(0)
    assert waiting is not None
    # The first waits until it is stale; then one takes its place: six seconds, six key frames.
    assert (status.frames_decoded, mailbox.passed_over, mailbox.dropped) == (2, 4, 1)
    assert status.frames_dropped == 5
    assert seconds([waiting]) in ([3], [4])  # the wall clock decides which one finds the first stale


def test_the_interval_spans_the_seam_of_a_loop(tmp_path: Path) -> None:
    frames, _ = play(make_clip(tmp_path / "clip.mp4", pictures=12), at_most=4, interval_s=2.0, loop=True)
    assert seconds(frames) == [0, 2, 4, 6]


def test_realtime_takes_as_long_as_the_clip_and_a_time_scale_does_not_stretch_it(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", pictures=6, fps=20, gop=2)
    clock = SystemClock()
    began_s = clock.monotonic()
    frames, _ = play(clip, pace="realtime", time_scale=1000.0)
    assert 0.3 <= clock.monotonic() - began_s < 2
    assert seconds(frames) == [0, 100, 200]


def test_a_slow_consumer_of_a_realtime_clip_loses_the_oldest_and_the_loss_is_counted(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", pictures=8, fps=40, gop=1)
    mailbox = Mailbox()
    spec = FeedSpec.model_validate({"id": "CAM-01", "url": str(clip), "interval_s": 0})
    runner = FeedRunner(spec, mailbox)
    runner.start()
    status = wait_for_state(runner, "ended")
    runner.stop(5)
    last = mailbox.take(0)
    assert last is not None
    assert index_of(last.image) == 7
    assert (status.frames_decoded, status.frames_dropped) == (8, 7)


def test_a_picture_of_another_size_mid_stream_is_a_frame_of_that_size(tmp_path: Path) -> None:
    stream = make_changing_size_stream(tmp_path / "stream", [(128, 96), (64, 48), (192, 96)])
    frames, status = play(stream)
    assert [frame.image.shape[:2] for frame in frames] == [(96, 128)] * 2 + [(48, 64)] * 2 + [(96, 192)] * 2
    assert (status.width_px, status.height_px) == (192, 96)
    assert all(earlier < later for earlier, later in itertools.pairwise(seconds(frames)))


def test_a_picture_of_another_size_mid_stream_is_taken_by_full_decode_too(tmp_path: Path) -> None:
    stream = make_changing_size_stream(tmp_path / "stream", [(128, 96), (64, 48)])
    frames, _ = play(stream, full_decode=True)
    assert {frame.image.shape[:2] for frame in frames} == {(96, 128), (48, 64)}
    assert len(frames) == 16


def test_damaged_pictures_are_dropped_and_counted_and_the_rest_is_played(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", textured=True)
    with av.open(str(clip)) as container:
        keys = [packet for packet in container.demux(video=0) if packet.is_keyframe and packet.size]
        places = [(packet.pos, packet.size) for packet in keys]
    raw = bytearray(clip.read_bytes())
    position, size = places[1]
    assert position is not None
    raw[position + size // 2 : position + size - 16] = b"\xff" * (size - 16 - size // 2)
    clip.write_bytes(raw)
    frames, status = play(clip)
    assert seconds(frames) == [0, 2, 3]
    assert (status.frames_decoded, status.frames_corrupt, status.state) == (3, 1, "ended")


@pytest.mark.parametrize("later_s", [0, 90_000, 95_440], ids=["set back", "a day ahead", "over the end of the count"])
@pytest.mark.parametrize("full", [False, True], ids=["key frames", "every picture"])
def test_a_recording_joined_of_pieces_goes_on_where_the_piece_before_ended(
    tmp_path: Path, later_s: int, full: bool
) -> None:
    first = make_clip(tmp_path / "first.ts")
    later = make_clip(tmp_path / "later.ts", container_options={"output_ts_offset": str(later_s)})
    joined = tmp_path / "joined.ts"
    joined.write_bytes(first.read_bytes() + later.read_bytes())
    frames, status = play(joined, full_decode=full)
    assert seconds(frames) == pytest.approx(
        [index / (4 if full else 1) for index in range(32 if full else 8)], abs=0.01
    )
    assert status.state == "ended"


def test_a_gap_of_a_motion_recording_stays_a_gap(tmp_path: Path) -> None:
    first = make_clip(tmp_path / "first.ts")
    later = make_clip(tmp_path / "later.ts", container_options={"output_ts_offset": "600"})
    joined = tmp_path / "joined.ts"
    joined.write_bytes(first.read_bytes() + later.read_bytes())
    frames, _ = play(joined)
    assert seconds(frames) == pytest.approx([0, 1, 2, 3, 600, 601, 602, 603], abs=0.01)


def test_a_clip_that_says_how_it_was_held_is_shown_upright(tmp_path: Path) -> None:
    lying = np.zeros((96, 128, 3), np.uint8)
    lying[:, :64] = 230  # light on the left, which is above once it is turned clockwise
    clip = make_clip(tmp_path / "clip.mp4", pictures=2, image=lying)
    raw = bytearray(clip.read_bytes())
    straight = struct.pack(">9i", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
    turned = struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30)
    at = raw.index(straight, raw.index(b"tkhd"))
    raw[at : at + len(turned)] = turned
    clip.write_bytes(raw)
    frames, status = play(clip)
    picture = frames[0].picture
    assert (picture.width_px, picture.height_px, status.width_px, status.height_px) == (96, 128, 96, 128)
    for shown in (picture.whole(), picture.scaled(48, 64), picture.luma(48, 64)):
        upper, lower = np.array_split(shown, 2)
        assert shown.shape[:2] in ((128, 96), (64, 48))
        assert upper.mean() > 200 > 50 > lower.mean()


def test_a_clip_that_is_refreshed_bit_by_bit_is_decoded_whole_once_that_shows(tmp_path: Path) -> None:
    options = {"preset": "veryfast", "x264-params": "intra-refresh=1:keyint=8:min-keyint=8:bframes=0:scenecut=0"}
    clip = make_clip(tmp_path / "clip.ts", pictures=64, gop=8, textured=True, options=options)
    frames, status = play(clip)
    shown = seconds(frames)
    assert shown[0] == 0, "the only key frame"
    assert shown[1] < 10 < 15 <= shown[-1]
    assert [later - earlier for earlier, later in itertools.pairwise(shown[1:])] == [0.25] * (len(shown) - 2)
    assert (status.state, status.frames_corrupt) == ("ended", 3)


def test_a_clip_cut_off_behind_its_first_pictures_shows_these_and_ends(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.ts", textured=True)
    clip.write_bytes(clip.read_bytes()[: clip.stat().st_size * 6 // 10])
    frames, status = play(clip)
    assert seconds(frames)[:2] == [0, 1]
    assert status.state == "ended"


@pytest.mark.parametrize("content", [b"", bytes(range(256)) * 64], ids=["empty", "garbage"])
def test_a_file_that_is_no_video_is_told_as_corrupt(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(content)
    expect_fault(path, "corrupt", "copy or record it again")


def test_a_clip_cut_off_before_its_index_is_told_as_corrupt(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4")
    clip.write_bytes(clip.read_bytes()[:1500])
    expect_fault(clip, "corrupt", "copy or record it again")


def test_a_missing_file_is_told_and_found_when_it_comes(tmp_path: Path) -> None:
    path = tmp_path / "later.mp4"
    mailbox = Mailbox(lossless=True)
    spec = FeedSpec.model_validate({"id": "CAM-01", "url": str(path), "pace": "fast"})
    runner = FeedRunner(spec, mailbox, ladder_s=(0.05,))
    runner.start()
    try:
        status = wait_for_kind(runner, "not_found")
        assert status.error == f"CAM-01: there is no file {path}; check the path of the url"
        make_clip(tmp_path / "made.mp4").rename(path)
        frame = mailbox.take(timeout_s=5)
        assert frame is not None
        assert index_of(frame.image) == 0
        assert frame.captured_at > datetime.now(UTC) - timedelta(minutes=1)
    finally:
        runner.stop(5)


def test_a_file_without_video_is_told_as_codec(tmp_path: Path) -> None:
    expect_fault(make_audio_only(tmp_path / "sound.mp4"), "codec", "carries no video")


def test_a_codec_without_decoder_is_told_as_codec(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4")
    clip.write_bytes(clip.read_bytes().replace(b"avc1", b"zzzz"))
    expect_fault(clip, "codec", "set the camera to H.264 or H.265")


def test_a_folder_given_as_file_is_told_with_its_mend(tmp_path: Path) -> None:
    expect_fault(tmp_path, "not_found", 'set kind = "folder"', kind="file")


def expect_fault(path: Path, told_as: str, mend: str, **more: object) -> None:
    spec = FeedSpec.model_validate({"id": "CAM-01", "url": str(path), **more})
    runner = FeedRunner(spec, Mailbox(), ladder_s=(0.02,))
    runner.start()
    try:
        status = wait_for_kind(runner, told_as)
    finally:
        runner.stop(5)
    assert status.error is not None
    assert status.error.startswith("CAM-01: ")
    assert mend in status.error
    assert status.frames_decoded == 0
