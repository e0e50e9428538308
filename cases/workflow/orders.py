"""One command, given: checked against the table and the case, and turned into what happened. Pure."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from cases.case import Case, CaseEventKind, CloseReason
from cases.life import Stage
from cases.roles import Role
from cases.workflow.commands import STEPS, Command, Need
from core.errors import CaseConflict, CaseError

LONGEST_NOTE = 4000
LONGEST_NAME = 256
MOST_HOURS = 10_000.0
VOIDING = frozenset(CloseReason) - {CloseReason.HANDLED}


class SeatRefused(CaseError):
    """The caller's role may not give this command, or the case is another unit's."""


class CommandIncomplete(CaseError):
    """The command lacks something it needs, or holds something that cannot be."""


class CommandOutOfPlace(CaseConflict):
    """The case does not stand where the command applies."""


@dataclass(frozen=True, slots=True)
class Order:
    """A command with all that it brings along."""

    command: Command
    note: str = ""
    reason: CloseReason | None = None
    """Why there is nothing to put right: for reject and void."""
    unit: str | None = None
    """Whom it goes to: for dispatch; for accept, in place of what the city's assignments say."""
    handler: str | None = None
    """Who has it at the unit: for dispatch and take."""
    hours: float | None = None
    """How much more time is asked for, as the deadline counts it: for ask_extension."""

    @property
    def body_sha256(self) -> str:
        """Hash of what is ordered, to tell a repeat from another command under the same name."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Seat:
    """Who gives commands."""

    actor: str
    roles: frozenset[Role]
    unit: str | None = None
    """The unit they work for; None: not bound to one."""


def happening(case: Case, order: Order, seat: Seat, now: datetime) -> tuple[CaseEventKind, dict[str, Any]]:
    """What the command makes happen: an event's kind and data.

    Raises:
        SeatRefused: the seat may not give it.
        CommandIncomplete: it lacks what it needs.
        CommandOutOfPlace: the case does not stand where it applies.
    """
    check_seat(case, order.command, seat)
    check_complete(order)
    check_place(case, order.command, now)
    data: dict[str, Any] = {"note": order.note}
    if order.command in (Command.REJECT, Command.VOID):
        data["reason"] = None if order.reason is None else order.reason.value
    elif order.command is Command.CLOSE:
        data["reason"] = CloseReason.HANDLED.value
    elif order.command in (Command.ACCEPT, Command.DISPATCH, Command.TAKE):
        told = {"unit": None if order.command is Command.TAKE else order.unit, "handler": order.handler}
        data |= {name: value for name, value in told.items() if value}
    elif order.command is Command.ASK_EXTENSION:
        data["hours"] = order.hours
    return STEPS[order.command].event, data


def check_seat(case: Case, command: Command, seat: Seat) -> None:
    """Raises: SeatRefused."""
    allowed = STEPS[command].roles
    held = allowed & seat.roles
    if not held:
        raise SeatRefused(
            f"{seat.actor} may not {command} a case; that takes one of: {', '.join(sorted(allowed))}; ask an admin"
        )
    if held == {Role.HANDLING_UNIT} and (seat.unit is None or case.unit != seat.unit):
        raise SeatRefused(
            f"case {case.number} is with {case.unit or 'no unit'}, not with {seat.unit or 'yours'}; ask the dispatcher"
        )


def check_complete(order: Order) -> None:
    """Raises: CommandIncomplete."""
    needs = STEPS[order.command].needs
    if Need.NOTE in needs and not order.note.strip():
        raise CommandIncomplete(f"{order.command} needs a note; say why")
    if len(order.note) > LONGEST_NOTE or "\x00" in order.note:
        raise CommandIncomplete(f"a note of {len(order.note)} characters; write up to {LONGEST_NOTE}, plain text")
    if Need.REASON in needs and order.reason not in VOIDING:
        words = ", ".join(sorted(reason.value for reason in VOIDING))
        raise CommandIncomplete(f"{order.command} needs a reason; send one of: {words}")
    if order.reason is CloseReason.OTHER and not order.note.strip():
        raise CommandIncomplete("reason 'other' needs a note; say what it is")
    if Need.UNIT in needs and not order.unit:
        raise CommandIncomplete(f"{order.command} needs a unit; name the one that is to handle it")
    for name, text in (("unit", order.unit), ("handler", order.handler)):
        if text is not None and (len(text) > LONGEST_NAME or not text.isprintable()):
            raise CommandIncomplete(
                f"{name} {text[:40]!a} is not usable; send up to {LONGEST_NAME} printable characters"
            )
    if Need.HOURS in needs and not (order.hours is not None and 0 < order.hours <= MOST_HOURS):
        raise CommandIncomplete(f"{order.command} needs hours; send more than 0 and at most {MOST_HOURS:g}")


def check_place(case: Case, command: Command, now: datetime) -> None:
    """Raises: CommandOutOfPlace."""
    step, life = STEPS[command], case.life
    if life.stage not in step.stages:
        wanted = ", ".join(stage.value for stage in Stage if stage in step.stages)
        raise CommandOutOfPlace(
            f"case {case.number} is {life.stage}; {command} is for cases that are {wanted}; read it again"
        )
    if life.is_suspended and not step.while_suspended:
        raise CommandOutOfPlace(f"case {case.number} is suspended; resume it first")
    if command is Command.UNDO and life.stage is Stage.VOID and life.registered_at is not None:
        raise CommandOutOfPlace(f"case {case.number} was void as a case, not as a candidate; that is not taken back")
    if command is Command.RESUME and not life.is_suspended:
        raise CommandOutOfPlace(f"case {case.number} is not suspended; there is nothing to resume")
    if command in (Command.GRANT_EXTENSION, Command.REFUSE_EXTENSION) and life.extension_hours is None:
        raise CommandOutOfPlace(f"nobody has asked to extend case {case.number}")
    if command is Command.ASK_EXTENSION:
        if life.extension_hours is not None:
            raise CommandOutOfPlace(f"an extension of case {case.number} is asked for already; wait for the answer")
        if life.deadline is not None and now >= life.deadline.due_at:
            raise CommandOutOfPlace(f"case {case.number} is overdue; an extension is asked for before the deadline")


def possible(case: Case, seat: Seat, now: datetime) -> tuple[Command, ...]:
    """The commands that the seat may give the case now."""
    found = []
    for command in Command:
        try:
            check_seat(case, command, seat)
            check_place(case, command, now)
        except (SeatRefused, CommandOutOfPlace):
            continue
        found.append(command)
    return tuple(found)
