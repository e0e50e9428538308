"""A city's last sixty days, written in bulk for the desk's pages: cases at every stage, with pictures and decisions.

Each case is what the fold makes of its events (``cases.case.apply``), and the events are chained as the ledger chains
them, so `gridpatrol audit verify` holds; the roll-ups are made from the cases (``cases.overview.rolling.rebuild``).
Filled: events, cases, their cameras, incidents and postings, policy's decisions and people's reviews, evidence rows
(a few real pictures, shared by all cases), camera states. Seeded: two databases get the same.
"""

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Engine, insert

from cases import tables
from cases.access.chain import FIRST
from cases.access.event_chain import event_hash
from cases.case import Case, CaseEvent, CaseEventKind, EvidenceRefs, apply
from cases.overview.rolling import rebuild
from cases.policy.tables import policy_decision, policy_review
from cases.rows import case_row, event_row
from cases.transactions import EVENT_COUNTER, insert_or_replace, writing
from core.clock import as_utc, isoformat_z
from core.ids import CaseId

BATCH = 1_000
DAYS = 60
CATEGORIES = ("street_stall", "exposed_garbage", "roadside_clutter")
HOURS_BY_CATEGORY = {"street_stall": 2.0, "exposed_garbage": 4.0, "roadside_clutter": 24.0}
UNITS = tuple(
    f"{name}{kind}" for name in ("青羊", "锦江", "武侯", "成华", "金牛") for kind in ("环卫所", "执法中队", "市政所")
)
PEOPLE = ("person:zhang", "person:li", "person:wang", "person:chen")
BY_HOUR = (1, 1, 1, 1, 1, 2, 5, 9, 10, 9, 8, 9, 9, 7, 7, 8, 9, 11, 12, 11, 9, 6, 3, 2)
"""How busy each of the city's hours is."""
REJECTED = 0.22
LEFT_WAITING, LEFT_LYING = 800, 2_000
"""So many candidates that nobody has looked at, and cases that stay with their unit, whatever their age."""


@dataclass(frozen=True, slots=True)
class Town:
    """Where the cases lie."""

    cells: Sequence[str]
    zones: Mapping[str, str]
    cameras: Sequence[str]
    pictures: Sequence[EvidenceRefs]


@dataclass(slots=True)
class DeskHistory:
    """Writes cases into a migrated database without any."""

    town: Town
    now: datetime
    dice: Random = field(default_factory=lambda: Random(6))  # noqa: S311 - a past, no secret
    _waiting: float = 0.0
    _lying: float = 0.0
    """Shares of the cases that are left so."""
    _seq: int = 0
    _hash: str = FIRST
    _rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    _standing: set[tuple[str, str]] = field(default_factory=set)
    """Cells and categories that have an open case already."""
    _chains: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)
    """The last closed case there, and how many it repeats."""

    def fill(self, engine: Engine, cases: int, say: Callable[[str], None]) -> None:
        """Write them, oldest first, and make the roll-ups."""
        moments = sorted(self._moments(cases))
        places = len(self.town.cells) * len(CATEGORIES) / 3  # each holds one open case
        self._waiting = min(LEFT_WAITING, places) / max(cases, 10 * LEFT_WAITING)
        self._lying = min(LEFT_LYING, places) / max(cases, 10 * LEFT_LYING)
        for begin in range(0, cases, BATCH):
            self._rows = {table.name: [] for table in _TABLES}
            for number in range(begin, min(begin + BATCH, cases)):
                self._add(number, moments[number])
            with writing(engine) as connection:
                for table in _TABLES:
                    if self._rows[table.name]:
                        connection.execute(insert(table), self._rows[table.name])
                insert_or_replace(connection, tables.counter, [{"name": EVENT_COUNTER, "value": self._seq}])
            if begin and begin % 20_000 == 0:
                say(f"{begin} cases written")
        with writing(engine) as connection:
            rebuild(connection)

    def _moments(self, cases: int) -> Iterator[datetime]:
        first = (self.now - timedelta(days=DAYS)).replace(minute=0, second=0, microsecond=0)
        for _ in range(cases):
            day, hour = self.dice.randrange(DAYS), self.dice.choices(range(24), BY_HOUR)[0]
            at = first + timedelta(days=day, hours=hour - 8, seconds=self.dice.uniform(0, 3600))
            yield min(at, self.now - timedelta(minutes=1))

    def _add(self, number: int, at: datetime) -> None:
        dice, town = self.dice, self.town
        case_id = CaseId(str(uuid.UUID(int=dice.getrandbits(128), version=4)))
        spot = self._spot()
        cell = spot[0]
        camera = dice.choice(town.cameras)
        unit = UNITS[hash_of(cell) % len(UNITS)]
        previous, recurrence = self._chains.get(spot, (None, 0)) if dice.random() < 0.25 else (None, 0)
        refs = town.pictures[number % len(town.pictures)]
        opening = _opening(number, at, camera, spot, town.zones[cell], unit, refs, previous, recurrence)
        case = self._append(None, case_id, CaseEventKind.OPENED, at, "worker:desk-bench", opening)
        case = self._live(case, at, unit, camera)
        self._keep(case, number, at, camera, opening)
        if case.is_open:
            self._standing.add(spot)
        elif case.life.registered_at is not None:
            self._chains[spot] = (case.id, recurrence + 1)

    def _spot(self) -> tuple[str, str]:
        """Some cells see far more than others; one that has an open case gets no second."""
        while True:
            cell = self.dice.choice(self.town.cells)
            if self.dice.random() < 0.3:
                cell = self.town.cells[min(7 * int(self.dice.paretovariate(0.6)), len(self.town.cells)) - 1]
            spot = (cell, self.dice.choices(CATEGORIES, (5, 4, 2))[0])
            if spot not in self._standing:
                return spot

    def _live(self, case: Case, at: datetime, unit: str, camera: str) -> Case:
        """On through its stages, as far as its age lets it."""
        dice = self.dice

        def then(kind: CaseEventKind, after_s: float, actor: str, **data: Any) -> bool:
            nonlocal case, at
            at += timedelta(seconds=after_s)
            if at > self.now:
                return False
            case = self._append(case, case.id, kind, at, actor, {"note": "", **data})
            return True

        person = dice.choice(PEOPLE)
        if dice.random() < 0.3:
            then(CaseEventKind.SEEN, 200.0, "worker:desk-bench", **_sighting(case, at + timedelta(seconds=200), camera))
        if dice.random() < self._waiting:
            return case
        if dice.random() < REJECTED:
            reason = dice.choices(("false_alarm", "permitted"), (4, 1))[0]
            if then(CaseEventKind.CLOSED, dice.expovariate(1 / 500) + 300, person, reason=reason):
                self._review(case, camera, False, person)
            return case
        if not then(CaseEventKind.ACCEPTED, dice.expovariate(1 / 500) + 300, person):
            return case
        self._review(case, camera, True, person)
        due = at + timedelta(hours=HOURS_BY_CATEGORY[case.category])
        near = at + timedelta(hours=0.8 * HOURS_BY_CATEGORY[case.category])
        deadline = {"due_at": isoformat_z(due), "near_due_at": isoformat_z(near), "rule": case.category}
        steps: list[tuple[CaseEventKind, float, str, dict[str, Any]]] = [
            (CaseEventKind.DEADLINE_SET, 0.0, "system:deadlines", deadline),
            (CaseEventKind.DISPATCHED, dice.expovariate(1 / 600), person, {"unit": unit}),
            (CaseEventKind.TAKEN, dice.expovariate(1 / 1200), person, {"handler": "王强"}),
            (CaseEventKind.REPORTED, dice.expovariate(1 / (1400 * HOURS_BY_CATEGORY[case.category])), person, {}),
            (CaseEventKind.VERIFIED, dice.expovariate(1 / 1800), person, {}),
            (CaseEventKind.CLOSED, dice.expovariate(1 / 1800), person, {"reason": "handled"}),
        ]
        if dice.random() < self._lying:
            steps = steps[: dice.randint(1, 3)]
        for kind, after_s, actor, data in steps:
            if not then(kind, after_s, actor, **data):
                break
        return case

    def _append(
        self, case: Case | None, case_id: CaseId, kind: CaseEventKind, at: datetime, actor: str, data: dict[str, Any]
    ) -> Case:
        self._seq += 1
        event = CaseEvent(self._seq, case_id, kind, as_utc(at), as_utc(at), actor, data)
        self._hash = event_hash(self._hash, event)
        self._rows["case_event"].append({**event_row(event), "hash": self._hash})
        return apply(case, event)

    def _review(self, case: Case, camera: str, was_right: bool, person: str) -> None:
        self._rows["policy_review"].append(
            {
                "case_id": case.id,
                "camera_id": camera,
                "category": case.category,
                "is_night": False,
                "was_right": was_right,
                "reviewed_at": case.closed_at or case.life.registered_at,
                "reviewed_by": person,
                "event_seq": case.updated_seq,
            }
        )

    def _keep(self, case: Case, number: int, at: datetime, camera: str, opening: Mapping[str, Any]) -> None:
        incident = opening["incident_id"]
        self._rows["case"].append(case_row(case))
        self._rows["case_camera"].append({"camera_id": camera, "case_id": case.id})
        self._rows["incident_binding"].append({"incident_id": incident, "case_id": case.id})
        self._rows["intake"].append(
            {
                "idempotency_key": f"{incident}:0",
                "body_sha256": f"{number:064x}",
                "incident_id": incident,
                "sequence": 0,
                "case_id": case.id,
                "case_number": case.number,
                "outcome": "opened",
                "event_seq": case.opened_seq,
                "received_at": at,
            }
        )
        self._rows["policy_decision"].append(
            {
                "decided_at": at,
                "at": at,
                "incident_id": incident,
                "camera_id": camera,
                "cell_id": case.cell_id,
                "category": case.category,
                "verdict": "queue",
                "rule": "default:queue",
                "case_id": case.id,
                "zh": "等待人工确认：未设自动立案",
                "en": "waits for a person: no auto-file switch is set",
                "trials": [],
                "elsewhere": 0,
                "is_night": False,
                "rules_version": 0,
                "facts": {"confidence": case.confidence, "probability": case.probability},
            }
        )


_TABLES = (
    tables.case_event,
    tables.case,
    tables.case_camera,
    tables.incident_binding,
    tables.intake,
    policy_decision,
    policy_review,
)


def hash_of(text: str) -> int:
    """The same in every process."""
    return uuid.uuid5(uuid.NAMESPACE_OID, text).int


def _opening(
    number: int,
    at: datetime,
    camera: str,
    spot: tuple[str, str],
    zone: str,
    unit: str,
    refs: EvidenceRefs,
    previous: str | None,
    recurrence: int,
) -> dict[str, Any]:
    seen_at = isoformat_z(at)
    return {
        "incident_id": f"desk-{number}",
        "sequence": 0,
        "incident_kind": "opened",
        "joined": False,
        "camera_id": camera,
        "view_id": camera,
        "first_seen_at": isoformat_z(at - timedelta(minutes=10)),
        "last_seen_at": seen_at,
        "object_count": 1 + number % 3,
        "confidence": round(0.5 + 0.45 * ((number * 37) % 100) / 100, 3),
        "probability": round(0.55 + 0.44 * ((number * 53) % 100) / 100, 3),
        "boxes": [[220.0, 150.0, 360.0, 260.0]],
        "model": {"name": "desk-bench", "sha256": "9f" * 32},
        "evidence": refs.as_json(),
        "worker_id": "desk-bench",
        "number": f"510105{at:%Y%m%d}01{number:07d}",
        "cell_id": spot[0],
        "category": spot[1],
        "zone": zone,
        "unit": unit,
        "previous_case_id": previous,
        "recurrence": recurrence,
        "catalogue_version": None,
    }


def _sighting(case: Case, at: datetime, camera: str) -> dict[str, Any]:
    return {
        "incident_id": case.presences[0].incident_id,
        "sequence": 1,
        "incident_kind": "seen",
        "joined": False,
        "camera_id": camera,
        "view_id": camera,
        "first_seen_at": isoformat_z(case.first_seen_at),
        "last_seen_at": isoformat_z(at),
        "object_count": 1,
        "confidence": case.confidence,
        "probability": case.probability,
        "boxes": [[224.0, 152.0, 362.0, 262.0]],
        "model": {"name": "desk-bench", "sha256": "9f" * 32},
        "evidence": None if case.evidence is None else case.evidence.as_json(),
        "worker_id": "desk-bench",
    }
