"""A case accepted without a person, in the transaction that opened it."""

from datetime import datetime

from sqlalchemy import Connection

from cases.policy.decision import Decision
from core.ids import CaseId


def accept(connection: Connection, case_id: CaseId, decision: Decision, now: datetime) -> None:
    """Nothing yet: the workflow's commands are on their way."""
