"""What a worker found reaches the case room once, whatever the API does meanwhile."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from cases.keys import Scope
from cases.queries import CaseQuery
from core.ids import CameraId, ViewId
from patrol.api_client import ApiClient
from patrol.delivery import Delivery
from patrol.outbox import LookKept, Message, Outbox
from tests.patrol.conftest import OutageApi

NOW = datetime(2026, 5, 14, 1, 0, tzinfo=UTC)
CAMERA, VIEW = CameraId("CAM-01"), ViewId("CAM-01")
JPEG = b"\xff\xd8\xff\xe0 a picture \xff\xd9"


def cameras() -> Sequence[Mapping[str, object]]:
    return [
        {
            "camera_id": "CAM-01",
            "name": "",
            "address": "clip.mp4",
            "state": "live",
            "since": "2026-05-14T00:30:00Z",
            "last_frame_at": None,
            "error_kind": None,
            "error": None,
            "reconnects": 0,
            "frames_decoded": 0,
            "frames_dropped": 0,
            "frames_corrupt": 0,
            "transitions": {},
            "width_px": None,
            "height_px": None,
            "codec": None,
            "gop_s": None,
        }
    ]


def opened(number: int, at: datetime = NOW, category: str = "exposed_garbage") -> Message:
    digest = sha256(JPEG).hexdigest()
    first = (NOW - timedelta(minutes=10)).isoformat()
    body = {
        "incident_id": f"00000000-0000-5000-8000-{number:012d}",
        "sequence": 0,
        "kind": "opened",
        "camera_id": CAMERA,
        "view_id": VIEW,
        "cell_id": f"510104001001{number % 4:03d}",
        "category": category,
        "at": at.isoformat(),
        "first_seen_at": first,
        "last_seen_at": at.isoformat(),
        "object_count": 1,
        "confidence": 0.8,
        "boxes": [[1, 2, 3, 4]],
        "model": {"name": "gridpatrol-n", "sha256": "9f" * 32},
        "evidence": {"original": digest, "annotated": digest, "crop": digest},
        "worker_id": "worker-1",
    }
    return Message(f"incident-{number}:0", body, {digest: JPEG})


def until(condition: Callable[[], bool], timeout_s: float = 20.0) -> bool:
    """Poll a fact that another thread brings about."""
    ends_at_s = time.monotonic() + timeout_s
    while time.monotonic() < ends_at_s:
        if condition():
            return True
        time.sleep(0.02)
    return False


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    outbox = Outbox(tmp_path / "worker-1.db")
    yield outbox
    outbox.close()


def put(outbox: Outbox, *messages: Message) -> None:
    outbox.commit_looks([LookKept(CAMERA, VIEW, "{}", NOW)], messages, NOW)


@contextmanager
def delivering(outbox: Outbox, api: OutageApi, key: str) -> Iterator[None]:
    with ApiClient(api.url, key, timeout_s=3) as client:
        delivery = Delivery(outbox, client, "worker-1", cameras, status_every_s=0.2)
        delivery.start()
        try:
            yield
        finally:
            delivery.stop()


def test_nothing_is_lost_or_doubled_when_the_api_goes_away_twice(outbox: Outbox, outage_api: OutageApi) -> None:
    with delivering(outbox, outage_api, outage_api.key("worker-1", Scope.WORKER)):
        put(outbox, *(opened(number) for number in range(4)))
        for round_ in range(2):
            outage_api.come()
            assert until(lambda: outbox.waiting_count() == 0)
            outage_api.go_away()
            put(outbox, *(opened(number) for number in range(round_ * 4, round_ * 4 + 8)))
        outage_api.come()
        assert until(lambda: outbox.waiting_count() == 0)
    page = outage_api.store.list_cases(CaseQuery(), limit=50)
    assert sorted(case.cell_id for case in page.cases) == [f"510104001001{number:03d}" for number in range(4)]
    assert outbox.refusals() == []


def test_a_message_the_api_refuses_steps_aside_with_the_reason(outbox: Outbox, outage_api: OutageApi) -> None:
    outage_api.come()
    with delivering(outbox, outage_api, outage_api.key("worker-1", Scope.WORKER)):
        put(outbox, opened(1, at=datetime.now(UTC) + timedelta(days=2)), opened(2))
        assert until(lambda: outbox.waiting_count() == 0)
    ((key, reason),) = outbox.refusals()
    assert key == "incident-1:0"
    assert "future" in reason
    assert len(outage_api.store.list_cases(CaseQuery(), limit=50).cases) == 1


def test_a_wrong_key_holds_everything_back_and_loses_nothing(
    outbox: Outbox, outage_api: OutageApi, caplog: pytest.LogCaptureFixture
) -> None:
    outage_api.come()
    put(outbox, opened(1))
    forged = "gp_" + "x" * 43
    with delivering(outbox, outage_api, forged):
        assert until(lambda: "refused the key" in caplog.text)
    assert outbox.waiting_count() == 1
    assert forged not in caplog.text
    with delivering(outbox, outage_api, outage_api.key("worker-1", Scope.WORKER)):
        assert until(lambda: outbox.waiting_count() == 0)
