"""Open cases' deadlines after their calendar changed: told anew, in bounded batches, each change an event."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from cases import book, tables
from cases.case import CaseEventKind, CaseState
from cases.rows import case_of
from cases.worktime.due import DeadlineRule, Due, TimeKind, moved_to, rule_of
from cases.worktime.errors import CalendarRefused, CalendarUnknown
from cases.worktime.in_force import CalendarInForce, calendar_of_version
from core.clock import isoformat_z


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
    changed = left_alone = 0
    for case in found:
        deadline = case.life.deadline
        if deadline is None:
            continue
        try:
            rule = rule_of(deadline.rule)
            due = _anew(connection, rule, case.life.registered_at, deadline.due_at, kept)
        except (CalendarUnknown, CalendarRefused):
            left_alone += 1
            continue
        if due is not None and (due.due_at, due.near_due_at) != (deadline.due_at, deadline.near_due_at):
            data = {
                "due_at": isoformat_z(due.due_at),
                "near_due_at": isoformat_z(due.near_due_at),
                "rule": due.rule,
                "why": f"calendar {kept.calendar_id} changed to version {kept.version}",
            }
            book.append(connection, case, CaseEventKind.DEADLINE_SET, now, now, actor, data)
            changed += 1
    next_after = found[-1].opened_seq if len(found) == batch else None
    return Recomputed(len(found), changed, left_alone, next_after)


def _anew(
    connection: Connection, rule: DeadlineRule, start: datetime | None, due_at: datetime, kept: CalendarInForce
) -> Due | None:
    """The deadline by the calendar as it stands; None where the calendar's change does not concern it."""
    if start is None or not _concerns(kept, rule):
        return None
    before = calendar_of_version(connection, rule.calendar_id, rule.calendar_version)
    return moved_to(rule, before.calendar, kept.calendar, kept.version, start, due_at)


def _concerns(kept: CalendarInForce, rule: DeadlineRule) -> bool:
    is_older = rule.calendar_version < kept.version
    return rule.kind is TimeKind.WORKING and rule.calendar_id == kept.calendar_id and is_older
