"""Waiting for what another thread does, with a deadline instead of a sleep."""

import threading
from collections.abc import Callable

from streams.camera import CameraStatus
from streams.frames import Frame
from streams.mailbox import Mailbox
from streams.runner import FeedRunner

_NEVER_SET = threading.Event()


def wait_for(is_so: Callable[[], bool], what: str, timeout_s: float = 10.0) -> None:
    """Until ``is_so``; fails the test after ``timeout_s``."""
    for _ in range(int(timeout_s / 0.01)):
        if is_so():
            return
        _NEVER_SET.wait(0.01)
    raise AssertionError(f"waited {timeout_s} s in vain for {what}")


def wait_for_state(runner: FeedRunner, state: str, timeout_s: float = 10.0) -> CameraStatus:
    try:
        wait_for(lambda: runner.status().state == state, state, timeout_s)
    except AssertionError:
        raise AssertionError(f"never {state}: {runner.status()}") from None
    return runner.status()


def wait_for_kind(runner: FeedRunner, kind: str, timeout_s: float = 10.0) -> CameraStatus:
    try:
        wait_for(lambda: runner.status().error_kind == kind, kind, timeout_s)
    except AssertionError:
        raise AssertionError(f"never {kind}: {runner.status()}") from None
    return runner.status()


def take_all(runner: FeedRunner, mailbox: Mailbox, at_most: int = 1000) -> list[Frame]:
    """Every frame until the feed has ended (or ``at_most``)."""
    frames: list[Frame] = []
    while len(frames) < at_most:
        frame = mailbox.take(timeout_s=0.05)
        if frame is not None:
            frames.append(frame)
        elif runner.status().state in ("ended", "down", "disabled"):
            return frames
    return frames
