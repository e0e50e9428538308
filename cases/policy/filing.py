"""A case accepted without a person, in the transaction that opened it."""

from datetime import datetime

from sqlalchemy import Connection

from cases.policy.decision import Decision
from cases.policy.reviews import AUTO_ACTOR
from cases.roles import Role
from cases.workflow.commanding import give
from cases.workflow.commands import Command
from cases.workflow.orders import Order, Seat
from core.ids import CaseId


def accept(connection: Connection, case_id: CaseId, decision: Decision, now: datetime) -> None:
    """The rule's word in place of a person's; its reason is the note."""
    seat = Seat(AUTO_ACTOR, frozenset({Role.ACCEPTOR}))
    note = f"{decision.why.zh} / {decision.why.en} ({decision.rule})"
    give(connection, case_id, Order(Command.ACCEPT, note=note), seat, now)
