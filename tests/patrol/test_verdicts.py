"""From a desk's decisions to boxes: what is confirmed stays, what is rejected goes, what is undecided is not used."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from cases.case import CaseEvent, CaseEventKind, CloseReason, EvidenceRefs, fold
from core.geometry import Box
from core.ids import CaseId
from models.collected import CollectedPicture, NamedBox
from patrol.casebook import CaseFile
from patrol.verdicts import LeftOut, label_pictures
from tests.cases.reports import minute

NAMES = ("street_stall", "exposed_garbage", "roadside_clutter")
HEAP, STALL = Box(10, 10, 60, 60), Box(200, 100, 300, 180)


class History:
    """A case as it grows, minute by minute."""

    def __init__(self, case_id: str, category: str, camera: str = "CAM-01") -> None:
        self.case_id, self.category, self.camera = case_id, category, camera
        self.events: list[CaseEvent] = []

    def look(self, at_minute: float, box: Box, picture: str) -> "History":
        opening = not self.events
        data = self._report(at_minute, [list(box.as_xyxy())])
        data["evidence"] = EvidenceRefs(picture, f"{picture}-a", f"{picture}-c").as_json()
        if opening:
            data |= {"number": f"n-{self.case_id}", "cell_id": "510104001001001", "category": self.category}
            data |= {"zone": None, "unit": None, "previous_case_id": None}
        return self._add(CaseEventKind.OPENED if opening else CaseEventKind.SEEN, minute(at_minute), data)

    def gone(self, last_minute: float) -> "History":
        data = self._report(last_minute, []) | {"incident_kind": "cleared", "evidence": None}
        return self._add(CaseEventKind.CLEARED, minute(last_minute + 5), data)

    def corrected(self, picture: str, *boxes: Box, category: str = "") -> "History":
        regions = [{"category": category or self.category, "box": list(box.as_xyxy())} for box in boxes]
        return self._add(CaseEventKind.CORRECTED, minute(500), {"picture": picture, "regions": regions, "note": ""})

    def closed(self, reason: CloseReason, at_minute: float = 600) -> CaseFile:
        self._add(CaseEventKind.CLOSED, minute(at_minute), {"reason": reason.value, "note": ""})
        return self.file

    @property
    def file(self) -> CaseFile:
        return CaseFile(fold(self.events), tuple(self.events))

    def _report(self, at_minute: float, boxes: list[list[float]]) -> dict[str, Any]:
        first = min([at_minute, *((event.at - minute(0)).total_seconds() / 60 for event in self.events)])
        return {
            "incident_id": f"incident-{self.case_id}",
            "sequence": len(self.events),
            "incident_kind": "seen" if self.events else "opened",
            "camera_id": self.camera,
            "first_seen_at": minute(first - 5).isoformat(),
            "last_seen_at": minute(at_minute).isoformat(),
            "object_count": len(boxes),
            "confidence": 0.5,
            "boxes": boxes,
            "joined": False,
        }

    def _add(self, kind: CaseEventKind, at: datetime, data: dict[str, Any]) -> "History":
        self.events.append(CaseEvent(len(self.events) + 1, CaseId(self.case_id), kind, at, at, "who", data))
        return self


def labelled(*files: CaseFile, most: int = 10, since: datetime | None = None) -> dict[str, CollectedPicture]:
    found = label_pictures(files, NAMES, most, since)
    return {picture.sha256: picture for picture in found.pictures}


def boxes_of(picture: CollectedPicture) -> Sequence[NamedBox]:
    return picture.boxes


def test_a_confirmed_case_keeps_its_boxes_and_a_rejected_one_leaves_an_empty_picture() -> None:
    heap = History("a", "exposed_garbage").look(0, HEAP, "p1").closed(CloseReason.HANDLED)
    shadow = History("b", "street_stall", "CAM-02").look(0, STALL, "p2").closed(CloseReason.FALSE_ALARM)
    found = labelled(heap, shadow)
    assert found["p1"].boxes == (NamedBox("exposed_garbage", HEAP),)
    assert found["p2"].boxes == ()
    assert [(o.decision, o.reason, o.category) for o in found["p2"].origins] == [
        ("rejected", "false_alarm", "street_stall")
    ]


def test_a_rejected_case_takes_nothing_from_a_confirmed_one_in_the_same_picture() -> None:
    heap = History("a", "exposed_garbage").look(0, HEAP, "p1").closed(CloseReason.HANDLED)
    shadow = History("b", "street_stall").look(0, STALL, "p1").closed(CloseReason.FALSE_ALARM)
    assert labelled(heap, shadow)["p1"].boxes == (NamedBox("exposed_garbage", HEAP),)


def test_what_is_permitted_is_seen_rightly() -> None:
    stall = History("a", "street_stall").look(0, STALL, "p1").closed(CloseReason.PERMITTED)
    assert labelled(stall)["p1"].boxes == (NamedBox("street_stall", STALL),)


def test_a_picture_in_which_something_is_undecided_is_left_out() -> None:
    heap = History("a", "exposed_garbage").look(0, HEAP, "p1").look(30, HEAP, "p2").closed(CloseReason.HANDLED)
    still_open = History("b", "street_stall").look(20, STALL, "p3").file
    found = label_pictures([heap, still_open], NAMES, 10)
    assert [picture.sha256 for picture in found.pictures] == ["p1"]
    assert found.left_out == {LeftOut.UNDECIDED: 2}
    other = History("c", "street_stall").look(0, STALL, "p4").closed(CloseReason.OTHER)
    assert labelled(other) == {}


def test_a_confirmed_thing_that_stood_there_has_its_box_in_another_cases_picture() -> None:
    heap = History("a", "exposed_garbage").look(0, HEAP, "p1").look(60, HEAP, "p2").gone(70)
    shadow = History("b", "street_stall").look(40, STALL, "p3").gone(45).closed(CloseReason.FALSE_ALARM)
    later = History("c", "street_stall").look(90, STALL, "p4").closed(CloseReason.FALSE_ALARM)
    elsewhere = History("d", "street_stall", "CAM-02").look(40, STALL, "p5").closed(CloseReason.FALSE_ALARM)
    found = labelled(heap.closed(CloseReason.HANDLED), shadow, later, elsewhere)
    assert found["p3"].boxes == (NamedBox("exposed_garbage", HEAP),)
    assert [origin.decision for origin in found["p3"].origins] == ["carried", "rejected"]
    assert found["p4"].boxes == ()  # it was gone by then
    assert found["p5"].boxes == ()  # another camera


def test_a_thing_that_moved_meanwhile_costs_the_picture() -> None:
    moved = Box(400, 10, 450, 60)
    cart = History("a", "street_stall").look(0, HEAP, "p1").look(60, moved, "p2").closed(CloseReason.HANDLED)
    shadow = History("b", "exposed_garbage").look(30, STALL, "p3").gone(31).closed(CloseReason.FALSE_ALARM)
    found = label_pictures([cart, shadow], NAMES, 10)
    assert [picture.sha256 for picture in found.pictures] == ["p1", "p2"]
    assert found.left_out == {LeftOut.MOVED: 1}


def test_what_a_person_drew_stands_in_place_of_what_was_reported() -> None:
    drawn = Box(15, 15, 50, 50)
    heap = History("a", "exposed_garbage").look(0, HEAP, "p1").corrected("p1", HEAP).corrected("p1", drawn)
    assert labelled(heap.closed(CloseReason.HANDLED))["p1"].boxes == (NamedBox("exposed_garbage", drawn),)
    mistaken = History("b", "street_stall").look(0, STALL, "p2").corrected("p2", STALL, category="roadside_clutter")
    (found,) = labelled(mistaken.closed(CloseReason.FALSE_ALARM))["p2"].boxes
    assert found == NamedBox("roadside_clutter", STALL)
    undecided = History("c", "street_stall").look(0, STALL, "p3").corrected("p3").file
    assert labelled(undecided)["p3"].boxes == ()


def test_two_cases_of_neighbouring_cells_that_report_one_thing_make_one_box() -> None:
    first = History("a", "exposed_garbage").look(0, HEAP, "p1").closed(CloseReason.HANDLED)
    second = History("b", "exposed_garbage").look(0, Box(12, 10, 61, 60), "p1").closed(CloseReason.HANDLED)
    assert len(labelled(first, second)["p1"].boxes) == 1


def test_a_long_case_gives_a_few_pictures_spread_over_its_life() -> None:
    heap = History("a", "exposed_garbage")
    for number in range(20):
        heap.look(number * 30, HEAP, f"p{number:02d}")
    found = label_pictures([heap.closed(CloseReason.HANDLED, 900)], NAMES, 3)
    assert [picture.sha256 for picture in found.pictures] == ["p00", "p10", "p19"]
    assert found.left_out == {LeftOut.ENOUGH: 17}


def test_pictures_from_before_and_of_unknown_categories_are_left_out() -> None:
    heap = History("a", "exposed_garbage").look(0, HEAP, "p1").look(60, HEAP, "p2").closed(CloseReason.HANDLED)
    dog = History("b", "stray_dog", "CAM-02").look(60, STALL, "p3").closed(CloseReason.HANDLED)
    found = label_pictures([heap, dog], NAMES, 10, since=minute(30))
    assert [picture.sha256 for picture in found.pictures] == ["p2"]
    assert found.left_out == {LeftOut.TOO_EARLY: 1, LeftOut.UNKNOWN_CATEGORY: 1}
