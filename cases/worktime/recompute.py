"""Open cases' deadlines after their calendar changed: told anew, in bounded batches, each change an event."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from cases import ledger, tables
from cases.case import CaseEventKind, CaseState
from cases.rows import case_of
from cases.worktime.due import DeadlineRule, Due, TimeKind, moved_to, rule_of
from cases.worktime.errors import CalendarRefused, CalendarUnknown
from cases.worktime.in_force import CalendarInForce, calendar_of_version
from core.clock import as_utc, isoformat_z


@dataclass(frozen=True, slots=True)
class Recomputed:
    """What one batch did."""

    looked_at: int
    """Open cases."""
    changed: int
    """Of these, cases whose deadline is another one now."""
    left_alone: int
    """Cases whose deadline could not be told anew: its rule is not ours, or the new calendar has too little time."""
    next_after: int | None
    """Where the next batch goes on; None: that was all."""

    def and_then(self, further: "Recomputed") -> "Recomputed":
        """Both batches told as one."""
        return Recomputed(
            self.looked_at + further.looked_at,
            self.changed + further.changed,
            self.left_alone + further.left_alone,
            further.next_after,
        )


@dataclass(frozen=True, slots=True)
class _StandingDeadline:
    start: datetime
    due_at: datetime
    near_due_at: datetime
    rule: DeadlineRule


def recompute_some(
    connection: Connection, kept: CalendarInForce, actor: str, now: datetime, after_seq: int, batch: int
) -> Recomputed:
    """Look at the next ``batch`` open cases, in the order in which they were opened; call it after ``line_up``.

    A deadline keeps the working time that it gave, extensions included, and is told by the calendar as it stands.
    """
    table = tables.case
    statement = (
        select(table)
        .where(table.c.state == CaseState.OPEN.value, table.c.opened_seq > after_seq)
        .order_by(table.c.opened_seq)
        .limit(batch)
    )
    found = [case_of(row) for row in connection.execute(statement)]
    deadlines, changed, left_alone = _deadlines(connection, [case.id for case in found], kept), 0, 0
    for case in found:
        if case.id not in deadlines:
            continue
        told = deadlines[case.id]
        due = None if told is None else _anew(connection, told, kept)
        if told is None or due is None:
            left_alone += 1
        elif (due.due_at, due.near_due_at) != (told.due_at, told.near_due_at):
            data = {
                "due_at": isoformat_z(due.due_at),
                "near_due_at": isoformat_z(due.near_due_at),
                "rule": due.rule,
                "why": f"calendar {kept.calendar_id} changed to version {kept.version}",
                "start": isoformat_z(told.start),
            }
            ledger.append(connection, case, CaseEventKind.DEADLINE_SET, now, now, actor, data)
            changed += 1
    next_after = found[-1].opened_seq if len(found) == batch else None
    return Recomputed(len(found), changed, left_alone, next_after)


def _deadlines(
    connection: Connection, case_ids: list[Any], kept: CalendarInForce
) -> dict[str, _StandingDeadline | None]:
    """The deadline that stands, of cases that this calendar concerns; None where its rule is not ours."""
    table = tables.case_event
    statement = (
        select(table.c.case_id, table.c.at, table.c.data)
        .where(table.c.case_id.in_(case_ids), table.c.kind == CaseEventKind.DEADLINE_SET.value)
        .order_by(table.c.seq)
    )
    first: dict[str, datetime] = {}
    last: dict[str, Mapping[str, Any]] = {}
    for case_id, at, data in connection.execute(statement):
        first.setdefault(case_id, at)
        last[case_id] = data
    told: dict[str, _StandingDeadline | None] = {}
    for case_id, data in last.items():
        deadline = _read(data, first[case_id])
        if deadline is None:
            told[case_id] = None
        elif _concerns(kept, deadline.rule):
            told[case_id] = deadline
    return told


def _read(data: Mapping[str, Any], first_at: datetime) -> _StandingDeadline | None:
    try:
        return _StandingDeadline(
            start=_moment(data["start"]) if "start" in data else first_at,
            due_at=_moment(data["due_at"]),
            near_due_at=_moment(data["near_due_at"]),
            rule=rule_of(data["rule"]),
        )
    except CalendarRefused:
        return None


def _concerns(kept: CalendarInForce, rule: DeadlineRule) -> bool:
    is_older = rule.calendar_version < kept.version
    return rule.kind is TimeKind.WORKING and rule.calendar_id == kept.calendar_id and is_older


def _anew(connection: Connection, told: _StandingDeadline, kept: CalendarInForce) -> Due | None:
    rule = told.rule
    try:
        before = calendar_of_version(connection, rule.calendar_id, rule.calendar_version)
        return moved_to(rule, before.calendar, kept.calendar, kept.version, told.start, told.due_at)
    except (CalendarUnknown, CalendarRefused):
        return None


def _moment(text: str) -> datetime:
    return as_utc(datetime.fromisoformat(text))
