"""Calendars and deadlines as they cross HTTP."""

from datetime import datetime, timedelta
from typing import Any

from pydantic import ConfigDict, Field

from api.wire import Moment, WireModel
from cases.worktime.documents import CalendarDocument
from cases.worktime.due import Due, DueState
from cases.worktime.in_force import CalendarInForce
from cases.worktime.recompute import Recomputed
from cases.worktime.store import CalendarVersion

EXAMPLE_CALENDAR: dict[str, Any] = {
    "name": "市城管局",
    "zone": "Asia/Shanghai",
    "week": {day: ["09:00-12:00", "13:30-17:30"] for day in ("mon", "tue", "wed", "thu", "fri")},
    "holidays": [{"date": "2026-10-01", "name": "国庆节"}],
    "workdays": [{"date": "2026-10-10", "name": "国庆节调休", "like": "mon"}],
}


class CalendarWire(WireModel):
    """A calendar as one of its versions says."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"id": "default", "version": 2, "calendar": EXAMPLE_CALENDAR}]}
    )

    id: str
    version: int = Field(description="0: the default that nobody has written yet")
    calendar: CalendarDocument

    @classmethod
    def of(cls, kept: CalendarInForce) -> "CalendarWire":
        return cls(id=kept.calendar_id, version=kept.version, calendar=kept.document)


class CalendarListWire(WireModel):
    """Every calendar as it stands, by id."""

    calendars: tuple[CalendarWire, ...]


class CalendarVersionWire(WireModel):
    """Who made a version, when and why."""

    version: int
    sha256: str
    made_at: Moment
    made_by: str
    why: str

    @classmethod
    def of(cls, version: CalendarVersion) -> "CalendarVersionWire":
        return cls(
            version=version.version,
            sha256=version.sha256,
            made_at=version.made_at,
            made_by=version.made_by,
            why=version.why,
        )


class CalendarVersionPageWire(WireModel):
    """Some versions, newest first."""

    versions: tuple[CalendarVersionWire, ...]
    next_cursor: str | None


class RecomputedWire(WireModel):
    """What a calendar's change did to open cases' deadlines."""

    looked_at: int = Field(description="open cases")
    changed: int = Field(description="of these, cases with another deadline now")
    left_alone: int = Field(description="deadlines that could not be told anew")
    next_after: int | None = Field(description="more cases wait: POST …/recompute?after=this; null: that was all")

    @classmethod
    def of(cls, done: Recomputed) -> "RecomputedWire":
        return cls(
            looked_at=done.looked_at, changed=done.changed, left_alone=done.left_alone, next_after=done.next_after
        )


class CalendarChangeWire(WireModel):
    """A calendar after a change, and what followed for open cases."""

    id: str
    version: int
    is_new: bool = Field(description="false: it says what it said")
    calendar: CalendarDocument
    deadlines: RecomputedWire


class WorkingTimeWire(WireModel):
    """Working time between two moments."""

    start: Moment
    end: Moment
    hours: float = Field(description="working hours between them", examples=[4.0])

    @classmethod
    def of(cls, start: datetime, end: datetime, time: timedelta) -> "WorkingTimeWire":
        return cls(start=start, end=end, hours=time / timedelta(hours=1))


class DueWire(WireModel):
    """When work on a case would be due, and why then."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "due_at": "2026-03-02T06:30:00Z",
                    "near_due_at": "2026-03-02T05:42:00Z",
                    "rule": "catalogue:2 exposed_garbage/controlled 4h working near:80% calendar:default@1",
                    "state": "in_time",
                }
            ]
        }
    )

    due_at: Moment
    near_due_at: Moment
    rule: str
    state: DueState
    """As of now: in_time, near_due or overdue."""

    @classmethod
    def of(cls, due: Due, state: DueState) -> "DueWire":
        return cls(due_at=due.due_at, near_due_at=due.near_due_at, rule=due.rule, state=state)
