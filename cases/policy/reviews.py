"""What people said of candidates, and how precise each camera is by it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Table, delete, literal, select, tuple_

from cases.access import audit
from cases.case import CaseEvent, CaseEventKind
from cases.policy.judging import may_file
from cases.policy.rules import AutoMode, PolicyRules
from cases.policy.tables import policy_decision, policy_review, policy_standing
from cases.policy.wilson import Measured
from cases.transactions import insert_or_replace, reading
from core.ids import CameraId, CategoryId

AUTO_ACTOR = "policy:auto-file"
"""Who accepts a case that was filed without a person."""
_MACHINES = ("worker:", "policy:", "rule:", "camera:", "system:")
_RIGHT = {"accepted": True, "verified": True}
_OTHER = "other"
_RIGHT_BY_REASON = {"handled": True, "false_alarm": False, "permitted": False, _OTHER: False}


def was_right(kind: str, data: Mapping[str, Any], actor: str) -> bool | None:
    """Whether a person's step says that the candidate was a violation; None: the step says nothing of it."""
    if actor.startswith(_MACHINES):
        return None
    if kind == "closed":
        return _RIGHT_BY_REASON.get(str(data.get("reason")))
    return _RIGHT.get(kind)


def note(connection: Connection, event: CaseEvent) -> None:
    """Keep what a case's event says of its candidate; called with every event, and mostly nothing.

    A later word replaces an earlier one: what was accepted and then turned out to be nothing was wrong.
    """
    if event.kind is CaseEventKind.UNDONE:
        connection.execute(delete(policy_review).where(policy_review.c.case_id == event.case_id))
        return
    right = was_right(event.kind.value, event.data, event.actor)
    if right is None:
        return
    table = policy_decision
    if event.data.get("reason") == _OTHER and _is_reviewed(connection, event.case_id):
        return  # closed for another reason after it was accepted: that says nothing new
    opened = select(table.c.camera_id, table.c.category, table.c.is_night).where(table.c.case_id == event.case_id)
    decision = connection.execute(opened.order_by(table.c.id).limit(1)).one_or_none()
    if decision is None:  # opened by a person, or before there was policy
        return
    row = {
        "case_id": event.case_id,
        "camera_id": decision.camera_id,
        "category": decision.category,
        "is_night": decision.is_night,
        "was_right": right,
        "reviewed_at": event.recorded_at,
        "reviewed_by": event.actor,
        "event_seq": event.seq,
    }
    insert_or_replace(connection, policy_review, [row])


def _is_reviewed(connection: Connection, case_id: str) -> bool:
    known = select(policy_review.c.case_id).where(policy_review.c.case_id == case_id)
    return connection.execute(known).first() is not None


@dataclass(frozen=True, slots=True)
class Place:
    """What precision is measured for: one camera and category, by day or by night."""

    camera_id: CameraId
    category: CategoryId
    is_night: bool

    def of(self, table: Table) -> ColumnElement[bool]:
        """Its rows in a table."""
        columns = table.c
        return (
            (columns.camera_id == self.camera_id)
            & (columns.category == self.category)
            & (columns.is_night == self.is_night)
        )

    def __str__(self) -> str:
        return f"{self.camera_id}:{self.category}:{'night' if self.is_night else 'day'}"


def measure(connection: Connection, place: Place, last: int) -> Measured:
    """The last ``last`` reviews of a place."""
    table = policy_review
    newest = select(table.c.was_right).where(place.of(table)).order_by(table.c.event_seq.desc()).limit(last)
    found = list(connection.execute(newest).scalars())
    return Measured(len(found), sum(found))


def note_standing(
    connection: Connection, place: Place, mode: AutoMode, measured: Measured, rules: PolicyRules, now: datetime
) -> None:
    """Write down, and audit, when a place begins or ceases to file without a person."""
    table = policy_standing
    files, why = may_file(mode, measured, rules)
    before = connection.execute(select(table.c.files).where(place.of(table))).scalar_one_or_none()
    if (before or False) == files:
        return
    row = {
        "camera_id": place.camera_id,
        "category": place.category,
        "is_night": place.is_night,
        "reviewed": measured.reviewed,
        "was_right": measured.right,
        "files": files,
        "changed_at": now,
    }
    insert_or_replace(connection, table, [row])
    audit.record(
        connection,
        actor=AUTO_ACTOR,
        action="auto_file.begin" if files else "auto_file.fall_back",
        subject=f"auto-file:{place}",
        data={"mode": mode.value, "reviewed": measured.reviewed, "right": measured.right, "zh": why.zh, "en": why.en},
        now=now,
    )


@dataclass(frozen=True, slots=True)
class MeasuredPlace:
    """What people said of a place."""

    place: Place
    measured: Measured


class ReviewStore:
    """Every method may raise ``DatabaseUnavailable``. Threads may share one store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def page(
        self,
        last: int,
        after: Place | None,
        limit: int,
        camera_id: str | None = None,
        category: str | None = None,
    ) -> tuple[MeasuredPlace, ...]:
        """Every camera and category that a person has reviewed, in that order.

        Args:
            last: how many reviews count.
            after: the place to go on behind.
        """
        table = policy_review
        keys = (table.c.camera_id, table.c.category, table.c.is_night)
        statement = select(*keys).distinct().order_by(*keys).limit(limit)
        if after is not None:
            here = (after.camera_id, after.category, after.is_night)
            statement = statement.where(tuple_(*keys) > tuple_(*map(literal, here)))
        for column, wanted in ((table.c.camera_id, camera_id), (table.c.category, category)):
            if wanted is not None:
                statement = statement.where(column == wanted)
        with reading(self._engine) as connection:
            places = [
                Place(CameraId(row.camera_id), CategoryId(row.category), row.is_night)
                for row in connection.execute(statement).all()
            ]
            return tuple(MeasuredPlace(place, measure(connection, place, last)) for place in places)
