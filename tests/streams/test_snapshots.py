"""A picture taken by hand, and what counts as a video file at all."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from core.errors import FeedNotFound
from streams.clip_kinds import HEAD_BYTES, clip_kind, clip_seconds
from streams.probe import spec_for
from streams.snapshot import take_snapshot
from tests.streams.clips import make_clip


def test_a_snapshot_holds_the_first_picture_and_the_feeds_facts(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "street.mp4")
    found = take_snapshot(spec_for(str(clip)), 5.0)
    shown = cv2.imdecode(np.frombuffer(found.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert shown is not None
    assert shown.shape[:2] == (found.facts.height_px, found.facts.width_px)
    small = take_snapshot(spec_for(str(clip)), 5.0, width_px=32)
    shrunk = cv2.imdecode(np.frombuffer(small.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert shrunk is not None
    assert shrunk.shape[1] == 32
    assert small.facts.width_px == found.facts.width_px


def test_a_feed_that_is_not_there_gives_no_snapshot(tmp_path: Path) -> None:
    with pytest.raises(FeedNotFound):
        take_snapshot(spec_for(str(tmp_path / "none.mp4")), 1.0)


def test_a_clip_tells_its_kind_by_its_first_bytes_and_its_length(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "street.mp4")
    assert clip_kind(clip.read_bytes()[:HEAD_BYTES]) == "mp4"
    length_s = clip_seconds(clip)
    assert length_s is not None
    assert length_s > 0


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\x1a\x45\xdf\xa3" + bytes(60), "mkv"),
        (b"RIFF\x00\x00\x00\x00AVI LIST", "avi"),
        ((b"\x47" + bytes(187)) * 3, "ts"),
        (b"FLV\x01\x05", "flv"),
        (b"\x00\x00\x01\xba", "mpg"),
        (b"IMKH" + bytes(36) + b"\x00\x00\x01\xba", "mpg"),
        (b"DHAV\xfd", "dav"),
        (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "wmv"),
        (b"#EXTM3U\nfile:///etc/passwd", None),
        (b"ffconcat version 1.0\nfile /etc/passwd", None),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", None),
        (b"\xff\xd8\xff\xe0", None),
        (b"<html>", None),
        (b"", None),
    ],
)
def test_only_containers_of_video_count(head: bytes, kind: str | None) -> None:
    assert clip_kind(head) == kind


def test_the_length_of_what_is_no_clip_is_not_known(tmp_path: Path) -> None:
    text = tmp_path / "notes.mp4"
    text.write_text("no video", encoding="utf-8")
    assert clip_seconds(text) is None
