"""A case's way through its seven stages as a line: who did each step when, which one is due, what is still to come."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from cases.case import Case, CaseEvent, CaseEventKind, CloseReason
from cases.life import Stage
from desk.case_history import sent_to
from desk.case_people import NO_NAMES, Names, name_of


class StepState(StrEnum):
    """How one stage stands."""

    DONE = "done"
    CURRENT = "current"
    """It is the next to be done."""
    COMING = "coming"
    SKIPPED = "skipped"
    """The case ended without it."""
    EXIT = "exit"
    """Void: the case left the line here."""


@dataclass(frozen=True, slots=True)
class StageStep:
    """One stage on the line."""

    key: str
    """Key of its words: ``line.<key>``."""
    state: StepState
    at: datetime | None = None
    who: str = ""
    more: str = ""
    """The unit and person that it went to."""
    took_s: float | None = None
    """Since the stage before."""


@dataclass(frozen=True, slots=True)
class StageLine:
    """The line, and what made it longer than it need be."""

    steps: tuple[StageStep, ...]
    reworks: int
    extensions: int
    is_suspended: bool
    is_void: bool


_LINE = (
    Stage.COLLECTED,
    Stage.REGISTERED,
    Stage.DISPATCHED,
    Stage.HANDLING,
    Stage.REPORTED,
    Stage.VERIFIED,
    Stage.CLOSED,
)
_REACHED_BY = {
    CaseEventKind.OPENED: Stage.COLLECTED,
    CaseEventKind.ACCEPTED: Stage.REGISTERED,
    CaseEventKind.DISPATCHED: Stage.DISPATCHED,
    CaseEventKind.TAKEN: Stage.HANDLING,
    CaseEventKind.REPORTED: Stage.REPORTED,
    CaseEventKind.VERIFIED: Stage.VERIFIED,
}
_BACK_TO = {
    CaseEventKind.UNDONE: Stage.COLLECTED,
    CaseEventKind.DISPATCHED: Stage.DISPATCHED,
    CaseEventKind.REWORKED: Stage.DISPATCHED,
    CaseEventKind.HANDED_BACK: Stage.REGISTERED,
}
"""After these, what lies behind that stage is to be done again."""


def view_line(case: Case, events: Sequence[CaseEvent], names: Names = NO_NAMES) -> StageLine:
    """The line as a case's events, oldest first, made it."""
    reached: dict[Stage, CaseEvent] = {}
    for event in events:
        back_to = _BACK_TO.get(event.kind)
        if back_to is not None:
            reached = {stage: each for stage, each in reached.items() if _LINE.index(stage) <= _LINE.index(back_to)}
        stage = _stage_of(event)
        if stage is not None:
            reached[stage] = event
    is_void = case.life.stage is Stage.VOID
    due = next((stage for stage in _LINE[_index(case.life.stage) + 1 :]), None) if case.is_open else None
    steps = [_step(stage, reached.get(stage), case, due, names) for stage in _LINE]
    if is_void:
        steps = [step for step in steps if step.key != Stage.CLOSED.value]
        steps.append(_exit(case, names))
    return StageLine(
        steps=_with_lengths(steps),
        reworks=case.life.reworks,
        extensions=case.life.extensions,
        is_suspended=case.life.is_suspended,
        is_void=is_void,
    )


def _stage_of(event: CaseEvent) -> Stage | None:
    if event.kind is CaseEventKind.CLOSED:
        return Stage.CLOSED if event.data.get("reason") == CloseReason.HANDLED.value else None
    return _REACHED_BY.get(event.kind)


def _index(stage: Stage) -> int:
    return _LINE.index(stage) if stage in _LINE else len(_LINE)


def _step(stage: Stage, event: CaseEvent | None, case: Case, due: Stage | None, names: Names) -> StageStep:
    if event is not None:
        return StageStep(stage.value, StepState.DONE, event.at, name_of(event.actor, names), sent_to(event))
    if case.is_open and stage is due:
        return StageStep(stage.value, StepState.CURRENT)
    # A unit may report without having said that it began: that step was done by the one behind it.
    passed = _LINE.index(stage) <= _index(case.life.stage)
    return StageStep(stage.value, StepState.SKIPPED if passed or not case.is_open else StepState.COMING)


def _exit(case: Case, names: Names) -> StageStep:
    return StageStep(Stage.VOID.value, StepState.EXIT, case.closed_at, name_of(case.closed_by or "", names))


def _with_lengths(steps: Sequence[StageStep]) -> tuple[StageStep, ...]:
    timed: list[StageStep] = []
    before: datetime | None = None
    for step in steps:
        took = None if step.at is None or before is None else max(0.0, (step.at - before).total_seconds())
        timed.append(replace(step, took_s=took))
        before = step.at or before
    return tuple(timed)
