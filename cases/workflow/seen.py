"""A command from a page that has stood open for a while: done on the case as it was seen, or refused in words.

A version moves with every sighting, which changes nothing about what a seat decides. What counts is how far the case
has come: that must still be what the seat looked at.
"""

import hashlib
import json
from datetime import datetime

from cases.case import Case
from cases.workflow.claims import CaseClaimed
from cases.workflow.orders import CommandOutOfPlace, Order, Seat
from cases.workflow.store import WorkflowStore
from core.errors import CaseConflict
from core.ids import CaseId

_TRIES = 4


class CaseMovedOn(CaseConflict):
    """Somebody took a step with the case since it was looked at."""


def life_key(case: Case) -> str:
    """Names how far a case has come and with whom it is; sightings and comments leave it as it is."""
    life = case.life
    told = [
        life.stage.value,
        case.unit,
        life.handler,
        life.is_suspended,
        life.extension_hours,
        life.extensions,
        life.reworks,
        None if life.reported_at is None else life.reported_at.isoformat(),
    ]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]


def give_as_seen(store: WorkflowStore, case_id: CaseId, order: Order, seat: Seat, now: datetime, saw: str) -> Case:
    """The case after the command, given to the case as it was seen.

    Args:
        saw: the ``life_key`` of what the seat looked at.

    Raises:
        CaseMovedOn: somebody took a step since.
        CaseClaimed, CaseConflict, SeatRefused, CommandIncomplete: as ``WorkflowStore.give``.
    """
    for _ in range(_TRIES):
        case, _ = store.possible(case_id, seat, now)
        if life_key(case) != saw:
            raise CaseMovedOn(
                f"case {case.number} has moved on since you looked: it is {case.life.stage.value} now; "
                "look at its newest step, then decide again"
            )
        try:
            return store.give(case_id, order, seat, now, expected_version=case.version)
        except (CaseClaimed, CommandOutOfPlace):
            raise
        except CaseConflict:
            continue  # it was seen once more in between: that changes no decision
    raise CaseConflict(f"case {case_id} changes faster than it can be commanded; try once more")
