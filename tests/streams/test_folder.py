from datetime import UTC, datetime
from pathlib import Path

import cv2

from streams.camera import CameraStatus
from streams.frames import Frame
from streams.mailbox import Mailbox
from streams.runner import FeedRunner
from streams.spec import FeedSpec
from tests.streams.clips import grey, index_of
from tests.streams.patience import take_all

START = datetime(2026, 3, 1, 8, tzinfo=UTC)


def play(folder: Path, at_most: int = 100, **more: object) -> tuple[list[Frame], CameraStatus]:
    settings = {"id": "CAM-02", "url": str(folder), "started_at": START, "pace": "fast", **more}
    mailbox = Mailbox(lossless=True)
    runner = FeedRunner(FeedSpec.model_validate(settings), mailbox, ladder_s=(0.05,))
    runner.start()
    try:
        return take_all(runner, mailbox, at_most), runner.status()
    finally:
        runner.stop(5)


def save(folder: Path, name: str, index: int, size: tuple[int, int] = (64, 48)) -> None:
    assert cv2.imwrite(str(folder / name), grey(index, size))


def test_images_are_shown_in_the_order_of_their_numbers_with_their_step(tmp_path: Path) -> None:
    for index in (10, 2, 1):
        save(tmp_path, f"shot{index}.png", index)
    (tmp_path / "notes.txt").write_text("no image")
    frames, status = play(tmp_path, folder_step_s=0.5, time_scale=60.0)
    assert [index_of(frame.image) for frame in frames] == [1, 2, 10]
    assert [(frame.captured_at - START).total_seconds() for frame in frames] == [0, 30, 60]
    assert (status.state, status.codec, status.width_px, status.height_px) == ("ended", "images", 64, 48)
    assert not frames[0].image.flags.writeable


def test_a_looped_folder_goes_on_with_its_clock(tmp_path: Path) -> None:
    save(tmp_path, "a.jpg", 1)
    save(tmp_path, "b.jpg", 2)
    frames, _ = play(tmp_path, at_most=5, loop=True)
    assert [(frame.captured_at - START).total_seconds() for frame in frames] == [0, 1, 2, 3, 4]


def test_a_broken_image_is_dropped_and_counted(tmp_path: Path) -> None:
    save(tmp_path, "a.png", 1)
    (tmp_path / "b.jpg").write_bytes(b"\xff\xd8 no picture")
    (tmp_path / "c.jpg").write_bytes(b"")
    save(tmp_path, "d.png", 3, size=(32, 16))
    frames, status = play(tmp_path)
    assert [index_of(frame.image) for frame in frames] == [1, 3]
    assert status.frames_corrupt == 2
    assert (status.width_px, status.height_px) == (32, 16)


def test_an_empty_or_missing_folder_is_told(tmp_path: Path) -> None:
    _, status = play(tmp_path)
    assert (status.error_kind, status.state) == ("not_found", "down")
    assert "holds no images" in (status.error or "")
    _, status = play(tmp_path / "gone", kind="folder")
    assert "there is no folder" in (status.error or "")


def test_a_folder_of_broken_images_only_is_corrupt(tmp_path: Path) -> None:
    (tmp_path / "b.jpg").write_bytes(b"\xff\xd8 no picture")
    _, status = play(tmp_path)
    assert (status.error_kind, status.state) == ("corrupt", "down")
