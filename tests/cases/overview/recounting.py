"""The figures counted again, plainly, from the cases' events: told a second time, in other words than the product's."""

from collections import Counter
from datetime import datetime

from sqlalchemy import Engine, select

from cases.case import Case, CaseEventKind, fold
from cases.overview.tables import overview_hour, overview_wait
from cases.queries import CaseQuery
from tests.cases.workflow.office import Office

Sums = dict[tuple[str, datetime, str], dict[str, int]]


def recount(office: Office) -> Sums:
    """By dimension, hour and value, every count above 0, from each case's history alone."""
    sums: dict[tuple[str, datetime, str], Counter[str]] = {}
    for case in every_case(office):
        history = office.store.events_of(case.id)
        hour = history[0].at.replace(minute=0, second=0, microsecond=0)
        names = _told(fold(history), [event.kind for event in history])
        for dimension, value in (("category", case.category), ("zone", case.zone or ""), ("unit", case.unit or "")):
            sums.setdefault((dimension, hour, value), Counter()).update(names)
    return {place: {name: count for name, count in told.items() if count} for place, told in sums.items()}


def _told(case: Case, kinds: list[CaseEventKind]) -> list[str]:
    was_closed = kinds.count(CaseEventKind.CLOSED) > 0
    handled = was_closed and case.close_reason == "handled"
    void = was_closed and not handled
    accepted = CaseEventKind.ACCEPTED in kinds
    told = ["opened"]
    if accepted or handled:
        told.append("confirmed")
    elif void:
        told.append("rejected")
    else:
        told.append("waiting")
    if handled:
        told.append("closed")
    if void and accepted:
        told.append("voided")
    if case.life.recurrence:
        told.append("recurring")
    if void:
        return told
    if CaseEventKind.REWORKED in kinds:
        told.append("reworked")
    if CaseEventKind.EXTENSION_GRANTED in kinds:
        told.append("extended")
    if case.life.deadline is not None:
        told.append("due")
        answered = case.life.reported_at if case.life.stage in ("reported", "verified", "closed") else None
        stopped = answered or case.closed_at
        if stopped is not None:
            told.append("met" if stopped <= case.life.deadline.due_at else "missed")
    return told


def every_case(office: Office) -> list[Case]:
    cases: list[Case] = []
    cursor: str | None = None
    while True:
        page = office.store.list_cases(CaseQuery(), cursor, 500)
        cases += page.cases
        cursor = page.next_cursor
        if cursor is None:
            return cases


def kept(engine: Engine) -> Sums:
    """The roll-up rows; what is 0 is left out."""
    with engine.connect() as connection:
        rows = connection.execute(select(overview_hour)).mappings().all()
    found: Sums = {}
    for row in rows:
        counts = {name: row[name] for name in row if name not in ("dimension", "hour", "value") and row[name]}
        if counts:
            found[row["dimension"], row["hour"], row["value"]] = counts
    return found


def kept_waits(engine: Engine) -> Counter[tuple[str, datetime, int]]:
    with engine.connect() as connection:
        rows = connection.execute(select(overview_wait)).all()
    return Counter({(row.wait, row.hour, row.bucket): row.cases for row in rows if row.cases})
