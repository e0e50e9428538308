"""A case as the fold of its events; where a report belongs; how a case is numbered: all without a database."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from cases.case import CLEARED_INCIDENTS_KEPT, Case, CaseEvent, CaseEventKind, apply, fold
from cases.incidents_in import IncidentReport, check
from cases.ledger import Posting
from cases.number import case_number, numbering_day, zone_named
from cases.placing import Candidates, place
from cases.queries import Outcome
from core.errors import CaseConflict, ConfigError, IncidentRefused
from core.geometry import Box
from core.ids import CaseId, CellId
from tests.cases.reports import CLEARED, NOON, OPENED, SEEN, minute, report


def reported(seq: int, sent: IncidentReport, kind: CaseEventKind, case_id: str = "case-1", **more: Any) -> CaseEvent:
    data = {**Posting(sent, "key", "", NOON, None, None).event_data(Outcome.ATTACHED), **more}
    return CaseEvent(seq, CaseId(case_id), kind, sent.at, sent.at, "worker:worker-1", data)


def opened(seq: int = 1, case_id: str = "case-1") -> CaseEvent:
    return reported(
        seq,
        report(),
        CaseEventKind.OPENED,
        case_id,
        number=f"n-{case_id}",
        cell_id="510104001001001",
        category="exposed_garbage",
        zone=None,
        unit=None,
        previous_case_id=None,
    )


def closed(seq: int, at_minute: float = 20, case_id: str = "case-1") -> CaseEvent:
    data = {"reason": "handled", "note": ""}
    at = minute(at_minute)
    return CaseEvent(seq, CaseId(case_id), CaseEventKind.CLOSED, at, at, "duty", data)


def seen(seq: int, sequence: int = 1, kind: CaseEventKind = CaseEventKind.SEEN) -> CaseEvent:
    return reported(seq, report(SEEN, minute(sequence), sequence=sequence), kind)


@pytest.mark.parametrize(
    "events",
    [
        [],
        [seen(1)],
        [closed(1)],
        [opened(1), opened(2)],
        [opened(1), closed(2), closed(3)],
        [opened(1), closed(2), seen(3)],
        [opened(1), seen(2, kind=CaseEventKind.LATE_SIGHTING)],
        [opened(1), closed(2, case_id="case-2")],
    ],
    ids=[
        "none",
        "seen first",
        "closed first",
        "opened twice",
        "closed twice",
        "seen after closing",
        "late on an open case",
        "another case's event",
    ],
)
def test_a_history_that_no_case_can_have_is_refused(events: list[CaseEvent]) -> None:
    with pytest.raises(CaseConflict):
        fold(events)


def test_an_event_out_of_order_does_not_bring_a_cleared_incident_back() -> None:
    cleared = reported(2, report(CLEARED, minute(30), sequence=3), CaseEventKind.CLEARED)
    case = fold([opened(), cleared, seen(3, sequence=2)])
    assert case.cleared_at == minute(30)
    assert fold([opened(), cleared, seen(3, sequence=4)]).cleared_at is None


def test_a_case_that_stands_for_months_remembers_a_bounded_number_of_cleared_incidents() -> None:
    case = fold([opened()])
    for number in range(1, 2 * CLEARED_INCIDENTS_KEPT):
        sent = report(CLEARED, minute(number), incident=f"gone-{number}", sequence=1)
        case = apply(case, reported(number + 1, sent, CaseEventKind.CLEARED))
    assert len(case.presences) == CLEARED_INCIDENTS_KEPT + 1
    assert case.cleared_at is None, "the incident that opened it still stands"


def standing(case_id: str = "open") -> Case:
    return fold([opened(case_id=case_id)])


def ended(case_id: str = "closed", at_minute: float = 20) -> Case:
    return fold([opened(case_id=case_id), closed(2, at_minute, case_id)])


@pytest.mark.parametrize(
    ("sent", "found", "outcome", "case_id", "kind"),
    [
        (report(), Candidates(None, None, None, None), "opened", None, "opened"),
        (report(), Candidates(None, standing(), None, None), "joined", "open", "seen"),
        (report(CLEARED), Candidates(None, standing(), None, None), "joined", "open", "cleared"),
        (report(SEEN), Candidates(standing(), standing("x"), None, None), "attached", "open", "seen"),
        (report(SEEN, minute(9)), Candidates(ended(), None, None, None), "attached", "closed", "late_sighting"),
        (report(SEEN, minute(21)), Candidates(ended(), None, None, None), "opened", None, "opened"),
        (report(SEEN, minute(21)), Candidates(ended(), standing(), None, None), "joined", "open", "seen"),
        (report(CLEARED, minute(99)), Candidates(ended(), standing(), None, None), "attached", "closed", "cleared"),
        (report(), Candidates(None, None, ended(), None), "attached", "closed", "late_sighting"),
        (report(OPENED), Candidates(None, standing(), ended(), None), "joined", "open", "seen"),
        (report(CLEARED), Candidates(None, None, ended(), None), "attached", "closed", "cleared"),
        (report(CLEARED), Candidates(None, None, None, None), "opened", None, "opened"),
    ],
)
def test_where_a_report_belongs(
    sent: IncidentReport, found: Candidates, outcome: str, case_id: str | None, kind: str
) -> None:
    placement = place(sent, found)
    assert (placement.outcome, placement.case and placement.case.id, placement.kind) == (outcome, case_id, kind)


def test_a_new_case_names_the_newest_one_it_repeats() -> None:
    sent = report(SEEN, minute(60))
    assert place(sent, Candidates(None, None, None, ended("recent"))).previous_case_id == "recent"
    assert place(sent, Candidates(ended("bound"), None, None, None)).previous_case_id == "bound"
    assert place(sent, Candidates(ended("bound"), None, None, ended("recent"))).previous_case_id == "recent"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"camera_id": ""}, "camera_id"),
        ({"cell_id": "x" * 201}, "cell_id"),
        ({"category": "a\x00b"}, "category"),
        ({"incident_id": "\ud800"}, "incident_id"),
        ({"at": NOON.replace(tzinfo=None)}, "at .* no time zone"),
        ({"first_seen_at": minute(1)}, "times run backwards"),
        ({"last_seen_at": minute(60)}, "last_seen_at .* future"),
        ({"sequence": -1}, "sequence"),
        ({"object_count": 2**31}, "object_count"),
        ({"confidence": float("nan")}, "confidence"),
        ({"confidence": 1.5}, "confidence"),
        ({"probability": 1.01}, "probability 1.01 is not a share"),
        ({"probability": float("nan")}, "probability"),
        ({"boxes": (Box(0, 0, float("inf"), 1),)}, "not finite"),
        ({"boxes": (Box(0, 0, 1, 1),) * 1001}, "1001 boxes"),
    ],
)
def test_a_field_that_cannot_be_is_refused_by_name(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(IncidentRefused, match=said):
        check(report(**changed), NOON, 300)


def test_a_report_is_the_same_whoever_builds_it() -> None:
    sent = report()
    copy = IncidentReport.of(sent, sent.model, sent.evidence, sent.worker_id)
    assert copy == sent
    assert copy.body_sha256 == sent.body_sha256
    assert copy.idempotency_key == "incident-1:0"


def test_a_report_without_a_probability_is_the_report_that_older_workers_sent() -> None:
    assert "probability" not in report().as_json()
    told = report(probability=0.87)
    assert told.as_json()["probability"] == 0.87
    assert told.body_sha256 != report().body_sha256


def test_a_case_tells_the_highest_probability_that_any_report_told() -> None:
    def told(*probabilities: float | None) -> float | None:
        opening = opened()
        history = [replace(opening, data={**opening.data, "probability": probabilities[0]})]
        for seq, probability in enumerate(probabilities[1:], start=2):
            sent = report(SEEN, minute(seq), sequence=seq, probability=probability)
            history.append(reported(seq, sent, CaseEventKind.SEEN))
        return fold(history).probability

    assert told(None, None) is None
    assert told(None, 0.4, None) == 0.4
    assert told(0.7, 0.4) == 0.7
    assert told(0.2, 0.9, 0.4) == 0.9


@pytest.mark.parametrize(
    ("cell", "serial", "number"),
    [
        ("510104001001001", 1, "5101042026112201000001"),
        ("510104001001001-03", 999_999, "5101042026112201999999"),
        ("510104001001001", 1_000_000, "51010420261122011000000"),
        ("demo-cell", 7, "0000002026112201000007"),
        ("٥١٠١٠٤001001001", 7, "0000002026112201000007"),
    ],
    ids=["usual", "sub-cell", "a million a day", "no district", "other digits"],
)
def test_a_printed_number(cell: str, serial: int, number: str) -> None:
    assert case_number(CellId(cell), date(2026, 11, 22), "01", serial) == number


def test_the_day_turns_in_the_citys_zone() -> None:
    evening = datetime(2026, 11, 22, 16, tzinfo=UTC)
    assert numbering_day(evening, zone_named("Asia/Shanghai")) == date(2026, 11, 23)
    assert numbering_day(evening, zone_named("UTC")) == date(2026, 11, 22)


@pytest.mark.parametrize("name", ["Mars/Base", "", "../etc/passwd"])
def test_an_unknown_zone_is_refused_by_name(name: str) -> None:
    with pytest.raises(ConfigError, match=r"cases\.number_zone.*Asia/Shanghai"):
        zone_named(name)
