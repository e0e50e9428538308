"""What a rule turns away is delivered all the same, and reports tell where things stand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from cases.house import CaseHouse
from cases.keys import Scope
from cases.policy.decisions import DecisionQuery
from cases.policy.permits import PermitDraft
from cases.queries import CaseQuery
from core.detections import ModelRef
from core.geometry import Box, Point
from core.ids import CameraId, CategoryId, CellId, IncidentId, ViewId
from grid.incidents import IncidentEvent, IncidentKind
from patrol.incident_messages import message_of
from patrol.outbox import Outbox
from tests.patrol.conftest import OutageApi
from tests.patrol.test_delivery import delivering, opened, put, until

AT = datetime(2026, 5, 14, 1, 0, tzinfo=UTC)
EVENT = IncidentEvent(
    incident_id=IncidentId("incident-1"),
    sequence=0,
    kind=IncidentKind.OPENED,
    camera_id=CameraId("CAM-01"),
    view_id=ViewId("CAM-01"),
    cell_id=CellId("510104001001001"),
    category=CategoryId("street_stall"),
    at=AT,
    first_seen_at=AT - timedelta(minutes=5),
    last_seen_at=AT,
    object_count=2,
    confidence=0.8,
    boxes=(Box(10, 10, 20, 20), Box(30, 10, 40, 20)),
)


def test_a_report_that_a_rule_turned_away_leaves_the_outbox_and_is_recorded(
    tmp_path: Path, outage_api: OutageApi
) -> None:
    house = CaseHouse.over(outage_api.store).policy
    permit = PermitDraft(number="临占-1", name="午市", cells=("510104001001001",))
    house.permits.add(permit, "admin", datetime.now(UTC))
    outbox = Outbox(tmp_path / "worker-1.db")
    outage_api.come()
    with delivering(outbox, outage_api, outage_api.key("worker-1", Scope.WORKER)):
        put(outbox, opened(1), opened(2))
        assert until(lambda: outbox.waiting_count() == 0)
    assert outbox.refusals() == []
    outbox.close()
    (case,) = outage_api.store.list_cases(CaseQuery()).cases
    assert case.cell_id == "510104001001002"
    assert [each.rule for each in house.decisions.page(DecisionQuery(), None, 9)] == ["default:queue", "permit:1"]


def places_told(event: IncidentEvent, *ground: Point | None) -> object:
    """What the message's body says of places, where the view tells these for the boxes."""
    known = dict(zip(event.boxes, ground, strict=True))
    image = np.full((64, 64, 3), 90, dtype=np.uint8)
    model = ModelRef("gridpatrol-n", "ab" * 32)
    told = message_of(event, image, (), model, "worker-1", {}, ground=known.get)
    return told.body.get("places", "none")


@pytest.mark.parametrize(
    ("ground", "told"),
    [
        ((Point(104.08, 30.65), Point(104.0812345678, 30.65)), [[104.08, 30.65], [104.0812346, 30.65]]),
        ((Point(104.08, 30.65), None), "none"),
        ((None, None), "none"),
    ],
    ids=["each place", "one is not known", "a view without places"],
)
def test_a_report_tells_a_place_for_each_box_or_none(ground: tuple[Point | None, ...], told: object) -> None:
    assert places_told(EVENT, *ground) == told
    assert places_told(replace(EVENT, boxes=(), kind=IncidentKind.CLEARED)) == "none"
