"""The workflow's store: commands and claims in, each in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, func, select

from cases import tables
from cases.case import Case
from cases.life import Stage
from cases.rows import case_of
from cases.transactions import line_up, reading, writing
from cases.workflow.claims import Claim, check_claim, claim_on, claims_on, release_claim, take_claim
from cases.workflow.closing import lacks_after
from cases.workflow.commanding import give, standing, was_given
from cases.workflow.commands import Command
from cases.workflow.orders import CommandOutOfPlace, Order, Seat, possible
from cases.workflow.proposing import after_report
from cases.workflow.undoing import check_undo_on
from core.ids import CaseId, CategoryId, CellId

LONGEST_CHAIN = 200


@dataclass(frozen=True, slots=True)
class Spot:
    """A place where the same thing comes back again and again."""

    cell_id: CellId
    category: CategoryId
    cases: int
    """In the time asked about."""
    last_opened_at: datetime


class WorkflowStore:
    """Every method may raise ``DatabaseUnavailable``. Threads may share one."""

    def __init__(self, engine: Engine, verify_by_rule: tuple[str, ...] = ()) -> None:
        self._engine = engine
        self._verify_by_rule = verify_by_rule

    def give(
        self,
        case_id: CaseId,
        order: Order,
        seat: Seat,
        now: datetime,
        expected_version: int | None = None,
        command_id: str | None = None,
    ) -> Case:
        """See ``commanding.give``; another seat's claim is kept, one's own ends with the deed.

        Raises:
            CaseClaimed: another seat works on it.
        """
        with writing(self._engine) as connection:
            line_up(connection)
            case = standing(connection, case_id)
            if command_id is not None and was_given(connection, command_id, case, order):
                return case  # done before, whoever holds the case now
            if order.command is not Command.COMMENT:
                check_claim(connection, case_id, seat.actor, now)
            case = give(connection, case_id, order, seat, now, expected_version=expected_version, command_id=command_id)
            if order.command is not Command.COMMENT:
                release_claim(connection, case_id, seat.actor)
            if order.command is Command.REPORT:
                case = after_report(connection, case, now, self._verify_by_rule)
            return case

    def possible(self, case_id: CaseId, seat: Seat, now: datetime) -> tuple[Case, tuple[Command, ...]]:
        """The case, and what the seat may do with it now. Raises: CaseNotFound."""
        with reading(self._engine) as connection:
            case = standing(connection, case_id)
            commands = possible(case, seat, now)
            if Command.UNDO in commands:
                try:
                    check_undo_on(connection, case, seat, now)
                except CommandOutOfPlace:
                    commands = tuple(command for command in commands if command is not Command.UNDO)
        return case, commands

    def verifying_takes_a_note(self, case: Case) -> bool:
        """Whether a case that has been reported lacks the picture after that its category needs."""
        if case.life.stage is not Stage.REPORTED:
            return False
        with reading(self._engine) as connection:
            return lacks_after(connection, case)

    def claim(self, case_id: CaseId, holder: str, now: datetime) -> Claim:
        """Raises: CaseNotFound, CaseClaimed."""
        with writing(self._engine) as connection:
            line_up(connection)
            standing(connection, case_id)
            return take_claim(connection, case_id, holder, now)

    def release(self, case_id: CaseId, holder: str) -> None:
        with writing(self._engine) as connection:
            release_claim(connection, case_id, holder)

    def claim_on(self, case_id: CaseId, now: datetime) -> Claim | None:
        with reading(self._engine) as connection:
            return claim_on(connection, case_id, now)

    def claims(self, now: datetime) -> tuple[Claim, ...]:
        with reading(self._engine) as connection:
            return claims_on(connection, now)

    def chain(self, case_id: CaseId) -> tuple[Case, ...]:
        """The case and all that it repeats or that repeat it, the first one first. Raises: CaseNotFound."""
        with reading(self._engine) as connection:
            case = standing(connection, case_id)
            table = tables.case
            rows = connection.execute(
                select(table)
                .where(table.c.cell_id == case.cell_id, table.c.category == case.category)
                .order_by(table.c.opened_seq.desc())
                .limit(5 * LONGEST_CHAIN)
            ).all()
        return linked(case, [case_of(row) for row in rows])

    def spots(self, since: datetime, least: int = 2, limit: int = 1000) -> Sequence[Spot]:
        """Where cases of one category came again in one cell since then, the most first."""
        table = tables.case
        count, place = func.count(), (table.c.cell_id, table.c.category)
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(
                    table.c.cell_id, table.c.category, count.label("cases"), func.max(table.c.opened_at).label("last")
                )
                .where(table.c.opened_at >= since, table.c.stage != "void")
                .group_by(*place)
                .having(count >= least)
                .order_by(count.desc(), *place)
                .limit(limit)
            ).all()
        return [Spot(CellId(row.cell_id), CategoryId(row.category), row.cases, row.last) for row in rows]


def linked(case: Case, others: Sequence[Case]) -> tuple[Case, ...]:
    """Those of the others that hang together with the case by repeating each other."""
    by_id = {each.id: each for each in others}
    chain = [case]
    while chain[0].previous_case_id in by_id and len(chain) < LONGEST_CHAIN:
        chain.insert(0, by_id[chain[0].previous_case_id])
    repeats = {each.previous_case_id: each for each in others if each.previous_case_id is not None}
    while (later := repeats.get(chain[-1].id)) is not None and len(chain) < LONGEST_CHAIN:
        chain.append(later)
    return tuple(chain)
