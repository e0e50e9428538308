"""A command taken in: once, on the case as it stands now, with what follows from it; inside one transaction."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from cases import book, tables
from cases.case import Case, CaseEventKind
from cases.catalogue.in_force import version_opened_under
from cases.places.responsible import unit_for
from cases.rows import case_of
from cases.transactions import line_up
from cases.workflow.closing import check_closing_pictures
from cases.workflow.commands import Command
from cases.workflow.orders import Order, Seat, happening
from cases.workflow.tables import case_command
from cases.workflow.undoing import check_undo_on, unit_before
from cases.worktime.deadlines import Due, due_for, extended, resumed
from core.clock import as_utc, isoformat_z
from core.errors import CaseConflict, CaseNotFound
from core.ids import CaseId

LONGEST_COMMAND_ID = 200


def give(
    connection: Connection,
    case_id: CaseId,
    order: Order,
    seat: Seat,
    now: datetime,
    *,
    expected_version: int | None = None,
    command_id: str | None = None,
) -> Case:
    """The case after the command.

    Args:
        expected_version: the ``version`` that the seat looked at; None commands whatever stands there now.
        command_id: the seat's own name for this giving; a repeat with it changes nothing.

    Raises:
        CaseNotFound: no such case.
        CaseConflict: it changed since it was looked at, stands elsewhere, or the name was used for something else.
        SeatRefused: the seat may not give it.
        CommandIncomplete: it lacks what it needs.
    """
    line_up(connection)
    case = standing(connection, case_id)
    if command_id is not None and was_given(connection, command_id, case, order):
        return case
    if expected_version is not None and expected_version != case.version:
        raise CaseConflict(
            f"case {case.number} has changed since (version {case.version}, not {expected_version}); "
            "read it again, then decide"
        )
    kind, data = happening(case, order, seat, now)
    if order.command is Command.VERIFY:
        check_closing_pictures(connection, case, order)
    if order.command is Command.UNDO:
        check_undo_on(connection, case, seat, now)
        data["unit"] = unit_before(connection, case)
    if order.command is Command.ACCEPT and "unit" not in data and case.unit is None:
        unit = unit_for(connection, cell_id=case.cell_id, category=case.category, at=now)
        data |= {} if unit is None else {"unit": unit}
    before, case = case, book.append(connection, case, kind, now, now, seat.actor, data)
    deadline = _deadline_after(connection, before, case, order.command, now)
    if deadline is not None:
        case = book.append(connection, case, CaseEventKind.DEADLINE_SET, now, now, seat.actor, deadline)
    if command_id is not None:
        connection.execute(
            case_command.insert().values(
                command_id=command_id,
                case_id=case.id,
                body_sha256=order.body_sha256,
                event_seq=case.updated_seq,
                given_at=as_utc(now),
            )
        )
    return case


def standing(connection: Connection, case_id: CaseId) -> Case:
    """Raises: CaseNotFound."""
    row = connection.execute(select(tables.case).where(tables.case.c.id == case_id)).one_or_none()
    if row is None:
        raise CaseNotFound(f"no case {case_id[:40]!a}; take the id (not the number) from the list of cases")
    return case_of(row)


def was_given(connection: Connection, command_id: str, case: Case, order: Order) -> bool:
    """Raises: CaseConflict where the name stands for another command."""
    row = connection.execute(select(case_command).where(case_command.c.command_id == command_id)).one_or_none()
    if row is None:
        return False
    if (row.case_id, row.body_sha256) != (case.id, order.body_sha256):
        raise CaseConflict(f"command id {command_id[:40]!a} was used for another command; name each giving anew")
    return True


def _deadline_after(
    connection: Connection, before: Case, case: Case, command: Command, now: datetime
) -> Mapping[str, Any] | None:
    """The deadline that follows from the command; None where it leaves the one that stands."""
    life, had = case.life, before.life
    deadline = had.deadline
    if command is Command.ACCEPT:
        version = version_opened_under(connection, case.id)
        due = due_for(connection, category=case.category, zone=case.zone, start=now, catalogue_version=version)
        return None if due is None else as_data(due, "registered")
    if deadline is None or life.registered_at is None:
        return None
    if command is Command.GRANT_EXTENSION and had.extension_hours is not None:
        by = timedelta(hours=had.extension_hours)
        due = extended(connection, start=life.registered_at, due_at=deadline.due_at, rule=deadline.rule, by=by)
        return as_data(due, "extended")
    if command is Command.RESUME and had.suspended_at is not None:
        due = resumed(
            connection,
            start=life.registered_at,
            due_at=deadline.due_at,
            rule=deadline.rule,
            suspended_at=had.suspended_at,
            resumed_at=now,
        )
        return as_data(due, "resumed")
    return None


def as_data(due: Due, why: str) -> dict[str, str]:
    """What the event of a deadline keeps."""
    moments = {"due_at": isoformat_z(due.due_at), "near_due_at": isoformat_z(due.near_due_at)}
    return {**moments, "rule": due.rule, "why": why}
