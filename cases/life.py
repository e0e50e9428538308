"""How far a case has come: its stage, who has it, by when, and what was asked about it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from cases.sources import Source
from core.clock import as_utc


class Stage(StrEnum):
    """Which step of the seven is due; ``closed`` and ``void`` are ends."""

    COLLECTED = "collected"
    """信息收集: a candidate; a person, or the measured rule, says whether it is one."""
    REGISTERED = "registered"
    """案卷建立: a case; waits for its unit."""
    DISPATCHED = "dispatched"
    """任务派遣: with the unit; waits for it to begin."""
    HANDLING = "handling"
    """任务处理: the unit is at it."""
    REPORTED = "reported"
    """处理反馈: the unit says it is put right; waits to be looked at again."""
    VERIFIED = "verified"
    """核查: found put right; waits to be closed."""
    CLOSED = "closed"
    """结案: put right; assessed from here on."""
    VOID = "void"
    """作废: there was nothing to put right."""


class Proposal(StrEnum):
    """What the cameras say of a case whose unit has reported it done; a person, or a rule, decides."""

    ABSENT = "absent"
    """No camera that saw it sees it any more."""
    PRESENT = "present"
    """It was seen again after the report."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """By when, and by which rule."""

    due_at: datetime
    near_due_at: datetime
    """From here on it is nearly late."""
    rule: str


@dataclass(frozen=True, slots=True)
class Life:
    """A case's way through the stages, as its events make it."""

    stage: Stage = Stage.COLLECTED
    source: Source = Source.VIDEO_AI
    """Who told of it first."""
    reports: tuple[tuple[Source, int], ...] = ()
    """How often it was told of, by source, in the order of ``Source``."""
    handler: str | None = None
    """Who has it at the unit."""
    deadline: Deadline | None = None
    registered_at: datetime | None = None
    reported_at: datetime | None = None
    """When the unit last said that it is put right."""
    suspended_at: datetime | None = None
    """挂账: set aside since; its deadline goes on counting."""
    extension_hours: float | None = None
    """延期, asked and not decided: hours as the deadline counts them."""
    extensions: int = 0
    """Granted so far."""
    reworks: int = 0
    """返工: how often it came back."""
    recurrence: int = 0
    """How many cases of the same cell and category it repeats, one after the other."""
    proposal: Proposal | None = None

    @property
    def is_suspended(self) -> bool:
        return self.suspended_at is not None

    def told_by(self, source: Source) -> "Life":
        """Once more from that source."""
        counts = dict(self.reports)
        counts[source] = counts.get(source, 0) + 1
        return replace(self, reports=tuple((each, counts[each]) for each in Source if each in counts))


def opened(data: Mapping[str, Any]) -> Life:
    """A case's beginning, from its opening event."""
    source = Source(data.get("source", Source.VIDEO_AI))
    return Life(source=source, recurrence=data.get("recurrence", 0)).told_by(source)


def accepted(life: Life, at: datetime, data: Mapping[str, Any]) -> Life:
    return replace(life, stage=Stage.REGISTERED, registered_at=at)


def undone(life: Life) -> Life:
    """A candidate again: neither registered nor turned away."""
    return replace(life, stage=Stage.COLLECTED, registered_at=None, deadline=None)


def dispatched(life: Life, at: datetime, data: Mapping[str, Any]) -> Life:
    return replace(life, stage=Stage.DISPATCHED, handler=data.get("handler"), proposal=None, extension_hours=None)


def taken(life: Life, at: datetime, data: Mapping[str, Any]) -> Life:
    return replace(life, stage=Stage.HANDLING, handler=data.get("handler") or life.handler)


def handed_back(life: Life, at: datetime, data: Mapping[str, Any]) -> Life:
    return replace(life, stage=Stage.REGISTERED, handler=None, extension_hours=None)


def reported(life: Life, at: datetime, data: Mapping[str, Any]) -> Life:
    return replace(life, stage=Stage.REPORTED, reported_at=at, extension_hours=None, proposal=None)


def verified(life: Life, at: datetime, data: Mapping[str, Any]) -> Life:
    return replace(life, stage=Stage.VERIFIED, proposal=None)


def reworked(life: Life, at: datetime, data: Mapping[str, Any]) -> Life:
    return replace(life, stage=Stage.DISPATCHED, reworks=life.reworks + 1, proposal=None)


def extension_asked(life: Life, at: datetime, data: Mapping[str, Any]) -> Life:
    return replace(life, extension_hours=data["hours"])


def extension_granted(life: Life, at: datetime, data: Mapping[str, Any]) -> Life:
    return replace(life, extension_hours=None, extensions=life.extensions + 1)


def extension_refused(life: Life, at: datetime, data: Mapping[str, Any]) -> Life:
    return replace(life, extension_hours=None)


def suspended(life: Life, at: datetime, data: Mapping[str, Any]) -> Life:
    return replace(life, suspended_at=at)


def resumed(life: Life, at: datetime, data: Mapping[str, Any]) -> Life:
    return replace(life, suspended_at=None)


def deadline_set(life: Life, at: datetime, data: Mapping[str, Any]) -> Life:
    deadline = Deadline(moment(data["due_at"]), moment(data["near_due_at"]), data["rule"])
    return replace(life, deadline=deadline)


def proposed(life: Life, at: datetime, data: Mapping[str, Any]) -> Life:
    return replace(life, proposal=Proposal(data["proposal"]))


def told(life: Life, at: datetime, data: Mapping[str, Any]) -> Life:
    return life.told_by(Source(data["source"]))


def unchanged(life: Life, at: datetime, data: Mapping[str, Any]) -> Life:
    return life


def moment(text: str) -> datetime:
    return as_utc(datetime.fromisoformat(text))
