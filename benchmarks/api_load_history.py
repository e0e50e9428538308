"""A city's past, written in bulk: cases with their events, so that a measured query meets a full database.

Each case is what the fold makes of its events (``cases.case.apply``), and the events are chained as the ledger chains
them, so `gridpatrol audit verify` holds. Filled: ``case_event``, ``case``, ``case_camera``, ``incident_binding``,
``intake`` and the event counter. Not filled: pictures, and the rows that policy keeps of its decisions.
"""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Engine, insert

from cases import tables
from cases.access.chain import FIRST
from cases.access.event_chain import event_hash
from cases.case import Case, CaseEvent, CaseEventKind, apply
from cases.rows import case_row, event_row
from cases.transactions import EVENT_COUNTER, insert_or_replace, writing
from core.clock import as_utc
from core.ids import CaseId

OPEN_EACH = 50
"""One case in so many is open."""
BATCH = 2_000
CATEGORIES = ("exposed_garbage", "street_stall", "bin_overflow")
CAMERAS = tuple(f"CAM-{number:03d}" for number in range(50))
BEGAN = datetime(2025, 1, 1, tzinfo=UTC)


class History:
    """Cases of the past; seeded, so that two databases get the same."""

    def __init__(self) -> None:
        self._dice = Random(5)  # noqa: S311 - a past, no secret
        self._seq = 0
        self._hash = FIRST
        self._rows: dict[str, list[dict[str, Any]]] = {}

    def fill(self, engine: Engine, cases: int, say: Callable[[str], None]) -> None:
        """Write ``cases`` cases into a migrated database without any."""
        for begin in range(0, cases, BATCH):
            self._rows = {name: [] for name in ("case_event", "case", "case_camera", "incident_binding", "intake")}
            for number in range(begin, min(begin + BATCH, cases)):
                self._add(number)
            with writing(engine) as connection:
                for name, rows in self._rows.items():
                    connection.execute(insert(tables.metadata.tables[name]), rows)
                count = {"name": EVENT_COUNTER, "value": self._seq}
                insert_or_replace(connection, tables.counter, [count])
            if begin and begin % 100_000 == 0:
                say(f"{begin} cases written")

    def _add(self, number: int) -> None:
        at = BEGAN + timedelta(seconds=20 * number)
        case_id = CaseId(str(uuid.UUID(int=self._dice.getrandbits(128), version=4)))
        incident_id, camera_id = f"past-{number}", CAMERAS[number % len(CAMERAS)]
        case = self._append(None, case_id, CaseEventKind.OPENED, at, f"worker:{camera_id}", _opening(number, at))
        if number % OPEN_EACH:
            data = {"reason": "handled", "note": ""}
            case = self._append(case, case_id, CaseEventKind.CLOSED, at + timedelta(hours=2), "李敏", data)
        self._rows["case"].append(case_row(case))
        self._rows["case_camera"].append({"camera_id": camera_id, "case_id": case_id})
        self._rows["incident_binding"].append({"incident_id": incident_id, "case_id": case_id})
        self._rows["intake"].append(
            {
                "idempotency_key": f"{incident_id}:0",
                "body_sha256": f"{number:064x}",
                "incident_id": incident_id,
                "sequence": 0,
                "case_id": case_id,
                "case_number": case.number,
                "outcome": "opened",
                "event_seq": case.opened_seq,
                "received_at": at,
            }
        )

    def _append(
        self, case: Case | None, case_id: CaseId, kind: CaseEventKind, at: datetime, actor: str, data: dict[str, Any]
    ) -> Case:
        self._seq += 1
        event = CaseEvent(self._seq, case_id, kind, as_utc(at), as_utc(at), actor, data)
        self._hash = event_hash(self._hash, event)
        self._rows["case_event"].append({**event_row(event), "hash": self._hash})
        return apply(case, event)


def _opening(number: int, at: datetime) -> dict[str, Any]:
    """What an opening event keeps; open cases never share their (cell, category)."""
    seen_at = at.isoformat().replace("+00:00", "Z")
    return {
        "incident_id": f"past-{number}",
        "sequence": 0,
        "incident_kind": "opened",
        "joined": False,
        "camera_id": CAMERAS[number % len(CAMERAS)],
        "view_id": CAMERAS[number % len(CAMERAS)],
        "first_seen_at": seen_at,
        "last_seen_at": seen_at,
        "object_count": 1,
        "confidence": 0.8,
        "boxes": [[10.0, 20.0, 110.0, 220.0]],
        "model": {"name": "bench", "sha256": "9f" * 32},
        "evidence": None,
        "worker_id": "bench",
        "number": f"510104{at:%Y%m%d}01{number:07d}",
        "cell_id": f"5101040{number:08d}" if number % OPEN_EACH == 0 else f"5101041{number % 5000:08d}",
        "category": CATEGORIES[number % len(CATEGORIES)],
        "zone": None,
        "unit": None,
        "previous_case_id": None,
        "recurrence": 0,
        "catalogue_version": None,
    }
