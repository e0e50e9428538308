"""Real street clips of every codec we were given: first picture, size, and a clock that moves forward."""

import pytest

from core.ids import CameraId
from streams.camera import CameraState
from streams.mailbox import Mailbox
from streams.probe import probe
from streams.runner import FeedRunner
from streams.spec import FeedSpec
from tests.support.shared_data import shared_folder

CLIPS = {
    "01_aboda4_leftobject_pavement_mpeg4.avi": "mpeg4",
    "03_towncentre_1080p_h264.mp4": "h264",
    "06_shopfront_cctv_360p_h264.mp4": "h264",
    "13_piccadilly_night_240p_h264.mp4": "h264",
    "aboda4_hevc.mkv": "hevc",
    "towncentre_vp9.webm": "vp9",
}

pytestmark = pytest.mark.shared_data


@pytest.mark.parametrize(("name", "codec"), CLIPS.items(), ids=CLIPS)
def test_a_real_clip_is_decoded_to_its_end(name: str, codec: str) -> None:
    clip = shared_folder("data/video") / name
    assert probe(str(clip), timeout_s=20).codec == codec
    spec = FeedSpec(id=CameraId("CLIP"), url=str(clip), pace="fast", interval_s=2.0)
    mailbox = Mailbox(lossless=True)
    runner = FeedRunner(spec, mailbox)
    runner.start()
    times = []
    try:
        while (frame := mailbox.take(timeout_s=0.5)) is not None or runner.status().state is not CameraState.ENDED:
            if frame is not None:
                times.append(frame.captured_at)
                assert frame.image.shape[2] == 3
    finally:
        runner.stop()
    assert len(times) >= 1
    assert times == sorted(set(times))
