"""A desk for the workflow's tests: candidates in cells of their own, brought to any stage by any seat."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from cases.case import Case, CloseReason, fold
from cases.house import CaseHouse
from cases.life import Stage
from cases.queries import CaseQuery
from cases.roles import Role
from cases.rules import CaseRules
from cases.store import CaseStore
from cases.workflow.commands import STEPS, Command
from cases.workflow.orders import Order, Seat
from core.ids import CaseId, CellId
from tests.cases.reports import NOON, announce, minute, report

UNIT = "环卫一所"
OTHER_UNIT = "城管二中队"
SOUND: dict[str, Any] = {
    "note": "原因",
    "reason": CloseReason.FALSE_ALARM,
    "unit": UNIT,
    "handler": "王强",
    "hours": 2.0,
}
"""Everything that any command needs."""
WAY: tuple[tuple[Stage, Command], ...] = (
    (Stage.REGISTERED, Command.ACCEPT),
    (Stage.DISPATCHED, Command.DISPATCH),
    (Stage.HANDLING, Command.TAKE),
    (Stage.REPORTED, Command.REPORT),
    (Stage.VERIFIED, Command.VERIFY),
    (Stage.CLOSED, Command.CLOSE),
)
LEADER = Seat("班长", frozenset({Role.SHIFT_LEADER}))
EVERYBODY = Seat("全岗", frozenset(Role) - {Role.AUDITOR}, UNIT)


def seat(role: Role, unit: str | None = UNIT) -> Seat:
    return Seat(f"{role}-seat", frozenset({role}), unit if role is Role.HANDLING_UNIT else None)


def order(command: Command, **changed: Any) -> Order:
    return Order(command, **{**SOUND, **changed})


def way_to(stage: Stage) -> Iterable[Command]:
    """The commands that bring a candidate there."""
    if stage is Stage.COLLECTED:
        return ()
    if stage is Stage.VOID:
        return (Command.REJECT,)
    stages = [each for each, _ in WAY]
    return tuple(command for _, command in WAY[: stages.index(stage) + 1])


class Office:
    """The real stores on one database."""

    def __init__(self, engine: Engine, **rules: Any) -> None:
        self.engine = engine
        self.store = CaseStore(engine, CaseRules(**rules))
        self.house = CaseHouse.over(self.store)
        self.workflow = self.house.workflow
        self.count = 0
        announce(self.store)

    def candidate(self, at: datetime = NOON, **changed: Any) -> Case:
        """A new one, in a cell of its own unless told otherwise."""
        self.count += 1
        fields = {"cell_id": CellId(f"5101040010{self.count:05d}"), "incident": f"o{self.count}", **changed}
        sent = report(at=at, **fields)
        receipt = self.store.ingest(sent, sent.idempotency_key, at, unit=UNIT)
        return self.store.get_case(receipt.case_id)

    def at_stage(self, stage: Stage, at: datetime = NOON, **changed: Any) -> Case:
        case = self.candidate(at, **changed)
        for command in way_to(stage):
            case = self.give(case.id, command, EVERYBODY, at)
        assert case.life.stage is stage
        return case

    def give(
        self, case_id: CaseId, command: Command, by: Seat = EVERYBODY, at: datetime | None = None, **changed: Any
    ) -> Case:
        return self.workflow.give(case_id, order(command, **changed), by, at or minute(1))

    def check_folds(self) -> None:
        """Every row is what its events make."""
        cursor: str | None = None
        while True:
            page = self.store.list_cases(CaseQuery(), cursor, 500)
            for case in page.cases:
                assert case == fold(self.store.events_of(case.id))
            cursor = page.next_cursor
            if cursor is None:
                return


def allowed_role(command: Command) -> Role:
    return sorted(STEPS[command].roles)[0]
