"""A case's life on rendered pictures: found, handled, looked at again, come back, permitted, suppressed.

Nothing is scripted but the order of the pictures and the steps of the people: feed, shipped model, grid, outbox, HTTP
API and database are those of a patrol. ``gridpatrol bench life`` tells each fact and fails where one does not hold.
"""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.case_life_street import Street
from benchmarks.machine import machine_facts
from benchmarks.result import finish
from core.clock import isoformat_z
from core.errors import PatrolError
from patrol.model_watch import Watchman

MORNING = datetime(2026, 5, 14, 0, 30, tzinfo=UTC)
"""08:30 in Shanghai, a Thursday: the demo's own day."""
EMPTY = (0, 1, 2, 3)
HEAP = (*range(4, 10), *range(20, 30))
"""CAM-01's pictures with the heap and no vendor."""
VENDOR = tuple(range(10, 20))
"""CAM-01's pictures with the tricycle; the heap lies there, too."""
GONE = EMPTY * 3
SOFA = tuple(range(3, 30))
"""CAM-03's pictures with the sofa."""
GARBAGE, STALL, CLUTTER = "exposed_garbage", "street_stall", "roadside_clutter"
HANDLED = ("take", {"command": "report", "note": "已清运"})
"""What the unit says."""
RECURRENCE_DAYS = 3


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that should hold, and what was found."""

    chapter: str
    expected: str
    found: str
    holds: bool


class Told:
    """Facts of one chapter, in the order of the story."""

    def __init__(self, chapter: str) -> None:
        self.chapter = chapter
        self.facts: list[Fact] = []

    def that(self, expected: str, found: object, holds: bool) -> None:
        self.facts.append(Fact(self.chapter, expected, str(found), holds))

    def same(self, expected: str, found: object, wanted: object) -> None:
        self.that(f"{expected}: {wanted}", found, found == wanted)


def handled_and_come_again(street: Street) -> tuple[Fact, ...]:
    """Garbage: case, report, still there → rework; gone → proposal, closing; back after three days → a linked case."""
    told, desk = Told("verification and recurrence"), street.desk
    end = street.watch("CAM-01", (*EMPTY, *HEAP), MORNING)
    found = desk.cases(GARBAGE)
    told.same("the heap is one candidate", [each["stage"] for each in found], ["collected"])
    case = _first(found, GARBAGE)
    case = desk.command(case, "accept", {"command": "dispatch", "unit": "环卫一所"}, *HANDLED)
    told.same("accepted, dispatched, taken, reported", case["stage"], "reported")

    end = street.watch("CAM-01", HEAP[6:], end + timedelta(minutes=10))
    case = desk.get(f"/api/v1/cases/{case['id']}")["case"]
    told.same("it still lies there: the cameras propose", case["proposal"], "present")
    case = desk.command(case, {"command": "rework", "note": "仍在原处"})
    told.same("sent back", (case["stage"], case["reworks"]), ("dispatched", 1))
    case = desk.command(case, *HANDLED)

    end = street.watch("CAM-01", GONE, end + timedelta(minutes=10))
    case = desk.get(f"/api/v1/cases/{case['id']}")["case"]
    told.same("it is gone: the cameras propose", case["proposal"], "absent")
    before, after = _pictures(street, case["id"])
    told.that(
        "the pictures before and after are there and differ",
        f"{len(before)} and {len(after)} bytes of JPEG",
        before[:2] == after[:2] == b"\xff\xd8" and before != after,
    )
    case = desk.command(case, "verify", "close")
    told.same("verified and closed", (case["stage"], case["close_reason"]), ("closed", "handled"))

    street.watch("CAM-01", (*EMPTY, *HEAP), MORNING + timedelta(days=RECURRENCE_DAYS))
    again = desk.cases(GARBAGE)
    told.same("back after three days: a second case", [each["state"] for each in again], ["closed", "open"])
    told.same("its count", again[-1]["recurrence"], 1)
    chain = [each["id"] for each in desk.get(f"/api/v1/cases/{case['id']}/chain")["cases"]]
    told.that("both are one chain", chain, chain == [each["id"] for each in again])
    recurring = [each["properties"] for each in desk.get("/api/v1/recurrence", days="30")["features"]]
    spots = [(each["cell_id"], each["cases"]) for each in recurring]
    told.same("the map of recurring spots", spots, [(case["cell_id"], 2)])
    return tuple(told.facts)


def permitted_in_its_hours(street: Street) -> tuple[Fact, ...]:
    """A stall in a permitted area: no case in its hours, and why; a case outside them."""
    told, desk = Told("permit"), street.desk
    permit = street.admin.post(
        "/api/v1/policy/permits",
        {
            "number": "临占2026-017",
            "name": "早市疏导点",
            "categories": [STALL],
            "polygon": _outline(street, "510104001001001"),
            "hours": [{"from": "06:00", "until": "10:00"}],
        },
    )
    street.watch("CAM-01", (*EMPTY, *VENDOR), MORNING)
    told.same("08:30, in its hours: cases of a stall", len(desk.cases(STALL, state="open")), 0)
    told.same("the garbage beside it is a case all the same", len(desk.cases(GARBAGE)), 1)
    decisions = desk.get("/api/v1/policy/decisions", verdict="suppress", category=STALL)["decisions"]
    told.that("each turning away is kept with its rule", _rules(decisions), set(_rules(decisions)) == {permit["rule"]})
    turned_away = _first(decisions, "turning away")["incident_id"]
    why = desk.get("/api/v1/policy/explain", incident_id=turned_away)
    told.that("policy/explain says why", why["en"], why["case_id"] is None and "临占2026-017" in why["zh"] + why["en"])

    street.watch("CAM-01", VENDOR, MORNING + timedelta(minutes=95))
    stalls = desk.cases(STALL)
    told.same("10:05, outside them: a case", [each["stage"] for each in stalls], ["collected"])
    opened = [desk.get("/api/v1/policy/explain", case_id=each["id"]) for each in stalls]
    tried = [trial for each in opened for trial in each["decisions"][0]["trials"] if trial["rule"] == permit["rule"]]
    told.that(
        "and why the permit does not hold", [each["en"] for each in tried], [t["applied"] for t in tried] == [False]
    )
    return tuple(told.facts)


def rejected_and_suppressed(street: Street) -> tuple[Fact, ...]:
    """A sofa is rejected and suppressed: no case while the suppression stands, one when it has expired."""
    told, desk = Told("suppression"), street.desk
    end = street.watch("CAM-03", (*EMPTY[:3], *SOFA), MORNING)
    found = desk.cases(CLUTTER)
    told.same("the sofa is a candidate", [each["stage"] for each in found], ["collected"])
    case = _first(found, CLUTTER)
    case = desk.command(case, {"command": "reject", "reason": "permitted", "note": "商户展品，已报备"})
    expires_at = end + timedelta(days=2)
    rule = desk.post(
        f"/api/v1/cases/{case['id']}/suppression", {"reason": "商户展品", "expires_at": isoformat_z(expires_at)}
    )
    told.same("rejected; suppressed until", (case["stage"], rule["expires_at"]), ("void", isoformat_z(expires_at)))

    street.watch("CAM-03", SOFA[7:], end + timedelta(hours=1))
    street.watch("CAM-03", SOFA[7:], end + timedelta(hours=30))
    told.same("it stands on, an hour and thirty hours later: open cases", len(desk.cases(CLUTTER, state="open")), 0)
    decisions = desk.get("/api/v1/policy/decisions", verdict="suppress")["decisions"]
    told.that("each turning away is kept with its rule", _rules(decisions), set(_rules(decisions)) == {rule["rule"]})
    turned_away = _first(decisions, "turning away")["incident_id"]
    why = desk.get("/api/v1/policy/explain", incident_id=turned_away)["decisions"]
    told.that("policy/explain says why", why[0]["en"], why[0]["rule"] == rule["rule"])

    street.watch("CAM-03", SOFA[7:], expires_at + timedelta(hours=1))
    opened = desk.cases(CLUTTER, state="open")
    told.same("an hour after its end: a case", [each["stage"] for each in opened], ["collected"])
    return tuple(told.facts)


CHAPTERS: Mapping[str, Callable[[Street], tuple[Fact, ...]]] = {
    "verification": handled_and_come_again,
    "permit": permitted_in_its_hours,
    "suppression": rejected_and_suppressed,
}


def play(chapter: str, folder: Path, watchman: Watchman | None = None) -> tuple[Fact, ...]:
    """One chapter in a folder of its own.

    Raises:
        PatrolError: a camera or the API failed.
    """
    with Street(folder / chapter, MORNING, watchman) as street:
        return CHAPTERS[chapter](street)


def main(
    data_dir: Annotated[
        Path | None, typer.Option(help="Keeps databases, pictures and clips here; none: they are thrown away.")
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the result here, too.")] = None,
) -> None:
    """案件全过程演示 / Cases' lives on rendered time lapses: verification, recurrence, permits, suppressions."""
    with tempfile.TemporaryDirectory(prefix="gridpatrol-life-") as thrown_away:
        facts = [fact for chapter in CHAPTERS for fact in play(chapter, data_dir or Path(thrown_away))]
    table = Table("", "chapter", "expected", "found")
    for fact in facts:
        table.add_row("✓" if fact.holds else "✗", fact.chapter, fact.expected, fact.found)
    Console(width=160).print(table)
    result = {"holds": all(f.holds for f in facts), "facts": [asdict(f) for f in facts], "machine": machine_facts()}
    finish(result, json_file)
    if not result["holds"]:
        raise typer.Exit(1)


def _first(found: Sequence[Mapping[str, Any]], what: str) -> Mapping[str, Any]:
    """Raises: PatrolError where there is none, so that the chapter cannot go on."""
    if not found:
        raise PatrolError(f"no {what} came of the pictures; run it with --data-dir and look at the clips")
    return found[0]


def _pictures(street: Street, case_id: str) -> tuple[bytes, bytes]:
    """The annotated pictures of the newest proposal."""
    proposed = [event["data"] for event in street.desk.events(case_id) if event["kind"] == "proposed"][-1]
    before, after = (street.desk.picture(proposed[side]["annotated"]) for side in ("before", "after"))
    return before, after


def _rules(decisions: list[Mapping[str, Any]]) -> list[str]:
    return [str(each["rule"]) for each in decisions]


def _outline(street: Street, cell_id: str) -> list[list[list[float]]]:
    feature = street.desk.get(f"/api/v1/cells/{cell_id}")
    rings: list[list[list[float]]] = feature["geometry"]["coordinates"]
    return rings
