"""Each camera once in the line, fair, and never with two lanes."""

import threading

from core.ids import CameraId
from patrol.ready_line import ReadyLine

ONE, TWO, THREE = CameraId("CAM-01"), CameraId("CAM-02"), CameraId("CAM-03")


def line_of(*camera_ids: CameraId) -> ReadyLine:
    line = ReadyLine()
    for camera_id in camera_ids:
        line.announce(camera_id)
    return line


def test_whoever_waited_longest_comes_first_and_a_camera_stands_in_the_line_once() -> None:
    line = line_of(ONE, TWO, ONE, ONE, THREE)
    assert [line.next(0) for _ in range(4)] == [ONE, TWO, THREE, None]


def test_a_camera_with_more_stands_at_the_end_again() -> None:
    line = line_of(ONE, TWO)
    assert line.next(0) == ONE
    line.put_back(ONE, has_more=True)
    assert [line.next(0), line.next(0)] == [TWO, ONE]


def test_a_camera_in_one_lanes_hand_is_given_to_no_other_and_comes_back_after_that() -> None:
    line = line_of(ONE)
    assert line.next(0) == ONE
    line.announce(ONE)
    assert line.next(0) is None
    line.put_back(ONE, has_more=False)
    assert line.next(0) == ONE
    line.put_back(ONE, has_more=False)
    assert line.next(0) is None


def test_closing_wakes_whoever_waits() -> None:
    line = ReadyLine()
    got: list[CameraId | None] = []
    waiting = threading.Thread(target=lambda: got.append(line.next(60)))
    waiting.start()
    line.close()
    waiting.join(timeout=10)
    assert got == [None]
    line.announce(ONE)
    assert line.next(0) is None


def test_many_lanes_share_the_line_and_no_camera_is_ever_with_two() -> None:
    cameras = [CameraId(f"CAM-{number:02d}") for number in range(12)]
    line = line_of(*cameras)
    looks_left = dict.fromkeys(cameras, 50)
    in_hand: set[CameraId] = set()
    clashes: list[CameraId] = []

    def lane() -> None:
        while (camera := line.next(0.05)) is not None:
            if camera in in_hand:
                clashes.append(camera)
            in_hand.add(camera)
            looks_left[camera] -= 1
            line.announce(camera)  # its next picture comes while it is looked at
            in_hand.discard(camera)
            if looks_left[camera] == 0:
                line.close() if not any(looks_left.values()) else None
            line.put_back(camera, has_more=False)

    lanes = [threading.Thread(target=lane) for _ in range(4)]
    for one in lanes:
        one.start()
    for one in lanes:
        one.join(timeout=30)
    assert not clashes
    fewest, most = min(looks_left.values()), max(looks_left.values())
    assert most - fewest <= len(lanes) + 1
