"""What tells something is on the disk at once; what does not is gathered, and never overtakes what is newer."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.clock import ManualClock
from core.ids import CameraId, ViewId
from patrol.outbox import Message, Outbox, OutboxError
from patrol.view_memory import ViewMemory
from tests.patrol.street import until

NOW = datetime(2026, 5, 1, tzinfo=UTC)
ONE, TWO = "CAM-01", "CAM-02"


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "worker.db")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


def opened(camera: str) -> Message:
    return Message(f"{camera}:0", {"kind": "opened", "camera_id": camera}, {})


def keep(memory: ViewMemory, camera: str, state: str, *messages: Message, may_wait: bool = True) -> None:
    text: Callable[[], str] = lambda: state  # noqa: E731 (as a look hands it over)
    memory.keep(CameraId(camera), ViewId(camera), text, NOW, messages, may_wait)


def test_looks_that_tell_nothing_are_written_together_a_little_later(outbox: Outbox, clock: ManualClock) -> None:
    memory = ViewMemory(outbox, clock)
    keep(memory, ONE, "1a")
    keep(memory, ONE, "1b")
    keep(memory, TWO, "2a")
    assert outbox.view_states() == {}
    keep(memory, TWO, "2b")
    memory.write()
    assert outbox.view_states() == {ONE: "1b", TWO: "2b"}
    assert outbox.progress().looks == {ONE: 2, TWO: 2}


def test_a_thread_writes_what_was_gathered_and_the_stop_writes_the_rest(outbox: Outbox, clock: ManualClock) -> None:
    memory = ViewMemory(outbox, clock, gather_s=0.01)
    memory.start()
    keep(memory, ONE, "1a")
    assert until(lambda: outbox.view_states() == {ONE: "1a"})
    memory.stop()
    keep(memory, TWO, "2a")
    memory.stop()
    assert outbox.view_states() == {ONE: "1a", TWO: "2a"}


def test_a_look_that_tells_something_is_on_the_disk_at_once_with_its_message(
    outbox: Outbox, clock: ManualClock
) -> None:
    memory = ViewMemory(outbox, clock)
    keep(memory, ONE, "1a")
    keep(memory, TWO, "2a", opened(TWO))
    assert outbox.view_states() == {ONE: "1a", TWO: "2a"}
    assert outbox.progress().incidents == 1
    assert outbox.waiting_count() == 1


def test_a_view_whose_time_runs_faster_never_waits(outbox: Outbox, clock: ManualClock) -> None:
    memory = ViewMemory(outbox, clock)
    keep(memory, ONE, "1a", may_wait=False)
    assert outbox.view_states() == {ONE: "1a"}


def test_a_look_that_could_not_be_written_counts_as_not_taken_and_nothing_gathered_is_lost(
    outbox: Outbox, clock: ManualClock
) -> None:
    memory = ViewMemory(outbox, clock)
    keep(memory, ONE, "1a")
    keep(memory, TWO, "2a")
    unwritable = Message("CAM-01:0", {"kind": "opened", "camera_id": object()}, {})
    with pytest.raises(OutboxError):
        keep(memory, ONE, "1b", unwritable)
    memory.write()
    assert outbox.view_states() == {ONE: "1a", TWO: "2a"}
    assert outbox.progress().looks == {ONE: 1, TWO: 1}


def test_a_view_that_is_gone_is_not_written_back(outbox: Outbox, clock: ManualClock) -> None:
    memory = ViewMemory(outbox, clock)
    keep(memory, ONE, "1a")
    keep(memory, TWO, "2a")
    memory.forget([ViewId(ONE)])
    assert memory.states() == {ViewId(TWO): "2a"}


def test_the_gathered_is_read_as_known(outbox: Outbox, clock: ManualClock) -> None:
    memory = ViewMemory(outbox, clock)
    keep(memory, ONE, "1a")
    assert memory.states() == {ViewId(ONE): "1a"}
