"""The outbox keeps what a killed worker must not lose."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.ids import CameraId, ViewId
from patrol.outbox import LookKept, Message, Outbox, OutboxError

NOW = datetime(2026, 5, 14, 1, 0, tzinfo=UTC)
CAMERA, VIEW = CameraId("CAM-01"), ViewId("CAM-01")


def message(key: str, kind: str = "opened") -> Message:
    return Message(key, {"kind": kind, "camera_id": CAMERA, "key": key}, {"ab" * 32: b"jpeg"})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "worker.db"


def test_messages_leave_in_the_order_they_came(path: Path) -> None:
    outbox = Outbox(path)
    outbox.commit_looks([LookKept(CAMERA, VIEW, "{}", NOW)], (message("a:0"), message("a:1", "seen")), NOW)
    keys = []
    while (waiting := outbox.next_waiting()) is not None:
        keys.append(waiting.message.idempotency_key)
        outbox.delivered(waiting.id)
    outbox.close()
    assert keys == ["a:0", "a:1"]


def test_state_and_messages_survive_a_process_that_never_closed(path: Path) -> None:
    killed = Outbox(path)
    killed.commit_looks([LookKept(CAMERA, VIEW, '{"remembered": 1}', NOW)], (message("a:0"),), NOW)
    restarted = Outbox(path)
    waiting = restarted.next_waiting()
    assert waiting is not None
    assert waiting.message == message("a:0")
    assert restarted.view_states() == {VIEW: '{"remembered": 1}'}
    restarted.close()
    killed.close()


def test_the_same_incident_event_is_kept_once(path: Path) -> None:
    outbox = Outbox(path)
    for _ in range(2):
        outbox.commit_looks([LookKept(CAMERA, VIEW, "{}", NOW)], (message("a:0"),), NOW)
    assert outbox.waiting_count() == 1
    outbox.close()


def test_a_failed_message_keeps_its_place_and_a_refused_one_steps_aside(path: Path) -> None:
    outbox = Outbox(path)
    outbox.commit_looks([LookKept(CAMERA, VIEW, "{}", NOW)], (message("a:0"), message("b:0")), NOW)
    first = outbox.next_waiting()
    assert first is not None
    outbox.failed(first.id)
    again = outbox.next_waiting()
    assert again is not None
    assert (again.id, again.attempts) == (first.id, 1)
    outbox.refused(first.id, "422 time in the future")
    second = outbox.next_waiting()
    assert second is not None
    assert second.message.idempotency_key == "b:0"
    assert outbox.refusals() == [("a:0", "422 time in the future")]
    outbox.close()


def test_a_look_that_cannot_be_written_leaves_nothing_half_done(path: Path) -> None:
    outbox = Outbox(path)
    outbox.commit_looks([LookKept(CAMERA, VIEW, "{}", NOW)], (), NOW)
    other = Outbox(path)
    unwritable = Message("b:0", {"kind": "opened", "camera_id": CAMERA}, {"cd" * 32: None})  # type: ignore[dict-item]  # NOT NULL fails in SQLite
    with pytest.raises(OutboxError, match="nothing was lost"):
        outbox.commit_looks([LookKept(CAMERA, VIEW, '{"later": 1}', NOW)], (message("a:0"), unwritable), NOW)
    assert other.waiting_count() == 0
    assert other.view_states() == {VIEW: "{}"}
    assert other.progress().looks == {CAMERA: 1}
    outbox.close()
    other.close()


def test_progress_counts_looks_and_opened_incidents(path: Path) -> None:
    outbox = Outbox(path)
    outbox.commit_looks([LookKept(CAMERA, VIEW, "{}", NOW)], (message("a:0"), message("a:1", "seen")), NOW)
    outbox.commit_looks([LookKept(CAMERA, VIEW, "{}", NOW)], (), NOW)
    progress = outbox.progress()
    outbox.close()
    assert (progress.looks, progress.incidents, progress.watched_until) == ({CAMERA: 2}, 1, {VIEW: NOW})


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "worker.db").mkdir()
    with pytest.raises(OutboxError, match=r"worker\.db: the worker's outbox cannot be opened"):
        Outbox(tmp_path / "worker.db")
