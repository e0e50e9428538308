"""A clip that ends too soon is shown again and again, coded picture by coded picture."""

from pathlib import Path

import av

from benchmarks.street_clips import lasting
from tests.streams.clips import make_clip


def key_times(clip: Path) -> list[float]:
    with av.open(str(clip)) as source:
        stream = source.streams.video[0]
        assert stream.time_base is not None
        return [
            round(float((packet.pts or 0) * stream.time_base), 3)
            for packet in source.demux(stream)
            if packet.is_keyframe
        ]


def test_a_clip_that_lasts_long_enough_is_left_alone(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "street.mp4", pictures=16, fps=4, gop=4)
    assert lasting(clip, 4.0, tmp_path) == clip


def test_a_short_clip_is_lengthened_without_losing_its_beat(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "street.mp4", pictures=16, fps=4, gop=4)
    longer = lasting(clip, 9.0, tmp_path)
    assert key_times(longer) == [float(second) for second in range(12)]
    with av.open(str(longer)) as source:
        assert len(list(source.decode(video=0))) == 48
