import threading
from datetime import UTC, datetime

import numpy as np

from core.ids import CameraId, ViewId
from streams.frames import Frame, ImagePicture
from streams.mailbox import Mailbox


def frame(seq: int) -> Frame:
    image = np.zeros((2, 2, 3), np.uint8)
    return Frame(CameraId("CAM-01"), ViewId("CAM-01"), seq, datetime(2026, 3, 1, tzinfo=UTC), ImagePicture(image))


def seq_of(taken: Frame | None) -> int | None:
    return taken.seq if taken else None


def test_the_newest_frame_replaces_an_older_one_and_the_drop_is_counted() -> None:
    box = Mailbox()
    for seq in range(3):
        assert box.put(frame(seq))
    assert seq_of(box.take(0)) == 2
    assert box.take(0) is None
    assert box.dropped == 2


def test_a_taken_frame_is_no_drop() -> None:
    box = Mailbox()
    box.put(frame(0))
    box.take(0)
    box.put(frame(1))
    assert box.dropped == 0


def test_a_lossless_put_waits_until_the_slot_is_free() -> None:
    box = Mailbox(lossless=True)
    box.put(frame(0))
    second = threading.Thread(target=box.put, args=(frame(1),))
    second.start()
    assert seq_of(box.take(5)) == 0
    assert seq_of(box.take(5)) == 1
    second.join(5)
    assert box.dropped == 0


def test_closing_frees_a_waiting_put_and_keeps_what_lies_in_the_box() -> None:
    box = Mailbox(lossless=True)
    box.put(frame(0))
    answers: list[bool] = []
    waiting = threading.Thread(target=lambda: answers.append(box.put(frame(1))))
    waiting.start()
    box.close()
    waiting.join(5)
    assert answers == [False]
    assert seq_of(box.take(0)) == 0
    assert box.take(5) is None
    assert not box.put(frame(2))


def test_one_consumer_can_wait_for_any_camera() -> None:
    rung = threading.Semaphore(0)
    boxes = [Mailbox(on_put=rung.release) for _ in range(3)]
    boxes[2].put(frame(7))
    assert rung.acquire(timeout=5)
    assert [seq_of(box.take(0)) for box in boxes] == [None, None, 7]
